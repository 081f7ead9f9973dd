"""Child processes that are started again when they die, and the signals that end it all."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from types import FrameType, TracebackType
from typing import IO, Final

from copydesk.runtime.lifeline import Lifeline, held_lifeline

RESTART_FIRST: Final = 0.2
RESTART_MOST: Final = 10.0


class ChildProcess:
    """A process that is started again when it ends by itself, a little later each time; it ends with its parent."""

    def __init__(
        self,
        command: Sequence[str],
        lifeline: Lifeline,
        *,
        environment: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        stderr: IO[bytes] | None = None,
    ) -> None:
        self._command = list(command)
        self._environment = {**lifeline.environment(), **(environment or {})}
        self._fds = (lifeline.read_end, *pass_fds)
        self._stderr = stderr
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = RESTART_FIRST
        self._start_at = 0.0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id, while it is started."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start it now."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 -- our own modules, no shell
            self._command,
            env=self._environment,
            pass_fds=self._fds,
            stdin=subprocess.DEVNULL,
            stderr=self._stderr,
            # Out of the terminal's reach: Ctrl-C is the parent's to pass on, once.
            start_new_session=True,
        )

    def look(self) -> int | None:
        """Exit status, once, of a process that has ended; starts it again when its pause is over."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_at:
                self.start()
            return None
        status = self._process.poll()
        if status is None:
            return None
        self._process = None
        self._pause = RESTART_FIRST if now - self._started > RESTART_MOST else min(self._pause * 2, RESTART_MOST)
        self._start_at = now + self._pause
        return status

    def terminate(self) -> None:
        """Ask it to finish."""
        if self._process is not None:
            self._process.terminate()

    def ends_within(self, seconds: float) -> bool:
        """Wait for its end; whether it came."""
        if self._process is not None:
            try:
                self._process.wait(max(0.0, seconds))
            except subprocess.TimeoutExpired:
                return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for its end, then end it by force; whether it went by itself."""
        if self._process is None:
            return True
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True


def stop_all(children: Iterable[ChildProcess], seconds: float, *, insist: float = 0.0) -> list[int]:
    """Ask all to finish and wait for them together; returns the ids of those that had to be ended by force.

    So many seconds before the end, ``insist``, those that still run are asked once more: to end without finishing.
    """
    children = list(children)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + seconds
    if insist:
        for child in children:
            if not child.ends_within(deadline - insist - time.monotonic()):
                child.terminate()
    return [child.pid for child in children if not child.wait(deadline - time.monotonic()) and child.pid is not None]


class StopSignal:
    """While entered: tells when SIGTERM or SIGINT came or the parent has gone, and wakes whoever waits for it."""

    def __init__(self) -> None:
        self.stopped = False
        self._above = held_lifeline()

    def wait(self, seconds: float, *readable: int) -> bool:
        """Wait until told to stop, or a file descriptor has something to read, or time is up; whether to stop."""
        watched = [self._read, *readable, *([] if self._above is None else [self._above])]
        ready = [] if self.stopped else select.select(watched, [], [], seconds)[0]
        if self._read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._read, 4096)
        if self._above in ready:
            self.stopped = True
        return self.stopped

    def __enter__(self) -> StopSignal:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._wakeup = signal.set_wakeup_fd(self._write)
        self._handlers = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True
