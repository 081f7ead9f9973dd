"""Delivery: looks after the output streams, and brings what is emitted to those who don't read Redis, in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import redis.asyncio

from copydesk.runtime.health import HealthServer
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import Settings
from copydesk.runtime.steps import Step, Steps

log = get_log()


class DeliveryService:
    """The process of delivery."""

    def __init__(self, *, client: redis.asyncio.Redis, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._metrics = Metrics("delivery")
        self._steps = Steps(self._metrics)

    async def run(self) -> None:
        """Work until SIGTERM, SIGINT or the parent's end; then deliver what is there, as far as there is time."""
        health = HealthServer(self._settings, self._metrics, healthy=self._steps.healthy, ready=self._ready)
        with self._steps.told_to_stop(self._steps.stop.set), health:
            log.info("service.started", port=health.port)
            await asyncio.gather(*(self._steps.forever(step) for step in self._all_steps()))
        log.info("service.stopped")

    def _all_steps(self) -> Sequence[Step]:
        """What is done over and over; each goes on whatever becomes of the others."""
        return [self._look_at_redis]

    async def _look_at_redis(self) -> float:
        await self._client.ping()
        return 1.0

    def _ready(self) -> str | None:
        if self._steps.redis.problem is not None:
            return self._steps.redis.problem
        return "stopping" if self._steps.stop.is_set() else None
