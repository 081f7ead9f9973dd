"""Whether Redis answers: one log line a change, and a metric; what a service has seen itself, not a probe."""

from __future__ import annotations

from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics

log = get_log()


class RedisWatch:
    """What a service last saw of Redis."""

    def __init__(self, metrics: Metrics) -> None:
        self._up = metrics.redis_up
        self.problem: str | None = None
        """In words, while Redis is away."""

    def away(self, error: Exception) -> None:
        """Redis did not answer."""
        if self.problem is None:
            log.error("redis.away", error=str(error)[:200])
        self.problem = "Redis does not answer"
        self._up.set(0)

    def answered(self) -> None:
        """Redis answered."""
        if self.problem is not None:
            log.info("redis.back")
        self.problem = None
        self._up.set(1)
