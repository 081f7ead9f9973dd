"""The deduper's job: extractions in, verdicts out, admitted and emitted."""

from __future__ import annotations

import time
from dataclasses import dataclass

import redis
from rq import get_current_job

from copydesk.core import attribution
from copydesk.core.copies import Contended, Done, Draft, Failed, Outcome, Task, judge_and_admit_all
from copydesk.core.fingerprint import fingerprint
from copydesk.core.learned import key_text
from copydesk.core.sites import Sites, observe
from copydesk.core.urls import document_id, document_url, host_of
from copydesk.errors import SiteContended
from copydesk.models import Document, Extraction, PageRef, RejectReason, Verdict
from copydesk.ports import CopyIndex, Retracted
from copydesk.runtime.batch import NOT_THE_PAGE, Batch, Stopwatch
from copydesk.runtime.bounds import bound_cpu
from copydesk.runtime.logs import get_log
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.queue import Stages, page_ttl
from copydesk.runtime.redis_index import DAY, RedisIndex
from copydesk.runtime.redis_sites import RedisSites
from copydesk.runtime.retraction import TAKEN_OUT
from copydesk.runtime.settings import Settings
from copydesk.runtime.sources import Sources

log = get_log()


@dataclass(frozen=True)
class Deduper:
    """What a job works with."""

    index: CopyIndex
    sites: Sites
    stages: Stages
    client: redis.Redis
    settings: Settings

    @classmethod
    def on_redis(cls, stages: Stages, client: redis.Redis, settings: Settings) -> Deduper:
        """With the index in Redis."""
        index = RedisIndex(
            client,
            window=settings.copy_window * DAY,
            page_ttl=page_ttl(settings),
            outputs=Outputs.of(settings),
        )
        return cls(index, RedisSites.of(client, settings), stages, client, settings)

    def run(self, job_id: str, page_ids: list[str]) -> None:
        """Judge and emit the documents of a job."""
        with Batch("dedup", job_id, page_ids, stages=self.stages, client=self.client, settings=self.settings) as batch:
            newer: set[str] = set()
            pages = self.stages.pages(batch.page_ids, bodies=False, newer=newer)
            batch.put_back(newer)
            held = self._hold(batch, [page.ref for page in pages.values()])
            wanted = [page_id for page_id in batch.page_ids if page_id not in held]
            newer = set()
            extractions = self.stages.extractions(wanted, newer=newer)
            batch.put_back(newer)
            tasks: list[tuple[Task, PageRef]] = []
            for page_id in (page_id for page_id in wanted if page_id not in newer):
                page, extraction = pages.get(page_id), extractions.get(page_id)
                if page is None or extraction is None:
                    ref = page.ref if page is not None else None
                    batch.reject(page_id, ref, RejectReason.DEDUP_FAILED, "what was extracted is no longer stored")
                else:
                    tasks.append((Task(draft(page.ref, extraction), page_id, job_id), page.ref))
            originals = [
                outcome.document
                for outcome in self._judge(batch, tasks)
                if isinstance(outcome, Done) and outcome.document.verdict is Verdict.ORIGINAL
            ]
            if self.settings.learn == "on" and originals:
                self._learn(batch, originals)

    def _hold(self, batch: Batch, refs: list[PageRef]) -> set[str]:
        """Put back the pages that are to settle first: another source's text may be the one that they copy."""
        own = Sources(self.client).settles({ref.item.source for ref in refs})
        now = time.time()
        due = {}
        for ref in refs:
            settle = own.get(ref.item.source, self.settings.copy_settle)
            if settle and (until := ref.fetched_at.timestamp() + settle) > now:
                due[ref.id] = until
                log.info("document.held", page=ref.id, url=ref.final_url, seconds=round(until - now, 1))
        if due:
            self.stages.hold("dedup", batch.job_id, due, tries_back=batch.tries)
        return set(due)

    def _learn(self, batch: Batch, originals: list[Document]) -> None:
        """Let the memory of their sites see new stories.

        After the admission, not within it: a story whose job ends in between is missing from the evidence, and no more; one
        that is done again is gone by then, and is not counted twice.
        """
        try:
            changes = observe(self.sites, originals, self.settings.enough())
        except SiteContended as error:
            log.warning("sites.contended", stories=len(originals), said=str(error))
            return
        for host, change in changes:
            event = "block.learned" if change.learned else "block.lapsed"
            batch.report.learned[event.removeprefix("block.")] += 1
            log.info(
                event,
                host=host,
                key=key_text(change.key),
                stories=change.stories,
                days=change.days,
                text=change.text,
            )

    def _judge(self, batch: Batch, tasks: list[tuple[Task, PageRef]]) -> list[Outcome]:
        """All at once, which costs few round trips; where that fails, one by one, so that only the one at fault is lost."""
        bound_cpu(self.settings.page_timeout)
        watch = Stopwatch()
        try:
            outcomes = self._verdicts([task for task, _ in tasks])
        except NOT_THE_PAGE:
            raise
        except Exception:
            log.exception("batch.failed", job=batch.job_id, pages=len(tasks))
            outcomes = []
            for task, ref in tasks:
                with batch.page(task.page, ref, RejectReason.DEDUP_FAILED):
                    watch = Stopwatch()
                    outcome = self._verdicts([task])[0]
                    outcomes.append(outcome)
                    self._record(batch, task, outcome, watch.seconds)
        else:
            for (task, ref), outcome in zip(tasks, outcomes, strict=True):
                with batch.page(task.page, ref, RejectReason.DEDUP_FAILED):
                    self._record(batch, task, outcome, watch.seconds / len(tasks))
        return outcomes

    def _verdicts(self, tasks: list[Task]) -> list[Outcome]:
        return judge_and_admit_all(self.index, tasks, now=time.time(), thresholds=self.settings.thresholds())

    def _record(self, batch: Batch, task: Task, outcome: Outcome, seconds: float) -> None:
        if isinstance(outcome, Done):
            document = outcome.document
            batch.report.add(document.verdict.value, seconds)
            log.info(
                "document.admitted",
                id=document.id,
                page=task.page,
                url=document.url,
                verdict=document.verdict.value,
                copy_of=document.copy_of,
                novelty=document.novelty,
            )
        elif isinstance(outcome, Retracted):
            batch.reject(task.page, None, RejectReason.RETRACTED, TAKEN_OUT, seconds=seconds)
        elif isinstance(outcome, Contended):
            # Nothing was written; the page comes again in a job of its own.
            self.stages.submit("dedup", [task.page], tries_back=batch.tries)
            log.warning("document.contended", page=task.page, tries=outcome.tries)
            batch.report.conflicts += outcome.tries
        elif isinstance(outcome, Failed):
            raise outcome.error


def draft(ref: PageRef, extraction: Extraction) -> Draft:
    """A document before its verdict."""
    url = document_url(ref)
    host = host_of(url)
    title = extraction.title or ref.item.title
    return Draft(
        id=document_id(url),
        url=url,
        host=host,
        source=ref.item.source,
        title=title,
        blocks=extraction.blocks,
        language=extraction.language,
        removed=extraction.removed,
        published_at=extraction.published_at,
        published_from=extraction.published_from,
        modified_at=extraction.modified_at,
        modified_from=extraction.modified_from,
        fetched_at=ref.fetched_at,
        learned=extraction.learned,
        authors=extraction.authors,
        site_name=extraction.site_name,
        section=extraction.section,
        tags=extraction.tags,
        image=extraction.image,
        description=extraction.description,
        canonical_url=extraction.canonical_url,
        paywalled=extraction.paywalled,
        labels=ref.item.labels,
        reservations=extraction.reservations,
        credits=attribution.credits_of(extraction, host=host, title=title),
    )


_deduper: Deduper | None = None


def prepare(deduper: Deduper) -> None:
    """Give this process what its jobs work with; called once, before the worker forks."""
    fingerprint(["What is loaded when the first text is fingerprinted is loaded here, not in every child."])
    global _deduper  # noqa: PLW0603 -- RQ calls a function by its name and passes nothing but the job's arguments
    _deduper = deduper


def run(page_ids: list[str]) -> None:
    """What RQ calls."""
    job = get_current_job()
    if _deduper is None or job is None:
        raise RuntimeError("this job runs in a worker of copydesk's only: copydesk deduper")
    _deduper.run(job.id, page_ids)
