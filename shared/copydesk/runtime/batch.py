"""One job's pages in a worker: begun, worked on one by one within their bound, rejected where they fail, and reported."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import redis
from rq.timeouts import BaseTimeoutException

from copydesk.core.dates import believed, utc
from copydesk.core.urls import canonical_url, host_of
from copydesk.models import STATE_VERSION, Extraction, PageRef, Rejected, RejectReason
from copydesk.runtime import keys
from copydesk.runtime.bounds import bound_cpu
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import StageReport
from copydesk.runtime.queue import Stage, Stages, item_of
from copydesk.runtime.settings import Settings
from copydesk.runtime.workers import report

# What says nothing about the page: the whole job ends, and its pages come again one by one.
NOT_THE_PAGE: Final = (redis.RedisError, BaseTimeoutException, MemoryError)

log = get_log()


class Batch:
    """The pages of one job that this worker owns. Use as a context manager: the report goes out at its end.

    Attributes:
        page_ids: Those pages.
        tries: Tries that the start of the job counted for each of them: only a page that is alone in its job is charged.
    """

    def __init__(
        self,
        stage: Stage,
        job_id: str,
        page_ids: Sequence[str],
        *,
        stages: Stages,
        client: redis.Redis,
        settings: Settings,
    ) -> None:
        self.stage = stage
        self.job_id = job_id
        self.tries = int(len(page_ids) == 1)
        self.report = StageReport(stage)
        self._stages = stages
        self._client = client
        self._settings = settings
        self.page_ids, exhausted = stages.begin(stage, job_id, page_ids)
        for page_id in exhausted:
            death = client.hget(keys.page(page_id), "death")
            reason = RejectReason.STALLED if death == b"stalled" else RejectReason.CRASHED
            self.reject(page_id, None, reason, f"the worker died on it {settings.page_attempts} times")

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        report(self.report)

    def put_back(self, newer: Collection[str]) -> None:
        """Leave pages to a newer release, which has written what stands of them."""
        if not newer:
            return
        self.page_ids = [page_id for page_id in self.page_ids if page_id not in newer]
        self._stages.put_back(self.stage, self.job_id, newer, tries_back=self.tries)
        if self._stages.is_first_to_say(self.stage, "page"):
            log.warning("pages.newer", stage=self.stage, pages=len(newer), known=STATE_VERSION)

    @contextmanager
    def page(self, page_id: str, ref: PageRef, failed: RejectReason) -> Iterator[None]:
        """Work on one page, within its bound of CPU; what it raises rejects that page alone."""
        bound_cpu(self._settings.page_timeout)
        try:
            yield
        except NOT_THE_PAGE:
            raise
        except Exception as error:
            log.exception("page.failed", id=page_id, url=ref.final_url, stage=self.stage)
            self.reject(page_id, ref, failed, f"{type(error).__name__}: {error}")

    def reject(
        self,
        page_id: str,
        ref: PageRef | None,
        reason: RejectReason,
        detail: str,
        *,
        extraction: Extraction | None = None,
        seconds: float = 0.0,
    ) -> None:
        """End a page in the dead letters, unless it is no longer this job's."""
        item = ref.item if ref is not None else item_of(self._client, page_id)
        url = ref.final_url if ref is not None else item.url if item is not None else ""
        extraction = extraction or Extraction()
        now = datetime.now(UTC)
        offered_at = item.published_at if item is not None else None
        rejected = Rejected(
            id=page_id,
            url=url,
            host=host_of(canonical_url(url) or url),
            source=item.source if item is not None else None,
            stage=self.stage,
            reason=reason,
            detail=detail[:500],
            rejected_at=now,
            title=None
            if reason is RejectReason.RETRACTED
            else extraction.title or (item.title if item is not None else None),
            text=extraction.text,
            language=extraction.language,
            removed=extraction.removed,
            published_at=extraction.published_at or utc(offered_at and believed(offered_at, now)),
        )
        if self._stages.reject(self.stage, self.job_id, rejected):
            self.report.add(f"rejected:{reason}", seconds)
            log.info("page.rejected", id=page_id, url=url, reason=reason.value, detail=detail[:200], stage=self.stage)


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """So far."""
        return time.perf_counter() - self._start
