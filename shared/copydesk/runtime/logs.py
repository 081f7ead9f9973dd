"""Logs: one event a decision, with the ids that follow a document; JSON lines, or readable on a terminal. Standard error."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from copydesk.runtime.settings import Settings

_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def _printable(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A traceback quotes what a page or a feed says: no escape sequence of theirs reaches a terminal."""
    trace = event.get("exception")
    if isinstance(trace, str):
        event["exception"] = "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in trace)
    return event


def set_up_logs(settings: Settings, service: str) -> None:
    """Send copydesk's events and those of its libraries to standard error, in one format."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(pad_event_to=24, colors=sys.stderr.isatty())
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*_SHARED, _printable, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # A line and its end in one write: the services of `copydesk run` share their standard error.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*_SHARED, _printable], processor=renderer)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    # A page's bad HTML is an outcome, not an event of this program; RQ would write the text of every job.
    for name, least in {
        "trafilatura": logging.CRITICAL,
        "htmldate": logging.CRITICAL,
        "rq.worker": logging.ERROR,
    }.items():
        logging.getLogger(name).setLevel(least)


def get_log() -> Any:
    """A logger: ``log.info("event", key=value)``."""
    return structlog.get_logger()
