"""Slots, leases and later looks, shared by fetchers whose clocks differ, that die, and that sleep."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime

import pytest
import redis

from copydesk.core.urls import document_id
from copydesk.models import Extraction, Item, PageOrigin, PageRef, Rejected, RejectReason
from copydesk.runtime import frontier as module
from copydesk.runtime import keys, rechecks
from copydesk.runtime.frontier import LEASE_SECONDS, Crowded, Frontier, Way
from copydesk.runtime.http import FetchFailure
from copydesk.runtime.queue import Stages, pack_extraction
from copydesk.runtime.rechecks import Before, next_look
from copydesk.runtime.settings import load_settings
from copydesk.runtime.together import MOST, Together
from copydesk.runtime.walk import Walk

NOW = datetime(2026, 10, 1, tzinfo=UTC)
HOST = "paper.example"


@pytest.fixture
async def make(redis_url):
    """Frontiers of fetchers of their own, on one Redis."""
    async with contextlib.AsyncExitStack() as stack:

        async def one(**settings):
            client = await stack.enter_async_context(redis.asyncio.Redis.from_url(redis_url))
            return Frontier(client, load_settings(**{"fetch_host_delay": 0.0, **settings}))

        yield one


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def item(n, host=HOST):
    return Item(url=f"https://{host}/{n}", canonical_url=f"https://{host}/{n}", source="s")


def ref(claim, **fields):
    known = {"status": 200, "fetched_at": NOW, "bytes": 4, **fields}
    return PageRef(id=claim.page_id, item=claim.item, final_url=claim.way.url, **known)


def rejected(page_id):
    return Rejected(
        id=page_id, url="https://paper.example/", host=HOST, source="s", stage="fetch",
        reason=RejectReason.HTTP_4XX, detail="gone", rejected_at=NOW,
    )  # fmt: skip


def wait_in(client):
    """How many pages have no outcome yet, by place."""
    return {place: n for place, n in Stages(client, load_settings()).in_flight().items() if n}


def end_leases(client, *, slots=True):
    """As if whoever holds pages, and slots of hosts, had given no sign for long."""
    for page_id in client.zrange(keys.FRONTIER_LEASES, 0, -1):
        client.zadd(keys.FRONTIER_LEASES, {page_id: 1.0})
    for key in client.scan_iter("copydesk:slot:*"):
        if slots:
            client.delete(key)
    for host in client.zrange(keys.FRONTIER_HOSTS, 0, -1):
        client.zadd(keys.FRONTIER_HOSTS, {host: 1.0})


def slept(frontier):
    """As if this fetcher had been asleep for longer than its leases."""
    for held in frontier._held.values():
        held.until -= 2 * LEASE_SECONDS


@contextlib.contextmanager
def clock_that_is_off_by(seconds):
    real = time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + seconds)
        yield


async def test_clocks_that_differ_break_neither_leases_nor_delays(make, client):
    early, late = await make(fetch_host_delay=0.3), await make(fetch_host_delay=0.3)
    with clock_that_is_off_by(60.0):
        await late.offer([item(1), item(2), item(1, "other.example")])
    with clock_that_is_off_by(-60.0):
        claims = {claim.host: claim for claim in await early.claim(10)}
    assert set(claims) == {HOST, "other.example"}, "what a clock that is ahead has offered is not put off"
    with clock_that_is_off_by(60.0):
        assert await late.claim(10) == [], "a lease is not over because a clock is ahead"
        await late.renew()
    with clock_that_is_off_by(-60.0):
        assert await early.fetched(claims[HOST], ref(claims[HOST]), b"page")
    ended = time.monotonic()
    found = []
    with clock_that_is_off_by(60.0):
        while not found and time.monotonic() < ended + 5:
            found = await late.claim(10)
    assert [claim.host for claim in found] == [HOST]
    assert 0.28 < time.monotonic() - ended < 2


async def test_whoever_slept_stores_nothing_over_its_successor_and_takes_no_slot_from_it(make, client):
    sleeper, successor = await make(fetch_host_delay=30.0), await make(fetch_host_delay=30.0)
    await sleeper.offer([item(1)])
    [late] = await sleeper.claim(1)
    slept(sleeper)
    assert not sleeper.holds(late.host, late.token, late.page_id), "it knows that it has to ask again"
    end_leases(client)
    [second] = await successor.claim(1)
    assert (second.page_id, second.tries) == (late.page_id, 2)
    assert successor.holds(second.host, second.token, second.page_id)

    assert not await sleeper.fetched(late, ref(late), b"late")
    assert not await sleeper.retry(late, 0.0)
    assert not await sleeper.go_on(late, Way(url="https://other.example/"))
    assert not await sleeper.reject(late, rejected(late.page_id))
    assert client.get(keys.slot(HOST)) == second.token.encode(), "the slot is the successor's still"
    await sleeper.renew()
    assert not sleeper.holds(late.host, late.token, late.page_id), "what was lost stays lost"
    assert client.hget(keys.page(late.page_id), "lease") == second.token.encode()

    assert await successor.fetched(second, ref(second), b"page")
    assert not await sleeper.fetched(late, ref(late), b"late")
    assert Stages(client, load_settings()).pages([late.page_id])[late.page_id].body == b"page"
    assert wait_in(client) == {"extract": 1}


async def test_whoever_slept_and_lost_nothing_goes_on(make, client):
    sleeper = await make()
    await sleeper.offer([item(1)])
    [claim] = await sleeper.claim(1)
    slept(sleeper)
    await sleeper.renew()
    assert sleeper.holds(claim.host, claim.token, claim.page_id)
    assert await sleeper.fetched(claim, ref(claim), b"page")


async def test_a_slot_outlives_its_dead_holder_by_the_delay(make, client):
    dead = await make(fetch_host_delay=20.0)
    await dead.offer([item(1)])
    await dead.claim(1)
    assert client.pttl(keys.slot(HOST)) / 1000 > LEASE_SECONDS + 20 - 2
    client.set(keys.pace(HOST), 40.0)
    await dead.renew()
    assert client.pttl(keys.slot(HOST)) / 1000 > LEASE_SECONDS + 40 - 2


async def test_a_host_keeps_the_pace_that_its_robots_txt_asks_for(make, client):
    frontier = await make(fetch_host_concurrency=3)
    await frontier.offer([item(n) for n in range(3)])
    client.set(keys.pace(HOST), 7.5)
    [claim] = await frontier.claim(3)
    assert await frontier.claim(3) == [], "one at a time, whatever the setting says"
    assert await frontier.take_slot(HOST) is None
    await frontier.fetched(claim, ref(claim), b"x")
    assert 7 < client.pttl(keys.slot(HOST)) / 1000 <= 7.5


async def test_so_many_requests_at_a_time_to_a_host_and_no_more(make, client):
    frontier, other = await make(fetch_host_concurrency=2), await make(fetch_host_concurrency=2)
    await frontier.offer([item(n) for n in range(5)])
    first, second = (await frontier.claim(1))[0], (await other.claim(1))[0]
    client.zadd(keys.FRONTIER_HOSTS, {HOST: 1.0})
    assert await other.claim(1) == []
    assert await other.take_slots([HOST, HOST]) == [None, None]
    await other.fetched(second, ref(second), b"x")
    [token, nothing] = await frontier.take_slots([HOST, HOST])
    assert token
    assert nothing is None
    await frontier.renew()
    await frontier.release_slot(HOST, token)
    assert await frontier.fetched(first, ref(first), b"x")


async def test_a_host_that_asks_to_be_left_alone_is_by_all(make, client):
    frontier, other = await make(fetch_retry_most=100.0, fetch_host_concurrency=2), await make()
    await frontier.offer([item(n) for n in range(3)])
    [claim] = await frontier.claim(1)
    assert await frontier.retry(claim, 0.0, rest=50.0)
    assert await other.claim(10) == []
    assert await other.take_slot(HOST) is None
    assert 49 < await other.slot_free_in(HOST) <= 50
    assert client.zscore(keys.FRONTIER_HOSTS, HOST) > time.time() + 40, "it is looked at when that is over"
    client.delete(keys.rest(HOST))
    token = await other.take_slot(HOST)
    await frontier.release_slot(HOST, token, 7_200.0)
    assert 99 < client.pttl(keys.rest(HOST)) / 1000 <= 100, "for no longer than the bound"


async def test_slots_are_taken_and_given_back_many_at_a_time(make, client):
    frontier = await make(fetch_host_delay=5.0)
    hosts = [f"{n}.example" for n in range(100)]
    first = await frontier.take_slots([*hosts, hosts[0]])
    assert all(first[:100])
    assert first[100] is None, "once a host"
    assert len(set(first[:100])) == 100
    assert await frontier.take_slots(hosts) == [None] * 100
    await frontier.release_slots([(host, token, 0.0) for host, token in zip(hosts, first, strict=False)])
    assert await frontier.take_slots([hosts[7]]) == [None], "it rests"
    assert 4 < client.pttl(keys.slot(hosts[7])) / 1000 <= 5
    assert await frontier.take_slots([]) == []


async def test_polls_and_pages_of_a_host_take_turns(make, client):
    frontier = await make()
    await frontier.offer([item(n) for n in range(4)])
    for _ in range(2):
        [claim] = await frontier.claim(1)
        assert await frontier.take_slot(HOST) is None
        await frontier.fetched(claim, ref(claim), b"x")
        assert await frontier.claim(1) == [], "it is the poll's turn"
        token = await frontier.take_slot(HOST)
        assert await frontier.take_slot(HOST) is None
        await frontier.release_slot(HOST, token)
        client.zadd(keys.FRONTIER_HOSTS, {HOST: 1.0})


async def test_one_huge_host_holds_up_no_other(make, client):
    frontier = await make(fetch_host_delay=60.0)
    await frontier.offer([item(n, "huge.example") for n in range(5)])
    client.zadd(keys.frontier_host("huge.example"), {f"{n:024}": time.time() for n in range(100_000)})
    small = {f"{n}.example" for n in range(300)}
    for host in small:
        await frontier.offer([item(n, host) for n in range(2)])
    served = []
    started = time.monotonic()
    for _ in range(5):
        served += [claim.host for claim in await frontier.claim(64)]
    assert sorted(served) == sorted({*small, "huge.example"}), "each host once, in five rounds of 64"
    assert time.monotonic() - started < 1
    assert await frontier.claim(64) == []


async def test_hosts_come_in_the_order_in_which_they_have_waited(make, client):
    frontier = await make()
    hosts = [f"{n}.example" for n in range(6)]
    for host in hosts:
        await frontier.offer([item(n, host) for n in range(3)])
    served = []
    for _ in range(6):
        for claim in await frontier.claim(2):
            served.append(claim.host)
            await frontier.fetched(claim, ref(claim), b"x")
    assert served == hosts * 2


async def test_a_page_goes_on_at_another_host_and_leaves_its_own_free(make, client):
    frontier = await make()
    await frontier.offer([item(1), item(2), item(1, "other.example")])
    claims = {claim.host: claim for claim in await frontier.claim(10)}
    way = Way(url="https://other.example/moved", hops=("https://paper.example/1",))
    assert await frontier.go_on(claims[HOST], way)
    assert [claim.item.url for claim in await frontier.claim(10)] == ["https://paper.example/2"]
    assert await frontier.fetched(claims["other.example"], ref(claims["other.example"]), b"x")
    [moved] = await frontier.claim(10)
    assert (moved.page_id, moved.host, moved.way, moved.tries) == (claims[HOST].page_id, "other.example", way, 1)
    end_leases(client)
    [again] = [claim for claim in await frontier.claim(10) if claim.page_id == moved.page_id]
    assert (again.host, again.way, again.tries) == ("other.example", way, 2), "after a death it goes on where it was"
    assert await frontier.retry(again, 0.0)
    end_leases(client)
    [start] = [claim for claim in await frontier.claim(10) if claim.page_id == moved.page_id]
    assert (start.host, start.way) == (HOST, Way(url="https://paper.example/1")), "a failure begins it anew"


async def test_two_pages_that_redirect_to_each_others_hosts_wait_for_nobody(make, client):
    frontier = await make()
    await frontier.offer([item(1, "a.example"), item(1, "b.example")])
    a, b = sorted(await frontier.claim(2), key=lambda claim: claim.host)
    await frontier.go_on(a, Way(url="https://b.example/a"))
    await frontier.go_on(b, Way(url="https://a.example/b"))
    assert {claim.host: claim.way.url for claim in await frontier.claim(2)} == {
        "a.example": "https://a.example/b",
        "b.example": "https://b.example/a",
    }


async def test_a_page_that_is_here_already_is_taken_once(make, client):
    frontier = await make()
    here = PageRef(
        id=document_id("https://paper.example/1"), item=item(1), final_url=item(1).url, status=200,
        fetched_at=NOW, bytes=4, origin=PageOrigin.FEED,
    )  # fmt: skip
    assert await frontier.take_page(here, b"text")
    assert not await frontier.take_page(here, b"text")
    assert not await frontier.take_page(here, b"text", again=True), "it is in work"
    assert await frontier.offer([item(1)]) == ([], set())
    assert wait_in(client) == {"extract": 1}
    stages = Stages(client, load_settings())
    job = stages.submit("extract", [here.id])
    assert stages.begin("extract", job, [here.id]) == ([here.id], [])
    assert stages.pages([here.id])[here.id].ref.origin is PageOrigin.FEED
    assert stages.reject("extract", job, rejected(here.id))
    assert not await frontier.take_page(here, b"text")
    assert await frontier.take_page(here, b"a new text", again=True)
    assert wait_in(client) == {"extract": 1}
    assert client.hmget(keys.COUNTS, "fetch:taken", "fetch:page") == [b"2", b"2"]


async def test_a_page_that_is_being_fetched_is_not_taken_beside_it(make, client):
    frontier = await make()
    await frontier.offer([item(1)])
    [claim] = await frontier.claim(1)
    here = ref(claim, origin=PageOrigin.FEED)
    results = await asyncio.gather(
        *(frontier.take_page(here, b"pushed", again=n % 2 == 0) for n in range(4)),
        frontier.fetched(claim, ref(claim), b"fetched"),
    )
    assert results == [False] * 4 + [True]
    assert wait_in(client) == {"extract": 1}


def before(**fields):
    return Before(
        **{"item": item(1).model_dump_json(), "host": HOST, "url": item(1).url, "body_hash": "0" * 32, **fields}
    )


async def stored(frontier, client, **known):
    """A page that was fetched, is to be looked at again in 100 s, and whose way has ended."""
    await frontier.offer([item(1)])
    [claim] = await frontier.claim(1)
    look = next_look((100.0, 250.0), before(**known), 0)
    assert await frontier.fetched(claim, ref(claim), b"page", look)
    finish(client, claim.page_id)
    return claim.page_id


def finish(client, page_id):
    stages = Stages(client, load_settings())
    job = stages.submit("extract", [page_id])
    stages.begin("extract", job, [page_id])
    packed = pack_extraction(Extraction(title="T"))
    assert stages.advance(job, [(page_id, packed)]) == 1
    client.zrem(keys.stage("dedup"), page_id)
    client.hincrby(keys.COUNTS, "dedup:original", 1)
    client.expire(keys.page(page_id), 100)


def make_due(client, page_id):
    assert client.zscore(keys.RECHECKS, page_id) is not None
    client.zadd(keys.RECHECKS, {page_id: 1.0})


async def test_an_article_is_looked_at_again_when_its_time_has_come(make, client):
    frontier = await make()
    page_id = await stored(frontier, client, etag='"1"')
    assert not await frontier.wake_rechecks()
    assert await frontier.claim(1) == [], "not before"
    assert 99 < client.zscore(keys.RECHECKS, page_id) - time.time() <= 100
    make_due(client, page_id)
    await frontier.wake_rechecks()
    assert wait_in(client) == {"frontier": 1}, "it counts as taken once more"
    [claim] = await frontier.claim(1)
    assert (claim.page_id, claim.before, claim.tries) == (page_id, before(etag='"1"'), 1)
    assert claim.before.headers() == {"If-None-Match": '"1"'}

    assert await frontier.unchanged(claim, next_look((100.0, 250.0), claim.before, 1))
    assert wait_in(client) == {}
    assert client.hget(keys.COUNTS, "fetch:unchanged") == b"1"
    assert client.ttl(keys.page(page_id)) > 0
    assert 149 < client.zscore(keys.RECHECKS, page_id) - time.time() <= 150

    make_due(client, page_id)
    await frontier.wake_rechecks()
    [claim] = await frontier.claim(1)
    assert claim.before.looks == 1
    assert next_look((100.0, 250.0), claim.before, 2) is None
    assert await frontier.fetched(claim, ref(claim), b"another text")
    assert wait_in(client) == {"extract": 1}, "a new text goes all the way"
    assert client.zcard(keys.RECHECKS) == 0
    assert not client.exists(keys.recheck(page_id))


async def test_a_look_waits_for_what_is_in_work_and_for_new_pages(make, client):
    frontier = await make()
    page_id = await stored(frontier, client)
    make_due(client, page_id)
    client.persist(keys.page(page_id))
    await frontier.wake_rechecks()
    assert client.zscore(keys.RECHECKS, page_id) > time.time() + rechecks.BUSY_SECONDS / 2, "it is in work"
    client.expire(keys.page(page_id), 100)
    await frontier.offer([item(n) for n in range(10, 20)])
    make_due(client, page_id)
    await frontier.wake_rechecks()
    assert client.zscore(keys.RECHECKS, page_id) > time.time() + rechecks.BUSY_SECONDS / 2, "its host is busy"
    assert wait_in(client) == {"frontier": 10}


async def test_what_is_no_article_is_not_looked_at_again(make, client):
    frontier = await make()
    await frontier.offer([item(1)])
    [claim] = await frontier.claim(1)
    assert await frontier.fetched(claim, ref(claim), b"page", next_look((100.0,), before(), 0))
    stages = Stages(client, load_settings())
    job = stages.submit("extract", [claim.page_id])
    stages.begin("extract", job, [claim.page_id])
    assert stages.reject("extract", job, rejected(claim.page_id))
    assert client.zcard(keys.RECHECKS) == 0
    assert not client.exists(keys.recheck(claim.page_id))


async def test_a_failed_look_ends_in_the_dead_letters_like_any_fetch(make, client):
    frontier = await make()
    page_id = await stored(frontier, client)
    make_due(client, page_id)
    await frontier.wake_rechecks()
    [claim] = await frontier.claim(1)
    assert await frontier.retry(claim, 0.0)
    [claim] = await frontier.claim(1)
    assert (claim.tries, claim.before) == (2, before())
    assert await frontier.reject(claim, rejected(page_id), recheck=next_look((100.0, 250.0), claim.before, 1))
    assert client.xlen(keys.REJECTED) == 1
    assert wait_in(client) == {}
    assert client.zcard(keys.RECHECKS) == 1


async def test_so_many_looks_may_wait_and_no_more(make, client, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    frontier = await make()
    await frontier.offer([item(n) for n in range(3)])
    for _ in range(3):
        [claim] = await frontier.claim(1)
        assert await frontier.fetched(claim, ref(claim), b"page", next_look((100.0,), before(), 0))
    assert client.zcard(keys.RECHECKS) == 2


@pytest.mark.parametrize("unreadable", [b"{", b"3", b"{}", b'{"host": 1, "item": "x"}'])
async def test_a_look_that_nobody_can_read_holds_up_no_other(make, client, unreadable):
    frontier = await make()
    await frontier.offer([item(1), item(2)])
    for _ in range(2):
        [claim] = await frontier.claim(1)
        assert await frontier.fetched(claim, ref(claim), b"page", next_look((100.0,), before(), 0))
        client.expire(keys.page(claim.page_id), 60)
    first, second = client.zrange(keys.RECHECKS, 0, -1)
    client.set(f"{keys.PREFIX}recheck:{first.decode()}", unreadable, ex=60)
    client.zadd(keys.RECHECKS, {first: 0, second: 1})
    assert not await frontier.wake_rechecks()
    assert client.zrange(keys.RECHECKS, 0, -1) == [first], "it is put off until it expires"
    assert [claim.page_id.encode() for claim in await frontier.claim(9)] == [second]


async def test_an_entry_of_the_frontier_without_a_page_holds_up_nothing(make, client):
    frontier = await make()
    await frontier.offer([item(1), item(2)])
    client.delete(keys.page(document_id("https://paper.example/1")))
    assert await frontier.claim(1) == []
    assert [claim.item.url for claim in await frontier.claim(1)] == ["https://paper.example/2"]


async def test_what_ends_together_goes_together_and_a_server_that_forgot_its_scripts_is_told_them_again(make, client):
    frontier = await make()
    hosts = [f"{n}.example" for n in range(100)]
    await frontier.offer([item(n, host) for n, host in enumerate(hosts)])
    claims = await frontier.claim(100)
    client.script_flush()
    done = await asyncio.gather(*(frontier.fetched(claim, ref(claim), b"page") for claim in claims))
    assert done == [True] * 100
    assert wait_in(client) == {"extract": 100}
    again = await asyncio.gather(*(frontier.fetched(claim, ref(claim), b"page") for claim in claims[:50]))
    assert again == [False] * 50, "each has its own answer"


async def test_while_redis_is_away_each_of_those_that_wait_is_told(make, client, monkeypatch):
    frontier = await make()
    await frontier.offer([item(n, f"{n}.example") for n in range(5)])
    claims = await frontier.claim(5)

    async def away(*_args, **_options):
        raise redis.ConnectionError("away")

    with monkeypatch.context() as patch:
        patch.setattr(redis.asyncio.client.Pipeline, "execute", away)
        ends = [frontier.fetched(claim, ref(claim), b"page") for claim in claims]
        results = await asyncio.gather(*ends, return_exceptions=True)
        assert [type(result) for result in results] == [redis.ConnectionError] * 5
    assert await frontier.fetched(claims[0], ref(claims[0]), b"page")


async def test_a_call_that_cannot_be_sent_fails_alone(make):
    calls = Together((await make())._client, (await make())._client.register_script("return ARGV[1]"))
    given = [b"1", "\udcff", object(), *(f"{n}" for n in range(2 * MOST))]
    tasks = [asyncio.create_task(calls([value])) for value in given]
    await asyncio.sleep(0)
    tasks[0].cancel()
    answers = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert [type(answer) for answer in answers[:3]] == [asyncio.CancelledError, UnicodeEncodeError, redis.DataError]
    assert answers[3:] == [f"{n}".encode() for n in range(2 * MOST)]


async def test_a_walk_lets_each_host_go_before_it_asks_the_next(make, client):
    frontier = await make(fetch_host_delay=0.2)
    token = await frontier.take_slot(HOST)
    walk = Walk(frontier, HOST, token)
    await walk.step(f"https://{HOST}/feed.xml")
    assert client.get(keys.slot(HOST)) == token.encode(), "the first request has its slot already"
    await walk.step("https://other.example/feed.xml")
    assert client.get(keys.slot(HOST)) == b"", "it rests"
    assert client.get(keys.slot("other.example"))
    started = time.monotonic()
    await walk.step(f"https://{HOST}/back")
    await walk.step(f"https://{HOST}/and-again")
    assert time.monotonic() - started > 0.3, "a redirect keeps the delay too"
    await walk.end(rest=30.0)
    await walk.end()
    assert frontier._held == {}
    assert 29 < await frontier.slot_free_in(HOST) <= 30


async def test_one_host_holds_up_no_more_than_a_share_of_what_waits(make, client):
    frontier = await make(fetch_concurrency=4)
    token = await frontier.take_slot(HOST)
    walks = [asyncio.create_task(Walk(frontier).step(f"https://{HOST}/")) for _ in range(2)]
    [turned_away], [waiter] = await asyncio.wait(walks, return_when=asyncio.FIRST_COMPLETED)
    with pytest.raises(Crowded) as caught:
        await turned_away
    assert 30 <= caught.value.again_in <= 90
    await Walk(frontier).step("https://other.example/")
    await frontier.release_slot(HOST, token)
    await waiter
    assert not frontier._waiting


async def test_nobody_waits_for_a_host_that_rests_for_longer_than_anybody_would(make, client):
    frontier = await make()
    await frontier.release_slot(HOST, await frontier.take_slot(HOST), 3000.0)
    started = time.monotonic()
    with pytest.raises(FetchFailure, match="busy") as caught:
        await Walk(frontier).step(f"https://{HOST}/")
    assert caught.value.passing
    assert 2990 < caught.value.retry_after <= 3000
    assert time.monotonic() - started < 5


async def test_a_walk_that_overslept_asks_for_a_slot_anew(make, client):
    frontier = await make()
    token = await frontier.take_slot(HOST)
    walk = Walk(frontier, HOST, token)
    slept(frontier)
    await walk.step(f"https://{HOST}/feed.xml")
    assert client.get(keys.slot(HOST)) not in (token.encode(), b"", None)
