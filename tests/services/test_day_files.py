"""What was emitted as files by day: each entry once, whatever ends the writer, and wherever the files belong."""

import asyncio
import contextlib
import errno
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest
from pyarrow import parquet
from sink_targets import entry, lines_of

from copydesk.runtime.day_files import DayFiles, Line
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import load_settings
from copydesk.runtime.spool import Place
from copydesk_services.delivery.sink import Away, Setting
from copydesk_services.delivery.sinks.files import KIND, Files, Options

DAY = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
DAYS = 86_400


def line(number, stream="documents", day=0, **document):
    body = {"schema": "copydesk.document/1", "id": f"{number:024x}", "revision": 1, **document}
    return Line(stream, f"{(DAY + day * DAYS) * 1000 + number}-0", json.dumps(body).encode())


def files(folder, *, now=lambda: DAY, **options):
    return DayFiles(Place(folder), clock=now, **options)


def entries(folder):
    return [json.loads(text)["entry"] for text in lines_of(folder)]


def test_a_line_is_the_document_with_its_entry_first(tmp_path):
    writer = files(tmp_path)
    lines = [line(1, text="ä"), line(2), line(3, stream="selection:german"), line(4, day=-1)]
    assert writer.write(lines) == sum(len(path.read_bytes()) for path in tmp_path.glob("*/*"))
    assert writer.write(lines[1:]) == 0
    writer.close()
    [path] = tmp_path.glob("2026-11-22/documents-*.jsonl")
    assert path.name.startswith(f"documents-{lines[0].id}-")
    first = path.read_bytes().splitlines()[0]
    assert first == b'{"entry":"documents/%s",' % lines[0].id.encode() + lines[0].document[1:]
    assert list(json.loads(first)) == ["entry", "schema", "id", "revision", "text"]
    assert len(list(tmp_path.glob("2026-11-21/documents-*"))) == 1
    assert len(list(tmp_path.glob("2026-11-22/selection-german-*.jsonl"))) == 1


def test_a_torn_line_is_mended_and_nothing_written_again(tmp_path):
    """A writer is killed at every place of a line."""
    lines = [line(n, text="x" * 30) for n in range(4)]
    whole = b"".join(one.text() for one in lines)
    for cut in range(len(lines[0].text()), len(whole)):
        folder = tmp_path / str(cut)
        writer = files(folder, sync=False)
        writer.write(lines[:1])
        [path] = folder.glob("*/*")
        path.write_bytes(whole[:cut])
        writer.close()
        again = files(folder, sync=False)
        again.take_up()
        again.write(lines)
        again.close()
        assert entries(folder) == [one.entry for one in lines], cut


def test_killed_while_it_writes(tmp_path):
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[2:]\n"
        "from test_day_files import files, line\n"
        "writer = files(Path(sys.argv[1])); writer.take_up()\n"
        "n = 0\n"
        "while True:\n"
        "    writer.write([line(k) for k in range(n, n + 50)]); n += 50; print(n, flush=True)\n"
    )
    here = Path(__file__).parent
    written = 0
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), str(here), str(here.parent)], stdout=subprocess.PIPE, text=True
        ) as process:
            for _ in range(5):
                written = max(written, int(process.stdout.readline()))
            process.kill()
    found = entries(tmp_path)
    assert len(found) == len(set(found)) >= written
    assert found == [line(n).entry for n in range(len(found))]


def test_files_are_closed_by_size_by_time_and_when_their_day_is_over(tmp_path):
    now = [DAY]
    writer = files(tmp_path, now=lambda: now[0], most_bytes=10_000, most_seconds=60)
    writer.write([line(1, text="x" * 20_000)])
    assert not list(tmp_path.glob("*/*.zst"))
    writer.close_due()
    writer.write([line(2)])
    now[0] += 60
    writer.close_due()
    assert len(list(tmp_path.glob("*/*.jsonl.zst"))) == 2
    writer.write([line(3)])
    now[0] += 12 * 3600
    writer.close_due()
    assert len(list(tmp_path.glob("2026-11-22/*.jsonl.zst"))) == 3
    assert not list(tmp_path.glob("*/*.jsonl"))
    assert entries(tmp_path) == [line(n).entry for n in (1, 2, 3)]


def test_a_file_whose_closing_was_cut_short_is_closed(tmp_path):
    writer = files(tmp_path, most_bytes=1)
    writer.write([line(1)])
    [path] = tmp_path.glob("*/*.jsonl")
    kept = path.read_bytes()
    writer.close_due()
    path.write_bytes(kept)  # its process ended right before this
    path.with_name(f".{path.name}.zst.part").write_bytes(b"torn")
    again = files(tmp_path)
    again.take_up()
    assert again.write([line(1)]) == 0
    again.write([line(2)])
    again.close_due()
    again.close()
    assert sorted(entries(tmp_path)) == [line(1).entry, line(2).entry]


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    writer = files(tmp_path)
    writer.write([line(1)])
    real, room = os.write, [70]

    def write(fd, data):
        if room[0] <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(fd, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", write)
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            writer.write([line(2), line(3), line(4, stream="copies")])
        room[0] = 300
    room[0] = 10**9
    writer.write([line(2), line(3), line(4, stream="copies")])
    writer.close()
    assert sorted(entries(tmp_path)) == sorted(
        [line(1).entry, line(2).entry, line(3).entry, line(4, stream="copies").entry]
    )


def test_parquet(tmp_path):
    writer = files(tmp_path, ending="parquet", most_bytes=1)
    dated = {"published_at": "2026-11-22T10:00:00Z", "novelty": 0.5, "title": "Ä", "verdict": "original"}
    writer.write([line(n, **dated) for n in range(2_500)])
    writer.write([line(9_999, reason="empty", published_at=None)])
    writer.close_due()
    [path] = tmp_path.glob("*/*.parquet")
    table = parquet.read_table(path)
    assert table.num_rows == 2_501
    row = table.slice(7, 1).to_pylist()[0]
    assert (row["id"], row["title"], row["novelty"]) == (f"{7:024x}", "Ä", 0.5)
    assert row["published_at"] == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert json.loads(row["json"])["entry"] == row["entry"] == line(7).entry
    assert table.slice(2_500, 1).to_pylist()[0]["reason"] == "empty"


def test_plain_lines(tmp_path):
    writer = files(tmp_path, ending="jsonl", most_bytes=1)
    writer.write([line(1)])
    assert [path.name.endswith(".jsonl.open") for path in tmp_path.glob("*/*")] == [True]
    writer.close_due()
    assert [path.name.endswith(".jsonl") for path in tmp_path.glob("*/*")] == [True]


def test_old_days_go_and_nothing_else(tmp_path):
    writer = files(tmp_path, most_bytes=1)
    for day in (0, -1, -2, -3):
        writer.write([line(1, day=day)])
    writer.close_due()
    (tmp_path / "2026-11-18").mkdir()
    (tmp_path / "2026-11-18/mine.txt").touch()
    (tmp_path / "notes").mkdir()
    assert writer.remove_older(1) == ["2026-11-19", "2026-11-20"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-11-18", "2026-11-21", "2026-11-22", "notes"]


def test_an_object_store_that_is_away_for_a_while(tmp_path, monkeypatch):
    store = fsspec.filesystem("memory")
    with contextlib.suppress(FileNotFoundError):
        store.rm("/news", recursive=True)
    settings = load_settings(data_dir=tmp_path)
    metrics = Metrics("test")
    options = Options(to="memory://news", days=1, bytes=10_000)
    sink = Files(options, Setting("mine", settings, metrics, store=None))
    sink.files.clock = lambda: DAY
    sink.files.write([line(1, text="x" * 20_000), line(2, day=-3)])
    sink.files.close_due()
    monkeypatch.setattr(type(store), "put_file", lambda *_: (_ for _ in ()).throw(OSError("away")))
    with pytest.raises(OSError, match="away"):
        sink.send_and_clean()
    assert metrics.registry.get_sample_value("copydesk_files_waiting_bytes", {"sink": "mine"}) > 0
    monkeypatch.undo()
    sink.send_and_clean()
    # Of three days ago, and older than is kept.
    [name] = store.glob("/news/*/*")
    assert name.startswith("/news/2026-11-22/documents-")
    assert name.endswith(".jsonl.zst")
    assert not list((tmp_path / "spool/mine").glob("*/*.zst"))
    assert metrics.registry.get_sample_value("copydesk_files_waiting_bytes", {"sink": "mine"}) == 0


async def test_a_folder_that_cannot_be_written_is_waited_for(tmp_path):
    (tmp_path / "out").touch()
    sink = Files(Options(to=str(tmp_path / "out")), Setting("mine", load_settings(), Metrics("test"), store=None))
    with pytest.raises(Away, match="out"):
        await sink.write([line(1)])


def test_what_stands_in_long_files_is_not_written_again(tmp_path, monkeypatch):
    """A writer is killed with many entries in open files of several streams; what was not acknowledged comes one by one."""
    monkeypatch.setattr("copydesk.runtime.day_files.REMEMBERED", 50)
    lines = [line(n, stream) for stream in ("copies", "documents", "rejected") for n in range(200)]
    writer = files(tmp_path)
    writer.write(lines)
    writer.close()
    again = files(tmp_path)
    again.take_up()
    for first in (150, 350, 550):
        for one in lines[first : first + 50]:
            assert again.write([one]) == 0, one.entry
    again.close()


def test_a_writer_that_stands_still_is_followed(tmp_path):
    """What it wrote is not written again; its file is closed when it has let go of it, and never written to by another."""
    first, second = files(tmp_path), files(tmp_path)
    first.write([line(1), line(2)])
    [path] = tmp_path.glob("*/*")
    second.take_up()
    assert second.write([line(2)]) == 0
    second.write([line(3)])
    second.close_due()
    first.write([line(4)])  # it goes on, before it knows that it is not its turn any more
    assert [json.loads(text)["entry"] for text in path.read_bytes().splitlines()] == [line(n).entry for n in (1, 2, 4)]
    first.close()
    second.close_due()
    assert not path.exists()
    assert path.with_name(path.name + ".zst").exists()
    assert second.write([line(n) for n in (1, 2, 3, 4)]) == 0
    second.close()
    assert sorted(entries(tmp_path)) == [line(n).entry for n in (1, 2, 3, 4)]


def test_parquet_takes_whatever_a_document_holds(tmp_path):
    odd = [
        line(1, title=5, published_at="yesterday", revision="one", novelty="much", lead="x", text="\ud800"),
        line(2, revision=2**70, published_at=7),
        Line("documents", f"{DAY * 1000 + 3}-0", b'{"torn}'),
        line(4),
    ]
    writer = files(tmp_path, ending="parquet", most_bytes=1)
    writer.write(odd)
    writer.close_due()
    [path] = tmp_path.glob("*/*.parquet")
    rows = parquet.read_table(path).to_pylist()
    assert [row["entry"] for row in rows] == [one.entry for one in odd]
    assert [row["json"].encode() + b"\n" for row in rows] == [one.text() for one in odd]
    assert rows[0]["title"] is None


async def test_what_is_written_when_it_is_stopped_is_written_before_its_file_is_let_go(tmp_path, monkeypatch):
    setting = Setting("mine", load_settings(data_dir=tmp_path), Metrics("test"), store=None)
    begun, go_on, order = threading.Event(), threading.Event(), []
    write, close = DayFiles.write, DayFiles.close

    def slow(self, lines):
        begun.set()
        go_on.wait(10)
        size = write(self, lines)
        order.append("written")
        return size

    monkeypatch.setattr(DayFiles, "write", slow)
    monkeypatch.setattr(DayFiles, "close", lambda self: (order.append("closed"), close(self)))

    async def work():
        async with KIND.opened(Options(to=str(tmp_path / "out")), setting) as sink:
            await sink.deliver([entry(1)])

    task = asyncio.create_task(work())
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    asyncio.get_running_loop().call_later(0.1, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert order == ["written", "closed"]
