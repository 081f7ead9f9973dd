"""JSON Feed, versions 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from copydesk.core.dates import parse_date, utc
from copydesk.core.entries import MAX_GUID, MAX_HUBS, Entry, Reading
from copydesk.core.fulltext import full_text, paragraphs
from copydesk.core.plaintext import carried, plain_title
from copydesk.core.urls import absolute_url
from copydesk.errors import SourceError
from copydesk.models import SourceKind

_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)


def read_json_feed(text: str) -> Reading:
    """Entries of a JSON Feed, in its order.

    Raises:
        SourceError: it is no JSON, or no JSON Feed.
    """
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"no JSON Feed that can be read: {str(error)[:200]}") from None
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(entries, list):
        raise SourceError("no JSON Feed that can be read: it has no list of items")
    topic = absolute_url(_text(feed, "feed_url") or "")
    return Reading(
        SourceKind.FEED,
        [_entry(entry) for entry in entries if isinstance(entry, dict)],
        title=plain_title(feed.get("title")),
        hubs=list(dict.fromkeys(_hubs(feed, topic)))[:MAX_HUBS],
        topic=topic,
        base=topic or absolute_url(_text(feed, "home_page_url") or ""),
    )


def _entry(entry: dict[str, Any]) -> Entry:
    guid = _id(entry.get("id"))
    link = _text(entry, "url") or _text(entry, "external_url")
    return Entry(
        link=carried(link) if link else guid if guid and _ADDRESS.fullmatch(guid) else None,
        title=plain_title(entry.get("title")),
        published_at=utc(parse_date(entry.get("date_published")) or parse_date(entry.get("date_modified"))),
        guid=guid,
        content=_content(entry),
    )


def _content(entry: dict[str, Any]) -> str | None:
    text = _text(entry, "content_text")
    html = _text(entry, "content_html") or (paragraphs(text) if text else None)
    return full_text(html, _text(entry, "summary"))


def _id(value: object) -> str | None:
    """Ids are texts; publishers give numbers as well."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return carried(value.strip()[:MAX_GUID]) or None if isinstance(value, str) else None


def _hubs(feed: dict[str, Any], base: str | None) -> Iterator[str]:
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        kind = (_text(hub, "type") or "").lower() if isinstance(hub, dict) else ""
        if kind in ("websub", "pubsubhubbub") and (href := absolute_url(_text(hub, "url") or "", base)):
            yield href


def _text(record: dict[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value.strip() or None if isinstance(value, str) else None
