"""What sinks do in threads."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, TypeVar

A_SINK: Final = 3
"""Threads of a sink: one delivers, one sends files or looks up a name, one is of a run before that hangs."""
OTHERS: Final = 8

T = TypeVar("T")


async def in_thread(function: Callable[..., T], *arguments: Any, stop: Callable[[], None] = lambda: None) -> T:
    """Call a function in a thread. Cancelled, it calls ``stop`` and waits for the end: what the thread uses is closed next."""
    call = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        stop()
        while not call.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({call})
        with contextlib.suppress(Exception):  # nobody waits for it any more; what was not delivered comes again
            call.result()
        raise


def threads_for(sinks: int) -> int:
    """Threads of a process with so many sinks: those that wait for their targets leave enough to the others."""
    return OTHERS + A_SINK * sinks
