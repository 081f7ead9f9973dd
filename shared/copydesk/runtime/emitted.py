"""Documents that were emitted, read backwards: from streams and files by day, or from what ``copydesk tail`` printed."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, cast

import redis
from pydantic import ValidationError

from copydesk.errors import InputError
from copydesk.models import DOCUMENT_SCHEMA, Document
from copydesk.runtime import keys
from copydesk.runtime.emitted_files import EmittedFiles, Line
from copydesk.runtime.stream_names import stream_name

# A copy that is admitted in the same millisecond as its original is the later one.
STREAMS: Final = (keys.DOCUMENTS, keys.COPIES)
BATCH: Final = 100
MAX_LINE_BYTES: Final = 128 * 1024 * 1024
ID_LENGTH: Final = 24
# The first in a document is its own.
_ID: Final = re.compile(rb'"id":"([0-9a-f]{24})"')
# So many documents whose ids begin alike are enough to say that the beginning is too short.
MAX_AMBIGUOUS: Final = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One emitted document.

    Attributes:
        place: Later entries have a higher one: time in milliseconds, or the number of a line.
        id: Of the document; several entries have one where it was revised.
        json: The document.
    """

    place: int
    id: str
    json: bytes

    def document(self) -> Document:
        """The document.

        Raises:
            InputError: it is none that this release can read.
        """
        try:
            return Document.model_validate_json(self.json)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"]))
            raise InputError(f"document {self.id} cannot be read: {where}: {problem['msg']}") from None


class Emitted(Protocol):
    """What was emitted and can still be read."""

    def newest_first(self, until: int | None = None) -> Iterator[Entry]:
        """The entries, the newest first; ``until``: none that came after this place."""
        ...


class EmittedStreams:
    """The streams of documents and of copies as one, in bounded batches."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def newest_first(self, until: int | None = None) -> Iterator[Entry]:
        """The entries of both streams, the newest first; ``until``: unix time in milliseconds."""
        yield from heapq.merge(
            *(self.backwards(stream, until) for stream in reversed(STREAMS)),
            key=lambda entry: entry.place,
            reverse=True,
        )

    def backwards(self, stream: str, until: int | None) -> Iterator[Entry]:
        """Those of one stream, by its key."""
        last = "+" if until is None else str(until)
        while batch := cast(
            "list[tuple[bytes, dict[bytes, bytes]]]", self._client.xrevrange(stream, max=last, count=BATCH)
        ):
            for stream_id, fields in batch:
                if b"id" in fields and b"document" in fields:
                    yield Entry(int(stream_id.partition(b"-")[0]), fields[b"id"].decode(), fields[b"document"])
            last = f"({batch[-1][0].decode()}"


class EmittedEverywhere:
    """The streams of documents and of copies, and behind their ends what the files by day have."""

    def __init__(self, client: redis.Redis, files: EmittedFiles | None) -> None:
        self._streams = EmittedStreams(client)
        self._files = files

    def newest_first(self, until: int | None = None) -> Iterator[Entry]:
        """The documents of both, the newest first, each once; ``until``: unix time in milliseconds."""
        yield from heapq.merge(
            *(self._backwards(stream, until) for stream in reversed(STREAMS)),
            key=lambda entry: entry.place,
            reverse=True,
        )

    def _backwards(self, stream: str, until: int | None) -> Iterator[Entry]:
        seen: set[tuple[int, str]] = set()
        oldest: int | None = None
        for entry in self._streams.backwards(stream, until):
            # Only those of the stream's oldest millisecond can stand in the files and be asked for again.
            if entry.place != oldest:
                seen, oldest = set(), entry.place
            seen.add((entry.place, entry.id))
            yield entry
        last = until if oldest is None else oldest
        for line in self._filed(stream_name(stream), last):
            found = _ID.search(line.json)
            if found is None or (last is not None and line.at[0] > last):
                continue
            entry = Entry(line.at[0], found[1].decode(), line.json)
            if (entry.place, entry.id) not in seen:
                yield entry

    def _filed(self, name: str, until: int | None) -> Iterator[Line]:
        last = None if until is None else f"{datetime.fromtimestamp(until / 1000, UTC):%F}"
        for day in reversed(self._files.days()) if self._files else ():
            if self._files is not None and (last is None or day <= last):
                files = [self._files.lines(file, newest_first=True) for file in self._files.files(day, (name,))]
                yield from heapq.merge(*files, key=lambda line: line.at, reverse=True)


class EmittedFile:
    """A file of JSON lines as ``copydesk tail`` prints them, perhaps of one stream after the other.

    Its lines are not in the order of time as a whole, so that ``until`` leaves out nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def newest_first(self, until: int | None = None) -> Iterator[Entry]:
        """The documents of the file, the last line first; what is no document of copydesk's is left out.

        Raises:
            InputError: the file cannot be read, or a line is no JSON object with an id.
        """
        try:
            with self._path.open("rb") as file:
                starts = []
                start = 0
                while line := file.readline(MAX_LINE_BYTES):
                    if line.strip():
                        starts.append(start)
                    start += len(line)
                for number in range(len(starts), 0, -1):
                    file.seek(starts[number - 1])
                    entry = self._entry(file.readline(MAX_LINE_BYTES), number)
                    if entry is not None:
                        yield entry
        except OSError as error:
            raise InputError(f"{self._path}: {error.strerror or error}") from None

    def _entry(self, line: bytes, number: int) -> Entry | None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            raise InputError(f"{self._path}: entry {number} is no document as `copydesk tail` prints them")
        return Entry(number, value["id"], line) if value.get("schema") == DOCUMENT_SCHEMA else None


def find(entries: Iterable[Entry], prefix: str) -> tuple[Entry | None, list[str]]:
    """The newest entry of a document, by its id or the beginning of that.

    Returns it (None: there is none), and, where several documents begin so, their ids. An id of full length is found
    without a look at what is older.
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.id.startswith(prefix):
            found.setdefault(entry.id, entry)
            if len(prefix) == ID_LENGTH or len(found) == MAX_AMBIGUOUS:
                break
    return next(iter(found.values()), None), sorted(found) if len(found) > 1 else []


def find_all(entries: Iterable[Entry], ids: Collection[str]) -> dict[str, Entry]:
    """The newest entry of each of these documents, as far as there is one."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.id in ids and entry.id not in found:
            found[entry.id] = entry
            if len(found) == len(ids):
                break
    return found
