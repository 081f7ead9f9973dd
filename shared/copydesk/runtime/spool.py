"""Files that are written on this machine and belong somewhere: in their folder, or in an object store to which they are sent."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copydesk.runtime.logs import get_log
from copydesk.runtime.settings import Settings

log = get_log()


@dataclass(frozen=True)
class Place:
    """Where files belong.

    Attributes:
        folder: On this machine: the place itself, or the spool of files on their way to it.
        fs: What fsspec writes to it with; None where it is the folder.
        path: Of the place, as ``fs`` calls it.
    """

    folder: Path
    fs: Any = None
    path: str = ""

    def try_writing(self) -> None:
        """Write a file to where files go, and remove it.

        Raises:
            Exception: whatever the file system or the store raises.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(b"copydesk doctor")
        if self.fs is not None:
            name = f"{self.path}/copydesk-doctor"
            self.fs.pipe_file(name, b"copydesk doctor")
            with contextlib.suppress(Exception):  # whoever may write need not be allowed to remove
                self.fs.rm_file(name)

    def send(self, file: Path) -> int | None:
        """Move a closed file of the spool to the place; its size, or None where another process has it in hand, or had it.

        Raises:
            Exception: whatever the store raises; the file stays.
        """
        target = f"{self.path}/{file.relative_to(self.folder).as_posix()}"
        with contextlib.ExitStack() as stack:
            try:
                held = stack.enter_context(file.open("rb"))
            except FileNotFoundError:
                return None
            if lock(held.fileno(), file) is False:
                return None
            try:
                self.fs.put_file(str(file), target)
            except FileNotFoundError:  # a store that has folders
                self.fs.makedirs(target.rpartition("/")[0], exist_ok=True)
                self.fs.put_file(str(file), target)
            size = file.stat().st_size
            stored = self.fs.info(target)["size"]
            if stored != size:
                raise OSError(errno.EIO, f"{stored} of {size} bytes were stored", target)
            file.unlink()
        return size


def place_of(target: str, spool: Path, settings: Settings) -> Place:
    """The place that a path or URL names; ``spool``: where files wait that belong elsewhere.

    Raises:
        UsageError: it is of a kind that is not known, or that needs a package that is not installed.
    """
    if "://" not in target:
        return Place(Path(target))
    # fsspec and what it brings along are only needed for what is no plain path.
    from copydesk.runtime.warc import filesystem, is_local  # noqa: PLC0415

    fs, path = filesystem(target, settings)
    return Place(Path(path)) if is_local(fs) else Place(spool, fs, path.rstrip("/"))


def size_of(file: Path) -> int:
    """Size in bytes; 0 where it is gone."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def lock(fd: int, path: Path) -> bool | None:
    """Take a file for this process until it closes it: False where another has it or it is gone; None: no locks here."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
