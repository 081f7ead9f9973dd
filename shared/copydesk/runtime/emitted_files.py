"""What was emitted, as files by day: read back, and freed of what was taken out.

``{emitted}/YYYY-MM-DD/{documents,copies,rejected}-*.jsonl`` (``.zst`` once it is closed). A line is a record as JSON with
one more first key, ``entry``: name of the stream and stream id, as in ``documents/1700000000000-0``.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import zstandard

from copydesk.runtime.settings import Settings
from copydesk.runtime.warc import filesystem, is_local

OFF: Final = "off"
FOLDER: Final = "emitted"
SPOOL: Final = "spool/emitted"
MAX_LINE_BYTES: Final = 128 * 1024 * 1024
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FILE: Final = re.compile(r"([a-z0-9_-]+?)-[\w.-]*\.jsonl(\.zst)?", re.ASCII)
_ENTRY: Final = re.compile(rb'\{"entry": ?"([a-z0-9:_-]+)/(\d+)-(\d+)", ?')

StreamId = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: the stream and the id of its entry there, and the record as JSON without them."""

    stream: str
    at: StreamId
    json: bytes


@dataclass(frozen=True, slots=True)
class DayFile:
    """A file of a day, and whose entries it holds."""

    path: str
    stream: str
    root: int = 0

    @property
    def is_packed(self) -> bool:
        """Whether it is compressed, and so will not grow any more."""
        return self.path.endswith(".zst")


class EmittedFiles:
    """The files by day."""

    def __init__(self, *roots: tuple[Any, str]) -> None:
        """``roots``: each a file system of fsspec's, and a folder there."""
        self._roots = [(fs, path.rstrip("/"), is_local(fs)) for fs, path in roots]

    @classmethod
    def of(cls, settings: Settings) -> EmittedFiles | None:
        """As the settings say; None where nothing is kept.

        Raises:
            UsageError: the folder's URL is of a kind that is not known, or that needs a package that is not installed.
        """
        if settings.emitted == OFF:
            return None
        place = filesystem(settings.emitted or str((settings.data_dir / FOLDER).absolute()), settings)
        # What is still written to, or not yet sent, where the place is elsewhere.
        spool = filesystem(str((settings.data_dir / SPOOL).absolute()), settings)
        return cls(place) if is_local(place[0]) else cls(place, spool)

    def days(self) -> list[str]:
        """The days of which there are files, the oldest first."""
        names = {name for fs, path, _ in self._roots for name in _names(fs, path)}
        return sorted(name for name in names if _DAY.fullmatch(name))

    def files(self, day: str, streams: Collection[str] | None = None) -> list[DayFile]:
        """The files of a day, of these streams or of all."""
        found = []
        for root, (fs, path, _) in enumerate(self._roots):
            for name in sorted(_names(fs, f"{path}/{day}")):
                match = _FILE.fullmatch(name)
                if match and (not streams or match[1] in streams):
                    found.append(DayFile(f"{path}/{day}/{name}", match[1], root))
        return found

    def lines(self, file: DayFile, *, newest_first: bool = False) -> Iterator[Line]:
        """The lines of a file by the ids of their entries; one that is no whole entry is left out.

        Such a line is being written, or was purged. Entries that were delivered again may stand out of order.
        """
        with contextlib.suppress(FileNotFoundError), self._seekable(file) as opened:
            index: list[tuple[StreamId, int]] = []
            start = 0
            while raw := opened.readline(MAX_LINE_BYTES):
                line = read_line(raw)
                if line is not None:
                    index.append((line.at, start))
                start += len(raw)
            for _, start in sorted(index, reverse=newest_first):
                opened.seek(start)
                line = read_line(opened.readline(MAX_LINE_BYTES))
                if line is not None:
                    yield line

    @contextlib.contextmanager
    def _seekable(self, file: DayFile) -> Iterator[IO[bytes]]:
        with self._opened(file) as opened:
            if not file.is_packed:
                yield opened
                return
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(opened, copy)
                copy.seek(0)
                yield copy

    def changed_since(self, file: DayFile, since: float) -> bool:
        """Whether a file was written to since a Unix time, as far as its store knows."""
        _, _, local = self._roots[file.root]
        try:
            return not local or os.stat(file.path).st_mtime >= since  # noqa: PTH116 -- a path of fsspec's
        except FileNotFoundError:
            return False

    def erase(self, file: DayFile, ids: Collection[str]) -> int:
        """Take the records with these ids out of a file; how many there were. What says that they were taken out stays.

        A file that may still be written to is changed in its place, each line by one of the same length; others are
        written anew.
        """
        marks = [f'"id":"{id_}"'.encode() for id_ in ids]
        with contextlib.suppress(FileNotFoundError):  # closed, or older than is kept, since it was listed
            if self._roots[file.root][2] and not file.is_packed:
                return _erase_in_place(Path(file.path), marks)
            return self._write_anew(file, marks)
        return 0

    def _write_anew(self, file: DayFile, marks: Collection[bytes]) -> int:
        gone = 0
        fs, _, local = self._roots[file.root]
        folder = Path(file.path).parent if local else None
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".purge-", delete=False) as target:
            temporary = Path(target.name)
            try:
                with self._opened(file) as opened, _packing(target, packed=file.is_packed) as out:
                    while raw := opened.readline(MAX_LINE_BYTES):
                        is_hit = _is_of(raw, marks)
                        gone += is_hit
                        out.write(_stub(raw) if is_hit else raw)
                target.flush()
                os.fsync(target.fileno())
                if gone and folder is not None:
                    os.chmod(temporary, os.stat(file.path).st_mode & 0o777)  # noqa: PTH101, PTH116
                    temporary.replace(file.path)
                elif gone:
                    fs.put_file(str(temporary), file.path)
            finally:
                temporary.unlink(missing_ok=True)
        return gone

    @contextlib.contextmanager
    def _opened(self, file: DayFile) -> Iterator[IO[bytes]]:
        with self._roots[file.root][0].open(file.path, "rb") as raw:
            if not file.is_packed:
                yield raw
                return
            with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as reader:
                yield io.BufferedReader(reader)


def _names(fs: Any, folder: str) -> list[str]:
    try:
        names = fs.ls(folder, detail=False)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [str(name).rstrip("/").rpartition("/")[2] for name in names]


def read_line(raw: bytes) -> Line | None:
    """A line of a file; None where it is no whole entry, or was purged."""
    found = _ENTRY.match(raw)
    if found is None or not raw.rstrip().endswith(b"}") or b'"purged":true' in raw[:200]:
        return None
    return Line(found[1].decode(), (int(found[2]), int(found[3])), b"{" + raw[found.end() :].strip())


def _is_of(raw: bytes, marks: Collection[bytes]) -> bool:
    """Whether a line is a record with one of these ids, and not what says that it was taken out."""
    if not any(mark in raw for mark in marks):
        return False
    try:
        value = json.loads(raw)
    except ValueError:
        return False
    own = f'"id":"{value.get("id")}"'.encode()
    told = value.get("verdict") == "retracted" or value.get("reason") == "retracted" or value.get("purged")
    return own in marks and not told


def _stub(raw: bytes) -> bytes:
    """What stands in the place of a line: as long as it, with the id of its entry, so that the writer knows where it was."""
    value = json.loads(raw)
    stub = json.dumps({"entry": value["entry"], "purged": True}, separators=(",", ":")).encode()
    return stub.ljust(len(raw) - 1) + b"\n"


def _erase_in_place(path: Path, marks: Collection[bytes]) -> int:
    gone = 0
    with path.open("r+b") as file:
        at = 0
        while raw := file.readline(MAX_LINE_BYTES):
            if raw.endswith(b"\n") and _is_of(raw, marks):
                os.pwrite(file.fileno(), _stub(raw), at)
                gone += 1
            at += len(raw)
        if gone:
            os.fsync(file.fileno())
    return gone


@contextlib.contextmanager
def _packing(target: Any, *, packed: bool) -> Iterator[Any]:
    if not packed:
        yield target
        return
    with zstandard.ZstdCompressor(level=3).stream_writer(target, closefd=False) as writer:
        yield writer
