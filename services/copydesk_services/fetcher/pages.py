"""Make the request that a claim is for: it ends in the next stage, in the frontier again, or in ``rejected``."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

import redis

from copydesk.core.reservations import of_headers
from copydesk.core.sniff import not_a_page
from copydesk.core.urls import document_id, document_url, host_of
from copydesk.errors import CopydeskError
from copydesk.models import PageRef, Rejected, RejectReason
from copydesk.runtime.archive import Archive
from copydesk.runtime.cookies import ChainCookies
from copydesk.runtime.frontier import Claim, Crowded, Frontier, Way
from copydesk.runtime.http import Answer, FetchFailure, HttpClient
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics, StageReport
from copydesk.runtime.rechecks import first, next_look
from copydesk.runtime.retraction import TAKEN_OUT
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import Settings
from copydesk.runtime.walk import Walk
from copydesk_services.fetcher.robots import Robots

ACCEPT: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
# A page on which the process died this often more than it may fail is not asked for again.
CRASHES: Final = 5

log = get_log()


class _Redirected(Exception):
    """The answer was a redirect: it is followed with a request of its own."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class _Overslept(Exception):
    """The slot is perhaps somebody else's by now."""


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
        secrets: Secrets,
    ) -> None:
        self._http = http
        self._robots = robots
        self._frontier = frontier
        self._metrics = metrics
        self._settings = settings
        self._archive = archive
        self._secrets = secrets

    async def fetch(self, claim: Claim) -> str | None:
        """Make the next request that a page needs; its id if it now waits for the extractor."""
        started = time.perf_counter()
        report = StageReport("fetch")
        try:
            answer = await self._get(claim)
            if answer is None:
                return None
            stored = await self._end(claim, answer, report, started)
        except redis.RedisError:
            raise
        except _Overslept:
            log.warning("page.overslept", id=claim.page_id, url=claim.way.url)
            await self._frontier.go_on(claim, claim.way)
            return None
        except Crowded as crowded:
            log.info("page.crowded_out", id=claim.page_id, url=claim.way.url, detail=str(crowded))
            await self._frontier.go_on(claim, claim.way, after=crowded.again_in)
            return None
        except Exception as error:  # noqa: BLE001 -- the boundary of a page: whatever it is, the others go on
            failure = error if isinstance(error, FetchFailure) else self._fault(claim, error)
            await self._failed(claim, failure, report, time.perf_counter() - started)
            return None
        self._metrics.count(report)
        return claim.page_id if stored else None

    async def _end(self, claim: Claim, answer: Answer, report: StageReport, started: float) -> bool:
        """What an answer comes to; whether the page now waits for the extractor."""
        before, schedule = claim.before, self._settings.recheck
        body_hash = await answer.body_hash() if before or schedule else ""
        if before and (answer.status == 304 or body_hash == before.body_hash):
            if await self._frontier.unchanged(claim, next_look(schedule, before, before.looks + 1)):
                report.add("unchanged", time.perf_counter() - started)
                log.info("page.unchanged", id=claim.page_id, url=answer.url, status=answer.status)
            return False
        if answer.status == 304:
            raise FetchFailure(RejectReason.BROKEN, "status 304 to a request without conditions")
        ref = PageRef(
            id=claim.page_id,
            item=claim.item,
            final_url=answer.url,
            status=answer.status,
            content_type=answer.content_type,
            fetched_at=datetime.now(UTC),
            bytes=len(answer.body),
            reservations=await self._reservations(answer),
        )
        document = document_id(document_url(ref))
        if document != ref.id and await self._frontier.is_retracted(document):
            raise FetchFailure(RejectReason.RETRACTED, TAKEN_OUT)
        if self._archive is not None:
            # Before the page goes on: whoever ends this process loses no page of the archive.
            await self._archive.keep(answer, ref)
        recheck = None
        if schedule:
            seen = first(claim.item, answer.url, body_hash=body_hash, headers=answer.headers)
            recheck = next_look(schedule, seen, before.looks + 1 if before else 0)
        if not await self._frontier.fetched(claim, ref, answer.body, recheck):
            log.warning("page.lease_lost", id=claim.page_id, url=claim.item.url)
            return False
        report.add("page", time.perf_counter() - started)
        log.info("page.fetched", id=claim.page_id, url=answer.url, bytes=ref.bytes, source=claim.item.source)
        return True

    async def _reservations(self, answer: Answer) -> list[str]:
        """What headers and the site's own file reserve of a page.

        Raises:
            FetchFailure: a header reserves what the settings respect. What the file reserves the page may still release.
        """
        stated = of_headers(answer.headers.items(), self._robots.agent)
        if respected := [name for name in stated if name in self._settings.respect]:
            raise FetchFailure(RejectReason.RESERVED, f"its headers reserve it: {', '.join(respected)}")
        rules = await self._robots.tdm_rules(answer.url)
        if not rules or not rules.reserve(answer.url):
            return stated
        return of_headers(answer.headers.items(), self._robots.agent, site=True)

    @staticmethod
    def _fault(claim: Claim, error: Exception) -> FetchFailure:
        if isinstance(error, CopydeskError):  # in words already, such as those of a secret that is missing
            return FetchFailure(RejectReason.BROKEN, str(error), passing=True)
        log.exception("page.fault", id=claim.page_id, url=claim.item.url)
        return FetchFailure(RejectReason.BROKEN, f"{type(error).__name__}: {error}"[:300], passing=True)

    async def _get(self, claim: Claim) -> Answer | None:
        """The answer; None where the page went back to make its next request later."""
        if claim.tries > self._settings.fetch_attempts + CRASHES:
            raise FetchFailure(RejectReason.CRASHED, f"given up after {claim.tries - 1} tries")
        way = claim.way
        if not await self._may_ask(claim):
            await self._frontier.go_on(claim, way.model_copy(update={"is_allowed": True}))
            return None

        cookies = ChainCookies(way.cookies)
        is_asked = False

        async def check(url: str) -> None:
            nonlocal is_asked
            if is_asked:
                raise _Redirected(url)
            is_asked = True
            if not self._frontier.holds(claim.host, claim.token, claim.page_id):
                raise _Overslept

        try:
            return await self._http.get(
                way.url,
                max_bytes=self._settings.fetch_max_bytes,
                accept=ACCEPT,
                headers=claim.before.headers() if claim.before and claim.before.url == way.url else None,
                credentials=self._secrets.meant_for(way.url, claim.item.secret, claim.item.url),
                cookies=cookies,
                check=check,
                refuse=not_a_page,
            )
        except _Redirected as redirect:
            hops = (*way.hops, way.url)
            # A site may send a reader back to where it was, with a cookie.
            is_loop = redirect.url in hops and cookies.jar == way.cookies
            if is_loop or len(hops) > self._settings.fetch_max_redirects:
                said = "redirect loop" if is_loop else f"more than {len(hops) - 1} redirects"
                raise FetchFailure(RejectReason.REDIRECTS, said) from None
            await self._frontier.go_on(claim, Way(url=redirect.url, hops=hops, cookies=cookies.jar))
            return None

    async def _may_ask(self, claim: Claim) -> bool:
        """Whether all is known that has to be known of the site; if not, what was missing was asked for.

        Raises:
            FetchFailure: the page may not be asked for.
        """
        url, walk = claim.way.url, Walk(self._frontier, claim.host, claim.token, claim.page_id)
        if not claim.way.is_allowed and not await self._robots.allow(url):
            await self._robots.ask(url, walk)
            return False
        if await self._robots.tdm_rules(url) is None:
            await self._robots.ask_tdm_rules(url, walk)
            return False
        return True

    async def _failed(self, claim: Claim, failure: FetchFailure, report: StageReport, seconds: float) -> None:
        pause = max(failure.retry_after or 0.0, self._settings.fetch_retry_delay * 2 ** (claim.tries - 1))
        # Too many requests, or overloaded: that is said of the host, not of the page.
        rest = failure.retry_after or 0.0 if failure.status in (429, 503) else 0.0
        may_come = failure.passing and pause <= self._settings.fetch_retry_most
        if may_come and claim.tries < self._settings.fetch_attempts:
            await self._frontier.retry(claim, pause, rest=rest)
            self._metrics.retries.labels(failure.reason.value).inc()
            log.info(
                "page.retry", id=claim.page_id, url=claim.item.url, reason=failure.reason.value, detail=failure.detail
            )
            return
        item, before = claim.item, claim.before
        detail = f"at a later look: {failure.detail}" if before else failure.detail
        rejected = Rejected(
            id=claim.page_id,
            url=item.url,
            host=host_of(item.canonical_url),
            source=item.source,
            stage="fetch",
            reason=failure.reason,
            detail=detail[:500],
            rejected_at=datetime.now(UTC),
            title=None if failure.reason is RejectReason.RETRACTED else item.title,
            published_at=item.published_at,
        )
        # An article that could not be had for now is looked at again all the same.
        recheck = next_look(self._settings.recheck, before, before.looks + 1) if before and failure.passing else None
        if await self._frontier.reject(claim, rejected, rest=rest, recheck=recheck):
            report.add(f"rejected:{failure.reason}", seconds)
            self._metrics.count(report)
            log.info(
                "page.rejected", id=claim.page_id, url=item.url, reason=failure.reason.value, detail=failure.detail
            )
