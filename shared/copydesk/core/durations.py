"""Spans of time as people write them: ``90``, ``10m``, ``6h``, ``7d``; and moments, which may be a span ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def parse_duration(text: str) -> float:
    """Seconds of a number with a unit: s, m, h, d or w; without one it is seconds.

    Raises:
        ValueError: it is none.
    """
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([smhdw]?)\s*", text, re.IGNORECASE | re.ASCII)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no span of time: a number and s, m, h, d or w, as in 90s, 10m, 7d")
    return float(match[1]) * _UNITS[match[2].lower()]


def parse_moment(text: str, now: datetime) -> datetime:
    """A moment, as a span of time before ``now`` (``2h``) or as ISO 8601, in UTC where it names no zone.

    Raises:
        ValueError: it is neither.
    """
    try:
        seconds = parse_duration(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return now - timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(f"{text[:40]!r} ago there was no year 1") from None


def duration_text(seconds: float) -> str:
    """A span of time, short and rounded: ``45s``, ``10m``, ``6h``, ``3d``."""
    for unit, size, least in (("d", 86_400, 172_800), ("h", 3_600, 7_200), ("m", 60, 120)):
        if seconds >= least:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"
