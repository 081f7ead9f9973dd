"""How long entries stay in the output streams: until all live consumer groups have had them, within the caps.

A step of the delivery service. One replica does it at a time. What it drops, and what that means for groups that had not had
it, is ``lua/emit.lua``; why so, docs/adr/0014-retention-and-backpressure.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import redis.asyncio
from redis.exceptions import ResponseError

from copydesk.runtime import keys
from copydesk.runtime.lease import Lease
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.queue import settled
from copydesk.runtime.scripts import async_script
from copydesk.runtime.settings import Settings

PAUSE: Final = 3.0
LEASE_SECONDS: Final = 15.0
# Of 10 kB each they hold Redis for 2 to 4 ms.
TRIMMED_AT_ONCE: Final = 100
STEPS: Final = 50
# Groups with metrics of their own; the others are told together.
SHOWN_GROUPS: Final = 50
OTHERS: Final = "other"
# As many entries are counted one by one where the server cannot say how many a group has not read.
COUNTED: Final = 100
# Below so many entries their mean size says little.
WEIGHED: Final = 100
# For so long it holds what was last seen of the streams, should nobody look any more.
SEEN_SECONDS: Final = 60
SAMPLES: Final = 50
DAY: Final = 86_400.0

Id = tuple[int, int]

log = get_log()


@dataclass(frozen=True)
class Stream:
    """An output stream as it is: its number of entries, their bytes of memory, its first and last one."""

    key: str
    length: int
    size: int
    first: Id
    last: Id

    @property
    def name(self) -> str:
        """For people and metrics."""
        return self.key.removeprefix(keys.PREFIX)


@dataclass(frozen=True)
class Group:
    """A consumer group of a stream.

    Attributes:
        name: As Redis has it.
        needs: Id of the oldest entry of the stream that it has not acknowledged, or None.
        lag: How many it has not acknowledged; estimated where the server cannot tell.
        position: Changes when it makes progress.
    """

    name: bytes
    needs: Id | None
    lag: int
    position: str

    @property
    def shown(self) -> str:
        """Its name for people and metrics."""
        return self.name.decode(errors="replace")[:100]


class Retention:
    """Keeps the output streams."""

    def __init__(
        self, client: redis.asyncio.Redis, settings: Settings, metrics: Metrics, streams: Sequence[str]
    ) -> None:
        """Prepare.

        Args:
            client: A client of Redis.
            settings: What is kept, and for how long.
            metrics: Where it is told.
            streams: Keys of the streams that are always there; those of ``keys.STREAMS`` come to them.
        """
        self._client = client
        self._settings = settings
        self._metrics = metrics
        self._streams = tuple(streams)
        self._lease = Lease(client, "streams", seconds=LEASE_SECONDS)
        self._trim = async_script(client, "emit", "trim")
        self._dropped: int | None = None

    async def keep(self) -> float:
        """Look at every stream once, and drop what may go; seconds to the next look."""
        if not await self._leads():
            self._forget()
            return PAUSE
        seconds, _ = await self._client.time()
        noted_before = cast("dict[bytes, bytes]", await self._client.hgetall(keys.GROUPS_SEEN))
        seen: dict[bytes, list[Any]] = {field: json.loads(value) for field, value in noted_before.items()}
        noted: dict[bytes, list[Any]] = {}
        full: dict[str, tuple[int, int]] = {}
        # Before the streams: what ends in between is counted twice rather than not at all.
        ended = settled(cast("dict[bytes, bytes]", await self._client.hgetall(keys.COUNTS)))
        told: list[tuple[Stream, list[Group], int]] = []
        more = False
        for key in await self._keys():
            stream = await self._stream(key)
            if stream is None:
                continue
            groups = await self._groups(stream)
            live = await self._live(stream, groups, _Signs(float(seconds), seen, noted))
            told.append((stream, groups, len(groups) - len(live)))
            # Who writes to others, which somebody has made, waits for their readers; what is taken in does not.
            keep = 0
            if key in self._streams:
                cap = await self._cap(stream)
                keep = min(self._settings.stream_keep, cap // 2)
                if any(group.lag for group in live):
                    full[stream.name] = stream.length, cap
            elif not groups:
                continue  # written for a consumer that has yet to come
            more |= await self._shorten(stream, groups, live, keep)
        self._clear()
        for stream, groups, dead in told:
            self._tell(stream, groups, float(seconds))
            self._metrics.dead_groups.labels(stream.name).set(dead)
        await self._note(seen, noted)
        await self._client.set(keys.STREAMS_FULL, json.dumps({"settled": ended, "streams": full}), ex=SEEN_SECONDS)
        await self._count_dropped()
        return 0.1 if more else PAUSE

    async def _leads(self) -> bool:
        """Whether this replica is the one that does it; it stays the one while it lives."""
        return await self._lease.take() or await self._lease.renew()

    async def _keys(self) -> list[str]:
        made = cast("set[bytes]", await self._client.smembers(keys.STREAMS))
        return [*self._streams, *sorted({key.decode() for key in made}.difference(self._streams))]

    async def _stream(self, key: str) -> Stream | None:
        try:
            info: dict[str, Any] = await self._client.xinfo_stream(key)
        except ResponseError as error:
            if "no such key" not in str(error):
                raise
            await self._client.srem(keys.STREAMS, key)
            return None
        first, last = info["first-entry"], info["last-entry"]
        size = await self._client.memory_usage(key, samples=SAMPLES)
        return Stream(
            key,
            length=int(info["length"]),
            size=int(size or 0),
            first=_id(first[0]) if first else (0, 0),
            last=_id(last[0]) if last else (0, 0),
        )

    async def _groups(self, stream: Stream) -> list[Group]:
        infos: list[dict[str, Any]] = await self._client.xinfo_groups(stream.key)
        async with self._client.pipeline(transaction=False) as pipe:
            for info in infos:
                # Not the first of all that are pending: it may be one that was dropped long ago.
                pipe.xpending_range(stream.key, info["name"], _text(stream.first), "+", 1)
                pipe.xrange(stream.key, min=b"(" + info["last-delivered-id"], count=1)
            answers = await pipe.execute()
        groups = []
        for info, pending, unread in zip(infos, answers[::2], answers[1::2], strict=True):
            needs = [_id(pending[0]["message_id"])] if pending else []
            needs += [_id(unread[0][0])] if unread else []
            number = await self._unread(stream, info) if unread else 0
            held = int(info["pending"]) if pending else 0
            position = f"{info['last-delivered-id'].decode()} {held} {_text(needs[0]) if pending else ''}"
            groups.append(Group(info["name"], min(needs, default=None), min(number + held, stream.length), position))
        return groups

    async def _unread(self, stream: Stream, info: Mapping[str, Any]) -> int:
        """How many entries a group was not given yet; there is at least one."""
        delivered = _id(info["last-delivered-id"])
        if delivered < stream.first:
            return stream.length
        # Redis 6.2 has no such field; it is nil after deletions, and counts what was dropped before it was read.
        if info.get("lag") is not None:
            return min(int(info["lag"]), stream.length)
        counted = cast("list[Any]", await self._client.xrange(stream.key, min=f"({_text(delivered)}", count=COUNTED))
        if len(counted) < COUNTED:
            return len(counted)
        span = stream.last[0] - stream.first[0]
        share = (stream.last[0] - delivered[0]) / span if span > 0 else 1.0
        return max(COUNTED, min(stream.length, round(stream.length * share)))

    async def _live(self, stream: Stream, groups: Sequence[Group], signs: _Signs) -> list[Group]:
        """Those for which entries are kept: with nothing unread, in progress, or with consumers that show signs."""
        live = []
        for group in groups:
            field = f"{stream.key} ".encode() + group.name
            position, since, was_dead = signs.seen.get(field, (None, signs.now, False))
            if position != group.position or group.needs is None:
                since = signs.now
            least = self._settings.group_dead * DAY
            if group.needs is not None and signs.now - since > least:
                since = max(since, signs.now - await self._idle(stream, group))
            is_dead = group.needs is not None and signs.now - since > least
            signs.noted[field] = [group.position, since, is_dead]
            if is_dead and not was_dead:
                log.warning(
                    "group.dead", stream=stream.name, group=group.shown, days=self._settings.group_dead, lag=group.lag
                )
            elif was_dead and not is_dead:
                log.warning("group.back", stream=stream.name, group=group.shown)
            if not is_dead:
                live.append(group)
        return live

    async def _idle(self, stream: Stream, group: Group) -> float:
        """Seconds since one of its consumers asked for something."""
        consumers: list[dict[str, Any]] = await self._client.xinfo_consumers(stream.key, group.name)
        return min((consumer["idle"] / 1000 for consumer in consumers), default=float("inf"))

    async def _cap(self, stream: Stream) -> int:
        """Entries at which the oldest go whoever has not had them; lowered where they are so large that they take more memory."""
        most = self._settings.stream_max_length
        if stream.length >= WEIGHED:
            most = max(WEIGHED, min(most, self._settings.stream_max_bytes * stream.length // max(1, stream.size)))
        if most < self._settings.stream_max_length:
            await self._client.hset(keys.STREAM_CAPS, stream.key, most)
        else:
            await self._client.hdel(keys.STREAM_CAPS, stream.key)
        return most

    async def _shorten(self, stream: Stream, groups: Sequence[Group], live: Sequence[Group], keep: int) -> bool:
        """Drop what all live groups have had, but for so many, step by step; whether more may go."""
        before = min((group.needs for group in live if group.needs is not None), default=None)
        # In steps of a hundredth, so that there are not more markers than that where a dead group loses what goes; then
        # never one for one, or a marker would make room for the next without end.
        step = 2 if len(live) < len(groups) else 1
        if stream.length - keep < max(step, min(TRIMMED_AT_ONCE, keep // 100)):
            return False
        for _ in range(STEPS):
            gone, missed = await self._trim(
                args=[stream.key, _text(before) if before else "", keep, TRIMMED_AT_ONCE], keys=[]
            )
            if missed:
                log.info("stream.dropped", stream=stream.name, entries=gone, groups=missed)
            if gone < TRIMMED_AT_ONCE:
                return False
        return True

    async def _note(self, seen: Mapping[bytes, list[Any]], noted: Mapping[bytes, list[Any]]) -> None:
        changed = {field: json.dumps(value) for field, value in noted.items() if seen.get(field) != value}
        gone = [field for field in seen if field not in noted]
        async with self._client.pipeline(transaction=False) as pipe:
            if changed:
                pipe.hset(keys.GROUPS_SEEN, mapping=cast("dict[Any, Any]", changed))
            if gone:
                pipe.hdel(keys.GROUPS_SEEN, *gone)
            await pipe.execute()

    async def _count_dropped(self) -> None:
        dropped = int(await self._client.hget(keys.COUNTS, "stream:dropped") or 0)
        if self._dropped is not None and dropped > self._dropped:
            self._metrics.stream_dropped.inc(dropped - self._dropped)
        self._dropped = dropped

    def _tell(self, stream: Stream, groups: Sequence[Group], now: float) -> None:
        self._metrics.stream_entries.labels(stream.name).set(stream.length)
        self._metrics.stream_bytes.labels(stream.name).set(stream.size)
        told: dict[str, tuple[int, float]] = {}
        for place, group in enumerate(sorted(groups, key=lambda group: group.name)):
            name = group.shown if place < SHOWN_GROUPS else OTHERS
            lag, oldest = told.get(name, (0, 0.0))
            age = max(0.0, now - group.needs[0] / 1000) if group.needs else 0.0
            told[name] = (lag + group.lag, max(oldest, age))
        for name, (lag, oldest) in told.items():
            self._metrics.group_lag.labels(stream.name, name).set(lag)
            self._metrics.group_oldest.labels(stream.name, name).set(oldest)

    def _clear(self) -> None:
        """What is told is of the streams and groups that are there now."""
        for gauge in (
            self._metrics.stream_entries,
            self._metrics.stream_bytes,
            self._metrics.group_lag,
            self._metrics.group_oldest,
            self._metrics.dead_groups,
        ):
            gauge.clear()

    def _forget(self) -> None:
        self._clear()
        self._dropped = None


@dataclass(frozen=True)
class _Signs:
    """What groups were like at the last look, and are at this one: field to position, time of its change, whether dead."""

    now: float
    seen: Mapping[bytes, list[Any]]
    noted: dict[bytes, list[Any]]


def _id(text: bytes) -> Id:
    milliseconds, _, number = text.partition(b"-")
    return int(milliseconds), int(number)


def _text(id_: Id) -> str:
    return f"{id_[0]}-{id_[1]}"
