"""The hand-over of pages between the stages, on real servers."""

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from rq import Callback
from rq.job import Job
from rq.serializers import JSONSerializer

from copydesk.core.urls import document_id
from copydesk.models import Block, Extraction, Item, PageRef, Rejected, RejectReason
from copydesk.runtime import keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.patience import REDIS_AWAY
from copydesk.runtime.queue import LOOK_SECONDS, Stages, pack_extraction
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Sources, new_source
from copydesk.runtime.workers import StageWorker

NOW = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def settings():
    return load_settings(fetch_host_delay=0.0, page_attempts=2)


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def stages(client, settings):
    return Stages(client, settings)


@pytest.fixture
async def frontier(redis_url, settings):
    client = redis.asyncio.Redis.from_url(redis_url)
    yield Frontier(client, settings)
    await client.aclose()


def item(n, host="paper.example"):
    url = f"https://{host}/{n}"
    return Item(url=url, canonical_url=url, source="s")


def ref(claim):
    return PageRef(id=claim.page_id, item=claim.item, final_url=claim.item.url, status=200, fetched_at=NOW, bytes=4)


async def fetched(frontier, number, host="paper.example"):
    """Ids of pages that wait for the extractor."""
    await frontier.offer([item(n, host) for n in range(number)])
    ids = []
    for _ in range(number):
        [claim] = await frontier.claim(1)
        assert await frontier.fetched(claim, ref(claim), b"page")
        ids.append(claim.page_id)
    return ids


def rejected(page_id, stage="extract"):
    return Rejected(
        id=page_id, url="https://paper.example/", host="paper.example", source="s", stage=stage,
        reason=RejectReason.EMPTY, detail="no text", rejected_at=NOW,
    )  # fmt: skip


def forget_signs(client, stage, ids):
    """As if the reaper's time had come and no worker had signed for a while."""
    client.zadd(keys.stage(stage), dict.fromkeys(ids, 1.0))
    for key in client.scan_iter("copydesk:alive:*"):
        client.delete(key)


async def test_an_item_is_taken_once_whoever_offers_it(frontier, stages):
    assert len((await frontier.offer([item(1), item(2)]))[0]) == 2
    assert await frontier.offer([item(2), item(1)]) == ([], set())
    assert [x.canonical_url for x in (await frontier.offer([item(2), item(3)]))[0]] == ["https://paper.example/3"]
    assert stages.in_flight() == {"frontier": 3, "fetch": 0, "extract": 0, "dedup": 0}


async def test_one_page_a_host_at_a_time(frontier):
    await frontier.offer([item(1), item(2), item(1, "other.example")])
    claims = await frontier.claim(10)
    assert sorted(claim.host for claim in claims) == ["other.example", "paper.example"]
    assert await frontier.claim(10) == []
    first = next(claim for claim in claims if claim.host == "paper.example")
    assert await frontier.fetched(first, ref(first), b"x")
    assert [claim.host for claim in await frontier.claim(10)] == ["paper.example"]


async def test_a_host_rests_for_its_delay(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    frontier = Frontier(client, load_settings(fetch_host_delay=600.0))
    await frontier.offer([item(1), item(2)])
    [claim] = await frontier.claim(10)
    assert await frontier.fetched(claim, ref(claim), b"x")
    assert await frontier.claim(10) == []
    assert 590 < await client.pttl(keys.slot("paper.example")) / 1000 <= 600
    await client.aclose()


async def test_a_lease_that_runs_out_gives_the_page_back_and_its_late_holder_stores_nothing(frontier, client, stages):
    await frontier.offer([item(1)])
    [late] = await frontier.claim(1)
    client.zadd(keys.FRONTIER_LEASES, {late.page_id: 1.0})
    client.delete(keys.slot(late.host))
    [second] = await frontier.claim(1)
    assert (second.page_id, second.tries) == (late.page_id, 2)
    assert not await frontier.fetched(late, ref(late), b"late")
    assert await frontier.fetched(second, ref(second), b"page")
    assert stages.pages([second.page_id])[second.page_id].body == b"page"


async def test_a_failed_fetch_comes_again_or_is_rejected(frontier, client, stages):
    await frontier.offer([item(1)])
    [claim] = await frontier.claim(1)
    assert await frontier.retry(claim, after=0.0)
    [claim] = await frontier.claim(1)
    assert claim.tries == 2
    assert await frontier.reject(claim, rejected(claim.page_id, "fetch"))
    assert not await frontier.reject(claim, rejected(claim.page_id, "fetch"))
    assert client.xlen(keys.REJECTED) == 1
    assert not any(stages.in_flight().values())


async def test_the_way_of_a_page(frontier, client, stages):
    ids = await fetched(frontier, 3)
    job_id = stages.submit("extract", ids)
    job = Job.fetch(job_id, client, serializer=JSONSerializer)
    assert list(job.args) == [ids]
    assert job.func_name == "copydesk_services.extractor.job.run"
    assert stages.begin("extract", job_id, ids) == (ids, [])
    assert {i: page.body for i, page in stages.pages(ids).items()} == dict.fromkeys(ids, b"page")
    found = Extraction(title="T", blocks=[Block(text="One paragraph.")])
    packed = pack_extraction(found)
    assert stages.advance(job_id, [(ids[0], packed), (ids[1], packed)]) == 2
    assert stages.reject("extract", job_id, rejected(ids[2]))
    assert stages.in_flight() == {"frontier": 0, "fetch": 0, "extract": 0, "dedup": 2}
    assert stages.queue("dedup").count == 1
    assert stages.extractions(ids[:2])[ids[0]].title == "T"
    # Done twice, it changes nothing.
    assert stages.begin("extract", job_id, ids) == ([], [])
    assert stages.advance(job_id, [(ids[0], packed)]) == 0
    assert not stages.reject("extract", job_id, rejected(ids[2]))
    assert client.xlen(keys.REJECTED) == 1
    assert client.ttl(keys.body(ids[0])) == -1, "a body lives until its page has an outcome"
    assert client.ttl(keys.body(ids[2])) > 0


async def test_a_page_that_left_its_stage_never_comes_back(frontier, stages):
    ids = await fetched(frontier, 1)
    job_id = stages.submit("extract", ids)
    stages.begin("extract", job_id, ids)
    assert stages.reject("extract", job_id, rejected(ids[0]))
    second = stages.submit("extract", ids)
    assert stages.begin("extract", second, ids) == ([], [])


async def test_the_reaper_finds_a_batch_that_was_never_queued(frontier, client, stages):
    ids = await fetched(frontier, 2)
    assert stages.reap("extract") == [], "too early to look"
    forget_signs(client, "extract", ids)
    assert sorted(stages.reap("extract")) == sorted(ids)
    assert stages.queue("extract").count == 2, "one page a job"


async def test_the_reaper_leaves_alone_what_waits_or_is_worked_on(frontier, client, stages):
    ids = await fetched(frontier, 2)
    job_id = stages.submit("extract", ids)
    forget_signs(client, "extract", ids)
    assert stages.reap("extract") == [], "it waits in the queue"
    assert client.zscore(keys.stage("extract"), ids[0]) > time.time() + LOOK_SECONDS / 2
    client.delete(stages.queue("extract").key)
    stages.begin("extract", job_id, ids)
    client.zadd(keys.stage("extract"), dict.fromkeys(ids, 1.0))
    assert stages.reap("extract") == [], "a worker has signed"
    forget_signs(client, "extract", ids)
    assert sorted(stages.reap("extract")) == sorted(ids), "the worker is gone"
    assert stages.begin("extract", job_id, ids) == ([], []), "and what it had is no longer its own"


async def in_dedup(frontier, stages, number):
    """Pages that wait for the deduper, in one job: the job's id and theirs."""
    ids = await fetched(frontier, number)
    job_id = stages.submit("extract", ids)
    stages.begin("extract", job_id, ids)
    packed = pack_extraction(Extraction(title="T", blocks=[Block(text="One paragraph.")]))
    assert stages.advance(job_id, [(page_id, packed) for page_id in ids]) == number
    [job_id] = stages.queue("dedup").job_ids
    stages.queue("dedup").empty()
    return job_id, ids


async def test_what_is_held_comes_when_its_time_has_come_and_not_before(frontier, client, stages):
    job_id, ids = await in_dedup(frontier, stages, 3)
    assert stages.begin("dedup", job_id, ids) == (ids, [])
    until = time.time() + 3600
    assert stages.hold("dedup", job_id, dict.fromkeys(ids[:2], until)) == 2
    assert stages.hold("dedup", job_id, dict.fromkeys(ids[:2], 1.0)) == 0, "they are no longer this job's"
    assert not stages.reject("dedup", job_id, rejected(ids[0], "dedup"))
    assert stages.begin("dedup", job_id, ids) == ([ids[2]], [])
    assert stages.split("dedup", job_id, ids, death="crashed") == [ids[2]]
    stages.queue("dedup").empty()
    client.zadd(keys.stage("dedup"), {ids[2]: 1.0})
    assert stages.reap("dedup") == [ids[2]]
    stages.queue("dedup").empty()
    assert client.zmscore(keys.stage("dedup"), ids[:2]) == [until, until]
    assert stages.in_flight() == {"frontier": 0, "fetch": 0, "extract": 0, "dedup": 3}

    client.zadd(keys.stage("dedup"), dict.fromkeys(ids[:2], 1.0))
    assert stages.reap("dedup") == [], "nothing was wrong with them"
    [due] = stages.queue("dedup").job_ids
    work, exhausted = stages.begin("dedup", due, ids)
    assert (sorted(work), exhausted) == (sorted(ids[:2]), [])
    assert stages.reap("dedup") == [], "they have a job now"


async def test_holding_charges_no_try_and_a_job_killed_before_it_loses_nothing(frontier, client, stages, settings):
    _, ids = await in_dedup(frontier, stages, 1)
    for _ in range(settings.page_attempts + 2):
        job_id = stages.submit("dedup", ids)
        assert stages.begin("dedup", job_id, ids) == (ids, [])
        assert stages.hold("dedup", job_id, {ids[0]: 1.0}, tries_back=1) == 1
    # A job that is killed between the two is one that died like any other.
    job_id = stages.submit("dedup", ids)
    stages.begin("dedup", job_id, ids)
    stages.queue("dedup").empty()
    forget_signs(client, "dedup", ids)
    assert stages.reap("dedup") == ids
    assert stages.hold("dedup", job_id, {ids[0]: 1.0}) == 0, "it comes too late"


async def test_a_page_that_left_its_stage_is_not_held(frontier, client, stages):
    job_id, ids = await in_dedup(frontier, stages, 1)
    stages.begin("dedup", job_id, ids)
    assert stages.reject("dedup", job_id, rejected(ids[0], "dedup"))
    assert stages.hold("dedup", job_id, {ids[0]: 1.0}) == 0
    assert client.zcard(keys.stage("dedup")) == 0


async def test_what_was_held_comes_batch_by_batch(frontier, client, redis_url):
    stages = Stages(client, load_settings(batch_pages=2))
    job_id, ids = await in_dedup(frontier, stages, 5)
    stages.begin("dedup", job_id, ids)
    stages.hold("dedup", job_id, {page_id: float(n) for n, page_id in enumerate(ids)})
    stages.reap("dedup")
    jobs = [Job.fetch(i, client, serializer=JSONSerializer).args[0] for i in stages.queue("dedup").job_ids]
    assert jobs == [ids[:2], ids[2:4], ids[4:]], "the oldest first"


def test_a_settling_time_is_the_sources_own(client):
    sources = Sources(client)
    with_time = new_source("https://outlet.example/feed.xml", "Outlet", settle=600.0)
    without = new_source("https://agency.example/feed.xml")
    assert sources.add([with_time, without]) == [with_time, without]
    assert sources.settles([with_time.id, without.id, "unknown"]) == {with_time.id: 600.0}
    assert sources.add([new_source(with_time.url)]) == [], "without a time it keeps its own"
    assert sources.settles([with_time.id]) == {with_time.id: 600.0}
    assert sources.add([new_source(with_time.url, settle=0.0)]) == []
    assert sources.settles([with_time.id]) == {with_time.id: 0.0}
    assert {source.title for source in sources.all()} == {"Outlet", None}


async def test_a_dead_batch_is_split_and_a_poison_page_ends_alone(frontier, stages, settings):
    ids = await fetched(frontier, 3)
    batch = stages.submit("extract", ids)
    stages.begin("extract", batch, ids)
    assert sorted(stages.split("extract", batch, ids, death="crashed")) == sorted(ids)
    assert stages.split("extract", batch, ids, death="crashed") == [], "they have new owners"
    poison = ids[0]
    for _ in range(settings.page_attempts):
        job_id = stages.submit("extract", [poison])
        assert stages.begin("extract", job_id, [poison]) == ([poison], [])
    job_id = stages.submit("extract", [poison])
    assert stages.begin("extract", job_id, [poison]) == ([], [poison])


async def test_an_item_in_work_is_not_taken_again_even_if_it_was_forgotten(frontier, client):
    await frontier.offer([item(1)])
    client.delete(keys.seen(document_id("https://paper.example/1")))
    assert await frontier.offer([item(1)]) == ([], set())


def test_every_key_that_a_script_names_is_described():
    folder = Path(keys.__file__).parent
    described = "".join(
        (folder / name).read_text() for name in ("keys.py", "index_layout.py", "redis_index.py")
    ).replace("{PREFIX}", "copydesk:")
    described = described.replace('PREFIX + "', "copydesk:")
    for path in (folder / "lua").glob("*.lua"):
        for key in re.findall(r"'(copydesk:[a-z:]*)'", path.read_text()):
            # A stage's key may be written out: copydesk:stage:extract.
            assert key in described or f"{key.rpartition(':')[0]}:{{" in described, f"{path.name}: {key}"


async def test_a_host_has_room_for_so_many_pages(redis_url):
    client = redis.asyncio.Redis.from_url(redis_url)
    frontier = Frontier(client, load_settings(frontier_host_pages=2))
    new, refused = await frontier.offer([item(n) for n in range(4)])
    assert len(new) == len(refused) == 2
    [claim] = await frontier.claim(1)
    assert await frontier.fetched(claim, ref(claim), b"page")
    new, still = await frontier.offer([item(n) for n in range(4)])
    assert len(new) == 1, "there is room again"
    assert still < refused
    await client.aclose()


async def test_a_poll_goes_before_the_pages_of_its_host(frontier, client):
    await frontier.offer([item(1), item(2)])
    [claim] = await frontier.claim(1)
    assert await frontier.take_slot(claim.host) is None
    assert await frontier.fetched(claim, ref(claim), b"page")
    assert await frontier.claim(1) == [], "the slot is wanted"
    token = await frontier.take_slot(claim.host)
    assert token
    await frontier.release_slot(claim.host, token)
    client.zadd(keys.FRONTIER_HOSTS, {claim.host: 1.0})
    assert len(await frontier.claim(1)) == 1


async def test_an_item_that_cannot_be_read_holds_up_no_other(frontier, client):
    await frontier.offer([item(1), item(1, "other.example")])
    client.hset(keys.page(document_id("https://paper.example/1")), "item", '{"from": "a later release"}')
    assert [claim.host for claim in await frontier.claim(10)] == ["other.example"]


def test_a_worker_runs_no_job_but_its_own(client, stages, settings):
    queue = stages.queue("extract")
    queue.enqueue("os.mkdir", "/nowhere/at/all")
    queue.enqueue("copydesk_services.extractor.job.run")
    queue.enqueue("copydesk_services.extractor.job.run", ["x"], on_failure=Callback("os.getcwd"))
    worker = StageWorker("extract", stages, client, settings)
    worker.work(burst=True, logging_level="CRITICAL")
    assert queue.count == 0
    assert queue.failed_job_registry.get_job_count(cleanup=False) == 0, "they were dropped, not run"


async def test_a_page_is_not_to_blame_for_a_server_without_memory(frontier, client, stages, settings, monkeypatch):
    """As often as it is cut short: told by the child to have failed, or by nobody."""
    if "maxmemory" not in client.config_get("maxmemory"):
        pytest.skip("its memory cannot be bounded")
    [page_id] = await fetched(frontier, 1)
    stages.submit("extract", [page_id])
    worker = StageWorker("extract", stages, client, settings)

    def run(job, is_told):
        stages.begin("extract", job.id, job.args[0])
        if is_told:
            job.set_status("failed")
        client.config_set("maxmemory", 1)
        os._exit(REDIS_AWAY)

    for turn in range(settings.page_attempts + 2):
        job = Job.fetch(client.lpop(stages.queue("extract").key).decode(), connection=client, serializer=JSONSerializer)
        monkeypatch.setattr(worker, "main_work_horse", lambda job, _, told=turn % 2: run(job, told))
        worker.execute_job(job, stages.queue("extract"))
        assert stages.queue("extract").count == 0, "it could not be queued again"
        worker.heartbeat()
        client.config_set("maxmemory", 0)
        client.delete(keys.alive(job.id))
        client.zadd(keys.stage("extract"), {page_id: 1.0})
        assert stages.reap("extract") == [page_id]
    job_id = client.lpop(stages.queue("extract").key).decode()
    assert stages.begin("extract", job_id, [page_id]) == ([page_id], [])
