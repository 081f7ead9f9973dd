"""The books, read from Redis: counters beside what is really there, and, where that is asked for, every page by itself."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, cast

import redis
from rq.job import Job

from copydesk.core.accounting import Snapshot
from copydesk.runtime import keys
from copydesk.runtime.queue import STAGES, Stages
from copydesk.runtime.scripts import script
from copydesk.runtime.settings import Settings

HOSTS_AT_ONCE: Final = 2_000
"""Hosts whose pages are counted in one step: with no more of them, the snapshot is exact while everything runs."""
PAGES_AT_ONCE: Final = 200
ENTRIES_AT_ONCE: Final = 100
SCAN_KEYS: Final = 1_000
NAMED: Final = 20
"""Ids that are named for each fault; all are counted."""

Tell = Callable[[str], None]


class Books:
    """Reads what is there."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._audit = script(client, "audit")

    def snapshot(self) -> Snapshot:
        """Counters and places at one moment; with very many hosts, over a few of them, and how much moved meanwhile."""
        first = self._part(0)
        snapshot, hosts = first
        frontier, last = snapshot.frontier, snapshot
        for start in range(HOSTS_AT_ONCE, hosts, HOSTS_AT_ONCE):
            last, _ = self._part(start)
            frontier += last.frontier
        moved = 0 if last is snapshot else _moved(snapshot, last)
        return Snapshot(last.counts, frontier, last.leased, last.stages, last.added, moved)

    def _part(self, start: int) -> tuple[Snapshot, int]:
        counts, leased, extract, dedup, hosts, waiting, streams = self._audit(args=[start, start + HOSTS_AT_ONCE - 1])
        named = {name.decode(): int(number) for name, number in zip(counts[::2], counts[1::2], strict=True)}
        added = dict(zip(("documents", "copies", "rejected"), streams[1::2], strict=True))
        known = {name: number for name, number in added.items() if number >= 0}
        return Snapshot(named, waiting, leased, {"extract": extract, "dedup": dedup}, known), hosts


def _moved(before: Snapshot, after: Snapshot) -> int:
    """Pages that came into the frontier or left it between two looks, and those whose lease began or ended."""
    names = {name for name in after.counts if name.startswith("fetch:")}
    return sum(after.count(name) - before.count(name) for name in names) + after.leased + before.leased


class DeepAudit:
    """Looks at every page, job and entry; each at its own moment, so that what moves meanwhile is no fault."""

    def __init__(self, client: redis.Redis, settings: Settings, tell: Tell) -> None:
        self._client = client
        self._stages = Stages(client, settings)
        self._tell = tell
        self._pages = script(client, "audit_pages")
        self._entries = script(client, "audit_entries")
        self.named: dict[str, list[str]] = defaultdict(list)
        """Some ids for each fault."""

    def faults(self) -> Counter[str]:
        """How often there is what fault, by the names of ``core.accounting.FAULTS``."""
        found: Counter[str] = Counter()
        for fault, id_ in self._all():
            found[fault] += 1
            if len(self.named[fault]) < NAMED:
                self.named[fault].append(id_)
        return found

    def _all(self) -> Iterator[tuple[str, str]]:
        seen = 0
        ids = self._ids()
        while some := set(islice(ids, PAGES_AT_ONCE)):
            seen += len(some)
            self._tell(f"{seen} pages looked at")
            answer = [part.decode() for part in self._pages(args=sorted(some))]
            yield from zip(answer[1::2], answer[::2], strict=True)
        yield from self._jobs()
        yield from self._twice()

    def _ids(self) -> Iterator[str]:
        """The id of every page that there is anything of, once: of 24 digits, 12 bytes are remembered."""
        told: set[bytes] = set()
        for id_ in self._named_ids():
            key = bytes.fromhex(id_) if len(id_) == 24 else id_.encode()
            if key not in told:
                told.add(key)
                yield id_

    def _named_ids(self) -> Iterator[str]:
        kinds = tuple(kind("") for kind in (keys.page, keys.body, keys.extraction))
        hosts = keys.frontier_host("")
        for name in self._client.scan_iter(match=f"{keys.PREFIX}*", count=SCAN_KEYS):
            text = name.decode()
            if text.startswith(kinds):
                yield text.rpartition(":")[2]
            elif text.startswith(hosts):
                yield from self._members(text)
        for name in (keys.FRONTIER_LEASES, *map(keys.stage, STAGES)):
            yield from self._members(name)

    def _members(self, name: str) -> Iterator[str]:
        for member, _ in self._client.zscan_iter(name, count=SCAN_KEYS):
            yield cast("bytes", member).decode()

    def _jobs(self) -> Iterator[tuple[str, str]]:
        for stage in STAGES:
            ids = cast("list[bytes]", self._client.lrange(self._stages.queue(stage).key, 0, -1))
            for job_id in ids:
                key = Job.key_for(job_id.decode())
                # It may have been taken and ended since.
                if (
                    not self._client.exists(key)
                    and self._client.lpos(self._stages.queue(stage).key, job_id.decode()) is not None
                ):
                    yield "empty_job", job_id.decode()

    def _twice(self) -> Iterator[tuple[str, str]]:
        seen: set[bytes] = set()
        for stream in (keys.DOCUMENTS, keys.COPIES):
            for text in self._revisions(stream):
                key = hashlib.blake2b(text, digest_size=12).digest()
                if key in seen:
                    yield "emitted_twice", text.decode()
                seen.add(key)

    def _revisions(self, stream: str) -> Iterator[bytes]:
        start, looked = "-", 0
        while True:
            last, *found = self._entries(args=[stream, start, ENTRIES_AT_ONCE])
            yield from cast("Iterable[bytes]", found)
            looked += len(cast("Sequence[Any]", found))
            self._tell(f"{stream.removeprefix(keys.PREFIX)}: {looked} entries looked at")
            if not last:
                return
            start = f"({last.decode()}"
