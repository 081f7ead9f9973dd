"""Strips from a page's blocks what is not the article: by rules, by place, what its site repeats, what stands there twice.

Nothing is lost: the blocks that stay and the removed ones, each with its index, together are what came in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from copydesk.core.learned import Learned
from copydesk.core.outline import Part, squeeze
from copydesk.core.rules import Line, Where, fold
from copydesk.core.rules.ruleset import BUILT_IN, RuleSet
from copydesk.core.rules.select import languages
from copydesk.core.structure import Standing, judge
from copydesk.core.urls import host_of
from copydesk.models import Block, BlockKind, RemovalReason, RemovedBlock

PROSE_WORDS = 25
"""Words from which a block counts as running text when the places of a document are told apart."""

REPEAT_WORDS = 8
"""Shortest paragraph whose second copy is a repeat; shorter ones (turns of an interview, refrains) may well recur."""

LONG_REPEAT_WORDS = 40
"""Paragraphs of this length are removed at every copy, shorter ones only where there are exactly two."""

MAX_TEASERS = 12
"""Blocks that one heading over teasers takes with it at most."""

MAX_TEASER_WORDS = 20

MAX_LINKED_SHARE = 0.35
"""Share of the blocks that lone links may be, to be taken for teasers."""

LEAST_LINK_WORDS = 5
"""Words from which a block that is nothing but a link reads as a headline; shorter ones name a thing or a source."""

MAX_MASTHEAD_WORDS = 5

MIN_STANDFIRST_CHARS = 30
"""Shortest heading that is compared with the page's description, in characters."""

_TITLE_RULE = "title"
_SENTENCE_END = re.compile(r"[.!;,:。！؟।…]['\"”’»)\]]*$|[\"”»]$")
_CHROME = frozenset({
    RemovalReason.ADVERTISEMENT,
    RemovalReason.COMMENTS,
    RemovalReason.COMMENT_POLICY,
    RemovalReason.CONTACT,
    RemovalReason.COOKIE,
    RemovalReason.COPYRIGHT,
    RemovalReason.NAVIGATION,
    RemovalReason.NEWSLETTER,
    RemovalReason.SHARE,
    RemovalReason.SUBSCRIPTION,
})  # fmt: skip
# What a caption or a date line is not: in headings and lists the same wording belongs to the text.
_UNLIKELY = dict.fromkeys(
    (BlockKind.HEADING, BlockKind.LIST_ITEM),
    frozenset({RemovalReason.BYLINE, RemovalReason.CAPTION, RemovalReason.DATELINE}),
)
_REPEATABLE = (BlockKind.PARAGRAPH, BlockKind.QUOTE)
_VERBATIM = (BlockKind.CODE, BlockKind.TABLE)


@dataclass(frozen=True, slots=True)
class _Removal:
    reason: RemovalReason
    rule: str


@dataclass(slots=True)
class _Page:
    """The blocks with what is known of each, and the removals so far, by index."""

    blocks: Sequence[Block]
    lines: list[Line | None]
    standings: Sequence[Standing] | None
    first_prose: int
    last_prose: int
    removals: dict[int, _Removal]
    spared: set[int] = field(default_factory=set)

    def words(self, index: int) -> int:
        line = self.lines[index]
        return line.words if line else 1_000

    def is_linked(self, index: int) -> bool:
        return self.standings is not None and self.standings[index].is_link

    def is_headline_like(self, index: int) -> bool:
        return 2 <= self.words(index) <= MAX_TEASER_WORDS and not _SENTENCE_END.search(self.blocks[index].text.rstrip())


def clean(
    blocks: Sequence[Block],
    *,
    title: str | None = None,
    description: str | None = None,
    url: str | None = None,
    standings: Sequence[Standing] | None = None,
    rules: RuleSet = BUILT_IN,
    learned: Learned | None = None,
) -> tuple[list[Block], list[RemovedBlock]]:
    """Split blocks into those of the article and those that are not.

    Args:
        blocks: All blocks of the page, in order.
        title: The article's title: where the body repeats it at the top, that block goes.
        description: What the page says of itself: a heading at the top that repeats it is a standfirst, and goes too.
        url: Where the page stands: a user's rules may be for some hosts only.
        standings: Where each block stood on its page, where that is known.
        rules: The rules that lines are matched against.
        learned: What was learned of the page's site.

    Returns:
        The blocks that stay, and the removed ones with reason, rule and index among all blocks.
    """
    page = _page(blocks, standings)
    _remove_title(page, title, description)
    _remove_misplaced(page)
    _apply_rules(page, rules, host_of(url) if url else "")
    _remove_teasers(page, rules)
    _remove_lone_links(page, url)
    _remove_masthead(page)
    _remove_footer(page)
    _remove_learned(page, learned)
    _remove_repeats(page)
    for index in page.spared:
        page.removals.pop(index, None)
    kept = [block for index, block in enumerate(blocks) if index not in page.removals]
    removed = [
        RemovedBlock(text=blocks[index].text, reason=removal.reason, rule=removal.rule, index=index)
        for index, removal in sorted(page.removals.items())
    ]
    return kept, removed


def clean_text(text: str, url: str | None = None, *, rules: RuleSet = BUILT_IN) -> tuple[str, list[RemovedBlock]]:
    """Strip already-extracted text, in which a line is a block; blank lines are dropped, others stay as they came."""
    kept, removed = clean(text_blocks(text), url=url, rules=rules)
    return "\n".join(block.text for block in kept), removed


def text_blocks(text: str) -> list[Block]:
    """The blocks of already-extracted text: its lines, but for blank ones."""
    return [Block(text=line) for line in text.split("\n") if line.strip()]


def _page(blocks: Sequence[Block], standings: Sequence[Standing] | None) -> _Page:
    lines = [None if block.kind in _VERBATIM else fold(block.text) for block in blocks]
    prose = [index for index, line in enumerate(lines) if line is None or line.words >= PROSE_WORDS]
    first, last = (prose[0], prose[-1]) if prose else (0, len(blocks) - 1)
    return _Page(blocks, lines, standings, first, last, {})


def _remove_title(page: _Page, title: str | None, description: str | None) -> None:
    """The title and the standfirst, where the text repeats them at its top."""
    wanted, summary = squeeze(title or ""), squeeze(description or "")
    for index in range(min(len(page.blocks), max(page.first_prose, 4) + 1)):
        text = squeeze(page.blocks[index].text)
        is_heading = page.blocks[index].kind is BlockKind.HEADING
        if wanted and text == wanted:
            page.removals[index] = _Removal(RemovalReason.HEADLINE, _TITLE_RULE)
        elif page.standings is None or not is_heading or index > page.first_prose:
            continue
        elif page.standings[index].is_main_heading:
            page.removals[index] = _Removal(RemovalReason.HEADLINE, "structure:heading")
        elif (
            page.standings[index].has(Part.STANDFIRST)
            and len(text) >= MIN_STANDFIRST_CHARS
            and summary.startswith(text[:200])
        ):
            page.removals[index] = _Removal(RemovalReason.HEADLINE, "structure:standfirst")


def _remove_misplaced(page: _Page) -> None:
    """What its place alone shows to be no part of the article; where that would be most of the text, nothing."""
    found: dict[int, _Removal] = {}
    for index, standing in enumerate(page.standings or ()):
        shown = judge(standing, words=page.words(index))
        if shown and index not in page.removals and shown[0] not in _UNLIKELY.get(page.blocks[index].kind, ()):
            found[index] = _Removal(*shown)
    if 2 * sum(map(page.words, found)) <= sum(map(page.words, range(len(page.blocks)))):
        page.removals.update(found)


def _apply_rules(page: _Page, rules: RuleSet, host: str) -> None:
    likely = rules.on_page(page.lines, languages(page.lines), host)
    for index, line in enumerate(page.lines):
        if line is None:
            continue
        unlikely = _UNLIKELY.get(page.blocks[index].kind, frozenset())
        for rule in likely.candidates(line):
            if rule.matches(line) and rule.reason not in unlikely and _may_stand(rule.where, page, index):
                if rule.reason is None:
                    page.spared.add(index)
                else:
                    page.removals.setdefault(index, _Removal(rule.reason, rule.id))
                break


def _may_stand(where: Where, page: _Page, index: int) -> bool:
    count = len(page.blocks)
    match where:
        case Where.ANYWHERE:
            return True
        case Where.HEAD:
            return index < max(2, page.first_prose)
        case Where.INSIDE:
            return index > 0 or count == 1
        case Where.TAIL:
            return 2 * index >= count - 1 or count - index <= 6
        case Where.END:
            return count - index <= max(5, count // 5) or index >= page.last_prose - 2


def _remove_teasers(page: _Page, rules: RuleSet) -> None:
    """A heading over teasers takes the teasers with it."""
    for start in [index for index, removal in page.removals.items() if removal.rule in rules.openers]:
        for index in range(start + 1, min(len(page.blocks), start + 1 + MAX_TEASERS)):
            if index in page.removals:
                continue
            if not _is_teaser(page, index, is_first=index == start + 1):
                break
            page.removals[index] = _Removal(RemovalReason.RELATED, f"under:{page.removals[start].rule}")


def _is_teaser(page: _Page, index: int, *, is_first: bool) -> bool:
    kind = page.blocks[index].kind
    if kind in _VERBATIM or kind is BlockKind.QUOTE:
        return False
    if page.is_linked(index):
        return page.words(index) <= 2 * MAX_TEASER_WORDS
    if (
        page.standings is not None
        and kind is not BlockKind.LIST_ITEM
        and not (is_first and kind is BlockKind.PARAGRAPH)
    ):
        # Where links are known, a teaser without one is a lone one: the title of a picture or video.
        return False
    return page.is_headline_like(index) and page.words(index) >= 3


def _remove_lone_links(page: _Page, url: str | None) -> None:
    """A paragraph or list item that is one link and no sentence points to another page of the site.

    Where much of a page is such links, they are what the page is about.
    """
    found = [
        index
        for index, (block, line) in enumerate(zip(page.blocks, page.lines, strict=True))
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
        and line is not None
        and LEAST_LINK_WORDS <= line.words <= MAX_TEASER_WORDS
        and not line.ends_sentence
        and index not in page.removals
        and page.standings is not None
        and page.standings[index].leads_to(url)
    ]
    if len(found) <= MAX_LINKED_SHARE * len(page.blocks):
        page.removals.update(dict.fromkeys(found, _Removal(RemovalReason.RELATED, "lone link")))


def _remove_masthead(page: _Page) -> None:
    """A site's name at the top: a few words right above page chrome, where the title stands elsewhere."""
    has_title = any(removal.rule == _TITLE_RULE for removal in page.removals.values())
    for index in range(min(4 if has_title else 1, len(page.blocks) - 3, page.first_prose)):
        if index in page.removals or index + 1 not in page.removals or page.words(index) > MAX_MASTHEAD_WORDS:
            continue
        below = page.removals[index + 1].reason
        is_above_title = page.words(index + 2) > MAX_MASTHEAD_WORDS and page.is_headline_like(index + 2)
        if below in _CHROME and page.is_headline_like(index) and (has_title or is_above_title):
            page.removals[index] = _Removal(RemovalReason.NAVIGATION, "masthead")


def _remove_footer(page: _Page) -> None:
    """Below a run of page chrome at the very end, one or two short lines more are chrome too (a site's motto)."""
    last = len(page.blocks) - 1
    rest = last
    while rest > 0 and rest not in page.removals:
        rest -= 1
    if not 1 <= last - rest <= 2 or not {rest, rest - 1, rest - 2} <= page.removals.keys():
        return
    if not all(page.removals[index].reason in _CHROME for index in (rest, rest - 1, rest - 2)):
        return
    for index in range(rest + 1, last + 1):
        if page.words(index) <= 15 and not page.blocks[index].text.rstrip().endswith(":"):
            page.removals[index] = _Removal(RemovalReason.NAVIGATION, "footer")


def _remove_learned(page: _Page, learned: Learned | None) -> None:
    if learned is None:
        return
    left = [index for index in range(len(page.blocks)) if index not in page.removals]
    for position, key in learned.find([page.blocks[index].text for index in left]).items():
        page.removals[left[position]] = _Removal(RemovalReason.RECURRING, f"learned:{key:016x}")


def _remove_repeats(page: _Page) -> None:
    """The second copy of a paragraph goes; what stands there more often is meant (the same meal on every day's plan)."""
    places: dict[str, list[int]] = {}
    for index, block in enumerate(page.blocks):
        if index not in page.removals and block.kind in _REPEATABLE and page.words(index) >= REPEAT_WORDS:
            places.setdefault(squeeze(block.text), []).append(index)
    for first, *others in places.values():
        if len(others) == 1 or (others and page.words(first) >= LONG_REPEAT_WORDS):
            page.removals.update(dict.fromkeys(others, _Removal(RemovalReason.REPEAT, f"block {first}")))
