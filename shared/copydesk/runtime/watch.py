"""Whether Redis answers and takes what is written: one log line a change, and a metric; what a process has seen itself."""

from __future__ import annotations

import time
from typing import Final

import redis

from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics

# Who only reads is still answered by a Redis that takes nothing: it counts as back when nobody was refused for so long.
REFUSED_SECONDS: Final = 5.0
# What a refusal begins with, or, from within a script of Redis 6.2, has in its middle.
REFUSALS: Final = {
    "OOM": "Redis has no memory left",
    "READONLY": "Redis is a replica",
    "MASTERDOWN": "Redis is a replica without its primary",
    "NOREPLICAS": "Redis has too few replicas to write",
    "MISCONF": "Redis cannot write to its disk",
    "LOADING": "Redis is loading its data",
}

log = get_log()


class RedisWatch:
    """What a process last saw of Redis."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._up = metrics.redis_up if metrics is not None else None
        self._refused_at = float("-inf")
        self.problem: str | None = None
        """In words, while Redis is away."""

    def away(self, error: Exception) -> None:
        """Redis did not answer, or refused."""
        problem = problem_of(error)
        if isinstance(error, redis.ResponseError):
            self._refused_at = time.monotonic()
        if self.problem is None:
            log.error("redis.away", problem=problem, error=str(error)[:200])
        self.problem = problem
        if self._up is not None:
            self._up.set(0)

    def answered(self) -> None:
        """Redis answered."""
        if self.problem is not None:
            if time.monotonic() - self._refused_at < REFUSED_SECONDS:
                return
            log.info("redis.back")
        self.problem = None
        if self._up is not None:
            self._up.set(1)


def problem_of(error: Exception) -> str:
    """What is wrong with Redis, in words."""
    code = getattr(error, "status_code", None)
    said = f"{code or ''} {error}"
    for refusal, problem in REFUSALS.items():
        if code == refusal or f"-{refusal} " in said or said.lstrip().startswith(f"{refusal} "):
            return problem
    return "Redis refuses" if isinstance(error, redis.ResponseError) else "Redis does not answer"
