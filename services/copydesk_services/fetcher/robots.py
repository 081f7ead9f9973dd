"""robots.txt (RFC 9309): read once an origin, kept in Redis for all fetchers, asked before every request for a page."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final, cast

import redis.asyncio
from protego import Protego

from copydesk.core.urls import origin_of
from copydesk.models import RejectReason
from copydesk.runtime import keys
from copydesk.runtime.http import FetchFailure, HttpClient
from copydesk.runtime.queue import pack, unpack
from copydesk.runtime.settings import Settings

# RFC 9309, 2.5: at least 500 KiB must be read.
MAX_ROBOTS_BYTES: Final = 512_000
# How long an origin whose robots.txt could not be got counts as closed.
UNREACHABLE_SECONDS: Final = 60
PARSED_AT_MOST: Final = 1_000

# An answer that is none: no such file, no content, a loop, more than anybody writes.
_NO_RULES: Final = (RejectReason.HTTP_4XX, RejectReason.BROKEN, RejectReason.REDIRECTS, RejectReason.TOO_LARGE)
_ALLOW_ALL: Final = b""
_UNREACHABLE: Final = b"\x00unreachable"


class Robots:
    """Says whether a URL may be fetched."""

    def __init__(self, http: HttpClient, client: redis.asyncio.Redis, settings: Settings) -> None:
        self._http = http
        self._client = client
        self._settings = settings
        self._agent = settings.user_agent.partition("/")[0].strip() or "copydesk"
        self._parsed: OrderedDict[bytes, Protego] = OrderedDict()

    async def check(self, url: str) -> None:
        """Raise FetchFailure unless robots.txt lets this URL be fetched."""
        text = await self._text(origin_of(url))
        if text == _UNREACHABLE:
            raise FetchFailure(
                RejectReason.ROBOTS, "robots.txt cannot be read now", passing=True, retry_after=UNREACHABLE_SECONDS
            )
        if text != _ALLOW_ALL and not self._rules(text).can_fetch(url, self._agent):
            raise FetchFailure(RejectReason.ROBOTS, f"robots.txt closes it to {self._agent}")

    async def _text(self, origin: str) -> bytes:
        kept = await self._client.get(keys.robots(origin))
        if kept is not None:
            return unpack(cast("bytes", kept), MAX_ROBOTS_BYTES)
        text, ttl = await self._fetch(origin)
        await self._client.set(keys.robots(origin), pack(text), ex=ttl)
        # The page is asked for next; the host gets its rest before that as between any two requests.
        await asyncio.sleep(self._settings.fetch_host_delay)
        return text

    async def _fetch(self, origin: str) -> tuple[bytes, int]:
        ttl = int(self._settings.robots_ttl)
        try:
            answer = await self._http.get(
                f"{origin}/robots.txt", max_bytes=10 * MAX_ROBOTS_BYTES, accept="text/plain,*/*;q=0.1"
            )
        except FetchFailure as failure:
            # RFC 9309, 2.3.1: a client error allows all, a server error closes for now; 429 is told apart from other 4xx.
            if failure.reason in (RejectReason.HTTP_4XX, RejectReason.HTTP_5XX) and failure.passing:
                return _UNREACHABLE, UNREACHABLE_SECONDS
            if failure.reason in _NO_RULES and not failure.passing:
                return _ALLOW_ALL, ttl
            # The host itself cannot be reached: that is the page's failure, in its own words.
            raise
        return answer.body[:MAX_ROBOTS_BYTES], ttl

    def _rules(self, text: bytes) -> Protego:
        rules = self._parsed.get(text)
        if rules is None:
            rules = self._parsed[text] = Protego.parse(text.decode("utf-8-sig", errors="replace"))
            if len(self._parsed) > PARSED_AT_MOST:
                self._parsed.popitem(last=False)
        else:
            self._parsed.move_to_end(text)
        return rules
