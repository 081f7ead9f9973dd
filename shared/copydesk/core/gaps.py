"""What trafilatura leaves out of the middle of an article: sub-headings, list items and embedded posts are put back.

A run of text that stands between two blocks of the result, in the very element that holds the article's paragraphs, and
is neither links nor a part of the page with a purpose of its own, is the article's.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml.etree import _Element

from copydesk.core.outline import OTHER_PURPOSE, Outline, Part, Run, Searched, squeeze
from copydesk.core.structure import SENTENCE_ENDS, column_of, located
from copydesk.models import Block, BlockKind

LEAST_PARAGRAPHS = 3
"""Paragraphs that an element has to hold to be the article's."""

MAX_LINK_SHARE = 0.2
"""Share of a run's characters in links up to which it is put back; headings may be links."""

LEAD_WORDS = 10
"""Shortest lead, in words."""

MAX_LEADS = 3
"""Paragraphs of a lead at most."""

MAX_LEAD_DISTANCE = 25
"""Runs between the page's heading and the article up to which a lead is looked for."""

MAX_DEPTH = 6
"""Elements between an embedded post and the one that holds the article's paragraphs at most."""

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_POST = int(Part.QUOTE | Part.EMBED)


def fill(page: Outline, blocks: list[Block]) -> list[Block]:
    """Put what was left out back into its place among the blocks."""
    runs = located(page, blocks)
    column, _ = column_of(blocks, runs)
    known = [run.place for run in runs if run is not None]
    if column is None or len([run for run in runs if run and run.element.getparent() is column]) < LEAST_PARAGRAPHS:
        return blocks
    there = Searched([squeeze(block.text) for block in blocks])
    found = {
        run.place: Block(text=run.text, kind=_kind(run))
        for run in page.runs[min(known) : max(known)]
        if run.key and _belongs(run, column) and not there.has(run.key)
    }
    found.update((run.place, Block(text=run.text)) for run in _lead(page, known) if not there.has(run.key))
    return _merged(blocks, runs, found) if found else blocks


def _lead(page: Outline, known: Sequence[int]) -> list[Run]:
    """The lead, where it stands in an element of its own between the page's heading and the article."""
    if page.heading is None:
        return []
    heading = page.heading.place
    first = min((place for place in known if place > heading), default=None)
    if first is None or first > heading + MAX_LEAD_DISTANCE:
        return []
    return [
        run
        for run in page.runs[heading + 1 : first]
        if run.near & Part.LEAD
        and not run.near & OTHER_PURPOSE & ~Part.RELATED
        and run.words >= LEAD_WORDS
        and run.link_share <= MAX_LINK_SHARE
        and run.text.endswith(SENTENCE_ENDS)
    ][:MAX_LEADS]


def _belongs(run: Run, column: _Element) -> bool:
    parent = run.element.getparent()
    if run.near & _POST == _POST:
        return _is_within(run.element, column)
    if run.near & OTHER_PURPOSE:
        return False
    if run.element.tag in _HEADINGS:
        return parent is column
    if run.link_share > MAX_LINK_SHARE:
        return False
    if run.element.tag == "li":
        return parent is not None and parent.getparent() is column
    return parent is column and run.element.tag in ("p", "div")


def _is_within(element: _Element, column: _Element) -> bool:
    around: _Element | None = element
    for _ in range(MAX_DEPTH):
        around = around.getparent() if around is not None else None
        if around is column:
            return True
    return False


def _kind(run: Run) -> BlockKind:
    if run.element.tag in _HEADINGS:
        return BlockKind.HEADING
    if run.near & Part.QUOTE:
        return BlockKind.QUOTE
    return BlockKind.LIST_ITEM if run.element.tag == "li" else BlockKind.PARAGRAPH


def _merged(blocks: Sequence[Block], runs: Sequence[Run | None], found: dict[int, Block]) -> list[Block]:
    merged: list[Block] = []
    waiting = sorted(found)
    for block, run in zip(blocks, runs, strict=True):
        while run is not None and waiting and waiting[0] < run.place:
            merged.append(found[waiting.pop(0)])
        merged.append(block)
    return merged + [found[place] for place in waiting]
