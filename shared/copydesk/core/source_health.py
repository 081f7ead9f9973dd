"""How a source is after a poll, and how long it is left alone. Pure: the caller brings the time and the dice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from copydesk.core import schedule
from copydesk.core.schedule import Bounds
from copydesk.core.urls import origin_of, shown_url
from copydesk.models import RejectReason, Source, SourceState, SourceStatus

# Weight of one poll in the average of new items a poll.
AVERAGE_WEIGHT: Final = 0.1
# A permanent redirect is believed when so many polls in a row, over so many seconds, were sent to the same place.
MOVED_POLLS: Final = 3
MOVED_SECONDS: Final = 86_400.0
MAX_WORDS: Final = 500


@dataclass(frozen=True)
class Trouble:
    """Why a poll failed."""

    words: str
    reason: RejectReason | None = None
    """None: the answer came, and could not be read."""
    http_status: int | None = None
    retry_after: float = 0.0
    """Seconds that the server asked to wait."""


def after_success(
    source: Source,
    state: SourceState,
    now: datetime,
    bounds: Bounds,
    *,
    new: int,
    asked: float,
    pushed: bool,
    roll: float,
    changes: Mapping[str, Any],
) -> tuple[SourceState, float]:
    """The state after a poll that went well, and the seconds to the next.

    Args:
        source: what was polled.
        state: what it was before.
        now: when it was asked.
        bounds: the settings.
        new: items that were new.
        asked: seconds for which the answer asked not to be asked again.
        pushed: a hub tells of its updates.
        roll: from -1 to 1, at random.
        changes: what else there is to record.
    """
    elapsed = (now - state.succeeded_at).total_seconds() if state.succeeded_at else None
    found = new + state.pushed
    rate = schedule.learned_rate(state.rate, found, elapsed)
    shown = changes.get("items", state.items)
    interval = source.interval or schedule.adapted_interval(rate, shown, bounds)
    average = state.new_average + (found - state.new_average) * AVERAGE_WEIGHT if elapsed is not None else 0.0
    update = {
        "polled_at": now,
        "succeeded_at": now,
        "failures": 0,
        "failing_since": None,
        "error": None,
        "error_kind": None,
        "status": SourceStatus.OK,
        "new_items": new,
        "pushed": 0,
        "rate": rate,
        "new_average": average,
        "interval": interval,
        **changes,
    }
    wait = schedule.wait_after_success(
        interval, bounds, own=source.interval is not None, asked=asked, pushed=pushed, roll=roll
    )
    return state.model_copy(update=update), wait


def after_failure(
    source: Source, state: SourceState, now: datetime, bounds: Bounds, trouble: Trouble, *, roll: float
) -> tuple[SourceState, float]:
    """The state after a poll that failed, and the seconds to the next."""
    since = state.failing_since or now
    status = schedule.failed_status(trouble.http_status, (now - since).total_seconds())
    words = "gone for good: status 410" if status is SourceStatus.GONE else trouble.words
    # A status line may have any bytes; half a surrogate pair is no text that could be kept.
    words = words[:MAX_WORDS].encode("utf-8", "replace").decode()
    update = {
        "polled_at": now,
        "failures": state.failures + 1,
        "failing_since": since,
        "error": words,
        "error_kind": trouble.reason.value if trouble.reason else "unreadable",
        "status": status,
    }
    wait = schedule.wait_after_failure(
        source.interval or state.interval or bounds.first,
        bounds,
        status=status,
        failures=state.failures + 1,
        lasting=schedule.is_lasting(trouble.reason, trouble.http_status),
        retry_after=trouble.retry_after,
        roll=roll,
    )
    return state.model_copy(update=update), wait


def after_redirect(source: Source, state: SourceState, moved_to: str | None, now: datetime) -> dict[str, Any]:
    """Changes of the state where an answer came by permanent redirects from ``moved_to`` (None: it did not).

    A sitemap stays where its index names it, and whoever has a secret at the origin that it is for.
    """
    stays = {"moved_to": None, "moved_polls": 0, "moved_at": 0.0}
    if moved_to is None or moved_to == source.url or source.parent:
        return stays
    if source.secret and origin_of(moved_to) != origin_of(source.url):
        to = shown_url(moved_to)
        return {**stays, "note": f"it has moved for good to {to}, where its secret does not go: add it there yourself"}
    if moved_to == state.moved_to:
        return {"moved_polls": state.moved_polls + 1}
    return {"moved_to": moved_to, "moved_polls": 1, "moved_at": now.timestamp()}


def has_moved(state: SourceState, changes: Mapping[str, Any], now: datetime) -> bool:
    """Whether a permanent redirect is believed: ``state`` from before this poll, ``changes`` by it."""
    return changes["moved_polls"] >= MOVED_POLLS and now.timestamp() - state.moved_at >= MOVED_SECONDS
