"""The registry of sources in Redis: what is polled, when next, and how it went."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import cast

import redis
import redis.asyncio

from copydesk.core.urls import absolute_url, source_id
from copydesk.errors import UsageError
from copydesk.models import Source, SourceState
from copydesk.runtime import keys
from copydesk.runtime.scripts import async_script


def new_source(url: str, title: str | None = None, *, settle: float | None = None) -> Source:
    """A source for a URL that a user gave.

    Raises:
        UsageError: it is no http(s) URL.
    """
    href = absolute_url(url)
    if href is None:
        raise UsageError(f"{url[:200]!r} is no http:// or https:// URL of a source")
    href = href.partition("#")[0]
    return Source(id=source_id(href), url=href, title=title, settle=settle)


class Sources:
    """The registry, for the command line."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def add(self, sources: Sequence[Source], *, due: float | None = None) -> list[Source]:
        """Add sources that are not there yet, due at once; returns those.

        One that is there takes a settling time that is given; all else stays as it was.
        """
        added = []
        for source in sources:
            with self._client.pipeline(transaction=True) as pipe:
                pipe.hsetnx(keys.SOURCES, source.id, source.model_dump_json())
                pipe.zadd(keys.SOURCES_DUE, {source.id: time.time() if due is None else due}, nx=True)
                if pipe.execute()[0]:
                    added.append(source)
                elif source.settle is not None:
                    self._set_settle(source.id, source.settle)
        return added

    def _set_settle(self, source: str, settle: float) -> None:
        def change(pipe: redis.client.Pipeline) -> None:
            known = cast("bytes | None", pipe.hget(keys.SOURCES, source))
            pipe.multi()
            if known is not None:
                changed = Source.model_validate_json(known).model_copy(update={"settle": settle})
                pipe.hset(keys.SOURCES, source, changed.model_dump_json())

        self._client.transaction(change, keys.SOURCES)

    def settles(self, ids: Collection[str]) -> dict[str, float]:
        """Settling times, in seconds, of those sources that have one of their own."""
        asked = list(ids)
        values = self._client.hmget(keys.SOURCES, asked) if asked else []
        known = [Source.model_validate_json(value) for value in values if value is not None]
        return {source.id: source.settle for source in known if source.settle is not None}

    def make_due(self, ids: Sequence[str]) -> None:
        """Let sources be polled now."""
        if ids:
            self._client.zadd(keys.SOURCES_DUE, dict.fromkeys(ids, time.time()))

    def remove(self, ids: Sequence[str]) -> int:
        """Remove sources; returns how many there were."""
        if not ids:
            return 0
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hdel(keys.SOURCES, *ids)
            pipe.zrem(keys.SOURCES_DUE, *ids)
            pipe.delete(*(keys.source_state(i) for i in ids), *(keys.source_items(i) for i in ids))
            return int(pipe.execute()[0])

    def all(self) -> list[Source]:
        """All sources, by URL."""
        values = self._client.hvals(keys.SOURCES)
        return sorted((Source.model_validate_json(value) for value in values), key=lambda source: source.url)

    def states(self, ids: Sequence[str]) -> dict[str, SourceState]:
        """What is known of the last polls."""
        with self._client.pipeline(transaction=False) as pipe:
            for i in ids:
                pipe.get(keys.source_state(i))
            values = pipe.execute()
        return {
            i: SourceState() if value is None else SourceState.model_validate_json(value)
            for i, value in zip(ids, values, strict=True)
        }

    def next_polls(self, ids: Sequence[str]) -> dict[str, datetime | None]:
        """When each source is due."""
        scores = self._client.zmscore(keys.SOURCES_DUE, list(ids)) if ids else []
        due = [None if score is None else datetime.fromtimestamp(float(score), UTC) for score in scores]
        return dict(zip(ids, due, strict=True))


class PollQueue:
    """The registry, for fetchers: which source is due, a lease on it, and what came of it."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._due = async_script(client, "due")

    async def due(self, number: int, lease: float) -> list[Source]:
        """Take up to ``number`` sources that are due; nobody else gets them before the lease ends."""
        now = time.time()
        rows = await self._due(args=[now, now + lease, number])
        return [Source.model_validate_json(row) for row in rows]

    async def renew(self, ids: Collection[str], lease: float) -> None:
        """Keep sources that are being polled from being given to somebody else."""
        if ids:
            await self._client.zadd(keys.SOURCES_DUE, dict.fromkeys(ids, time.time() + lease), xx=True)

    async def postpone(self, source: str, until: float) -> None:
        """Let a source be due a little later, without a poll."""
        await self._client.zadd(keys.SOURCES_DUE, {source: until}, xx=True)

    async def hurry(self, source: str, at: float) -> None:
        """Let a source be due at a unix time, unless it is earlier anyway; one that fails keeps its own pace."""
        if not (await self.state(source)).failures:
            await self._client.zadd(keys.SOURCES_DUE, {source: at}, xx=True, lt=True)

    async def state(self, source: str) -> SourceState:
        """What the last poll left."""
        value = await self._client.get(keys.source_state(source))
        return SourceState() if value is None else SourceState.model_validate_json(value)

    async def done(self, source: str, state: SourceState, *, next_poll: float, items: Sequence[str] | None) -> None:
        """Record a poll: the new state, the items now on offer (None: as before), and the unix time of the next."""
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hexists(keys.SOURCES, source)
            pipe.set(keys.source_state(source), state.model_dump_json())
            pipe.zadd(keys.SOURCES_DUE, {source: next_poll}, xx=True)
            if items is not None:
                pipe.delete(keys.source_items(source))
                if items:
                    pipe.sadd(keys.source_items(source), *items)
            answers = await pipe.execute()
        if not answers[0]:  # removed while it was polled
            await self._client.delete(keys.source_state(source), keys.source_items(source))

    async def offered(self, source: str) -> set[str]:
        """Ids of the items that the source offered at its last successful poll."""
        members = cast("set[bytes]", await self._client.smembers(keys.source_items(source)))
        return {member.decode() for member in members}

    async def touch(self, item_ids: Collection[str], ttl: int) -> None:
        """Remember items for longer: a source still offers them."""
        async with self._client.pipeline(transaction=False) as pipe:
            for item_id in item_ids:
                pipe.expire(keys.seen(item_id), ttl)
            await pipe.execute()
