"""What hubs sent and nobody has read yet: bounded in number, in bytes, and in the number of one source."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from aiohttp import StreamReader

from copydesk.runtime.subscriptions import Subscription

MAX_WAITING: Final = 256
MAX_WAITING_A_SOURCE: Final = 4
# Those that are still coming in count, too.
MAX_WAITING_BYTES: Final = 67_108_864


@dataclass(frozen=True)
class Push:
    """One message of a hub."""

    subscription: Subscription
    body: bytes
    content_type: str | None


class Inbox:
    """A queue in this process. What is lost with it, the next poll finds."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._waiting: deque[Push] = deque()
        self._of_source: Counter[str] = Counter()
        self._bytes = 0
        self._arrived = asyncio.Event()

    async def receive(self, stream: StreamReader) -> bytes | None:
        """Read a body, for which there is room from then on until ``drop`` or ``done``; None where there is none."""
        chunks: list[bytes] = []
        size = 0
        is_whole = False
        try:
            while chunk := await stream.readany():
                size += len(chunk)
                self._bytes += len(chunk)
                if size > self._max_bytes or self._bytes > MAX_WAITING_BYTES:
                    return None
                chunks.append(chunk)
            is_whole = True
        finally:
            if not is_whole:
                self._bytes -= size
        return b"".join(chunks)

    def drop(self, body: bytes) -> None:
        """A body that was received is not put in."""
        self._bytes -= len(body)

    def put(self, push: Push) -> bool:
        """Put in a push whose body was received; False where there are too many."""
        source = push.subscription.source
        if len(self._waiting) >= MAX_WAITING or self._of_source[source] >= MAX_WAITING_A_SOURCE:
            return False
        self._waiting.append(push)
        self._of_source[source] += 1
        self._arrived.set()
        return True

    async def first(self, seconds: float) -> Push | None:
        """The oldest, which stays in until it is ``done``; None where none came within this time."""
        if not self._waiting:
            self._arrived.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        return self._waiting[0]

    def done(self) -> None:
        """The oldest was read."""
        push = self._waiting.popleft()
        self._bytes -= len(push.body)
        source = push.subscription.source
        self._of_source[source] -= 1
        if not self._of_source[source]:
            del self._of_source[source]

    def rest(self) -> list[Push]:
        """All that were not read."""
        return list(self._waiting)
