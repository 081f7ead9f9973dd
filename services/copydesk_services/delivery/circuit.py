"""When a sink that failed is tried again: later each time, and from some failures on by one entry alone."""

from __future__ import annotations

import random
from typing import Final, Literal

FIRST: Final = 1.0
MOST: Final = 300.0
"""Seconds between two tries, at most, where its target does not ask for more."""
ASKED_MOST: Final = 3600.0
"""Seconds of a Retry-After that are honoured at most."""
OPEN_AFTER: Final = 5
"""Failures in a row from which on it counts as out of order."""

State = Literal["closed", "open", "half_open", "gone"]
STATES: Final[tuple[State, ...]] = ("closed", "open", "half_open", "gone")


class Circuit:
    """What is known of whether a sink takes anything."""

    def __init__(self, first: float = FIRST) -> None:
        self._first = first
        self.failures = 0
        self.state: State = "closed"

    def succeeded(self) -> bool:
        """It took something; whether that is news."""
        news = self.failures > 0
        self.failures, self.state = 0, "closed"
        return news

    def failed(self, asked: float = 0.0) -> float:
        """It took nothing; seconds until it is tried again. ``asked``: what its target asked for."""
        self.failures += 1
        if self.failures >= OPEN_AFTER:
            self.state = "open"
        pause = min(MOST, self._first * 2.0 ** min(self.failures - 1, 30))
        return max(pause * random.uniform(0.5, 1.0), min(asked, ASKED_MOST))  # noqa: S311 -- spreads tries

    def tried(self) -> None:
        """The pause is over."""
        if self.state == "open":
            self.state = "half_open"

    def gone(self) -> None:
        """It will never take anything again."""
        self.state = "gone"
