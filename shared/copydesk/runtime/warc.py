"""WARC files as a stream of records, in bounded memory: from a disk, over HTTP, from anything that fsspec reads.

What is damaged is told with its offset, and reading goes on behind it: in a compressed file at the next gzip member that
begins with a record, in a plain one at the next line that begins one. (warcio's own iterator bounds no line of a header
and ends at the first member that is damaged.)
"""

from __future__ import annotations

import contextlib
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import aiohttp
import fsspec

from copydesk.core.warc import MAX_HEADER_BYTES, Record, parse_headers
from copydesk.errors import InputError, UsageError
from copydesk.runtime.settings import Settings

READ_BYTES: Final = 65_536
# What one step of decompression may give: its memory.
INFLATED_BYTES: Final = 262_144

OPEN: Final = ".open"
"""What the names of files end with that an archive of copydesk's still writes to."""

HTTP_STALL_SECONDS: Final = 60.0
_GZIP: Final = b"\x1f\x8b\x08"
_RECORD: Final = b"WARC/"


@dataclass(frozen=True, slots=True)
class Damage:
    """A place of a file that cannot be read: its offset, and what is wrong there."""

    offset: int
    problem: str
    is_end: bool = False
    """The file ends here, within a record."""


class _Damaged(Exception):
    def __init__(self, problem: str, *, is_end: bool = False) -> None:
        super().__init__(problem)
        self.is_end = is_end


class _Plain:
    """The bytes of a file that is not compressed."""

    def __init__(self, read: Callable[[int], bytes], first: bytes) -> None:
        self._read = read
        self._next = first
        self._given = 0

    @property
    def offset(self) -> int:
        """Of the bytes that ``more`` gives next."""
        return self._given

    def more(self) -> bytes:
        data = self._next or self._read(READ_BYTES)
        self._next = b""
        self._given += len(data)
        return data

    def resume(self, rest: bytes) -> bytes | None:
        """The bytes from the next record on, where ``rest`` was given and not yet read; None at the end."""
        while True:
            place = rest.find(b"\n" + _RECORD)
            if place >= 0:
                return rest[place + 1 :]
            data = self.more()
            if not data:
                return None
            rest = rest[-len(_RECORD) :] + data


class _Gzip:
    """The bytes of a file of gzip members, one after the other; ``offset`` is that of the member."""

    def __init__(self, read: Callable[[int], bytes], first: bytes) -> None:
        self._read = read
        self._raw = first
        self._raw_offset = 0
        self._member: Any = None
        self.offset = 0

    def more(self) -> bytes:
        """What the next step gives; empty at the end of the file. A step never goes beyond its member.

        Raises:
            _Damaged: it is no gzip, or it ends within a member.
        """
        while True:
            # A member that is under way may have more to give of what it was given already.
            if self._member is None and not self._raw and not self._fetch():
                return b""
            if self._member is None:
                self._member = zlib.decompressobj(31)
                self.offset = self._raw_offset
            try:
                data: bytes = self._member.decompress(self._raw, INFLATED_BYTES)
            except zlib.error as error:
                raise _Damaged(f"gzip: {error}") from None
            rest = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            self._raw_offset += len(self._raw) - len(rest)
            self._raw = rest
            ended = self._member.eof
            if ended:
                self._member = None
            if data:
                return data
            if not ended and not self._raw and not self._fetch():
                self._member = None
                raise _Damaged("the file ends within a gzip member", is_end=True)

    def _fetch(self) -> bool:
        self._raw = self._read(READ_BYTES)
        return bool(self._raw)

    def resume(self, rest: bytes) -> bytes | None:
        """The bytes from the next member on that begins with a record; None at the end."""
        del rest
        if self._raw_offset == self.offset:
            # The first bytes of the member are what is damaged.
            self._skip(1)
        self._member = None
        while self._find_member():
            self.offset = self._raw_offset
            probe = zlib.decompressobj(31)
            with contextlib.suppress(zlib.error):
                data = probe.decompress(self._raw, INFLATED_BYTES)
                if data.startswith(_RECORD):
                    self._member = zlib.decompressobj(31)
                    return b""
            self._skip(1)
        return None

    def _find_member(self) -> bool:
        while True:
            place = self._raw.find(_GZIP)
            if place >= 0:
                self._skip(place)
                # Enough of it to see what it holds.
                self._raw += self._read(READ_BYTES) if len(self._raw) < READ_BYTES else b""
                return True
            self._skip(max(0, len(self._raw) - len(_GZIP) + 1))
            data = self._read(READ_BYTES)
            if not data:
                return False
            self._raw += data

    def _skip(self, number: int) -> None:
        self._raw = self._raw[number:]
        self._raw_offset += number


class WarcReader:
    """The records of a file, and the places where it is damaged, in their order."""

    def __init__(
        self, file: IO[bytes], *, max_block: int, wanted: Callable[[Record], bool] = lambda record: True
    ) -> None:
        """Read ``file`` from where it stands.

        ``wanted`` is asked with a record without its block; of those that it does not want the block stays empty. At
        most ``max_block`` bytes of a block are kept.
        """
        first = file.read(READ_BYTES)
        self._source: _Plain | _Gzip = (_Gzip if first.startswith(_GZIP[:2]) else _Plain)(file.read, first)
        self._max_block = max_block
        self._wanted = wanted
        self._data = b""
        self._place = 0
        self._offset = 0
        self._pending: _Damaged | None = None

    def __iter__(self) -> Iterator[Record | Damage]:
        while True:
            try:
                record = self._record()
            except _Damaged as damage:
                yield Damage(self._offset, str(damage), damage.is_end)
                if not self._resume():
                    return
                continue
            if record is None:
                return
            yield record

    def _record(self) -> Record | None:
        if self._pending is not None:
            damage, self._pending = self._pending, None
            raise damage
        if not self._skip_blank():
            return None
        end = self._find_end_of_headers()
        first, headers = parse_headers(self._data[self._place : end])
        if not first.startswith(_RECORD.decode()):
            raise _Damaged(f"no WARC record begins here, but {first[:40]!r}")
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            raise _Damaged(f"a record with the Content-Length {length[:40]!r}")
        self._place = end
        self._skip_blank_line()
        record = Record(self._offset, headers)
        block = self._block(int(length), self._max_block if self._wanted(record) else 0)
        if isinstance(self._source, _Gzip):
            self._check_member(self._offset)
        return Record(record.offset, headers, block, is_cut=int(length) > self._max_block)

    def _check_member(self, offset: int) -> None:
        """Read to the next record: only the end of a member tells whether it is whole."""
        try:
            self._skip_blank()
        except _Damaged as damage:
            if self._source.offset == offset:
                self._offset = offset
                raise
            self._pending = damage

    def _fill(self) -> bool:
        """Take in more; whether there was more."""
        data = self._source.more()
        self._data = self._data[self._place :] + data if self._place < len(self._data) else data
        self._place = 0
        return bool(data)

    def _begin(self) -> bool:
        """Take in more for the first byte of a record, which tells its offset."""
        plain = isinstance(self._source, _Plain)
        before = self._source.offset
        try:
            return self._fill()
        finally:
            self._offset = before if plain else self._source.offset

    def _skip_blank(self) -> bool:
        """Go to the first byte of the next record; whether there is one."""
        while True:
            while self._place < len(self._data) and self._data[self._place] in b"\r\n":
                self._place += 1
            if self._place < len(self._data):
                if isinstance(self._source, _Plain):
                    self._offset = self._source.offset - len(self._data) + self._place
                return True
            if not self._begin():
                return False

    def _find_end_of_headers(self) -> int:
        """Place of the empty line behind them."""
        while True:
            ends = [place for mark in (b"\r\n\r\n", b"\n\n") if (place := self._data.find(mark, self._place)) >= 0]
            if ends:
                return min(ends)
            if len(self._data) - self._place > MAX_HEADER_BYTES:
                raise _Damaged(f"more than {MAX_HEADER_BYTES} bytes of headers")
            if not self._fill():
                raise _Damaged("the file ends within the headers of a record", is_end=True)

    def _skip_blank_line(self) -> None:
        self._place += 4 if self._data[self._place] == 13 else 2

    def _block(self, length: int, most: int) -> bytes:
        parts = []
        while length:
            if self._place == len(self._data) and not self._fill():
                raise _Damaged("the file ends within a record", is_end=True)
            taken = min(length, len(self._data) - self._place)
            if most:
                parts.append(self._data[self._place : self._place + min(taken, most)])
                most -= len(parts[-1])
            self._place += taken
            length -= taken
        return b"".join(parts)

    def _resume(self) -> bool:
        # Behind what is known to be wrong: the first byte may be that of a record with a bad header.
        rest = self._data[self._place + 1 :]
        self._data = b""
        self._place = 0
        found = self._source.resume(rest)
        if found is None:
            return False
        self._data = found
        self._offset = self._source.offset
        return True


@contextlib.contextmanager
def open_warc(name: str, settings: Settings) -> Iterator[IO[bytes]]:
    """A file to read, by its path, by an URL that fsspec knows, or ``-`` for standard input.

    Raises:
        UsageError: the URL's protocol is not known, or needs a package that is not installed.
        InputError: it cannot be opened.
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    fs, path = filesystem(name, settings)
    try:
        if path.endswith(OPEN) and not fs.exists(path):
            path = path.removesuffix(OPEN)  # closed since it was listed
        file = fs.open(path, "rb")
    except Exception as error:  # noqa: BLE001 -- each kind of store has errors of its own
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"{shown(name)}: {said}") from None
    with file:
        yield file


def filesystem(url: str, settings: Settings) -> tuple[Any, str]:
    """What fsspec reads and writes a path or URL with, and the path as that calls it.

    Raises:
        UsageError: its protocol is not known, or needs a package that is not installed.
    """
    options: dict[str, Any] = {}
    if url.startswith(("http://", "https://")):
        # A file that comes in one stream takes as long as its pages take; only a stall ends it.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=HTTP_STALL_SECONDS)
        options["client_kwargs"] = {"headers": {"User-Agent": settings.user_agent}, "timeout": timeout}
        if settings.fetch_proxy:
            options["proxy"] = settings.fetch_proxy
    try:
        return fsspec.core.url_to_fs(url, **options)  # type: ignore[no-any-return]
    except ImportError as error:
        raise UsageError(f"{shown(url)}: {error}") from None
    except ValueError as error:
        raise UsageError(f"{shown(url)}: {error}") from None


def shown(url: str) -> str:
    """A path or URL without a user's password."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else url


def is_local(fs: Any) -> bool:
    """Whether files stand on this machine, where they can be renamed."""
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)


def whole_members(path: Path) -> int:
    """Bytes up to the end of the last whole gzip member of a file: what a crash left of it.

    Damage in the middle, of a disk, is let be: what stands behind it is kept.
    """
    with path.open("rb") as file:
        members = _Gzip(file.read, b"")
        while True:
            try:
                while members.more():
                    pass
            except _Damaged:
                end = members.offset
                if members.resume(b"") is None:
                    return end
            else:
                return file.tell()
