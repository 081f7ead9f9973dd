"""What COPYDESK_REDIS_URL may say: one server, a socket, or a primary that Sentinel knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

SENTINEL: Final = "sentinel://"
SENTINEL_PORT: Final = 26_379
SCHEMES: Final = ("redis://", "rediss://", "unix://", SENTINEL)
FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
TLS_OPTIONS: Final = (*FILES, "ssl_password", "ssl_check_hostname")
# What may follow a URL's question mark, by its scheme.
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "redis://": ("db", "protocol"),
    "rediss://": ("db", "protocol", *TLS_OPTIONS),
    "unix://": ("db", "protocol", "username", "password"),
    SENTINEL: ("ssl", "sentinel_username", "sentinel_password", *TLS_OPTIONS),
}
YES_OR_NO: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class SentinelAddress:
    """Where the Sentinels are, and what they call the primary.

    Attributes:
        sentinels: Their hosts and ports.
        name: The primary's name.
        server: What a connection to a server needs: db, username, password, ssl and its options, as redis-py names them.
        sentinel: The same for a connection to a Sentinel.
    """

    sentinels: tuple[tuple[str, int], ...]
    name: str
    server: dict[str, Any]
    sentinel: dict[str, Any]

    @classmethod
    def parse(cls, url: str) -> SentinelAddress:
        """Read ``sentinel://[user:password@]host[:port],.../NAME[/db][?options]``.

        Raises:
            ValueError: saying what is wrong, without any of the secrets.
        """
        rest, _, query = url.removeprefix(SENTINEL).partition("?")
        authority, _, path = rest.partition("/")
        credentials, _, hosts = authority.rpartition("@")
        name, _, database = path.partition("/")
        if not name:
            raise ValueError("must name the primary: sentinel://HOST:26379,HOST:26379/NAME")
        if database and not database.isdecimal():
            raise ValueError("must end with a database's number, if with any: sentinel://HOST:26379/NAME/0")
        options = _options(SENTINEL, query)
        user, _, password = credentials.partition(":")
        tls: dict[str, Any] = {
            key: _yes(key, value) if key == "ssl_check_hostname" else value
            for key, value in options.items()
            if key in TLS_OPTIONS
        }
        if tls and not _yes("ssl", options.get("ssl", "true")):
            raise ValueError("has options of TLS and ssl=false")
        if tls or _yes("ssl", options.get("ssl", "false")):
            tls["ssl"] = True
        return cls(
            sentinels=tuple(_host(part) for part in hosts.split(",")),
            name=unquote(name),
            server={"db": int(database or 0), "username": unquote(user) or None, "password": unquote(password) or None}
            | tls,
            sentinel={"username": options.get("sentinel_username"), "password": options.get("sentinel_password")} | tls,
        )


def checked(url: str) -> str:
    """Return the URL of a Redis as it is.

    Raises:
        ValueError: it can be none; says why, without any of its secrets.
    """
    scheme = next((scheme for scheme in SCHEMES if url.startswith(scheme)), None)
    if scheme is None:
        raise ValueError("must start with redis://, rediss://, unix:// or sentinel://")
    if scheme == SENTINEL:
        SentinelAddress.parse(url)
        return url
    if scheme == "unix://":
        if not url.startswith("unix:///"):
            raise ValueError("needs an absolute path after unix://, as in unix:///run/redis.sock")
    else:
        parts = urlsplit(url)
        if not parts.hostname or parts.port == 0 or not re.fullmatch(r"(/\d*)?", parts.path):
            raise ValueError("must be redis://HOST:PORT/DATABASE, with numbers for port and database")
    _options(scheme, url.partition("?")[2])
    return url


def missing_file(url: str) -> str | None:
    """Name and path of the first certificate or key that a URL names and that is not there."""
    for name, path in parse_qsl(url.partition("?")[2]):
        if name in FILES and not Path(path).is_file():
            return f"{name}={path}"
    return None


def shown(url: str) -> str:
    """A Redis URL without what may be secret: user, password and query."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"


def _options(scheme: str, query: str) -> dict[str, str]:
    options = dict(parse_qsl(query))
    for name in options:
        if name not in OPTIONS[scheme]:
            raise ValueError(f"has the option {name[:40]!r}; a {scheme} URL may have: {', '.join(OPTIONS[scheme])}")
    return options


def _yes(name: str, value: str) -> bool:
    if value.lower() not in YES_OR_NO:
        raise ValueError(f"must have {name}=true or {name}=false")
    return YES_OR_NO[value.lower()]


def _host(text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or SENTINEL_PORT
    except ValueError:
        host = None
    if not host:
        raise ValueError("must have HOST or HOST:PORT for each Sentinel, with commas between") from None
    return host, port
