"""One poll of a source: ask whether it changed, read what it offers, hand on what is new.

What came of it is recorded a moment later, together with other polls (``flush``); the items are handed on before that, so
that a poll whose record is lost is made again, and nothing else happens.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as PoolTimeout
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import redis
from pebble import ProcessExpired, ProcessPool

from copydesk.core import conditional, source_health
from copydesk.core.links import links_of_header
from copydesk.core.schedule import Bounds, fresh_seconds
from copydesk.core.source_health import Trouble
from copydesk.core.urls import host_of, shown_url, source_id
from copydesk.errors import CopydeskError, SourceError
from copydesk.models import Source, SourceKind, SourceState
from copydesk.runtime.frontier import LEASE_SECONDS, Crowded, Frontier
from copydesk.runtime.http import Answer, FetchFailure, HttpClient
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.polls import Done, PollQueue, Turn
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import Settings
from copydesk.runtime.walk import Walk
from copydesk_services.fetcher.intake import Brought, Intake
from copydesk_services.fetcher.reading import Reading, read_answer
from copydesk_services.fetcher.sitemap_index import follow_index

ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, text/plain;q=0.8, */*;q=0.1"
)
POLL_LEASE_SECONDS: Final = LEASE_SECONDS
PARSE_SECONDS: Final = 30.0
# Polls that are over are recorded together: so many at most, after so many seconds at most.
FLUSH_MOST: Final = 256
FLUSH_SECONDS: Final = 0.02
# A host that is busy is looked at again after the first of these, then twice as long each time, up to the second.
BUSY_FIRST: Final = 0.1
BUSY_MOST: Final = 1.5
BUSY_HOSTS: Final = 10_000
# What a hub pushed waits for a poll of the same source so often, for so many seconds each time.
PUSH_TRIES: Final = 50
PUSH_PAUSE: Final = 0.1

log = get_log()


class Push(Protocol):
    """What hubs tell of sources."""

    async def discovered(self, source: Source, hubs: Sequence[str], topic: str | None) -> None:
        """An answer of a source names hubs that tell of its updates."""

    def covers(self, source_id: str) -> bool:
        """Whether a hub tells of this source's updates, and was heard of lately."""

    async def missed(self, source_id: str, new: int) -> None:
        """A poll of a source that is covered found items that no hub had told of."""


@dataclass(frozen=True)
class Visit:
    """A source whose turn it is, with its host's slot."""

    turn: Turn
    slot: str


class Poller:
    """Polls sources; what it knows of them stands in Redis."""

    def __init__(
        self,
        *,
        http: HttpClient,
        frontier: Frontier,
        queue: PollQueue,
        parsers: ProcessPool,
        metrics: Metrics,
        settings: Settings,
        secrets: Secrets,
        push: Push | None = None,
        taken: Callable[[str], None] = lambda _page_id: None,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """``taken`` is told the id of each page that waits for the extractor already, as its text stood in the feed.

        While the intake is ``paused`` such texts are left, and must be offered again.
        """
        self._http = http
        self._frontier = frontier
        self._queue = queue
        self._parsers = parsers
        self._metrics = metrics
        self._settings = settings
        self._secrets = secrets
        self._push = push
        self._intake = Intake(
            frontier=frontier, queue=queue, metrics=metrics, settings=settings, taken=taken, paused=paused
        )
        self._bounds = Bounds(settings.poll_interval, settings.poll_interval_least, settings.poll_interval_most)
        self._done: list[Done] = []
        self._slots: list[tuple[str, str, float]] = []
        self._busy: dict[str, int] = {}

    async def visits(self, number: int) -> list[Visit]:
        """Take up to ``number`` sources that are due and whose hosts are free; a host that is not is put off for a moment."""
        turns = await self._queue.due(number, POLL_LEASE_SECONDS)
        if not turns:
            return []
        try:
            slots = await self._frontier.take_slots([turn.host for turn in turns])
        except redis.RedisError:
            self._queue.drop(turns)
            raise
        visits = []
        for turn, slot in zip(turns, slots, strict=True):
            if slot is None:
                self._put_off(turn)
            else:
                self._busy.pop(turn.host, None)
                visits.append(Visit(turn, slot))
        return visits

    def _put_off(self, turn: Turn) -> None:
        if len(self._busy) >= BUSY_HOSTS:
            self._busy.clear()
        tries = self._busy[turn.host] = self._busy.get(turn.host, -1) + 1
        self._nothing(turn, min(BUSY_FIRST * 2.0 ** min(tries, 8), BUSY_MOST))

    def _nothing(self, turn: Turn, pause: float) -> None:
        self._done.append(Done(turn, next_poll=turn.due_at, host_from=time.time() + pause))

    async def flush(self) -> float:
        """Free the hosts whose requests are over and record the polls that are; seconds to pause until the next time.

        Where Redis is away, all is kept for the next time.
        """
        done = self._done[:FLUSH_MOST]
        # The hosts first: one whose source is given back while its slot is not yet free would be taken in vain.
        if slots := self._slots[:FLUSH_MOST]:
            await self._frontier.release_slots(slots)
            del self._slots[: len(slots)]
        if done:
            kept = await self._queue.done(done)
            del self._done[: len(done)]
            for one, is_kept in zip(done, kept, strict=True):
                if not is_kept:
                    log.warning("source.lease_lost", source=one.turn.source.id)
        return 0.0 if len(done) == FLUSH_MOST else FLUSH_SECONDS

    async def poll(self, visit: Visit) -> None:
        """Poll one source; failures of the source are recorded, not raised."""
        turn = visit.turn
        now = datetime.now(UTC)
        self._metrics.poll_lag.observe(max(0.0, now.timestamp() - turn.due_at))
        done = None
        try:
            done = await self._outcome(visit, now)
        finally:
            if done is None:  # Redis is away, or this process stops
                self._nothing(turn, BUSY_MOST)
            else:
                self._done.append(done)

    async def _outcome(self, visit: Visit, now: datetime) -> Done:
        try:
            return await self._visit(visit, now)
        except redis.RedisError:
            raise
        except Crowded as crowded:
            log.info("source.crowded_out", source=visit.turn.source.id, detail=str(crowded))
            host_from = time.time() + self._settings.fetch_host_delay
            return Done(visit.turn, next_poll=time.time() + crowded.again_in, host_from=host_from)
        except Exception as error:  # noqa: BLE001 -- the boundary of a source: whatever it is, the others go on
            return self._failed(visit.turn, error, now)

    async def _visit(self, visit: Visit, now: datetime) -> Done:
        turn = visit.turn
        asked = conditional.conditions(turn.source, turn.state, now)
        answer = await self._get(visit, asked)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        changes = source_health.after_redirect(turn.source, turn.state, answer.moved_to, now)
        source = None
        if answer.moved_to and source_health.has_moved(turn.state, changes, now):
            source = await self._move(turn, answer.moved_to, changes)
        brought = Brought()
        if answer.status == 304:
            outcome = "not_modified"
            changes |= conditional.after_304(turn.state, asked=bool(asked))
        else:
            body_hash = await answer.body_hash()
            changes |= conditional.after_body(headers, body_hash, now)
            outcome = "nothing_new"
            if body_hash != turn.state.body_hash:
                brought = await self._read(turn, answer, changes, now)
                if brought.new:
                    outcome = "new"
                    changes |= conditional.after_news(turn.state, headers, asked=bool(asked))
        changes["touched_at"] = brought.touched_at or await self._intake.touch(turn, None)
        return self._went_well(turn, outcome, brought, changes, now=now, fresh=fresh_seconds(headers), source=source)

    async def _get(self, visit: Visit, conditions: Mapping[str, str]) -> Answer:
        source = visit.turn.source
        walk = Walk(self._frontier, visit.turn.host, visit.slot)
        rest = 0.0
        try:
            return await self._http.get(
                source.url,
                max_bytes=self._settings.poll_max_bytes,
                accept=ACCEPT,
                headers=conditions,
                credentials=self._credentials(source),
                check=walk.step,
            )
        except FetchFailure as failure:
            if failure.status in (429, 503):
                rest = failure.retry_after or 0.0
            raise
        finally:
            if held := walk.leave():
                self._slots.append((*held, rest))

    def _credentials(self, source: Source) -> Mapping[str, str] | None:
        return self._secrets.headers(source.secret) if source.secret else None

    async def _move(self, turn: Turn, to: str, changes: dict[str, Any]) -> Source | None:
        """Follow a permanent redirect: the source keeps its id, its options and what is known of it.

        Where there is a source with that URL already, it is enough to ask that one.
        """
        before = turn.source
        is_known = source_id(to) != before.id and await self._queue.known(to)
        after = before.model_copy(update={"paused": True} if is_known else {"url": to})
        if not await self._queue.change(before, after):
            return None
        old, new = shown_url(before.url), shown_url(to)
        note = f"paused: it has moved to {new}, which is a source too" if is_known else f"moved from {old}"
        changes |= {"note": note, "moved_to": None, "moved_polls": 0, "moved_at": 0.0}
        log.warning("source.moved", source=before.id, url=old, to=new, paused=is_known)
        return after

    async def _read(self, turn: Turn, answer: Answer, changes: dict[str, Any], now: datetime) -> Brought:
        """Read an answer that is not the last one again, and hand on what is new."""
        reading = await self._parse(turn.source, answer.body, answer.url, answer.content_type)
        offer = reading.offer
        brought = await self._intake.bring(turn, reading, now)
        if offer.kind is SourceKind.SITEMAP_INDEX:
            followed = await follow_index(self._queue, self._settings, turn.source, answer.url, offer.sitemaps)
            if followed is None:
                brought.refused = len(offer.sitemaps)
            else:
                brought.new, changes["note"] = followed
        changes |= {
            "kind": offer.kind,
            "items": len(reading.items) or len(offer.sitemaps),
            "asked_interval": offer.interval,
        }
        if brought.refused:
            # What was refused must be offered again, also by a source that does not change.
            changes |= {"etag": None, "last_modified": None, "body_hash": None}
        if self._push is not None:
            hubs, topic = links_of_header(answer.link, answer.url)
            if hubs or offer.hubs:
                await self._push.discovered(turn.source, hubs or offer.hubs, topic or offer.topic)
            if brought.new and self._push.covers(turn.source.id):
                await self._push.missed(turn.source.id, brought.new)
        return brought

    def _went_well(
        self,
        turn: Turn,
        outcome: str,
        brought: Brought,
        changes: dict[str, Any],
        *,
        now: datetime,
        fresh: float,
        source: Source | None,
    ) -> Done:
        before, url = turn.state, shown_url(turn.source.url)
        if before.failures:
            log.info("source.revived", source=turn.source.id, url=url, failures=before.failures)
        state, wait = source_health.after_success(
            turn.source,
            before,
            now,
            self._bounds,
            new=brought.new,
            asked=max(changes.get("asked_interval", before.asked_interval) or 0.0, fresh),
            pushed=self._push is not None and self._push.covers(turn.source.id),
            roll=_roll(),
            changes=changes,
        )
        if state.note == conditional.STUCK_NOTE != before.note:
            log.warning("source.unconditional", source=turn.source.id, url=url)
        tell = log.info if brought.new else log.debug
        tell("source.polled", source=turn.source.id, url=url, outcome=outcome, items=state.items, new=brought.new)
        self._metrics.polls.labels(outcome).inc()
        return Done(
            turn,
            next_poll=time.time() + wait,
            host_from=time.time() + self._settings.fetch_host_delay,
            state=state,
            source=source,
            offered=brought.offered,
            gone=brought.gone,
        )

    def _failed(self, turn: Turn, error: Exception, now: datetime) -> Done:
        """Record a failure; how long to wait depends on its kind."""
        source, url = turn.source, shown_url(turn.source.url)
        if not isinstance(error, FetchFailure | CopydeskError):
            log.exception("source.fault", source=source.id, url=url)
        words = str(error) or type(error).__name__
        trouble = Trouble(words)
        if isinstance(error, FetchFailure):
            trouble = Trouble(words, error.reason, error.status, error.retry_after or 0.0)
        state, wait = source_health.after_failure(source, turn.state, now, self._bounds, trouble, roll=_roll())
        # Told aloud when it begins or becomes worse; that a source fails still is no news.
        tell = log.info if turn.state.status is state.status else log.warning
        tell(
            "source.failed", source=source.id, url=url, status=state.status, error=state.error, failures=state.failures
        )
        self._metrics.polls.labels("failed").inc()
        host_from = time.time() + self._settings.fetch_host_delay
        return Done(turn, next_poll=time.time() + wait, host_from=host_from, state=state)

    async def _parse(self, source: Source, body: bytes, url: str, content_type: str | None) -> Reading:
        """Read an answer in a process of its own: a hostile one costs that process its life, and nobody else anything."""
        future = self._parsers.schedule(
            read_answer,
            args=[body, url, content_type, source, self._settings.poll_max_items],
            timeout=PARSE_SECONDS,
        )
        try:
            reading: Reading = await asyncio.wrap_future(future)
        except (TimeoutError, PoolTimeout):
            raise SourceError(f"reading the answer took more than {PARSE_SECONDS:g} s") from None
        except (ProcessExpired, MemoryError, RecursionError) as error:
            raise SourceError(f"the answer cannot be read: {type(error).__name__}") from None
        return reading

    async def pushed(self, source: Source, body: bytes, content_type: str | None) -> int:
        """Take in what a hub pushed; the number of new items.

        Raises:
            SourceError: it cannot be read.
        """
        now = datetime.now(UTC)
        reading = await self._parse(source, body, source.url, content_type)
        turn = None
        for _ in range(PUSH_TRIES):
            if turn := await self._queue.take(source.id, POLL_LEASE_SECONDS):
                break
            await asyncio.sleep(PUSH_PAUSE)
        if turn is None:
            # Its poll takes long, or it is paused or removed: what is new is handed on, and nothing is recorded.
            state = SourceState(touched_at=time.time())
            return (await self._intake.bring(Turn(source, state, host_of(source.url), 0.0, ""), reading, now)).new
        try:
            brought = await self._intake.bring(turn, reading, now)
        except BaseException:
            self._nothing(turn, 0.0)
            raise
        # A hub may push what is new alone: all else is still on offer.
        state = turn.state.model_copy(update={"pushed": turn.state.pushed + brought.new})
        self._done.append(Done(turn, turn.due_at, time.time(), state=state, offered=brought.offered))
        return brought.new


def _roll() -> float:
    return random.uniform(-1.0, 1.0)  # noqa: S311 -- spreads load, protects nothing
