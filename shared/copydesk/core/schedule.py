"""When a source is polled next.

A source that goes well is asked every ``c / sqrt(rate)`` seconds, where ``rate`` is how many items it has brought a second
lately. That is what spends a given number of polls so that items wait least in all: with polls every ``i`` seconds an item
waits ``i / 2`` on average, so the sum over all sources of ``rate * i / 2`` is to be least for a fixed sum of ``1 / i``, which
by Lagrange's multipliers makes ``i`` go with ``rate ** -0.5`` (Cho and Garcia-Molina, "Effective page refresh policies for
web crawlers", 2003, have the general case). An interval in proportion to ``1 / rate`` starves what is slow; one that is
doubled and halved after each poll forgets over a night what it knew; docs/sources.md has the figures.

The rate is an average over about two days, so that a night does not make a newspaper look dead. What the source says of
itself (ttl, sy:updatePeriod, Cache-Control, Retry-After) can only make a wait longer. Everything here is pure: the caller
brings the time and the dice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from copydesk.models import RejectReason, SourceStatus

DAY: Final = 86_400.0
# A source that brings so many items a second is polled at COPYDESK_POLL_INTERVAL: one an hour.
USUAL_RATE: Final = 24 / DAY
# Time constant of the average of the rate, in seconds.
MEMORY: Final = 2 * DAY
# More new items than this in one answer say no more about the days to come: an archive, a list that was replaced.
NEW_MOST: Final = 50
# A poll is due before this share of what the source shows is new, so that nothing scrolls by unseen.
SHARE_MOST: Final = 0.5
# Shares by which waits are spread, so that sources that were added together do not stay together.
JITTER: Final = 0.1
# What caches are told is honoured for so long: it speaks of copies, not of news, and is often set by mistake.
CACHE_MOST: Final = 3_600.0
# While a hub tells of a source's updates, its polls are only there to notice that the hub has fallen silent.
PUSHED_FACTOR: Final = 8.0
# A source that has failed for so long is dead: asked seldom, never dropped.
DEAD_SECONDS: Final = 7 * DAY
# A wait grows by these factors with every failure in a row: what may pass, and what needs somebody to change something.
PASSING_GROWTH: Final = 2.0
LASTING_GROWTH: Final = 4.0
_GROWTHS_MOST: Final = 16


@dataclass(frozen=True)
class Bounds:
    """The settings, in seconds."""

    first: float
    """Interval of a source of which nothing is known yet."""
    least: float
    most: float

    def clamp(self, seconds: float) -> float:
        """Within the bounds; the least is never above the interval of a source that is not known yet."""
        return min(max(seconds, min(self.least, self.first)), max(self.most, self.first))


def learned_rate(rate: float | None, new: int, elapsed: float | None) -> float:
    """New items a second, after a poll that found ``new`` of them in ``elapsed`` seconds (None: it was the first one)."""
    if rate is None or elapsed is None:
        return USUAL_RATE
    elapsed = max(elapsed, 1.0)
    kept = math.exp(-elapsed / MEMORY)
    return rate * kept + min(new, NEW_MOST) / elapsed * (1 - kept)


def adapted_interval(rate: float | None, shown: int, bounds: Bounds) -> float:
    """Seconds between two polls of a source that brings ``rate`` items a second and shows ``shown`` at a time."""
    rate = USUAL_RATE if rate is None else rate
    if rate <= 0:
        return bounds.clamp(math.inf)
    interval = bounds.first * math.sqrt(USUAL_RATE / rate)
    if shown:
        interval = min(interval, SHARE_MOST * shown / rate)
    return bounds.clamp(interval)


def wait_after_success(
    interval: float, bounds: Bounds, *, own: bool, asked: float = 0.0, pushed: bool = False, roll: float = 0.0
) -> float:
    """Seconds to the next poll of a source that goes well.

    Args:
        interval: its own one, or the adapted one.
        bounds: the settings.
        own: the interval was set by the user: it is kept to, whatever else is said.
        asked: seconds for which the source asked not to be asked again.
        pushed: a hub tells of its updates.
        roll: from -1 to 1, at random.
    """
    spread = 1 + JITTER * roll
    if own:
        return interval * spread
    if pushed:
        interval = bounds.clamp(interval * PUSHED_FACTOR)
    return max(interval * spread, bounds.clamp(asked) * (1 + JITTER * abs(roll)) if asked > 0 else 0.0)


def wait_after_failure(
    interval: float,
    bounds: Bounds,
    *,
    status: SourceStatus,
    failures: int,
    lasting: bool,
    retry_after: float = 0.0,
    roll: float = 0.0,
) -> float:
    """Seconds to the next poll of a source that failed ``failures`` times in a row; never less than the server asked for."""
    most = max(bounds.most, interval)
    if status in (SourceStatus.DEAD, SourceStatus.GONE):
        wait = most
    else:
        growth = LASTING_GROWTH if lasting else PASSING_GROWTH
        wait = min(min(interval, bounds.first) * growth ** min(failures, _GROWTHS_MOST), most)
    return max(wait * (1 + JITTER * roll), retry_after * (1 + JITTER * abs(roll)))


def is_lasting(reason: RejectReason | None, status: int | None) -> bool:
    """Whether a failure is one that will hardly pass by itself; None: the answer came and could not be read."""
    if status is not None:
        return 400 <= status < 500 and status not in (408, 425)
    return reason in (
        RejectReason.ADDRESS,
        RejectReason.BAD_URL,
        RejectReason.TLS,
        RejectReason.REDIRECTS,
        RejectReason.ROBOTS,
        RejectReason.TOO_LARGE,
    )


def failed_status(http_status: int | None, failing_seconds: float) -> SourceStatus:
    """What a source is after a failure, given for how long all its polls have failed."""
    if http_status == 410:
        return SourceStatus.GONE
    return SourceStatus.DEAD if failing_seconds >= DEAD_SECONDS else SourceStatus.FAILING


def fresh_seconds(headers: Mapping[str, str]) -> float:
    """Seconds for which an answer says that it stays as it is (RFC 9111, 4.2), at most CACHE_MOST; names in lower case.

    Only what speaks of the answer itself: ``s-maxage`` is for shared caches, and ``no-cache`` asks for the conditional
    request that is made anyway.
    """
    lifetime = None
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age" and value.strip('"').isdecimal():
            lifetime = float(value.strip('"')[:12])
    if lifetime is None and (expires := _date(headers.get("expires"))):
        date = _date(headers.get("date"))
        lifetime = (expires - date).total_seconds() if date else 0.0
    if not lifetime:
        return 0.0
    age = headers.get("age", "")
    return min(max(0.0, lifetime - (float(age[:12]) if age.isdecimal() else 0.0)), CACHE_MOST)


def _date(value: str | None) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7)."""
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
