"""SimHash fingerprints, 64 bits: of a passage (its words and word pairs) and of a whole document (its distinct words).

SimHash (Charikar 2002; Manku, Jain, Das Sarma 2007) adds up, bit by bit, the hashes of a text's features; texts that
share most features differ in few bits. The package ``simhash`` is the reference: ``document_fingerprint`` calls it, and
``fingerprints_of_hashes`` gives what ``Simhash(features(tokens), hashfunc=feature_hash)`` gives, for all passages of a
document in one go, from the hashes of their tokens; ``passage_fingerprints`` does so from the tokens, to be held to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from simhash import Simhash
from xxhash import xxh3_64_intdigest

from copydesk.core.tokens import MAX_TOKENS, token_hash, token_hashes

BITS = 64

Fingerprints = npt.NDArray[np.uint64]

# Multipliers of 64-bit finalisers: the golden ratio (Knuth) and one of D. Stafford's MurmurHash3 variants.
_GOLDEN = 0x9E3779B97F4A7C15
_STAFFORD = 0xBF58476D1CE4E5B9
_MASK = (1 << 64) - 1


def features(tokens: Sequence[str]) -> list[str]:
    """Return the features of a passage: its tokens, and each two neighbours with a space between them."""
    return [*tokens, *(f"{left} {right}" for left, right in pairwise(tokens))]


def feature_hash(feature: bytes) -> int:
    """Return the 64-bit hash of a feature in UTF-8; a pair's is mixed from the hashes of its two tokens."""
    left, space, right = feature.decode().partition(" ")
    if not space:
        return token_hash(left)
    mixed = (token_hash(left) * _GOLDEN + token_hash(right)) & _MASK
    mixed ^= mixed >> 32
    mixed = (mixed * _STAFFORD) & _MASK
    return mixed ^ (mixed >> 29)


def passage_fingerprints(passages: Sequence[Sequence[str]]) -> Fingerprints:
    """Return the fingerprints of passages, given as their tokens: at least 1 and at most ``MAX_TOKENS`` each."""
    return fingerprints_of_hashes(token_hashes(passages), np.fromiter(map(len, passages), np.int64, len(passages)))


def fingerprints_of_hashes(tokens: Fingerprints, lengths: npt.NDArray[np.int64]) -> Fingerprints:
    """Return the fingerprints of passages, given as the hashes of all their tokens and the number of tokens of each."""
    if not len(lengths):
        return np.empty(0, dtype=np.uint64)
    if lengths.min() < 1 or lengths.max() > MAX_TOKENS:
        raise ValueError(f"a passage has 1 to {MAX_TOKENS} tokens, not {lengths.min()} to {lengths.max()}")
    ends = np.cumsum(lengths)
    # Two columns: a token, and the pair that it begins. The last token of a passage begins none: no bit is set there.
    hashes = np.zeros((int(ends[-1]), 2), dtype=np.uint64)
    hashes[:, 0] = tokens
    pairs = hashes[:-1, 0] * np.uint64(_GOLDEN) + hashes[1:, 0]
    pairs ^= pairs >> np.uint64(32)
    pairs *= np.uint64(_STAFFORD)
    pairs ^= pairs >> np.uint64(29)
    hashes[:-1, 1] = pairs
    hashes[ends - 1, 1] = 0
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 16), axis=1)
    sums = np.add.reduceat(bits, ends - lengths, axis=0, dtype=np.uint8)
    # A bit is set where more than half of the features set it: the package's rule, ties clear it.
    return _majority(sums[:, :BITS].astype(np.int16) + sums[:, BITS:], 2 * lengths - 1)


def _majority(sums: npt.NDArray[np.int16], counts: npt.NDArray[np.int64]) -> Fingerprints:
    packed = np.packbits(sums * 2 > counts[:, None], axis=1)
    return packed.view(">u8").astype(np.uint64).reshape(-1)


def document_fingerprint(passages: Iterable[Sequence[str]]) -> int:
    """Return the fingerprint of a whole document, from its distinct tokens; 0 where there are none."""
    counted = Counter(token for tokens in passages for token in tokens)
    if not counted:
        return 0
    value: int = Simhash(dict.fromkeys(counted, 1), f=BITS, hashfunc=xxh3_64_intdigest).value
    return value


def distances(left: Fingerprints, right: Fingerprints) -> npt.NDArray[np.uint8]:
    """Return the Hamming distances of all of ``left`` (rows) to all of ``right`` (columns)."""
    counts: npt.NDArray[np.uint8] = np.bitwise_count(left[:, None] ^ right[None, :])
    return counts


def distance(left: int, right: int) -> int:
    """Return the Hamming distance of two fingerprints."""
    return (left ^ right).bit_count()
