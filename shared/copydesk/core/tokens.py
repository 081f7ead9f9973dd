"""Hashes of tokens: 64 bits each, remembered, since a language has few words and a text repeats them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

MAX_TOKENS = 128
"""Tokens a passage at most: with the pairs 255 features, as many as an unsigned byte counts."""
MAX_CACHED = 200_000
"""Tokens whose hashes are remembered, about 20 MB."""


class _Hashes(dict[str, int]):
    """Token to hash; emptied when it is full, which costs less than keeping an order."""

    def __missing__(self, token: str) -> int:
        if len(self) >= MAX_CACHED:
            self.clear()
        value = self[token] = xxh3_64_intdigest(token.encode("utf-8", "surrogatepass"))
        return value


_HASHES = _Hashes()


def token_hash(token: str) -> int:
    """Return the 64-bit hash of a token (XXH3 of its UTF-8)."""
    return _HASHES[token]


def token_hashes(passages: Iterable[Iterable[str]]) -> npt.NDArray[np.uint64]:
    """Return the hashes of all tokens of passages, one passage after the other."""
    return np.array([_HASHES[token] for tokens in passages for token in tokens], dtype=np.uint64)
