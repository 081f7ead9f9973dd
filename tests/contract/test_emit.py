"""Output streams at their cap, on real servers: the oldest go, and who had not had them is told."""

import json

import pytest
import redis

from copydesk.models import Gap
from copydesk.runtime import keys
from copydesk.runtime.scripts import source

EMIT = source("emit") + "\nemit(ARGV[1], ARGV[2], {unpack(ARGV, 3)})"


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def emit(client):
    script = client.register_script(EMIT)
    return lambda n, cap=20: script(args=[keys.DOCUMENTS, cap, "id", n])


def gaps(client):
    entries = [fields for _, fields in client.xrange(keys.DOCUMENTS) if fields.get(b"verdict") == b"gap"]
    return [Gap.model_validate_json(fields[b"document"]) for fields in entries]


def test_what_all_groups_have_had_goes_without_a_word(client, emit):
    client.xgroup_create(keys.DOCUMENTS, "quick", "0", mkstream=True)
    for n in range(50):
        emit(n)
        [[_, batch]] = client.execute_command("XREADGROUP", "GROUP", "quick", "me", "STREAMS", keys.DOCUMENTS, ">")
        client.xack(keys.DOCUMENTS, "quick", *(entry for entry, _ in batch))
        assert client.xlen(keys.DOCUMENTS) <= 20
    assert gaps(client) == []
    assert client.hgetall(keys.COUNTS) == {}


def test_groups_that_miss_something_are_named(client, emit):
    for group in ("slow", "asleep", "quick"):
        client.xgroup_create(keys.DOCUMENTS, group, "0", mkstream=True)
    for n in range(20):
        emit(n)
    ids = [entry.decode() for entry, _ in client.xrange(keys.DOCUMENTS)]
    for group in ("quick", "slow"):
        client.xreadgroup(group, "me", {keys.DOCUMENTS: ">"})
    client.xack(keys.DOCUMENTS, "quick", *ids)
    client.xack(keys.DOCUMENTS, "slow", ids[0])  # has read all, and still works on the second
    emit(20)
    [gap] = gaps(client)
    assert sorted(gap.groups) == ["asleep", "slow"]
    assert (gap.first, gap.last, gap.entries) == (ids[0], ids[1], 2)
    assert client.xlen(keys.DOCUMENTS) == 20
    assert client.hget(keys.COUNTS, "stream:dropped") == b"2"


def test_nothing_is_missing_for_who_has_acknowledged_what_goes(client, emit):
    client.xgroup_create(keys.DOCUMENTS, "near", "0", mkstream=True)
    for n in range(20):
        emit(n)
    ids = [entry.decode() for entry, _ in client.xrange(keys.DOCUMENTS)]
    client.xreadgroup("near", "me", {keys.DOCUMENTS: ">"}, count=5)
    client.xack(keys.DOCUMENTS, "near", *ids[:2])
    emit(20)
    assert gaps(client) == []


def test_a_lower_cap_is_come_down_to_in_steps(client, emit):
    for n in range(500):
        emit(n, 1_000)
    client.hset(keys.STREAM_CAPS, keys.DOCUMENTS, 100)
    emit(500, 1_000)
    assert client.xlen(keys.DOCUMENTS) == 401
    for n in range(10):
        emit(n, 1_000)
    assert client.xlen(keys.DOCUMENTS) <= 100
    assert json.loads(client.xrange(keys.DOCUMENTS)[-1][1][b"id"]) == 9


def test_what_was_dropped_before_it_was_acknowledged_is_not_missed_again(client, emit):
    client.xgroup_create(keys.DOCUMENTS, "forgetful", "0", mkstream=True)
    for n in range(20):
        emit(n)
    client.xreadgroup("forgetful", "me", {keys.DOCUMENTS: ">"}, count=1)
    emit(20)
    assert len(gaps(client)) == 1
    client.xreadgroup("forgetful", "me", {keys.DOCUMENTS: ">"})
    pending = client.xpending_range(keys.DOCUMENTS, "forgetful", "-", "+", 100)
    client.xack(keys.DOCUMENTS, "forgetful", *(entry["message_id"] for entry in pending[1:]))
    for n in range(30):
        emit(n)
        [[_, batch]] = client.execute_command("XREADGROUP", "GROUP", "forgetful", "me", "STREAMS", keys.DOCUMENTS, ">")
        client.xack(keys.DOCUMENTS, "forgetful", *(entry for entry, _ in batch))
    assert client.xpending(keys.DOCUMENTS, "forgetful")["pending"] == 1
    assert client.hget(keys.COUNTS, "stream:dropped") == b"2"


def test_a_marker_that_goes_unread_is_told_by_the_next(client, emit):
    client.xgroup_create(keys.DOCUMENTS, "asleep", "0", mkstream=True)
    ids = []
    for n in range(200):
        emit(n)
        ids.append(client.xrevrange(keys.DOCUMENTS, count=1)[0][0].decode())
    client.xreadgroup("asleep", "me", {keys.DOCUMENTS: ">"})
    told = gaps(client)
    documents = {entry.decode() for entry, fields in client.xrange(keys.DOCUMENTS) if b"verdict" not in fields}
    dropped = [entry for entry in ids if entry not in documents]
    assert sum(gap.entries for gap in told) == len(dropped)
    assert (told[0].first, told[-1].last) == (dropped[0], dropped[-1])


@pytest.mark.parametrize(
    ("group", "told"),
    [(b"b\xc3\xbcro \xf0\x9f\x97\x9e", "büro 🗞"), (b'\xff\x00\x1b"', '%FF\x00\x1b"'), (b"\xed\xa0\x80", "%ED%A0%80")],
)
def test_a_group_may_have_any_name(client, emit, group, told):
    client.xgroup_create(keys.DOCUMENTS, group, "0", mkstream=True)
    for n in range(21):
        emit(n)
    [gap] = gaps(client)
    assert gap.groups == [told]


def test_large_ids_are_told_apart(client, emit):
    client.xadd(keys.DOCUMENTS, {"id": 0}, id="9007199254740992-18446744073709551614")
    client.xadd(keys.DOCUMENTS, {"id": 1}, id="9007199254740992-18446744073709551615")
    client.xgroup_create(keys.DOCUMENTS, "has one", "9007199254740992-18446744073709551614")
    client.xgroup_create(keys.DOCUMENTS, "has two", "9007199254740992-18446744073709551615")
    emit(2, 2)
    [gap] = gaps(client)
    assert gap.groups == ["has one"]


def test_a_cap_that_is_no_number_counts_for_nothing(client, emit):
    client.hset(keys.STREAM_CAPS, keys.DOCUMENTS, "many")
    emit(0)
    assert client.xlen(keys.DOCUMENTS) == 1
