"""The elements of a page that carry metadata, found in one walk over its tree, and the texts in them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from copydesk.core.jsonld import Graph

MAX_TITLE_CHARS = 500
MAX_RAW_CHARS = 4_000
"""Length to which a text is cut before it is made plain."""
MAX_META = 500
"""Meta elements that are read."""
MAX_KEPT = 100
"""Links, time elements and headings that are kept, each."""
MAX_TEXTS = 50
"""Texts within a heading that are read."""


_SPACES = re.compile(r"\s+")
_TAG = re.compile(r"<[^<>]{1,200}>")
_WORDS = re.compile(r"\w+")


class Head:
    """What carries metadata.

    Attributes:
        meta: Contents of the meta elements by name, property or itemprop, in small letters.
        links: Link elements.
        times: Time elements.
        headings: Elements h1.
        title: Text of the title element.
        base: Address that others on the page are relative to, as the first base element with one says.
        graph: The JSON-LD.
    """

    def __init__(self, tree: HtmlElement) -> None:
        """Walk over the tree of a page."""
        self.meta: dict[str, list[str]] = {}
        self.links: list[HtmlElement] = []
        self.times: list[HtmlElement] = []
        self.headings: list[HtmlElement] = []
        self.title: str | None = None
        self.base: str | None = None
        scripts: list[str] = []
        kept = {"link": self.links, "time": self.times, "h1": self.headings}
        metas = 0
        for element in tree.iter("meta", "script", "link", "title", "time", "h1", "base"):
            tag = str(element.tag)
            if tag == "meta":
                metas += 1
                if metas <= MAX_META:
                    self._add_meta(element)
            elif tag == "script":
                if "ld+json" in (element.get("type") or "").lower():
                    scripts.append(element.text or "")
            elif tag == "title":
                # The page's own comes first; a drawing in it has one too.
                self.title = self.title or line_of(element.text or "")
            elif tag == "base":
                self.base = self.base or element.get("href")
            elif len(kept[tag]) < MAX_KEPT:
                kept[tag].append(element)
        self.graph = Graph(scripts)

    def _add_meta(self, element: HtmlElement) -> None:
        content = element.get("content")
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if name and content and content.strip():
            self.meta.setdefault(name.strip().lower(), []).append(content)

    def first(self, *names: str) -> str | None:
        """The content of the first of these that is there."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)

    def all(self, *names: str) -> Iterator[str]:
        """The contents of all of these, in this order."""
        for name in names:
            yield from self.meta.get(name, ())

    def linked(self, rel: str) -> Iterator[str]:
        """The addresses of links of a kind."""
        for link in self.links:
            if rel in (link.get("rel") or "").lower().split() and (href := link.get("href")):
                yield href


def marks(element: HtmlElement) -> str:
    """Class and id of an element, by which themes tell what it is."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def heading_text(element: HtmlElement) -> str:
    """The text of a heading. Words on two lines are two words."""
    return " ".join(islice(element.itertext(), MAX_TEXTS))


def first_of(*values: object) -> str | None:
    """The first that is a text and not blank."""
    return next((value for value in values if isinstance(value, str) and value.strip()), None)


def fold(text: str) -> str:
    """Letters and digits only, in small letters."""
    return "".join(_WORDS.findall(text.casefold()))


def line_of(text: str) -> str | None:
    """A text of the page on one line, cut; None where there is none."""
    return _SPACES.sub(" ", text[:MAX_RAW_CHARS]).strip()[:MAX_TITLE_CHARS] or None


def text_of(value: object, limit: int = MAX_TITLE_CHARS) -> str | None:
    """A stated text on one line, without markup and entities, cut to ``limit`` characters; None where there is none."""
    if not isinstance(value, str):
        return None
    text = value[: max(4 * limit, MAX_RAW_CHARS)]
    text = html.unescape(html.unescape(text)) if "&" in text else text
    # JSON-LD may carry half of a surrogate pair, where a site cut a text inside an emoji.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _SPACES.sub(" ", _TAG.sub("", text)).strip()[:limit] or None
