"""What stands where on a page: its runs of text in order, each with the part of the page that it belongs to.

trafilatura's result is text without its surroundings. The outline is taken before, in one walk over the tree, and tells
of each line whether it stood in a caption, a sidebar, a list of links or the article's own paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntFlag, auto
from functools import cached_property
from typing import Final

from lxml.etree import _Element, iterwalk
from lxml.html import HtmlElement

MAX_NAME_CHARS = 500
"""Characters of an element's class and id that are looked at."""

_NOT_WORD = re.compile(r"[\W_]+")
_ASCII_WORDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_NAMES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "svg", "select", "option", "textarea", "iframe", "object", "math",
    "video", "audio", "canvas", "datalist", "map",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dialog", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul", "hr",
})  # fmt: skip


class Part(IntFlag):
    """Parts of a page that a run of text stands in, by the elements around it and their names."""

    QUOTE = auto()
    CAPTION = auto()
    ASIDE = auto()
    FOOTER = auto()
    NAVIGATION = auto()
    FORM = auto()
    BUTTON = auto()
    RELATED = auto()
    NEWSLETTER = auto()
    SHARE = auto()
    AUTHOR = auto()
    ADVERTISEMENT = auto()
    COMMENTS = auto()
    DATELINE = auto()
    CREDIT = auto()
    TAGS = auto()
    EMBED = auto()
    STANDFIRST = auto()
    DISCLAIMER = auto()
    HIDDEN = auto()
    GALLERY = auto()
    LEAD = auto()


_ELEMENTS: Final[dict[str, int]] = {
    "blockquote": int(Part.QUOTE),
    "figcaption": int(Part.CAPTION),
    "aside": int(Part.ASIDE),
    "footer": int(Part.FOOTER),
    "nav": int(Part.NAVIGATION),
    "form": int(Part.FORM),
    "button": int(Part.BUTTON),
}
# Words of class names and ids, as sites of all languages write them: mostly English.
_WORDS = {
    Part.CAPTION: "caption captions figcaption legend bildunterschrift legende didascalia bijschrift caption__text",
    Part.ASIDE: "sidebar aside rail rightcol marginal",
    Part.FOOTER: "footer foot",
    Part.NAVIGATION: "nav navigation menu breadcrumb breadcrumbs pagination pager navbar submenu",
    Part.RELATED: "related recommended recommendation recommendations recirc recirculation more readmore promo promos teaser "
    "teasers popular trending mostread outbrain taboola similar suggested upnext nextup seealso alsolike morefrom verwandte "
    "interstitial linkbox crosslink crosslinks relacionadas relacionados correlati linked relatedposts yarpp",
    Part.NEWSLETTER: "newsletter newsletters signup subscribe subscription optin mailchimp mailing",
    Part.SHARE: "share sharing social sharebar shares addthis sharedaddy socials follow",
    Part.AUTHOR: "author authors bio byline writer autor autore contributor contributors journalist",
    Part.ADVERTISEMENT: "ad ads advert advertisement advertising sponsor sponsored werbung anzeige publicidad dfp commercial "
    "affiliate promotion",
    Part.COMMENTS: "comment comments disqus respond commentlist kommentare replies",
    Part.DATELINE: "date timestamp datetime published updated pubdate dateline time readtime readingtime",
    Part.CREDIT: "credit credits copyright source sources photographer",
    Part.TAGS: "tags taglist keywords topics",
    Part.EMBED: "tweet twitter instagram tiktok embed embedded oembed fb",
    Part.STANDFIRST: "standfirst deck dek subtitle subheader subheadline subhead summary kicker sottotitolo subtitulo strapline "
    "abstract overline",
    Part.DISCLAIMER: "disclaimer disclosure legal terms",
    Part.HIDDEN: "hidden hide invisible sr visuallyhidden offscreen screenreader",
    Part.LEAD: "lead intro lede excerpt teaser teasertext leadtext chapo vorspann anleser description",
    Part.GALLERY: "gallery slideshow carousel slider slide lightbox swiper",
}  # fmt: skip
_NAMED: dict[str, int] = {}
for _part, _words in _WORDS.items():
    for _word in _words.split():
        _NAMED[_word] = _NAMED.get(_word, 0) | int(_part)


@dataclass(slots=True)
class Run:
    """A run of text between two ends of blocks or line breaks.

    Attributes:
        text: With single spaces.
        key: The squeezed text, which comparisons look at; empty where it has no letter or digit.
        place: Its number in the order of the page.
        element: The block that it stands in.
        near: The parts (see ``Part``) that the block itself and the one around it are.
        linked: Characters of it that stand in links.
        target: Where the first link in it leads to; empty where there is none.
    """

    text: str
    key: str
    place: int
    element: _Element
    near: int
    linked: int
    target: str

    @property
    def words(self) -> int:
        """Number of words; two ideographs or kana count as one."""
        return word_count(self.key)

    @property
    def link_share(self) -> float:
        """Share of the characters that stand in links."""
        return self.linked / max(1, len(self.text))


@dataclass
class Outline:
    """The runs of a page, in order, and the classes and ids of its blocks, in lower case, a line each."""

    runs: list[Run] = field(default_factory=list)
    names: str = ""

    @cached_property
    def by_key(self) -> dict[str, list[Run]]:
        """The runs of each squeezed text."""
        found: dict[str, list[Run]] = {}
        for run in self.runs:
            if run.key:
                found.setdefault(run.key, []).append(run)
        return found


def squeeze(text: str) -> str:
    """Letters and digits only, in lower case, words separated by single spaces: what comparisons look at."""
    if text.isascii():
        return " ".join(text.translate(_ASCII_WORDS).split())
    return _NOT_WORD.sub(" ", text).strip().lower()


def word_count(key: str) -> int:
    """Number of words of a squeezed text; two ideographs or kana count as one."""
    words = key.count(" ") + 1 if key else 0
    return words if key.isascii() else words + len(_IDEOGRAPHS.findall(key)) // 2


def outline(tree: HtmlElement) -> Outline:
    """Walk over a page once. The tree is not changed."""
    taker = _Taker()
    taker.walk(tree)
    return Outline(taker.runs, taker.names())


class _Taker:
    """Takes the runs of a page, event by event."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        # Each block with its own parts, and those of it and the block around it.
        self._around: list[tuple[_Element, int, int]] = []
        self._named: dict[str, int] = {}
        self._skipped: _Element | None = None
        self._in_link = 0
        self._begin()

    def names(self) -> str:
        """The classes and ids of the blocks that were walked over."""
        return "\n".join(self._named).lower()

    def _begin(self) -> None:
        self._pieces: list[str] = []
        self._linked = 0
        self._target = ""

    def walk(self, tree: HtmlElement) -> None:
        self._around.append((tree, 0, 0))
        for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
            if event == "start":
                if self._skipped is None:
                    self._start(element, str(element.tag))
                continue
            if event == "end":
                self._end(element, str(element.tag))
            if self._skipped is None and element.tail and element is not tree:
                self._add(element.tail)
        self._flush()

    def _start(self, element: _Element, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipped = element
            return
        if tag in _BLOCKS:
            self._flush()
            own = self._own(element, tag)
            self._around.append((element, own, self._around[-1][1] | own))
        elif tag == "br":
            self._flush()
        elif tag == "a":
            self._in_link += 1
            self._target = self._target or element.get("href") or ""
        if element.text:
            self._add(element.text)

    def _end(self, element: _Element, tag: str) -> None:
        if self._skipped is not None:
            if element is self._skipped:
                self._skipped = None
        elif tag in _BLOCKS:
            self._flush()
            self._around.pop()
        elif tag == "a":
            self._in_link -= 1

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        if self._in_link:
            self._linked += len(text)

    def _flush(self) -> None:
        if text := " ".join("".join(self._pieces).split()):
            element, _, near = self._around[-1]
            self.runs.append(Run(text, squeeze(text), len(self.runs), element, near, self._linked, self._target))
        self._begin()

    def _own(self, element: _Element, tag: str) -> int:
        names = f"{element.get('class') or ''} {element.get('id') or ''}"[:MAX_NAME_CHARS]
        part = self._named.get(names)
        if part is None:
            part = 0
            for word in _NAMES.findall(names):
                part |= _NAMED.get(word.lower(), 0)
            self._named[names] = part
        return part | _ELEMENTS.get(tag, 0)
