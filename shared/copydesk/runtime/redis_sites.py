"""What hosts repeat, in Redis: a value a host with the evidence, and a small one with what is removed.

The evidence is read, changed and written back whole; a script refuses the write where another came in between. So all
arithmetic is in ``core.sites``, and Redis does no work that grows with what is watched.

``copydesk:site:HOST``
    Number of the write (8 bytes, little-endian), then zstd: ``_SITE``, the ids of recent stories (8 bytes each), and for
    each block ``_BLOCK``, its days (2 bytes each) and its text.
``copydesk:learned:HOST``
    Version (4 bytes), then for each block that is removed its key and its place (8 and 1 bytes).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import redis
import zstandard

from copydesk.core.learned import Learned, Place
from copydesk.core.sites import Site, State, Watched
from copydesk.errors import SiteContended
from copydesk.runtime import keys
from copydesk.runtime.logs import get_log
from copydesk.runtime.scripts import script
from copydesk.runtime.settings import Settings

DAY: Final = 86_400
TRIES: Final = 64
"""Writes that are tried for a host; each that fails is one of somebody else's that did not."""

_FORMAT: Final = 1
_NUMBER = struct.Struct("<Q")
# Format, version, stories, weight, recent ids, blocks.
_SITE = struct.Struct("<BIQdHI")
# Key, state, since, stories, weights at both ends and between them, last story, days: how many, first, last, kept; text.
_BLOCK = struct.Struct("<QBIQdddQIHHBH")
_REMOVED = struct.Struct("<QB")
_VERSION = struct.Struct("<I")
_STATES: Final = tuple(State)
_ANYWHERE: Final = 0xFF

log = get_log()


class RedisSites:
    """``Sites`` for any number of processes.

    Args:
        client: A client that does not decode responses.
        ttl: Seconds for which a host without new stories is remembered; with a word of the user's on it, for ever.
    """

    def __init__(self, client: redis.Redis, *, ttl: int = 90 * DAY) -> None:
        self._client = client
        self._ttl = ttl
        self._save = script(client, "save_site")

    @classmethod
    def of(cls, client: redis.Redis, settings: Settings) -> RedisSites:
        """As the settings say."""
        return cls(client, ttl=int(settings.learn_ttl * DAY))

    def learned(self, hosts: Iterable[str]) -> dict[str, Learned]:
        """Return what is removed from the texts of each host, in one round trip."""
        asked = list(dict.fromkeys(hosts))
        values = cast("list[bytes | None]", self._client.mget(list(map(keys.learned, asked)))) if asked else []
        return {host: read_learned(value) for host, value in zip(asked, values, strict=True) if value}

    def site(self, host: str) -> Site | None:
        """Return all that is known of a host."""
        value = cast("bytes | None", self._client.get(keys.site(host)))
        return None if value is None else _read(host, value)

    def update(self, changes: Mapping[str, Callable[[Site], Any]]) -> dict[str, Any]:
        """Change what is known of hosts, in two round trips unless others change the same ones.

        Raises:
            SiteContended: others always came in between.
        """
        results: dict[str, Any] = {}
        pending = dict(changes)
        for _ in range(TRIES):
            if not pending:
                return results
            values = cast("list[bytes | None]", self._client.mget(list(map(keys.site, pending))))
            with self._client.pipeline(transaction=False) as pipe:
                for (host, change), value in zip(pending.items(), values, strict=True):
                    site = Site() if value is None else _read(host, value)
                    results[host] = change(site)
                    self._save(args=self._arguments(host, site, value), client=pipe)
                written = pipe.execute()
            pending = {host: change for (host, change), done in zip(pending.items(), written, strict=True) if not done}
        raise SiteContended(f"what is known of {next(iter(pending))} was changed by others {TRIES} times in between")

    def _arguments(self, host: str, site: Site, read: bytes | None) -> list[bytes | str | int]:
        read_number = (read or b"")[: _NUMBER.size]
        number = (int.from_bytes(read_number, "little") + 1) % (1 << 64)
        told = any(block.state in (State.PINNED, State.VETOED) for block in site.blocks.values())
        return [
            keys.site(host),
            read_number,
            _NUMBER.pack(number) + zstandard.compress(pack_site(site)),
            keys.learned(host),
            pack_learned(site.learned()),
            0 if told else self._ttl,
        ]


def _read(host: str, value: bytes) -> Site:
    try:
        return read_site(zstandard.decompress(value[_NUMBER.size :]))
    except (ValueError, IndexError, struct.error, zstandard.ZstdError) as error:
        # It is evidence, not a document: it can be gathered again.
        log.warning("site.unreadable", host=host, error=str(error)[:200])
        return Site()


def pack_site(site: Site) -> bytes:
    """Return what is known of a site as bytes."""
    parts = [
        _SITE.pack(_FORMAT, site.version, site.stories, site.weight, len(site.recent), len(site.blocks)),
        struct.pack(f"<{len(site.recent)}Q", *site.recent),
    ]
    for block in site.blocks.values():
        text = block.text.encode("utf-8", "replace")
        parts += [
            _BLOCK.pack(
                block.key,
                _STATES.index(block.state),
                block.since,
                block.stories,
                *block.ends,
                block.at,
                block.day_count,
                block.first_day,
                block.last_day,
                len(block.days),
                len(text),
            ),
            struct.pack(f"<{len(block.days)}H", *block.days),
            text,
        ]
    return b"".join(parts)


def read_site(value: bytes) -> Site:
    """Return a site as it was packed.

    Raises:
        ValueError: it is of another format; it may also be cut short, and raise ``struct.error`` or ``IndexError``.
    """
    format_, version, stories, weight, recent, count = _SITE.unpack_from(value)
    if format_ != _FORMAT:
        raise ValueError(f"format {format_} is not known")
    at = _SITE.size + 8 * recent
    site = Site(version, stories, weight, list(struct.unpack_from(f"<{recent}Q", value, _SITE.size)))
    for _ in range(count):
        key, state, since, seen, *rest = _BLOCK.unpack_from(value, at)
        *ends, last, day_count, first_day, last_day, days, length = rest
        at += _BLOCK.size
        text_at = at + 2 * days
        site.blocks[key] = Watched(
            key,
            _STATES[state],
            value[text_at : text_at + length].decode(),
            seen,
            ends,
            last,
            list(struct.unpack_from(f"<{days}H", value, at)),
            day_count,
            first_day,
            last_day,
            since,
        )
        at = text_at + length
    return site


def pack_learned(learned: Learned) -> bytes:
    """Return what is removed as bytes; none where nothing is."""
    if not learned.blocks:
        return b""
    places = ((key, _ANYWHERE if place is None else place) for key, place in learned.blocks.items())
    return _VERSION.pack(learned.version) + b"".join(_REMOVED.pack(key, place) for key, place in places)


def read_learned(value: bytes) -> Learned:
    """Return what is removed as it was packed."""
    (version,) = _VERSION.unpack_from(value)
    blocks = {
        key: None if place == _ANYWHERE else Place(place) for key, place in _REMOVED.iter_unpack(value[_VERSION.size :])
    }
    return Learned(version, blocks)
