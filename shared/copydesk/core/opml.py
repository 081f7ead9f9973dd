"""OPML: lists of feeds as other readers write them (OPML 2.0)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, cast

from lxml import etree

from copydesk.errors import InputError
from copydesk.models import Source

MAX_OPML_BYTES: Final = 10_000_000
MAX_FEEDS: Final = 100_000


class Feed(NamedTuple):
    """What an OPML file says of one feed; ``settle``, an attribute of copydesk's own, as it stands there."""

    url: str
    title: str | None
    settle: str | None


def read_opml(data: bytes) -> list[Feed]:
    """The feeds of an OPML file, in its order, each address once.

    Raises:
        InputError: it is too large, no XML, or names no feed.
    """
    if len(data) > MAX_OPML_BYTES:
        raise InputError(f"the OPML file has {len(data)} bytes; the bound is {MAX_OPML_BYTES}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        # With recover, lxml gives None where nothing could be saved; its types do not say so.
        root = cast("etree._Element | None", etree.fromstring(data, parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"no OPML that can be read: {error}") from None
    if root is None:
        raise InputError("no OPML that can be read: no XML")
    feeds: dict[str, Feed] = {}
    for outline in root.iter("outline", "{*}outline"):
        attributes = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        url = attributes.get("xmlurl", "").strip()
        if url and len(feeds) < MAX_FEEDS:
            title = attributes.get("title") or attributes.get("text") or None
            feeds.setdefault(url, Feed(url, title, attributes.get("settle") or None))
    if not feeds:
        raise InputError("no OPML that can be read: it names no feed (outline elements with xmlUrl)")
    return list(feeds.values())


def write_opml(sources: Iterable[Source]) -> bytes:
    """An OPML 2.0 file of these sources."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "copydesk sources"
    body = etree.SubElement(root, "body")
    for source in sources:
        title = source.title or source.url
        outline = etree.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=source.url)
        if source.settle is not None:
            outline.set("settle", f"{source.settle:.15g}")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
