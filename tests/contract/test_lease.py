"""Leases, on real servers: one holder at a time, and a holder that is gone is followed."""

import asyncio
import time

import pytest
import redis.asyncio

from copydesk.runtime import keys, lease
from copydesk.runtime.lease import Lease
from copydesk_services.delivery import runner
from copydesk_services.delivery.runner import end


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


async def test_it_is_kept_as_long_as_it_is_renewed(client):
    mine, other = (Lease(client, "x", seconds=2.0) for _ in range(2))
    assert not mine.held
    assert await mine.take()
    kept = asyncio.create_task(mine.keep())
    async with asyncio.timeout(10):
        for _ in range(2):
            await client.pexpire(keys.lock("x"), 1_500)
            while await client.pttl(keys.lock("x")) <= 1_500:  # noqa: ASYNC110 -- the server's clock
                await asyncio.sleep(0.02)
            assert mine.held
            assert not await other.take()
        await end(kept)
        await client.pexpire(keys.lock("x"), 10)
        while not await other.take():  # noqa: ASYNC110 -- the server's clock ends it
            await asyncio.sleep(0.02)


async def test_a_process_that_stood_still_knows_that_it_holds_it_no_longer(client, monkeypatch):
    mine = Lease(client, "x")
    assert await mine.take()
    now = time.monotonic()
    monkeypatch.setattr(lease.time, "monotonic", lambda: now + lease.LEASE_SECONDS)
    assert not mine.held


async def test_a_cancellation_that_is_lost_is_followed_by_another(monkeypatch):
    """redis-py sends under ``wait_for``, which drops one that comes as its work is done."""
    monkeypatch.setattr(runner, "END_SECONDS", 0.01)
    lost = []

    async def work():
        while True:
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                if len(lost) == 2:
                    raise
                lost.append(1)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await asyncio.wait_for(end(task), 5)
    assert task.cancelled()
