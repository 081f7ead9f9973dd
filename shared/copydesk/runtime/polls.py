"""Which source is due, a lease on it, and what came of its poll. Redis is asked for many at a time, never for each."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import redis.asyncio

from copydesk.core.urls import host_of, source_id
from copydesk.models import Source, SourceState, SourceStatus
from copydesk.runtime import keys
from copydesk.runtime.queue import new_job_id
from copydesk.runtime.scripts import async_script
from copydesk.runtime.sources import put_arguments, remove_arguments, status_counts

ITEMS_AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Turn:
    """A source whose turn it is: nobody else polls it while the lease lasts."""

    source: Source
    state: SourceState
    """What the last poll left."""
    host: str
    due_at: float
    """Unix time."""
    token: str


@dataclass(frozen=True)
class Done:
    """What came of a turn."""

    turn: Turn
    next_poll: float
    """Unix time."""
    host_from: float
    """Unix time from which the host may be asked again."""
    state: SourceState | None = None
    """None: nothing came of it, all stays as it was."""
    source: Source | None = None
    """The source as it is now, where it has changed."""
    offered: Sequence[str] = ()
    """Ids of items that it offers and did not offer at its last poll."""
    gone: Sequence[str] = ()
    """Ids of items that it no longer offers."""


class PollQueue:
    """The registry of sources, for fetchers."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._held: dict[tuple[str, str], str] = {}
        self._has_adopted = False
        self._due = async_script(client, "life", "due_sources", "due")
        self._done = async_script(client, "life", "due_sources", "poll_done")
        self._renew = async_script(client, "life", "due_sources", "poll_renew")
        self._items = async_script(client, "life", "due_sources", "poll_items")
        self._take = async_script(client, "life", "due_sources", "poll_take")
        self._put = async_script(client, "life", "due_sources", "put_source")

    @property
    def held(self) -> int:
        """Number of turns that this process has."""
        return len(self._held)

    async def _adopt(self) -> None:
        """Take over the queue of a release that had one for all hosts."""
        old = cast("list[tuple[bytes, float]]", await self._client.zrange(keys.OLD_SOURCES_DUE, 0, -1, withscores=True))
        for start in range(0, len(old), ITEMS_AT_ONCE):
            due = {i.decode(): at for i, at in old[start : start + ITEMS_AT_ONCE]}
            sources = [
                Source.model_validate_json(raw) for raw in await self._client.hmget(keys.SOURCES, list(due)) if raw
            ]
            async with self._client.pipeline(transaction=True) as pipe:
                for source in sources:
                    if source.paused:
                        continue
                    host = host_of(source.url)
                    pipe.zadd(keys.sources_due(host), {source.id: due[source.id]}, nx=True)
                    pipe.zadd(keys.SOURCES_HOSTS, {host: due[source.id]}, lt=True)
                pipe.zrem(keys.OLD_SOURCES_DUE, *due)
                await pipe.execute()
        self._has_adopted = True

    async def due(self, number: int, lease: float) -> list[Turn]:
        """Take up to ``number`` sources that are due, each of another host; nobody else gets them before the lease ends."""
        if not self._has_adopted:
            await self._adopt()
        now, token = time.time(), new_job_id()
        rows = await self._due(args=[now, now + lease, token, number])
        turns = [
            Turn(Source.model_validate_json(source), _state(state), host.decode(), float(due), token)
            for _, host, due, source, state in zip(*(rows[n::5] for n in range(5)), strict=True)
        ]
        self._held.update({(turn.source.id, turn.token): turn.host for turn in turns})
        return turns

    async def take(self, source: str, lease: float) -> Turn | None:
        """Take one source, whether it is due or not; None where it is not known, paused, or being polled."""
        raw = cast("bytes | None", await self._client.hget(keys.SOURCES, source))
        if raw is None:
            return None
        now, token, host = time.time(), new_job_id(), host_of(Source.model_validate_json(raw).url)
        row = await self._take(args=[now, now + lease, token, source, host])
        if row is None:
            return None
        due, known, state = row
        self._held[source, token] = host
        return Turn(Source.model_validate_json(known), _state(state), host, float(due), token)

    async def hurry(self, source: str, at: float) -> None:
        """Let a source be due at a unix time, unless it is earlier anyway; one that fails keeps its own pace."""
        raw, state = await self._client.hget(keys.SOURCES, source), await self._client.get(keys.source_state(source))
        if raw is None or (state is not None and _state(cast("bytes", state)).failures):
            return
        host = host_of(Source.model_validate_json(raw).url)
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.zadd(keys.sources_due(host), {source: at}, xx=True, lt=True)
            # Its host rests perhaps: it comes up when that is over, and finds this source due.
            pipe.zadd(keys.SOURCES_HOSTS, {host: at}, lt=True)
            await pipe.execute()

    def drop(self, turns: Sequence[Turn]) -> None:
        """No longer renew turns that came to nothing: they come again when their leases end."""
        for turn in turns:
            self._held.pop((turn.source.id, turn.token), None)

    async def renew(self, lease: float) -> None:
        """Keep what this process polls from being given to somebody else."""
        if self._held:
            parts: list[str | float] = [time.time() + lease]
            for (source, token), host in self._held.items():
                parts += [source, host, token]
            await self._renew(args=parts)

    async def done(self, done: Sequence[Done]) -> list[bool]:
        """Record polls, all in one go; False for each whose lease was lost."""
        arguments: list[str | float] = []
        async with self._client.pipeline(transaction=False) as pipe:
            for one in done:
                for verb, ids in (("SREM", one.gone), ("SADD", one.offered)):
                    for start in range(0, len(ids), ITEMS_AT_ONCE):
                        some = ids[start : start + ITEMS_AT_ONCE]
                        await self._items(args=[one.turn.source.id, one.turn.token, verb, *some], client=pipe)
                host = host_of(one.source.url) if one.source else one.turn.host
                status = one.state.status.value if one.state else ""
                state = one.state.model_dump_json(exclude_defaults=True) if one.state else ""
                arguments += [one.turn.source.id, host, one.turn.token, one.next_poll, one.host_from, status, state]
            await self._done(args=arguments, client=pipe)
            answers = await pipe.execute()
        self.drop([one.turn for one in done])
        return [bool(answer) for answer in answers[-1]]

    async def change(self, before: Source, after: Source) -> bool:
        """Change a source as its poll asks for; False where somebody else changed it meanwhile."""
        raw = cast("bytes | None", await self._client.hget(keys.SOURCES, before.id))
        if raw is None or Source.model_validate_json(raw) != before:
            return False
        return bool(await self._put(args=put_arguments(after, raw=raw)))

    async def known(self, url: str) -> bool:
        """Whether there is a source that was added with this URL."""
        return bool(await self._client.hexists(keys.SOURCES, source_id(url)))

    async def offered(self, source: str) -> set[str]:
        """Ids of the items that the source offered at its last successful poll."""
        members = cast("set[bytes]", await self._client.smembers(keys.source_items(source)))
        return {member.decode() for member in members}

    async def touch(self, item_ids: Collection[str], ttl: int) -> None:
        """Remember items for longer: a source still offers them."""
        ids = list(item_ids)
        for start in range(0, len(ids), ITEMS_AT_ONCE):
            async with self._client.pipeline(transaction=False) as pipe:
                for item_id in ids[start : start + ITEMS_AT_ONCE]:
                    pipe.expire(keys.seen(item_id), ttl)
                await pipe.execute()

    async def sitemaps(self, index: str) -> dict[str, str]:
        """Ids of the sitemaps of an index that are watched, and what the index said of their last change."""
        marks = cast("dict[bytes, bytes]", await self._client.hgetall(keys.source_sitemaps(index)))
        return {i.decode(): mark.decode() for i, mark in marks.items()}

    async def follow(
        self, index: Source, watched: Mapping[str, Source], marks: Mapping[str, str], gone: Collection[str]
    ) -> bool:
        """Watch sitemaps of an index: those that are new or changed since the last time are due now.

        False where the index is no longer as it was when its poll began (removed, paused, or with other options), or one
        of the sitemaps is changed at the same time: some are watched then, and the next poll has to do the rest.

        Args:
            index: as it was polled.
            watched: all sitemaps that are watched from now on, by id.
            marks: what the index says of the last change of those that are to be polled now.
            gone: ids of those that it no longer names.
        """
        now, as_polled = time.time(), await self._raw(index.id)
        if as_polled is None or Source.model_validate_json(as_polled) != index:
            return False
        for i, source in watched.items():
            raw = await self._raw(i)
            known = Source.model_validate_json(raw) if raw else None
            if known is not None and known.parent != source.parent:
                continue  # its user added it, or another index names it too
            if known != source or i in marks:
                due = now if i in marks or known is None else None
                arguments = put_arguments(source, raw=raw, due=due, status=None if known else SourceStatus.WAITING)
                arguments += [index.id, as_polled, *([marks[i]] if i in marks else [])]
                if not await self._put(args=arguments):
                    return False
        await self._forget(gone)
        async with self._client.pipeline(transaction=False) as pipe:
            for i in marks:
                pipe.hset(keys.source_sitemaps(index.id), i, marks[i])
            if gone:
                pipe.hdel(keys.source_sitemaps(index.id), *gone)
            await pipe.execute()
        return True

    async def _raw(self, source: str) -> bytes | None:
        return cast("bytes | None", await self._client.hget(keys.SOURCES, source))

    async def _forget(self, children: Collection[str]) -> None:
        for child in children:
            raw = cast("bytes | None", await self._client.hget(keys.SOURCES, child))
            if raw is not None and Source.model_validate_json(raw).parent is not None:
                nested = await self.sitemaps(child)
                await self._put(args=remove_arguments(child, raw))
                await self._forget(nested)

    async def status_counts(self) -> dict[SourceStatus, int]:
        """Number of sources by how they are."""
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.hlen(keys.SOURCES)
            pipe.hgetall(keys.SOURCES_COUNTS)
            number, counted = await pipe.execute()
        return status_counts(number, counted)


def _state(raw: bytes) -> SourceState:
    return SourceState.model_validate_json(raw) if raw else SourceState()
