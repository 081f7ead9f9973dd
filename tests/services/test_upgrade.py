"""Two releases side by side, and the end of a service: work of a newer one is left to it, what cannot be finished given back."""

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
import redis
import zstandard
from blackbox import COPYDESK, Site, article, wait_for, words
from pipeline import page_item
from rq.job import Job
from rq.serializers import JSONSerializer

from copydesk.core.urls import document_id
from copydesk.models import STATE_VERSION
from copydesk.runtime import keys
from copydesk.runtime.workers import StageWorker

URL, OTHER = "https://paper.example/1", "https://paper.example/2"
DRAIN = 2.4


def rewritten(desk, key, name, change):
    """A value in a page's hash, changed as another release would have written it."""
    value = json.loads(desk.client.hget(key, name))
    change(value)
    desk.client.hset(key, name, json.dumps(value))


def due_again(desk, stage, page_id):
    """The moment is over for which a page was put back, and the reaper has looked."""
    desk.client.zadd(keys.stage(stage), {page_id: 1.0})
    desk.stages.reap(stage)


def waits_for_others(desk, stage, page_id):
    assert desk.client.hget(keys.page(page_id), "owner") == b"held"
    assert 0 < desk.client.zscore(keys.stage(stage), page_id) - time.time() < 6, "not at full speed"
    assert int(desk.client.hget(keys.page(page_id), f"{stage}_tries") or 0) == 0, "no try is charged"
    assert desk.stages.queue(stage).count == 0


def test_a_job_of_a_newer_release_is_left_to_it(desk, capsys):
    for url in (URL, OTHER):
        desk.take(url)
    worker = StageWorker("extract", desk.stages, desk.client, desk.settings)
    for queued in list(desk.stages.queue("extract").jobs):
        desk.client.hset(Job.key_for(queued.id), "meta", json.dumps({"version": STATE_VERSION + 1}))
        newer = Job.fetch(queued.id, connection=desk.client, serializer=JSONSerializer)
        desk.client.lrem(desk.stages.queue("extract").key, 0, newer.id)
        worker.execute_job(newer, desk.stages.queue("extract"))
        assert not desk.client.exists(Job.key_for(newer.id))
    for url in (URL, OTHER):
        waits_for_others(desk, "extract", document_id(url))
    assert capsys.readouterr().out.count("job.newer") == 1
    due_again(desk, "extract", document_id(URL))
    desk.extract()
    assert desk.client.zcard(keys.stage("dedup")) == 1, "a worker that can, does it"


def test_a_page_of_a_newer_release_is_left_to_it_and_the_others_of_its_job_are_not(desk):
    for url in (URL, OTHER):
        desk.take(url)
    desk.stages.queue("extract").empty()
    desk.stages.submit("extract", [document_id(URL), document_id(OTHER)])
    rewritten(desk, keys.page(document_id(URL)), "ref", lambda ref: ref.update(version=STATE_VERSION + 1, bytes="many"))
    desk.extract()
    waits_for_others(desk, "extract", document_id(URL))
    assert desk.client.zrange(keys.stage("dedup"), 0, -1) == [document_id(OTHER).encode()]
    due_again(desk, "extract", document_id(URL))
    desk.extract()
    waits_for_others(desk, "extract", document_id(URL))
    assert desk.client.xlen(keys.REJECTED) == 0


def test_an_extraction_of_a_newer_release_is_left_to_it(desk):
    page_id = desk.take(URL)
    desk.extract()
    packed = desk.client.get(keys.extraction(page_id))
    newer = json.loads(zstandard.decompress(packed)) | {"version": STATE_VERSION + 1, "blocks": "elsewhere"}
    desk.client.set(keys.extraction(page_id), zstandard.compress(json.dumps(newer).encode()))
    desk.dedup()
    waits_for_others(desk, "dedup", page_id)
    desk.client.set(keys.extraction(page_id), packed)
    due_again(desk, "dedup", page_id)
    desk.dedup()
    assert desk.outcome(page_id) == "original"


def test_what_an_older_release_wrote_is_read(desk):
    page_id = desk.take(URL)
    rewritten(desk, keys.page(page_id), "ref", lambda ref: ref.pop("version"))
    [queued] = desk.stages.queue("extract").jobs
    assert json.loads(desk.client.hget(Job.key_for(queued.id), "meta")) == {"version": STATE_VERSION}
    desk.client.hdel(Job.key_for(queued.id), "meta")
    assert not StageWorker("extract", desk.stages, desk.client, desk.settings)._is_newer(queued)
    desk.extract()
    older = json.loads(zstandard.decompress(desk.client.get(keys.extraction(page_id))))
    assert older.pop("version") == STATE_VERSION
    desk.client.set(keys.extraction(page_id), zstandard.compress(json.dumps(older).encode()))
    desk.dedup()
    assert desk.outcome(page_id) == "original"


@pytest.fixture
def service(desk, tmp_path):
    """Start a service of its own process on the same Redis; it is killed at the end."""
    started = []

    def start(name, **env):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("COPYDESK_")}
        own = {
            "PYTHONPATH": f"{Path(__file__).parents[1] / 'slow_pages'}:{clean.get('PYTHONPATH', '')}",
            "COPYDESK_REDIS_URL": desk.url, "COPYDESK_DATA_DIR": str(tmp_path), "COPYDESK_DRAIN_SECONDS": str(DRAIN),
            "COPYDESK_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "COPYDESK_LOG_FORMAT": "json",
        }  # fmt: skip
        log = (tmp_path / "log").open("wb")
        started.append(subprocess.Popen([COPYDESK, name], env={**clean, **own, **env}, stderr=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def stopped_in_time(process, log):
    """It ends by itself, within its time."""
    at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(DRAIN + 20) == 0, log.read_text()
    assert time.monotonic() - at < DRAIN + 1.5, log.read_text()


def test_a_worker_gives_back_at_the_deadline_what_it_cannot_finish(desk, service, tmp_path):
    page_id = desk.take(URL, article("Story", [*words(URL), "This page takes its time."]))
    process = service("extractor")
    wait_for(lambda: desk.client.hget(keys.page(page_id), "extract_tries") == b"1", "the page to be worked on")
    stopped_in_time(process, tmp_path / "log")
    [queued] = desk.stages.queue("extract").jobs
    assert queued.args == [[page_id]]
    assert desk.client.hmget(keys.page(page_id), "owner", "extract_tries") == [queued.id.encode(), b"0"]
    assert "job.given_back" in (tmp_path / "log").read_text()


def test_a_fetcher_gives_back_at_the_deadline_what_it_cannot_finish(desk, service, tmp_path):
    site = Site()
    held = site.held["/slow"] = threading.Event()
    site.page("/robots.txt", "", "text/plain")
    page_id = document_id(f"{site.url}/slow")
    try:
        desk.frontier(lambda frontier: frontier.offer([page_item(f"{site.url}/slow")]))
        process = service("fetcher", COPYDESK_FETCH_HOST_DELAY="0")
        wait_for(lambda: site.asked["/slow"], "the request")
        stopped_in_time(process, tmp_path / "log")
    finally:
        held.set()
        site.close()
    assert desk.stages.in_flight() == {"frontier": 1, "fetch": 0, "extract": 0, "dedup": 0}
    assert desk.client.hget(keys.page(page_id), "fetch_tries") == b"0"
    with redis.Redis.from_url(desk.url) as client:
        assert client.zscore(keys.frontier_host(site.url.removeprefix("http://")), page_id) is not None
