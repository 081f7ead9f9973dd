"""Entries of streams as files by day: JSON lines while they are written, compressed or turned into Parquet when they are closed.

``FOLDER/2026-11-22/documents-1795300000000-0-1a2b3c.jsonl`` holds the entries of one stream and one day (UTC, of the stream
ids), a JSON object a line: that of the entry's field ``document``, with one more first key, ``"entry":
"documents/1795300000000-0"``. The name holds the id of the first. A closed file ends in ``.jsonl.zst``, ``.parquet``, or, where
that is wanted, in ``.jsonl``; then the name of one that is still written to ends in ``.open``.

Each entry stands in the files once: a writer that was killed finds what it had written in the files that it left open, since
one is only closed when all that is in it is acknowledged.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import zstandard

from copydesk.runtime.logs import get_log
from copydesk.runtime.spool import Place, lock

FileFormat = Literal["jsonl.zst", "jsonl", "parquet"]

REMEMBERED: Final = 20_000
"""Entries of a stream that are known to be written: more than what can be delivered and not acknowledged."""
MOST_INT: Final = 2**63 - 1
ROWS: Final = 1_000
"""Lines that are turned into Parquet together: their memory."""
_ENTRY: Final = re.compile(rb'\{"entry":"([^"]{1,200})",')
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")

log = get_log()


@dataclass(frozen=True)
class Line:
    """An entry on its way into a file.

    Attributes:
        stream: Name of its stream, as people call it.
        id: Its id there.
        document: JSON object, in one line, not empty.
    """

    stream: str
    id: str
    document: bytes

    @property
    def entry(self) -> str:
        return f"{self.stream}/{self.id}"

    @property
    def lane(self) -> tuple[str, str]:
        """Which files it stands in: its stream and its day."""
        seconds = int(self.id.partition("-")[0]) / 1000
        return self.stream.replace(":", "-"), f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"

    def text(self) -> bytes:
        return b'{"entry":"%s",%s\n' % (self.entry.encode(), self.document[1:])


@dataclass
class _Open:
    """A file that is written to."""

    path: Path
    fd: int
    size: int
    since: float
    unsynced: bool = False

    def append(self, data: bytes) -> None:
        """Write all of it, or nothing.

        Raises:
            OSError: it cannot be written.
        """
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self.fd, rest) :]
        except OSError:
            os.ftruncate(self.fd, self.size)
            raise
        self.size += len(data)
        self.unsynced = True

    def sync(self) -> None:
        if self.unsynced:
            os.fsync(self.fd)
            self.unsynced = False


@dataclass
class DayFiles:
    """Writes entries into files. Not for several threads at a time.

    Attributes:
        place: Where the files belong.
        ending: What a closed file is.
        most_bytes: Size, before compression, at which a file is closed.
        most_seconds: Age at which it is.
        sync: Whether what was written stands on the disk when ``write`` returns, or when its file is closed.
        clock: Unix time.
    """

    place: Place
    ending: FileFormat = "jsonl.zst"
    most_bytes: int = 256_000_000
    most_seconds: float = 86_400.0
    sync: bool = True
    clock: Callable[[], float] = time.time
    _open: dict[tuple[str, str], _Open] = field(default_factory=dict)
    _left: list[_Open] = field(default_factory=list)
    _others: set[Path] = field(default_factory=set)  # another process still has them open
    _written: dict[str, OrderedDict[str, None]] = field(default_factory=lambda: defaultdict(OrderedDict))  # by stream

    @property
    def open_ending(self) -> str:
        """What the name of a file ends with that is written to."""
        return ".jsonl.open" if self.ending == "jsonl" else ".jsonl"

    def take_up(self) -> None:
        """Take up what a writer left open that was killed: what is whole of it stays, and is not written again.

        Raises:
            OSError: a file cannot be read or mended.
        """
        for path in sorted(self.place.folder.glob(f"*/*{self.open_ending}")):
            file = self._take(path)
            if file is None:
                continue
            lane = (path.name.rpartition("-")[0].rpartition("-")[0].rpartition("-")[0], path.parent.name)
            if self._closed(path).exists() or lane in self._open:
                self._left.append(file)
            else:
                self._open[lane] = file

    def write(self, lines: Iterable[Line]) -> int:
        """Write the lines that do not stand in the files yet; how many bytes that were.

        Raises:
            OSError: not all could be written. Those that were are left out when they are given again.
        """
        lanes: dict[tuple[str, str], list[Line]] = defaultdict(list)
        given = set()
        for line in lines:
            if line.entry not in self._written[line.stream] and line.entry not in given:
                given.add(line.entry)
                lanes[line.lane].append(line)
        size = 0
        for lane, ours in lanes.items():
            data = b"".join(line.text() for line in ours)
            file = self._open.get(lane) or self._begin(lane, ours[0].id)
            file.append(data)
            size += len(data)
            for line in ours:
                self._know(line.entry)
        if self.sync:
            for file in self._open.values():
                file.sync()
        return size

    def close_due(self) -> None:
        """Close the files whose size or time has come, or whose day is over. All that is in them must be acknowledged.

        Raises:
            OSError: one could not be closed; it is tried again.
        """
        now = self.clock()
        today = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
        for lane, file in list(self._open.items()):
            if file.size >= self.most_bytes or now - file.since >= self.most_seconds or lane[1] < today:
                self._left.append(self._open.pop(lane))
        for path in sorted(self._others):
            if (other := self._take(path)) is not None:
                self._left.append(other)
        while self._left:
            self._close(self._left[0])
            self._left.pop(0)

    def close(self) -> None:
        """Let go of the files that are open; they stay so, and are written to again."""
        for file in [*self._open.values(), *self._left]:
            with contextlib.suppress(OSError):
                file.sync()
            os.close(file.fd)
        self._open.clear()
        self._left.clear()

    def waiting(self) -> list[Path]:
        """Closed files, the oldest first: where the place is elsewhere, they are to be sent."""
        return sorted(self.place.folder.glob(f"*/*.{self.ending}"), key=lambda path: (path.parent.name, path.name))

    def remove_older(self, days: int) -> list[str]:
        """Remove the days that were over so many days ago; which went.

        Raises:
            Exception: whatever the file system or the store raises.
        """
        last = f"{datetime.fromtimestamp(self.clock(), UTC) - timedelta(days=days + 1):%Y-%m-%d}"
        gone = set()
        held = {file.path for file in (*tuple(self._open.values()), *tuple(self._left))}
        for folder in self.place.folder.glob("????-??-??"):
            if _DAY.fullmatch(folder.name) and folder.name <= last:
                for path in set(folder.glob("*.jsonl*")) | set(folder.glob("*.parquet*")):
                    if path not in held:
                        path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # somebody keeps something of his own there
                    folder.rmdir()
                    gone.add(folder.name)
        if self.place.fs is not None:
            with contextlib.suppress(FileNotFoundError):  # nothing was sent yet
                for name in self.place.fs.ls(self.place.path, detail=False):
                    day = name.rstrip("/").rpartition("/")[2]
                    if _DAY.fullmatch(day) and day <= last:
                        self.place.fs.rm(name, recursive=True)
                        gone.add(day)
        return sorted(gone)

    def _begin(self, lane: tuple[str, str], first: str) -> _Open:
        folder = self.place.folder / lane[1]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{lane[0]}-{first}-{secrets.token_hex(3)}{self.open_ending}"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        lock(fd, path)
        self._open[lane] = _Open(path, fd, 0, self.clock())
        return self._open[lane]

    def _take(self, path: Path) -> _Open | None:
        """Take an open file over from a writer that is gone. None where it stands still: what it wrote is known all the same."""
        try:
            fd = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            self._others.discard(path)
            return None
        if lock(fd, path) is False:
            if path not in self._others:
                self._remember(path)
                os.fsync(fd)
                self._others.add(path)
            os.close(fd)
            return None
        self._others.discard(path)
        whole = self._remember(path)
        torn = os.fstat(fd).st_size - whole
        if torn:
            os.ftruncate(fd, whole)
            log.warning("files.mended", file=path.name, cut_off=torn)
        return _Open(path, fd, whole, path.stat().st_mtime, unsynced=True)

    def _know(self, entry: str) -> None:
        known = self._written[entry.partition("/")[0]]
        known[entry] = None
        if len(known) > REMEMBERED:
            known.popitem(last=False)

    def _remember(self, path: Path) -> int:
        """Remember the entries of a file; where its last whole line ends."""
        whole = 0
        with path.open("rb") as file:
            for line in file:
                found = _ENTRY.match(line)
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                if found:
                    self._know(found[1].decode())
        return whole

    def _closed(self, path: Path) -> Path:
        return path.with_name(f"{path.name.removesuffix(self.open_ending)}.{self.ending}")

    def _close(self, file: _Open) -> None:
        final = self._closed(file.path)
        file.sync()
        if file.size == 0:
            file.path.unlink(missing_ok=True)
        elif self.ending == "jsonl":
            file.path.rename(final)
        else:
            # What has its final name is whole; a part that was cut short is begun anew.
            if not final.exists():
                part = final.with_name(f".{final.name}.part")
                (_compress if self.ending == "jsonl.zst" else to_parquet)(file.path, part)
                part.rename(final)
                _sync_folder(final.parent)
            file.path.unlink(missing_ok=True)
        os.close(file.fd)
        log.info("files.closed", file=final.name, bytes=file.size)


def _compress(source: Path, target: Path) -> None:
    with source.open("rb") as lines, target.open("wb") as file:
        zstandard.ZstdCompressor(level=3).copy_stream(lines, file)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


TEXTS: Final = (
    "entry", "schema", "id", "url", "host", "source", "title", "text", "language", "verdict", "copy_of", "cluster", "agency",
    "publisher", "reason",
)  # fmt: skip
TIMES: Final = ("published_at", "modified_at", "fetched_at", "rejected_at", "retracted_at")


def to_parquet(source: Path, target: Path) -> None:
    """Turn a file of lines into a Parquet file: a column for each of what consumers filter on, and ``json``, the line.

    Raises:
        OSError: it cannot be read or written.
    """
    import pyarrow as pa  # noqa: PLC0415 -- an optional dependency
    from pyarrow import parquet  # noqa: PLC0415

    time_type = pa.timestamp("us", tz="UTC")
    schema = pa.schema(
        [
            *((name, pa.string()) for name in TEXTS),
            ("revision", pa.int64()),
            ("novelty", pa.float64()),
            ("lead", pa.bool_()),
            *((name, time_type) for name in TIMES),
            ("json", pa.string()),
        ]
    )
    with target.open("wb") as file:
        with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            for lines in _chunks(source):
                writer.write_table(pa.Table.from_pylist([_row(line) for line in lines], schema=schema))
        file.flush()
        os.fsync(file.fileno())


def _chunks(source: Path) -> Iterator[list[bytes]]:
    with source.open("rb") as file:
        lines: list[bytes] = []
        for line in file:
            lines.append(line)
            if len(lines) == ROWS:
                yield lines
                lines = []
        if lines:
            yield lines


def _row(line: bytes) -> dict[str, Any]:
    """Columns of a line; what has no place in them (a number as a title, a document that is no JSON) stands in ``json`` alone."""
    found = _ENTRY.match(line)
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = {"entry": found[1].decode(errors="replace")} if found else {}
    row = {name: _only(data.get(name), str) for name in TEXTS}
    row |= {name: _time(data.get(name)) for name in TIMES}
    row |= {"revision": _only(data.get("revision"), int), "novelty": _only(data.get("novelty"), float, int)}
    return row | {"lead": _only(data.get("lead"), bool), "json": line.rstrip(b"\n").decode(errors="replace")}


def _only(value: Any, *kinds: type) -> Any:
    if type(value) is str and not value.isascii():
        value = value.encode(errors="replace").decode()  # JSON may spell half a character
    return value if type(value) in kinds and not (type(value) is int and abs(value) > MOST_INT) else None


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
