"""Connections to Redis: the one that a setting names, the primary that Sentinel knows, or the embedded one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.sentinel
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import MasterDownError, ReadOnlyError
from redis.retry import Retry

from copydesk.errors import SettingsError, StoreUnavailable
from copydesk.runtime.embedded import EmbeddedServer
from copydesk.runtime.redis_url import SENTINEL, SentinelAddress, missing_file, shown
from copydesk.runtime.settings import Settings

__all__ = ["Store", "connect", "connect_async", "open_store", "server_version", "shown"]

OLDEST_REDIS = (6, 2)
# Reads may take longer than any blocking one that copydesk makes, RQ's dequeue of 5 s included.
TIMEOUTS: Final[dict[str, Any]] = {"socket_connect_timeout": 5.0, "socket_timeout": 15.0}
BACKOFF: Final = ExponentialWithJitterBackoff(base=0.05, cap=1.0)
RETRIES: Final = 5
# A connection that breaks is made anew at once; a server that is silent is not waited for again and again.
RETRIED: Final = (redis.ConnectionError,)
# What a server says that was the primary: the next connection may lead to the one that is.
DEMOTED: Final[list[type[Exception]]] = [ReadOnlyError, MasterDownError]
CONNECTIONS: Final = 64
CONNECTION_WAIT: Final = 60.0
# A Sentinel that is away is passed over for the next.
SENTINEL_TIMEOUTS: Final[dict[str, Any]] = {"socket_connect_timeout": 1.0, "socket_timeout": 2.0}


class _Whole:
    """A connection on which an answer is read whole or not at all.

    redis-py's for Sentinel keeps one open whose reading was interrupted (by a time-out, or a signal), and gives its answer to
    the next command.
    """

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        options.setdefault("disconnect_on_error", True)
        return super().read_response(*arguments, **options)  # type: ignore[misc]


class _SentinelConnection(_Whole, redis.sentinel.SentinelManagedConnection):
    pass


class _SentinelTlsConnection(_Whole, redis.sentinel.SentinelManagedSSLConnection):
    pass


class _WaitingSentinelPool(redis.asyncio.sentinel.SentinelConnectionPool, redis.asyncio.BlockingConnectionPool):
    """Connections to the primary; who finds none free waits for one."""


@dataclass(frozen=True)
class Store:
    """A Redis that answers, and how to reach it."""

    url: str
    client: redis.Redis
    embedded: EmbeddedServer | None = None

    def asynchronous(self) -> redis.asyncio.Redis:
        """A client of the same server for asyncio."""
        return connect_async(self.url)

    def look_after(self) -> None:
        """Keep the embedded server looked after, where there is one."""
        if self.embedded is not None:
            self.embedded.look_after()

    def close(self) -> None:
        """Close the connections and give the share in the embedded server back."""
        self.client.close()
        if self.embedded is not None:
            self.embedded.detach()


def open_store(settings: Settings, *, any_policy: bool = False) -> Store:
    """Connect, starting the embedded server where no Redis is named.

    Args:
        settings: They name it.
        any_policy: Take also one that evicts: to look at, not to work with.

    Raises:
        SettingsError: its URL names a file that is not there.
        StoreUnavailable: it does not answer, is older than copydesk can use, or would evict what is in work.
    """
    embedded = None
    url = settings.redis_url
    if url is None:
        embedded = EmbeddedServer(settings.data_dir, fsync=settings.redis_fsync.value)
        url = embedded.attach()
    if missing := missing_file(url):
        raise SettingsError(f"COPYDESK_REDIS_URL={shown(url)!r}: {missing} is no file")
    try:
        client = connect(url)
    except ValueError as error:
        raise SettingsError(f"COPYDESK_REDIS_URL={shown(url)!r}: {error}") from None
    try:
        version = server_version(client)
        policy = None if embedded or any_policy else evicts(client)
    except redis.RedisError as error:
        raise StoreUnavailable(f"Redis at {shown(url)} does not answer: {error}") from None
    if version < OLDEST_REDIS:
        raise StoreUnavailable(
            f"Redis at {shown(url)} is {'.'.join(map(str, version))}; copydesk needs "
            f"{'.'.join(map(str, OLDEST_REDIS))} or newer"
        )
    if policy is not None:
        raise StoreUnavailable(
            f"Redis at {shown(url)} would throw away work in progress when its memory is full: its maxmemory-policy is "
            f"{policy}, and must be noeviction (CONFIG SET maxmemory-policy noeviction, and in its configuration)"
        )
    return Store(url=url, client=client, embedded=embedded)


def connect(url: str) -> redis.Redis:
    """A client for ``url``; it connects when it is used, and tries again for a few seconds when the server is away."""
    options: dict[str, Any] = {**TIMEOUTS, "retry": Retry(BACKOFF, RETRIES, RETRIED), "retry_on_error": DEMOTED}
    client: redis.Redis
    if url.startswith(SENTINEL):
        address = SentinelAddress.parse(url)
        sentinel_options = {**SENTINEL_TIMEOUTS, **address.sentinel, "retry": Retry(NoBackoff(), 0)}
        sentinel = redis.sentinel.Sentinel(address.sentinels, sentinel_kwargs=sentinel_options)  # type: ignore[no-untyped-call]
        options["connection_class"] = _SentinelTlsConnection if "ssl" in address.server else _SentinelConnection
        client = sentinel.master_for(address.name, **address.server, **options)  # type: ignore[no-untyped-call]
    else:
        client = redis.Redis.from_url(url, **options)
    return client


def connect_async(url: str) -> redis.asyncio.Redis:
    """The same for asyncio; hundreds of tasks may share it: one that finds no connection free waits for one."""
    options: dict[str, Any] = {
        **TIMEOUTS,
        "retry": redis.asyncio.retry.Retry(BACKOFF, RETRIES, RETRIED),
        "retry_on_error": DEMOTED,
        "max_connections": CONNECTIONS,
        "timeout": CONNECTION_WAIT,
    }
    client: redis.asyncio.Redis
    if url.startswith(SENTINEL):
        address = SentinelAddress.parse(url)
        no_retry = redis.asyncio.retry.Retry(NoBackoff(), 0)
        sentinel_options = {**SENTINEL_TIMEOUTS, **address.sentinel, "retry": no_retry}
        sentinel = redis.asyncio.sentinel.Sentinel(list(address.sentinels), sentinel_kwargs=sentinel_options)  # type: ignore[no-untyped-call]
        client = sentinel.master_for(
            address.name, connection_pool_class=_WaitingSentinelPool, **address.server, **options
        )
    else:
        client = redis.asyncio.Redis.from_pool(redis.asyncio.BlockingConnectionPool.from_url(url, **options))
    return client


def evicts(client: redis.Redis) -> str | None:
    """The eviction policy, where the server throws away keys of its own accord when its memory is full."""
    info: dict[str, Any] = client.info("memory")
    policy = str(info.get("maxmemory_policy", "noeviction"))
    return policy if int(info.get("maxmemory", 0)) and policy != "noeviction" else None


def server_version(client: redis.Redis) -> tuple[int, ...]:
    """Version of the Redis protocol and commands that the server speaks (Valkey tells the Redis it is compatible with)."""
    info: dict[str, Any] = client.info("server")
    return tuple(int(part) for part in str(info["redis_version"]).split(".")[:3])
