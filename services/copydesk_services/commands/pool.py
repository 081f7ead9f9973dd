"""Pages through ``copydesk.core.extract`` in worker processes, with a hard limit of time and memory for each.

A limit of time that works by signals or threads does not stop C code, and lxml is C: so a page runs in a process that
can be killed. The page that was in it is rejected, as ``stalled`` or ``crashed``, and the next one gets a new process.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from copydesk.core.rules.ruleset import BUILT_IN, RuleSet
from copydesk.models import Credit, Extraction, RejectReason
from copydesk.runtime.bounds import bound_memory

DEFAULT_SECONDS = 20.0
"""Time that a page may take; the largest pages that are let in take a few seconds."""

DEFAULT_MEMORY_BYTES = 1_000_000_000
"""Address space that a worker process may take beyond what it has at its start, as COPYDESK_PAGE_MEMORY for the services."""

MAX_DETAIL_CHARS = 300

PAGES_PER_WORKER = 2_000
"""Pages after which a worker is replaced, which gives back what its libraries keep."""


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
        self.workers = workers or cores()
        self._seconds = seconds
        # The server that workers are forked from is single-threaded, and has imported the libraries once.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["copydesk.core.extract"])
        self._pool = ProcessPool(
            max_workers=self.workers,
            max_tasks=PAGES_PER_WORKER,
            initializer=_start_worker,
            initargs=(memory_bytes, rules),
            context=context,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble has types, but not here
        self._pool.join()

    def submit(self, body: bytes | str, url: str, *, max_bytes: int) -> Callable[[], dict[str, Any]]:
        """Start on a page; the function that comes back waits for its extraction, as JSON-ready fields."""
        if len(body) > max_bytes:
            # Not worth the way to a worker.
            detail = f"{len(body)} bytes are more than {max_bytes}"
            return lambda: _failed(RejectReason.TOO_LARGE, detail)
        now = datetime.now(UTC)
        future = self._pool.schedule(_extract, args=(body, url, now, max_bytes), timeout=self._seconds)

        def wait() -> dict[str, Any]:
            try:
                fields: dict[str, Any] = future.result()
            except FutureTimeoutError:
                return _failed(RejectReason.STALLED, f"not done after {self._seconds:g} s")
            except ProcessExpired as error:
                return _failed(RejectReason.CRASHED, f"the worker process ended with exit code {error.exitcode}")
            return fields

        return wait


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
        **extraction.model_dump(mode="json"),
        "agency": named(credited, "agency"),
        "publisher": named(credited, "publisher"),
        "credits": [credit.model_dump(mode="json") for credit in credited],
    }
