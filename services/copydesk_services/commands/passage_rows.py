"""The passages of a document beside those of others, as rows: which belongs to which, and what changed within it. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from copydesk.core.comparison import FAR
from copydesk.core.fingerprint import fingerprint
from copydesk.core.passages import split
from copydesk.core.simhash import distances
from copydesk.ports import Fingerprinted

# Comparing word by word takes the square of their number.
MAX_PIECES = 1_500

# A word, or one character of a script without spaces, or white space, or any other sign.
_PIECE = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\\W\u0e01-\u9fff]+|\\w|\\s+|."
)

Kind = Literal["same", "edited", "here", "there"]
Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text to be shown: what its passages are, and their fingerprints."""

    passages: tuple[str, ...]
    prints: Fingerprinted

    @classmethod
    def of(cls, blocks: Sequence[str]) -> Text:
        """The text of these blocks."""
        passages = split(blocks)
        texts = []
        for n, passage in enumerate(passages):
            # A sentence above the bound is several passages, and each has the text of the whole.
            goes_on = n > 0 and passage.block == passages[n - 1].block and passage.text == passages[n - 1].text
            texts.append("(the sentence goes on)" if goes_on else passage.text)
        return cls(tuple(texts), fingerprint(blocks))


@dataclass(frozen=True, slots=True)
class Link:
    """A passage (from 0) of the document, and the one in another that it is most like; ``other``: which, from 0."""

    here: int
    other: int
    there: int
    distance: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a passage, its counterpart, or both.

    Attributes:
        number: Of the match, from 1; 0 where there is none.
        here: Passage of the document.
        there: Passage of document number ``other``.
    """

    kind: Kind
    here: int | None = None
    there: int | None = None
    other: int = 0
    number: int = 0
    distance: int = 0


@dataclass(slots=True)
class Run:
    """Rows that follow each other and are of like interest: to be looked at, or not."""

    quiet: bool
    rows: list[Row] = field(default_factory=list)


def link(text: Text, others: Sequence[Text | None], most: int) -> list[Link]:
    """Find the counterpart of each passage: in the first of the others within ``most`` bits, or else in the closest.

    An other that is None is no longer stored: nothing is found in it.
    """
    if not len(text.prints.passages):
        return []
    tables = [None if other is None else distances(text.prints.passages, other.prints.passages) for other in others]
    links = []
    for passage in range(len(text.prints.passages)):
        best: Link | None = None
        for n, table in enumerate(tables):
            if table is None or not table.shape[1]:
                continue
            there = int(table[passage].argmin())
            found = Link(passage, n, there, int(table[passage, there]))
            if best is None or found.distance < best.distance:
                best = found
            if best.distance <= most:
                break
        if best is not None and best.distance < FAR:
            links.append(best)
    return links


def rows(passages: int, first: int, links: Iterable[Link], back: Sequence[tuple[int, int]] = ()) -> list[Row]:
    """Return the rows of a document with so many ``passages``, in its order.

    Args:
        passages: Of the document.
        first: Passages of the first of the other documents; those without a counterpart stand behind the one that they
            follow there. Of the further documents only what has a counterpart is shown.
        links: The counterparts.
        back: For passages of the first other that are in no link: the one here that each is like, and its distance
            (``FAR`` or more: none).
    """
    by_passage = {found.here: found for found in links}
    numbers = {passage: n for n, passage in enumerate(sorted(by_passage), start=1)}
    places = {
        found.there: found.here
        for found in sorted(by_passage.values(), key=lambda x: x.here, reverse=True)
        if not found.other
    }
    left: dict[int, list[Row]] = defaultdict(list)
    place = -1
    for there in range(first):
        if there in places:
            place = places[there]
            continue
        here, distance = back[there] if there < len(back) else (0, FAR)
        if distance < FAR and here in numbers:
            left[place].append(Row("edited" if distance else "same", None, there, 0, numbers[here], distance))
        else:
            left[place].append(Row("there", None, there))
    result = left[-1]
    for here in range(passages):
        found = by_passage.get(here)
        if found is None:
            result.append(Row("here", here))
        else:
            kind: Kind = "edited" if found.distance else "same"
            result.append(Row(kind, here, found.there, found.other, numbers[here], found.distance))
        result += left[here]
    return result


def backwards(text: Text, other: Text) -> list[tuple[int, int]]:
    """For each passage of ``other`` the one of ``text`` that it is most like, and its distance."""
    table = distances(text.prints.passages, other.prints.passages)
    if not table.size:
        return []
    closest = table.argmin(axis=0)
    return [(int(here), int(table[here, there])) for there, here in enumerate(closest)]


def runs(all_rows: Iterable[Row], quiet: frozenset[Kind]) -> Iterator[Run]:
    """Group rows that follow each other by whether their kind is among the ``quiet`` ones."""
    run = Run(quiet=False)
    for row in all_rows:
        if (row.kind in quiet) != run.quiet:
            if run.rows:
                yield run
            run = Run(quiet=row.kind in quiet)
        run.rows.append(row)
    if run.rows:
        yield run


def changed(here: str, there: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, each with whether the other text lacks it there."""
    left, right = _PIECE.findall(here), _PIECE.findall(there)
    if max(len(left), len(right)) > MAX_PIECES:
        return [(here, False)], [(there, False)]
    own: list[Piece] = []
    other: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for pieces, part in ((own, left[i:j]), (other, right[k:m])):
            if part:
                pieces.append(("".join(part), tag != "equal"))
    return own, other
