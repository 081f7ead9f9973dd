"""Items of an answer on their way into the frontier, or straight to the extractor where their text stands in the feed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from copydesk.core.feedpage import feed_page
from copydesk.core.urls import document_id, shown_url
from copydesk.models import Item, PageOrigin, PageRef, Source
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.polls import PollQueue, Turn
from copydesk.runtime.settings import Settings
from copydesk_services.fetcher.reading import Reading

# What is done in one turn of the event loop: fifty items take a millisecond, and so many answers have their turn at a time.
ITEMS_AT_ONCE: Final = 50
ANSWERS_AT_ONCE: Final = 8
# Items on offer are kept from being forgotten this many times in their TTL.
TOUCHES_A_TTL: Final = 4

log = get_log()


@dataclass
class Brought:
    """What became of the items of an answer."""

    new: int = 0
    offered: list[str] = field(default_factory=list)
    """Ids that were not on offer at the last poll, but for those that were refused."""
    gone: list[str] = field(default_factory=list)
    """Ids that were on offer at the last poll, and are not any more."""
    refused: int = 0
    """Items for which their host has no room, or sitemaps that could not be watched: they must be offered again."""
    touched_at: float = 0.0
    """Unix time at which those on offer were last kept from being forgotten."""


class Intake:
    """Hands on what is new."""

    def __init__(
        self,
        *,
        frontier: Frontier,
        queue: PollQueue,
        metrics: Metrics,
        settings: Settings,
        taken: Callable[[str], None],
        paused: Callable[[], bool],
    ) -> None:
        """``taken`` is told the id of each page that waits for the extractor already; none does while it is ``paused``."""
        self._frontier = frontier
        self._queue = queue
        self._metrics = metrics
        self._settings = settings
        self._taken = taken
        self._paused = paused
        self._turns = asyncio.Semaphore(ANSWERS_AT_ONCE)

    async def bring(self, turn: Turn, reading: Reading, now: datetime) -> Brought:
        """Hand on the items that are new, a few at a time: ten thousand of them must not hold up the event loop."""
        source, items = turn.source, reading.items
        known = await self._queue.offered(source.id)
        brought = Brought(gone=[i for i in known if i not in items])
        fresh = [i for i in items if i not in known]
        for start in range(0, len(fresh), ITEMS_AT_ONCE):
            ids = fresh[start : start + ITEMS_AT_ONCE]
            async with self._turns:
                some = [Item.model_validate_json(items[i]) for i in ids]
                new, refused = await self._hand_on([item for item in some if self._is_young(source, item, now)], now)
                self._tell(turn, new, now)
            brought.new += len(new)
            brought.refused += len(refused)
            brought.offered += [i for i in ids if i not in refused]
        if brought.refused:
            log.warning("items.refused", source=source.id, url=shown_url(source.url), items=brought.refused)
        brought.touched_at = await self.touch(turn, [i for i in items if i in known])
        return brought

    async def touch(self, turn: Turn, on_offer: Sequence[str] | None) -> float:
        """Keep items that are still on offer (None: as at the last poll) from being forgotten, but not at every poll.

        Returns the unix time of the last time.
        """
        ttl = int(self._settings.seen_ttl * 86_400)
        if time.time() - turn.state.touched_at < ttl / TOUCHES_A_TTL:
            return turn.state.touched_at
        await self._queue.touch(await self._queue.offered(turn.source.id) if on_offer is None else on_offer, ttl)
        return time.time()

    async def _hand_on(self, items: list[Item], now: datetime) -> tuple[list[Item], set[str]]:
        """The items that nobody had taken, and the ids of those for which there is no room."""
        new, refused = await self._frontier.offer([item for item in items if item.content is None])
        for item in items:
            if item.content is None:
                continue
            if self._paused():
                refused.add(document_id(item.canonical_url))
            elif await self._take_page(item, now):
                new.append(item)
        return new, refused

    async def _take_page(self, item: Item, now: datetime) -> bool:
        """The text stands in the feed: it goes to the extractor as the page's own would."""
        page_id, body = document_id(item.canonical_url), feed_page(item)
        ref = PageRef(
            id=page_id,
            item=item.model_copy(update={"content": None}),
            final_url=item.url,
            status=200,
            content_type="text/html; charset=utf-8",
            fetched_at=now,
            bytes=len(body),
            origin=PageOrigin.FEED,
        )
        if not await self._frontier.take_page(ref, body):
            return False
        self._metrics.outcomes.labels("fetch", "page", "").inc()
        self._taken(page_id)
        return True

    def _is_young(self, source: Source, item: Item, now: datetime) -> bool:
        days = self._settings.item_max_age if source.max_age is None else source.max_age
        return not days or item.published_at is None or now - item.published_at <= timedelta(days=days)

    def _tell(self, turn: Turn, new: list[Item], now: datetime) -> None:
        self._metrics.items.inc(len(new))
        for item in new:
            log.info("item.taken", id=document_id(item.canonical_url), url=item.canonical_url, source=turn.source.id)
            if item.published_at and turn.state.succeeded_at:
                self._metrics.item_age.observe(max(0.0, (now - item.published_at).total_seconds()))
