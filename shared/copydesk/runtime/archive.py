"""The archive: every fetched page as a WARC record, written by a thread of its own, so that the event loop never waits.

A page goes on when its record was given to the operating system, so that the end of this process loses none; a page that
cannot be written goes on without, and is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

from copydesk.core.warc import response_record
from copydesk.errors import SettingsError, UsageError
from copydesk.models import PageRef
from copydesk.runtime.archive_files import ArchivePlace, RotatedFile, send, take_up, waiting
from copydesk.runtime.http import Answer
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import Settings
from copydesk.runtime.spool import size_of

QUEUE_BYTES: Final = 64_000_000
"""Bytes of pages that may wait to be written; fetching waits beyond it. One that is larger waits alone."""

PATIENCE_SECONDS: Final = 10.0
"""How long a page waits for a disk that does not answer; then it goes on without."""

TICK_SECONDS: Final = 1.0
TAKE_UP_SECONDS: Final = 300.0
STOP_SECONDS: Final = 20.0
RESEND_FIRST: Final = 1.0
RESEND_MOST: Final = 60.0

log = get_log()


@dataclass
class _Job:
    """A record that is to be written."""

    record: Callable[[str], bytes]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[bool]
    given_up: bool = False


class Archive:
    """Takes pages. Use ``opened_archive``."""

    def __init__(
        self, place: ArchivePlace, settings: Settings, metrics: Metrics, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._place = place
        self._metrics = metrics
        self._room = _Room(QUEUE_BYTES)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._file = RotatedFile(
            place.folder,
            most_bytes=settings.archive_bytes,
            most_seconds=settings.archive_seconds,
            user_agent=settings.user_agent,
            clock=clock,
        )
        self._stop = threading.Event()
        self._stuck = False
        self._problems: dict[str, str] = {}
        self._writer = threading.Thread(target=self._write_all, name="archive", daemon=True)
        self._keeper = threading.Thread(target=self._look_after, name="archive-files", daemon=True)

    @property
    def problem(self) -> str | None:
        """What is wrong with the archive, in words."""
        problems = list(self._problems.values())
        return f"archive: {problems[0]}" if problems else None

    async def keep(self, answer: Answer, ref: PageRef) -> None:
        """Write a page; waits while others are written. Never fails: a page that cannot be written is counted and told."""
        if self._stuck:
            # The thread still hangs in its last write.
            self._metrics.archive_pages.labels("missed").inc()
            return

        def record(warcinfo: str) -> bytes:
            return response_record(
                url=answer.url,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                at=ref.fetched_at,
                page_id=ref.id,
                item=ref.item,
                reservations=ref.reservations,
                warcinfo=warcinfo,
            )

        loop = asyncio.get_running_loop()
        job = _Job(record, loop, loop.create_future())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._room.taken(len(answer.body)):
                self._jobs.put(job)
                written = await job.done
        except TimeoutError:
            written = False
            self._stuck = True
            self._failed("write", f"nothing was written for {PATIENCE_SECONDS:g} s")
        finally:
            job.given_up = True
        self._metrics.archive_pages.labels("kept" if written else "missed").inc()

    def start(self) -> None:
        """Start the threads."""
        self._writer.start()
        self._keeper.start()

    def close(self) -> None:
        """Write what waits, close the file, and send what can be sent within STOP_SECONDS; the rest is sent next time."""
        self._jobs.put(None)
        self._writer.join(STOP_SECONDS)
        self._stop.set()
        self._keeper.join(STOP_SECONDS)

    def _write_all(self) -> None:
        while True:
            job = None
            with contextlib.suppress(queue.Empty):
                job = self._jobs.get(timeout=TICK_SECONDS)
                if job is None:
                    break
            if job is not None and not job.given_up:
                self._write(job)
            self._try("close", self._file.close_if_old)
            # Whatever it hung in is over.
            self._stuck = False
        self._try("close", self._file.close)

    def _write(self, job: _Job) -> None:
        written = self._try("write", lambda: self._metrics.archive_bytes.inc(self._file.write(job.record)))

        def tell() -> None:
            if not job.done.done():
                job.done.set_result(written)

        with contextlib.suppress(RuntimeError):  # its loop has ended
            job.loop.call_soon_threadsafe(tell)

    def _look_after(self) -> None:
        """Take up what a crash left, and send what is closed; what cannot be sent stays and is tried again."""
        take_up_at = 0.0
        pause = RESEND_FIRST
        stopping = False
        while not stopping:
            stopping = self._stop.wait(pause)
            if time.monotonic() >= take_up_at:
                take_up_at = time.monotonic() + TAKE_UP_SECONDS
                self._try("take_up", lambda: take_up(self._place.folder))
            if self._place.fs is not None:
                pause = RESEND_FIRST if self._try("send", self._send_all) else min(pause * 2, RESEND_MOST)

    def _send_all(self) -> None:
        left = {file: size for file in waiting(self._place.folder) if (size := size_of(file))}
        for file in list(left):
            self._metrics.archive_waiting.set(sum(left.values()))
            send(file, self._place)
            del left[file]
        self._metrics.archive_waiting.set(0)

    def _try(self, name: str, step: Callable[[], object]) -> bool:
        """Whether a step went well; its thread goes on in any case."""
        try:
            step()
        except OSError as error:
            self._failed(name, f"{error.strerror or error}: {error.filename or self._place.path or self._place.folder}")
            return False
        except Exception as error:  # noqa: BLE001 -- stores have errors of their own, and a fault must not end the thread
            self._failed(name, f"{type(error).__name__}: {error}"[:300])
            return False
        if self._problems.pop(name, None) is not None:
            log.info("archive.works_again", step=name)
        return True

    def _failed(self, step: str, said: str) -> None:
        self._metrics.archive_failures.labels(step).inc()
        if step not in self._problems:
            log.error("archive.failed", step=step, error=said)
        self._problems[step] = said


class _Room:
    """Bounds the bytes that wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, size: int) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: not self._used or self._used + size <= self._most)
            self._used += size
        try:
            yield
        finally:
            self._used -= size
            async with self._changed:
                self._changed.notify_all()


def archive_of(settings: Settings, metrics: Metrics) -> Archive | None:
    """The archive that the settings name; None where they name none.

    Raises:
        SettingsError: it is of a kind that is not known, or that needs a package that is not installed.
    """
    try:
        place = ArchivePlace.of(settings)
    except UsageError as error:
        raise SettingsError(f"COPYDESK_ARCHIVE={error}") from None
    return Archive(place, settings, metrics) if place is not None else None


@contextmanager
def running(archive: Archive | None) -> Iterator[Archive | None]:
    """While entered, pages are taken; at the end what was taken is written, and the file closed."""
    if archive is not None:
        archive.start()
    try:
        yield archive
    finally:
        if archive is not None:
            archive.close()
