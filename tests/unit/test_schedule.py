"""When a source is polled next."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.core.schedule import (
    CACHE_MOST,
    DAY,
    DEAD_SECONDS,
    JITTER,
    USUAL_RATE,
    Bounds,
    adapted_interval,
    failed_status,
    fresh_seconds,
    is_lasting,
    learned_rate,
    wait_after_failure,
    wait_after_success,
)
from copydesk.models import RejectReason, SourceStatus

BOUNDS = Bounds(900.0, 600.0, DAY)
rates = st.floats(0, 1) | st.none()
rolls = st.floats(-1, 1)


@st.composite
def bounds(draw):
    first = draw(st.floats(1, 604_800))
    return Bounds(first, draw(st.floats(1, 604_800)), draw(st.floats(1, 2_592_000)))


@given(rates, st.integers(0, 10_000), bounds())
def test_an_interval_is_within_the_bounds(rate, shown, limits):
    interval = adapted_interval(rate, shown, limits)
    assert min(limits.least, limits.first) <= interval <= max(limits.most, limits.first)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 1_000), bounds())
def test_what_brings_more_is_asked_more_often(one, other, shown, limits):
    slow, fast = sorted((one, other))
    assert adapted_interval(fast, shown, limits) <= adapted_interval(slow, shown, limits)


def test_an_unknown_source_has_the_first_interval():
    assert adapted_interval(learned_rate(None, 30, None), 30, BOUNDS) == 900
    assert adapted_interval(None, 0, Bounds(1.0, 600.0, DAY)) == 1, "the least is never above the first"


def test_nothing_scrolls_by_unseen():
    # Three hours bring 36 items to a feed that shows 20: half of them must not be new.
    assert adapted_interval(12 / 3600, 20, Bounds(3 * 3600.0, 600.0, DAY)) <= 0.5 * 20 / (12 / 3600)


@given(st.floats(0, 1), st.integers(0, 100), st.floats(0, 30 * DAY))
def test_a_rate_lies_between_what_was_and_what_is(rate, new, elapsed):
    after = learned_rate(rate, new, elapsed)
    found = min(new, 50) / max(elapsed, 1.0)
    assert min(rate, found) * (1 - 1e-9) <= after <= max(rate, found) * (1 + 1e-9)


@given(bounds(), st.floats(1, 604_800), st.floats(0, 1e7), st.booleans(), rolls)
def test_a_wait_is_spread_by_a_tenth_and_never_shorter_than_asked_for(limits, interval, asked, pushed, roll):
    interval = limits.clamp(interval)
    wait = wait_after_success(interval, limits, own=False, asked=asked, pushed=pushed, roll=roll)
    most = max(limits.most, limits.first)
    assert interval * (1 - JITTER) <= wait <= most * (1 + JITTER) * (1 + 1e-9)
    assert wait >= min(asked, most)


@given(st.floats(1, 604_800), st.floats(0, 1e7), rolls)
def test_an_own_interval_is_kept_to(interval, asked, roll):
    wait = wait_after_success(interval, BOUNDS, own=True, asked=asked, pushed=True, roll=roll)
    assert interval * (1 - JITTER) <= wait <= interval * (1 + JITTER)


@given(st.data())
def test_failures_wait_longer_and_longer_within_bounds(data):
    limits, interval, roll = data.draw(bounds()), data.draw(st.floats(1, 604_800)), data.draw(rolls)
    status, failures = data.draw(st.sampled_from(SourceStatus)), data.draw(st.integers(1, 10**6))
    lasting, retry_after = data.draw(st.booleans()), data.draw(st.floats(0, DAY))

    def wait(failures, lasting=lasting, retry_after=retry_after):
        return wait_after_failure(
            interval, limits, status=status, failures=failures, lasting=lasting, retry_after=retry_after, roll=roll
        )

    assert wait(failures) <= wait(failures + 1)
    assert wait(failures, lasting=False) <= wait(failures, lasting=True)
    assert retry_after <= wait(failures) <= max(limits.most, interval, retry_after) * (1 + JITTER) * (1 + 1e-9)
    assert wait(failures, retry_after=0.0) >= min(interval, limits.first) * (1 - JITTER)


def test_kinds_of_failure():
    def waits(**kind):
        return [
            wait_after_failure(900.0, BOUNDS, status=SourceStatus.FAILING, failures=n, **kind) / 900 for n in (1, 2, 3)
        ]

    assert waits(lasting=False) == [2, 4, 8]
    assert waits(lasting=True) == [4, 16, 64]
    for status in (SourceStatus.DEAD, SourceStatus.GONE):
        assert wait_after_failure(900.0, BOUNDS, status=status, failures=1, lasting=False) == DAY
    assert [is_lasting(RejectReason.HTTP_4XX, status) for status in (401, 403, 404, 429, 408)] == [True] * 4 + [False]
    assert not is_lasting(RejectReason.HTTP_5XX, 503)
    assert not is_lasting(RejectReason.DNS, None)
    assert not is_lasting(None, None), "what could not be read may be repaired any time"
    assert is_lasting(RejectReason.TLS, None)


def test_a_source_dies_after_days_and_410_is_believed_at_once():
    assert failed_status(503, DEAD_SECONDS - 1) is SourceStatus.FAILING
    assert failed_status(503, DEAD_SECONDS) is SourceStatus.DEAD
    assert failed_status(410, 0.0) is SourceStatus.GONE


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "public, max-age=300"}, 300),
        ({"cache-control": 'MAX-AGE="120"'}, 120),
        ({"cache-control": "max-age=300", "age": "250"}, 50),
        ({"cache-control": "max-age=300", "age": "400"}, 0),
        ({"cache-control": "max-age=31536000"}, CACHE_MOST),
        ({"cache-control": "s-maxage=900, no-cache"}, 0),
        ({"cache-control": "max-age=soon"}, 0),
        ({"cache-control": "max-age=" + "9" * 400}, CACHE_MOST),
        ({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "expires": "Sun, 22 Nov 2026 10:10:00 GMT"}, 600),
        ({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "expires": "0"}, 0),
        ({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "expires": "Sun, 22 Nov 2026 10:10:00"}, 600),
        ({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "expires": f"Sun, 22 Nov 2026 10:10:00 +{10**30}"}, 0),
        ({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "expires": f"Sun, {'9' * 20} Nov 2026 10:00:00 GMT"}, 0),
        ({"date": "x", "expires": "Sun, 22 Nov 2026 10:10:00 GMT", "age": "y"}, 0),
    ],
)
def test_how_long_an_answer_is_fresh(headers, seconds):
    assert fresh_seconds(headers) == seconds


def poisson(rng, a_day, days):
    times, at = [], 0.0
    while (at := at + rng.expovariate(a_day / DAY)) < days * DAY:
        times.append(at)
    return times


def sources(rng, days):
    """Made-up sources: times at which their items appear."""
    bursts = [at + rng.uniform(0, 3600) for at in poisson(rng, 1, days) for _ in range(20)]
    return {
        "busy": poisson(rng, 200, days),
        "20 a day": poisson(rng, 20, days),
        "by day": [at for at in poisson(rng, 60, days) if 8 <= at % DAY / 3600 < 20],
        "bursts": sorted(bursts),
        "3 a day": poisson(rng, 3, days),
        "daily": [(day + 0.25) * DAY + rng.gauss(0, 600) for day in range(days)],
        "weekly": [(day + 0.4) * DAY + rng.gauss(0, 1800) for day in range(0, days, 7)],
        "dies": poisson(rng, 40, days // 2),
    }


def adapting():
    rate = None

    def rule(_, new, elapsed):
        nonlocal rate
        rate = learned_rate(rate, new, elapsed)
        return adapted_interval(rate, 25, BOUNDS)

    return rule


def doubling():
    """The rule of most readers: half as long after something new, half as long again after nothing."""
    return lambda interval, new, _: BOUNDS.clamp(interval / 2 if new else interval * 1.5)


def by_known_share():
    """In the manner of Media Cloud: an hour longer where two thirds are known, shorter where less than a third is."""
    return lambda interval, new, _: BOUNDS.clamp(
        interval + 3600 if new / 25 <= 1 / 3 else interval - 3600 if new / 25 >= 2 / 3 else interval
    )


def figures(make_rule, days=56, seed=7):
    """Polls a day and mean delay of an item in minutes, by source."""
    found = {}
    rng = random.Random(seed)
    for name, times in sources(rng, days).items():
        rule, interval, now, last, polls, delays = make_rule(), 900.0, 0.0, None, 0, []
        waiting = list(reversed(times))
        while (now := now + interval * rng.uniform(0.9, 1.1)) < days * DAY:
            polls += 1
            came = []
            while waiting and waiting[-1] <= now:
                came.append(now - waiting.pop())
            delays += came
            interval = rule(interval, len(came), None if last is None else now - last)
            last = now
        found[name] = (polls / days, sum(delays) / len(delays) / 60)
    return found


def test_made_up_sources_wait_less_than_by_other_rules_and_dead_ones_cost_little():
    ours, doubled, known = figures(adapting), figures(doubling), figures(by_known_share)
    fixed = {name: 86_400 / 2 / 60 / polls for name, (polls, _) in ours.items()}
    for name, (polls, delay) in ours.items():
        assert polls <= 24 * 6 / 0.9, "never more often than the least interval"
        assert delay < doubled[name][1] * 1.01, name
        assert delay < known[name][1], name
        if name in ("bursts", "by day"):
            assert delay < fixed[name] * 1.15, f"{name}: as good as asking evenly, with as many polls"
    assert ours["busy"][1] < 6
    assert ours["weekly"][0] < 16
    assert USUAL_RATE * DAY == 24


def test_a_source_that_falls_silent_is_asked_ever_less():
    rate, now, waits = 100 / DAY, 0.0, []
    while now < 60 * DAY:
        interval = adapted_interval(rate, 25, BOUNDS)
        rate = learned_rate(rate, 0, interval)
        now += interval
        waits.append(interval)
    assert waits == sorted(waits)
    assert waits[-1] == DAY


if __name__ == "__main__":  # the table of docs/sources.md
    tables = [figures(rule) for rule in (adapting, doubling, by_known_share)]
    for name in tables[0]:
        print(name, *(f"{polls:.0f} / {delay:.0f}" for polls, delay in (table[name] for table in tables)), sep=" | ")  # noqa: T201
