"""From the bytes of a page to a tree: what is no HTML is told apart, and what the parser cannot carry is cut out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.etree import ElementDefaultClassLookup
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction
from trafilatura import load_html
from trafilatura.utils import HTML_PARSER

from copydesk.core.decode import decode
from copydesk.core.sniff import SNIFF_BYTES, not_a_page
from copydesk.models import RejectReason

MAX_TAGS = 60_000
"""Tags that a page may have, counted by their opening brackets; the largest of 2,092 real pages has 19,629."""

MAX_ELEMENTS = 30_000
"""Elements that a page may have: what walks through them takes a second or two for these. Real ones have up to 10,106."""

MAX_ATTRIBUTES = 10_000
"""Attributes that one element may have, about: the parser compares each with all before it. Real ones have up to 64."""

MAX_COMPARED_ELEMENTS = 5_000
"""Elements up to which trafilatura's result is compared with that of justext, whose time may grow with their square."""

MAX_COMPARED_CHARS = 2_000_000
"""The same for characters, each of which justext looks at several times."""

# lxml.html asks a function in Python for the class of each element, every time that one is touched, for the sake of forms,
# which nobody here looks at: a twentieth of an extraction.
HTML_PARSER.set_element_class_lookup(
    ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity)
)

_FEED = re.compile(
    r"\s*+(?:<\?xml[^>]{0,200}\?>\s*+)?(?:<!--(?:[^-]++|-(?!->))*+-->\s*+)*+<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b"
)
_TAG = re.compile(r"<[A-Za-z!/?]")
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>]++)?+)?+""")
_WHOLE_TAG = re.compile(rf"<[A-Za-z][^\s/>]*+(?:{_ATTRIBUTE.pattern})*+")
# What XML forbids, and lone surrogates, which no output could carry.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a body gives no tree."""

    reason: RejectReason
    detail: str


def parse(body: bytes | str, content_type: str | None, max_bytes: int) -> HtmlElement | Unfit:
    """The tree of a page, or why there is none."""
    if unfit := _unfit(body, content_type, max_bytes):
        return unfit
    text = decode(body, content_type) if isinstance(body, bytes) else body
    text = _FORBIDDEN.sub("", text)
    if unfit := _unfit_text(text):
        return unfit
    tree = load_html(text)
    if tree is None:
        # load_html takes a lone element for no page; inside another it is one.
        tree = load_html(f"<html><body><div>{text}</div></body></html>")
    if tree is None:
        return Unfit(RejectReason.NOT_HTML, "the markup has no elements")
    if (elements := int(tree.xpath("count(//*)"))) > MAX_ELEMENTS:
        return Unfit(RejectReason.TOO_LARGE, f"{elements} elements are more than {MAX_ELEMENTS}")
    return tree


def is_bulky(tree: HtmlElement) -> bool:
    """Whether a page has too much of elements or text for what takes more than linear time."""
    return bool(tree.xpath(f"count(//*) > {MAX_COMPARED_ELEMENTS} or string-length() > {MAX_COMPARED_CHARS}"))


def _unfit_text(text: str) -> Unfit | None:
    if not text.strip():
        return Unfit(RejectReason.EMPTY, "the body has no characters")
    if _FEED.match(text):
        return Unfit(RejectReason.NOT_HTML, "the body is a feed or a sitemap")
    if not _TAG.search(text):
        return Unfit(RejectReason.NOT_HTML, "the body has no markup")
    return _overgrown(text)


def _overgrown(text: str) -> Unfit | None:
    """What the parser, or anything after it, would take too long for, told before it is parsed."""
    if (tags := text.count("<")) > MAX_TAGS:
        return Unfit(RejectReason.TOO_LARGE, f"{tags} tags are more than {MAX_TAGS}")
    if len(text) < 8 * MAX_ATTRIBUTES:
        return None
    for tag in _WHOLE_TAG.finditer(text):
        is_long = tag.end() - tag.start() > 2 * MAX_ATTRIBUTES
        if is_long and sum(1 for _ in _ATTRIBUTE.finditer(tag[0])) > MAX_ATTRIBUTES:
            return Unfit(RejectReason.TOO_LARGE, f"an element has more than {MAX_ATTRIBUTES} attributes")
    return None


def _unfit(body: bytes | str, content_type: str | None, max_bytes: int) -> Unfit | None:
    if len(body) > max_bytes:
        return Unfit(RejectReason.TOO_LARGE, f"{len(body)} bytes are more than {max_bytes}")
    if not body.strip():
        return Unfit(RejectReason.EMPTY, "the body is empty")
    if isinstance(body, str):
        return None
    kind = not_a_page(content_type, body[:SNIFF_BYTES])
    return Unfit(RejectReason.NOT_HTML, f"the body is {kind}") if kind else None
