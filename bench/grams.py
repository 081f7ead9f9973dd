"""Word 5-grams, the measure by which the sets are labelled; single characters where a script has no spaces."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rewrites import UNSPACED

_TOKEN = re.compile(f"[{UNSPACED}]|[^\\W{UNSPACED}]+")


def tokens(text: str) -> list[str]:
    """Return words in small letters, and single characters where a script has no spaces."""
    return _TOKEN.findall(text.lower())


def grams(blocks: Iterable[str], length: int = 5) -> set[tuple[str, ...]]:
    """Return the word n-grams of a text, across its paragraphs."""
    found = tokens("\n".join(blocks))
    return {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}


def containment(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """Return the share of the smaller that stands in the other."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
