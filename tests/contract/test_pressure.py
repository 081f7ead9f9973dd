"""When the intake slows down, pauses and goes on, on real servers."""

import contextlib
import json

import pytest
import redis
from structlog.testing import capture_logs

from copydesk.errors import StoreUnavailable
from copydesk.runtime import keys
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.pressure import MEMORY, PAGES, STREAMS, Pressure
from copydesk.runtime.queue import Stages
from copydesk.runtime.redis import open_store
from copydesk.runtime.settings import load_settings


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")


@pytest.fixture
def metrics():
    return Metrics("fetcher")


@pytest.fixture
def pressure(client, metrics):
    settings = load_settings(intake_pages=100, memory_high=0.8)
    return Pressure(client, Stages(client, settings), settings, metrics)


def gauge(metrics, cause):
    return metrics.registry.get_sample_value("copydesk_intake_paused", {"cause": cause})


def test_a_stage_that_fills_slows_the_intake_down_and_then_pauses_it(client, pressure, metrics):
    rooms = []
    with capture_logs() as logs:
        for pages in (0, 90, 95, 99, 100, 120, 95, 90, 89, 0):
            client.hset(keys.COUNTS, "fetch:page", pages)
            assert pressure.look()["extract"] == pages
            rooms.append(round(pressure.room, 2))
    assert rooms == [1, 1, 0.5, 0.1, 0, 0, 0, 0, 1, 1], "released a tenth below where it paused"
    assert [log["event"] for log in logs] == ["intake.paused", "intake.resumed"]
    assert logs[0]["why"] == "100 pages wait for the extract stage"
    assert [gauge(metrics, cause) for cause in (PAGES, MEMORY, STREAMS)] == [0, 0, 0]


def test_memory_near_its_limit_pauses_the_intake(client, pressure, metrics):
    used = int(client.info("memory")["used_memory"])
    client.config_set("maxmemory", used + 200_000_000)
    pressure.look()
    assert pressure.causes == {}
    client.setrange("filler", 164_000_000, "x")
    pressure.look()
    assert list(pressure.causes) == [MEMORY]
    assert "bytes of memory" in pressure.causes[MEMORY]
    assert gauge(metrics, MEMORY) == 1
    assert pressure.room == 0
    client.delete("filler")
    pressure.look()
    assert pressure.causes == {}
    assert pressure.room == 1
    assert gauge(metrics, MEMORY) == 0


def test_memory_that_somebody_else_has_filled_pauses_the_intake_too(client, pressure):
    client.config_set("maxmemory", 100_000)
    with contextlib.suppress(redis.ResponseError):  # some servers without memory begin no transaction
        pressure.look()
    assert list(pressure.causes) == [MEMORY]
    assert pressure.room == 0
    client.config_set("maxmemory", 0)
    pressure.look()
    assert pressure.causes == {}


def test_a_stream_that_a_live_group_has_not_read_pauses_the_intake(client, pressure):
    def told(settled, **streams):
        client.set(keys.STREAMS_FULL, json.dumps({"settled": settled, "streams": streams}))

    told(0, documents=[500, 1_000], copies=[810, 1_000])
    pressure.look()
    assert list(pressure.causes) == [STREAMS]
    assert "the stream copies is at 81%" in pressure.causes[STREAMS]
    told(0, copies=[730, 1_000])
    pressure.look()
    assert list(pressure.causes) == [STREAMS]
    told(0, copies=[700, 1_000])
    pressure.look()
    assert pressure.causes == {}
    # Since then 60 came out, of which 10 were rejected, and 50 are on their way.
    client.hset(keys.COUNTS, mapping={"fetch:taken": 110, "fetch:page": 110, "extract:rejected:empty": 10})
    client.hset(keys.COUNTS, mapping={"extract:document": 50, "dedup:copy": 50})
    pressure.look()
    assert list(pressure.causes) == [STREAMS]
    assert "81% of its cap with what is on its way" in pressure.causes[STREAMS]
    told(60, copies=[660, 1_000])
    pressure.look()
    assert pressure.causes == {}, "71 %"
    client.delete(keys.STREAMS_FULL)  # nobody looks at the streams any more
    pressure.look()
    assert pressure.causes == {}


def test_a_redis_that_would_evict_is_refused(client, redis_url):
    settings = load_settings(redis_url=redis_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    open_store(settings).close()  # without a limit nothing is evicted
    client.config_set("maxmemory", 500_000_000)
    with pytest.raises(StoreUnavailable) as caught:
        open_store(settings)
    assert "allkeys-lru, and must be noeviction" in str(caught.value)
    assert "\n" not in str(caught.value)
    open_store(settings, any_policy=True).close()
    client.config_set("maxmemory-policy", "noeviction")
    open_store(settings).close()
