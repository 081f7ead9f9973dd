"""Hashes of tokens: 64 bits each, remembered, since a language has few words and a text repeats them."""

from __future__ import annotations

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


HASHES = _Hashes()
"""Token to its hash, for look-ups in a loop: ``[HASHES[token] for token in tokens]``."""


def token_hash(token: str) -> int:
    """Return the 64-bit hash of a token (XXH3 of its UTF-8)."""
    return HASHES[token]
