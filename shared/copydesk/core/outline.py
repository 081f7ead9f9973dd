"""What stands where on a page: its runs of text in order, each with the part of the page that it belongs to.

trafilatura's result is text without its surroundings. The outline is taken before, in one walk over the tree, and tells
of each line whether it stood in a caption, a sidebar, a list of links or the article's own paragraphs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntFlag, auto
from functools import cached_property
from typing import Final

from lxml.etree import _Element, iterwalk
from lxml.html import HtmlElement

PROSE_WORDS = 12
"""Words from which a run counts as running text."""

MAX_LINK_SHARE = 0.4
"""Share of a run's characters in links up to which it counts as running text."""

MAX_LABEL_WORDS = 150
"""Running text in one element above which it is no caption, byline, form or the like, whatever its name."""

MAX_SEARCHED_CHARS = 50_000_000
"""Characters that are looked through for runs which are no block of their own; a large page has a thousand such runs."""

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


_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


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
    NOTE = auto()


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
    Part.CAPTION: "caption captions figcaption bildunterschrift didascalia bijschrift",
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
    Part.DATELINE: "date timestamp datetime published updated pubdate dateline readtime readingtime",
    Part.CREDIT: "credit credits copyright source sources photographer",
    Part.TAGS: "tags taglist keywords topics",
    Part.EMBED: "tweet twitter instagram tiktok embed embedded oembed fb",
    Part.STANDFIRST: "standfirst deck dek subtitle subheader subheadline subhead summary kicker sottotitolo subtitulo strapline "
    "abstract overline",
    Part.DISCLAIMER: "disclaimer disclosure legal terms",
    Part.HIDDEN: "hidden hide invisible sr visuallyhidden offscreen screenreader",
    Part.LEAD: "lead intro lede excerpt teaser teasertext leadtext chapo vorspann anleser description",
    Part.NOTE: "correction corrections clarification erratum note notes footnote footnotes editors",
    Part.GALLERY: "gallery slideshow carousel slider slide lightbox swiper",
}  # fmt: skip
LABELS: Final = int(
    Part.CAPTION | Part.AUTHOR | Part.DATELINE | Part.FOOTER | Part.FORM | Part.BUTTON | Part.STANDFIRST | Part.CREDIT | Part.TAGS
    | Part.SHARE | Part.NOTE
)  # fmt: skip
"""Parts that are short by their nature."""

ELSEWHERE: Final = int(
    Part.ASIDE | Part.FOOTER | Part.NAVIGATION | Part.FORM | Part.BUTTON | Part.RELATED | Part.NEWSLETTER | Part.COMMENTS
    | Part.ADVERTISEMENT | Part.CAPTION | Part.HIDDEN | Part.DISCLAIMER
)  # fmt: skip
"""Parts whose text is not the article's own."""

OTHER_PURPOSE: Final = ELSEWHERE | int(
    Part.SHARE | Part.AUTHOR | Part.DATELINE | Part.CREDIT | Part.TAGS | Part.GALLERY
)
"""Those, and parts that say something of the article."""

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
        own: The parts (see ``Part``) that the block itself is.
        near: Those, and what the block around it is.
        linked: Characters of it that stand in links.
        target: Where the first link in it leads to; empty where there is none.
    """

    text: str
    key: str
    place: int
    element: _Element
    own: int
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
    def heading(self) -> Run | None:
        """The first run of a first-level heading."""
        return next((run for run in self.runs if run.element.tag == "h1"), None)

    @cached_property
    def by_key(self) -> dict[str, list[Run]]:
        """The runs of each squeezed text."""
        found: dict[str, list[Run]] = {}
        for run in self.runs:
            if run.key:
                found.setdefault(run.key, []).append(run)
        return found


class Searched:
    """Squeezed blocks of a result, in which squeezed runs are looked for: as a block, else as a part of the text."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = frozenset(keys)
        self._text = f" {' '.join(keys)} "
        # A run that is no block costs a look through the whole text.
        self._looks = MAX_SEARCHED_CHARS // max(1, len(self._text))

    def has(self, key: str) -> bool:
        """Whether a key stands in the text; where that cost too much already, whether it is a block."""
        if key in self._keys:
            return True
        self._looks -= 1
        return self._looks >= 0 and f" {key} " in self._text


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
    _unlabel(taker.runs)
    return Outline(taker.runs, taker.names())


def _unlabel(runs: Sequence[Run]) -> None:
    """Take back that an element is a label where it holds much text: a column that is named by its author is no byline."""
    words: Counter[_Element | None] = Counter()
    for run in runs:
        if run.words >= PROSE_WORDS and run.link_share <= MAX_LINK_SHARE:
            words[run.element] += run.words
            words[run.element.getparent()] += run.words
    for run in runs:
        if words[run.element] > MAX_LABEL_WORDS:
            run.own &= ~LABELS
            run.near &= ~LABELS
        elif words[run.element.getparent()] > MAX_LABEL_WORDS:
            run.near &= run.own | ~LABELS


class _Taker:
    """Takes the runs of a page, event by event."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        # Each block with its own parts, and those of it and the block around it.
        self._around: list[tuple[_Element, int, int]] = []
        self._named: dict[str, int] = {}
        self._skipped: _Element | None = None
        self._in_link = 0
        self._open_target = ""
        self._begin()

    def names(self) -> str:
        """The classes and ids of the blocks that were walked over."""
        return "\n".join(self._named).lower()

    def _begin(self) -> None:
        self._pieces: list[str] = []
        self._linked = 0
        self._target = self._open_target if self._in_link else ""

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
            self._open_target = element.get("href") or ""
            self._target = self._target or self._open_target
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
            element, own, near = self._around[-1]
            self.runs.append(Run(text, squeeze(text), len(self.runs), element, own, near, self._linked, self._target))
        self._begin()

    def _own(self, element: _Element, tag: str) -> int:
        # The id of a heading is made from its words.
        id_ = "" if tag in _HEADINGS else element.get("id") or ""
        names = f"{element.get('class') or ''} {id_}"[:MAX_NAME_CHARS]
        part = self._named.get(names)
        if part is None:
            part = 0
            for word in _NAMES.findall(names):
                part |= _NAMED.get(word.lower(), 0)
            self._named[names] = part
        return part | _ELEMENTS.get(tag, 0)
