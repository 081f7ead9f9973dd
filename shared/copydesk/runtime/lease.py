"""Leases: a task that one process does at a time, whoever holds it; its holder's end, or standing still, frees it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from typing import Final

import redis
import redis.asyncio

from copydesk.runtime import keys
from copydesk.runtime.scripts import async_script

LEASE_SECONDS: Final = 5.0


class Lease:
    """A lease of one task, for one process; it lasts ``seconds`` from the last time that it was taken or renewed."""

    def __init__(self, client: redis.asyncio.Redis, name: str, *, seconds: float = LEASE_SECONDS) -> None:
        self._client = client
        self._key = keys.lock(name)
        self._seconds = seconds
        self._token = secrets.token_hex(8)
        self._script = async_script(client, "lease")
        self._kept = float("-inf")

    @property
    def held(self) -> bool:
        """Whether nobody else can have it: it was taken, and renewed in time. A process that stood still has lost it."""
        return time.monotonic() - self._kept < self._seconds

    async def take(self) -> bool:
        """Whether it was free, and is now this process's."""
        asked = time.monotonic()
        taken = bool(await self._client.set(self._key, self._token, nx=True, px=int(self._seconds * 1000)))
        if taken:
            self._kept = asked
        return taken

    async def renew(self) -> bool:
        """Whether it was still this process's, and is for another while."""
        asked = time.monotonic()
        renewed = bool(await self._script(keys=[self._key], args=[self._token, int(self._seconds * 1000)]))
        self._kept = asked if renewed else float("-inf")
        return renewed

    async def keep(self) -> None:
        """Renew it until it is lost: somebody else has it, or may have it."""
        while self.held:
            with contextlib.suppress(redis.RedisError):
                if not await self.renew():
                    return
            await asyncio.sleep(self._seconds / 4)

    async def give_back(self) -> None:
        """Free it, where it is still this process's."""
        self._kept = float("-inf")
        with contextlib.suppress(redis.RedisError):  # then it ends by itself
            await self._script(keys=[self._key], args=[self._token, 0])
