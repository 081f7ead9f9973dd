"""The deduper's job: extractions in, verdicts out, admitted and emitted."""

from __future__ import annotations

import time
from dataclasses import dataclass

import redis
from rq import get_current_job

from copydesk.core.copies import Contended, Done, Draft, Outcome, Task, judge_and_admit_all
from copydesk.core.fingerprint import fingerprint
from copydesk.core.urls import canonical_url, document_id, host_of
from copydesk.models import Extraction, PageRef, RejectReason
from copydesk.ports import CopyIndex
from copydesk.runtime.batch import NOT_THE_PAGE, Batch, Stopwatch
from copydesk.runtime.bounds import bound_cpu
from copydesk.runtime.logs import get_log
from copydesk.runtime.queue import Stages, page_ttl
from copydesk.runtime.redis_index import DAY, RedisIndex
from copydesk.runtime.settings import Settings

log = get_log()


@dataclass(frozen=True)
class Deduper:
    """What a job works with."""

    index: CopyIndex
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
            stream_bound=settings.stream_max_length,
        )
        return cls(index, stages, client, settings)

    def run(self, job_id: str, page_ids: list[str]) -> None:
        """Judge and emit the documents of a job."""
        with Batch("dedup", job_id, page_ids, stages=self.stages, client=self.client, settings=self.settings) as batch:
            pages = self.stages.pages(batch.page_ids, bodies=False)
            extractions = self.stages.extractions(batch.page_ids)
            tasks: list[tuple[Task, PageRef]] = []
            for page_id in batch.page_ids:
                page, extraction = pages.get(page_id), extractions.get(page_id)
                if page is None or extraction is None:
                    ref = page.ref if page is not None else None
                    batch.reject(page_id, ref, RejectReason.DEDUP_FAILED, "what was extracted is no longer stored")
                else:
                    tasks.append((Task(draft(page.ref, extraction), page_id, job_id), page.ref))
            self._judge(batch, tasks)

    def _judge(self, batch: Batch, tasks: list[tuple[Task, PageRef]]) -> None:
        """All at once, which costs few round trips; where that fails, one by one, so that only the one at fault is lost."""
        bound_cpu(self.settings.page_timeout)
        watch = Stopwatch()
        try:
            outcomes = judge_and_admit_all(self.index, [task for task, _ in tasks], now=time.time())
        except NOT_THE_PAGE:
            raise
        except Exception:
            log.exception("batch.failed", job=batch.job_id, pages=len(tasks))
            for task, ref in tasks:
                with batch.page(task.page, ref, RejectReason.DEDUP_FAILED):
                    watch = Stopwatch()
                    outcome = judge_and_admit_all(self.index, [task], now=time.time())[0]
                    self._record(batch, task, outcome, watch.seconds)
        else:
            for (task, _), outcome in zip(tasks, outcomes, strict=True):
                self._record(batch, task, outcome, watch.seconds / len(tasks))

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
        elif isinstance(outcome, Contended):
            # Nothing was written; the page comes again in a job of its own.
            self.stages.submit("dedup", [task.page], tries_back=1 if len(batch.page_ids) == 1 else 0)
            log.warning("document.contended", page=task.page, tries=outcome.tries)
            batch.report.conflicts += outcome.tries


def draft(ref: PageRef, extraction: Extraction) -> Draft:
    """A document before its verdict. Its identity is the address at which the page was found in the end."""
    url = canonical_url(ref.final_url) or ref.item.canonical_url
    return Draft(
        id=document_id(url),
        url=url,
        host=host_of(url),
        source=ref.item.source,
        title=extraction.title or ref.item.title,
        blocks=extraction.blocks,
        language=extraction.language,
        removed=extraction.removed,
        published_at=extraction.published_at or ref.item.published_at,
        modified_at=extraction.modified_at,
        fetched_at=ref.fetched_at,
        authors=extraction.authors,
        site_name=extraction.site_name,
        description=extraction.description,
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
