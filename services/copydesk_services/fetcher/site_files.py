"""Files that say how a site may be used: read once an origin, kept in Redis for all fetchers, and parsed once a process."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar, cast

import redis.asyncio

from copydesk.runtime.queue import pack, unpack

# How long a process goes by what it has parsed without a look at Redis.
FRESH_SECONDS: Final = 300.0
# Of all files of a kind that a process keeps; the parsed form takes some five times as much.
KEPT_BYTES: Final = 5_000_000
# What an entry counts beside its file.
ENTRY_BYTES: Final = 500
# A file larger than this is parsed in a thread: it takes longer than the event loop should stand still.
LARGE_BYTES: Final = 50_000

T = TypeVar("T")


class SiteFiles(Generic[T]):
    """The files of one kind, by origin."""

    def __init__(
        self, client: redis.asyncio.Redis, key: Callable[[str], str], read: Callable[[bytes], T], max_bytes: int
    ) -> None:
        self._client = client
        self._key = key
        self._read = read
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, tuple[float, int, T]] = OrderedDict()
        self._size = 0

    async def known(self, origin: str) -> T | None:
        """What an origin's file says; None where it is to be asked for."""
        kept = self._kept.get(origin)
        if kept is not None and time.monotonic() < kept[0]:
            self._kept.move_to_end(origin)
            return kept[2]
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.get(self._key(origin))
            pipe.pttl(self._key(origin))
            data, left = await pipe.execute()
        if data is None:
            return None
        return await self._parsed(origin, unpack(cast("bytes", data), self._max_bytes), left / 1000)

    async def keep(self, origin: str, data: bytes, seconds: int) -> T:
        """Keep a file that was just read; what it says."""
        data = data[: self._max_bytes]
        await self._client.set(self._key(origin), pack(data), ex=seconds)
        return await self._parsed(origin, data, seconds)

    async def _parsed(self, origin: str, data: bytes, seconds: float) -> T:
        said = await asyncio.to_thread(self._read, data) if len(data) > LARGE_BYTES else self._read(data)
        self._forget(origin)
        self._kept[origin] = (time.monotonic() + min(seconds, FRESH_SECONDS), len(data) + ENTRY_BYTES, said)
        self._size += len(data) + ENTRY_BYTES
        while self._size > KEPT_BYTES:
            self._forget(next(iter(self._kept)))
        return said

    def _forget(self, origin: str) -> None:
        kept = self._kept.pop(origin, None)
        if kept is not None:
            self._size -= kept[1]
