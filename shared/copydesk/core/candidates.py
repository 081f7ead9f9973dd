"""Keys by which a document is found again, and the choice of those worth comparing with.

Two passages that differ in a few bits often agree in one of the two 32-bit halves of their fingerprints, and two texts
that share passages share some of their lowest halves: the bottom-k sketch of Broder (1997), taken of either half. So a
document enters the index under its 12 lowest high halves and its 12 lowest low halves, under four 16-bit bands of its
document fingerprint, and under the hash of its whole text, which finds the exact copy of a text without passages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from copydesk.core.simhash import Fingerprints
from copydesk.ports import Fingerprinted

ENTERED = 12
"""Halves of either side under which a document is entered, at least; a long one under a third of its passages."""
ASKED = 20
"""Halves of either side under which it looks, at least; more than it enters, since some of those are hot."""
MOST = 64
"""Halves of either side under which the longest document is entered and looks."""
HOT = 32
"""Documents with one key from which on it tells nothing: no more are entered under it until older ones expire."""
MAX_CANDIDATES = 32

Keys = npt.NDArray[np.uint32]

_BANDS = 4
# The finaliser of MurmurHash3, 64 bits (A. Appleby).
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """Keys of a document, 32 bits each, the lowest halves first; ``entered``: halves of either side it is to enter."""

    exact: Keys
    bands: Keys
    high: Keys
    low: Keys
    entered: int

    def all(self) -> Keys:
        """All keys, in the order in which ``enter`` expects their counts."""
        return np.concatenate([self.exact, self.bands, self.high, self.low])

    def enter(self, counts: Mapping[int, int]) -> tuple[tuple[int, ...], int]:
        """Return the keys that tell something, those to be entered first, and how many those are.

        Args:
            counts: Documents that each key finds.
        """
        entered = [int(key) for key in self.exact]
        asked: list[int] = []
        for keys, most in ((self.bands, _BANDS), (self.high, self.entered), (self.low, self.entered)):
            cool = [int(key) for key in keys if counts.get(int(key), 0) < HOT]
            entered += cool[:most]
            asked += cool[most:]
        return (*entered, *asked), len(entered)


def sketch(prints: Fingerprinted) -> Sketch:
    """Return the keys of a document."""
    bands = (np.uint64(prints.document) >> np.arange(0, 64, 16, dtype=np.uint64)) & np.uint64(0xFFFF)
    passages = len(prints.passages)
    asked = min(max(ASKED, passages // 2), MOST)
    return Sketch(
        # A text without a word has no key at all, so that it is like no other.
        exact=_mixed(np.array([prints.text] if prints.document else [], dtype=np.uint64), kind=1),
        bands=_mixed(bands | np.arange(_BANDS, dtype=np.uint64) << np.uint64(16), kind=2)[: _BANDS if passages else 0],
        high=_lowest(prints.passages >> np.uint64(32), kind=3)[:asked],
        low=_lowest(prints.passages & np.uint64(0xFFFFFFFF), kind=4)[:asked],
        entered=min(max(ENTERED, passages // 3), MOST),
    )


def _mixed(values: Fingerprints, kind: int) -> Keys:
    mixed = (values ^ (values >> np.uint64(33))) * _FIRST + np.uint64(kind)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * _SECOND
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _lowest(halves: Fingerprints, kind: int) -> Keys:
    return np.unique(_mixed(halves, kind))


def best(found: Sequence[npt.NDArray[np.int64]], most: int = MAX_CANDIDATES) -> list[int]:
    """Return the numbers of the documents worth loading, the most promising first.

    Args:
        found: The documents that each key finds. A document's merit is the sum over its keys of one by the number of
            documents that the key finds: a rare passage says much, one that many share next to nothing.
        most: How many to return.
    """
    found = [numbers for numbers in found if len(numbers)]
    if not found:
        return []
    weights = np.concatenate([np.full(len(numbers), 1.0 / len(numbers)) for numbers in found])
    numbers, places = np.unique(np.concatenate(found), return_inverse=True)
    merits = np.bincount(places, weights)
    order = np.lexsort((numbers, -merits))[:most]
    return [int(number) for number in numbers[order]]
