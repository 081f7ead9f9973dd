"""What a source offers, as it was read, and the items that come of it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from copydesk.core.urls import absolute_url, canonical_url, origin_of, shown_url
from copydesk.models import Item, SitemapRef, Source, SourceKind

MAX_AHEAD: Final = timedelta(days=1)
"""How far in the future the date of an item may lie to be believed: a zone taken for another moves it by 14 hours."""

MAX_GUID: Final = 2_000
MAX_HUBS: Final = 8

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Entry(NamedTuple):
    """One entry as the source gives it; its URL is not yet checked."""

    link: str | None
    title: str | None = None
    published_at: datetime | None = None
    guid: str | None = None
    content: str | None = None
    """Its full text as HTML."""


@dataclass(frozen=True)
class Reading:
    """What a source's answer says."""

    kind: SourceKind
    entries: list[Entry] = field(default_factory=list)
    title: str | None = None
    sitemaps: list[SitemapRef] = field(default_factory=list)
    interval: float | None = None
    """Seconds between two updates, as it says."""
    hubs: list[str] = field(default_factory=list)
    topic: str | None = None
    base: str | None = None
    """What relative links are relative to, where the address of the answer is not known."""


def newest(entries: list[Entry], most: int) -> list[Entry]:
    """At most so many entries in their order: the newest by their dates; of those without a date, the first."""
    if len(entries) <= most:
        return entries
    ranked = heapq.nlargest(most, range(len(entries)), key=lambda at: (entries[at].published_at or _NEVER, -at))
    return [entries[at] for at in sorted(ranked)]


def believed_at(date: datetime | None, now: datetime) -> datetime | None:
    """The date of an item, or None where it lies too far in the future."""
    return date if date is None or date <= now + MAX_AHEAD else None


def build_items(entries: list[Entry], *, source: Source, base: str | None, now: datetime) -> list[Item]:
    """Items with usable URLs, each canonical URL once. ``base`` is what relative links are relative to.

    The source's secret goes with those alone that stand at its own origin.
    """
    own = origin_of(source.url) if source.secret else None
    items: dict[str, Item] = {}
    for entry in entries:
        href = absolute_url(entry.link, base) if entry.link else None
        canonical = canonical_url(href) if href else None
        if href is None or canonical is None or canonical in items:
            continue
        items[canonical] = Item(
            # User and password in it are a stranger's, or those of the source, which are for the source alone.
            url=shown_url(href),
            canonical_url=canonical,
            source=source.parent or source.id,
            guid=entry.guid,
            title=entry.title,
            published_at=believed_at(entry.published_at, now),
            labels=source.labels,
            secret=source.secret if own and origin_of(href) == own else None,
            content=entry.content if source.full_text else None,
        )
    return list(items.values())
