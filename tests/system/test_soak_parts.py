"""The soak's own parts: its plans repeat, its proxy passes on and cuts, and its check finds what was planted."""

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from soak import consumer
from soak.__main__ import audited, unaccounted
from soak.check import Check, read_lines
from soak.faults import plan_faults
from soak.proxy import Proxy
from soak.site import Site, mark, page, plan_site

ADDRESS = ":1"
SEED = 7
END = 1_000.0


def test_the_same_seed_gives_the_same_site_and_the_same_faults():
    assert plan_site(SEED, 60) == plan_site(SEED, 60) != plan_site(SEED + 1, 60)
    assert plan_faults(SEED, 60) == plan_faults(SEED, 60) != plan_faults(SEED + 1, 60)
    articles = plan_site(SEED, 60)
    assert page(SEED, articles[0], 1) == page(SEED, articles[0], 1)
    assert {article.kind for article in articles} == {"story", "revised", "poison", "gone", "flaky"}


def test_a_plan_does_not_depend_on_the_process():
    code = "from soak.site import plan_site; from soak.faults import plan_faults; print(plan_site(7, 9), plan_faults(7, 9))"
    folder = str(Path(consumer.__file__).parents[1])
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONPATH": folder, "PYTHONHASHSEED": seed}, check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert said == {f"{plan_site(7, 9)} {plan_faults(7, 9)}\n".encode()}


def test_ten_minutes_bring_thousands_of_articles_and_a_hundred_kills():
    kinds = [fault.kind for fault in plan_faults(1, 600)]
    assert len(plan_site(1, 600)) > 4_000
    assert sum(kind.startswith("kill") for kind in kinds) > 150
    assert any(fault.lost for fault in plan_faults(1, 600))
    assert not any(fault.lost for fault in plan_faults(1, 600) if fault.at > 300)


async def test_the_proxy_passes_on_holds_up_and_cuts():
    async def echo(reader, writer):
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = Proxy(lambda host: (host, port))
    reader, writer = await asyncio.open_connection("127.0.0.1", await proxy.start())
    writer.write(b"one")
    assert await reader.read(100) == b"one"
    proxy.stall()
    writer.write(b"two")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(100), 0.1)
    proxy.release()
    assert await reader.read(100) == b"two"
    proxy.drop()
    with contextlib.suppress(ConnectionError):
        assert await reader.read(100) == b""
    assert proxy.cut == 1
    writer.close()
    await proxy.close()
    server.close()


async def test_the_site_offers_what_is_published_and_fails_as_planned():
    articles = plan_site(SEED, 60)
    site = Site(SEED, articles, ADDRESS)
    flaky = next(article for article in articles if article.fails)
    assert site.offers(flaky.host) == []
    site.started = asyncio.get_running_loop().time() - END
    assert (flaky.path, flaky.number) in site.offers(flaky.host)
    revised = next(article for article in articles if article.changes)
    offered = [number for _, number in site.offers(revised.host)]
    assert offered.count(revised.number) == 1 + len(revised.changes)
    assert page(SEED, revised, 1) != page(SEED, revised, 2)


class Desk:
    """What a run without a fault would have brought."""

    def __init__(self):
        self.articles = plan_site(SEED, 30)
        self.check = Check(SEED, self.articles, ADDRESS)
        self.live = {}
        firsts = {}
        for article in self.articles:
            document = f"d{article.number}"
            if article.kind in ("gone", "poison"):
                self.emit(article, "rejected", None, revision=None, reason="http_4xx", mark="")
                continue
            lead = firsts.setdefault(article.story, document)
            verdict = "original" if lead == document else "copy"
            stream = "documents" if verdict == "original" else "copies"
            self.emit(article, stream, verdict, cluster=lead)
            for n in range(2, article.version(END) + 1):
                self.emit(article, "documents", "revision", cluster=lead, revision=n, mark=mark(article, n))

    def emit(self, article, stream, verdict, **changes):
        key = f"copydesk:{stream}", f"{len(self.live) + 1}-0"
        url = f"http://{article.host}{ADDRESS}{article.path}"
        record = {
            "stream": key[0], "entry": key[1], "id": f"d{article.number}", "revision": 1, "url": url, "verdict": verdict,
            "cluster": None, "copy_of": None, "reason": None, "mark": mark(article, 1), **changes,
        }  # fmt: skip
        self.live[key] = record | {"text": record["mark"]}

    def found(self, received=None, live=None, cuts=()):
        records = list(self.live.values()) if received is None else received
        live = self.live if live is None else live
        return self.check.check(self.articles, {"g": records}, live=live, cuts=cuts, end=END)

    def one(self, verdict):
        return next(record for record in self.live.values() if record["verdict"] == verdict)


@pytest.fixture
def desk():
    return Desk()


def test_nothing_is_found_where_nothing_is_wrong(desk):
    found = desk.found()
    assert found.clean, found
    assert found.received == len(desk.live)
    again = list(desk.live.values())
    assert desk.found(received=again + again[:5]).clean, "what is delivered once more under the same entry is no fault"


def test_what_a_consumer_never_got_is_lost(desk):
    gone = desk.one("copy")
    found = desk.found(received=[record for record in desk.live.values() if record is not gone])
    assert len(found.lost) == 2, "it stands in a stream, and its article did not arrive"
    live = {key: record for key, record in desk.live.items() if record is not gone}
    assert len(desk.found(received=list(live.values()), live=live).lost) == 1


def test_two_entries_of_one_revision_are_twice(desk):
    desk.live["copydesk:copies", "9000-0"] = desk.one("copy") | {"entry": "9000-0"}
    assert len(desk.found().twice) == 1


def test_one_text_as_two_revisions_is_twice(desk):
    record = desk.one("original") | {"entry": "9000-0", "revision": 2, "verdict": "revision"}
    desk.live["copydesk:documents", "9000-0"] = record
    found = desk.found()
    assert len(found.twice) == 1
    assert found.wrong


@pytest.mark.parametrize(
    ("of", "change"),
    [
        ("copy", {"verdict": "original"}),
        ("copy", {"cluster": "another"}),
        ("revision", {"mark": "This is edition 9 of report 9."}),
        ("revision", {"revision": 7}),
        ("original", {"verdict": None, "reason": "crashed"}),
        ("original", {"url": "http://elsewhere:1/a/1"}),
    ],
)
def test_what_is_not_as_generated_is_wrong(desk, of, change):
    desk.one(of).update(change)
    assert desk.found().wrong


def test_what_redis_lost_may_come_again_as_the_same(desk):
    kept = desk.one("copy")
    lost = kept | {"entry": "0-7"}
    received = [*desk.live.values(), lost]
    assert desk.found(received=received, cuts=[(0, 10)]).clean
    assert desk.found(received=received, cuts=[(900_000, 910_000)]).wrong, "nothing was cut at that time"
    other = lost | {"id": "d-other"}
    assert desk.found(received=[*desk.live.values(), other], cuts=[(0, 10)]).wrong


def test_sums_that_do_not_agree_are_found():
    counts = {"fetch:taken": 5, "fetch:page": 3, "fetch:rejected:gone": 1, "fetch:unchanged": 1, "extract:document": 2}
    counts |= {"extract:rejected:stalled": 1, "dedup:original": 1, "dedup:copy": 1}
    assert unaccounted(counts) == {"fetch": 0, "extract": 0, "dedup": 0}
    assert unaccounted(counts | {"dedup:copy": 0})["dedup"] == 1


def test_a_line_that_a_kill_cut_off_is_none(tmp_path):
    (tmp_path / "x").write_text('{"a": 1}\n{"a": \n{"a": 2}\n')
    assert list(read_lines([tmp_path / "x", tmp_path / "none"])) == [{"a": 1}, {"a": 2}]


def test_the_consumer_keeps_what_the_check_needs(desk):
    document = {
        "id": "d1",
        "url": "u",
        "revision": 1,
        "verdict": "copy",
        "text": "A. This is edition 2 of report 3. It was.",
    }
    record = consumer.record("copydesk:copies", b"1-0", {b"document": json.dumps(document).encode()})
    assert set(record) == set(desk.one("copy"))
    assert record["mark"] == "This is edition 2 of report 3."


@pytest.mark.parametrize(
    ("code", "out", "is_well"),
    [
        (0, '{"agrees": true, "in_flight": {"dedup": 0}}', True),
        (0, '{"agrees": true, "in_flight": {"dedup": 1}}', False),
        (1, '{"agrees": false, "in_flight": {}}', False),
        (2, "", False),
    ],
)
def test_what_the_audit_finds_is_wrong(code, out, is_well):
    assert (audited(code, out, "said") == []) is is_well
