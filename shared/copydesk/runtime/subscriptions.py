"""WebSub subscriptions in Redis: the same for all fetchers, so that any of them can answer a hub."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

import redis.asyncio

from copydesk.models import Source
from copydesk.runtime import keys
from copydesk.runtime.scripts import async_script

# 192 bits each: nobody guesses them.
TOKEN_BYTES: Final = 24
LOOKED_AT_ONCE: Final = 1_000
COVERED_AT_ONCE: Final = 250
# However many hubs call at once, they leave connections to Redis for everybody else.
REDIS_AT_ONCE: Final = 16


class PushState(StrEnum):
    """How a subscription is. A closed set: it is a metric label."""

    PENDING = "pending"  # asked for, or about to be; the hub has not confirmed it
    VERIFIED = "verified"  # confirmed by the hub, which has told nothing so far
    LIVE = "live"  # the hub tells: its source is polled less often
    SILENT = "silent"  # polls found what the hub had not told: its source is polled as though there were no hub
    DENIED = "denied"  # by the hub
    LEAVING = "leaving"  # to be ended: its source was removed or paused


@dataclass(frozen=True)
class Subscription:
    """The subscription of one source to its topic at a hub."""

    source: str
    token: str
    """Last part of the address at which its hub reaches us; it begins with the source's id."""
    secret: str
    hub: str
    """The one of ``hubs`` that is asked now."""
    hubs: tuple[str, ...]
    topic: str
    state: PushState = PushState.PENDING
    until: float = 0.0
    """Unix time at which the lease ends that the hub confirmed last; 0: it has confirmed none."""
    failures: int = 0
    """Requests to the hub in a row that it has not confirmed."""
    missed: int = 0
    """Polls in a row that found what the hub had not told."""
    poked: float = 0.0
    """Unix time of the last poll that a push brought about."""


def new_subscription(source: str, hubs: Sequence[str], topic: str) -> Subscription:
    """A subscription that is yet to be asked for, at an address and with a secret that nobody can guess."""
    token = f"{source}-{secrets.token_urlsafe(TOKEN_BYTES)}"
    return Subscription(source, token, secrets.token_urlsafe(TOKEN_BYTES), hubs[0], tuple(hubs), topic)


class Subscriptions:
    """The subscriptions of an installation."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._room = asyncio.Semaphore(REDIS_AT_ONCE)
        self._script = async_script(client, "push")
        self._take = async_script(client, "push_due")

    async def get(self, source: str) -> Subscription | None:
        """The subscription of a source."""
        async with self._room:
            found = cast("dict[bytes, bytes]", await self._client.hgetall(keys.subscription(source)))
        if not found:
            return None
        fields = {name.decode(): value.decode() for name, value in found.items()}
        return Subscription(
            source=source,
            token=fields["token"],
            secret=fields["secret"],
            hub=fields["hub"],
            hubs=tuple(json.loads(fields["hubs"])),
            topic=fields["topic"],
            state=PushState(fields["state"]),
            until=float(fields["until"]),
            failures=int(fields["failures"]),
            missed=int(fields["missed"]),
            poked=float(fields["poked"]),
        )

    async def by_token(self, token: str) -> Subscription | None:
        """The subscription whose hub calls under this token."""
        found = await self.get(token.partition("-")[0]) if len(token) <= 100 else None
        if found is None or not hmac.compare_digest(found.token.encode(), token.encode("utf-8", "replace")):
            return None
        return found

    async def begin(self, new: Subscription, instead_of: Subscription | None = None) -> bool:
        """Add a subscription, which is due at once; False where somebody else was faster."""
        fields: list[str | float] = [
            *("token", new.token, "secret", new.secret, "hub", new.hub, "hubs", json.dumps(new.hubs)),
            *("topic", new.topic, "state", new.state, "until", 0, "failures", 0, "missed", 0, "poked", 0),
        ]
        known = instead_of.token if instead_of else ""
        return await self._push([new.source, known, time.time(), "none", *fields])

    async def change(
        self,
        known: Subscription,
        *,
        due: float | None = None,
        covered: float | None = None,
        **fields: str | float,
    ) -> bool:
        """Change fields of a subscription; False where it has ended or begun anew since.

        Args:
            known: As it was read.
            due: Unix time at which its hub is to be asked next; None: as before.
            covered: Unix time until which its source counts as covered; 0: not at all; None: as before.
            fields: New values.
        """
        places: list[str | float] = ["" if due is None else due, "" if covered is None else covered or "none"]
        changes = [part for name, value in fields.items() for part in (name, value)]
        return await self._push([known.source, known.token, *places, *(changes or ["token", known.token])])

    async def end(self, known: Subscription) -> None:
        """Forget a subscription."""
        await self._push([known.source, known.token, "none", "none"])

    async def due(self, number: int, lease: float) -> list[str]:
        """Take up to ``number`` sources for whose subscription something is to be done; nobody else gets them meanwhile."""
        now = time.time()
        return [source.decode() for source in await self._take(args=[now, now + lease, number])]

    async def forget_due(self, source: str) -> None:
        """Nothing is to be done for a source that has no subscription."""
        await self._client.zrem(keys.PUSH_DUE, source)

    async def source(self, source: str) -> Source | None:
        """The source, if it is still polled."""
        async with self._room:
            return _polled(await self._client.hget(keys.SOURCES, source))

    async def stray(self, cursor: int) -> tuple[int, list[str]]:
        """Look through a bounded number of subscriptions: the cursor of the next look, and those whose source is not polled."""
        cursor, found = await self._client.zscan(keys.PUSH_DUE, cursor, count=LOOKED_AT_ONCE)
        ids = [cast("bytes", source).decode() for source, _ in found]
        sources = await self._client.hmget(keys.SOURCES, ids) if ids else []
        return int(cursor), [source for source, value in zip(ids, sources, strict=True) if _polled(value) is None]

    async def covered(self) -> AsyncIterator[str]:
        """Ids of the sources that are covered now; read from Redis a bounded number at a time."""
        now = time.time()
        async for source, until in self._client.zscan_iter(keys.PUSH_COVERED, count=COVERED_AT_ONCE):
            if until > now:
                yield cast("bytes", source).decode()

    async def states(self) -> dict[PushState, int]:
        """How many subscriptions there are in each state."""
        found = cast("dict[bytes, bytes]", await self._client.hgetall(keys.PUSH_STATES))
        return {state: int(found.get(state.value.encode(), 0)) for state in PushState}

    async def _push(self, arguments: list[str | float]) -> bool:
        async with self._room:
            return bool(await self._script(args=arguments))


def _polled(value: str | bytes | None) -> Source | None:
    source = None if value is None else Source.model_validate_json(value)
    return None if source is None or source.paused else source
