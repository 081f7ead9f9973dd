"""Find the feeds of a site: ask what may be one, politely, and see how lively each is."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from copydesk.core.autodiscovery import (
    Candidate,
    Liveliness,
    are_same,
    best,
    common_places,
    is_comments,
    is_news_sitemap,
    liveliness,
    page_candidates,
    robots_sitemaps,
)
from copydesk.core.robots import MAX_ROBOTS_BYTES
from copydesk.core.urls import origin_of, shown_url
from copydesk.errors import SourceError
from copydesk.models import Offer, Source, SourceKind
from copydesk.runtime.http import Answer, FetchFailure
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import Settings
from copydesk_services.fetcher.polite import PoliteClient
from copydesk_services.fetcher.poller import ACCEPT
from copydesk_services.fetcher.sources import read_offer

ACCEPT_PAGE: Final = ACCEPT + ", text/html;q=0.9"
MAX_REQUESTS: Final = 24
READ_SECONDS: Final = 20.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Found:
    """What stands at an address."""

    url: str
    """Where it is to be polled: moved, if the server says that it has for good."""
    place: str
    """What named it: given, page, robots.txt, or a common place."""
    offer: Offer
    title: str | None
    lively: Liveliness
    is_comments: bool = False
    is_news: bool = False
    """A sitemap of news."""
    same_as: str | None = None
    """Address of one before it that offers the same."""

    @property
    def is_main(self) -> bool:
        """Whether it is worth watching beside others."""
        return not self.is_comments and self.same_as is None and (self.offer.kind is SourceKind.FEED or self.is_news)


@dataclass(frozen=True)
class Look:
    """What came of looking at one address that a user gave."""

    url: str
    found: tuple[Found, ...] = ()
    """The address itself, if it is a source; else what its page leads to."""
    is_page: bool = False
    problem: str | None = None
    """Why the address itself could not be read, in words."""

    @property
    def chosen(self) -> Found | None:
        """The one to watch: the liveliest feed, or else the news sitemap."""
        if not self.is_page:
            return self.found[0] if self.found else None
        main = [found for found in self.found if found.is_main]
        feeds = [found for found in main if found.offer.kind is SourceKind.FEED] or main
        return feeds[best([found.lively.per_day for found in feeds])] if feeds else None


class Unread(SourceError):
    """An answer that is no source; ``answer`` may be a web page."""

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message)
        self.answer = answer


@contextmanager
def bounded_reading() -> Iterator[None]:
    """Ends what is read in the main thread of a command when it takes too long.

    Raises:
        SourceError: it took too long.
    """

    def end(*_: object) -> None:
        raise SourceError(f"reading the answer took more than {READ_SECONDS:g} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, READ_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Discovery:
    """Looks at addresses, and tells what it tries."""

    def __init__(self, http: PoliteClient, settings: Settings, say: Say) -> None:
        self._http = http
        self._settings = settings
        self._secrets = Secrets(settings)
        self._say = say

    async def look(self, source: Source) -> Look:
        """Tell what stands at a source's address, and where the page that it may be leads to."""
        try:
            return Look(source.url, (await self._try(source, Candidate(source.url, source.title, "given")),))
        except FetchFailure as failure:
            return Look(source.url, problem=f"cannot be reached now: {failure.detail}")
        except Unread as unread:
            if not _is_html(unread.answer):
                return Look(source.url, problem=f"is not what can be polled: {unread}")
            self._say(f"{shown_url(source.url)} is a web page: looking for its feeds")
            return Look(source.url, tuple(await self._explore(source, unread.answer)), is_page=True)
        except SourceError as error:
            return Look(source.url, problem=str(error))

    async def _explore(self, source: Source, page: Answer) -> list[Found]:
        found: list[Found] = []
        asked = {source.url, page.url}
        listed = page_candidates(page.body, page.url, page.content_type)
        pages = await self._ask(source, listed, found, asked)
        for listing in pages[:1]:  # a page that lists feeds, as sites have at /rss
            await self._ask(source, page_candidates(listing.body, listing.url, listing.content_type), found, asked)
        await self._ask(source, await self._robots(page.url), found, asked)
        if not any(one.is_main for one in found):
            await self._ask(source, common_places(page.url), found, asked, until_main=True)
        return found

    async def _ask(
        self,
        source: Source,
        candidates: Sequence[Candidate],
        found: list[Found],
        asked: set[str],
        *,
        until_main: bool = False,
    ) -> list[Answer]:
        """Try candidates one after the other; adds to ``found``, and returns those that are web pages."""
        pages = []
        for candidate in candidates:
            if candidate.url in asked or len(asked) > MAX_REQUESTS:
                continue
            asked.add(candidate.url)
            try:
                one = await self._try(source, candidate)
            except Unread as unread:
                self._say(f"  {shown_url(candidate.url)}: {unread}")
                if _is_html(unread.answer):
                    pages.append(unread.answer)
                continue
            except (FetchFailure, SourceError) as error:
                self._say(f"  {shown_url(candidate.url)}: {error}")
                continue
            same = next((other.url for other in found if _same(one, other)), None)
            found.append(replace(one, same_as=same))
            self._say(f"  {shown_url(one.url)}: {one.offer.kind}, {one.lively.items} items")
            if until_main and found[-1].is_main:
                break
        return pages

    async def _try(self, source: Source, candidate: Candidate) -> Found:
        answer = await self._http.get(
            candidate.url,
            accept=ACCEPT_PAGE,
            max_bytes=self._settings.poll_max_bytes,
            credentials=self._secrets.meant_for(candidate.url, source.secret, source.url),
        )
        try:
            with bounded_reading():
                offer = read_offer(answer.body, answer.url, answer.content_type, source, self._settings.poll_max_items)
        except SourceError as error:
            raise Unread(str(error), answer) from None
        now = datetime.now(UTC)
        title = offer.title or candidate.title
        return Found(
            url=answer.moved_to or candidate.url,
            place=candidate.place,
            offer=offer,
            title=title,
            lively=liveliness(offer.items, now),
            is_comments=is_comments(answer.url, title),
            is_news=is_news_sitemap(offer, now),
        )

    async def _robots(self, url: str) -> list[Candidate]:
        try:
            answer = await self._http.get(
                f"{origin_of(url)}/robots.txt", accept="text/plain,*/*;q=0.1", max_bytes=MAX_ROBOTS_BYTES
            )
        except FetchFailure:
            return []
        return robots_sitemaps(answer.body.decode("utf-8-sig", errors="replace"), url)


def _same(one: Found, other: Found) -> bool:
    return one.url == other.url or (not other.is_comments and are_same(one.offer.items, other.offer.items))


def _is_html(answer: Answer) -> bool:
    head = answer.body[:4_096].lower()
    return b"<html" in head or b"<!doctype html" in head or "html" in (answer.content_type or "").lower()
