"""The extractor's job: pages in, extractions out, handed on to the deduper in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import redis
from rq import get_current_job
from trafilatura.external import jt_stoplist_init

from copydesk.core.extract import extract
from copydesk.core.learned import Learned
from copydesk.core.robots import product_token
from copydesk.core.rules.ruleset import RuleSet
from copydesk.core.sites import Sites
from copydesk.core.urls import document_url, host_of
from copydesk.models import Extraction, PageRef, RejectReason
from copydesk.runtime.batch import Batch, Stopwatch
from copydesk.runtime.logs import get_log
from copydesk.runtime.queue import Stages, pack_extraction
from copydesk.runtime.redis_sites import RedisSites
from copydesk.runtime.settings import Settings

# A page that takes every way through the extraction that loads something.
WARM_UP_PAGE: Final = (
    "<html><head><title>Warm-up</title></head><body><article><h1>Warm-up</h1>"
    + "<p>The ferry left the harbour at noon, an hour late, and nobody on the pier seemed to mind the wait.</p>" * 6
    + "<p>Published on 3 May 2021. All rights reserved.</p></article></body></html>"
)

log = get_log()


@dataclass(frozen=True)
class Extractor:
    """What a job works with."""

    stages: Stages
    sites: Sites
    client: redis.Redis
    settings: Settings
    rules: RuleSet

    @classmethod
    def on_redis(cls, stages: Stages, client: redis.Redis, settings: Settings, rules: RuleSet) -> Extractor:
        """With the memory of sites in Redis."""
        return cls(stages, RedisSites.of(client, settings), client, settings, rules)

    @cached_property
    def agent(self) -> str:
        """Product token under which pages may speak to us."""
        return product_token(self.settings.user_agent)

    def run(self, job_id: str, page_ids: list[str]) -> None:
        """Extract the pages of a job."""
        with Batch(
            "extract", job_id, page_ids, stages=self.stages, client=self.client, settings=self.settings
        ) as batch:
            newer: set[str] = set()
            pages = self.stages.pages(batch.page_ids, newer=newer)
            batch.put_back(newer)
            learned = self._learned([page.ref for page in pages.values()])
            results: list[tuple[str, bytes, Extraction, float]] = []
            for page_id in batch.page_ids:
                page = pages.get(page_id)
                if page is None:
                    batch.reject(page_id, None, RejectReason.EXTRACT_FAILED, "the page is no longer stored")
                    continue
                with batch.page(page_id, page.ref, RejectReason.EXTRACT_FAILED):
                    watch = Stopwatch()
                    found = extract(
                        page.body,
                        page.ref.final_url,
                        content_type=page.ref.content_type,
                        hint=page.ref.item,
                        now=page.ref.fetched_at,
                        rules=self.rules,
                        learned=learned.get(host_of(document_url(page.ref))),
                        agent=self.agent,
                        reserved=page.ref.reservations,
                    )
                    if respected := [name for name in found.reservations if name in self.settings.respect]:
                        # Neither its text nor what was removed goes into the dead letters.
                        detail = f"its publisher reserves it: {', '.join(respected)}"
                        batch.reject(page_id, page.ref, RejectReason.RESERVED, detail, seconds=watch.seconds)
                    elif found.rejected is None:
                        results.append((page_id, pack_extraction(found), found, watch.seconds))
                    else:
                        batch.reject(
                            page_id,
                            page.ref,
                            found.rejected,
                            found.detail or "",
                            extraction=found,
                            seconds=watch.seconds,
                        )
            self.stages.advance(job_id, [(page_id, packed) for page_id, packed, _, _ in results])
            for page_id, _, found, seconds in results:
                batch.report.add("document", seconds)
                batch.report.removed.update(block.reason.value for block in found.removed)
                log.info(
                    "page.extracted",
                    id=page_id,
                    blocks=len(found.blocks),
                    removed=len(found.removed),
                    language=found.language,
                )

    def _learned(self, refs: list[PageRef]) -> dict[str, Learned]:
        return self.sites.learned(host_of(document_url(ref)) for ref in refs) if self.settings.learn == "on" else {}


_extractor: Extractor | None = None


def prepare(extractor: Extractor) -> None:
    """Give this process what its jobs work with; called once, before the worker forks.

    What extraction loads when it is first used (models, tables) is loaded here: a child would load it for one job only.
    """
    extract(WARM_UP_PAGE, "https://copydesk.example/", now=datetime.now(UTC), rules=extractor.rules)
    jt_stoplist_init()  # 0.3 s in every child whose page needs trafilatura's last resort
    global _extractor  # noqa: PLW0603 -- RQ calls a function by its name and passes nothing but the job's arguments
    _extractor = extractor


def run(page_ids: list[str]) -> None:
    """What RQ calls."""
    job = get_current_job()
    if _extractor is None or job is None:
        raise RuntimeError("this job runs in a worker of copydesk's only: copydesk extractor")
    _extractor.run(job.id, page_ids)
