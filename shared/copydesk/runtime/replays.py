"""What was emitted, once more and in its order: from the files by day and the streams, into a stream or to whoever asks."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

import redis
from pydantic import ValidationError

from copydesk.core.envelope import entry_fields, event_id
from copydesk.core.selections import Selection
from copydesk.models import DOCUMENT_SCHEMA, REJECTED_SCHEMA, RETRACTION_SCHEMA, Document, Rejected, Retraction
from copydesk.runtime import keys
from copydesk.runtime.emitted_files import EmittedFiles, StreamId
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.retraction import Marks
from copydesk.runtime.stream_names import stream_key

BATCH: Final = 100
MOST_WAITING: Final = 10_000
"""Entries that may stand in the stream that is written to before the writer waits for its readers."""
KEPT_SECONDS: Final = 7 * 86_400

Record = Document | Rejected | Retraction
_MODELS: Final[dict[str, type[Record]]] = {
    DOCUMENT_SCHEMA: Document,
    REJECTED_SCHEMA: Rejected,
    RETRACTION_SCHEMA: Retraction,
}
_SCHEMA: Final = re.compile(rb'\{"schema": ?"([^"]+)"')


@dataclass(frozen=True)
class Emission:
    """One entry as it was emitted: the name of its stream, its id there, and the record as JSON and as a model."""

    stream: str
    at: StreamId
    json: bytes
    record: Record

    @property
    def place(self) -> tuple[int, int, str]:
        """By which all are in order."""
        return (*self.at, self.stream)

    @property
    def name(self) -> str:
        """As the files have it."""
        return f"{self.stream}/{self.at[0]}-{self.at[1]}"


@dataclass(frozen=True)
class Wanted:
    """What is replayed: the names of streams, times, and of documents those that a selection lets through."""

    streams: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    selection: Selection
    asked: str = ""
    """The times as they were asked for: a span before now is another time in every call."""

    def digest(self) -> str:
        """Equal where the same is wanted."""
        text = f"{self.streams} {self.asked} {self.selection.model_dump_json()}"
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Emissions:
    """What was emitted and can still be read."""

    def __init__(self, client: redis.Redis, files: EmittedFiles | None, outputs: Outputs) -> None:
        self._client = client
        self._files = files
        self._marks = Marks(client, outputs)
        self.unreadable = 0
        """Entries that are no record that this release can read."""
        self.looked_at = 0

    def oldest_first(self, wanted: Wanted, after: tuple[int, int, str] | None = None) -> Iterator[Emission]:
        """Each record once (by id and revision), the oldest first, and none of what was taken out.

        ``after``: the place of the last that is not wanted any more.
        """
        now = datetime.now(UTC)
        last = min(wanted.until or now, now)
        merged = heapq.merge(
            *(self._of_stream(name, wanted.since, last) for name in wanted.streams),
            key=lambda found: (*found[1], found[0]),
        )
        seen: set[bytes] = set()
        records = (found for found in self._records(merged) if self._wants(found, wanted, after))
        while batch := list(itertools.islice(records, BATCH)):
            marked = self._marks.among([found.record.id for found in batch])
            for found in batch:
                key = hashlib.blake2b(event_id(found.record).encode(), digest_size=12).digest()
                is_gone = found.record.id in marked and not isinstance(found.record, Retraction)
                if key not in seen and not is_gone:
                    seen.add(key)
                    yield found

    @staticmethod
    def _wants(found: Emission, wanted: Wanted, after: tuple[int, int, str] | None) -> bool:
        if after is not None and found.place <= after:
            return False
        return not isinstance(found.record, Document) or wanted.selection.matches(found.record)

    def _records(self, found: Iterable[tuple[str, StreamId, bytes]]) -> Iterator[Emission]:
        for stream, at, raw in found:
            self.looked_at += 1
            try:
                record = _record(raw)
            except ValidationError:
                self.unreadable += 1
                continue
            if record is not None:
                yield Emission(stream, at, raw, record)

    def _of_stream(self, name: str, since: datetime | None, last: datetime) -> Iterator[tuple[str, StreamId, bytes]]:
        """Name, place and record of the entries of one stream, from wherever they are, each once."""
        first: StreamId = (int(since.timestamp() * 1000), 0) if since else (0, 0)
        end = int(last.timestamp() * 1000)
        before_this: StreamId | None = None
        for at, raw in heapq.merge(
            self._filed(name, first, end), self._streamed(name, first, end), key=lambda pair: pair[0]
        ):
            if at != before_this:
                yield name, at, raw
            before_this = at

    def _filed(self, name: str, first: StreamId, end: int) -> Iterator[tuple[StreamId, bytes]]:
        oldest, newest = (f"{datetime.fromtimestamp(ms / 1000, UTC):%F}" for ms in (first[0], end))
        for day in self._files.days() if self._files else ():
            if self._files is None or not oldest <= day <= newest:
                continue
            lines = [self._files.lines(file) for file in self._files.files(day, (name,))]
            for line in heapq.merge(*lines, key=lambda line: line.at):
                if first <= line.at and line.at[0] <= end:
                    yield line.at, line.json

    def _streamed(self, name: str, first: StreamId, end: int) -> Iterator[tuple[StreamId, bytes]]:
        start = f"{first[0]}-{first[1]}"
        while True:
            answer = self._client.xrange(stream_key(name), start, str(end), count=BATCH)
            batch = cast("list[tuple[bytes, dict[bytes, bytes]]]", answer)
            for entry, fields in batch:
                if b"document" in fields:
                    milliseconds, _, number = entry.partition(b"-")
                    yield (int(milliseconds), int(number)), fields[b"document"]
            if not batch:
                return
            start = f"({batch[-1][0].decode()}"


def _record(raw: bytes) -> Record | None:
    """The record; None where it is a gap marker, which says nothing anywhere else."""
    found = _SCHEMA.match(raw)
    model = _MODELS.get(found[1].decode()) if found else None
    return model.model_validate_json(raw) if model else None


class StreamTarget:
    """A stream that is written to, no faster than it is read. What was written, and how far that is, is one transaction."""

    def __init__(self, client: redis.Redis, key: str, *, most: int = MOST_WAITING, expires: bool) -> None:
        """``expires``: the stream is the replay's own, and what all its groups have had is dropped from it."""
        self._client = client
        self._key = key
        self._most = most
        self._expires = expires

    def place(self, digest: str) -> tuple[int, int, str] | None:
        """How far the same replay came that was interrupted; None: it begins."""
        value = self._client.get(keys.replay_place(self._key))
        told: dict[str, Any] = json.loads(value) if value else {}
        if told.get("of") != digest:
            return None
        milliseconds, number, stream = told["at"]
        return milliseconds, number, stream

    def write(self, batch: Sequence[Emission], digest: str, event_source: str, wait: Callable[[str], bool]) -> bool:
        """Write a batch; False where it was told to stop while it waited for room. ``wait`` pauses, and says whether to stop."""
        while self._client.xlen(self._key) + len(batch) > self._most:
            self._trim()
            if self._client.xlen(self._key) + len(batch) <= self._most:
                break
            if wait(f"{self._key.removeprefix(keys.PREFIX)} is full: it waits for its readers"):
                return False
        with self._client.pipeline(transaction=True) as pipe:
            for found in batch:
                at = datetime.fromtimestamp(found.at[0] / 1000, UTC)
                fields: dict[Any, Any] = dict(entry_fields(found.record, now=at, event_source=event_source))
                pipe.xadd(self._key, {**fields, "document": found.json, "replayed": found.name})
            place = json.dumps({"of": digest, "at": batch[-1].place})
            pipe.set(keys.replay_place(self._key), place, ex=KEPT_SECONDS)
            if self._expires:
                pipe.expire(self._key, KEPT_SECONDS)
                pipe.sadd(keys.STREAMS, self._key)
            pipe.execute()
        return True

    def done(self) -> None:
        """All is written: the same once more begins from the start."""
        self._client.delete(keys.replay_place(self._key))

    def _trim(self) -> None:
        """Drop what all groups have acknowledged; where there is none, nothing."""
        if not self._expires:
            return
        floors = []
        for group in self._client.xinfo_groups(self._key):
            if group["pending"]:
                floors.append(_place(cast("Any", self._client.xpending(self._key, group["name"]))["min"]))
            else:
                milliseconds, number = _place(group["last-delivered-id"])
                floors.append((milliseconds, number + 1))
        if floors:
            self._client.xtrim(self._key, minid="{}-{}".format(*min(floors)), approximate=False)


def _place(entry: bytes) -> StreamId:
    milliseconds, _, number = entry.partition(b"-")
    return int(milliseconds), int(number)
