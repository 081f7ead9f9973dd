"""What a process says of a Redis that is away, and that it says it once."""

import pytest
import redis
from structlog.testing import capture_logs

from copydesk.runtime import watch
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.watch import RedisWatch, problem_of

FULL = redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'.", status_code="OOM")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (redis.ConnectionError("Error 111"), "Redis does not answer"),
        (redis.TimeoutError("Timeout reading"), "Redis does not answer"),
        (FULL, "Redis has no memory left"),
        (redis.BusyLoadingError("Redis is loading the dataset in memory", status_code="LOADING"), "Redis is loading its data"),
        (redis.ReadOnlyError("You can't write against a read only replica.", status_code="READONLY"), "Redis is a replica"),
        (redis.ResponseError("NOREPLICAS Not enough good replicas to write."), "Redis has too few replicas to write"),
        # As a script of Redis 6.2 says it.
        (redis.ResponseError("Error running script: @user_script:1: -OOM command not allowed"), "Redis has no memory left"),
        (redis.ResponseError("WRONGTYPE Operation against a key"), "Redis refuses"),
    ],
)  # fmt: skip
def test_the_problem_in_words(error, problem):
    assert problem_of(error) == problem


def test_each_change_is_told_once():
    metrics = Metrics("test")
    seen = RedisWatch(metrics)
    with capture_logs() as logs:
        for _ in range(3):
            seen.away(redis.ConnectionError("gone"))
        assert metrics.registry.get_sample_value("copydesk_redis_up") == 0
        for _ in range(3):
            seen.answered()
    assert [log["event"] for log in logs] == ["redis.away", "redis.back"]
    assert seen.problem is None
    assert metrics.registry.get_sample_value("copydesk_redis_up") == 1


def test_who_only_reads_does_not_say_that_a_full_redis_is_back(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: now[0])
    seen = RedisWatch()
    with capture_logs() as logs:
        for _ in range(5):
            seen.away(FULL)
            seen.answered()
            now[0] += 1
        assert seen.problem == "Redis has no memory left"
        now[0] += watch.REFUSED_SECONDS
        seen.answered()
    assert [log["event"] for log in logs] == ["redis.away", "redis.back"]
