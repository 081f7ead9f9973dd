"""The embedded server: a Valkey that belongs to a data directory and lives as long as somebody uses it.

Every process that uses the server holds a shared lock on ``users.lock`` in the directory; the kernel gives it back when the
process ends, however it ends. A guard process (``copydesk.runtime.guard``) owns the server: it starts it again should it
die, and stops it when it gets that lock for itself alone, which means that nobody is left.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from copydesk.errors import StoreUnavailable

START_SECONDS = 60.0
# sun_path holds 108 bytes on Linux and 104 on macOS, the final NUL included.
MAX_SOCKET_PATH = 100


class EmbeddedServer:
    """A share in the server of one data directory: starts it if need be, and keeps it alive while attached."""

    def __init__(self, data_dir: Path, *, fsync: str = "everysec") -> None:
        self.directory = server_directory(data_dir)
        self.socket = socket_path(data_dir)
        self._data_dir = data_dir
        self._fsync = fsync
        self._share: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """What a Redis client connects to."""
        return f"unix://{self.socket}"

    def attach(self) -> str:
        """Take a share, start the server where none runs, and return its URL.

        Raises:
            StoreUnavailable: the directory cannot be used, or the server does not start.
        """
        if self._share is not None:
            return self.url
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            share = (self.directory / "users.lock").open("ab")
        except OSError as error:
            raise StoreUnavailable(
                f"COPYDESK_DATA_DIR={str(self._data_dir)!r} cannot be used: {error.strerror or error}"
            ) from None
        # Waits while a guard that found nobody left is stopping the server.
        fcntl.flock(share, fcntl.LOCK_SH)
        self._share = share
        with locked(self.directory / "start.lock"):
            if not guard_runs(self.directory):
                self._start_guard()
        return self.url

    def look_after(self) -> None:
        """Start a new guard where the old one was killed; to be called now and then by whoever stays attached."""
        if self._share is not None and not guard_runs(self.directory):
            with locked(self.directory / "start.lock"):
                if not guard_runs(self.directory):
                    self._start_guard()

    def wait_until_stopped(self, seconds: float) -> bool:
        """After the last share was given back: wait until the server is gone and its directory can go too."""
        deadline = time.monotonic() + seconds
        while guard_runs(self.directory):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def detach(self) -> None:
        """Give the share back; the server stops when it was the last one."""
        if self._share is not None:
            self._share.close()
            self._share = None

    def __enter__(self) -> EmbeddedServer:
        self.attach()
        return self

    def __exit__(self, *_: object) -> None:
        self.detach()

    def _start_guard(self) -> None:
        log = self.directory / "server.log"
        with log.open("ab") as out:
            guard = subprocess.Popen(  # noqa: S603 -- our own module, no shell
                [sys.executable, "-m", "copydesk.runtime.guard", str(self._data_dir), self._fsync],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        pause = 0.01
        while not answers(self.socket):
            if guard.poll() is not None or time.monotonic() > deadline:
                self.detach()
                raise StoreUnavailable(f"the embedded server did not start in {self.directory}: {last_line(log)}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)


def server_directory(data_dir: Path) -> Path:
    """Where the server of a data directory keeps its files."""
    return data_dir.absolute() / "redis"


def socket_path(data_dir: Path) -> Path:
    """Where the server of a data directory listens: in the directory, or in the user's temporary one if the path is too long."""
    path = server_directory(data_dir) / "redis.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    digest = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    private = Path(tempfile.gettempdir()) / f"copydesk-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid() or private.stat().st_mode & 0o077:
        raise StoreUnavailable(f"{private} must belong to this user and be closed to others")
    return private / f"{digest}.sock"


def answers(path: Path) -> bool:
    """Whether a server at this socket answers a PING; one that still loads its data does not."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        except OSError:
            return False


def guard_runs(directory: Path) -> bool:
    """Whether a guard looks after the server: it holds ``guard.lock`` for as long as it lives."""
    with (directory / "guard.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file lock; wait for it."""
    with path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def last_line(log: Path) -> str:
    """The last line of a log file, for an error message."""
    with contextlib.suppress(OSError), log.open("rb") as lines:
        lines.seek(max(0, log.stat().st_size - 2000))
        text = lines.read().decode(errors="replace").strip().splitlines()
        return text[-1] if text else "nothing in its log"
    return "no log"
