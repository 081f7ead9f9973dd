"""How long entries stay in the output streams, on real servers."""

import json

import pytest
import redis
import redis.asyncio
from structlog.testing import capture_logs

from copydesk.models import Gap
from copydesk.runtime import keys
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.scripts import source
from copydesk.runtime.settings import load_settings
from copydesk_services.delivery import retention
from copydesk_services.delivery.retention import Retention

EMIT = source("emit") + "\nemit(ARGV[1], ARGV[2], {unpack(ARGV, 3)})"
STREAM = keys.DOCUMENTS


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def fill(client):
    def fill(number, stream=STREAM, **fields):
        with client.pipeline(transaction=False) as pipe:
            for n in range(number):
                pipe.xadd(stream, {"id": n, **fields})
            return [entry.decode() for entry in pipe.execute()]

    return fill


@pytest.fixture
def desk(redis_url):
    """Makes what keeps the streams, with settings of its own."""

    class Desk:
        def __init__(self, **settings):
            self.metrics = Metrics("delivery")
            self.settings = load_settings(**{"stream_keep": 10, **settings})

        async def keep(self, replica=None):
            client = redis.asyncio.Redis.from_url(redis_url)
            try:
                replica = replica or Retention(client, self.settings, self.metrics, [STREAM, keys.COPIES])
                replica._client = client
                replica._trim = client.register_script(source("emit", "trim"))
                while await replica.keep() < retention.PAUSE:
                    pass
            finally:
                await client.aclose()
            return replica

        def value(self, name, **labels):
            return self.metrics.registry.get_sample_value(name, labels)

    return Desk


def gaps(client, stream=STREAM):
    return [
        Gap.model_validate_json(fields[b"document"])
        for _, fields in client.xrange(stream)
        if fields.get(b"verdict") == b"gap"
    ]


def later(client, days):
    """As if so much time had passed since the groups were last looked at."""
    for field, value in client.hgetall(keys.GROUPS_SEEN).items():
        position, since, dead = json.loads(value)
        client.hset(keys.GROUPS_SEEN, field, json.dumps([position, since - days * 86_400, dead]))
    client.delete(keys.lock("streams"))


async def test_what_all_groups_have_had_goes_and_some_stays(client, fill, desk):
    ids = fill(6_020)
    client.xgroup_create(STREAM, "quick", "0")
    client.xgroup_create(STREAM, "slow", "0")
    client.xgroup_create(STREAM, "done", "$")
    for group, number in (("quick", 6_020), ("slow", 6_000)):
        client.xreadgroup(group, "me", {STREAM: ">"}, count=number)
    client.xack(STREAM, "quick", *ids)
    client.xack(STREAM, "slow", *ids[:5_500], *ids[5_600:])
    kept = desk()
    await kept.keep()
    assert client.xrange(STREAM, count=1)[0][0].decode() == ids[5_500], "the first that one has not acknowledged"
    client.xack(STREAM, "slow", *ids[5_500:5_600])
    client.delete(keys.lock("streams"))
    await kept.keep()
    assert client.xlen(STREAM) == 20, "what it was not given yet"
    client.xreadgroup("slow", "me", {STREAM: ">"})
    client.xack(STREAM, "slow", *ids)
    client.delete(keys.lock("streams"))
    await kept.keep()
    assert client.xlen(STREAM) == 10, "stream_keep"
    assert gaps(client) == []
    assert client.hget(keys.COUNTS, "stream:dropped") is None


async def test_a_dead_group_is_dropped_from_the_reckoning_and_comes_back(client, fill, desk):
    ids = fill(40)
    client.xgroup_create(STREAM, "asleep", "0")
    client.xgroup_create(STREAM, "awake", "0")
    client.xgroup_create(STREAM, "has all", "$")
    client.xreadgroup("awake", "me", {STREAM: ">"}, count=5)
    kept = desk(group_dead=7)
    with capture_logs() as logs:
        await kept.keep()
        later(client, 6)
        await kept.keep()
        assert client.xlen(STREAM) == 40
        assert [log["event"] for log in logs] == []
        # The consumer of one has shown a sign within the week, and nobody's of the other has.
        later(client, 2)
        client.xack(STREAM, "awake", *ids[:5])
        client.xreadgroup("awake", "me", {STREAM: ">"}, count=10)
        later(client, 8)
        replica = await kept.keep()
        later(client, 0)
        await kept.keep(replica)
    assert [(log["event"], log["group"]) for log in logs if log["log_level"] == "warning"] == [("group.dead", "asleep")]
    assert kept.value("copydesk_dead_groups", stream="documents") == 1
    [gap] = gaps(client)
    assert (gap.groups, gap.entries, gap.first, gap.last) == (["asleep"], 5, ids[0], ids[4])
    assert client.xrange(STREAM, count=1)[0][0].decode() == ids[5]
    client.xreadgroup("asleep", "me", {STREAM: ">"}, count=1)
    with capture_logs() as logs:
        later(client, 0)
        await kept.keep(replica)
    assert [(log["event"], log["group"]) for log in logs] == [("group.back", "asleep")]
    assert kept.value("copydesk_dead_groups", stream="documents") == 0


async def test_only_one_replica_does_it_and_another_goes_on(client, fill, desk):
    fill(30)
    first, second = desk(), desk()
    replica = await first.keep()
    fill(30)
    await second.keep()
    assert client.xlen(STREAM) == 40, "it is the first one's"
    assert second.value("copydesk_stream_entries", stream="documents") is None
    await first.keep(replica)
    assert client.xlen(STREAM) == 10
    fill(30)
    client.delete(keys.lock("streams"))  # what a dead one's lease does by itself
    await second.keep()
    assert client.xlen(STREAM) == 10


async def test_entries_that_are_large_lower_the_cap_and_others_raise_it_again(client, fill, desk):
    fill(200, document="x" * 20_000)
    client.xgroup_create(STREAM, "slow", "0")
    kept = desk(stream_max_bytes=3_000_000, stream_max_length=10_000)
    await kept.keep()
    cap = int(client.hget(keys.STREAM_CAPS, STREAM))
    assert 100 <= cap < 160
    assert json.loads(client.get(keys.STREAMS_FULL)) == {"settled": 0, "streams": {"documents": [200, cap]}}
    assert 0 < client.ttl(keys.STREAMS_FULL) <= retention.SEEN_SECONDS
    emit = client.register_script(EMIT)
    emit(args=[STREAM, 100_000, "id", "new"])
    assert client.xlen(STREAM) < 200
    [gap] = gaps(client)
    assert gap.groups == ["slow"]
    client.delete(STREAM)
    fill(200)
    client.delete(keys.lock("streams"))
    await kept.keep()
    assert client.hget(keys.STREAM_CAPS, STREAM) is None
    assert json.loads(client.get(keys.STREAMS_FULL))["streams"] == {}, "no group lags"


async def test_lag_is_what_a_group_has_not_acknowledged(client, fill, desk):
    ids = fill(300)
    for group in ("all", "some", "none", "behind"):
        client.xgroup_create(STREAM, group, "0")
    client.xgroup_create(STREAM, "from here", ids[249])
    client.xreadgroup("all", "me", {STREAM: ">"})
    client.xack(STREAM, "all", *ids)
    client.xreadgroup("some", "me", {STREAM: ">"}, count=280)
    client.xack(STREAM, "some", *ids[:275])
    client.xreadgroup("behind", "me", {STREAM: ">"}, count=10)  # which go while they are pending
    client.xdel(STREAM, ids[200])  # the server tells no lag after that
    client.xtrim(STREAM, maxlen=199, approximate=False)
    kept = desk(stream_keep=1_000)
    await kept.keep()
    lags = {
        group: kept.value("copydesk_group_lag_entries", stream="documents", group=group)
        for group in ("all", "some", "none", "behind", "from here")
    }
    assert lags == {"all": 0, "some": 25, "none": 199, "behind": 199, "from here": 50}
    assert kept.value("copydesk_group_oldest_seconds", stream="documents", group="all") == 0
    assert 0 <= kept.value("copydesk_group_oldest_seconds", stream="documents", group="none") < 60


async def test_metrics_of_many_groups_are_bounded(client, fill, desk):
    fill(3)
    for n in range(retention.SHOWN_GROUPS + 10):
        client.xgroup_create(STREAM, b"\xff%03d" % n, "0")
    kept = desk()
    await kept.keep()
    told = [s for m in kept.metrics.registry.collect() for s in m.samples if s.name == "copydesk_group_lag_entries"]
    assert len(told) == retention.SHOWN_GROUPS + 1
    assert kept.value("copydesk_group_lag_entries", stream="documents", group="other") == 30


async def test_a_replay_waits_for_its_group_and_keeps_nothing_behind_it(client, fill, desk):
    stream = keys.replay("again")
    ids = fill(30, stream)
    client.sadd(keys.STREAMS, stream, keys.replay("gone"))
    kept = desk()
    await kept.keep()
    assert client.xlen(stream) == 30
    assert client.smembers(keys.STREAMS) == {stream.encode()}
    client.xgroup_create(stream, "new", "0")
    client.xreadgroup("new", "me", {stream: ">"}, count=20)
    client.xack(stream, "new", *ids[:20])
    client.delete(keys.lock("streams"))
    await kept.keep()
    assert client.xlen(stream) == 10
    assert gaps(client, stream) == []


async def test_what_all_have_had_takes_half_of_a_small_cap(client, fill, desk):
    """Else a stream would be full of it, and the intake never be released."""
    ids = fill(900)
    client.xgroup_create(STREAM, "late", "0")
    client.xreadgroup("late", "me", {STREAM: ">"})
    client.xack(STREAM, "late", *ids)
    await desk(stream_keep=10_000, stream_max_length=1_000).keep()
    assert client.xlen(STREAM) == 500


async def test_a_replay_does_not_hold_up_the_intake(client, fill, desk):
    stream = keys.replay("again")
    ids = fill(200, stream)
    client.sadd(keys.STREAMS, stream)
    client.expire(stream, 1_000)
    client.xgroup_create(stream, "slow", "0")
    client.xreadgroup("slow", "me", {stream: ">"}, count=1)
    client.xack(stream, "slow", ids[0])
    await desk(stream_max_length=1_000, stream_max_bytes=1_000_000).keep()
    assert json.loads(client.get(keys.STREAMS_FULL))["streams"] == {}
    assert not client.hexists(keys.STREAM_CAPS, stream)
    assert client.xlen(stream) == 199
    assert 0 < client.ttl(stream) <= 1_000


@pytest.mark.parametrize("stream", [STREAM, keys.replay("again")])
async def test_a_marker_does_not_make_room_for_the_next(client, fill, desk, stream):
    fill(30, stream)
    client.sadd(keys.STREAMS, stream)
    client.xgroup_create(stream, "asleep", "0")
    kept = desk(group_dead=1)
    for _ in range(2):
        await kept.keep()
        later(client, 2)
    await kept.keep()
    told, dropped = gaps(client, stream), client.hget(keys.COUNTS, "stream:dropped")
    assert told
    for _ in range(3):
        client.delete(keys.lock("streams"))
        await kept.keep()
    assert gaps(client, stream) == told
    assert client.hget(keys.COUNTS, "stream:dropped") == dropped


async def test_what_is_remembered_of_a_group_goes_with_it(client, fill, desk):
    fill(3)
    client.xgroup_create(STREAM, "a", "0")
    kept = desk()
    replica = await kept.keep()
    assert client.hlen(keys.GROUPS_SEEN) == 1
    client.xgroup_destroy(STREAM, "a")
    await kept.keep(replica)
    assert client.hlen(keys.GROUPS_SEEN) == 0


async def test_dropped_entries_are_counted(client, fill, desk):
    client.xgroup_create(STREAM, "slow", "0", mkstream=True)
    kept = desk()
    replica = await kept.keep()
    emit = client.register_script(EMIT)
    for n in range(25):
        emit(args=[STREAM, 20, "id", n])
    await kept.keep(replica)
    assert kept.value("copydesk_stream_dropped_total") == int(client.hget(keys.COUNTS, "stream:dropped")) > 0
