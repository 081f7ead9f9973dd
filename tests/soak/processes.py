"""The processes of the soak: started, started again when they end, found, signalled; and all of them gone at the end."""

import contextlib
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

MARK = "SOAK_RUN"
PAUSE = 0.5  # seconds before what ended is started again, as a container would be


class Processes:
    """Named processes, each with a log of its own."""

    def __init__(self, folder, environment):
        self._folder = folder
        self._run = uuid.uuid4().hex
        self._environment = {**environment, MARK: self._run}
        self._commands = {}
        self._running = {}
        self._again_at = {}
        self._stopped = []
        self._is_closing = False
        self.ended = 0  # those that ended by themselves

    def add(self, name, command, **environment):
        self._commands[name] = ([str(part) for part in command], environment)
        self._start(name)

    @property
    def names(self):
        return list(self._commands)

    def _start(self, name):
        command, environment = self._commands[name]
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, env={**self._environment, **environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def look(self):
        """Start again what has ended, until ``close``."""
        if self._is_closing:
            return
        now = time.monotonic()
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                del self._running[name]
                self._again_at[name] = now + PAUSE
                self.ended += process.returncode != -signal.SIGKILL
        for name, at in list(self._again_at.items()):
            if at <= now:
                del self._again_at[name]
                self._start(name)

    def find(self, whom):
        """Id of a process: ``NAME``, ``worker NAME`` (of a service), ``child NAME`` (of such a worker); None: not there."""
        role, _, name = whom.rpartition(" ")
        process = self._running.get(name)
        if process is None or process.poll() is not None:
            return None
        found = [process.pid]
        for _ in range(("", "worker", "child").index(role)):
            found = [child for pid in found for child in children(pid)]
        return found[0] if found else None

    def send(self, pid, number):
        """Send a signal to one of our own; whether it was there."""
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return None
        if not self._is_ours(pid):
            os.close(handle)
            return None
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)
        return handle

    def kill(self, pid):
        handle = self.send(pid, signal.SIGKILL)
        if handle is not None:
            os.close(handle)
        return handle is not None

    def stop(self, pid):
        """SIGSTOP; what ``go_on`` takes."""
        handle = self.send(pid, signal.SIGSTOP)
        if handle is not None:
            self._stopped.append(handle)
        return handle

    def go_on(self, handle):
        if handle in self._stopped:
            self._stopped.remove(handle)
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGCONT)
            os.close(handle)

    def all_go_on(self):
        for handle in list(self._stopped):
            self.go_on(handle)

    def _is_ours(self, pid):
        try:
            return f"{MARK}={self._run}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False

    def _ours(self):
        return [
            int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and self._is_ours(path.name)
        ]

    def close(self, seconds=30.0):
        """Ask all to finish, then end what is left; the names of those that did not finish."""
        self._is_closing = True
        self.all_go_on()
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + seconds
        late = []
        for name, process in self._running.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                late.append(name)
                process.kill()
                process.wait()
        for pid in self._ours():
            self.kill(pid)
        return late


def children(pid):
    """Ids of the children of a process."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found
