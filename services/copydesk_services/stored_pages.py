"""The pages of WARC files, file by file, chosen and counted: what ``copydesk backfill`` and ``copydesk reprocess`` share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp

from copydesk.core.robots import product_token
from copydesk.core.urls import host_of, source_id
from copydesk.core.warc import MAX_HEADER_BYTES, Record, Skip, Skipped, may_be_page, page_id_of, page_of
from copydesk.errors import InputError, UsageError
from copydesk.models import Labels, PageRef
from copydesk.runtime.settings import Settings
from copydesk.runtime.warc import OPEN, Damage, WarcReader, filesystem, is_local, open_warc, shown

# Of a file that is damaged all over, so many places are told; all are counted.
TOLD_PLACES: Final = 20


@dataclass(frozen=True)
class Choice:
    """Which records are wanted, and what their pages are to carry.

    Attributes:
        hosts: Of these hosts, and of those below them; empty: of all.
        since: Not older.
        until: Not younger.
        source: Id of the source that their documents name; None: as the record or the file says.
        labels: Of their documents.
    """

    hosts: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    labels: Labels = field(default_factory=dict)

    def wants(self, record: Record) -> bool:
        """Whether a record is of the hosts and of the time; one without a date is not left out here."""
        date = record.date
        if date is not None and ((self.since and date < self.since) or (self.until and date > self.until)):
            return False
        return not self.hosts or self._is_of_hosts(host_of(record.url).partition(":")[0])

    def _is_of_hosts(self, host: str) -> bool:
        labels = host.split(".")
        return any(".".join(labels[n:]) in self.hosts for n in range(len(labels)))


@dataclass
class Tally:
    """What was seen in the files."""

    files: int = 0
    records: int = 0
    pages: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    unread: int = 0
    """Files that could not be opened or read to their end."""

    @property
    def is_clean(self) -> bool:
        """Whether everything could be read."""
        return not self.damaged and not self.unread

    def row(self) -> dict[str, Any]:
        """As fields of JSON."""
        return {
            "files": self.files,
            "records": self.records,
            "pages": self.pages,
            "skipped": dict(sorted(self.skipped.items())),
            "damaged": self.damaged,
            "unread": self.unread,
        }


def check_names(names: Sequence[str], settings: Settings) -> None:
    """Say before anything is started what cannot be read.

    Raises:
        UsageError: a file is not there, or nothing here reads URLs of its kind.
    """
    for name in names:
        if name == "-":
            continue
        fs, path = filesystem(name, settings)
        if is_local(fs) and not Path(path).is_file():
            raise UsageError(f"{name}: {'is a folder; name files in it' if Path(path).is_dir() else 'no such file'}")


class StoredPages:
    """The pages of files."""

    def __init__(self, choice: Choice, settings: Settings, tell: Callable[[str], None]) -> None:
        """``tell`` is given what is wrong with a file, in words."""
        self._choice = choice
        self._settings = settings
        self._tell = tell
        self.tally = Tally()
        # Page ids and the time of their latest record, where only that is wanted.
        self._latest: dict[bytes, float] | None = None

    def only_latest(self, names: Sequence[str]) -> None:
        """Of a page that stands in the files several times, give only the latest; reads all of them once for that."""
        latest: dict[bytes, float] = {}
        for name in names:
            for record in self._records(name, MAX_HEADER_BYTES, told=False):
                date, page_id = record.date, page_id_of(record) if self._choice.wants(record) else None
                if date is not None and page_id is not None and may_be_page(record):
                    key = bytes.fromhex(page_id)
                    latest[key] = max(date.timestamp(), latest.get(key, 0.0))
        self._latest = latest

    def read(self, names: Sequence[str]) -> Iterator[tuple[PageRef, bytes]]:
        """The pages of these files, one after the other, with their bodies."""
        for name in names:
            self.tally.files += 1
            yield from self._pages(name)

    def _pages(self, name: str) -> Iterator[tuple[PageRef, bytes]]:
        # An archive's file has the same id while it is written and after it.
        default_source = source_id(name.rstrip("/").rpartition("/")[2].removesuffix(OPEN))
        for record in self._records(name, self._settings.fetch_max_bytes + MAX_HEADER_BYTES, told=True):
            self.tally.records += 1
            try:
                page = self._page(record, default_source)
            except Skipped as skipped:
                self.tally.skipped[skipped.reason.value] += 1
                continue
            if self._latest is not None:
                # A record that stands twice, in a spool and in its store, is one.
                self._latest.pop(bytes.fromhex(page[0].id), None)
            self.tally.pages += 1
            yield page

    def _page(self, record: Record, default_source: str) -> tuple[PageRef, bytes]:
        if record.is_response and not self._wants(record):
            raise Skipped(Skip.FILTERED)
        return page_of(
            record,
            now=datetime.now(UTC),
            max_bytes=self._settings.fetch_max_bytes,
            agent=product_token(self._settings.user_agent),
            source=self._choice.source,
            default_source=default_source,
            labels=self._choice.labels,
        )

    def _wants(self, record: Record) -> bool:
        if not self._choice.wants(record):
            return False
        if self._latest is None:
            return True
        page_id, date = page_id_of(record), record.date
        return page_id is not None and date is not None and self._latest.get(bytes.fromhex(page_id)) == date.timestamp()

    def _records(self, name: str, max_block: int, *, told: bool) -> Iterator[Record]:
        try:
            with open_warc(name, self._settings) as file:
                reader = WarcReader(
                    file, max_block=max_block, wanted=lambda record: record.is_response and self._wants(record)
                )
                for entry in reader:
                    if isinstance(entry, Record):
                        yield entry
                    elif told:
                        self._damaged(name, entry)
        except (InputError, OSError, aiohttp.ClientError) as error:
            if told:
                self.tally.unread += 1
                said = (
                    str(error)
                    if isinstance(error, InputError)
                    else f"{shown(name)}: {str(error) or type(error).__name__}"
                )
                self._tell(said)

    def _damaged(self, name: str, damage: Damage) -> None:
        if name.endswith(OPEN) and damage.is_end:
            return  # it is being written
        self.tally.damaged += 1
        if self.tally.damaged <= TOLD_PLACES:
            self._tell(f"{shown(name)}: damaged at byte {damage.offset}: {damage.problem}")
        elif self.tally.damaged == TOLD_PLACES + 1:
            self._tell("further damage is counted, not told")
