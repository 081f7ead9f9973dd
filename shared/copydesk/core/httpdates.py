"""Dates as HTTP headers give them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(value: str | None) -> datetime | None:
    """A date in any of the forms of RFC 9110, 5.6.7, and others that servers send; None where it is none."""
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # a zone of any number of digits
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
