from datetime import UTC, datetime, timedelta

import pytest

from copydesk.core.durations import duration_text, parse_duration, parse_moment

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), (" 1.5 h ", 5400), ("10m", 600), ("7D", 604_800), ("2w", 1_209_600)]
)
def test_spans_of_time(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "-1m", "1y", "1h30m", "1e9", "١٠m", "9" * 40])
def test_what_is_none(text):
    with pytest.raises(ValueError, match="no span of time"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (119, "119s"), (600, "10m"), (7_199, "120m"), (21_600, "6h"), (604_800, "7d")]
)
def test_shown(seconds, text):
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("2026-11-01", NOW.replace(hour=0)),
        ("2026-11-01T13:00+01:00", NOW),
    ],
)
def test_moments(text, moment):
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["soon", "", "999999999w", "2026-13-01"])
def test_what_is_no_moment(text):
    with pytest.raises(ValueError):  # noqa: PT011 -- its words are no part of the promise
        parse_moment(text, NOW)
