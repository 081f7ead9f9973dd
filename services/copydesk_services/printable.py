"""Texts of others, as a terminal may show them."""

from __future__ import annotations

import unicodedata
from typing import Final

# Letters join or not by these; all other characters without a shape of their own are dropped.
_JOINERS: Final = "\u200c\u200d"


def printable(text: str) -> str:
    """A text without what could move the cursor, change colours or turn the direction of a terminal."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cf" else "\ufffd"
