"""Sitemaps and their indexes (sitemaps.org 0.9), with Google's news extension, and plain lists of URLs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from lxml import etree

from copydesk.core.dates import parse_date, utc
from copydesk.core.entries import Entry, Reading, newest
from copydesk.core.opening import Opening
from copydesk.core.plaintext import plain_title
from copydesk.core.urls import MAX_URL_LENGTH, absolute_url
from copydesk.errors import SourceError
from copydesk.models import SitemapRef, SourceKind

# The W3C's profile of ISO 8601 has dates without a day or a month as well.
_NO_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d))?")
_LIST_LINE: Final = re.compile(r"https?://\S+", re.IGNORECASE)


def read_sitemap(opening: Opening, base: str | None, most: int) -> Reading:
    """Pages that a sitemap lists, with the titles and dates of its news extension, or the sitemaps of an index.

    Of more than ``most`` the newest are kept; all of them are never in memory together.

    Raises:
        SourceError: it is no XML that can be read.
    """
    is_index = opening.root == "sitemapindex"
    entries: list[Entry] = []
    try:
        for entry in _listed(opening.xml(), "sitemap" if is_index else "url"):
            entries.append(entry)
            if len(entries) >= 2 * most:
                entries = newest(entries, most)
    except (etree.XMLSyntaxError, ValueError) as error:
        if not entries:
            raise SourceError(f"no sitemap that can be read: {str(error).partition(chr(10))[0][:200]}") from None
    entries = newest(entries, most)
    if not is_index:
        return Reading(SourceKind.SITEMAP, entries)
    named = ((absolute_url(entry.link or "", base), entry.published_at) for entry in entries)
    sitemaps = {href: SitemapRef(url=href, modified_at=date) for href, date in named if href}
    return Reading(SourceKind.SITEMAP_INDEX, sitemaps=list(sitemaps.values()))


def is_url_list(text: str) -> bool:
    """Whether the first line that is neither empty nor a comment is an http(s) URL and nothing else."""
    first = next(_lines(text), None)
    return first is not None and _LIST_LINE.fullmatch(first) is not None


def read_url_list(text: str) -> Reading:
    """URLs of a plain text, one a line; empty lines and those that start with # do not count."""
    return Reading(SourceKind.URL_LIST, [Entry(line[: MAX_URL_LENGTH + 1]) for line in _lines(text)])


def _lines(text: str) -> Iterator[str]:
    for found in re.finditer(r"[^\r\n]+", text):
        line = found[0].strip("\ufeff \t")
        if line and not line.startswith("#"):
            yield line


def _listed(xml: bytes, name: str) -> Iterator[Entry]:
    """The elements of this name below the root, each forgotten once it is read."""
    events = etree.iterparse(
        io.BytesIO(xml),
        events=("end",),
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in events:
        parent = element.getparent()
        if parent is None or parent.getparent() is not None:
            continue
        if _local(element) == name and (entry := _entry(element)):
            yield entry
        element.clear()
        while element.getprevious() is not None:
            del parent[0]


def _entry(element: etree._Element) -> Entry | None:
    found: dict[str, str] = {}
    for child in element:
        own = _local(child)
        # Images and videos have titles of their own.
        for part in child if own == "news" else (child,):
            found.setdefault(own if part is child else f"news:{_local(part)}", (part.text or "").strip())
    link = found.get("loc")
    if not link:
        return None
    date = w3c_date(found.get("news:publication_date")) or w3c_date(found.get("lastmod"))
    return Entry(link[: MAX_URL_LENGTH + 1], plain_title(found.get("news:title")), date)


def w3c_date(text: str | None) -> datetime | None:
    """A date of the W3C's profile of ISO 8601, in UTC; one without a zone is taken for UTC, one without a day for the first."""
    if text and (found := _NO_DAY.fullmatch(text)):
        text = f"{found[1]}-{found[2] or '01'}-01"
    return utc(parse_date(text))


def _local(element: etree._Element) -> str:
    # Not by etree.QName: it refuses the names that a lenient parser lets through, such as one with an undeclared prefix.
    return re.split("[}:]", element.tag)[-1].lower() if isinstance(element.tag, str) else ""
