"""Bounds that hold for every page, wherever it is looked at."""

from __future__ import annotations

MAX_PAGE_BYTES = 10_000_000
"""Largest page that is looked at, in bytes (characters, where it comes decoded)."""

MAX_LINES = 20_000
"""Lines that an article may have: each is held against the rules."""


class Overgrown(Exception):
    """A page has more of something than a bound lets it have; the message says of what, how many, and the bound."""
