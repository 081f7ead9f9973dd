"""Everything that Redis holds of documents is found and taken out, in bounded steps; done again, it finds nothing more."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

import redis
from pydantic import ValidationError

from copydesk.core.urls import canonical_url, document_id, document_url
from copydesk.models import PageRef, Rejected, RejectReason
from copydesk.runtime import index_layout as layout
from copydesk.runtime import keys
from copydesk.runtime.queue import page_ttl, rejected_entry
from copydesk.runtime.rechecks import Before
from copydesk.runtime.retraction import TAKEN_OUT, Mark, page_mark
from copydesk.runtime.scripts import script
from copydesk.runtime.settings import Settings

# Of one step: a script that takes longer holds up everybody.
SCAN_KEYS: Final = 1_000
ENTRIES: Final = 50
CHUNKS: Final = 50
TRIES: Final = 20
REWRITE_SECONDS: Final = 120.0

_SHARED_STREAMS: Final = (keys.DOCUMENTS, keys.COPIES, keys.REJECTED)
_STREAM_KINDS: Final = tuple(kind("") for kind in (keys.selection, keys.replay, keys.own, keys.dead))

Tell = Callable[[str], None]


@dataclass
class Places:
    """Where something of the documents may be.

    Attributes:
        streams: Every output stream, those of groups and replays among them.
        failures: Keys of what the last tries of groups ended with, which may quote a text.
        pages: Id of a page to that of its document.
    """

    streams: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)


class Purge:
    """Finds and takes out."""

    def __init__(self, client: redis.Redis, settings: Settings, tell: Tell) -> None:
        """``tell`` is given how far it is, in words."""
        self._client = client
        self._settings = settings
        self._tell = tell
        self._find_entries = script(client, "find_entries")
        self._find_pages = script(client, "find_pages")
        self._find_records = script(client, "find_records")
        self._purge_records = script(client, "purge_records")
        self._take_out = script(client, "settle", "emit", "take_out")

    def streams(self) -> list[str]:
        """Keys of all streams that documents may stand in."""
        return self.places((), ()).streams

    def places(self, documents: Collection[str], hosts: Collection[str]) -> Places:
        """One look over all keys. ``hosts``: of the documents, empty where their pages are not looked for."""
        found = Places(streams=list(_SHARED_STREAMS))
        seen = 0
        cursor = 0
        while True:
            cursor, names = self._client.scan(cursor, match=f"{keys.PREFIX}*", count=SCAN_KEYS)
            seen += len(names)
            self._tell(f"{seen} keys looked at")
            texts = [name.decode() for name in cast("list[bytes]", names)]
            found.streams += [name for name in texts if name.startswith(_STREAM_KINDS) and name not in found.streams]
            found.failures += [name for name in texts if name.startswith(keys.failures(""))]
            told = [name for name in texts if name.startswith((keys.page(""), keys.recheck("")))] if hosts else []
            if told:
                found.pages.update(self._pages(told, documents, hosts))
            if cursor == 0:
                return found

    def _pages(self, names: list[str], documents: Collection[str], hosts: Collection[str]) -> Iterator[tuple[str, str]]:
        answers = self._find_pages(args=[len(hosts), *hosts, *names])
        for name, said in zip(answers[::2], answers[1::2], strict=True):
            kind, _, page_id = name.decode().removeprefix(keys.PREFIX).partition(":")
            try:
                if kind == "page":
                    document = document_id(document_url(PageRef.model_validate_json(said)))
                else:
                    url = Before.model_validate_json(said).url
                    document = document_id(canonical_url(url) or url)
            except ValidationError:
                continue
            if document in documents:
                yield page_id, document

    def entries(self, stream: str, name: str, values: Collection[str]) -> Iterator[str]:
        """Stream ids of the entries with one of these values in a field, the oldest first."""
        start, looked = "-", 0
        while True:
            last, found = self._find_entries(args=[stream, start, ENTRIES, name, *values])
            yield from (entry.decode() for entry in found)
            looked += ENTRIES
            self._tell(f"{stream.removeprefix(keys.PREFIX)}: {looked} entries looked at")
            if not last:
                return
            start = f"({last.decode()}"

    def cluster(self, cluster: str) -> set[str]:
        """Ids of the documents of a cluster, as far as the copy index has them."""
        ids: set[str] = set()
        for names in self._chunks():
            ids.update(id_.hex() for id_ in self._find_records(args=[bytes.fromhex(cluster), *names]))
        return ids

    def take_out(self, page_id: str, mark: Mark) -> str:
        """End a page of a document wherever it is, and delete what is kept of it; the stage that it was in, or nothing."""
        stage = ""
        value = mark.model_dump_json() if page_id == mark.id else page_mark(mark.id)
        for _ in range(TRIES):
            entry = rejected_entry(_dead_letter(page_id, mark, cast("Any", stage or "fetch")), self._settings)
            answer = self._take_out(args=[page_id, value, stage, page_ttl(self._settings), *entry]).decode()
            if answer == "done":
                return stage
            stage = answer
        raise redis.RedisError(f"page {page_id} moves from stage to stage too fast to be taken out; try again")

    def delete_entries(self, stream: str, ids: Collection[str], failures: Sequence[str]) -> int:
        """Delete the entries of documents or pages with these ids; how many there were."""
        gone = 0
        for entry in list(self.entries(stream, "id", ids)):
            gone += int(self._client.xdel(stream, entry))
            for key in failures:
                self._client.hdel(key, f"{stream}/{entry}")
        return gone

    def delete_records(self, ids: Collection[str]) -> int:
        """Delete the fingerprints of documents: none is found as a candidate again."""
        packed = [bytes.fromhex(id_) for id_ in ids]
        return sum(int(self._purge_records(args=[len(packed), *packed, *names])) for names in self._chunks())

    def forget_text(self, mark: Mark) -> int:
        """Let the index know nothing of a document but its last revision, so that numbers go on if it ever comes back."""
        known, newest = self._known(mark.id), True
        for (key, name), value in sorted(known.items(), reverse=True):
            number = layout.read_known(value, layout.CYCLE).number
            if newest:
                self._client.hset(key, cast("Any", name), cast("Any", layout.pack_known(number, mark.revision, 0)))
            else:
                self._client.hdel(key, cast("Any", name))
            newest = False
        if mark.cluster:
            lead = cast("bytes | None", self._client.get(layout.lead_key(mark.cluster)))
            if lead is not None and layout.read_lead(lead)[0] == mark.id:
                self._client.delete(layout.lead_key(mark.cluster))
        return len(known)

    def last_revision(self, document: str) -> int:
        """The last revision that the index knows; 0: none."""
        values = self._known(document).values()
        return max((layout.read_known(value, layout.CYCLE).revision for value in values), default=0)

    def _known(self, document: str) -> dict[tuple[str, bytes], bytes]:
        name = layout.known_field(document)
        names = [layout.known_key(document, part, bits) for part, bits, _ in self._slices()]
        values = [(key, cast("bytes | None", self._client.hget(key, cast("Any", name)))) for key in names]
        return {(key, name): value for key, value in values if value is not None}

    def _slices(self) -> list[tuple[int, int, int]]:
        """Period, bits and number of the first document of each slice."""
        slices = cast("dict[bytes, bytes]", self._client.hgetall(layout.SLICES))
        return [(int(part), *map(int, value.split())) for part, value in slices.items()]  # type: ignore[misc]

    def _chunks(self) -> Iterator[list[str]]:
        """Keys of the chunks of the window, the newest first, so many at a time."""
        last = int(cast("bytes | None", self._client.get(layout.NUMBER)) or 0) // layout.CHUNK
        first = min((start for _, _, start in self._slices()), default=0) // layout.CHUNK
        for top in range(last, first - 1, -CHUNKS):
            self._tell(
                f"copy index: {(last - top) * layout.CHUNK} of {(last - first + 1) * layout.CHUNK} documents looked at"
            )
            yield [layout.chunk_key(n) for n in range(top, max(top - CHUNKS, first - 1), -1)]

    def rewrite_log(self) -> str:
        """Let Redis write its append-only file anew, since what was deleted still stands in it; what came of it, in words."""
        try:
            if not self._client.info("persistence").get("aof_enabled"):
                return "none"
            self._client.bgrewriteaof()
            deadline = time.monotonic() + REWRITE_SECONDS
            while time.monotonic() < deadline:
                info = self._client.info("persistence")
                if not info.get("aof_rewrite_in_progress") and not info.get("aof_rewrite_scheduled"):
                    return "rewritten" if info.get("aof_last_bgrewrite_status") == "ok" else "failed"
                self._tell("Redis writes its append-only file anew")
                time.sleep(0.05)
        except redis.ResponseError as error:  # a user without the right to it, a server that has no such command
            return f"not rewritten: {error}"
        return f"still being rewritten after {REWRITE_SECONDS:g} s"


def _dead_letter(page_id: str, mark: Mark, stage: Literal["fetch", "extract", "dedup"]) -> Rejected:
    return Rejected(
        id=page_id,
        url=mark.url,
        host=mark.host,
        source=mark.source,
        stage=stage,
        reason=RejectReason.RETRACTED,
        detail=TAKEN_OUT,
        rejected_at=datetime.now(UTC),
    )


def purge_redis(purge: Purge, marks: Sequence[Mark], places: Places) -> tuple[Counter[str], dict[str, set[str]]]:
    """Take everything of these documents out of Redis; what was deleted, and the pages of each document."""
    counts: Counter[str] = Counter()
    pages: dict[str, set[str]] = {mark.id: {mark.id, *mark.pages} for mark in marks}
    for page_id, document in places.pages.items():
        pages[document].add(page_id)
    for mark in marks:
        for page_id in sorted(pages[mark.id]):
            counts["in_work"] += bool(purge.take_out(page_id, mark))
            counts["pages"] += 1
    ids = set().union(*pages.values())
    for stream in places.streams:
        counts["entries"] += purge.delete_entries(stream, ids, places.failures)
    counts["index_records"] += purge.delete_records(pages)
    for mark in marks:
        purge.forget_text(mark)
    return counts, pages
