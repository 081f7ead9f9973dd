"""Options that give a time."""

from __future__ import annotations

from datetime import UTC, datetime

from copydesk.core.durations import parse_moment
from copydesk.errors import UsageError


def time_of(option: str, text: str | None) -> datetime | None:
    """The time that an option gives: a date, or a span before now.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    try:
        return parse_moment(text, datetime.now(UTC))
    except ValueError:
        raise UsageError(
            f"{option} {text[:40]!r} is no time: a date as in 2026-09-01 or 2026-09-01T12:00, or a span as in 2d"
        ) from None
