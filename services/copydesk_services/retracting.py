"""Taking documents out: who is meant, the mark, and then every place where something of them is stored."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

import redis

from copydesk.core.urls import canonical_url, document_id, document_url, host_of
from copydesk.core.warc import PAGE_HEADER, Record, page_id_of
from copydesk.errors import CopydeskError, UsageError
from copydesk.models import PageRef, Verdict
from copydesk.runtime import keys
from copydesk.runtime.archive_purge import archive_names, purge_file
from copydesk.runtime.emitted_files import EmittedFiles
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.purge import Purge, Tell, purge_redis
from copydesk.runtime.retraction import Mark, Marks
from copydesk.runtime.settings import Settings
from copydesk.runtime.warc import shown

ID_LENGTH: Final = 24
# Looks at files that were written to while they were being purged.
LOOKS: Final = 3


@dataclass(frozen=True)
class Found:
    """A document that is to be taken out, and its pages as far as they are known."""

    mark: Mark
    pages: frozenset[str] = frozenset()
    is_new: bool = True


@dataclass
class Done:
    """What came of it."""

    marks: list[Mark]
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    log: str = ""


class Retracting:
    """Finds documents, marks and purges them."""

    def __init__(self, client: redis.Redis, settings: Settings, tell: Tell) -> None:
        """``tell`` is given how far it is, in words."""
        self._client = client
        self._settings = settings
        self._tell = tell
        self._purge = Purge(client, settings, tell)
        self.marks = Marks(client, Outputs.of(settings))
        self._files = EmittedFiles.of(settings)

    def find(self, name: str, why: str) -> Found:
        """The document that an id or URL means: its own, or that of the page that it came from.

        Raises:
            UsageError: it is neither.
            CopydeskError: nothing is known under this id, and an id alone says nothing of where it was.
        """
        id_, url = _named(name)
        if (mark := self.marks.get(id_)) is not None:
            return Found(mark, frozenset(mark.pages), is_new=False)
        ref = self._ref(id_)
        if ref is not None:
            url = document_url(ref)
            pages = frozenset({id_})
            id_ = document_id(url)
            if (mark := self.marks.get(id_)) is not None:
                return Found(mark, pages | set(mark.pages), is_new=False)
        else:
            pages = frozenset()
        record = self._emitted(id_) or self._filed(id_)
        if record is None and url is None:
            raise CopydeskError(f"nothing is known of {name}; give its URL, so that it is not taken if it ever comes")
        return Found(self._mark(id_, url, record or {}, why), pages)

    def marks_of(self, name: str) -> Mark | None:
        """The mark that an id or URL means; None where there is none."""
        return self.marks.get(_named(name)[0])

    def cluster(self, found: Found) -> list[Found]:
        """The other documents of its cluster, by streams and copy index."""
        cluster = found.mark.cluster or found.mark.id
        ids = self._purge.cluster(cluster)
        records: dict[str, dict[str, Any]] = {}
        for stream in (keys.DOCUMENTS, keys.COPIES):
            for entry in self._purge.entries(stream, "cluster", [cluster]):
                record = self._record(stream, entry)
                records[record["id"]] = record
        members = []
        for id_ in sorted((ids | records.keys()) - {found.mark.id}):
            mark = self.marks.get(id_)
            record = records.get(id_) or {}
            new = mark or self._mark(id_, None, {"cluster": cluster, **record}, found.mark.why)
            members.append(Found(new, frozenset(new.pages), is_new=mark is None))
        return members

    def run(self, found: Sequence[Found]) -> Done:
        """Mark, tell, purge. Whoever is interrupted does it again: what is done already is not done twice."""
        began = time.time()
        selections = [name for name in self._purge.streams() if name.startswith(keys.selection(""))]
        marks = []
        for one in found:
            self.marks.put(one.mark, selections)
            mark = self.marks.get(one.mark.id) or one.mark
            marks.append(mark.model_copy(update={"pages": tuple(sorted({*mark.pages, *one.pages} - {mark.id}))}))
        places = self._purge.places({mark.id for mark in marks}, sorted({mark.host for mark in marks if mark.host}))
        counts, pages = purge_redis(self._purge, marks, places)
        done = Done(marks, counts)
        for look in range(LOOKS):
            since = 0.0 if look == 0 else began
            gone = self._purge_files(pages, since, done)
            if look and not gone:
                break
        for mark in marks:
            # The archive may have named more pages of it.
            for page_id in sorted(pages[mark.id]):
                self._purge.take_out(page_id, mark)
        done.log = self._purge.rewrite_log()
        if not done.problems:
            for mark in marks:
                self.marks.complete(mark, pages[mark.id])
        return done

    def _purge_files(self, pages: dict[str, set[str]], since: float, done: Done) -> int:
        gone = self._purge_archive(pages, since, done)
        ids = set().union(*pages.values())
        for day in self._files.days() if self._files else ():
            self._tell(f"files of {day}")
            for file in self._files.files(day) if self._files else ():
                if self._files and (not since or self._files.changed_since(file, since)):
                    lines = self._try(done, file.path, lambda file=file: self._files.erase(file, ids))  # type: ignore[misc]
                    done.counts["files_lines"] += lines
                    gone += lines
        return gone

    def _purge_archive(self, pages: dict[str, set[str]], since: float, done: Done) -> int:
        """Every record of a document, by its URL or that of a page of it; adds the pages that records name."""

        def matches(record: Record) -> bool:
            url = canonical_url(record.url)
            document = document_id(url) if url else ""
            page_id = record.headers.get(PAGE_HEADER.lower(), "") or (page_id_of(record) or "")
            for id_, own in pages.items():
                if document == id_ or page_id in own:
                    if len(page_id) == ID_LENGTH and document == id_:
                        own.add(page_id)
                    return record.is_response
            return False

        gone = 0
        names = self._listed(done, since)
        for number, name in enumerate(names):
            self._tell(f"archive: file {number + 1} of {len(names)}")
            gone += self._try(done, shown(name), lambda name=name: purge_file(name, self._settings, matches))  # type: ignore[misc]
        done.counts["archive_records"] += gone
        return gone

    def _listed(self, done: Done, since: float) -> list[str]:
        names: list[str] = []
        self._try(done, "the archive", lambda: len(names.__iadd__(archive_names(self._settings, since))))
        return names

    @staticmethod
    def _try(done: Done, name: str, step: Callable[[], int]) -> int:
        try:
            return step()
        except Exception as error:  # noqa: BLE001 -- each kind of store has errors of its own; the rest is purged all the same
            done.problems.append(f"{name}: {getattr(error, 'strerror', None) or str(error) or type(error).__name__}")
            return 0

    def _ref(self, page_id: str) -> PageRef | None:
        value = self._client.hget(keys.page(page_id), "ref")
        return None if value is None else PageRef.model_validate_json(value)

    def _emitted(self, id_: str) -> dict[str, Any] | None:
        """The last entry of a document."""
        newest: tuple[tuple[int, int], dict[str, Any]] | None = None
        for stream in (keys.DOCUMENTS, keys.COPIES):
            for entry in self._purge.entries(stream, "id", [id_]):
                at = (int(entry.partition("-")[0]), int(entry.partition("-")[2]))
                if newest is None or at > newest[0]:
                    newest = at, self._record(stream, entry)
        return newest and newest[1]

    def _record(self, stream: str, entry: str) -> dict[str, Any]:
        [[_, fields]] = cast("list[tuple[bytes, dict[bytes, bytes]]]", self._client.xrange(stream, entry, entry))
        record: dict[str, Any] = json.loads(fields[b"document"])
        return record

    def _filed(self, id_: str) -> dict[str, Any] | None:
        """The same from the files by day, the newest day first."""
        if self._files is None:
            return None
        mark = f'"id":"{id_}"'.encode()
        for day in reversed(self._files.days()):
            self._tell(f"looking for it in the files of {day}")
            newest: tuple[tuple[int, int], dict[str, Any]] | None = None
            for file in self._files.files(day, ("documents", "copies")):
                for line in self._files.lines(file):
                    if mark in line.json and (record := json.loads(line.json)).get("id") == id_:
                        newest = max((line.at, record), newest or (line.at, record), key=lambda pair: pair[0])
            if newest:
                return newest[1]
        return None

    def _mark(self, id_: str, url: str | None, record: dict[str, Any], why: str) -> Mark:
        url = record.get("url") or url or ""
        emitted = int(record.get("revision") or 0)
        return Mark(
            id=id_,
            url=url,
            host=host_of(url),
            source=record.get("source"),
            cluster=record.get("cluster"),
            copy_of=record.get("copy_of") if record.get("verdict") in (None, Verdict.COPY) else None,
            # Of what is no longer known the first revision may have come out: the retraction is never taken for that one.
            revision=max(1, emitted, self._purge.last_revision(id_)) + 1,
            why=why,
            retracted_at=datetime.now(UTC),
        )


def _named(name: str) -> tuple[str, str | None]:
    """Id, and URL where one was given."""
    if "://" in name:
        url = canonical_url(name)
        if url is None:
            raise UsageError(f"{name[:200]!r} is no http:// or https:// URL")
        return document_id(url), url
    id_ = name.lower()
    if len(id_) != ID_LENGTH or not set(id_) <= set("0123456789abcdef"):
        raise UsageError(f"{name[:200]!r} is no id of a document (24 hexadecimal digits) and no URL")
    return id_, None
