"""Consumer groups, on real servers: asyncio over RESP3 and blocking over RESP2 keep the same promises."""

import asyncio
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
import redis.asyncio

from copydesk.runtime import groups, keys
from copydesk.runtime.groups import BlockingGroupReader, GroupReader

STREAM = "copydesk:documents"
OTHER = "copydesk:copies"
IDLE = 0.3
PATIENCE = 10.0


class Blocking:
    """A blocking reader, each call in a thread."""

    def __init__(self, reader):
        self._reader = reader

    def __getattr__(self, name):
        method = getattr(self._reader, name)
        return lambda *arguments: asyncio.to_thread(method, *arguments)


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(params=["asyncio", "blocking"])
async def join(request, redis_url, monkeypatch):
    """Makes a reader of the group ``g``; ``kill`` is what SIGKILL does to it: it gives no sign any more."""
    monkeypatch.setattr(groups, "RETRY_DELAY", 0.01)
    readers, clients = [], []

    def make(*streams, group="g", **options):
        options = {"idle": IDLE, **options}
        if request.param == "asyncio":
            clients.append(redis.asyncio.Redis.from_url(redis_url, protocol=3))
            reader = GroupReader(clients[-1], streams or [STREAM], group, **options)
        else:
            clients.append(redis.Redis.from_url(redis_url, protocol=2))
            reader = Blocking(BlockingGroupReader(clients[-1], streams or [STREAM], group, **options))
        readers.append(reader)
        return reader

    yield make
    for reader in readers:
        await reader.close()
    for made in clients:
        await made.aclose() if request.param == "asyncio" else made.close()


def kill(reader):
    """It signs no more, as after SIGKILL."""
    if isinstance(reader, Blocking):
        reader._reader._closed.set()
    else:
        reader._signs.cancel()


def add(client, *numbers, stream=STREAM):
    return [client.xadd(stream, {"n": n}).decode() for n in numbers]


def numbers(entries):
    return [int(entry.fields[b"n"]) for entry in entries]


async def read_until(reader, count, most=100):
    """Entries read until there are so many."""
    found, deadline = [], time.monotonic() + PATIENCE
    while len(found) < count:
        assert time.monotonic() < deadline, numbers(found)
        found += await reader.read(most, 0.2)
    return found


def pending(client, stream=STREAM, group="g"):
    return client.xpending(stream, group)["pending"]


async def test_each_entry_goes_to_one_consumer_and_is_gone_when_acknowledged(client, join):
    add(client, *range(10))
    one, two = join(), join()
    first = await one.read(4, 1)
    rest = await two.read(100, 1)
    assert numbers(first) + numbers(rest) == list(range(10))
    assert {entry.attempts for entry in first} == {1}
    await one.ack(first)
    await two.ack(rest)
    assert pending(client) == 0
    assert await one.read(10, 0.05) == []


async def test_reading_waits_for_what_comes(client, join):
    reader = join()
    assert await reader.read(1, 0) == []
    waiting = asyncio.create_task(reader.read(1, PATIENCE))
    add(client, 7)
    started = time.monotonic()
    assert numbers(await waiting) == [7]
    assert time.monotonic() - started < PATIENCE / 2


async def test_what_a_dead_consumer_held_is_claimed_one_by_one(client, join):
    add(client, *range(40))
    dead, heir = join(), join()
    assert len(await dead.read(100, 1)) == 40
    kill(dead)
    claimed = []
    while len(claimed) < 40:
        batch = await heir.read(100, PATIENCE)
        assert len(batch) == 1
        claimed += batch
        await heir.ack(batch)
    assert numbers(claimed) == list(range(40))
    assert {entry.attempts for entry in claimed} == {2}
    assert pending(client) == 0


async def test_who_works_for_long_keeps_what_it_works_on(client, join):
    add(client, 1)
    slow, other = join(idle=0.6), join(idle=0.6)
    [entry] = await slow.read(1, 1)
    assert await other.read(1, 0.9) == []
    assert await slow.holds(entry)
    await slow.ack([entry])
    assert pending(client) == 0


async def test_who_stood_still_knows_that_another_has_it(client, join):
    add(client, 1)
    still, other = join(), join()
    [entry] = await still.read(1, 1)
    kill(still)
    [again] = await other.read(1, PATIENCE)
    assert again.attempts == 2
    assert not await still.holds(entry)
    assert await still.fail(entry, "too late") is False
    await other.ack([again])
    assert client.exists(keys.failures("g")) == 0


async def test_an_entry_that_fails_comes_again_and_becomes_a_dead_letter_with_its_error(client, join):
    [entry_id] = add(client, 1)
    one, two = join(tries=3), join(tries=3)
    for attempt, reader in enumerate((one, two, one), 1):
        [entry] = await reader.read(1, PATIENCE)
        assert entry.attempts == attempt
        assert await reader.fail(entry, f"error {attempt}") is (attempt == 3)
        kept = client.hgetall(keys.failures("g"))
        assert kept == ({f"{STREAM}/{entry_id}".encode(): f"error {attempt}".encode()} if attempt < 3 else {})
    [(_, letter)] = client.xrange(keys.dead("g"))
    assert letter == {
        b"dead_stream": STREAM.encode(),
        b"dead_id": entry_id.encode(),
        b"dead_attempts": b"3",
        b"dead_error": b"error 3",
        b"n": b"1",
    }
    assert pending(client) == 0
    assert await two.read(1, 2 * IDLE) == []


async def test_errors_of_tries_expire_and_are_bounded(client, join, monkeypatch):
    monkeypatch.setattr(groups, "MAX_DEAD", 5)
    add(client, *range(12))
    reader = join(tries=2)
    for entry in await reader.read(100, 1):
        await reader.fail(entry, "x" * 9_000)
        assert client.hlen(keys.failures("g")) <= 5
    assert 0 < client.ttl(keys.failures("g")) <= groups.FAILURE_DAYS * 86_400
    assert {len(error) for error in client.hvals(keys.failures("g"))} == {groups.MAX_ERROR_CHARS}
    for _ in range(12):
        [entry] = await reader.read(1, PATIENCE)
        assert await reader.fail(entry, "again")
    assert client.xlen(keys.dead("g")) == 5
    assert pending(client) == 0


async def test_what_its_consumers_die_of_becomes_a_dead_letter_and_its_neighbours_do_not(client, join):
    add(client, *range(6))
    handled = []
    for _ in range(4):
        consumer = join(tries=3)
        while True:
            batch = await consumer.read(100, PATIENCE if len(handled) < 5 else 4 * IDLE)
            if not batch:
                break
            fine = batch[: numbers(batch).index(2) if 2 in numbers(batch) else None]
            await consumer.ack(fine)
            handled += numbers(fine)
            if len(fine) < len(batch):
                kill(consumer)
                break
    assert sorted(handled) == [0, 1, 3, 4, 5]
    [(_, letter)] = client.xrange(keys.dead("g"))
    assert (letter[b"n"], letter[b"dead_attempts"]) == (b"2", b"3")
    assert b"ended or stood still" in letter[b"dead_error"]
    assert pending(client) == 0


async def test_entries_that_were_trimmed_meanwhile_are_passed_over(client, join):
    add(client, *range(30))
    dead, heir = join(), join()
    await dead.read(100, 1)
    kill(dead)
    client.xtrim(STREAM, maxlen=1, approximate=False)
    assert numbers(await heir.read(100, PATIENCE)) == [29]
    assert pending(client) == 1


async def test_many_that_are_being_worked_on_do_not_hide_one_that_is_not(client, join):
    add(client, *range(1_200))
    busy, heir = join(), join()
    held = await busy.read(1_200, 1)
    entry = held[-1]
    client.xclaim(STREAM, "g", "gone", 0, [entry.id], idle=3_600_000)
    assert numbers(await heir.read(1, PATIENCE)) == [1_199]


async def test_streams_keep_their_order_and_come_by_age(client, join):
    for n in range(40):
        client.xadd((STREAM, OTHER)[n % 2], {"n": n}, id=f"{1000 + n}-0")
    reader = join(STREAM, OTHER)
    found = await read_until(reader, 40, most=100)
    assert numbers(found) == list(range(40))
    assert {entry.stream for entry in found} == {STREAM, OTHER}


async def test_what_is_delivered_to_the_group_alone_is_deleted_when_it_is_done(client, join):
    add(client, 1)
    add(client, 2, stream=keys.own("g"))
    reader = join()
    entries = await read_until(reader, 2)
    assert sorted(numbers(entries)) == [1, 2]
    await reader.ack(entries)
    assert (client.xlen(keys.own("g")), client.xlen(STREAM)) == (0, 1)
    add(client, 3, stream=keys.own("g"))
    [entry] = await reader.read(1, 1)
    for _ in range(4):
        assert not await reader.fail(entry, "no")
        [entry] = await reader.read(1, PATIENCE)
    assert await reader.fail(entry, "no")
    assert (client.xlen(keys.own("g")), client.xlen(keys.dead("g"))) == (0, 1)


async def test_closing_gives_back_what_was_not_done_and_leaves_no_consumer(client, join):
    add(client, *range(5))
    reader = join()
    entries = await reader.read(100, 1)
    await reader.ack(entries[:2])
    await reader.close()
    assert len(client.xinfo_consumers(STREAM, "g")) == 1, "it still has three, which are another's to claim"
    other = join(idle=60.0)
    again = await read_until(other, 3)
    assert [(n, entry.attempts) for n, entry in zip(numbers(again), again, strict=True)] == [(2, 1), (3, 1), (4, 1)]
    await other.ack(again)
    await other.close()
    assert [info["pending"] for info in client.xinfo_consumers(STREAM, "g")] == [0]


async def test_consumers_of_ended_processes_do_not_pile_up(client, join):
    add(client, *range(3))
    for n in range(3):
        client.xgroup_create(STREAM, "g", "0") if n == 0 else None
        client.xreadgroup("g", f"gone-{n}", {STREAM: ">"}, count=1)
    reader = join(idle=0.05)
    await reader.ack(await read_until(reader, 3))
    deadline = time.monotonic() + PATIENCE
    while len(client.xinfo_consumers(STREAM, "g")) > 1:
        assert time.monotonic() < deadline
        assert await reader.read(1, 0.05) == []


async def test_a_consumer_with_a_name_has_at_once_what_it_had_before_it_died(client, join):
    add(client, *range(3))
    before = join(consumer="me", idle=60.0)
    await before.read(2, 1)
    kill(before)
    after = join(consumer="me", idle=60.0)
    found = await read_until(after, 3)
    assert [(n, entry.attempts) for n, entry in zip(numbers(found), found, strict=True)] == [(0, 2), (1, 2), (2, 1)]


@pytest.mark.parametrize(("start", "expected"), [("oldest", [0, 1, 2]), ("new", [2]), ("time", [1, 2])])
async def test_where_a_new_group_begins(client, join, start, expected):
    moment = datetime.now(UTC) - timedelta(hours=1)
    for n, hours in enumerate((2, 0)):
        at = int((moment - timedelta(hours=hours)).timestamp() * 1000)
        client.xadd(STREAM, {"n": n}, id=f"{at}-0")
    reader = join(start=moment if start == "time" else start)
    early = await reader.read(100, 0)
    add(client, 2)
    assert numbers(early + await read_until(reader, len(expected) - len(early))) == expected
    await reader.close()
    assert await join(start="oldest").read(100, 0) == [] or pending(client) == len(expected), "its place is kept"


@pytest.mark.parametrize("what", ["group", "stream"])
async def test_a_group_that_is_gone_is_made_anew_at_its_place(client, join, caplog, what):
    add(client, *range(4))
    reader = join(start="new" if what == "stream" else "oldest")
    await reader.ack(await reader.read(1, 0))
    if what == "stream":
        client.delete(STREAM)
        add(client, 8, 9)
        assert numbers(await read_until(reader, 2)) == [8, 9]
    else:
        [done, held] = await reader.read(2, 1)
        await reader.ack([done])
        client.xgroup_destroy(STREAM, "g")
        assert numbers(await read_until(reader, 2)) == [2, 3], (
            "neither what was done, nor from the end of the stream on"
        )
        assert await reader.holds(held)
    assert "made anew" in caplog.text


@contextmanager
def unreachable(client, redis_url):
    """The server's socket is not where it was, and every connection is cut."""
    path = Path(redis_url.removeprefix("unix://"))
    away = path.with_name("away")
    path.rename(away)
    client.client_kill_filter(_type="normal", skipme=True)
    try:
        yield
    finally:
        away.rename(path)


async def test_redis_away_is_waited_out_and_said_once(client, redis_url, join, caplog):
    add(client, 1, 2)
    reader = join(idle=60.0)
    [entry] = await reader.read(1, 1)
    with unreachable(client, redis_url):
        await reader.ack([entry])
        assert await reader.read(1, 0.5) == []
    assert numbers(await read_until(reader, 1)) == [2]
    assert pending(client) == 1, "what was acknowledged meanwhile is told when Redis is back"
    assert [record.message.split(",")[0] for record in caplog.records] == ["Redis is away", "Redis is back"]


async def test_an_answer_that_was_lost_costs_nothing(client, join):
    """The server has given an entry to this consumer, but the connection broke before it heard of it."""
    add(client, 1)
    reader = join(idle=60.0, consumer="me")
    await reader.read(1, 0)
    # what a reader does after it was cut off, or cancelled
    member = reader._reader._member if isinstance(reader, Blocking) else reader._member
    add(client, 2)
    client.xreadgroup("g", "me", {STREAM: ">"})
    member.unheard()
    found = await read_until(reader, 1)
    assert (numbers(found), found[0].attempts) == ([2], 1)


async def test_what_waiting_does_not_mend_is_raised(client, join):
    client.set(STREAM, "not a stream")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        await join().read(1, 1)
    with suppress(redis.ResponseError):
        client.delete(STREAM)
