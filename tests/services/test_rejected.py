"""``copydesk rejected``: dead letters are shown with what is kept, retried once without fetching, dropped."""

import json
from datetime import UTC, datetime

import pytest
import redis
from blackbox import article, words
from pipeline import page_item

from copydesk.core.urls import document_id
from copydesk.models import Rejected, RejectReason
from copydesk.runtime import keys
from copydesk.runtime.groups import BlockingGroupReader

URL = "https://paper.example/1"


@pytest.fixture
def rejected(run_verb, desk, tmp_path, capsys):
    def call(*arguments):
        capsys.readouterr()  # what the stages have logged
        code, out, err = run_verb("rejected", *arguments, REDIS_URL=desk.url, DATA_DIR=str(tmp_path))
        return code, [json.loads(line) for line in out.splitlines()], err

    return call


def fail_once(desk, monkeypatch, url=URL):
    """A page that a fault of the extractor rejects; its id."""
    with monkeypatch.context() as patch:
        patch.setattr("copydesk_services.extractor.job.extract", lambda *_, **__: 1 / 0)
        return desk.through(url, article("Story", words(url)))


def fetch_rejected(desk, url):
    """A page whose fetch failed; its id."""

    async def step(frontier):
        await frontier.offer([page_item(url)])
        [claim] = await frontier.claim(1)
        letter = Rejected(
            id=claim.page_id, url=url, host="slow.example", source="s" * 12, stage="fetch", reason=RejectReason.TIMEOUT,
            detail="no answer", rejected_at=datetime.now(UTC),
        )  # fmt: skip
        assert await frontier.reject(claim, letter)
        return claim.page_id

    return desk.frontier(step)


def test_a_fault_is_fixed_and_the_kept_page_becomes_a_document(desk, rejected, monkeypatch):
    page_id = fail_once(desk, monkeypatch)
    code, [row], _ = rejected("list", "--reason", "extract_failed")
    assert (code, row["id"], row["stage"], row["body_kept"]) == (0, page_id, "extract", True)
    assert "ZeroDivisionError" in row["detail"]
    assert datetime.fromisoformat(row["body_kept_until"]) > datetime.now(UTC)
    assert rejected("retry", page_id)[1] == [{"retried": 1}]
    assert desk.stages.in_flight() == {"frontier": 0, "fetch": 0, "extract": 1, "dedup": 0}
    assert rejected("list")[1] == [], "its dead letter went with the retry"
    assert rejected("retry", page_id)[0] == 1, "not twice"
    desk.extract()
    desk.dedup()
    assert desk.outcome(page_id) == "original"
    assert set(desk.stages.in_flight().values()) == {0}
    assert desk.stages.counts()["fetch:taken"] == 2


def test_what_fails_again_is_a_dead_letter_again(desk, rejected, monkeypatch):
    page_id = fail_once(desk, monkeypatch)
    assert rejected("retry", "--all")[1] == [{"retried": 1}]
    assert rejected("retry", page_id)[0] == 1, "not while it is in work"
    with monkeypatch.context() as patch:
        patch.setattr("copydesk_services.extractor.job.extract", lambda *_, **__: 1 / 0)
        desk.extract()
    assert [row["id"] for row in rejected("list")[1]] == [page_id]


def test_a_failed_fetch_goes_back_into_the_frontier(desk, rejected):
    page_id = fetch_rejected(desk, "https://slow.example/1")
    assert rejected("list", "--host", "example", "--stage", "fetch")[1][0]["body_kept"] is False
    assert rejected("retry", "--host", "slow.example")[1] == [{"retried": 1}]
    assert desk.stages.in_flight()["frontier"] == 1
    assert desk.client.zrange(keys.frontier_host("slow.example"), 0, -1) == [page_id.encode()]
    assert desk.client.xlen(keys.REJECTED) == 0
    # Also where nothing is kept but the dead letter.
    other = fetch_rejected(desk, "https://gone.example/1")
    desk.client.delete(keys.page(other))
    assert rejected("retry", other)[1] == [{"retried": 1}]
    assert json.loads(desk.client.hget(keys.page(other), "item"))["url"] == "https://gone.example/1"


def test_what_is_no_longer_kept_says_so_and_can_be_fetched(desk, rejected, monkeypatch):
    page_id = fail_once(desk, monkeypatch)
    desk.client.delete(keys.body(page_id))
    assert rejected("show", page_id)[1][0]["body_kept"] is False
    code, rows, err = rejected("retry", page_id)
    assert (code, rows) == (1, [{"retried": 0, "not_kept": 1}])
    assert "--fetch" in err
    assert len(rejected("list")[1]) == 1
    assert rejected("retry", page_id, "--fetch")[1] == [{"retried": 1}]
    assert desk.stages.in_flight()["frontier"] == 1


def test_one_is_shown_with_its_body(desk, rejected, run_verb, monkeypatch, capsys):
    page_id = fail_once(desk, monkeypatch)
    [row] = rejected("show", URL)[1]
    assert (row["id"], row["reason"], row["source"]) == (page_id, "extract_failed", "s" * 12)
    assert rejected("show", "f" * 24)[0] == 1
    capsys.readouterr()
    code, out, _ = run_verb("rejected", "show", page_id, "--body")
    assert (code, out) == (0, article("Story", words(URL)))


def test_dropped(desk, rejected, monkeypatch):
    fail_once(desk, monkeypatch)
    fail_once(desk, monkeypatch, "https://other.example/1")
    assert rejected("drop")[0] == 2, "not all by mistake"
    assert rejected("drop", "--host", "other.example")[1] == [{"dropped": 1}]
    assert rejected("list", "--since", "1h")[1][0]["id"] == document_id(URL)
    assert rejected("list", "--since", "2100-01-01")[1] == []


def test_dead_letters_of_a_group_are_delivered_to_it_once_more(desk, rejected):
    page_id = desk.through(URL)
    with redis.Redis.from_url(desk.url) as client:
        reader = BlockingGroupReader(client, [keys.DOCUMENTS], "team", tries=1)
        [entry] = reader.read(10, 5.0)
        assert reader.fail(entry, "ValueError: no")
        [row] = rejected("list", "--group", "team")[1]
        assert (row["id"], row["dead_error"], row["dead_stream"]) == (page_id, "ValueError: no", keys.DOCUMENTS)
        assert rejected("retry", page_id, "--group", "team")[1] == [{"retried": 1}]
        [again] = reader.read(10, 5.0)
        assert again.stream == keys.own("team")
        assert again.fields == entry.fields
        assert reader.fail(again, "still")
        reader.close()
    assert rejected("drop", "--group", "team", "--all")[1] == [{"dropped": 1}]
    assert rejected("list", "--group", "team")[1] == []
