"""What a service that lives in an event loop does over and over, until it is told to stop; a fault in one step ends no other."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

import redis

from copydesk.runtime.lifeline import held_lifeline
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.watch import RedisWatch

HEALTHY_SECONDS: Final = 60.0
FAULT_PAUSE: Final = 1.0

# Does something once; gives the seconds to pause before the next time.
Step = Callable[[], Coroutine[Any, Any, float]]

log = get_log()


class Steps:
    """The steps of a service.

    Attributes:
        stop: Set when the service is to stop.
        redis: What was last seen of Redis.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.stop = asyncio.Event()
        self.redis = RedisWatch(metrics)
        self._ticked = time.monotonic()

    async def forever(self, step: Step, *, speaks: bool = True, wake: asyncio.Event | None = None) -> None:
        """Repeat a step until told to stop; wait where Redis is away.

        ``speaks``: the step asks Redis something each time, so that its success means that Redis is there. ``wake``: what ends
        a pause early, but none after a fault.
        """
        while not self.stop.is_set():
            self._ticked = time.monotonic()
            sign = wake or self.stop
            try:
                pause = await step()
                if speaks:
                    self.redis.answered()
            except redis.RedisError as error:
                self.redis.away(error)
                pause, sign = FAULT_PAUSE, self.stop
            except Exception:  # a fault in one step must not end the others
                log.exception("step.failed")
                pause, sign = FAULT_PAUSE, self.stop
            if pause:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(sign.wait(), pause)

    @contextlib.contextmanager
    def told_to_stop(self, halt: Callable[[], None]) -> Iterator[None]:
        """While entered, SIGTERM, SIGINT and the parent's end call ``halt``."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, halt)
        lifeline = held_lifeline()
        if lifeline is not None:
            loop.add_reader(lifeline, halt)
        try:
            yield
        finally:
            if lifeline is not None:
                loop.remove_reader(lifeline)

    def healthy(self) -> str | None:
        """What is wrong with the event loop, in words."""
        silent = time.monotonic() - self._ticked
        return f"the event loop has not turned for {silent:.0f} s" if silent > HEALTHY_SECONDS else None
