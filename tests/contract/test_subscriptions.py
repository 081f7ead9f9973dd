"""WebSub subscriptions on real servers: nobody changes one that is no longer the same, and the counts stay right."""

import asyncio
import time

import pytest
import redis.asyncio

from copydesk.runtime import keys
from copydesk.runtime.sources import new_source
from copydesk.runtime.subscriptions import PushState, Subscriptions, new_subscription

SOURCE = new_source("https://site.example/feed")
HUBS = ["https://a.example/", "https://b.example/"]


@pytest.fixture
async def client(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    yield client
    await client.aclose()


def subscription(source=SOURCE):
    return new_subscription(source.id, HUBS, source.url)


async def test_a_subscription_begins_changes_and_ends(client):
    subscriptions = Subscriptions(client)
    new = subscription()
    assert await subscriptions.begin(new)
    assert await subscriptions.get(SOURCE.id) == new
    assert await subscriptions.by_token(new.token) == new
    assert await subscriptions.due(10, 60) == [SOURCE.id]
    assert await subscriptions.due(10, 60) == [], "one replica has it"
    until = time.time() + 1000.5
    assert await subscriptions.change(new, due=0, covered=until, state=PushState.LIVE, until=until, failures=2)
    changed = await subscriptions.get(SOURCE.id)
    assert (changed.state, changed.until, changed.failures, changed.token) == (PushState.LIVE, until, 2, new.token)
    assert [source async for source in subscriptions.covered()] == [SOURCE.id]
    assert await subscriptions.due(10, 60) == [SOURCE.id]
    await subscriptions.change(changed, covered=0)
    assert [source async for source in subscriptions.covered()] == []
    await subscriptions.end(changed)
    assert await subscriptions.get(SOURCE.id) is None
    assert set((await subscriptions.states()).values()) == {0}
    assert await client.keys("*push:*") == [keys.PUSH_STATES.encode()], "nothing else is left"
    assert await client.keys("*subscription*") == []


async def test_one_of_many_begins_it(client):
    subscriptions = Subscriptions(client)
    assert sum(await asyncio.gather(*(subscriptions.begin(subscription()) for _ in range(8)))) == 1
    assert (await subscriptions.states())[PushState.PENDING] == 1


async def test_an_old_one_changes_nothing(client):
    subscriptions = Subscriptions(client)
    old, new = subscription(), subscription()
    await subscriptions.begin(old)
    assert not await subscriptions.begin(new)
    assert await subscriptions.begin(new, old)
    assert not await subscriptions.change(old, covered=time.time() + 99, state=PushState.LIVE)
    await subscriptions.end(old)
    assert await subscriptions.get(SOURCE.id) == new
    assert await subscriptions.by_token(old.token) is None
    assert [source async for source in subscriptions.covered()] == []
    counts = {state: number for state, number in (await subscriptions.states()).items() if number}
    assert counts == {PushState.PENDING: 1}


async def test_tokens_are_told_apart(client):
    subscriptions = Subscriptions(client)
    new = subscription()
    await subscriptions.begin(new)
    for wrong in ("", SOURCE.id, f"{SOURCE.id}-", new.token[:-1], new.token + "x", "é" * 20, "x" * 100_000):
        assert await subscriptions.by_token(wrong) is None
    assert len(new.token) >= 12 + 32
    assert new.secret not in new.token


async def test_many_covered_sources_are_read_in_pieces(client):
    now = time.time()
    await client.zadd(keys.PUSH_COVERED, {f"{n:012x}": now + (99 if n % 2 else -99) for n in range(5_000)})
    found = [source async for source in Subscriptions(client).covered()]
    assert set(found) == {f"{n:012x}" for n in range(1, 5_000, 2)}


async def test_a_source_that_is_paused_or_removed_is_none(client):
    subscriptions = Subscriptions(client)
    await subscriptions.begin(subscription())
    assert await subscriptions.source(SOURCE.id) is None
    assert await subscriptions.stray(0) == (0, [SOURCE.id])
    await client.hset(keys.SOURCES, SOURCE.id, SOURCE.model_dump_json())
    assert await subscriptions.source(SOURCE.id) == SOURCE
    assert await subscriptions.stray(0) == (0, [])
    await client.hset(keys.SOURCES, SOURCE.id, SOURCE.model_copy(update={"paused": True}).model_dump_json())
    assert await subscriptions.source(SOURCE.id) is None
    assert await subscriptions.stray(0) == (0, [SOURCE.id])
