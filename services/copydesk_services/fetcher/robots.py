"""What a site allows and reserves: its robots.txt (RFC 9309) and its tdmrep.json, asked for before its pages."""

from __future__ import annotations

import asyncio
import functools
from typing import Final

import redis.asyncio

from copydesk.core import urls
from copydesk.core.reservations import MAX_TDMREP_BYTES, TdmRules
from copydesk.core.robots import MAX_ROBOTS_BYTES, RobotsRules, product_token
from copydesk.core.urls import host_of
from copydesk.models import RejectReason
from copydesk.runtime import keys
from copydesk.runtime.http import Answer, FetchFailure, HttpClient
from copydesk.runtime.settings import Settings
from copydesk.runtime.walk import Walk
from copydesk_services.fetcher.site_files import SiteFiles

# How long an origin whose robots.txt could not be got counts as closed.
UNREACHABLE_SECONDS: Final = 60
TDMREP_SECONDS: Final = 86_400
TDMREP_FAILED_SECONDS: Final = 3_600
# To look a URL up in more rules than this takes longer than the event loop should stand still.
MANY_RULES: Final = 2_000

# An answer that is none: no such file, no content, a loop, more than anybody writes.
_NO_RULES: Final = (RejectReason.HTTP_4XX, RejectReason.BROKEN, RejectReason.REDIRECTS, RejectReason.TOO_LARGE)
_CLOSED: Final = b"\x00closed for now"


# Asked for several times on the way of a page.
origin_of = functools.lru_cache(maxsize=10_000)(urls.origin_of)
_CLOSED_RULES: Final = RobotsRules(b"", "")
_NOTHING_RESERVED: Final = TdmRules(b"")


class Robots:
    """Says what a site allows, and asks it where that is not known."""

    def __init__(self, http: HttpClient, client: redis.asyncio.Redis, settings: Settings) -> None:
        self._http = http
        self._client = client
        self._settings = settings
        self.agent = product_token(settings.user_agent)
        self._robots = SiteFiles(client, keys.robots, self._read, MAX_ROBOTS_BYTES)
        self._tdmrep = SiteFiles(client, keys.tdmrep, TdmRules, MAX_TDMREP_BYTES)

    def _read(self, data: bytes) -> RobotsRules:
        return _CLOSED_RULES if data == _CLOSED else RobotsRules(data, self.agent)

    async def allow(self, url: str) -> bool:
        """Whether a URL may be fetched as far as is known; False: its site's robots.txt is to be asked for.

        Raises:
            FetchFailure: it may not.
        """
        rules = await self._robots.known(origin_of(url))
        if rules is not None:
            await self._judge(url, rules)
        return rules is not None

    async def ask(self, url: str, walk: Walk) -> None:
        """Ask for the robots.txt that speaks of a URL, with the next requests of the walk, and end it.

        Raises:
            FetchFailure: it does not let the URL be fetched, or its host cannot be reached.
        """
        origin, ttl, rest = origin_of(url), int(self._settings.robots_ttl), 0.0
        try:
            try:
                # Its redirects are followed to other hosts too, and count as the origin's own (RFC 9309, 2.3.1.2).
                data = (await self._get(f"{origin}/robots.txt", 10 * MAX_ROBOTS_BYTES, walk)).body
            except FetchFailure as failure:
                # RFC 9309, 2.3.1: a client error allows all, a server error closes for now, as does 429.
                rest = failure.retry_after or 0.0
                if failure.reason in (RejectReason.HTTP_4XX, RejectReason.HTTP_5XX) and failure.passing:
                    data, ttl = _CLOSED, UNREACHABLE_SECONDS
                elif failure.reason in _NO_RULES and not failure.passing:
                    data = b""
                else:
                    # The host itself cannot be reached: that is the page's failure, in its own words.
                    raise
            rules = await self._robots.keep(origin, data, ttl)
            # Known before the slot is let go: the rest after this very request is the first that it rules.
            await self._set_pace(host_of(origin), rules)
        finally:
            await walk.end(rest)
        await self._judge(url, rules)

    async def tdm_rules(self, url: str) -> TdmRules | None:
        """What the tdmrep.json of a URL's site says; None where it is to be asked for."""
        return _NOTHING_RESERVED if self._settings.tdmrep == "off" else await self._tdmrep.known(origin_of(url))

    async def ask_tdm_rules(self, url: str, walk: Walk) -> None:
        """Ask for the tdmrep.json of a URL's site, with the next requests of the walk, and end it; none is an answer too."""
        origin, data, ttl = origin_of(url), b"", TDMREP_SECONDS
        file = f"{origin}/.well-known/tdmrep.json"
        rules, rest = await self._robots.known(origin), 0.0
        try:
            if rules is None or rules.allows(file):
                data = (await self._get(file, MAX_TDMREP_BYTES, walk)).body
        except FetchFailure as failure:
            rest = failure.retry_after or 0.0
            ttl = TDMREP_FAILED_SECONDS if failure.passing else ttl
        finally:
            await walk.end(rest)
        await self._tdmrep.keep(origin, data, ttl)

    async def _get(self, url: str, max_bytes: int, walk: Walk) -> Answer:
        return await self._http.get(url, max_bytes=max_bytes, accept="text/plain,*/*;q=0.1", check=walk.step)

    async def _set_pace(self, host: str, rules: RobotsRules) -> None:
        """Let all fetchers keep the Crawl-delay; until the file is asked for again, and then some."""
        asked = min(rules.crawl_delay or 0.0, self._settings.fetch_crawl_delay_most)
        # One that is no longer than the delay says all the same: one request at a time.
        if asked > 0:
            await self._client.set(keys.pace(host), asked, ex=2 * int(self._settings.robots_ttl))

    async def _judge(self, url: str, rules: RobotsRules) -> None:
        if rules is _CLOSED_RULES:
            raise FetchFailure(
                RejectReason.ROBOTS, "robots.txt cannot be read now", passing=True, retry_after=UNREACHABLE_SECONDS
            )
        allows = await asyncio.to_thread(rules.allows, url) if rules.rules > MANY_RULES else rules.allows(url)
        if not allows:
            raise FetchFailure(RejectReason.ROBOTS, f"robots.txt closes it to {self.agent}")
