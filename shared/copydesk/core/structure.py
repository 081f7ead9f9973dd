"""Where each block of a result stood on its page, and what that alone says: captions, bylines, what lies beyond the article.

The element that holds most of the text's paragraphs is the article's column. What a result has from outside of it is
judged by its side: a paragraph above may be the lead, but short text below is of something else.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.etree import _Element

from copydesk.core.outline import MAX_LINK_SHARE, OTHER_PURPOSE, PROSE_WORDS, Outline, Part, Run, squeeze
from copydesk.core.urls import host_of
from copydesk.models import Block, RemovalReason

WHOLE_COLUMN = 0.75
"""Share of a text's words that its column has to hold for what stands below it to be of something else."""

MAX_LABEL_WORDS = 12
"""Words up to which what stands above the page's first heading is a label of the page."""

LINKED_SHARE = 0.95
"""Share of a block's characters in links from which it is nothing but a link."""

MAX_BIO_WORDS = 60
"""Longest note on an author, and longest caption."""

MAX_DATE_WORDS = 6
"""Longest date line."""

MAX_CLASSES = 20
"""Classes of an element that are looked at."""

SENTENCE_ENDS = (".", "!", "?", "…", '"', "”", "“", "»", "。", "؟")
"""What a sentence ends with."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a block stood.

    Attributes:
        run: Its run of the page's text; None where it is made of several, or not found.
        beyond: It stands below the article's column.
        above: It stands above the page's first heading.
    """

    run: Run | None = None
    beyond: bool = False
    above: bool = False

    @property
    def is_link(self) -> bool:
        """Whether the block is nothing but a link."""
        return self.run is not None and self.run.link_share >= LINKED_SHARE

    def leads_to(self, url: str | None) -> bool:
        """Whether the block is nothing but a link to a page of the same site."""
        if not self.is_link or self.run is None:
            return False
        target = self.run.target
        if not target:
            return False
        if target.startswith("//") or "://" in target:
            return url is not None and host_of(target).removeprefix("www.") == host_of(url).removeprefix("www.")
        return not target.startswith(("mailto:", "tel:", "#"))

    def has(self, part: Part) -> bool:
        """Whether the block itself, or the element around it, is such a part."""
        return self.run is not None and bool(self.run.near & part)

    @property
    def is_main_heading(self) -> bool:
        """Whether the block is the page's first-level heading."""
        return self.run is not None and (
            self.run.element.tag == "h1" or next(self.run.element.iterancestors("h1"), None) is not None
        )


def standings(page: Outline, blocks: Sequence[Block]) -> list[Standing]:
    """Where each block stood."""
    runs = located(page, blocks)
    column, share = column_of(blocks, runs)
    inside = [run.place for run in runs if column is not None and run is not None and _is_in(run.element, column)]
    if column is None or not inside:
        return [Standing(run) for run in runs]
    first, last = min(inside), max(inside)
    end = next((run.place for run in page.runs[last + 1 :] if run.element.tag == "h1"), len(page.runs))
    heading = page.heading.place if page.heading is not None and page.heading.place <= first else -1
    is_whole = share >= WHOLE_COLUMN
    return [
        Standing(
            run,
            beyond=run is not None
            and is_whole
            and run.place > last
            and (run.place >= end or not _continues(run, column)),
            above=run is not None and run.place < heading,
        )
        for run in runs
    ]


def located(page: Outline, blocks: Sequence[Block]) -> list[Run | None]:
    """For each block its run on the page, further and further down as far as that is possible."""
    last = -1
    found: list[Run | None] = []
    for block in blocks:
        same = page.by_key.get(squeeze(block.text), [])
        at = bisect_right(same, last, key=lambda run: run.place)
        found.append(same[at] if at < len(same) else None)
        last = same[at].place if at < len(same) else last
    return found


def column_of(blocks: Sequence[Block], runs: Sequence[Run | None]) -> tuple[_Element | None, float]:
    """The element that holds most of the paragraphs, and its share of all the words."""
    words: Counter[_Element | None] = Counter()
    for run in runs:
        if run is not None and run.words >= PROSE_WORDS and run.link_share <= MAX_LINK_SHARE:
            words[run.element.getparent()] += run.words
    column, count = next(iter(words.most_common(1)), (None, 0))
    total = sum(
        run.words if run is not None else block.text.count(" ") + 1 for block, run in zip(blocks, runs, strict=True)
    )
    return column, count / max(1, total)


def _is_in(element: _Element, column: _Element) -> bool:
    return any(around is column for around in element.iterancestors())


def _continues(run: Run, column: _Element) -> bool:
    """Whether a run below the column is a further part of the article.

    It is where an element around it is of the column's kind; a note or correction is; and a paragraph beside the column, or
    in an element beside it, is.
    """
    if run.near & Part.NOTE:
        return True
    kind = _kind(column)
    if kind and any(around.tag == column.tag and kind & _kind(around) for around in run.element.iterancestors()):
        return True
    beside = column.getparent()
    parent = run.element.getparent()
    return (
        beside is not None
        and parent is not None
        and (parent is beside or parent.getparent() is beside)
        and run.words >= PROSE_WORDS
        and run.link_share <= MAX_LINK_SHARE
        and not run.near & OTHER_PURPOSE
        and run.text.endswith(SENTENCE_ENDS)
    )


def _kind(element: _Element) -> frozenset[str]:
    """The names of an element's classes, without the numbers that tell one from the next."""
    return frozenset(name.rstrip("0123456789-_") for name in (element.get("class") or "").split()[:MAX_CLASSES])


@dataclass(frozen=True, slots=True)
class _Sign:
    """What it shows that a block stands in a part of the page, up to a number of words."""

    evidence: str
    reason: RemovalReason
    part: Part
    max_words: int = 100_000


_SIGNS = (
    _Sign("structure:caption", RemovalReason.CAPTION, Part.CAPTION, MAX_BIO_WORDS),
    _Sign("structure:author", RemovalReason.BYLINE, Part.AUTHOR, MAX_BIO_WORDS),
    _Sign("structure:date", RemovalReason.DATELINE, Part.DATELINE, MAX_DATE_WORDS),
    _Sign("structure:footer", RemovalReason.NAVIGATION, Part.FOOTER | Part.FORM),
)


def judge(standing: Standing, *, words: int) -> tuple[RemovalReason, str] | None:
    """What a block's place alone shows it to be, and the evidence; None where it may be the article's."""
    if standing.beyond:
        return RemovalReason.RELATED, "structure:beyond"
    if standing.above and words < MAX_LABEL_WORDS:
        return RemovalReason.NAVIGATION, "structure:above"
    if standing.has(Part.LEAD | Part.STANDFIRST):
        return None
    sign = next((sign for sign in _SIGNS if words <= sign.max_words and standing.has(sign.part)), None)
    return (sign.reason, sign.evidence) if sign else None
