"""Delivery: looks after the output streams, and brings what is emitted to those who don't read Redis, in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import redis.asyncio

from copydesk.errors import SettingsError, UsageError
from copydesk.runtime import keys
from copydesk.runtime.accounting import Books
from copydesk.runtime.delivery_file import SinkOptions
from copydesk.runtime.health import HealthServer
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.redis import Store
from copydesk.runtime.settings import Settings
from copydesk.runtime.steps import Step, Steps
from copydesk.runtime.stream_names import stream_key
from copydesk_services.delivery.books import tell_books
from copydesk_services.delivery.retention import Retention
from copydesk_services.delivery.runner import SinkRunner
from copydesk_services.delivery.sink import Setting, SinkKind
from copydesk_services.delivery.sinks import configured, files
from copydesk_services.delivery.threads import threads_for

EMITTED: Final = "emitted"
LOOK_SECONDS: Final = 1.0

log = get_log()


class DeliveryService:
    """The process of delivery.

    Raises:
        SettingsError: something in the delivery file is wrong, or a setting.
    """

    def __init__(self, *, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._metrics = Metrics("delivery")
        self._steps = Steps(self._metrics)
        self._sinks = [
            self._runner(name, f"sink.{name}", kind, options) for name, kind, options in configured(settings)
        ]
        kept = self._kept()
        if kept is not None:
            self._sinks.append(self._runner(EMITTED, EMITTED, files.KIND, kept))

    async def run(self) -> None:
        """Work until SIGTERM, SIGINT or the parent's end; then deliver what is there, as far as there is time."""
        health = HealthServer(self._settings, self._metrics, healthy=self._steps.healthy, ready=self._ready)
        client = self._store.asynchronous()
        threads = ThreadPoolExecutor(threads_for(len(self._sinks)), thread_name_prefix="delivery")
        asyncio.get_running_loop().set_default_executor(threads)
        try:
            with self._steps.told_to_stop(self._steps.stop.set), health:
                log.info("service.started", port=health.port, sinks=len(self._sinks))
                sinks = [
                    asyncio.create_task(sink.run(self._store.asynchronous), name=sink.name) for sink in self._sinks
                ]
                for task in sinks:
                    task.add_done_callback(_ended)
                await asyncio.gather(*(self._steps.forever(step) for step in self._all_steps(client)))
                await self._drain(sinks)
        finally:
            await client.aclose()
        log.info("service.stopped")

    def _all_steps(self, client: redis.asyncio.Redis) -> Sequence[Step]:
        """What is done over and over, beside the sinks; each goes on whatever becomes of the others."""
        streams = [*Outputs.of(self._settings).all_streams(), keys.REJECTED]
        retention = Retention(client, self._settings, self._metrics, streams)
        books = Books(self._store.client)
        return [lambda: self._look_at_redis(client), retention.keep, lambda: tell_books(books, self._metrics)]

    def _kept(self) -> SinkOptions | None:
        try:
            return files.emitted(self._settings)
        except UsageError as error:
            raise SettingsError(f"COPYDESK_EMITTED={error}") from None

    def _runner(self, name: str, group: str, kind: SinkKind, options: SinkOptions) -> SinkRunner:
        return SinkRunner(
            Setting(name, self._settings, self._metrics, self._store),
            kind,
            options,
            group=group,
            streams=[stream_key(stream) for stream in options.streams],
            stop=self._steps.stop,
            redis_watch=self._steps.redis,
        )

    async def _look_at_redis(self, client: redis.asyncio.Redis) -> float:
        await client.ping()
        return LOOK_SECONDS

    async def _drain(self, sinks: Sequence[asyncio.Task[None]]) -> None:
        log.info("service.draining", sinks=len(sinks))
        if not sinks:
            return
        _, late = await asyncio.wait(sinks, timeout=self._settings.drain_seconds)
        for task in late:
            log.warning("sink.not_drained", sink=task.get_name())
            task.cancel()
        await asyncio.gather(*sinks, return_exceptions=True)

    def _ready(self) -> str | None:
        if self._steps.redis.problem is not None:
            return self._steps.redis.problem
        # A target of somebody else's that is away is no reason to take this process for broken.
        kept = next((sink.problem for sink in self._sinks if sink.name == EMITTED and sink.problem), None)
        return kept or ("stopping" if self._steps.stop.is_set() else None)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("sink.failed", sink=task.get_name(), exc_info=task.exception())
