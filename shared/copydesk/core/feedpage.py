"""A page made of an item whose full text stands in its feed, for the extractor to read like any other."""

from __future__ import annotations

from html import escape

from copydesk.models import Item


def feed_page(item: Item) -> bytes:
    """The HTML page, UTF-8; the content stands in it as the feed gave it: what is not the article, the extractor removes."""
    title = escape(item.title or "")
    heading = f"<h1>{title}</h1>" if title else ""
    page = (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><main><article>{heading}{item.content or ''}</article></main></body></html>"
    )
    return page.encode("utf-8", "replace")
