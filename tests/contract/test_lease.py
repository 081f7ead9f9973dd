"""Leases, on real servers: one holder at a time, and a holder that is gone is followed."""

import asyncio

import pytest
import redis.asyncio

from copydesk.runtime import keys, lease
from copydesk.runtime.lease import Lease


@pytest.fixture
async def client(redis_url):
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        yield client


async def test_one_holder(client):
    mine, other = Lease(client, "x"), Lease(client, "x")
    assert await mine.take()
    assert not await other.take()
    await other.give_back()  # not its own
    assert not await other.take()
    await mine.give_back()
    assert await other.take()
    # Whoever has lost it is told at once, and takes nothing from the next.
    await asyncio.wait_for(mine.keep(), 5)
    await mine.give_back()
    assert await client.exists(keys.lock("x"))


async def test_it_is_kept_as_long_as_it_is_renewed(client, monkeypatch):
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.0)
    mine, other = Lease(client, "x"), Lease(client, "x")
    assert await mine.take()
    kept = asyncio.create_task(mine.keep())
    loop = asyncio.get_running_loop()
    end = loop.time() + 1.6
    while loop.time() < end:
        assert not await other.take()
        await asyncio.sleep(0.02)
    kept.cancel()
    async with asyncio.timeout(10):
        while not await other.take():  # noqa: ASYNC110 -- the server's clock ends it
            await asyncio.sleep(0.02)
