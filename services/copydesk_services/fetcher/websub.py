"""WebSub, the subscriber (W3C Recommendation of 23 January 2018): feeds that tell by themselves when there is something new.

The poller says which sources name a hub; a hub that confirms a subscription sends what is new to the callback. Polling goes on
beside it, slower as long as the hub misses nothing: a push that is lost costs time, never an item.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Protocol

import redis
from aiohttp import web

from copydesk.core.urls import absolute_url, host_of, shown_url
from copydesk.core.websub import RENEWED_AT, RETRY_MOST, granted_lease, is_signed, retry_pause, usable_hubs
from copydesk.errors import SourceError
from copydesk.models import Source
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.http import FetchFailure, HttpClient
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import Settings
from copydesk.runtime.subscriptions import PushState, Subscription, Subscriptions, new_subscription
from copydesk_services.fetcher.callbacks import CallbackServer
from copydesk_services.fetcher.inbox import Inbox, Push

MAX_CHALLENGE: Final = 4_096
MAX_HUB_ANSWER: Final = 65_536
# After so many polls in a row that found what the hub had not told, its source is polled as though there were no hub.
MISSES_MOST: Final = 3
# Pushes bring about at most one poll of a source in this time.
POKE_SECONDS: Final = 30.0
REQUESTS_AT_ONCE: Final = 8
REQUEST_LEASE_SECONDS: Final = 300.0
LEAVE_TRIES: Final = 3
MAX_COVERED: Final = 200_000
# Reading 100,000 covered sources takes most of a second.
REFRESH_SECONDS: Final = 60.0
WAIT_SECONDS: Final = 0.5
# A signature over more bytes than this is computed in a thread: the event loop goes on meanwhile.
QUICK_BYTES: Final = 262_144

log = get_log()


class PushSink(Protocol):
    """Takes in what a hub sent as though it had been polled."""

    async def pushed(self, source: Source, body: bytes, content_type: str | None) -> int:
        """Hand on what is new; returns its number.

        Raises:
            SourceError: it is nothing that a source offers.
        """


class Polls(Protocol):
    """Lets a source be polled before its time."""

    async def hurry(self, source: str, at: float) -> None:
        """Let a source be due at a unix time, unless it is earlier anyway; one that fails keeps its own pace."""


class WebSub:
    """Subscribes to hubs, answers them, and tells the poller what they take off its hands.

    An asynchronous context manager, which serves the callback; the rest of the work is in its ``steps``.
    """

    def __init__(
        self,
        *,
        http: HttpClient,
        frontier: Frontier,
        subscriptions: Subscriptions,
        polls: Polls,
        metrics: Metrics,
        settings: Settings,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """While the intake is ``paused`` nothing pushed is taken in: its source is polled when it may."""
        self._paused = paused
        self._http = http
        self._frontier = frontier
        self._subscriptions = subscriptions
        self._polls = polls
        self._metrics = metrics
        self._settings = settings
        self._callback = (settings.websub_callback or "").rstrip("/")
        self._server = CallbackServer(settings, self._answer)
        self._covered: set[str] = set()
        self._cursor = 0
        self._asking: set[asyncio.Task[None]] = set()
        self._inbox = Inbox(settings.poll_max_bytes)

    @property
    def port(self) -> int:
        """The port on which hubs are answered."""
        return self._server.port

    async def __aenter__(self) -> WebSub:
        await self._server.__aenter__()
        log.info("websub.started", port=self._server.port, callback=self._callback)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        try:
            for push in self._inbox.rest():
                await self._poll_soon(push.subscription.source)
        except redis.RedisError as away:
            log.warning("push.left", pushes=len(self._inbox.rest()), error=str(away))

    # What the poller calls.

    async def discovered(self, source: Source, hubs: Sequence[str], topic: str | None) -> None:
        """A source names these hubs, and this as its own address: subscribe, unless that is done."""
        given = (topic or source.url).strip()
        # The hub knows the topic as it is written, so it is not normalised.
        topic = given if absolute_url(given) else absolute_url(given, source.url)
        usable = usable_hubs(hubs, topic) if topic else []
        if topic is None or not usable:
            return
        known = await self._subscriptions.get(source.id)
        if known is None or known.topic != topic or known.hub not in usable:
            # What the old address still gets is answered with 410, which ends it.
            if await self._subscriptions.begin(new_subscription(source.id, usable, topic), known):
                log.info("push.wanted", source=source.id, hub=usable[0], topic=topic)
        elif known.state is PushState.LEAVING:
            await self._subscriptions.change(known, due=time.time(), state=PushState.PENDING, failures=0)
        elif list(known.hubs) != usable:
            await self._subscriptions.change(known, hubs=json.dumps(usable))

    def covers(self, source: str) -> bool:
        """Whether a hub tells what is new at a source, so that it may be polled less often. Known with a little delay."""
        return source in self._covered

    async def missed(self, source: str, new: int) -> None:
        """A poll found so many items that the hub had not told."""
        known = await self._subscriptions.get(source) if new and source in self._covered else None
        if known is None:
            return
        if known.missed + 1 < MISSES_MOST:
            await self._subscriptions.change(known, missed=known.missed + 1)
            return
        self._covered.discard(source)
        await self._subscriptions.change(known, covered=0, state=PushState.SILENT, missed=known.missed + 1)
        log.warning("push.silent", source=source, hub=known.hub)

    # Steps.

    def steps(self, sink: PushSink) -> tuple[Callable[[], Coroutine[Any, Any, float]], ...]:
        """What is to be repeated as long as this is open: each step returns the seconds to pause after it."""
        return (self.refresh, self.ask_due, lambda: self.read_pushed(sink))

    async def refresh(self) -> float:
        """Read anew which sources are covered, and how the subscriptions are; look for those whose source is not polled."""
        covered: set[str] = set()
        async for source in self._subscriptions.covered():
            covered.add(source)
            if len(covered) >= MAX_COVERED:
                break
        self._covered = covered
        for state, number in (await self._subscriptions.states()).items():
            self._metrics.subscriptions.labels(state).set(number)
        self._cursor, stray = await self._subscriptions.stray(self._cursor)
        for source in stray:
            known = await self._subscriptions.get(source)
            if known is not None:
                await self._leave(known)
        return REFRESH_SECONDS

    async def ask_due(self) -> float:
        """Ask hubs: to subscribe, to renew, to unsubscribe. A slow one holds up no other."""
        free = REQUESTS_AT_ONCE - len(self._asking)
        due = await self._subscriptions.due(free, REQUEST_LEASE_SECONDS) if free else []
        for source in due:
            task = asyncio.create_task(self._ask(source))
            self._asking.add(task)
            task.add_done_callback(self._asked)
        return 0.1 if due else WAIT_SECONDS

    async def read_pushed(self, sink: PushSink) -> float:
        """Read one push, if there is one: one at a time, so that polls keep half of the parsers."""
        if self._paused():
            return WAIT_SECONDS
        push = await self._inbox.first(WAIT_SECONDS)
        if push is not None:
            # Where Redis is away, it stays in and is read later.
            outcome = await self._read(push, sink)
            self._inbox.done()
            self._metrics.pushes.labels(outcome).inc()
        return 0.0

    async def _read(self, push: Push, sink: PushSink) -> str:
        source = await self._subscriptions.source(push.subscription.source)
        if source is None:
            await self._leave(push.subscription)
            return "unwanted"
        try:
            new = await sink.pushed(source, push.body, push.content_type)
        except redis.RedisError:
            raise
        except Exception as error:  # the boundary of a push: whatever it is, the others go on
            if not isinstance(error, SourceError):
                log.exception("push.fault", source=source.id)
            log.info("push.unreadable", source=source.id, error=str(error)[:300])
            await self._poll_soon(push.subscription.source)
            return "unreadable"
        log.info("push.read", source=source.id, url=shown_url(source.url), new=new)
        return "new" if new else "nothing_new"

    # Requests to hubs.

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # It comes again when the lease of its turn ends.
            log.error("push.ask_failed", error=f"{type(error).__name__}: {error}"[:300])

    async def _ask(self, source_id: str) -> None:
        known = await self._subscriptions.get(source_id)
        if known is None:
            await self._subscriptions.forget_due(source_id)
            return
        is_leaving = await self._subscriptions.source(source_id) is None
        if is_leaving and known.state is not PushState.LEAVING:
            known = replace(known, state=PushState.LEAVING, failures=0)
        elif not is_leaving and known.state is PushState.LEAVING:  # it was paused, and goes on
            known = replace(known, state=PushState.PENDING, failures=0)
        now = time.time()
        if is_leaving and (known.until <= now or known.failures >= LEAVE_TRIES):
            await self._subscriptions.end(known)
            self._covered.discard(source_id)
            return
        host = host_of(known.hub)
        slot = await self._frontier.take_slot(host)
        if slot is None:
            free_in = await self._frontier.slot_free_in(host)
            await self._subscriptions.change(known, due=now + min(max(free_in, 0.05), WAIT_SECONDS))
            return
        try:
            await self._post(known, now)
        finally:
            await self._frontier.release_slot(host, slot)

    async def _post(self, known: Subscription, now: float) -> None:
        """One request to a hub. It counts as failed until the hub confirms it, which may be before it has answered."""
        failures = known.failures + 1
        due = now + retry_pause(failures)
        state = known.state
        if state is not PushState.LEAVING and known.until <= now:
            state = PushState.DENIED if state is PushState.DENIED else PushState.PENDING
        # Not covered while it leaves; else as it was, at most until the lease ends.
        covered = 0 if state is PushState.LEAVING else None
        if not await self._subscriptions.change(known, due=due, covered=covered, failures=failures, state=state):
            return
        form = {
            "hub.callback": f"{self._callback}/{known.token}",
            "hub.mode": "unsubscribe" if state is PushState.LEAVING else "subscribe",
            "hub.topic": known.topic,
        }
        if state is not PushState.LEAVING:
            form |= {"hub.lease_seconds": f"{self._settings.websub_lease:.0f}", "hub.secret": known.secret}
        try:
            await self._http.post(known.hub, form, max_bytes=MAX_HUB_ANSWER)
        except FetchFailure as failure:
            other = known.hubs[(known.hubs.index(known.hub) + 1) % len(known.hubs)] if known.hub in known.hubs else ""
            later = max(due, now + (failure.retry_after or 0.0))
            await self._subscriptions.change(known, due=later, hub=other or known.hub)
            log.warning("push.refused", source=known.source, hub=known.hub, mode=form["hub.mode"], error=str(failure))
        else:
            log.info("push.asked", source=known.source, hub=known.hub, mode=form["hub.mode"])

    # Requests of hubs.

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        token = request.path.rpartition("/")[2]
        try:
            known = await self._subscriptions.by_token(token)
            if request.method == "POST":
                return web.Response(status=await self._receive(request, known))
            if request.method not in ("GET", "HEAD"):
                return web.Response(status=405, headers={"Allow": "GET, POST"})
            if known is None:
                return web.Response(status=410)
            challenge = await self._confirm(known, request.query)
        except redis.RedisError as error:
            log.warning("push.not_answered", error=str(error))
            return web.Response(status=503, headers={"Retry-After": "60"})
        if challenge is None:
            return web.Response(status=404)
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def _confirm(self, known: Subscription, query: Mapping[str, str]) -> str | None:
        """Verification of intent (5.3) and denial (5.2): what to answer, or None where nobody asked for it."""
        mode, challenge = query.get("hub.mode"), query.get("hub.challenge", "")
        if query.get("hub.topic") != known.topic or len(challenge) > MAX_CHALLENGE:
            return None
        if mode == "denied":
            await self._denied(known, query.get("hub.reason", ""))
            return ""
        if mode == "unsubscribe" and known.state is PushState.LEAVING and challenge:
            await self._subscriptions.end(known)
            return challenge
        was_asked = known.failures > 0 or known.until > 0
        if mode != "subscribe" or known.state is PushState.LEAVING or not challenge or not was_asked:
            return None
        lease = granted_lease(query.get("hub.lease_seconds"), self._settings.websub_lease)
        return challenge if await self._confirmed(known, lease) else None

    async def _confirmed(self, known: Subscription, lease: float) -> bool:
        now = time.time()
        state = known.state if known.state in (PushState.LIVE, PushState.SILENT) else PushState.VERIFIED
        # Spread, so that what was subscribed to at once is not renewed at once.
        due = now + lease * RENEWED_AT * random.uniform(0.9, 1.0)  # noqa: S311 -- spreads load, protects nothing
        until = now + lease
        covered = until if state is PushState.LIVE else None
        log.info("push.confirmed", source=known.source, hub=known.hub, lease=lease)
        return await self._subscriptions.change(known, due=due, covered=covered, state=state, until=until, failures=0)

    async def _denied(self, known: Subscription, reason: str) -> None:
        log.warning("push.denied", source=known.source, hub=known.hub, reason=reason[:200])
        self._covered.discard(known.source)
        if known.state is PushState.LEAVING:
            await self._subscriptions.end(known)
        else:
            due = time.time() + RETRY_MOST
            await self._subscriptions.change(known, due=due, covered=0, state=PushState.DENIED, until=0)

    async def _receive(self, request: web.BaseRequest, known: Subscription | None) -> int:
        """Content (7): the status to answer with, at once; it is read later."""
        if known is None or await self._subscriptions.source(known.source) is None:
            if known is not None:
                await self._leave(known)
            self._metrics.pushes.labels("unwanted" if known else "unknown").inc()
            return 410
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            self._metrics.pushes.labels("unreadable").inc()
            return 415
        outcome = await self._take(request, known)
        if outcome in ("overflow", "thin"):
            await self._poll_soon(known.source)
        if outcome is not None:
            self._metrics.pushes.labels(outcome).inc()
        return 202

    async def _take(self, request: web.BaseRequest, known: Subscription) -> str | None:
        """Take a push in; what became of it, or None where it now waits to be read."""
        announced = request.content_length or 0
        is_bearable = announced <= self._settings.poll_max_bytes and not self._paused()
        body = await self._inbox.receive(request.content) if is_bearable else None
        if body is None:
            return "overflow"
        outcome, is_kept = None, False
        try:
            outcome = await self._judge(request, known, body)
            if outcome is None:
                is_kept = self._inbox.put(Push(known, body, request.headers.get("Content-Type")))
                outcome = None if is_kept else "overflow"
        finally:
            if not is_kept:
                self._inbox.drop(body)
        return outcome

    async def _judge(self, request: web.BaseRequest, known: Subscription, body: bytes) -> str | None:
        """What is wrong with a push, or None where it is to be read."""
        signature = request.headers.get("X-Hub-Signature")
        if not await self._is_signed(signature, known.secret, body):
            log.warning("push.unsigned", source=known.source, hub=known.hub, signed=signature is not None)
            return "unsigned" if signature is None else "badly_signed"
        await self._heard(known)
        return None if body.strip() else "thin"

    @staticmethod
    async def _is_signed(header: str | None, secret: str, body: bytes) -> bool:
        if len(body) <= QUICK_BYTES:
            return is_signed(header, secret, body)
        return await asyncio.to_thread(is_signed, header, secret, body)

    async def _heard(self, known: Subscription) -> None:
        """The hub tells: its source is covered as long as the lease runs."""
        if known.until <= time.time() or known.state is PushState.DENIED:
            return
        if await self._subscriptions.change(known, covered=known.until, state=PushState.LIVE, missed=0):
            self._covered.add(known.source)

    async def _leave(self, known: Subscription) -> None:
        """Its source is no longer polled: have it ended soon."""
        if known.state is not PushState.LEAVING:
            await self._subscriptions.change(known, due=time.time(), covered=0)
            self._covered.discard(known.source)

    async def _poll_soon(self, source: str) -> None:
        """Have a source polled, at most once in a while."""
        known = await self._subscriptions.get(source)
        if known is None:
            return
        now = time.time()
        # A poll that lies ahead is asked for again: another one may have come before it and moved the next away.
        at = known.poked if known.poked > now else max(now, known.poked + POKE_SECONDS)
        await self._subscriptions.change(known, poked=at)
        await self._polls.hurry(source, at)
