"""The registry of sources and the queue of their polls, on real servers."""

import time
from datetime import UTC, datetime

import pytest
import redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis_servers import KINDS, Server, binary

from copydesk.models import Source, SourceState, SourceStatus
from copydesk.runtime import keys
from copydesk.runtime.polls import Done, PollQueue
from copydesk.runtime.sources import Sources, new_source

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OK = SourceState(status=SourceStatus.OK, polled_at=NOW)
FAILING = SourceState(status=SourceStatus.FAILING, error="status 503", failures=1)


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def registry(client):
    return Sources(client)


@pytest.fixture
async def queues(redis_url):
    """Two fetchers."""
    client = redis.asyncio.Redis.from_url(redis_url)
    yield PollQueue(client), PollQueue(client)
    await client.aclose()


@pytest.fixture
def queue(queues):
    return queues[0]


def feed(n, host="paper.example", **options):
    return new_source(f"https://{host}/{n}.xml", **options)


def ended(turn, state=OK, *, pause=600.0, rest=0.0, **changes):
    return Done(turn, next_poll=time.time() + pause, host_from=time.time() + rest, state=state, **changes)


async def poll_all(queue, state=OK):
    """Poll what is due, one after the other of a host; the sources in that order."""
    order = []
    while turns := await queue.due(100, 15.0):
        order += [turn.source for turn in turns]
        assert all(await queue.done([ended(turn, state) for turn in turns]))
    return order


async def test_a_source_is_taken_by_one_and_comes_again_when_it_is_due(registry, queues):
    registry.add([feed(1)])
    one, other = queues
    [turn] = await one.due(10, 15.0)
    assert turn.source == feed(1)
    assert turn.state == SourceState()
    assert await other.due(10, 15.0) == []
    assert await one.done([ended(turn)]) == [True]
    assert await other.due(10, 15.0) == []
    registry.make_due([turn.source.id])
    [again] = await other.due(10, 15.0)
    assert again.state == OK


async def test_of_a_host_one_source_at_a_time_and_no_other_host_waits(registry, queue):
    registry.add([feed(n) for n in range(5)], due=time.time() - 100)
    registry.add([feed(1, "other.example"), feed(1, "third.example")])
    turns = await queue.due(10, 15.0)
    assert sorted(turn.host for turn in turns) == ["other.example", "paper.example", "third.example"]
    assert await queue.due(10, 15.0) == []
    first = next(turn for turn in turns if turn.host == "paper.example")
    await queue.done([ended(first, rest=0.0)])
    assert [turn.host for turn in await queue.due(10, 15.0)] == ["paper.example"]


async def test_a_host_rests_between_two_polls(registry, queue, client):
    registry.add([feed(1), feed(2)])
    [turn] = await queue.due(10, 15.0)
    await queue.done([ended(turn, rest=60.0)])
    assert await queue.due(10, 15.0) == []
    assert 50 < client.zscore(keys.SOURCES_HOSTS, "paper.example") - time.time() <= 60


async def test_a_thousand_feeds_of_one_host_are_each_taken_once_in_the_order_in_which_they_were_due(
    registry, queue, client
):
    start = time.time() - 1_000
    for n in range(1_000):
        registry.add([feed(n)], due=start + n / 10)
    registry.add([feed(n, f"host{n}.example") for n in range(50)])
    client.config_resetstat()
    order = await poll_all(queue)
    assert len(order) == 1_050
    assert [source for source in order if "paper" in source.url] == [feed(n) for n in range(1_000)]
    assert sum("paper" in source.url for source in order[:51]) == 1, "it holds up no other host"
    calls = client.info("commandstats")
    assert sum(calls[f"cmdstat_{name}"]["calls"] for name in ("evalsha", "eval") if f"cmdstat_{name}" in calls) < 2_200
    assert calls["cmdstat_hset"]["calls"] < 3_200, "none is taken and put off again"


async def test_a_host_that_was_busy_keeps_the_order_of_its_sources(registry, queue):
    registry.add([feed(1)], due=time.time() - 10)
    registry.add([feed(2)], due=time.time() - 5)
    [turn] = await queue.due(10, 15.0)
    assert await queue.done([Done(turn, next_poll=turn.due_at, host_from=time.time())]) == [True]
    assert registry.states([turn.source.id])[turn.source.id] == SourceState(), "nothing came of it"
    assert await poll_all(queue) == [feed(1), feed(2)]


async def test_whoever_was_asleep_writes_nothing_over_its_successor(registry, queues, client):
    registry.add([feed(1)])
    asleep, awake = queues
    [old] = await asleep.due(10, 0.0)
    [new] = await awake.due(10, 15.0)
    assert new.source == old.source
    assert await awake.done([ended(new, FAILING, offered=["a"])]) == [True]
    assert await asleep.done([ended(old, OK, offered=["b"], gone=["a"])]) == [False]
    assert registry.states([old.source.id])[old.source.id] == FAILING
    assert await awake.offered(old.source.id) == {"a"}
    # Neither while the successor still polls.
    registry.make_due([old.source.id])
    [old] = await asleep.due(10, 0.0)
    [new] = await awake.due(10, 15.0)
    assert await asleep.done([ended(old)]) == [False]
    await asleep.renew(60.0)
    assert await awake.done([ended(new)]) == [True]
    assert client.hlen(keys.SOURCES_LEASES) == 0


async def test_a_lease_is_renewed_while_its_holder_lives(registry, queues):
    registry.add([feed(1), feed(2)])
    one, other = queues
    [turn] = await one.due(10, 0.0)
    await one.renew(15.0)
    assert one.held == 1
    assert (turn.source.id, turn.token) in one._held
    assert await other.due(10, 15.0) == []


async def test_one_that_was_paused_or_removed_while_it_was_polled_stays_so(registry, queue, client):
    registry.add([feed(1), feed(2, "other.example")])
    paused, removed = sorted(await queue.due(10, 15.0), key=lambda turn: turn.host, reverse=True)
    registry.change(paused.source.id, {"paused": True})
    registry.remove([removed.source.id])
    assert await queue.done([ended(paused), ended(removed)]) == [True, False]
    assert await queue.due(10, 15.0) == []
    assert registry.counts()[SourceStatus.PAUSED] == 1
    assert client.keys("*sources:due*") == []
    assert not client.exists(keys.source_state(removed.source.id))
    [row] = registry.listing()
    assert (row.status, row.next_poll) == (SourceStatus.PAUSED, None)
    registry.change(paused.source.id, {"paused": False})
    [turn] = await queue.due(10, 15.0)
    assert turn.state == OK


async def test_sources_are_counted_by_how_they_are(registry, queue, client):
    def counts():
        return {status.value: number for status, number in registry.counts().items() if number}

    registry.add([feed(n, f"host{n}.example") for n in range(4)])
    assert counts() == {"waiting": 4}
    one, two, three, _ = turns = await queue.due(10, 15.0)
    await queue.done([ended(turn, FAILING if turn in (one, two) else OK) for turn in turns])
    assert counts() == {"ok": 2, "failing": 2}
    assert await queue.status_counts() == registry.counts()
    registry.change(one.source.id, {"paused": True})
    registry.change(three.source.id, {"paused": True})
    assert counts() == {"ok": 1, "failing": 1, "paused": 2}
    registry.change(one.source.id, {"paused": False})
    assert counts() == {"ok": 1, "failing": 2, "paused": 1}
    registry.remove([turn.source.id for turn in turns])
    assert counts() == {}
    assert client.hlen(keys.SOURCES_STATUS) == 0


async def test_what_is_on_offer_is_kept_by_differences(registry, queue):
    registry.add([feed(1)])
    [turn] = await queue.due(10, 15.0)
    await queue.done([ended(turn, offered=[f"{n:024}" for n in range(2_500)])])
    assert len(await queue.offered(turn.source.id)) == 2_500
    registry.make_due([turn.source.id])
    [turn] = await queue.due(10, 15.0)
    await queue.done([ended(turn, offered=["new"], gone=[f"{n:024}" for n in range(1, 2_500)])])
    assert await queue.offered(turn.source.id) == {"new", f"{0:024}"}


async def test_a_push_takes_a_source_that_nobody_polls(registry, queues):
    registry.add([feed(1)], due=time.time() + 600)
    one, other = queues
    turn = await one.take(feed(1).id, 15.0)
    assert turn.source == feed(1)
    assert await other.take(feed(1).id, 15.0) is None
    assert await one.done([Done(turn, turn.due_at, time.time(), state=OK)]) == [True]
    assert 590 < registry.next_polls([feed(1)])[feed(1).id].timestamp() - time.time() <= 600
    assert await one.take("unknown", 15.0) is None
    await other.hurry(feed(1).id, time.time())
    assert [turn.source for turn in await other.due(1, 15.0)] == [feed(1)]


async def test_a_source_moves_and_keeps_what_is_known_of_it(registry, queue):
    registry.add([feed(1, labels={"country": "de"})])
    [turn] = await queue.due(10, 15.0)
    moved = turn.source.model_copy(update={"url": "https://new.example/feed"})
    assert await queue.change(turn.source, moved)
    assert await queue.done([ended(turn, source=moved)]) == [True]
    assert registry.all() == [moved]
    assert registry.next_polls([moved])[moved.id] is not None
    assert registry.find("https://new.example/feed") == registry.find(feed(1).url) == moved.id
    assert registry.find("https://never.example/") is None
    registry.make_due([moved.id])
    [turn] = await queue.due(10, 15.0)
    assert (turn.host, turn.state) == ("new.example", OK)
    assert not await queue.change(feed(1), moved), "somebody else changed it meanwhile"


async def test_options_are_changed_without_losing_what_others_change(registry):
    registry.add([feed(1)])
    source = feed(1).id
    assert registry.change(source, {"interval": 60.0}).interval == 60
    assert registry.change(source, {"labels": {"a": "b"}}) == feed(1, interval=60.0, labels={"a": "b"})
    assert registry.change("unknown", {"interval": 60.0}) is None
    with pytest.raises(ValueError, match="interval"):
        registry.change(source, {"interval": 0.0})


def sitemap(n, index, host="paper.example"):
    return feed(n, host, parent=index.id)


async def test_sitemaps_come_and_go_with_their_index(registry, queue):
    index = feed("index")
    registry.add([index, feed("mine")], due=time.time() + 600)
    one, two, mine = sitemap(1, index), sitemap(2, index), sitemap("mine", index)
    watched = {x.id: x for x in (one, two, mine)}
    await queue.follow(index, watched, dict.fromkeys(watched, "monday"), set())
    assert {x.url for x in await poll_all(queue)} == {one.url, two.url}, "what its user added is not its own"
    assert registry.all() == sorted([index, feed("mine"), one, two], key=lambda x: x.url)
    await queue.follow(index, watched, {two.id: "tuesday"}, set())
    assert [x.url for x in await poll_all(queue)] == [two.url], "nothing is asked that did not change"
    assert (await queue.sitemaps(index.id))[two.id] == "tuesday"
    rows = [(row.source.url, row.sitemaps) for row in registry.listing()]
    assert [url for url, _ in rows] == [index.url, one.url, two.url, feed("mine").url]
    registry.change(index.id, {"paused": True, "labels": {"a": "b"}, "interval": 60.0})
    paused = registry.get([one.id, two.id])
    assert all(x.paused and x.labels == {"a": "b"} and x.interval is None for x in paused.values())
    assert registry.counts()[SourceStatus.PAUSED] == 3
    registry.change(index.id, {"paused": False})
    nested = sitemap(3, index, "users.paper.example")
    assert not await queue.follow(index, {nested.id: nested}, {nested.id: ""}, {one.id}), "its options were changed"
    assert registry.get([one.id, nested.id]).keys() == {one.id}
    index, one, two = registry.get([index.id, one.id, two.id]).values()
    assert await queue.follow(two, {nested.id: nested, two.id: two}, {nested.id: "", two.id: ""}, set())
    registry.change(index.id, {"settle": 5.0, "secret": "paper"})  # ends, although an index names itself
    assert [(x.settle, x.secret) for x in registry.get([one.id, nested.id]).values()] == [(5.0, "paper"), (5.0, None)]
    index, one = registry.get([index.id, one.id]).values()
    assert await queue.follow(index, {one.id: one}, {}, {two.id})
    assert {x.url for x in registry.all()} == {index.url, one.url, feed("mine").url}
    # What was removed by hand and is named still comes back as something that is polled.
    registry.remove([one.id])
    assert await queue.follow(index, {one.id: one}, {}, set())
    assert one.url in [x.url for x in await poll_all(queue)]
    assert registry.remove([index.id]) == 1
    assert registry.all() == [feed("mine")]
    assert not await queue.follow(index, {one.id: one}, {one.id: ""}, set()), "it was removed while it was polled"
    assert (registry.all(), await queue.sitemaps(index.id)) == ([feed("mine")], {})


async def test_a_queue_of_an_older_release_is_taken_over(client, queue):
    source = Source(id="0123456789ab", url="https://paper.example/feed")
    client.hset(
        keys.SOURCES, source.id, '{"id":"0123456789ab","url":"https://paper.example/feed","title":null,"settle":null}'
    )
    client.set(keys.source_state(source.id), '{"kind":"feed","polled_at":"2026-01-01T00:00:00Z","items":3,"etag":"x"}')
    paused = feed("paused", paused=True)
    client.hset(keys.SOURCES, paused.id, paused.model_dump_json())  # after the old release stopped
    client.zadd(keys.OLD_SOURCES_DUE, {source.id: 1.0, "gone": 2.0, paused.id: 1.0})
    [turn] = await queue.due(10, 15.0)
    assert not client.exists(keys.OLD_SOURCES_DUE)
    assert (turn.source, turn.state.items, turn.due_at) == (source, 3, 1.0)
    assert await queue.change(source, source.model_copy(update={"url": "https://paper.example/new"}))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_poll_that_redis_died_in_is_not_recorded_but_made_again(kind, tmp_path):
    """What was offered under it may be lost: to record the poll would be to never be offered that again."""
    if binary(kind) is None:
        pytest.skip(f"{kind} is not installed")
    server = Server(kind, binary(kind), appendonly=tmp_path)
    client = redis.asyncio.Redis.from_url(server.url, retry=Retry(NoBackoff(), 1))
    queue = PollQueue(client)
    try:
        with redis.Redis.from_url(server.url) as direct:
            Sources(direct).add([feed(1)])
        [turn] = await queue.due(10, 0.2)
        server.kill_and_restart()
        assert await queue.done([ended(turn, offered=["taken-and-lost"])]) == [False]
        assert await queue.offered(turn.source.id) == set()
        while not (again := await queue.due(10, 15.0)):
            pass
        assert again[0].state == SourceState()
        assert await queue.done([ended(again[0])]) == [True]
    finally:
        await client.aclose()
        server.stop()
