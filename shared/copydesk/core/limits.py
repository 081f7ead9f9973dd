"""Bounds that hold for every page, wherever it is looked at."""

from __future__ import annotations

MAX_PAGE_BYTES = 10_000_000
"""Largest page that is looked at, in bytes (characters, where it comes decoded)."""
