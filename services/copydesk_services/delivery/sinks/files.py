"""The sink ``files``: JSON lines or Parquet, by day, in a folder or an object store."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal

from pydantic import Field

from copydesk.errors import UsageError
from copydesk.runtime.day_files import DayFiles, FileFormat, Line
from copydesk.runtime.delivery_file import SinkOptions
from copydesk.runtime.groups import Entry
from copydesk.runtime.logs import get_log
from copydesk.runtime.settings import Settings
from copydesk.runtime.spool import place_of, size_of
from copydesk.runtime.stream_names import stream_name
from copydesk_services.delivery.sink import Away, Refused, Setting, SinkKind, document_of
from copydesk_services.delivery.threads import in_thread

GATHER_SECONDS: Final = 0.2
"""After a batch that was not full: what comes meanwhile is written, and synced, with the next."""
SEND_SECONDS: Final = 5.0
SEND_MOST: Final = 300.0
CLEAN_SECONDS: Final = 3600.0

log = get_log()


class Options(SinkOptions):
    """What this kind of sink has."""

    kind: Literal["files"] = "files"
    batch: int = Field(1_000, ge=1, le=10_000)
    to: str = Field(min_length=1, description="Folder, or URL that fsspec writes to.")
    format: FileFormat = "jsonl.zst"
    bytes: int = Field(256_000_000, ge=10_000, le=100_000_000_000, description="Size at which a file is closed.")
    seconds: float = Field(86_400.0, ge=1, le=86_400, description="Age at which a file is closed.")
    sync: Literal["batch", "close"] = Field("batch", description="When what was written stands on the disk.")
    days: int = Field(0, ge=0, le=36_500, description="Days after which files are removed; 0: never.")


class Files:
    """Writes entries to ``files``, and sends those that are closed."""

    def __init__(self, options: Options, setting: Setting) -> None:
        spool = setting.settings.data_dir / "spool" / setting.name
        place = place_of(options.to, spool, setting.settings)
        self._days = options.days
        # The reader shares a batch out among its streams.
        self._gather_below = options.batch // (len(options.streams) + 1)
        self._name = setting.name
        self._metrics = setting.metrics
        self.files = DayFiles(place, options.format, options.bytes, options.seconds, options.sync == "batch")
        self._cleaned = 0.0

    def start(self) -> None:
        """Take up what a process that was killed left open.

        Raises:
            OSError: it cannot be mended.
        """
        self.files.take_up()

    async def deliver(self, entries: Sequence[Entry]) -> None:
        """Write them, unless they are in the files already."""
        lines: list[Line] = []
        refusal: Refused | None = None
        for place, entry in enumerate(entries):
            try:
                lines.append(Line(stream_name(entry.stream), entry.id, document_of(entry, place)))
            except Refused as error:  # what stands before it is written first
                refusal = error
                break
        # What comes again may be followed by more that stands in the open files, and is not acknowledged.
        again = any(entry.attempts > 1 for entry in entries)
        if not again:
            await self.rest()
        await self.write(lines)
        if refusal is not None:
            raise refusal
        if len(entries) < self._gather_below and not again:
            await asyncio.sleep(GATHER_SECONDS)

    async def write(self, lines: Sequence[Line]) -> None:
        """Write lines that do not stand in the files yet.

        Raises:
            Away: they cannot be written now.
        """
        with _away():
            size = await in_thread(self.files.write, lines)
        self._metrics.files_bytes.labels(self._name).inc(size)

    async def rest(self) -> None:
        """Close what is due."""
        with _away():
            await in_thread(self.files.close_due)

    async def look_after(self) -> None:
        """Send closed files to where they belong, and remove old ones, until cancelled."""
        pause, failing = SEND_SECONDS, False
        while True:
            try:
                await asyncio.to_thread(self.send_and_clean)
            except Exception as error:  # noqa: BLE001 -- stores have errors of their own; the files stay
                self._metrics.files_failures.labels(self._name).inc()
                if not failing:
                    said = f"{type(error).__name__}: {error}"[:300]
                    log.error("files.not_sent", sink=self._name, error=said)  # noqa: TRY400 -- no fault of the program's
                pause, failing = min(pause * 2, SEND_MOST), True
            else:
                pause, failing = SEND_SECONDS, False
            await asyncio.sleep(pause)

    def close(self) -> None:
        """Let go of the open files."""
        self.files.close()

    def send_and_clean(self) -> None:
        """Send what is closed, and remove what is old.

        Raises:
            Exception: whatever the store raises; what was not sent stays.
        """
        place = self.files.place
        if place.fs is not None:
            left = {file: size_of(file) for file in self.files.waiting()}
            for file in list(left):
                self._metrics.files_waiting.labels(self._name).set(sum(left.values()))
                if place.send(file) is not None:
                    log.info("files.sent", sink=self._name, file=file.name, bytes=left[file])
                del left[file]
            self._metrics.files_waiting.labels(self._name).set(0)
        if self._days and time.monotonic() - self._cleaned > CLEAN_SECONDS:
            gone = self.files.remove_older(self._days)
            if gone:
                log.info("files.removed", sink=self._name, days=gone)
            self._cleaned = time.monotonic()


@contextlib.contextmanager
def _away() -> Iterator[None]:
    """Nothing is lost where nothing can be written: it waits in the stream."""
    try:
        yield
    except OSError as error:
        raise Away(f"{error.strerror or error}: {error.filename or 'cannot be written'}") from None


@asynccontextmanager
async def _opened(options: Options, setting: Setting) -> AsyncIterator[Files]:
    sink = Files(options, setting)
    keeper = None
    try:
        with _away():
            await in_thread(sink.start)
        keeper = asyncio.create_task(sink.look_after())
        yield sink
    finally:
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait({keeper})
        sink.close()


def _check(options: Options, settings: Settings) -> None:
    place_of(options.to, settings.data_dir, settings)
    if options.format == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise UsageError("format='parquet' needs the package pyarrow: pip install 'copydesk[parquet]'")


KIND: Final = SinkKind(Options, _opened, _check)


def emitted(settings: Settings) -> Options | None:
    """What was emitted, as the settings say it is kept; None where it is not.

    Raises:
        UsageError: it is of a kind that is not known, or that needs a package that is not installed.
    """
    if settings.emitted == "off":
        return None
    options = Options.model_validate(
        {
            "from": ("documents", "copies", "rejected"),
            "to": settings.emitted or str(settings.data_dir / "emitted"),
            "days": settings.emitted_days,
        }
    )
    _check(options, settings)
    return options
