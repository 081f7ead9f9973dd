"""OPML: lists of feeds as other readers write them (OPML 2.0), with copydesk's options of a source as attributes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, cast

from lxml import etree
from pydantic import ValidationError

from copydesk.core.durations import parse_duration
from copydesk.errors import InputError
from copydesk.models import SECRET_NAME, Source

MAX_OPML_BYTES: Final = 10_000_000
MAX_FEEDS: Final = 100_000

# What XML cannot carry, however it is written.
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DAY: Final = 86_400.0


class Feed(NamedTuple):
    """What an OPML file says of one feed."""

    url: str
    title: str | None = None
    attributes: Mapping[str, str] = {}
    """Copydesk's own, by their names in lower case, as they stand there."""

    def options(self) -> dict[str, Any]:
        """The options of the source, by the names of the fields of ``Source``.

        Raises:
            InputError: one has a value that is not allowed.
        """
        options: dict[str, Any] = {}
        for option in _OPTIONS:
            text = self.attributes.get(option.attribute.lower(), "").strip()
            if not text:
                continue
            try:
                options[option.field] = option.read(text)
                Source(id="-", url="-", **options)
            except (ValidationError, ValueError, RecursionError):
                raise InputError(
                    f"{self.url[:200]}: {option.attribute}={text[:60]!r} is not allowed: {option.allowed}"
                ) from None
        return options


class _Option(NamedTuple):
    """An option of a source, as an attribute."""

    field: str
    attribute: str
    read: Callable[[str], object]
    allowed: str


def _name(text: str) -> str:
    if not re.fullmatch(SECRET_NAME, text):
        raise ValueError(text)
    return text


def _truth(text: str) -> bool:
    known = {"true": True, "false": False}
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return parse_duration(text)


def _days(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return parse_duration(text) / _DAY


_OPTIONS: Final = (
    _Option("settle", "settle", _seconds, "seconds, or a time such as 10m, up to 1d"),
    _Option("labels", "labels", json.loads, 'a JSON object of short texts, such as {"desk": "wire"}'),
    _Option("interval", "interval", _seconds, "seconds, or a time such as 10m, from 1s to 7d"),
    _Option("max_age", "maxAge", _days, "days, or a time such as 12h"),
    _Option("full_text", "fullText", _truth, "true or false"),
    _Option("conditional", "conditional", _truth, "true or false"),
    _Option("paused", "paused", _truth, "true or false"),
    _Option("secret", "secret", _name, "the name of a secret: letters, digits and . _ -"),
)
_ATTRIBUTES: Final = frozenset(option.attribute.lower() for option in _OPTIONS)


def read_opml(data: bytes) -> list[Feed]:
    """The feeds of an OPML file, in its order, each address once; folders do not matter.

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
            title = attributes.get("title") or attributes.get("text")
            own = {name: value for name, value in attributes.items() if name in _ATTRIBUTES}
            feeds.setdefault(url, Feed(url, title if title and title != url else None, own))
    if not feeds:
        raise InputError("no OPML that can be read: it names no feed (outline elements with xmlUrl)")
    return list(feeds.values())


def write_opml(sources: Iterable[Source]) -> bytes:
    """An OPML 2.0 file of these sources with their options; of a secret its name, never what it holds.

    The sitemaps of an index are left out: the index brings them.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "copydesk sources"
    body = etree.SubElement(root, "body")
    for source in sources:
        if source.parent is not None:
            continue
        title = _carried(source.title or "") or source.url
        outline = etree.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=source.url)
        for option in _OPTIONS:
            value = getattr(source, option.field)
            if value != Source.model_fields[option.field].default:
                outline.set(option.attribute, _carried(value if isinstance(value, str) else json.dumps(value)))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _carried(text: str) -> str:
    return _FORBIDDEN.sub("", text)
