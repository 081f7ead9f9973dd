"""Shingles: runs of six words, by which texts that share wording are found, however much around it was changed.

What is kept of a text are its lowest shingle hashes, the bottom-k sketch of Broder ("On the resemblance and containment
of documents", 1997): two texts that share a part of their shingles share about that part of their lowest ones, whatever
their order and whatever else either says.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

LENGTH = 6
"""Words of a shingle: shorter runs are too often the same by chance, longer ones seldom survive an edit."""

# Multipliers of 64-bit finalisers: the golden ratio (Knuth) and one of D. Stafford's MurmurHash3 variants.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_STAFFORD = np.uint64(0xBF58476D1CE4E5B9)
_HALF, _SHIFT = np.uint64(32), np.uint64(29)


def lowest(tokens: Hashes, most: int) -> Hashes:
    """Return the lowest distinct shingle hashes of a text, ascending.

    Args:
        tokens: 64-bit hash of each of its words, in their order.
        most: How many to return; fewer where the text has fewer.
    """
    if not len(tokens):
        return np.empty(0, dtype=np.uint64)
    length = min(LENGTH, len(tokens))  # a text of fewer words is one shingle
    count = len(tokens) - length + 1
    mixed = tokens[:count].copy()
    for place in range(1, length):
        mixed ^= mixed >> _HALF
        mixed *= _GOLDEN
        mixed += tokens[place : place + count]
    mixed ^= mixed >> _HALF
    mixed *= _STAFFORD
    mixed ^= mixed >> _SHIFT
    mixed *= _GOLDEN
    mixed ^= mixed >> _HALF
    # Most shingles of a text are distinct: twice as many as are wanted nearly always hold enough that are.
    if 4 * most < count:
        few = np.unique(np.partition(mixed, 2 * most)[: 2 * most])
        if len(few) >= most:
            return few[:most]
    return np.unique(mixed)[:most]
