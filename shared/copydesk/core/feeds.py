"""RSS 0.9x to 2.0, RDF, Atom and CDF, read by feedparser. Lenient in what it takes, strict in what it gives."""

from __future__ import annotations

import calendar
import io
import math
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import feedparser

from copydesk.core.dates import believed
from copydesk.core.entries import MAX_GUID, MAX_HUBS, Entry, Reading
from copydesk.core.fulltext import full_text, paragraphs
from copydesk.core.opening import Opening
from copydesk.core.plaintext import carried, plain_title
from copydesk.core.urls import absolute_url
from copydesk.errors import SourceError
from copydesk.models import SourceKind

_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")
# Where the parser of XML stumbled: in what it was given, not in what the server sent.
_PLACE: Final = re.compile(r"<unknown>:\d+:\d+: ")
_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)
# sy:updatePeriod of the RSS 1.0 module Syndication.
_PERIODS: Final = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
# Its lenient parser is not so with everything: a reference to half a surrogate pair, for one.
_FAULTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def read_feed(opening: Opening) -> Reading:
    """Entries of a feed, in its order; an ill-formed feed gives those that could be read.

    Raises:
        SourceError: there is no entry, and what there is cannot be read as a feed.
    """
    xml = opening.xml()
    # A stream, never the bytes themselves: those feedparser would take for an address if they looked like one. It is not
    # told its address either: it would make the ids of entries relative to it.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            io.BytesIO(xml), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
        entries = [_entry(entry) for entry in parsed.entries]
    except _FAULTS as error:
        raise SourceError(f"no feed that can be read: {type(error).__name__}: {_first_line(error)}") from None
    is_read = bool(parsed.get("version") or parsed.feed) and (opening.is_closed or not parsed.get("bozo"))
    if not entries and not is_read:
        cause = parsed.get("bozo_exception")
        raise SourceError(f"no feed that can be read: {_first_line(cause) if cause else 'no entries'}")
    feed = parsed.feed
    links = [link for link in feed.get("links", ()) if isinstance(link.get("href"), str)]
    topic = next((href for link in links if _relates(link, "self") and (href := absolute_url(link["href"]))), None)
    base = topic or absolute_url(str(feed.get("link") or ""))
    hubs = [href for link in links if _relates(link, "hub") and (href := absolute_url(link["href"], base))]
    return Reading(
        SourceKind.FEED,
        entries,
        title=_title(feed),
        interval=_interval(feed),
        hubs=list(dict.fromkeys(hubs))[:MAX_HUBS],
        topic=topic,
        base=base,
    )


def _relates(link: Any, relation: str) -> bool:
    return relation in str(link.get("rel") or "").lower().split()


def _entry(entry: Any) -> Entry:
    return Entry(
        link=_link(entry),
        title=_title(entry),
        published_at=_date(entry),
        guid=carried(str(entry.get("id") or "")[:MAX_GUID]) or None,
        content=_content(entry),
    )


def _link(entry: Any) -> str | None:
    """The address of an entry: the one before FeedBurner's, its alternate link, an id that says it is an address."""
    original = entry.get("feedburner_origlink")
    if isinstance(original, str) and _ADDRESS.fullmatch(original):
        return original
    hrefs = [link.get("href") for link in entry.get("links", ()) if link.get("rel", "alternate") == "alternate"]
    links = [href.strip() for href in hrefs if isinstance(href, str) and href.strip()]
    link = str(entry.get("link") or "").strip()
    # An id counts as an address by default, also where it is but a number; any other link may be one that is no alternate.
    if link and (_ADDRESS.fullmatch(link) if entry.get("guidislink") else link in links or not links):
        return carried(link)
    return carried(links[0]) if links else None


def _title(element: Any) -> str | None:
    detail = element.get("title_detail") or {}
    return plain_title(element.get("title"), is_html=detail.get("type", "text/plain") != "text/plain")


def _date(entry: Any) -> datetime | None:
    """When it was published, else made, else changed."""
    # As a plain dict: its own ``get`` gives one date for another.
    dates = (_moment(dict.get(entry, name)) for name in ("published_parsed", "created_parsed", "updated_parsed"))
    return next(filter(None, dates), None)


def _moment(value: time.struct_time | None) -> datetime | None:
    """Feedparser's dates: struct_time in UTC."""
    if value is None:
        return None
    try:
        return believed(datetime.fromtimestamp(calendar.timegm(value), UTC), None)
    except (ValueError, OverflowError, OSError):
        return None


def _content(entry: Any) -> str | None:
    return max(filter(None, _full_texts(entry)), key=len, default=None)


def _full_texts(entry: Any) -> Iterator[str | None]:
    for content in entry.get("content", ()):
        value = content.get("value")
        if not isinstance(value, str) or content.get("src"):
            continue
        # Where there is no summary, feedparser gives the content for one.
        summary = entry.get("summary") if entry.get("summary") != value else None
        if content.get("type") in _HTML_TYPES:
            yield full_text(value, summary)
        elif content.get("type") == "text/plain":
            yield full_text(paragraphs(value), summary)


def _interval(feed: Any) -> float | None:
    """Seconds between two updates: ``ttl`` of RSS 2.0, in minutes, or the module Syndication of RSS 1.0."""
    seconds = _number(feed.get("ttl")) * 60
    if not seconds and (period := _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())):
        seconds = period / max(_number(feed.get("sy_updatefrequency")), 1.0)
    return seconds or None


def _number(text: object) -> float:
    try:
        number = float(str(text)[:20])
    except ValueError:
        return 0.0
    return number if 0 < number < math.inf else 0.0


def _first_line(error: object) -> str:
    return _PLACE.sub("", str(error).strip().partition("\n")[0])[:200]
