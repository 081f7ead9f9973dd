"""Which of trafilatura's two results to take: the fast one, or that of the full comparison, which costs twice as much.

The page's outline says how much running text there is that may belong to the article. The fast result is taken where it
has most of that; only where it has not is the full one asked for, and the better of both taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lxml.etree import _Element

from copydesk.core.outline import ELSEWHERE, MAX_LINK_SHARE, PROSE_WORDS, Outline, Run, Searched, squeeze, word_count
from copydesk.models import Block

ENOUGH = 0.5
"""Share of the page's running text that a result has to have to be taken without a look at the other."""

MOSTLY = 0.25
"""Share of a result that has to be running text, likewise."""

LEAST_WORDS = 20
"""A result of fewer words is never taken without a look at the other."""


def choose(page: Outline, fast: list[Block], full: Callable[[], list[Block]]) -> list[Block]:
    """The better of two results; ``full`` is only called where ``fast`` is in doubt."""
    prose = _prose(page)
    total = sum(prose.values())
    found, words = _found(prose, fast)
    if found >= ENOUGH * total and found >= MOSTLY * words and words >= LEAST_WORDS:
        return fast
    other = full()
    other_found, other_words = _found(prose, other)
    # Where there is no prose on the page, more is better.
    mine, its = (_mean(found, words, total), words), (_mean(other_found, other_words, total), other_words)
    return other if its > mine else fast


def _prose(page: Outline) -> dict[str, int]:
    """Squeezed text and words of each run of the page that may be the article's."""
    runs = [run for run in page.runs if _is_prose(run)]
    return {run.key: run.words for run in _of_main_article(page, runs)}


def _is_prose(run: Run) -> bool:
    return run.words >= PROSE_WORDS and run.link_share <= MAX_LINK_SHARE and not run.near & ELSEWHERE


def _of_main_article(page: Outline, runs: Sequence[Run]) -> Iterable[Run]:
    """Without those of other articles, where the one that has the first heading of the page is told from others."""
    main = _article(page.heading.element) if page.heading is not None else None
    homes = {id(run): _article(run.element) for run in runs}
    if main is None or all(home is not main for home in homes.values()):
        return runs
    around = {main, *main.iterancestors()}
    return [run for run in runs if (home := homes[id(run)]) is None or home in around or main in home.iterancestors()]


def _article(element: _Element) -> _Element | None:
    return element if element.tag == "article" else next(element.iterancestors("article"), None)


def _found(prose: dict[str, int], blocks: Iterable[Block]) -> tuple[int, int]:
    """Words of the prose that a result has, and all its words."""
    keys = [squeeze(block.text) for block in blocks]
    there = Searched(keys)
    return sum(words for key, words in prose.items() if there.has(key)), sum(map(word_count, keys))


def _mean(found: int, words: int, total: int) -> float:
    """The harmonic mean of the share of the prose that is found and the share of the result that is prose."""
    return 2 * found / (words + total) if words + total else 0.0
