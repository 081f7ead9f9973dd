"""Fetch one page that was claimed from the frontier: every try ends in the next stage, in a later try, or in ``rejected``."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

import redis

from copydesk.core.sniff import not_a_page
from copydesk.core.urls import host_of
from copydesk.models import PageRef, Rejected, RejectReason
from copydesk.runtime.archive import Archive
from copydesk.runtime.frontier import Claim, Frontier
from copydesk.runtime.http import Answer, FetchFailure, HttpClient
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics, StageReport
from copydesk.runtime.settings import Settings
from copydesk_services.fetcher.robots import Robots

ACCEPT: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
# A page on which the process died this often more than it may fail is not asked for again.
CRASHES: Final = 5

log = get_log()


class PageFetcher:
    """Fetches claimed pages."""

    def __init__(
        self,
        *,
        http: HttpClient,
        robots: Robots,
        frontier: Frontier,
        metrics: Metrics,
        settings: Settings,
        archive: Archive | None = None,
    ) -> None:
        self._http = http
        self._robots = robots
        self._frontier = frontier
        self._metrics = metrics
        self._settings = settings
        self._archive = archive

    async def fetch(self, claim: Claim) -> str | None:
        """Fetch one page; its id if it now waits for the extractor."""
        started = time.perf_counter()
        report = StageReport("fetch")
        try:
            answer = await self._get(claim)
        except redis.RedisError:
            raise
        except Exception as error:  # noqa: BLE001 -- the boundary of a page: whatever it is, the others go on
            failure = error if isinstance(error, FetchFailure) else self._fault(claim, error)
            await self._failed(claim, failure, report, time.perf_counter() - started)
            return None
        ref = PageRef(
            id=claim.page_id,
            item=claim.item,
            final_url=answer.url,
            status=answer.status,
            content_type=answer.content_type,
            fetched_at=datetime.now(UTC),
            bytes=len(answer.body),
        )
        if self._archive is not None:
            # Before the page goes on: whoever ends this process loses no page of the archive.
            await self._archive.keep(answer, at=ref.fetched_at, page_id=ref.id, item=ref.item)
        if not await self._frontier.fetched(claim, ref, answer.body):
            log.warning("page.lease_lost", id=claim.page_id, url=claim.item.url)
            return None
        report.add("page", time.perf_counter() - started)
        self._metrics.count(report)
        log.info("page.fetched", id=claim.page_id, url=answer.url, bytes=ref.bytes, source=claim.item.source)
        return claim.page_id

    @staticmethod
    def _fault(claim: Claim, error: Exception) -> FetchFailure:
        log.exception("page.fault", id=claim.page_id, url=claim.item.url)
        return FetchFailure(RejectReason.BROKEN, f"{type(error).__name__}: {error}"[:300], passing=True)

    async def _get(self, claim: Claim) -> Answer:
        if claim.tries > self._settings.fetch_attempts + CRASHES:
            raise FetchFailure(RejectReason.CRASHED, f"given up after {claim.tries - 1} tries")
        slots = {claim.host: ""}

        async def check(url: str) -> None:
            """A redirect to another host takes that host's slot as well; robots.txt has its say on every hop."""
            host = host_of(url)
            if host not in slots:
                token = await self._frontier.wait_for_slot(host)
                if token is None:
                    raise FetchFailure(RejectReason.TIMEOUT, f"{host}, to which it redirects, is busy", passing=True)
                slots[host] = token
            await self._robots.check(url)

        try:
            return await self._http.get(
                claim.item.url,
                max_bytes=self._settings.fetch_max_bytes,
                accept=ACCEPT,
                check=check,
                refuse=not_a_page,
            )
        finally:
            for host, token in slots.items():
                if token:
                    await self._frontier.release_slot(host, token)

    async def _failed(self, claim: Claim, failure: FetchFailure, report: StageReport, seconds: float) -> None:
        pause = max(failure.retry_after or 0.0, self._settings.fetch_retry_delay * 2 ** (claim.tries - 1))
        may_come = failure.passing and pause <= self._settings.fetch_retry_most
        if may_come and claim.tries < self._settings.fetch_attempts:
            await self._frontier.retry(claim, pause)
            self._metrics.retries.labels(failure.reason.value).inc()
            log.info(
                "page.retry", id=claim.page_id, url=claim.item.url, reason=failure.reason.value, detail=failure.detail
            )
            return
        item = claim.item
        rejected = Rejected(
            id=claim.page_id,
            url=item.url,
            host=host_of(item.canonical_url),
            source=item.source,
            stage="fetch",
            reason=failure.reason,
            detail=failure.detail[:500],
            rejected_at=datetime.now(UTC),
            title=item.title,
            published_at=item.published_at,
        )
        if await self._frontier.reject(claim, rejected):
            report.add(f"rejected:{failure.reason}", seconds)
            self._metrics.count(report)
            log.info(
                "page.rejected", id=claim.page_id, url=item.url, reason=failure.reason.value, detail=failure.detail
            )
