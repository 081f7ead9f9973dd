"""The kinds of source, one entry each. A new kind is added here: how it is recognised, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from copydesk.core import feeds
from copydesk.errors import SourceError
from copydesk.models import Offer, Source, SourceKind


@dataclass(frozen=True)
class SourceType:
    """One kind of source."""

    kind: SourceKind
    recognises: Callable[[bytes], bool]
    """Whether the first bytes of an answer are of this kind."""
    read: Callable[[bytes, str, str | None], list[feeds.Offered]]
    """Entries in an answer, given its URL and content type; raises SourceError."""


# In this order: a sitemap may carry elements of feeds, not the other way around.
SOURCE_TYPES: Final = (
    SourceType(SourceKind.SITEMAP, feeds.is_sitemap, lambda body, _url, _type: feeds.read_sitemap(body)),
    SourceType(SourceKind.FEED, feeds.is_feed, feeds.read_feed),
    SourceType(SourceKind.URL_LIST, feeds.is_url_list, lambda body, _url, _type: feeds.read_url_list(body)),
)


def read_offer(body: bytes, url: str, content_type: str | None, source: Source, most: int) -> Offer:
    """Tell what an answer is, and read what it offers: at most ``most`` items.

    Raises:
        SourceError: it is of no kind that copydesk knows, or cannot be read.
    """
    if not body.strip():
        raise SourceError("the answer is empty")
    head = body[: feeds.HEAD_BYTES]
    for source_type in SOURCE_TYPES:
        if source_type.recognises(head):
            items = feeds.build_items(
                source_type.read(body, url, content_type), url=url, source=source.parent or source.id, most=most
            )
            return Offer(kind=source_type.kind, items=items)
    if b"<html" in head.lower() or b"<!doctype html" in head.lower():
        raise SourceError("a web page, not a feed, a sitemap or a list of URLs")
    raise SourceError("neither a feed, nor a sitemap, nor a list of URLs")
