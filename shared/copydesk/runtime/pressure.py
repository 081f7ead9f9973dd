"""Whether the system has room for more: the one place that says when the intake slows down, when it pauses, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import redis

from copydesk.runtime import keys
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.queue import STAGES, Stages, settled
from copydesk.runtime.settings import Settings

PAGES: Final = "pages"
MEMORY: Final = "memory"
STREAMS: Final = "streams"
CAUSES: Final = (PAGES, MEMORY, STREAMS)
# Share of its cap, with what is on its way, from which on an output stream that a live group has not read holds up the intake.
STREAM_HIGH: Final = 0.8
# Over the last tenth before a bound the intake slows down; once there, it goes on below that tenth.
SLOWER_FROM: Final = 0.9

log = get_log()


class Pressure:
    """How near the system is to its bounds.

    Attributes:
        causes: Why nothing new is taken in, in words, by cause; empty where it is.
        room: Share of the usual pace at which new pages may come in: 0 (paused) to 1.
    """

    def __init__(self, client: redis.Redis, stages: Stages, settings: Settings, metrics: Metrics | None = None) -> None:
        self._client = client
        self._stages = stages
        self._settings = settings
        self._gauge = metrics.intake_paused if metrics is not None else None
        self.causes: dict[str, str] = {}
        self.room = 1.0

    def look(self) -> dict[str, int]:
        """Look at the bounds anew; returns the number of pages without an outcome, by where they are."""
        with self._client.pipeline(transaction=False) as pipe:
            pipe.info("memory")
            pipe.get(keys.STREAMS_FULL)
            pipe.hgetall(keys.COUNTS)
            memory, full, ended = pipe.execute()
        shares = {MEMORY: self._memory(memory)}
        try:
            counts = self._stages.in_flight()
        except redis.ResponseError:
            # Without memory Redis begins no transaction: that much is known.
            self._decide(shares)
            raise
        shares[PAGES] = max(self._pages(counts), key=lambda found: found[0])
        seen: dict[str, Any] = json.loads(full) if full else {"settled": 0, "streams": {}}
        # What has come out since the streams were looked at, and what is on its way: it may all go to one of them.
        coming = settled(ended) - seen["settled"] + sum(counts[place] for place in ("fetch", *STAGES))
        shares[STREAMS] = max(self._streams(seen["streams"], max(0, coming)), default=(0.0, ""))
        self._decide(shares)
        return counts

    def _decide(self, shares: Mapping[str, tuple[float, str]]) -> None:
        """Pause or go on, by the share of its bound that is used, and what that is in words, by cause."""
        causes = {
            cause: said
            for cause, (share, said) in shares.items()
            if share >= (SLOWER_FROM if cause in self.causes else 1.0)
        }
        if causes and not self.causes:
            log.warning("intake.paused", why="; ".join(causes.values()))
        elif self.causes and not causes:
            log.info("intake.resumed")
        self.causes = causes
        most = max(share for share, _ in shares.values())
        self.room = 0.0 if causes else min(1.0, max(0.0, 1.0 - most) / (1.0 - SLOWER_FROM))
        if self._gauge is not None:
            for cause in CAUSES:
                self._gauge.labels(cause).set(cause in causes)

    def _pages(self, counts: Mapping[str, int]) -> list[tuple[float, str]]:
        most = self._settings.intake_pages
        return [(counts[stage] / most, f"{counts[stage]} pages wait for the {stage} stage") for stage in STAGES]

    def _memory(self, info: Mapping[str, Any]) -> tuple[float, str]:
        used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
        if not limit:
            return 0.0, ""
        return (
            used / limit / self._settings.memory_high,
            f"Redis uses {used / limit:.0%} of its {limit} bytes of memory",
        )

    @staticmethod
    def _streams(full: Mapping[str, tuple[int, int]], coming: int) -> list[tuple[float, str]]:
        return [
            (
                (length + coming) / cap / STREAM_HIGH,
                f"the stream {name} is at {(length + coming) / cap:.0%} of its cap with what is on its way, "
                "and a consumer group lags",
            )
            for name, (length, cap) in full.items()
        ]
