"""Keys by which a document is found again, and the choice of those worth comparing with.

A document enters the index under its lowest shingle hashes, and looks under a few more than it enters, since some of
those are hot: so many documents have them that they tell nothing. And under the hash of its whole text: a text all of whose
shingles are hot is found by those that say exactly the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from copydesk.core.shingles import Hashes
from copydesk.ports import Fingerprinted

ENTERED = 16
"""Keys under which a document is entered, at least; a long one under one for every ``WORDS_A_KEY`` words."""
WORDS_A_KEY = 32
MOST_ENTERED = 64
"""Keys under which the longest document is entered."""
MOST = MOST_ENTERED * 5 // 4
"""Keys under which the longest document looks."""
HOT = 32
"""Documents with one key from which on it tells nothing: few more are entered under it until older ones expire."""
FEW = 8
"""Documents of one time slice that are entered under a hot key, so that the next slice still finds some."""
MAX_CANDIDATES = 32
MIN_MERIT = 0.2
"""Merit below which a document is worth loading only as one of a few, and only if it shares more than one key."""
MOST_UNLIKELY = 6
"""How many of those are loaded: a heavily edited copy of a text that many have copied looks like one of them."""

KEY_BITS = 48
# Tells the hash of a text from that of a shingle, which may be the same words.
_TEXT = np.uint64(0x5DEECE66D1CE4E5B)

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """Keys of a document: its text, then its shingles, the lowest first; ``entered``: how many of those find it."""

    keys: Hashes
    entered: int

    def enter(self, counts: Sequence[int], recent: Sequence[int]) -> tuple[tuple[int, ...], int]:
        """Return the keys that tell something, those to be entered first, and how many those are.

        Args:
            counts: Documents that each key finds.
            recent: Of those, the ones in the current time slice.
        """
        cool = [int(key) for key, count, now in zip(self.keys, counts, recent, strict=True) if count < HOT or now < FEW]
        if not len(self.keys):
            return (), 0
        text = int(self.keys[0])
        if cool and cool[0] == text:
            return tuple(cool), min(len(cool), 1 + self.entered)
        # Whoever comes at the same time with the same text is asked for in any case.
        return (*cool, text), min(len(cool), self.entered)


def sketch(prints: Fingerprinted) -> Sketch:
    """Return the keys of a document: ``KEY_BITS`` bits each."""
    entered = min(max(ENTERED, prints.tokens // WORDS_A_KEY), MOST_ENTERED)
    if not prints.tokens:  # a text without a word is like no other
        return Sketch(np.empty(0, dtype=np.uint64), entered)
    text = np.array([np.uint64(prints.text) ^ _TEXT], dtype=np.uint64)
    # The lowest hashes are much alike in their high bits.
    keys = np.concatenate([text, prints.shingles[: entered * 5 // 4]]) & np.uint64((1 << KEY_BITS) - 1)
    return Sketch(keys, entered)


def promising(keys: Numbers, numbers: Numbers, documents: Numbers, most: int = MAX_CANDIDATES) -> list[list[int]]:
    """Return, for each document that looks, the numbers of those worth loading, the most promising first.

    A candidate's merit is the sum over the keys that it shares of one by the number of documents that the key finds: a
    rare shingle says much, one that many share next to nothing. The same text is worth as much as a shingle of one's own.

    Args:
        keys: The keys under which something was found, numbered from 0 through all documents that look.
        numbers: For each of those, the number of a document that it finds.
        documents: For each key, by its number, the place of the document that looks with it; ascending. The first of
            each document's is that of its text.
        most: How many to return for each.
    """
    wanted: list[list[int]] = [[] for _ in range(int(documents[-1]) + 1 if len(documents) else 0)]
    if not len(keys):
        return wanted
    texts = np.concatenate([[True], documents[1:] != documents[:-1]])
    weights = np.where(texts[keys], 1.0, 1.0 / np.bincount(keys)[keys])
    seekers = documents[keys]
    order = np.lexsort((numbers, seekers))
    seekers, numbers, weights = seekers[order], numbers[order], weights[order]
    first = np.flatnonzero(np.r_[True, (numbers[1:] != numbers[:-1]) | (seekers[1:] != seekers[:-1])])
    merits, shared = np.add.reduceat(weights, first), np.diff(np.r_[first, len(numbers)])
    seekers, numbers = seekers[first], numbers[first]
    kept = (merits >= MIN_MERIT) | (shared > 1)
    seekers, numbers, merits = seekers[kept], numbers[kept], merits[kept]
    unlikely = [0] * len(wanted)
    for place in np.lexsort((numbers, -merits, seekers)):
        seeker = seekers[place]
        if merits[place] < MIN_MERIT:
            unlikely[seeker] += 1
        if len(wanted[seeker]) < most and unlikely[seeker] <= MOST_UNLIKELY:
            wanted[seeker].append(int(numbers[place]))
    return wanted
