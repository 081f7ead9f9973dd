"""Cookies of one chain of redirects: some sites send a reader in circles until it shows the cookie that it was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from yarl import URL

MAX_COOKIES: Final = 50
"""Cookies that are kept of a host, and bytes of all of them together below; RFC 6265, 6.1 asks for more of browsers."""
MAX_COOKIE_BYTES: Final = 8_192


Jar = Mapping[str, Mapping[str, tuple[str, bool]]]
"""By host and by name: a value, and whether it may be sent over TLS alone."""


class ChainCookies:
    """Each cookie goes back to the very host that set it, whatever domain it names, and ends with the chain."""

    def __init__(self, jar: Jar | None = None) -> None:
        """Begin with the ``jar`` of a chain that is gone on with."""
        self.jar = {host: dict(cookies) for host, cookies in (jar or {}).items()}

    def take(self, url: URL, headers: Iterable[str]) -> None:
        """Remember what an answer from ``url`` sets in its Set-Cookie headers."""
        host = url.raw_host or ""
        kept = dict(self.jar.get(host, {}))
        for header in headers:
            pair, *rest = header.split(";")
            name, equals, value = (part.strip() for part in pair.partition("="))
            if not name or not equals or not pair.isascii() or not pair.isprintable():
                continue
            kept.pop(name, None)
            attributes = {key.strip().lower(): told.strip() for key, _, told in (part.partition("=") for part in rest)}
            size = len(pair) + sum(len(other) + len(told) for other, (told, _) in kept.items())
            if not _has_ended(attributes) and len(kept) < MAX_COOKIES and size <= MAX_COOKIE_BYTES:
                kept[name] = (value, "secure" in attributes)
        if kept or host in self.jar:
            self.jar[host] = kept

    def header(self, url: URL) -> str | None:
        """The Cookie header of a request for ``url``, if any."""
        pairs: list[str] = []
        for name, (value, is_secure) in self.jar.get(url.raw_host or "", {}).items():
            if url.scheme == "https" or not is_secure:
                pairs.append(f"{name}={value}")
        said = "; ".join(pairs)
        return said if said and len(said) <= MAX_COOKIE_BYTES else None


def _has_ended(attributes: dict[str, str]) -> bool:
    """Whether a cookie is set only to be deleted: RFC 6265, 5.3 gives Max-Age the last word."""
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal():
        return age.startswith("-") or not age.strip("0")
    try:
        until = parsedate_to_datetime(attributes["expires"])
    except (KeyError, ValueError, OverflowError):
        return False
    return until.tzinfo is not None and until < datetime.now(UTC)
