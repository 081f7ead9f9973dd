"""``copydesk backfill`` and ``copydesk reprocess`` up to the extract stage: what is taken, left alone, told."""

import asyncio
import json
import os

import pytest
import redis
from blackbox import Site
from warcs import response, story, write

from copydesk.core.urls import document_id, source_id
from copydesk.core.warc import response_record
from copydesk.models import Item
from copydesk.runtime import keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.pressure import Pressure
from copydesk.runtime.queue import Stages
from copydesk.runtime.settings import load_settings
from copydesk_services.commands.moments import time_of
from copydesk_services.stored_intake import StoredIntake
from copydesk_services.stored_pages import Choice, StoredPages


@pytest.fixture
def copydesk(run_verb, monkeypatch, tmp_path, client):
    """Run a verb in this process; gives exit code, what the summary says, and standard error."""
    monkeypatch.setenv("COPYDESK_REDIS_URL", client.url)
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path / "var"))

    def call(*arguments, **env):
        code, out, err = run_verb(*arguments, **env)
        return code, json.loads(out) if out else None, err

    return call


def queued(client):
    """The pages that wait for the extractor, by URL."""
    stages = Stages(client, load_settings())
    ids = [page_id.decode() for page_id in client.zrange(keys.stage("extract"), 0, -1)]
    return {page.ref.final_url: page for page in stages.pages(ids).values()}


def in_jobs(client):
    queue = Stages(client, load_settings()).queue("extract")
    return sorted(page_id for job in queue.jobs for page_id in job.args[0])


def settle(client, ids):
    """The pages had their outcome: they are no longer in work."""
    for page_id in ids:
        client.zrem(keys.stage("extract"), page_id)
        client.expire(keys.page(page_id), 60)


MIXED = [
    story(1),
    response("https://paper.example/a/1", b"GET", kind="request"),
    response("https://paper.example/gone", "<html>", status="404 Not Found"),
    response("https://paper.example/f.pdf", b"%PDF", content_type="application/pdf"),
    story(2, date="2026-09-03T10:00:00Z"),
    story(3, host="news.other.example"),
    story(1, date="2026-09-02T10:00:00Z"),
]


def test_pages_come_into_the_extract_stage_once(copydesk, client, tmp_path):
    path = write(tmp_path / "CC-NEWS-1.warc.gz", *MIXED)
    code, said, err = copydesk("backfill", path, "--label", "origin=cc")
    assert (code, err) == (0, "")
    assert said == {
        "files": 1, "records": 8, "pages": 4, "skipped": {"no_response": 2, "not_html": 1, "status": 1},
        "damaged": 0, "unread": 0, "taken": 3, "known": 1, "complete": True,
    }  # fmt: skip
    pages = queued(client)
    assert sorted(pages) == [
        "https://news.other.example/a/3", "https://paper.example/a/1", "https://paper.example/a/2"
    ]  # fmt: skip
    ref = pages["https://paper.example/a/1"].ref
    assert ref.fetched_at.isoformat() == "2026-09-01T10:00:00+00:00"
    assert (ref.item.source, ref.item.labels) == (source_id("CC-NEWS-1.warc.gz"), {"origin": "cc"})
    assert b"<h1>Story 1</h1>" in pages["https://paper.example/a/1"].body
    assert in_jobs(client) == sorted(page.ref.id for page in pages.values())
    # Again: nothing, whether it is still in work or has its outcome.
    assert copydesk("backfill", path)[1]["known"] == 4
    settle(client, [page.ref.id for page in pages.values()])
    assert copydesk("backfill", path)[1]["taken"] == 0
    assert queued(client) == {}


@pytest.mark.parametrize(
    ("options", "urls"),
    [
        (["--host", "other.example"], ["https://news.other.example/a/3"]),
        (["--host", "Paper.example", "--since", "2026-09-02"], ["https://paper.example/a/1", "https://paper.example/a/2"]),
        (["--until", "2026-09-02T00:00+00:00", "--host", "paper.example"], ["https://paper.example/a/1"]),
        (["--limit", "1"], ["https://paper.example/a/1"]),
        (["--since", "1h"], []),
    ],
)  # fmt: skip
def test_what_is_chosen(copydesk, client, tmp_path, options, urls):
    code, said, _ = copydesk("backfill", write(tmp_path / "a.warc", *MIXED, compress=False), *options)
    assert code == 0
    assert sorted(queued(client)) == urls
    assert said["taken"] == len(urls)


def test_a_dry_run_needs_no_redis_and_changes_nothing(copydesk, client, tmp_path):
    path = write(tmp_path / "a.warc.gz", *MIXED)
    code, said, _ = copydesk("backfill", "--dry-run", path, REDIS_URL="redis://127.0.0.1:1/0")
    assert (code, said["pages"], said["dry_run"]) == (0, 4, True)
    assert copydesk("backfill", "--dry-run", "--limit", "2", path)[1]["pages"] == 2
    assert copydesk("reprocess", "--dry-run", path)[1]["pages"] == 3
    assert not client.keys()


def test_the_source_may_be_named(copydesk, client, tmp_path):
    path = write(tmp_path / "a.warc.gz", story(1))
    for n, (given, expected) in enumerate(
        [
            ("0123456789ab", "0123456789ab"),
            ("HTTPS://Paper.example/feed.xml", source_id("https://paper.example/feed.xml")),
            ("cc-news", source_id("cc-news")),
        ]
    ):
        path = write(tmp_path / f"{n}.warc.gz", story(n))
        copydesk("backfill", "--source", given, path)
        assert queued(client)[f"https://paper.example/a/{n}"].ref.item.source == expected


def test_what_is_damaged_is_told_and_the_rest_is_taken(copydesk, client, tmp_path):
    whole = tmp_path / "whole.warc.gz"
    write(whole, *(story(n) for n in range(4)))
    data = bytearray(whole.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path = tmp_path / "bad\x1b[31m.warc.gz"
    path.write_bytes(data[:-10])
    code, said, err = copydesk("backfill", str(path))
    assert (code, said["damaged"], said["taken"], said["complete"]) == (1, 2, 2, True)
    assert "damaged at byte" in err
    assert "\x1b" not in err
    assert copydesk("backfill", str(whole))[1]["taken"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["backfill"], 2, "FILE"),
        (["backfill", "none.warc.gz"], 2, "none.warc.gz: no such file"),
        (["backfill", "."], 2, "folder"),
        (["backfill", "s3://bucket/a.warc.gz"], 2, "s3fs"),
        (["backfill", "odd://a.warc.gz"], 2, "odd"),
        (["backfill", "--label", "x", __file__], 2, "--label 'x' is no KEY=VALUE"),
        (["backfill", "--since", "soon", __file__], 2, "--since 'soon' is no time"),
        (["backfill", "--since", "999999999w", __file__], 2, "--since '999999999w' is no time"),
        (["backfill", "--dry-run", __file__], 1, "damaged at byte 0: no WARC record begins here"),
        (["reprocess"], 2, "--since 2d"),
        (["reprocess", "--since", "2d"], 2, "COPYDESK_ARCHIVE"),
        (["reprocess", "-"], 2, "standard input"),
    ],
)
def test_mistakes_are_told(copydesk, arguments, code, told):
    got, _, err = copydesk(*arguments)
    assert got == code
    assert told in err
    assert "Traceback" not in err


def test_files_come_over_http(copydesk, tmp_path):
    site = Site()
    try:
        write(tmp_path / "a.warc.gz", *MIXED)
        site.page("/a.warc.gz", (tmp_path / "a.warc.gz").read_bytes(), "application/warc")
        code, said, err = copydesk("backfill", "--dry-run", f"{site.url}/a.warc.gz", f"{site.url}/none.warc.gz")
        assert (code, said["pages"], said["unread"]) == (1, 4, 1)
        assert f"{site.url}/none.warc.gz" in err
    finally:
        site.close()


def test_of_a_page_that_is_stored_several_times_the_latest_is_reprocessed(copydesk, client, tmp_path):
    first = write(
        tmp_path / "1.warc.gz",
        story(1, date="2026-09-05T00:00:00Z"),
        story(2),
        response("https://paper.example/a/2", "", status="404 Not Found", date="2026-09-09T00:00:00Z"),
    )
    second = write(tmp_path / "2.warc.gz", story(1, date="2026-09-04T00:00:00Z"), story(1))
    assert copydesk("backfill", second)[1]["taken"] == 1
    settle(client, [document_id("https://paper.example/a/1")])
    code, said, _ = copydesk("reprocess", second, first, first)
    assert (code, said["taken"], said["known"]) == (0, 2, 0)
    assert queued(client)["https://paper.example/a/1"].ref.fetched_at.day == 5
    # While they are in work, they are left alone.
    assert copydesk("reprocess", first)[1]["known"] == 2


def test_the_archive_itself_is_read_since_a_time(copydesk, client, tmp_path):
    item = Item(url="https://a.example/x", canonical_url="https://a.example/x", source="s", labels={"l": "v"})
    names = [f"copydesk-2026090{n}000000-h-1-x-00000.warc.gz" for n in (1, 2, 3)]
    for n, name in enumerate([*names[:2], names[2] + ".open"]):
        url, body, *_ = story(n)
        record = response_record(
            url=url, status=200, headers={"Content-Type": "text/html"}, body=body, at=time_of("", f"2026-09-0{n + 1}"),
            page_id=document_id(url), item=item.model_copy(update={"url": url, "canonical_url": url}),
        )  # fmt: skip
        # Behind the last the next one is being written.
        (tmp_path / name).write_bytes(record + record[: 100 * (n // 2)])
        os.utime(tmp_path / name, (time_of("", f"2026-09-0{n + 1}T01:00").timestamp(),) * 2)
    (tmp_path / "notes.txt").write_text("not of the archive")
    code, said, err = copydesk("reprocess", "--since", "2026-09-01T12:00", ARCHIVE=str(tmp_path))
    assert (code, said["files"], said["taken"], err) == (0, 2, 2, "")
    assert {page.ref.item.source for page in queued(client).values()} == {"s"}
    assert {page.ref.item.labels["l"] for page in queued(client).values()} == {"v"}
    code, _, err = copydesk("reprocess", "--since", "1h")
    assert code == 1
    assert "has no file that was written since" in err


def intake(client, runner, stages, pauses, **settings):
    asynchronous = redis.asyncio.Redis.from_url(client.url)
    settings = load_settings(**{"batch_pages": 2, **settings})
    return StoredIntake(
        frontier=Frontier(asynchronous, load_settings()), stages=stages, pressure=Pressure(client, stages, settings),
        runner=runner, settings=settings, again=False, follow=True, pause=lambda _: next(pauses),
    )  # fmt: skip


def test_it_waits_while_the_stages_are_full_and_an_interruption_loses_nothing(client, tmp_path, monkeypatch):
    path = write(tmp_path / "a.warc.gz", *(story(n) for n in range(7)))
    stages = Stages(client, load_settings())

    def all_of(taker):
        for page in StoredPages(Choice(), load_settings(), print).read([path]):
            taker.take(*page)

    def dies(stage, page_ids):
        raise ConnectionResetError

    with asyncio.Runner() as runner:
        first = intake(client, runner, stages, iter([False, False, *[True] * 9]), intake_pages=4)
        all_of(first)
        assert first.taken == 4, "the stages were full"
        assert not first.finish()
        # A process that died between taking and queueing: the pages are in the stage, and the reaper finds them.
        lost = intake(client, runner, stages, iter([]))
        monkeypatch.setattr(stages, "submit", dies)
        with pytest.raises(ConnectionResetError):
            all_of(lost)
        monkeypatch.undo()
        assert client.zcard(keys.stage("extract")) == 6
        again = intake(client, runner, stages, iter([True] * 9))
        all_of(again)
        again.finish()
        assert (again.taken, again.known) == (1, 6)
        assert again.in_work == 7, "it waits for those as well that the others had taken"
    client.zadd(keys.stage("extract"), dict.fromkeys(client.zrange(keys.stage("extract"), 0, -1), 1))
    assert len(stages.reap("extract")) == 2
    assert in_jobs(client) == sorted({document_id(f"https://paper.example/a/{n}") for n in range(7)})
