"""Connections to Redis: the one that a setting names, or the embedded one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import redis
import redis.asyncio
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

from copydesk.errors import SettingsError, StoreUnavailable
from copydesk.runtime.embedded import EmbeddedServer
from copydesk.runtime.settings import Settings

OLDEST_REDIS = (6, 2)
# Reads may take longer than any blocking one that copydesk makes, RQ's dequeue of 5 s included.
TIMEOUTS: Final[dict[str, Any]] = {"socket_connect_timeout": 5.0, "socket_timeout": 30.0}
BACKOFF: Final = ExponentialWithJitterBackoff(base=0.05, cap=1.0)
RETRIES: Final = 5
CONNECTIONS: Final = 64
CONNECTION_WAIT: Final = 60.0


@dataclass(frozen=True)
class Store:
    """A Redis that answers, and how to reach it."""

    url: str
    client: redis.Redis
    embedded: EmbeddedServer | None = None

    def asynchronous(self) -> redis.asyncio.Redis:
        """A client of the same server for asyncio."""
        # Hundreds of tasks share it: one that finds no connection free waits for one.
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            self.url,
            max_connections=CONNECTIONS,
            timeout=CONNECTION_WAIT,
            retry=redis.asyncio.retry.Retry(BACKOFF, RETRIES),
            **TIMEOUTS,
        )
        client: redis.asyncio.Redis = redis.asyncio.Redis.from_pool(pool)
        return client

    def look_after(self) -> None:
        """Keep the embedded server looked after, where there is one."""
        if self.embedded is not None:
            self.embedded.look_after()

    def close(self) -> None:
        """Close the connections and give the share in the embedded server back."""
        self.client.close()
        if self.embedded is not None:
            self.embedded.detach()


def open_store(settings: Settings) -> Store:
    """Connect, starting the embedded server where no Redis is named.

    Raises:
        StoreUnavailable: it does not answer, or is older than copydesk can use.
    """
    embedded = None
    url = settings.redis_url
    if url is None:
        embedded = EmbeddedServer(settings.data_dir, fsync=settings.redis_fsync.value)
        url = embedded.attach()
    try:
        client = connect(url)
    except ValueError as error:
        raise SettingsError(f"COPYDESK_REDIS_URL={shown(url)!r}: {error}") from None
    try:
        version = server_version(client)
    except redis.RedisError as error:
        raise StoreUnavailable(f"Redis at {shown(url)} does not answer: {error}") from None
    if version < OLDEST_REDIS:
        raise StoreUnavailable(
            f"Redis at {shown(url)} is {'.'.join(map(str, version))}; copydesk needs "
            f"{'.'.join(map(str, OLDEST_REDIS))} or newer"
        )
    return Store(url=url, client=client, embedded=embedded)


def connect(url: str) -> redis.Redis:
    """A client for ``url``; it connects when it is used, and tries again for a few seconds when the server is away."""
    client: redis.Redis = redis.Redis.from_url(url, **TIMEOUTS, retry=Retry(BACKOFF, RETRIES))
    return client


def server_version(client: redis.Redis) -> tuple[int, ...]:
    """Version of the Redis protocol and commands that the server speaks (Valkey tells the Redis it is compatible with)."""
    info: dict[str, Any] = client.info("server")
    return tuple(int(part) for part in str(info["redis_version"]).split(".")[:3])


def shown(url: str) -> str:
    """A Redis URL without what may be secret: user, password and query."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"
