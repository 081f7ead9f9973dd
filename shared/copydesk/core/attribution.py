"""Whom a document names as the source of its text: a news agency, or the publisher that had it first.

The ways to say so are those of ``copydesk.core.credit_rules``, the agencies those of ``copydesk.core.agencies``; here is
which lines of a document are read for what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address
from itertools import islice
from typing import Literal

from copydesk.core.agencies import bare, owner
from copydesk.core.credit_rules import MAX_CREDIT_CHARS, RULES, Place, plain
from copydesk.core.urls import host_of
from copydesk.models import Block, Credit, Extraction, RemovalReason, RemovedBlock

__all__ = ["credits", "credits_of", "is_same_site", "named", "owner"]

CANONICAL = "canonical"
"""The rule that is none of the table: the page gives an address on another host as its canonical one."""

MAX_LINE_CHARS = 400
"""Length of a line beyond which it is no credit line; of a longer block only the beginning and the end are looked at."""

MAX_PADDED_CHARS = 2_000
"""The same before runs of spaces are made single."""

MAX_LINES = 40
"""Lines that are read in one place, at most."""

MAX_CREDITS = 6

HEAD_LINES = 12
HEAD_PROSE = 2
"""Blocks of running text that may stand above the article: captions, summaries."""

OPENING_LINES = 4
TAIL_LINES = 6
PROSE_CHARS = 150
"""Length from which a block counts as running text."""

LEAST_OWN = 5
"""Letters from which a host's name, standing first in that of a publisher, makes it the same one: Politico Pro."""

_BY = re.compile(r"(?i:by|von|par|por) \S")
_UNREAD = frozenset({
    RemovalReason.ADVERTISEMENT,
    RemovalReason.CAPTION,
    RemovalReason.COMMENTS,
    RemovalReason.NAVIGATION,
    RemovalReason.RELATED,
    RemovalReason.SEPARATOR,
})  # fmt: skip
_CREDITING = frozenset({RemovalReason.COPYRIGHT, RemovalReason.CREDIT, RemovalReason.DISCLAIMER})


def credits(  # noqa: A001 -- the word of the document's field
    *,
    host: str,
    title: str | None,
    authors: Sequence[str],
    blocks: Sequence[Block],
    removed: Sequence[RemovedBlock],
    site_name: str | None = None,
    canonical_host: str | None = None,
) -> list[Credit]:
    """Whom a document names as the source of its text, the surest first, each once.

    Args:
        host: Where the document stands; a site does not credit itself as publisher.
        title: A line that repeats it says nothing of the source.
        authors: As the page's metadata says.
        blocks: The text.
        removed: What was stripped from it, since credit lines are boilerplate too.
        site_name: What the site calls itself.
        canonical_host: Host of the address that the page gives as its canonical one, where that is another.
    """
    found = [*_canonical(host, canonical_host)]
    places = _places(title, authors, blocks, removed)
    for rule in RULES:
        lines, lowered = places[rule.place]
        if rule.may_match(lowered):
            for line in lines:
                found += rule.find(line)
    kept: dict[tuple[str, str], Credit] = {}
    for credit in found:
        if credit.kind == "agency" or not _is_same(credit.name, host, site_name):
            kept.setdefault((credit.kind, credit.name.casefold()), credit)
    return list(kept.values())[:MAX_CREDITS]


def credits_of(extraction: Extraction, *, host: str, title: str | None) -> list[Credit]:
    """Whom the text of a page is credited to; see ``credits``."""
    return credits(
        host=host,
        title=title,
        authors=extraction.authors,
        blocks=extraction.blocks,
        removed=extraction.removed,
        site_name=extraction.site_name,
        canonical_host=host_of(extraction.canonical_url or ""),
    )


def named(credited: Iterable[Credit], kind: Literal["agency", "publisher"]) -> str | None:
    """The first agency, or the first publisher, among those that a text is credited to."""
    return next((credit.name for credit in credited if credit.kind == kind), None)


def is_same_site(host: str, other: str) -> bool:
    """Whether two hosts are of one publisher, as far as names tell: paper.example and m.paper.example, or paper.co.uk."""
    first, second = bare(host), bare(other)
    return first == second or (not _is_address(first) and not _is_address(second) and _label(first) == _label(second))


def _label(host: str) -> str:
    """The label that a publisher has registered: ``paper`` of ``www.paper.co.uk``."""
    labels = host.split(".")
    if len(labels) >= 3 and len(labels[-1]) == 2 and (len(labels[-2]) <= 3 or labels[-2] == "gouv"):
        return labels[-3]
    return labels[-2] if len(labels) >= 2 else host


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_same(name: str, host: str, site_name: str | None) -> bool:
    """Whether a publisher's name is that of the site itself."""
    letters = _letters(name.removeprefix("The "))
    own = _letters(_label(bare(host)).removeprefix("the"))
    if site_name and letters == _letters(site_name.removeprefix("The ")):
        return True
    if "." in name:
        return is_same_site(name, host)
    return bool(own) and (own in {letters, f"{letters}news"} or (len(own) >= LEAST_OWN and letters.startswith(own)))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _canonical(host: str, canonical_host: str | None) -> Iterator[Credit]:
    if not canonical_host or is_same_site(host, canonical_host):
        return
    if agency := owner(canonical_host):
        yield Credit(kind="agency", name=agency, rule=CANONICAL, text=canonical_host[:MAX_CREDIT_CHARS])
    yield Credit(kind="publisher", name=bare(canonical_host), rule=CANONICAL, text=canonical_host[:MAX_CREDIT_CHARS])


def _places(
    title: str | None, authors: Sequence[str], blocks: Sequence[Block], removed: Sequence[RemovedBlock]
) -> dict[Place, tuple[list[str], str]]:
    """The lines that each place has, plain and cut to what rules read of them, and all of them in lower case."""
    kept = iter(blocks)
    stripped = {block.index: block for block in removed}
    lines: list[tuple[str, RemovalReason | None]] = []
    for index in range(len(blocks) + len(removed)):
        if index in stripped:
            lines.append((stripped[index].text, stripped[index].reason))
        elif (block := next(kept, None)) is not None:
            lines.append((block.text, None))
    lines = [line for line in lines if line[1] not in _UNREAD and line[0] != title]
    prose = [index for index, (text, reason) in enumerate(lines) if reason is None and len(text) >= PROSE_CHARS]
    # What stands under a picture may be long too, so that the text is taken to begin with one of several blocks.
    start = prose[HEAD_PROSE] if len(prose) > HEAD_PROSE else len(lines)
    texts = [text for text, reason in lines if reason is None]
    opening = dict.fromkeys([*texts[:OPENING_LINES], *(lines[index][0] for index in prose[: HEAD_PROSE + 1])])
    openings = [plain(text[:MAX_LINE_CHARS])[:MAX_CREDIT_CHARS] for text in opening]
    head = _short(text for text, _ in lines[: min(start, HEAD_LINES)])
    end = max(len(lines) - TAIL_LINES, min(start, len(lines)))
    tail = _short(text for index, (text, reason) in enumerate(lines) if index >= end or reason in _CREDITING)
    last = [plain(text[-MAX_LINE_CHARS:])[-MAX_LINE_CHARS:] for text in texts[1:][-1:]]
    places = {
        # Behind its writers an agency is theirs; before others it only had a share.
        Place.AUTHOR: _short(authors[-1:]),
        Place.UNSIGNED: [] if any(_BY.match(line) for line in head) else head,
        Place.OPENING: openings,
        Place.TAIL: tail,
        Place.LAST: last,
        Place.FINAL: tail[-1:],
        Place.END: [*tail, *last],
        Place.AROUND: [*head, *tail],
        Place.ENDS: [*openings[:1], *head, *tail, *last],
    }
    return {place: (list(dict.fromkeys(found)), "\n".join(found).lower()) for place, found in places.items()}


def _short(texts: Iterable[str]) -> list[str]:
    """Those that are no longer than a credit line, however they are padded."""
    lines = (" ".join(text.split()) for text in islice(texts, MAX_LINES) if len(text) <= MAX_PADDED_CHARS)
    # Compatibility forms may be several times as long as what they stand for.
    return [short for line in lines if len(line) <= MAX_LINE_CHARS and 0 < len(short := plain(line)) <= MAX_LINE_CHARS]
