"""Pages through ``copydesk.core.extract`` in worker processes, with a hard limit of time and memory for each.

The page that was in a process when it ran into its limit is rejected, as ``stalled`` or ``crashed``.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from copydesk.core.rules.ruleset import BUILT_IN, RuleSet
from copydesk.models import Credit, Extraction, RejectReason
from copydesk.runtime.bounds import bound_memory
from copydesk_services.commands.workpool import DEFAULT_MEMORY_BYTES, DEFAULT_SECONDS, Overrun, WorkPool

MAX_DETAIL_CHARS = 300


class ExtractPool:
    """A context manager that extracts pages in parallel; see ``submit``."""

    def __init__(
        self,
        workers: int = 0,
        *,
        seconds: float = DEFAULT_SECONDS,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        rules: RuleSet = BUILT_IN,
    ) -> None:
        """Prepare a pool of ``workers`` processes (0: one a core). They start with the first page."""
        self._pool = WorkPool(
            workers,
            seconds=seconds,
            preload="copydesk.core.extract",
            initializer=_start_worker,
            initargs=(memory_bytes, rules),
        )
        self.workers = self._pool.workers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, error, trace)

    def submit(self, body: bytes | str, url: str, *, max_bytes: int) -> Callable[[], dict[str, Any]]:
        """Start on a page; the function that comes back waits for its extraction, as JSON-ready fields."""
        if len(body) > max_bytes:
            # Not worth the way to a worker.
            detail = f"{len(body)} bytes are more than {max_bytes}"
            return lambda: _failed(RejectReason.TOO_LARGE, detail)
        done = self._pool.submit(_extract, body, url, datetime.now(UTC), max_bytes)

        def wait() -> dict[str, Any]:
            try:
                return done()
            except Overrun as error:
                return _failed(error.reason, error.detail)

        return wait


_rules = BUILT_IN


def _start_worker(memory_bytes: int, rules: RuleSet) -> None:
    global _rules  # noqa: PLW0603 -- a page comes as the arguments of a function; the rules are sent once, not with each
    _rules = rules
    bound_memory(memory_bytes)
    for name in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="dateutil")


def _extract(body: bytes | str, url: str, now: datetime, max_bytes: int) -> dict[str, Any]:
    from copydesk.core.attribution import credits_of
    from copydesk.core.extract import extract
    from copydesk.core.urls import host_of

    try:
        extraction = extract(body, url, now=now, max_bytes=max_bytes, rules=_rules)
        return _fields(extraction, credits_of(extraction, host=host_of(url), title=extraction.title))
    except MemoryError:
        return _failed(RejectReason.STALLED, "out of memory")
    except Exception as error:  # noqa: BLE001  some exceptions do not survive the way to the other process
        return _failed(RejectReason.EXTRACT_FAILED, f"{type(error).__name__}: {error}"[:MAX_DETAIL_CHARS])


def _failed(reason: RejectReason, detail: str) -> dict[str, Any]:
    return _fields(Extraction(rejected=reason, detail=detail))


def _fields(extraction: Extraction, credited: Sequence[Credit] = ()) -> dict[str, Any]:
    from copydesk.core.attribution import named

    return {
        "text": extraction.text,
        **extraction.model_dump(mode="json", exclude={"version"}),
        "agency": named(credited, "agency"),
        "publisher": named(credited, "publisher"),
        "credits": [credit.model_dump(mode="json") for credit in credited],
    }
