"""The kinds of source, one entry each. A new kind is added here: how it is recognised, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from copydesk.core import sitemaps
from copydesk.core.entries import Reading, build_items, newest
from copydesk.core.feeds import read_feed
from copydesk.core.jsonfeeds import read_json_feed
from copydesk.core.opening import Opening, opening_of
from copydesk.errors import SourceError
from copydesk.models import Offer, Source


@dataclass(frozen=True)
class SourceType:
    """One kind of source."""

    recognises: Callable[[Opening], bool]
    """Whether an answer is of this kind."""
    read: Callable[[Opening, str | None, int], Reading]
    """What an answer says, given its URL, and how many entries of it are wanted; raises SourceError."""


SOURCE_TYPES: Final = (
    SourceType(lambda opening: opening.root in ("urlset", "sitemapindex"), sitemaps.read_sitemap),
    SourceType(
        lambda opening: opening.root in ("rss", "feed", "rdf", "channel", "entry"),
        lambda opening, _url, _most: read_feed(opening),
    ),
    SourceType(
        lambda opening: opening.text.lstrip("\ufeff \t\r\n").startswith("{"),
        lambda opening, _url, _most: read_json_feed(opening.text),
    ),
    SourceType(
        lambda opening: opening.root is None and sitemaps.is_url_list(opening.text),
        lambda opening, _url, _most: sitemaps.read_url_list(opening.text),
    ),
)
_NO_SOURCE: Final = {
    "html": "a web page, not a feed, a sitemap or a list of URLs",
    "opml": "a list of feeds (OPML), not a feed: see `copydesk sources import`",
    None: "neither a feed, nor a sitemap, nor a list of URLs",
}


def read_body(body: bytes, url: str | None, content_type: str | None, most: int) -> Reading:
    """Tell what an answer is, and read what it says: at most ``most`` entries, the newest where there are more.

    ``url`` is where it stands, if that is known.

    Raises:
        SourceError: it is of no kind that copydesk knows, or cannot be read.
    """
    opening = opening_of(body, content_type)
    for source_type in SOURCE_TYPES:
        if source_type.recognises(opening):
            reading = source_type.read(opening, url, most)
            reading.entries[:] = newest(reading.entries, most)
            return reading
    raise SourceError(_NO_SOURCE[opening.root])


def read_offer(body: bytes, url: str, content_type: str | None, source: Source, most: int) -> Offer:
    """Tell what an answer of a source is, and read what it offers: at most ``most`` items.

    Raises:
        SourceError: it is of no kind that copydesk knows, or cannot be read.
    """
    reading = read_body(body, url, content_type, most)
    return Offer(
        kind=reading.kind,
        items=build_items(reading.entries, source=source, base=url, now=datetime.now(UTC)),
        title=reading.title,
        sitemaps=reading.sitemaps,
        interval=reading.interval,
        hubs=reading.hubs,
        topic=reading.topic,
    )
