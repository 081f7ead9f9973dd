"""The archive: pages in, WARC files out, which warcio reads; rotated, mended, sent, and never in the way of a page."""

import asyncio
import errno
import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest
import redis.asyncio
from blackbox import wait_for
from warcio.archiveiterator import ArchiveIterator

from copydesk.errors import SettingsError
from copydesk.models import Item, PageRef
from copydesk.runtime import archive as archive_module
from copydesk.runtime.archive import archive_of, running
from copydesk.runtime.archive_files import ArchivePlace, RotatedFile, take_up
from copydesk.runtime.http import Answer
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import load_settings
from copydesk_services.fetcher.service import FetcherService

AT = datetime(2026, 9, 1, 12, 30, 15, tzinfo=UTC)
HTML = b"<!doctype html><p>The ferry left at noon.</p>"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(archive_module, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(archive_module, "RESEND_FIRST", 0.02)


def page(n, body=HTML):
    return Answer(f"https://paper.example/{n}", 200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, body)


async def keep(archive, *pages):
    await asyncio.gather(*(archive.keep(answer, ref(f"{n:024x}")) for n, answer in enumerate(pages)))


def ref(page_id, item=None, **kwargs):
    item = item or Item(url="https://paper.example/x", canonical_url="https://paper.example/x", source="s")
    return PageRef(id=page_id, item=item, final_url=item.url, status=200, fetched_at=AT, bytes=1, **kwargs)


def records(path):
    """What warcio reads, digests checked: the type, URL and body of each record."""
    with Path(path).open("rb") as file:
        return [
            (found.rec_type, found.rec_headers.get_header("WARC-Target-URI"), found.content_stream().read())
            for found in ArchiveIterator(file, check_digests="raise")
        ]


def urls(folder):
    return sorted(url for path in folder.glob("copydesk-*.warc.gz") for _, url, _ in records(path) if url)


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(f"copydesk_archive_{name}", labels) or 0


def rotated(folder, clock=lambda: 1_790_000_000.0, most_bytes=10**9, most_seconds=3_600.0):
    return RotatedFile(folder, most_bytes=most_bytes, most_seconds=most_seconds, user_agent="ua", clock=clock)


def member(n):
    return lambda warcinfo: gzip.compress(b"<record %d>%s" % (n, os.urandom(2_000)))


async def test_pages_are_written_and_read_back(tmp_path):
    metrics = Metrics("test")
    settings = load_settings(archive=f"file://{tmp_path}/new/folder")
    item = Item(url="https://paper.example/x", canonical_url="https://paper.example/x", source="s", secret="token")  # noqa: S106 -- its name
    with running(archive_of(settings, metrics)) as archive:
        await archive.keep(page(0), ref("a" * 24, item))
        # It stands in the file before the page goes on: a crash loses none.
        [unfinished] = (tmp_path / "new/folder").glob("copydesk-*.warc.gz.open")
        assert [kind for kind, _, _ in records(unfinished)] == ["warcinfo", "response"]
        await keep(archive, *(page(n) for n in range(1, 6)))
    [path] = (tmp_path / "new/folder").iterdir()
    assert path.name.startswith("copydesk-20")
    assert socket.gethostname().replace("-", "_") in path.name
    found = records(path)
    assert [kind for kind, _, _ in found] == ["warcinfo"] + ["response"] * 6
    assert sorted(url for _, url, _ in found[1:]) == [f"https://paper.example/{n}" for n in range(6)]
    assert {body for _, _, body in found[1:]} == {HTML}
    assert value(metrics, "pages_total", outcome="kept") == 6
    assert 0 < value(metrics, "bytes_total") < path.stat().st_size
    assert b"token" not in gzip.decompress(path.read_bytes())


def test_files_are_closed_by_size_and_by_time(tmp_path):
    now = [1_790_000_000.0]
    file = rotated(tmp_path, clock=lambda: now[0], most_bytes=5_000, most_seconds=60)
    for n in range(4):
        file.write(member(n))
    assert len(list(tmp_path.glob("*.warc.gz"))) == 1  # the warcinfo record and three of two thousand bytes
    now[0] += 59
    file.close_if_old()
    assert len(list(tmp_path.glob("*.open"))) == 1
    now[0] += 1
    file.close_if_old()
    assert not list(tmp_path.glob("*.open"))
    assert sorted(path.name.rpartition("-")[2] for path in tmp_path.iterdir()) == ["00000.warc.gz", "00001.warc.gz"]
    file.close()
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_crash_left_is_taken_up_and_what_others_write_is_not(tmp_path):
    writer = (
        "import sys, gzip, signal; from pathlib import Path; from copydesk.runtime.archive_files import RotatedFile\n"
        "file = RotatedFile(Path(sys.argv[1]), most_bytes=10**9, most_seconds=9.0, user_agent='ua', clock=lambda: 1e9)\n"
        "file.write(lambda warcinfo: gzip.compress(b'one')); print('ready', flush=True); signal.pause()"
    )
    process = subprocess.Popen([sys.executable, "-c", writer, tmp_path], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"ready\n"
        mine = rotated(tmp_path)
        mine.write(member(1))
        assert take_up(tmp_path) == []
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    [left] = tmp_path.glob("copydesk-20010909*.open")
    whole = left.stat().st_size
    with left.open("ab") as file:
        file.write(gzip.compress(b"two" * 99)[:-3])
    (tmp_path / "copydesk-20010909014640-gone-1-00000000-00000.warc.gz.open").write_bytes(b"\x1f\x8b")
    assert [path.name for path in take_up(tmp_path)] == [left.name.removesuffix(".open")]
    assert left.with_suffix("").stat().st_size == whole
    assert gzip.decompress(left.with_suffix("").read_bytes()).endswith(b"one")
    assert len(list(tmp_path.glob("*.open"))) == 1
    mine.close()
    assert len(list(tmp_path.glob("*.warc.gz"))) == 2


def test_a_disk_that_is_full_leaves_no_half_record(tmp_path, monkeypatch):
    file = rotated(tmp_path)
    write = os.write

    def full(fd, data):
        write(fd, data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    def fails(n):
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            with pytest.raises(OSError, match="No space left"):
                file.write(member(n))

    fails(9)
    assert not list(tmp_path.iterdir()), "a file begins with what wrote it"
    file.write(member(0))
    fails(1)
    fails(2)
    file.write(member(3))
    file.close()
    [path] = tmp_path.iterdir()
    content = gzip.decompress(path.read_bytes())
    assert re.findall(rb"<record (\d)>", content) == [b"0", b"3"]
    assert content.startswith(b"WARC/1.1\r\nWARC-Type: warcinfo")


def test_what_stands_behind_a_damaged_place_is_not_cut_off(tmp_path):
    file = rotated(tmp_path)
    for n in range(3):
        file.write(lambda _, n=n: gzip.compress(b"WARC/1.1\r\n%d" % n + os.urandom(2_000)))
    [left] = tmp_path.iterdir()
    damaged = bytearray(left.read_bytes())
    size = len(damaged)
    damaged[size // 2] ^= 0xFF
    left.write_bytes(damaged + b"\x1f\x8b\x08 the rest")
    os.close(file._fd)  # as though its process had ended
    [closed] = take_up(tmp_path)
    assert closed.stat().st_size == size


async def test_a_broken_archive_is_told_and_holds_up_no_page(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    metrics = Metrics("test")
    with running(archive_of(load_settings(archive=str(blocked / "archive")), metrics)) as archive:
        await keep(archive, page(0), page(1))
        assert value(metrics, "pages_total", outcome="missed") == 2
        assert value(metrics, "failures_total", step="write") == 2
        assert archive.problem.startswith("archive: ")
        blocked.unlink()
        await keep(archive, page(2))
        assert value(metrics, "pages_total", outcome="kept") == 1
        wait_for(lambda: archive.problem is None, "the archive to work")
    assert urls(blocked / "archive") == ["https://paper.example/2"]


async def test_the_fetcher_is_not_ready_while_its_archive_is_broken(tmp_path):
    (tmp_path / "file").touch()
    client = redis.asyncio.Redis()
    service = FetcherService(
        client=client, blocking=None, stages=None, settings=load_settings(archive=str(tmp_path / "file"))
    )
    assert service._ready() is None
    with running(service._archive):
        await keep(service._archive, page(0))
        assert service._ready().startswith("archive: ")
    await client.aclose()


async def test_a_disk_that_hangs_holds_a_page_up_for_a_while_only(tmp_path, monkeypatch):
    monkeypatch.setattr(archive_module, "PATIENCE_SECONDS", 0.1)
    metrics = Metrics("test")
    hangs, write = threading.Event(), os.write
    hangs.set()
    go_on = threading.Event()

    def hanging(fd, data):
        if hangs.is_set() and threading.current_thread().name == "archive":
            go_on.wait(20)
        return write(fd, data)

    monkeypatch.setattr(os, "write", hanging)
    with running(archive_of(load_settings(archive=str(tmp_path)), metrics)) as archive:
        await keep(archive, page(0), page(1))
        assert value(metrics, "pages_total", outcome="missed") == 2
        # Nobody waits any longer for what hangs.
        monkeypatch.setattr(archive_module, "PATIENCE_SECONDS", 3_600)
        async with asyncio.timeout(60):
            await keep(archive, *(page(n) for n in range(50)))
        hangs.clear()
        go_on.set()
        await asyncio.to_thread(wait_for, lambda: not archive._stuck, "the writer to go on")
        await keep(archive, page(7))
        assert value(metrics, "pages_total", outcome="kept") == 1
        assert archive.problem is None


async def test_fetching_waits_while_much_is_to_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(archive_module, "QUEUE_BYTES", 2_000)
    most = []

    class Watched(archive_module._Room):
        def taken(self, size):
            most.append(self._used)
            return super().taken(size)

    monkeypatch.setattr(archive_module, "_Room", Watched)
    with running(archive_of(load_settings(archive=str(tmp_path)), Metrics("test"))) as archive:
        await keep(archive, page("large", HTML * 100), *(page(n, HTML * 20) for n in range(20)))
        assert archive._room._used == 0
    assert max(most) <= max(2_000, len(HTML) * 100)
    assert len(urls(tmp_path)) == 21


async def test_files_go_to_an_object_store_and_wait_while_it_is_away(tmp_path, monkeypatch):
    store = fsspec.filesystem("memory")
    metrics = Metrics("test")
    settings = load_settings(archive="memory://bucket/pages", archive_bytes=10_000, data_dir=tmp_path)
    put, away = store.put_file, [True]

    def put_file(local, target, **kwargs):
        if away[0]:
            raise PermissionError(errno.EACCES, "the store says no")
        return put(local, target, **kwargs)

    monkeypatch.setattr(type(store), "put_file", lambda self, *args, **kwargs: put_file(*args, **kwargs))
    try:
        with running(archive_of(settings, metrics)) as archive:
            await keep(archive, *(page(n, os.urandom(6_000)) for n in range(4)))
            wait_for(lambda: "the store says no" in (archive.problem or ""), "the failure")
            assert value(metrics, "waiting_bytes") > 10_000
        assert len(list((tmp_path / "archive").glob("*.warc.gz"))) == 2
        away[0] = False
        with running(archive_of(settings, metrics)) as archive:
            await keep(archive, page(9))
            wait_for(lambda: archive.problem is None and value(metrics, "waiting_bytes") == 0, "the files to be sent")
        assert not list((tmp_path / "archive").iterdir())
        names = store.ls("/bucket/pages", detail=False)
        assert len(names) == 3
        for n, name in enumerate(names):
            store.get_file(name, str(tmp_path / f"{n}.warc.gz"))
        assert sum(len(records(tmp_path / f"{n}.warc.gz")) for n in range(3)) == 3 + 5
        place = ArchivePlace.of(settings)
        assert [name.startswith("memory://") for name, _ in place.names()] == [True] * 3
    finally:
        store.rm("/bucket", recursive=True)


def test_whether_it_can_be_written_is_tried(tmp_path):
    for url in (str(tmp_path / "new"), "memory://tried/pages"):
        place = ArchivePlace.of(load_settings(archive=url, data_dir=tmp_path / "var"))
        place.try_writing()
        assert not list(place.names())
        assert not list(place.folder.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        ArchivePlace.of(load_settings(archive=str(tmp_path / "file"))).try_writing()


@pytest.mark.parametrize(("url", "said"), [("s3://bucket/x", "s3fs"), ("nowhere://x", "nowhere")])
def test_a_kind_of_archive_that_cannot_be(url, said):
    with pytest.raises(SettingsError, match=rf"COPYDESK_ARCHIVE={url}.*{said}"):
        archive_of(load_settings(archive=url), Metrics("test"))


def test_without_the_setting_there_is_none():
    assert archive_of(load_settings(), Metrics("test")) is None
