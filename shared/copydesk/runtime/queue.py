"""The way of pages through the stages: RQ jobs that carry ids, and the state in Redis that decides.

A job is a batch of page ids on the RQ queue of a stage. Which job owns a page stands with the page, so that a job that
comes twice, or late, finds nothing to do. What falls between (a batch that was never queued, a worker that died) is found
by the reaper, which reads that state and not RQ's registries.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeVar, cast

import redis
import zstandard
from pydantic import ValidationError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from copydesk.models import STATE_VERSION, Extraction, Item, Model, PageRef, Rejected, Verdict
from copydesk.runtime import keys
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.scripts import script
from copydesk.runtime.settings import Settings

Stage = Literal["extract", "dedup"]
STAGES: Final[tuple[Stage, ...]] = ("extract", "dedup")

# What a worker calls for a stage; RQ jobs name nothing else.
JOB_FUNCTIONS: Final[dict[Stage, str]] = {
    "extract": "copydesk_services.extractor.job.run",
    "dedup": "copydesk_services.deduper.job.run",
}

# How long a page may stand in a stage before the reaper looks whether somebody has it; looking costs little.
LOOK_SECONDS: Final = 10.0
# A worker signs that it lives every ALIVE_SIGN_SECONDS; without a sign for ALIVE_SECONDS it is taken for dead.
ALIVE_SIGN_SECONDS: Final = 2
ALIVE_SECONDS: Final = 10
# Stands in the place of a job's id while a page waits for its time.
HELD: Final = "held"
# For so long a page waits that a newer release has to work on, until it is offered to all workers again.
PUT_BACK_SECONDS: Final = 5.0
# RQ's own bookkeeping of jobs. Nothing is read from it; it is short-lived so that it does not pile up.
RESULT_TTL: Final = 0
FAILURE_TTL: Final = 3600
REAP_AT_ONCE: Final = 1000
# As many pages as a look takes in: beyond it the rest waits for the next.
REAP_ROUNDS: Final = 100


Versioned = TypeVar("Versioned", PageRef, Extraction)


@dataclass(frozen=True)
class PageInWork:
    """A page as a worker gets it."""

    ref: PageRef
    body: bytes


class Stages:
    """Hands pages from stage to stage, each step atomic, none done twice."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._queues = {
            stage: Queue(stage, connection=client, serializer=JSONSerializer, default_timeout=self.job_seconds(1))
            for stage in STAGES
        }
        self._begin = script(client, "settle", "begin")
        self._advance = script(client, "settle", "advance")
        self._reject = script(client, "settle", "emit", "reject")
        self._hold = script(client, "settle", "hold")
        self._assign = script(client, "assign")

    def job_seconds(self, pages: int) -> int:
        """Timeout of a job, in seconds: one page may use its bound, the others what pages usually take, twice over."""
        return int(self._settings.page_timeout + 2 * pages) + 5

    def queue(self, stage: Stage) -> Queue:
        """The RQ queue of a stage."""
        return self._queues[stage]

    def submit(self, stage: Stage, page_ids: Sequence[str], *, death: str = "", tries_back: int = 0) -> str:
        """Queue one job for these pages and make it their owner, in one transaction; returns the job's id.

        ``death`` is what the job before died of, ``tries_back`` what it is not to be charged for.
        """
        job_id = new_job_id()
        with self._client.pipeline(transaction=True) as pipe:
            arguments: list[str | float] = [stage, job_id, time.time() + LOOK_SECONDS, death, tries_back, *page_ids]
            self._assign(args=arguments, client=pipe)
            self._enqueue(stage, job_id, page_ids, pipe)
            pipe.execute()
        return job_id

    def begin(self, stage: Stage, job_id: str, page_ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Start on a job: the pages that it still owns, and those of them whose tries are used up."""
        arguments: list[str | float] = [
            stage,
            job_id,
            time.time(),
            LOOK_SECONDS,
            ALIVE_SECONDS,
            self._settings.page_attempts,
            *page_ids,
        ]
        work, exhausted = self._begin(args=arguments)
        return [page_id.decode() for page_id in work], [page_id.decode() for page_id in exhausted]

    def sign_of_life(self, job_id: str) -> None:
        """Say that somebody works on this job."""
        self._client.set(keys.alive(job_id), "1", ex=ALIVE_SECONDS)

    def pages(
        self, page_ids: Sequence[str], *, bodies: bool = True, newer: set[str] | None = None
    ) -> dict[str, PageInWork]:
        """Load pages; one that is gone, or whose body is, is not in the answer.

        Nor is one that a newer release has written, in a form that this one does not know; it is added to ``newer``.
        """
        with self._client.pipeline(transaction=False) as pipe:
            for page_id in page_ids:
                pipe.hget(keys.page(page_id), "ref")
                if bodies:
                    pipe.get(keys.body(page_id))
            answers = pipe.execute()
        step = 2 if bodies else 1
        found = {}
        for page_id, *values in zip(page_ids, *(answers[n::step] for n in range(step)), strict=True):
            ref = _read(PageRef, values[0]) if all(value is not None for value in values) else None
            if ref is not None:
                body = unpack(values[1], self._settings.fetch_max_bytes) if bodies else b""
                found[page_id] = PageInWork(ref, body)
            elif newer is not None and all(value is not None for value in values):
                newer.add(page_id)
        return found

    def extractions(self, page_ids: Sequence[str], *, newer: set[str] | None = None) -> dict[str, Extraction]:
        """Load what the extractor has found on these pages; ``newer`` as in ``pages``."""
        values = self._client.mget([keys.extraction(page_id) for page_id in page_ids]) if page_ids else []
        found = {}
        for page_id, value in zip(page_ids, values, strict=True):
            extraction = None if value is None else _read(Extraction, zstandard.decompress(cast("bytes", value)))
            if extraction is not None:
                found[page_id] = extraction
            elif value is not None and newer is not None:
                newer.add(page_id)
        return found

    def advance(self, owner: str, results: Sequence[tuple[str, bytes]]) -> int:
        """Write the extractor's results (page id, packed extraction) and queue the deduper's job, in one transaction.

        Returns how many counted: those of pages that the owner still owned.
        """
        if not results:
            return 0
        job_id = new_job_id()
        look_at = time.time() + LOOK_SECONDS
        with self._client.pipeline(transaction=True) as pipe:
            for page_id, packed in results:
                self._advance(args=[page_id, owner, job_id, packed, look_at], client=pipe)
            self._enqueue("dedup", job_id, [page_id for page_id, _ in results], pipe)
            answers = pipe.execute()
        return sum(answers[: len(results)])

    def hold(self, stage: Stage, owner: str, due: Mapping[str, float], *, tries_back: int = 0) -> int:
        """Let pages (id to unix time) wait, without a job, until their time; then the reaper submits them.

        Returns how many the owner still owned. ``tries_back`` is what each of them is not to be charged for.
        """
        arguments: list[str | float] = [stage, owner, HELD, tries_back]
        for page_id, time_ in due.items():
            arguments += page_id, time_
        return int(self._hold(args=arguments))

    def put_back(self, stage: Stage, owner: str, page_ids: Collection[str], *, tries_back: int = 0) -> int:
        """Leave pages to a newer release: they wait for a moment, and are queued again; how many the owner still owned."""
        return self.hold(stage, owner, dict.fromkeys(page_ids, time.time() + PUT_BACK_SECONDS), tries_back=tries_back)

    def is_first_to_say(self, stage: Stage, version: object) -> bool:
        """Whether nobody has told for an hour that work of this version is left to others."""
        return bool(self._client.set(keys.lock(f"newer:{stage}:{version}"), "1", nx=True, ex=3600))

    def reject(self, stage: Stage, owner: str, rejected: Rejected) -> bool:
        """End a page's way in the dead letters; False where the page is no longer this job's."""
        arguments = [
            stage,
            rejected.id,
            owner,
            f"rejected:{rejected.reason}",
            page_ttl(self._settings),
            *rejected_entry(rejected, self._settings),
        ]
        return bool(self._reject(args=arguments))

    def counts(self) -> dict[str, int]:
        """Pages that ever left a stage, by ``stage:outcome``."""
        return _counts(cast("dict[bytes, bytes]", self._client.hgetall(keys.COUNTS)))

    def in_flight(self) -> dict[str, int]:
        """Number of pages that have no outcome yet, by where they are, as the counts of outcomes say."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.COUNTS)
            pipe.zcard(keys.FRONTIER_LEASES)
            raw, leased = pipe.execute()
        counts = _counts(raw)
        taken, pages, documents = (counts.get(name, 0) for name in ("fetch:taken", "fetch:page", "extract:document"))
        ended = {stage: _sum(counts, f"{stage}:rejected:") for stage in ("fetch", "extract", "dedup")}
        ended["fetch"] += counts.get("fetch:unchanged", 0)
        decided = sum(counts.get(f"dedup:{verdict.value}", 0) for verdict in Verdict)
        return {
            "frontier": taken - pages - ended["fetch"] - leased,
            "fetch": leased,
            "extract": pages - documents - ended["extract"],
            "dedup": documents - decided - ended["dedup"],
        }

    def outcomes(self, page_ids: Sequence[str]) -> dict[str, str]:
        """How these pages ended in the stages, as far as they have; one that is forgotten already is ``forgotten``."""
        with self._client.pipeline(transaction=False) as pipe:
            for page_id in page_ids:
                pipe.hmget(keys.page(page_id), "outcome", "ref")
            answers = pipe.execute()
        return {
            page_id: outcome.decode() if outcome else "forgotten"
            for page_id, (outcome, ref) in zip(page_ids, answers, strict=True)
            if outcome or not ref
        }

    def backlog(self, stage: Stage) -> tuple[int, float]:
        """Number of jobs that wait in a queue, and the age in seconds of the one that waits longest."""
        queue = self._queues[stage]
        with self._client.pipeline(transaction=False) as pipe:
            pipe.llen(queue.key)
            pipe.lindex(queue.key, 0)
            jobs, first = pipe.execute()
        enqueued = cast(
            "bytes | None", self._client.hget(Job.key_for(first.decode()), "enqueued_at") if first else None
        )
        if enqueued is None:
            return jobs, 0.0
        return jobs, max(0.0, time.time() - datetime.fromisoformat(enqueued.decode()).timestamp())

    def reap(self, stage: Stage) -> list[str]:
        """Queue again, one page a job, what nobody works on; returns the ids of those pages.

        A page is left alone while its job signs that it lives or waits in the queue. Pages that were held until now are
        queued as well, batch by batch; nothing was wrong with them, and they are not in the answer.
        """
        now = time.time()
        waiting: set[bytes] | None = None
        reaped: list[str] = []
        for _ in range(REAP_ROUNDS):
            members = self._client.zrangebyscore(keys.stage(stage), "-inf", now, start=0, num=REAP_AT_ONCE)
            overdue = [page_id.decode() for page_id in cast("list[bytes]", members)]
            if not overdue:
                break
            if waiting is None:
                waiting = set(cast("list[bytes]", self._client.lrange(self._queues[stage].key, 0, -1)))
            owners = self._owners(overdue)
            busy = self._signed(set(owners)) | {owner for owner in owners if owner in waiting}
            kept = [page_id for page_id, owner in zip(overdue, owners, strict=True) if owner in busy]
            if kept:
                # Not earlier than it stands there: a job may have put a page off in the meantime.
                self._client.zadd(keys.stage(stage), dict.fromkeys(kept, now + LOOK_SECONDS), xx=True, gt=True)
            settled = [page_id for page_id, owner in zip(overdue, owners, strict=True) if owner == HELD.encode()]
            for start in range(0, len(settled), self._settings.batch_pages):
                self.submit(stage, settled[start : start + self._settings.batch_pages])
            for page_id, owner in zip(overdue, owners, strict=True):
                if owner not in busy and owner != HELD.encode():
                    self.submit(stage, [page_id])
                    reaped.append(page_id)
        return reaped

    def split(
        self, stage: Stage, job_id: str, page_ids: Sequence[str], *, death: str, tries_back: int = 0
    ) -> list[str]:
        """Queue the pages that a dead job still owns again, one page a job; returns their ids."""
        owned = self._still_owned(stage, job_id, page_ids)
        for page_id in owned:
            self.submit(stage, [page_id], death=death, tries_back=tries_back)
        return owned

    def forgive(self, stage: Stage, page_ids: Collection[str]) -> None:
        """Forget the tries of pages; a server without memory takes that, too."""
        with self._client.pipeline(transaction=False) as pipe:
            for page_id in page_ids:
                pipe.hdel(keys.page(page_id), f"{stage}_tries")
            pipe.execute()

    def give_back(self, stage: Stage, job_id: str, page_ids: Sequence[str]) -> list[str]:
        """Queue the pages that a job still owns again, as one job and without a try counted: nothing was wrong with them."""
        owned = self._still_owned(stage, job_id, page_ids)
        if owned:
            self.submit(stage, owned, tries_back=int(len(page_ids) == 1))
        return owned

    def _still_owned(self, stage: Stage, job_id: str, page_ids: Sequence[str]) -> list[str]:
        return [
            page_id
            for page_id, owner in zip(page_ids, self._owners(page_ids), strict=True)
            if owner == job_id.encode() and self._client.zscore(keys.stage(stage), page_id) is not None
        ]

    def _owners(self, page_ids: Sequence[str]) -> list[bytes]:
        with self._client.pipeline(transaction=False) as pipe:
            for page_id in page_ids:
                pipe.hget(keys.page(page_id), "owner")
            return [owner or b"" for owner in pipe.execute()]

    def _signed(self, job_ids: set[bytes]) -> set[bytes]:
        """Those of the jobs that somebody has signed for."""
        asked = [job_id for job_id in job_ids if job_id]
        with self._client.pipeline(transaction=False) as pipe:
            for job_id in asked:
                pipe.exists(keys.alive(job_id.decode()))
            return {job_id for job_id, alive in zip(asked, pipe.execute(), strict=True) if alive}

    def _enqueue(self, stage: Stage, job_id: str, page_ids: Sequence[str], pipe: redis.client.Pipeline) -> None:
        job = Queue.prepare_data(
            JOB_FUNCTIONS[stage],
            args=[list(page_ids)],
            job_id=job_id,
            timeout=self.job_seconds(len(page_ids)),
            result_ttl=RESULT_TTL,
            failure_ttl=FAILURE_TTL,
            description=f"{stage} {len(page_ids)} pages",
            meta={"version": STATE_VERSION},
        )
        # enqueue would open a transaction of its own, to look at dependencies; enqueue_many joins this one.
        self._queues[stage].enqueue_many([job], pipeline=pipe)


class _Version(Model):
    version: int = 1


def _read(model: type[Versioned], raw: bytes) -> Versioned | None:
    """What stands between the stages; None where a newer release wrote it.

    Raises:
        ValidationError: it is of a version that is known, and broken.
    """
    try:
        value = model.model_validate_json(raw)
    except ValidationError:
        if _Version.model_validate_json(raw).version > STATE_VERSION:
            return None
        raise
    return value if value.version <= STATE_VERSION else None


def page_ttl(settings: Settings) -> int:
    """Seconds for which a page is kept after its outcome; never so few that its last reader could miss it."""
    return max(60, int(settings.body_ttl * 86_400))


def rejected_entry(rejected: Rejected, settings: Settings) -> list[str | int]:
    """Cap of the stream, then fields and values of an entry of ``copydesk:rejected``."""
    outputs = Outputs.of(settings)
    return [outputs.cap, *outputs.entry(rejected)]


def pack_extraction(extraction: Extraction) -> bytes:
    """An extraction as it stands in Redis between the extractor and the deduper."""
    return pack(extraction.model_dump_json().encode())


def item_of(client: redis.Redis, page_id: str) -> Item | None:
    """The item that a page was fetched for."""
    value = client.hget(keys.page(page_id), "item")
    return None if value is None else Item.model_validate_json(value)


def settled(raw: Mapping[bytes, bytes]) -> int:
    """Pages that ever came out of the stages, by the counters as they stand in Redis: documents, rejected and unchanged."""
    return sum(int(number) for name, number in raw.items() if name.startswith((b"dedup:", b"extract:rejected:")))


def _counts(raw: dict[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(number) for name, number in raw.items()}


def _sum(counts: dict[str, int], prefix: str) -> int:
    return sum(number for name, number in counts.items() if name.startswith(prefix))


def new_job_id() -> str:
    """Id of a job: it is the owner's token of its pages, so it is never used twice."""
    return uuid.uuid4().hex


def pack(data: bytes) -> bytes:
    """Compress with zstd, as bodies and extractions stand in Redis; level 1: a third less time than 3, for a tenth more."""
    return zstandard.compress(data, 1)


def unpack(data: bytes, most: int) -> bytes:
    """Decompress what ``pack`` made, at most ``most`` bytes of it."""
    with zstandard.ZstdDecompressor().stream_reader(data) as reader:
        return reader.read(most)
