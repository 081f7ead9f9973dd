"""Records leave the WARC files of the archive: what takes their place is as long, so that all others stay where they were."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final

from copydesk.core.warc import Record
from copydesk.runtime.archive_files import ArchivePlace
from copydesk.runtime.settings import Settings
from copydesk.runtime.warc import OPEN, WarcReader, filesystem, is_local

COPY_BYTES: Final = 1 << 20
# A gzip member (RFC 1952): method 8, a comment follows, no time, unknown system; then the comment, which may be of any length.
_HEADER: Final = bytes([0x1F, 0x8B, 8, 0x10, 0, 0, 0, 0, 0, 0xFF])
_SAID: Final = b"A record stood here, and was taken out.\r\n"

Matches = Callable[[Record], bool]


def purge_file(name: str, settings: Settings, matches: Matches) -> int:
    """Take the records that match out of one file of the archive; how many there were.

    Raises:
        Exception: whatever the file system or the store raises.
    """
    fs, path = filesystem(name, settings)
    if is_local(fs):
        for candidate in dict.fromkeys((Path(path), Path(path.removesuffix(OPEN)))):
            with contextlib.suppress(FileNotFoundError):  # closed, or sent, since it was listed
                return _purge_local(candidate, matches)
        return 0
    return _purge_remote(fs, path, matches)


def archive_names(settings: Settings, since: float = 0.0) -> list[str]:
    """The files of the archive that were written to since a Unix time, its spool among them.

    Raises:
        UsageError: the archive is of a kind that is not known.
        Exception: whatever the store raises where it cannot be listed.
    """
    place = ArchivePlace.of(settings)
    if place is None:
        return []
    return [name for name, written in place.names() if written is None or written.timestamp() >= since]


def _purge_local(path: Path, matches: Matches) -> int:
    with path.open("r+b") as file:
        spans = list(_spans(file, path.stat().st_size, matches))
        if not spans:
            return 0
        if path.name.endswith(OPEN):
            # Somebody appends to it: only what is there already may change, and the file must stay the same.
            for start, end in spans:
                os.pwrite(file.fileno(), filler(end - start), start)
            os.fsync(file.fileno())
            return len(spans)
        with contextlib.suppress(OSError):  # a store without locks
            fcntl.flock(file.fileno(), fcntl.LOCK_EX)  # it is not sent away meanwhile
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".purge-", delete=False) as target:
            temporary = Path(target.name)
            try:
                _copy(file, target, spans)
                target.flush()
                os.fsync(target.fileno())
                temporary.chmod(path.stat().st_mode & 0o777)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
    return len(spans)


def _purge_remote(fs: Any, path: str, matches: Matches) -> int:
    with tempfile.TemporaryDirectory() as folder:
        was, new = Path(folder, "was"), Path(folder, "new")
        fs.get_file(path, str(was))
        with was.open("rb") as file:
            spans = list(_spans(file, was.stat().st_size, matches))
            if not spans:
                return 0
            with new.open("wb") as target:
                _copy(file, target, spans)
        fs.put_file(str(new), path)
    return len(spans)


def _spans(file: IO[bytes], size: int, matches: Matches) -> Iterator[tuple[int, int]]:
    """Where the records that match begin and end, each a gzip member of its own."""
    begun: int | None = None
    for entry in WarcReader(file, max_block=0, wanted=lambda record: False):
        if begun is not None:
            yield begun, entry.offset
        begun = entry.offset if isinstance(entry, Record) and matches(entry) else None
    if begun is not None:
        yield begun, size


def _copy(file: IO[bytes], target: IO[bytes], spans: list[tuple[int, int]]) -> None:
    file.seek(0)
    for start, end in spans:
        _copy_bytes(file, target, start - file.tell())
        target.write(filler(end - start))
        file.seek(end)
    _copy_bytes(file, target, None)


def _copy_bytes(file: IO[bytes], target: IO[bytes], number: int | None) -> None:
    left = number
    while left is None or left:
        data = file.read(COPY_BYTES if left is None else min(COPY_BYTES, left))
        if not data:
            return
        target.write(data)
        left = None if left is None else left - len(data)


def filler(length: int) -> bytes:
    """A gzip member of so many bytes that holds a WARC record without content of anybody's.

    Raises:
        ValueError: it is shorter than any record of an archive.
    """
    text = (
        b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
        b"WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n"
        % (len(_SAID), _SAID)
    )
    for content in (text, b""):
        packed = _deflated(content)
        room = length - len(_HEADER) - 1 - len(packed) - 8
        if room >= 0:
            trailer = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
            return _HEADER + b" " * room + b"\0" + packed + trailer
    raise ValueError(f"{length} bytes are less than a record takes")


def _deflated(content: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(content) + deflate.flush()
