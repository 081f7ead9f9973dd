"""What a feed, a sitemap or a list of URLs offers, read from its bytes. Lenient in what it takes, strict in what it gives."""

from __future__ import annotations

import calendar
import io
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, cast

import feedparser
from lxml import etree
from pydantic import BaseModel, ConfigDict

from copydesk.core.urls import absolute_url, canonical_url
from copydesk.errors import SourceError
from copydesk.models import Item

MAX_TITLE: Final = 1_000
MAX_GUID: Final = 2_000
_FEED_ROOTS: Final = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_SITEMAP_ROOT: Final = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
HEAD_BYTES: Final = 4_096


class Offered(BaseModel):
    """One entry as the source gives it; its URL is not yet checked."""

    model_config = ConfigDict(frozen=True)

    link: str
    title: str | None = None
    published_at: datetime | None = None
    guid: str | None = None


def is_feed(head: bytes) -> bool:
    """Whether the first bytes are of RSS, Atom, RDF, CDF or JSON Feed."""
    return _FEED_ROOTS.search(head) is not None or (
        head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b"jsonfeed.org" in head
    )


def is_sitemap(head: bytes) -> bool:
    """Whether the first bytes are of a sitemap or of an index of sitemaps."""
    return _SITEMAP_ROOT.search(head) is not None


def is_url_list(head: bytes) -> bool:
    """Whether the first line that is neither empty nor a comment is an http(s) URL and nothing else."""
    for raw in head.removeprefix(b"\xef\xbb\xbf").splitlines():
        line = raw.strip()
        if line and not line.startswith(b"#"):
            return re.fullmatch(rb"https?://\S+", line, re.IGNORECASE) is not None
    return False


def read_feed(body: bytes, url: str, content_type: str | None = None) -> list[Offered]:
    """Entries of a feed, in its order; an ill-formed feed gives those that could be read.

    Raises:
        SourceError: there is no entry, and what there is cannot be read as a feed.
    """
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _read_json_feed(body)
    # A stream, never the bytes themselves: those feedparser would take for an address if they looked like one.
    # Relative links are made absolute by Item building, against xml:base or the feed's address.
    headers = {"content-location": url, "content-type": _xml_type(content_type)}
    try:
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        # Its lenient parser is not so with everything: a reference to half a surrogate pair, for one.
        raise SourceError(f"no feed that can be read: {type(error).__name__}: {_first_line(error)}") from None
    entries = list(_feed_entries(parsed.entries))
    if not entries and (parsed.get("bozo") or not parsed.get("version")):
        cause = parsed.get("bozo_exception")
        raise SourceError(f"no feed that can be read: {_first_line(cause) if cause else 'no entries'}")
    return entries


def read_sitemap(body: bytes) -> list[Offered]:
    """Pages that a sitemap lists, with the titles and dates of its news extension.

    Raises:
        SourceError: it is an index of sitemaps, or no XML that can be read.
    """
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
        # With recover, lxml gives None where nothing could be saved; its types do not say so.
        root = cast("etree._Element | None", etree.fromstring(body, parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"no sitemap that can be read: {_first_line(error)}") from None
    if root is None:
        raise SourceError("no sitemap that can be read: no element in it")
    if _local(root) == "sitemapindex":
        named = [text for child in root if (text := _child_text(child, "loc"))]
        raise SourceError(f"an index of {len(named)} sitemaps: add the ones to watch, such as {', '.join(named[:3])}")
    return [
        Offered(
            link=link,
            title=_child_text(entry, "title"),
            published_at=_w3c_date(_child_text(entry, "publication_date") or _child_text(entry, "lastmod")),
        )
        for entry in root
        if _local(entry) == "url" and (link := _child_text(entry, "loc"))
    ]


def read_url_list(body: bytes) -> list[Offered]:
    """URLs of a plain text, one a line; empty lines and those that start with # do not count."""
    lines = (line.strip() for line in body.decode("utf-8-sig", errors="replace").splitlines())
    return [Offered(link=line) for line in lines if line and not line.startswith("#")]


def build_items(offered: list[Offered], *, url: str, source: str, most: int) -> list[Item]:
    """Items with usable URLs, each canonical URL once, at most ``most``."""
    items: dict[str, Item] = {}
    for entry in offered:
        href = absolute_url(entry.link, url)
        canonical = canonical_url(href) if href else None
        if href is None or canonical is None or canonical in items:
            continue
        items[canonical] = Item(
            url=href,
            canonical_url=canonical,
            source=source,
            guid=entry.guid,
            title=entry.title,
            published_at=entry.published_at,
        )
        if len(items) >= most:
            break
    return list(items.values())


def _xml_type(content_type: str | None) -> str:
    """A media type under which the charset follows RFC 7303: the header's, if it names one, else what the XML declares."""
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type or "", re.IGNORECASE)
    return f"application/xml; charset={charset[1]}" if charset else "application/xml"


def _feed_entries(entries: list[Any]) -> Iterator[Offered]:
    for entry in entries:
        link = entry.get("link") or next(
            (x.get("href") for x in entry.get("links", ()) if x.get("rel", "alternate") == "alternate"), None
        )
        if not link:
            continue
        yield Offered(
            link=link,
            title=_clip(entry.get("title"), MAX_TITLE),
            published_at=_struct_date(entry.get("published_parsed") or entry.get("updated_parsed")),
            guid=_clip(entry.get("id"), MAX_GUID),
        )


def _read_json_feed(body: bytes) -> list[Offered]:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"no JSON Feed that can be read: {_first_line(error)}") from None
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(entries, list):
        raise SourceError("no JSON Feed that can be read: it has no list of items")
    return [
        Offered(
            link=link,
            title=_clip(entry.get("title"), MAX_TITLE),
            published_at=_w3c_date(entry.get("date_published")),
            guid=_clip(entry.get("id"), MAX_GUID),
        )
        for entry in entries
        if isinstance(entry, dict) and isinstance(link := entry.get("url") or entry.get("external_url"), str)
    ]


def _struct_date(value: time.struct_time | None) -> datetime | None:
    """Feedparser's dates: struct_time in UTC."""
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _w3c_date(value: object) -> datetime | None:
    """A date of the W3C's profile of ISO 8601; one without a zone is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        date = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _local(element: etree._Element) -> str:
    # Not by etree.QName: it refuses the names that a lenient parser lets through, such as one with an undeclared prefix.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _child_text(element: etree._Element, name: str) -> str | None:
    """Text of the first descendant with this local name."""
    for child in element.iter():
        if _local(child) == name:
            return _clip((child.text or "").strip(), MAX_TITLE) or None
    return None


def _clip(value: object, most: int) -> str | None:
    # Half a surrogate pair, which JSON can write, is no text that could be passed on.
    return value[:most].encode("utf-8", "replace").decode() if isinstance(value, str) and value else None


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0][:200]
