"""The fetcher: polls the sources that are due and fetches the pages of the frontier, many at a time, in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

import redis
import redis.asyncio
from pebble import ProcessPool

from copydesk.runtime.archive import archive_of, running
from copydesk.runtime.bounds import bound_memory
from copydesk.runtime.connections import raise_file_limit
from copydesk.runtime.frontier import RENEW_SECONDS, Claim, Frontier
from copydesk.runtime.health import HealthServer
from copydesk.runtime.http import HttpClient
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.polls import PollQueue
from copydesk.runtime.queue import Stages
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import Settings
from copydesk.runtime.steps import Steps
from copydesk.runtime.subscriptions import Subscriptions
from copydesk_services.fetcher.pages import PageFetcher
from copydesk_services.fetcher.poller import POLL_LEASE_SECONDS, Poller
from copydesk_services.fetcher.reading import warm_up
from copydesk_services.fetcher.robots import Robots
from copydesk_services.fetcher.websub import WebSub

IDLE_FIRST: Final = 0.02
IDLE_MOST: Final = 0.5
POLL_FIRST: Final = 0.01
# To begin a request takes about half a millisecond: more at once would hold up the event loop.
BEGUN_AT_ONCE: Final = 16
PARSERS: Final = 2
DRAIN_SECONDS: Final = 20.0
GAUGE_SECONDS: Final = 2.0
LOOP_LOOK_SECONDS: Final = 0.02
RECHECK_SECONDS: Final = 1.0

log = get_log()


@dataclass
class _Batch:
    """Page ids that wait for their job."""

    ids: list[str] = field(default_factory=list)
    since: float = 0.0


class FetcherService:
    """The process of the fetcher."""

    def __init__(self, *, client: redis.asyncio.Redis, stages: Stages, settings: Settings) -> None:
        self._client = client
        self._stages = stages
        self._settings = settings
        self._metrics = Metrics("fetcher")
        self._frontier = Frontier(client, settings)
        self._archive = archive_of(settings, self._metrics)
        self._queue = PollQueue(client)
        self._batch = _Batch()
        self._steps = Steps(self._metrics)
        self._stop = self._steps.stop
        self._redis = self._steps.redis
        self._wake = asyncio.Event()
        self._idle = 0.0
        self._poll_pause = POLL_FIRST
        self._is_full = False
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Work until SIGTERM, SIGINT or the parent's end; then finish what is under way."""
        with self._steps.told_to_stop(self._halt):
            await self._work()
        log.info("service.stopped")

    async def _work(self) -> None:
        raise_file_limit()
        health = HealthServer(self._settings, self._metrics, healthy=self._steps.healthy, ready=self._ready)
        # Forked from a server that has imported what they need, not from this process, which has threads.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([warm_up.__module__])
        parsers = ProcessPool(
            max_workers=PARSERS,
            max_tasks=500,
            initializer=bound_memory,
            initargs=[self._settings.page_memory],
            context=context,
        )
        # Starting them takes a while, in which nothing else could be done later.
        for _ in range(PARSERS):
            parsers.schedule(warm_up)
        try:
            with health, running(self._archive):
                log.info("service.started", port=health.port)
                async with HttpClient(self._settings) as http, contextlib.AsyncExitStack() as stack:
                    websub = await self._websub(http, stack)
                    secrets = Secrets(self._settings)
                    robots = Robots(http, self._client, self._settings)
                    poller = Poller(
                        http=http,
                        frontier=self._frontier,
                        queue=self._queue,
                        parsers=parsers,
                        metrics=self._metrics,
                        settings=self._settings,
                        secrets=secrets,
                        push=websub,
                        taken=self._add_to_batch,
                    )
                    pages = PageFetcher(
                        http=http,
                        robots=robots,
                        frontier=self._frontier,
                        metrics=self._metrics,
                        settings=self._settings,
                        archive=self._archive,
                        secrets=secrets,
                    )
                    forever = self._steps.forever
                    await asyncio.gather(
                        forever(lambda: self._poll_due(poller)),
                        forever(poller.flush, speaks=False),
                        forever(lambda: self._fetch_due(pages), wake=self._wake),
                        forever(self._wake_rechecks, speaks=False),
                        forever(self._send_batch, speaks=False),
                        forever(self._renew, speaks=False),
                        forever(self._gauge),
                        self._watch_loop(),
                        *(forever(s, speaks=False) for s in (websub.steps(poller) if websub else ())),
                    )
                    await self._drain(poller)
        finally:
            parsers.stop()  # type: ignore[no-untyped-call]
            await asyncio.to_thread(parsers.join, 10)

    async def _websub(self, http: HttpClient, stack: contextlib.AsyncExitStack) -> WebSub | None:
        """The subscriber, where hubs can reach it."""
        if self._settings.websub_callback is None:
            return None
        websub = WebSub(
            http=http,
            frontier=self._frontier,
            subscriptions=Subscriptions(self._client),
            polls=self._queue,
            metrics=self._metrics,
            settings=self._settings,
        )
        return await stack.enter_async_context(websub)

    def _halt(self) -> None:
        self._stop.set()
        self._wake.set()

    async def _poll_due(self, poller: Poller) -> float:
        free = self._settings.poll_concurrency - self._queue.held
        visits = await poller.visits(min(free, BEGUN_AT_ONCE)) if free > 0 else []
        for visit in visits:
            self._start(poller.poll(visit), "poll")
        self._poll_pause = POLL_FIRST if visits else min(self._poll_pause * 1.5, IDLE_MOST)
        return self._poll_pause

    async def _fetch_due(self, pages: PageFetcher) -> float:
        self._wake.clear()
        free = self._settings.fetch_concurrency - sum(task.get_name() == "fetch" for task in self._tasks)
        claims = await self._frontier.claim(min(free, BEGUN_AT_ONCE)) if free > 0 and not self._is_full else []
        for claim in claims:
            self._start(self._fetch(pages, claim), "fetch")
        # However often it is woken: what comes meanwhile is claimed together.
        await asyncio.sleep(IDLE_FIRST)
        self._idle = 0.0 if claims else min(self._idle * 1.5 + IDLE_FIRST, IDLE_MOST)
        return self._idle

    async def _wake_rechecks(self) -> float:
        return 0.1 if await self._frontier.wake_rechecks() else RECHECK_SECONDS

    async def _fetch(self, pages: PageFetcher, claim: Claim) -> None:
        try:
            page_id = await pages.fetch(claim)
        finally:
            self._frontier.drop(claim)
        if page_id is not None:
            self._add_to_batch(page_id)

    def _add_to_batch(self, page_id: str) -> None:
        if not self._batch.ids:
            self._batch.since = time.monotonic()
        self._batch.ids.append(page_id)

    async def _send_batch(self) -> float:
        """Queue a job when a batch is full or old enough. A batch that never gets there is found by the reaper."""
        batch = self._batch
        age = time.monotonic() - batch.since
        while batch.ids and (
            age >= self._settings.batch_seconds or len(batch.ids) >= self._settings.batch_pages or self._stop.is_set()
        ):
            ids = batch.ids[: self._settings.batch_pages]
            job_id = await asyncio.to_thread(self._stages.submit, "extract", ids)
            del batch.ids[: len(ids)]
            log.info("job.queued", job=job_id, stage="extract", pages=len(ids))
        return min(0.05, max(0.005, self._settings.batch_seconds / 4))

    async def _renew(self) -> float:
        """Say that this process lives: what it holds stays its own."""
        await self._frontier.renew()
        await self._queue.renew(POLL_LEASE_SECONDS)
        return RENEW_SECONDS

    async def _gauge(self) -> float:
        counts = await asyncio.to_thread(self._stages.in_flight)
        is_full = max(counts["extract"], counts["dedup"]) >= self._settings.intake_pages
        if is_full != self._is_full:
            log.warning("intake.paused" if is_full else "intake.resumed", **counts)
        self._is_full = is_full
        for place in ("frontier", "fetch"):
            self._metrics.in_flight.labels(place).set(counts[place])
        for status, number in (await self._queue.status_counts()).items():
            self._metrics.sources.labels(status.value).set(number)
        return GAUGE_SECONDS

    async def _watch_loop(self) -> None:
        while not self._stop.is_set():
            due = time.monotonic() + LOOP_LOOK_SECONDS
            await asyncio.sleep(LOOP_LOOK_SECONDS)
            self._metrics.loop_lag.observe(max(0.0, time.monotonic() - due))

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        # A poll may have brought pages, and a page needs its next request.
        self._wake.set()
        if task.cancelled():
            return
        error = task.exception()
        # What it had taken comes back when its lease ends.
        if isinstance(error, redis.RedisError):
            self._redis.away(error)
        elif error is not None:
            log.error("task.failed", task=task.get_name(), exc_info=error)

    async def _drain(self, poller: Poller) -> None:
        log.info("service.draining", tasks=len(self._tasks))
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._tasks and time.monotonic() < deadline:
            with contextlib.suppress(redis.RedisError):
                await self._renew()
                await poller.flush()
            await asyncio.wait(self._tasks, timeout=RENEW_SECONDS)
        # What is still under way is given up: its leases end, and somebody else takes it.
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(redis.RedisError):
            while await poller.flush() == 0.0:
                pass
            await self._send_batch()

    def _ready(self) -> str | None:
        if self._redis.problem is not None:
            return self._redis.problem
        if self._archive is not None and self._archive.problem is not None:
            return self._archive.problem
        return "stopping" if self._stop.is_set() else None
