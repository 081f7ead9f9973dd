"""Work on untrusted input in processes, with a hard limit of time and memory for each piece.

A limit of time that works by signals or threads does not stop C code, and parsers are C: so a piece of work runs in a
process that can be killed. The next one gets a new process.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from copydesk.models import RejectReason

DEFAULT_SECONDS = 20.0
"""Time that a piece of work may take; the largest pages that are let in take a few seconds."""

DEFAULT_MEMORY_BYTES = 1_000_000_000
"""Address space that a worker process may take beyond what it has at its start, as COPYDESK_PAGE_MEMORY for the services."""

TASKS_PER_WORKER = 2_000
"""Pieces of work after which a worker is replaced, which gives back what its libraries keep."""


class Overrun(Exception):
    """A piece of work ran into its limit, or took its process down; the message says how."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class WorkPool:
    """A context manager that works in parallel; see ``submit``."""

    def __init__(
        self,
        workers: int = 0,
        *,
        seconds: float,
        preload: str,
        initializer: Callable[..., None],
        initargs: Sequence[object],
    ) -> None:
        """Prepare a pool of ``workers`` processes (0: one a core), which start with the first piece of work.

        ``preload`` is the module that the work needs; ``initializer`` runs once in each process.
        """
        self.workers = workers or cores()
        self._seconds = seconds
        # The server that workers are forked from is single-threaded, and has imported the libraries once.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([preload])
        self._pool = ProcessPool(
            max_workers=self.workers,
            max_tasks=TASKS_PER_WORKER,
            initializer=initializer,
            initargs=list(initargs),
            context=context,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble has types, but not here
        self._pool.join()

    def submit(self, work: Callable[..., dict[str, Any]], *args: object) -> Callable[[], dict[str, Any]]:
        """Start on a piece of work; the function that comes back waits for its result, and may raise ``Overrun``."""
        future = self._pool.schedule(work, args=args, timeout=self._seconds)

        def wait() -> dict[str, Any]:
            try:
                result: dict[str, Any] = future.result()
            except FutureTimeoutError:
                raise Overrun(RejectReason.STALLED, f"not done after {self._seconds:g} s") from None
            except ProcessExpired as error:
                raise Overrun(
                    RejectReason.CRASHED, f"the worker process ended with exit code {error.exitcode}"
                ) from None
            return result

        return wait


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
