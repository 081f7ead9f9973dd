"""What a site repeats, as it is removed from the site's pages; ``core.sites`` says how it is learned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from xxhash import xxh3_64_intdigest

from copydesk.core.outline import squeeze
from copydesk.models import RemovalReason, RemovedBlock

HEAD_BLOCKS = 3
TAIL_BLOCKS = 5
"""Blocks at either end of a text that are looked at; what stands between them is never learned."""

MAX_CHARACTERS = 10_000
"""Of the longest block that is learned."""

MOST_REMOVED = 0.5
"""Share of a text's characters that learned blocks may be; where they are more, it is a template, and keeps them all."""

_DIGITS = re.compile(r"\d+")


class Place(IntEnum):
    """Where a block stands in a text."""

    HEAD = 0
    TAIL = 1
    MIDDLE = 2


@dataclass(frozen=True, slots=True)
class Learned:
    """The blocks of a host that are removed.

    Attributes:
        version: Goes up with every change.
        blocks: Key of each block to the end of the text at which it is removed; None: wherever it stands.
    """

    version: int = 0
    blocks: Mapping[int, Place | None] = field(default_factory=dict)

    def find(self, texts: Sequence[str]) -> dict[int, int]:
        """Return which of a text's blocks are boilerplate: their positions, each with its key.

        None is, where they would be most of the text.
        """
        if not self.blocks:
            return {}
        found = {}
        anywhere = None in self.blocks.values()
        for position, text in enumerate(texts):
            near = ends(position, len(texts))
            if not near and not anywhere:
                continue
            key = block_key(text)
            place = self.blocks.get(key, Place.MIDDLE)
            if place is None or place in near:
                found[position] = key
        removed = sum(len(texts[position]) for position in found)
        return found if removed <= MOST_REMOVED * sum(map(len, texts)) else {}

    def touched(self, removed: Sequence[RemovedBlock]) -> int | None:
        """Return the version, where a block of it is among those that were removed from a text."""
        return self.version if any(block.reason is RemovalReason.RECURRING for block in removed) else None


def ends(position: int, count: int) -> list[Place]:
    """Return the ends of a text of so many blocks at which a position is, the nearer one first; both, where it is short."""
    if HEAD_BLOCKS <= position < count - TAIL_BLOCKS:
        return []
    distances = {Place.HEAD: position, Place.TAIL: count - 1 - position}
    near = {Place.HEAD: position < HEAD_BLOCKS, Place.TAIL: count - 1 - position < TAIL_BLOCKS}
    return sorted((place for place, is_near in near.items() if is_near), key=distances.__getitem__)


def without_numbers(text: str) -> str:
    """Return a text with all numbers alike: years, times and counts change in what is else the same."""
    return _DIGITS.sub("0", text)


def block_key(text: str) -> int:
    """Return the 64-bit key of a block: of its words alone, all numbers being alike (years, times, counts)."""
    return xxh3_64_intdigest(without_numbers(squeeze(text[: MAX_CHARACTERS + 1])).encode("utf-8", "surrogatepass"))


def key_text(key: int) -> str:
    """Return a key as people read it: 16 hexadecimal digits."""
    return f"{key:016x}"
