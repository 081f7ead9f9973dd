"""How far a consumer group is behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import redis.asyncio

_NOTHING: Final = (0, None)


async def lag_of(client: redis.asyncio.Redis, streams: Sequence[str], group: str) -> tuple[int, float | None]:
    """Entries that the group has not acknowledged, over all streams, and the unix time of the oldest, if there is any.

    Redis 6.2 does not tell how many there are that were not read: then all that the stream holds are counted.
    """
    found = [await _lag(client, stream, group) for stream in streams]
    times = [time for _, time in found if time is not None]
    return sum(number for number, _ in found), min(times, default=None)


async def _lag(client: redis.asyncio.Redis, stream: str, group: str) -> tuple[int, float | None]:
    try:
        groups: list[dict[str, Any]] = await client.xinfo_groups(stream)
    except redis.ResponseError:  # there is no such stream yet
        return _NOTHING
    ours = next((info for info in groups if _text(info["name"]) == group), None)
    if ours is None:
        return _NOTHING
    number, oldest = int(ours["pending"]), None
    if number:
        oldest = (await client.xpending(stream, group))["min"]
    unread = await client.xrange(stream, min=f"({_text(ours['last-delivered-id'])}", count=1)
    if unread:
        known = ours.get("lag")
        number += int(await client.xlen(stream) if known is None else known)
        oldest = oldest or unread[0][0]
    return number, int(_text(oldest).partition("-")[0]) / 1000 if oldest else None


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
