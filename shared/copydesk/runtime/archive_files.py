"""WARC files that are being written: rotated by size and time, taken up again after a crash, sent to an object store."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from copydesk.core.warc import warcinfo_record
from copydesk.runtime.logs import get_log
from copydesk.runtime.settings import Settings
from copydesk.runtime.spool import Place, lock, place_of
from copydesk.runtime.warc import OPEN, whole_members

SUFFIX: Final = ".warc.gz"
SPOOL: Final = "archive"
_NAME: Final = re.compile(r"copydesk-(\d{14})-[\w.-]+-\d{5}\.warc\.gz(\.open)?", re.ASCII)
_TRIES: Final = 5

log = get_log()


@dataclass(frozen=True)
class ArchivePlace(Place):
    """Where the archive is."""

    @classmethod
    def of(cls, settings: Settings) -> ArchivePlace | None:
        """As the settings say; None where nothing is archived.

        Raises:
            UsageError: it is of a kind that is not known, or that needs a package that is not installed.
        """
        if settings.archive is None:
            return None
        place = place_of(settings.archive, settings.data_dir / SPOOL, settings)
        return cls(place.folder, place.fs, place.path)

    def names(self) -> Iterator[tuple[str, datetime | None]]:
        """Every file of the archive, also those that are being written: its path or URL, and when it was last written.

        Raises:
            Exception: whatever the store raises where it cannot be listed.
        """
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if _NAME.fullmatch(path.name):
                    with contextlib.suppress(FileNotFoundError):
                        yield str(path), datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if self.fs is None:
            return
        with contextlib.suppress(FileNotFoundError):  # nothing was sent yet
            for name in sorted(self.fs.ls(self.path, detail=False)):
                if _NAME.fullmatch(name.rpartition("/")[2]):
                    yield self.fs.unstrip_protocol(name), self._written(name)

    def _written(self, name: str) -> datetime | None:
        try:
            written: datetime = self.fs.modified(name)
        except NotImplementedError:
            return None
        return written if written.tzinfo else written.replace(tzinfo=UTC)


class RotatedFile:
    """The file that this process writes to, and after it the next."""

    def __init__(
        self, folder: Path, *, most_bytes: int, most_seconds: float, user_agent: str, clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._user_agent = user_agent
        self._clock = clock
        self._writer = (
            f"{re.sub(r'[^A-Za-z0-9.]', '_', socket.gethostname())[:60]}-{os.getpid()}-{secrets.token_hex(4)}"
        )
        self._serial = 0
        self._fd = -1
        self._path = folder
        self._size = 0
        self._opened = 0.0
        self._warcinfo = ""

    def write(self, record: Callable[[str], bytes]) -> int:
        """Write a record, which is made with the id of the file's first record; its size.

        When this returns, the record is the operating system's: the end of this process does not undo it.

        Raises:
            OSError: it could not be written; what was written of it is cut off.
        """
        if self._fd < 0:
            self._open()
        data = record(self._warcinfo)
        self._append(data)
        if self._size >= self._most_bytes:
            self.close()
        return len(data)

    def close_if_old(self) -> None:
        """Close the file when its time has come."""
        if self._fd >= 0 and self._clock() - self._opened >= self._most_seconds:
            self.close()

    def close(self) -> None:
        """Close the file, if there is one: it gets its name.

        Raises:
            OSError: it does not stand on the disk for good, or keeps the name of one that is open.
        """
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        try:
            os.fsync(fd)
            self._path.rename(self._path.with_name(self._path.name.removesuffix(OPEN)))
        finally:
            os.close(fd)
        log.info("archive.file_closed", file=self._path.name.removesuffix(OPEN), bytes=self._size)

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(_TRIES):
            now = datetime.fromtimestamp(self._clock(), UTC)
            name = f"copydesk-{now:%Y%m%d%H%M%S}-{self._writer}-{self._serial:05d}{SUFFIX}"
            self._serial = (self._serial + 1) % 100_000
            path = self._folder / (name + OPEN)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            # Somebody who looks for what a crash left may have been quicker.
            if lock(fd, path) is not False:
                break
            os.close(fd)
        else:
            raise OSError(errno.EAGAIN, "no file could be locked", str(self._folder))
        self._fd, self._path, self._size, self._opened = fd, path, 0, self._clock()
        fields = {
            "software": f"copydesk/{version('copydesk')}",
            "hostname": socket.gethostname(),
            "http-header-user-agent": self._user_agent,
            "robots": "obey",
        }
        self._warcinfo, first = warcinfo_record(name, fields, at=now)
        try:
            self._append(first)
        except OSError:
            # No file is to begin with a page.
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
            path.unlink(missing_ok=True)
            raise

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            try:
                os.ftruncate(self._fd, self._size)
            except OSError:
                # Left as it is: it is mended when it is taken up again.
                os.close(self._fd)
                self._fd = -1
            raise
        self._size += len(data)


def take_up(folder: Path) -> list[Path]:
    """Close the files that a process left open when it ended: what is whole of them stays. Those of others are let be.

    Raises:
        OSError: the folder cannot be read, or a file not be mended.
    """
    closed = []
    for path in sorted(folder.glob(f"copydesk-*{SUFFIX}{OPEN}")):
        with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
            # Where files cannot be locked, nobody knows whether somebody still writes to this one.
            if not lock(file.fileno(), path):
                continue
            size = path.stat().st_size
            whole = whole_members(path)
            file.truncate(whole)
            final = path.with_name(path.name.removesuffix(OPEN))
            if whole:
                path.rename(final)
                closed.append(final)
            else:
                path.unlink()
            log.warning("archive.file_taken_up", file=final.name, bytes=whole, cut_off=size - whole)
    return closed


def waiting(folder: Path) -> list[Path]:
    """Closed files of a spool, the oldest first."""
    return sorted(folder.glob(f"copydesk-*{SUFFIX}"))


def send(file: Path, place: ArchivePlace) -> bool:
    """Move a closed file of the spool to the archive; False where another process has it in hand, or had it.

    Raises:
        Exception: whatever the store raises; the file stays.
    """
    size = place.send(file)
    if size is not None:
        log.info("archive.file_sent", file=file.name, bytes=size)
    return size is not None
