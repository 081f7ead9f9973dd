"""Whether a page is a list of articles: headlines that are links, in boxes of one kind, one after the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from lxml.html import HtmlElement

from copydesk.core.rules.model import fold

LEAST_BOXES: Final = 5
"""Boxes of one kind that make a list."""

HEADLINE_WORDS: Final = 3
MAX_LINKS: Final = 2_000
MAX_BOX_CHARS: Final = 3_000
MAX_CLIMB: Final = 5
"""Elements between a headline and its box, at most."""

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_NOT_LETTER = re.compile(r"[\W_]+")


def letters(text: str) -> str:
    """The letters and digits alone, in lower case: elements and blocks put their spaces differently."""
    return _NOT_LETTER.sub("", text).lower()


def teaser_share(tree: HtmlElement, text: str) -> float:
    """The share of a text that stands in boxes of linked headlines; 0 where a page has few of them.

    Args:
        tree: The page.
        text: What was extracted of it, a block a line.
    """
    lines = text.split("\n")
    outside = sum(map(len, map(letters, lines_outside(tree, lines))))
    return 1 - outside / max(1, sum(map(len, map(letters, lines))))


def lines_outside(tree: HtmlElement, lines: Sequence[str]) -> list[str]:
    """Those of the lines that stand in no box of a linked headline; all, where a page has few boxes."""
    boxes = "\n".join(letters(box.text_content()[:MAX_BOX_CHARS]) for box in _boxes(tree))
    return [line for line in lines if letters(line) not in boxes] if boxes else list(lines)


def _boxes(tree: HtmlElement) -> list[HtmlElement]:
    links = list(_headline_links(tree))
    inside: dict[HtmlElement, set[str]] = defaultdict(set)
    for link in links:
        for count, element in enumerate(link.iterancestors()):
            if count > MAX_CLIMB + 1:
                break
            inside[element].add(link.get("href") or "")
    kinds: dict[tuple[HtmlElement | None, str, str], dict[str, HtmlElement]] = defaultdict(dict)
    for link in links:
        box = link
        for count, element in enumerate(link.iterancestors()):
            # The largest element that holds no other headline's link.
            if count > MAX_CLIMB or len(inside[element]) > 1 or element.tag in ("body", "html", "main"):
                break
            box = element
        around = box.getparent()
        # Boxes of one kind may stand in rows: the kind is told by their parents' parent as well.
        where = around.getparent() if around is not None and around.tag not in ("body", "main") else around
        kinds[where, str(box.tag), " ".join(sorted((box.get("class") or "").split())[:1])][link.get("href") or ""] = box
    return [box for same in kinds.values() if len(same) >= LEAST_BOXES for box in same.values()]


def _headline_links(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Links within a heading, around one, or alone in their block, of the length of a headline."""
    for count, link in enumerate(tree.iter("a")):
        if count >= MAX_LINKS:
            return
        href = link.get("href") or ""
        if href.startswith(("#", "mailto:", "javascript:")) or not href:
            continue
        text = " ".join("".join(link.itertext()).split())[:MAX_BOX_CHARS]
        # Verses and sentences that are links are a text.
        if _is_heading(link) or (_is_alone(link) and not text.endswith((".", ",", ";", ":", "。"))):
            words = fold(text)
            if words is not None and words.words >= HEADLINE_WORDS:
                yield link


def _is_heading(link: HtmlElement) -> bool:
    above = [element.tag for _, element in zip(range(3), link.iterancestors(), strict=False)]
    return any(tag in _HEADINGS for tag in above) or next(link.iter(*_HEADINGS), None) is not None


def _is_alone(link: HtmlElement) -> bool:
    parent = link.getparent()
    if parent is None or parent.tag not in ("div", "li", "p", "span", "article", "section", "td", "figcaption"):
        return False
    around = (parent.text or "") + "".join(child.tail or "" for child in parent)
    return not around.strip()
