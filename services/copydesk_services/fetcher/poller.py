"""One poll of a source: ask whether it changed, read what it offers, hand on what is new."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from concurrent.futures import TimeoutError as PoolTimeout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import redis
from pebble import ProcessExpired, ProcessPool

from copydesk.core.urls import document_id, host_of, shown_url
from copydesk.errors import SourceError
from copydesk.models import Item, Offer, Source, SourceState
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.http import Answer, FetchFailure, HttpClient
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import Settings
from copydesk.runtime.sources import PollQueue
from copydesk_services.fetcher.sources import read_offer

ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, text/plain;q=0.8, */*;q=0.1"
)
# Items on offer are kept from being forgotten this many times in their TTL.
TOUCHES_A_TTL: Final = 4
# A source that fails is asked less often, but never dropped.
BACKOFF_MOST: Final = 86_400.0
PARSE_SECONDS: Final = 30.0
ITEMS_AT_ONCE: Final = 200
# A slot may become free long before its lease ends.
BUSY_MOST: Final = 0.5

log = get_log()


@dataclass(frozen=True)
class Poll:
    """How a poll went."""

    outcome: str
    """new, nothing_new, not_modified or failed"""
    new: int = 0


class _HostBusy(Exception):
    """Another request to the host runs, or its delay does."""


class Poller:
    """Polls sources that it is given; keeps no state of its own."""

    def __init__(
        self,
        *,
        http: HttpClient,
        frontier: Frontier,
        queue: PollQueue,
        parsers: ProcessPool,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._http = http
        self._frontier = frontier
        self._queue = queue
        self._parsers = parsers
        self._metrics = metrics
        self._settings = settings

    async def poll(self, source: Source) -> None:
        """Poll one source and record how it went; failures of the source are recorded, not raised.

        Where the source's host is busy, it is put off for a moment instead: a host with many feeds holds up no other's.
        """
        state = await self._queue.state(source.id)
        now = datetime.now(UTC)
        retry_after = 0.0
        try:
            poll, state, items = await self._ask(source, state, now)
        except redis.RedisError:
            raise
        except _HostBusy:
            busy = await self._frontier.slot_free_in(host_of(source.url))
            await self._queue.postpone(source.id, time.time() + min(max(busy, 0.05), BUSY_MOST))
            return
        except Exception as error:  # the boundary of a source: whatever it is, the others go on
            if not isinstance(error, FetchFailure | SourceError):
                log.exception("source.fault", source=source.id, url=shown_url(source.url))
            retry_after = (error.retry_after or 0.0) if isinstance(error, FetchFailure) else 0.0
            state = state.model_copy(
                update={
                    "polled_at": now,
                    "failures": state.failures + 1,
                    "error": (str(error) or type(error).__name__)[:500],
                }
            )
            poll, items = Poll(outcome="failed"), None
            log.warning(
                "source.failed", source=source.id, url=shown_url(source.url), error=str(error), failures=state.failures
            )
        else:
            log.info(
                "source.polled",
                source=source.id,
                url=shown_url(source.url),
                outcome=poll.outcome,
                items=state.items,
                new=poll.new,
            )
        self._metrics.polls.labels(poll.outcome).inc()
        next_poll = time.time() + max(retry_after, self._pause(state.failures))
        await self._queue.done(source.id, state, next_poll=next_poll, items=items)

    async def pushed(self, source: Source, body: bytes, content_type: str | None) -> int:
        """Hand on what is new in what a hub sent; returns the number of items that nobody had taken.

        Raises:
            SourceError: it is nothing that a source offers.
        """
        offer = await self._parse(source, Answer(source.url, 200, {"Content-Type": content_type or ""}, body))
        now = datetime.now(UTC)
        new, _ = await self._offer([item for item in offer.items if self._is_young(item, now)])
        self._metrics.items.inc(len(new))
        return len(new)

    def _pause(self, failures: int) -> float:
        """Seconds to the next poll: the interval, doubled with each failure, give or take a tenth so that polls spread."""
        pause = min(
            self._settings.poll_interval * 2.0 ** min(failures, 16), max(BACKOFF_MOST, self._settings.poll_interval)
        )
        return pause * random.uniform(0.9, 1.1)  # noqa: S311 -- spreads load, protects nothing

    async def _ask(
        self, source: Source, state: SourceState, now: datetime
    ) -> tuple[Poll, SourceState, list[str] | None]:
        answer = await self._get(source, state)
        body_hash = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        if answer.status == 304 or body_hash == state.body_hash:
            outcome = "not_modified" if answer.status == 304 else "nothing_new"
            polled = {"polled_at": now, "succeeded_at": now, "failures": 0, "error": None, "new_items": 0}
            touched_at = await self._touch(source, state, None)
            return Poll(outcome=outcome), state.model_copy(update={**polled, "touched_at": touched_at}), None
        offer = await self._parse(source, answer)
        items = offer.items
        known = await self._queue.offered(source.id)
        by_id = {document_id(item.canonical_url): item for item in items}
        new, refused = await self._offer([x for i, x in by_id.items() if i not in known and self._is_young(x, now)])
        if refused:
            log.warning("items.refused", source=source.id, url=shown_url(source.url), items=len(refused))
        self._metrics.items.inc(len(new))
        for item in new:
            log.info("item.taken", id=document_id(item.canonical_url), url=item.canonical_url, source=source.id)
        state = SourceState(
            kind=offer.kind,
            # What was refused must be offered again, also by a source that does not change.
            etag=None if refused else _validator(answer, "ETag"),
            last_modified=None if refused else _validator(answer, "Last-Modified"),
            body_hash=None if refused else body_hash,
            polled_at=now,
            succeeded_at=now,
            touched_at=await self._touch(source, state, known & by_id.keys()),
            items=len(items),
            new_items=len(new),
        )
        return (
            Poll(outcome="new" if new else "nothing_new", new=len(new)),
            state,
            [i for i in by_id if i not in refused],
        )

    async def _get(self, source: Source, state: SourceState) -> Answer:
        headers = {}
        if state.etag:
            headers["If-None-Match"] = state.etag
        if state.last_modified:
            headers["If-Modified-Since"] = state.last_modified
        host = host_of(source.url)
        token = await self._frontier.take_slot(host)
        if token is None:
            raise _HostBusy
        try:
            return await self._http.get(
                source.url, max_bytes=self._settings.poll_max_bytes, accept=ACCEPT, headers=headers
            )
        finally:
            await self._frontier.release_slot(host, token)

    async def _parse(self, source: Source, answer: Answer) -> Offer:
        """Read the answer in a process of its own: a hostile feed costs that process its life, and nobody else anything."""
        future = self._parsers.schedule(
            read_offer,
            args=[answer.body, answer.url, answer.content_type, source, self._settings.poll_max_items],
            timeout=PARSE_SECONDS,
        )
        try:
            return await asyncio.wrap_future(future)
        except (TimeoutError, PoolTimeout):
            raise SourceError(f"reading the answer took more than {PARSE_SECONDS:g} s") from None
        except (ProcessExpired, MemoryError, RecursionError) as error:
            raise SourceError(f"the answer cannot be read: {type(error).__name__}") from None

    def _is_young(self, item: Item, now: datetime) -> bool:
        days = self._settings.item_max_age
        return not days or item.published_at is None or now - item.published_at <= timedelta(days=days)

    async def _offer(self, items: list[Item]) -> tuple[list[Item], set[str]]:
        """The items that are new, and the ids of those that must be offered again since there was no room."""
        new: list[Item] = []
        refused: set[str] = set()
        for start in range(0, len(items), ITEMS_AT_ONCE):
            some, others = await self._frontier.offer(items[start : start + ITEMS_AT_ONCE])
            new += some
            refused |= others
        return new, refused

    async def _touch(self, source: Source, state: SourceState, on_offer: set[str] | None) -> float:
        """Keep items that are still on offer (None: as at the last poll) from being forgotten; unix time of the last time.

        Not at every poll: it would cost too much.
        """
        ttl = int(self._settings.seen_ttl * 86_400)
        if time.time() - state.touched_at < ttl / TOUCHES_A_TTL:
            return state.touched_at
        await self._queue.touch(await self._queue.offered(source.id) if on_offer is None else on_offer, ttl)
        return time.time()


def _validator(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name)
    return value if value and len(value) <= 1_000 else None
