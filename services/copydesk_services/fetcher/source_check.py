"""Try one source now, step by step, and say what each shows."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from yarl import URL

from copydesk.core.autodiscovery import is_comments, liveliness
from copydesk.core.durations import duration_text
from copydesk.core.extract import extract
from copydesk.core.links import links_of_header
from copydesk.core.robots import MAX_ROBOTS_BYTES, RobotsRules, product_token
from copydesk.core.urls import canonical_url, host_of, origin_of, shown_url
from copydesk.errors import SourceError
from copydesk.models import Item, Offer, Source, SourceKind, SourceState, utc_text
from copydesk.runtime.addresses import AddressGuard
from copydesk.runtime.http import Answer, FetchFailure
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import Settings
from copydesk_services.fetcher.discovery import bounded_reading
from copydesk_services.fetcher.pages import ACCEPT as ACCEPT_PAGES
from copydesk_services.fetcher.polite import PoliteClient
from copydesk_services.fetcher.poller import ACCEPT
from copydesk_services.fetcher.sources import read_offer

CACHE_HEADERS: Final = ("Cache-Control", "Expires", "Age", "Retry-After")
MAX_SHOWN: Final = 200


class Level(StrEnum):
    """How a step went."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Step:
    """What one step showed."""

    name: str
    level: Level
    said: str
    """In words."""
    advice: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    """The same for machines."""


@dataclass(frozen=True)
class Registered:
    """What the registry knows of a source; ``is_known`` is None where there is no registry to ask."""

    is_known: bool | None
    state: SourceState = field(default_factory=SourceState)
    next_poll: datetime | None = None


class SourceCheck:
    """The steps, in their order; each one that cannot be made without another before it is left out."""

    def __init__(
        self, http: PoliteClient, settings: Settings, source: Source, registered: Registered, *, with_article: bool
    ) -> None:
        self._http = http
        self._settings = settings
        self._secrets = Secrets(settings)
        self._source = source
        self._registered = registered
        self._with_article = with_article
        self._robots: dict[str, RobotsRules | None] = {}

    async def steps(self) -> AsyncIterator[Step]:
        """Make them, one after the other."""
        yield self._url()
        yield self._known()
        address = await self._address()
        yield address
        if address.level is Level.FAIL:
            return
        yield await self._robots_txt()
        answer, step = await self._request()
        yield step
        if answer is None:
            return
        yield self._caching(answer)
        yield await self._conditional(answer)
        offer, step = self._read(answer)
        yield step
        if offer is None:
            return
        for step in (*self._items(offer), self._hubs(answer, offer), self._interval(offer)):
            yield step
        if offer.items:
            async for step in self._page(offer.items):
                yield step

    def _url(self) -> Step:
        url = self._source.url
        canonical = canonical_url(url) or url
        differs = "" if canonical == url else f"; as an article it would be {shown_url(canonical)}"
        data = {"url": shown_url(url), "id": self._source.id}
        return Step("url", Level.OK, f"{shown_url(url)}, id {self._source.id}{differs}", data=data)

    def _known(self) -> Step:
        known, state = self._registered.is_known, self._registered.state
        data: dict[str, Any] = {"known": known}
        if known is None:
            return Step("registry", Level.INFO, "not asked: no Redis is named, and there is no data here", data=data)
        if not known:
            return Step("registry", Level.INFO, "unknown", "copydesk sources add URL", data)
        own = self._source.model_dump(exclude_defaults=True, exclude={"id", "url", "title"}, mode="json")
        options = ", ".join(f"{name} {value}" for name, value in own.items()) or "no options"
        polled = f"last polled {utc_text(state.polled_at)[:19]}" if state.polled_at else "not polled yet"
        said = f"known; {options}; {polled}; next poll {utc_text(self._registered.next_poll)[:19] or 'none'}"
        data |= {"options": own, "state": state.model_dump(mode="json")}
        if state.error:
            return Step("registry", Level.WARN, f"{said}; {state.failures} failures: {state.error}", data=data)
        return Step("registry", Level.OK, said, data=data)

    async def _address(self) -> Step:
        parts = URL(self._source.url, encoded=True)
        host = parts.raw_host or ""
        fixed = self._settings.fetch_resolve.get(host.lower())
        try:
            found = (
                [str(fixed)]
                if fixed
                else [
                    str(row[4][0])
                    for row in await asyncio.wait_for(
                        asyncio.get_running_loop().getaddrinfo(
                            host.strip("[]"), parts.port or 80, type=socket.SOCK_STREAM
                        ),
                        self._settings.fetch_connect_timeout,
                    )
                ]
            )
        except (OSError, TimeoutError, UnicodeError) as error:
            advice = "is the name right, and does DNS work on this machine?"
            return Step("address", Level.FAIL, f"the name {host} does not resolve: {error}", advice, {"host": host})
        found = list(dict.fromkeys(found))
        guard = AddressGuard(self._settings.fetch_allow_networks)
        permitted = [address for address in found if guard.permits(address)]
        data = {"host": host, "addresses": found, "permitted": permitted}
        if not permitted:
            said = f"{host} is at {', '.join(found[:4])}, which is no public address"
            return Step("address", Level.FAIL, said, "COPYDESK_FETCH_ALLOW_NETWORKS can allow it", data)
        return Step("address", Level.OK, f"{host} is at {', '.join(permitted[:4])}", data=data)

    async def _robots_txt(self) -> Step:
        rules = await self._rules(self._source.url)
        if rules is None:
            return Step("robots", Level.INFO, "the host has no robots.txt that can be read", data={"found": False})
        allowed, delay = rules.allows(self._source.url), rules.crawl_delay
        said = f"robots.txt {'lets' if allowed else 'does not let'} {self._agent} fetch this address"
        said += f"; Crawl-delay {delay:g} s" if delay else ""
        # Whoever subscribes to a feed asks for it as a reader would; its rules hold for the pages.
        return Step("robots", Level.INFO, said, data={"found": True, "allowed": allowed, "crawl_delay": delay})

    def _credentials(self, url: str) -> dict[str, str] | None:
        return self._secrets.meant_for(url, self._source.secret, self._source.url)

    @property
    def _agent(self) -> str:
        return product_token(self._settings.user_agent)

    async def _rules(self, url: str) -> RobotsRules | None:
        origin = origin_of(url)
        if origin not in self._robots:
            try:
                answer = await self._http.get(
                    f"{origin}/robots.txt", accept="text/plain,*/*;q=0.1", max_bytes=10 * MAX_ROBOTS_BYTES
                )
            except FetchFailure:
                self._robots[origin] = None
            else:
                self._robots[origin] = RobotsRules(answer.body, self._agent)
        return self._robots[origin]

    async def _request(self) -> tuple[Answer | None, Step]:
        started = time.monotonic()
        try:
            answer = await self._http.get(
                self._source.url,
                accept=ACCEPT,
                max_bytes=self._settings.poll_max_bytes,
                credentials=self._credentials(self._source.url),
            )
        except SourceError as error:  # of its secret
            return None, Step("request", Level.FAIL, str(error))
        except FetchFailure as failure:
            wait = f"; it asks to wait {duration_text(failure.retry_after)}" if failure.retry_after else ""
            later = "it may pass: a running system asks again" if failure.passing else ""
            why = {"reason": failure.reason.value, "status": failure.status, "retry_after": failure.retry_after}
            return None, Step("request", Level.FAIL, f"{failure.detail}{wait}", later, why)
        seconds = time.monotonic() - started
        encoding = answer.headers.get("Content-Encoding", "none")
        said = (
            f"status {answer.status}, {len(answer.body)} bytes in {seconds:.2f} s, "
            f"type {answer.content_type or 'none'}, compression {encoding}"
        )
        data: dict[str, Any] = {
            "status": answer.status,
            "bytes": len(answer.body),
            "seconds": round(seconds, 3),
            "content_type": answer.content_type,
            "encoding": encoding,
            "url": shown_url(answer.url),
            "hops": [shown_url(hop) for hop in answer.hops],
            "moved_to": answer.moved_to and shown_url(answer.moved_to),
        }
        if answer.hops:
            said += f"; {len(answer.hops)} redirects, to {shown_url(answer.url)}"
        if answer.moved_to:
            return answer, Step("request", Level.WARN, said, "it has moved for good: use the new address", data)
        return answer, Step("request", Level.OK, said, data=data)

    @staticmethod
    def _caching(answer: Answer) -> Step:
        given = {name: answer.headers[name][:MAX_SHOWN] for name in CACHE_HEADERS if name in answer.headers}
        said = ", ".join(f"{name}: {value}" for name, value in given.items()) or "nothing is said of it"
        return Step("caching", Level.INFO, said, data={"headers": given})

    async def _conditional(self, answer: Answer) -> Step:
        """Ask once more with the validators: what has not changed should be answered with 304 (RFC 9110, 13)."""
        validators = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        asked = {asks: answer.headers[name] for name, asks in validators.items() if name in answer.headers}
        data: dict[str, Any] = {name: answer.headers.get(name) for name in validators}
        if not asked:
            said = "neither ETag nor Last-Modified: each poll takes the whole answer"
            return Step("conditional", Level.WARN, said, "a body that did not change is not read again", data)
        try:
            again = await self._http.get(
                answer.url,
                accept=ACCEPT,
                max_bytes=self._settings.poll_max_bytes,
                headers=asked,
                credentials=self._credentials(answer.url),
            )
        except FetchFailure as failure:
            return Step("conditional", Level.WARN, f"asked again, it fails: {failure.detail}", data=data)
        data |= {"status": again.status}
        if again.status == 304:
            return Step("conditional", Level.OK, f"{' and '.join(_validators(answer))}: answered with 304", data=data)
        if hashlib.blake2b(again.body).digest() == hashlib.blake2b(answer.body).digest():
            said = f"it sends {' and '.join(_validators(answer))}, and the same body again instead of 304"
            return Step("conditional", Level.WARN, said, "a body that did not change is not read again", data)
        return Step(
            "conditional", Level.WARN, "the body differs each time it is asked for: 304 is never possible", data=data
        )

    def _read(self, answer: Answer) -> tuple[Offer | None, Step]:
        # With the full texts, so that they can be counted.
        source = self._source.model_copy(update={"full_text": True})
        try:
            with bounded_reading():
                offer = read_offer(answer.body, answer.url, answer.content_type, source, self._settings.poll_max_items)
        except SourceError as error:
            is_page = b"<html" in answer.body[:4_096].lower()
            advice = "copydesk sources add finds the feeds of a page" if is_page else ""
            return None, Step("kind", Level.FAIL, str(error), advice)
        said = f"{offer.kind}" + (f", {offer.title!r}" if offer.title else "")
        if is_comments(answer.url, offer.title):
            return offer, Step(
                "kind", Level.WARN, f"{said}: comments, as it seems, not articles", data={"kind": offer.kind}
            )
        return offer, Step("kind", Level.OK, said, data={"kind": offer.kind})

    @staticmethod
    def _items(offer: Offer) -> Sequence[Step]:
        if offer.kind is SourceKind.SITEMAP_INDEX:
            said = f"{len(offer.sitemaps)} sitemaps"
            return [Step("items", Level.OK, said, data={"sitemaps": len(offer.sitemaps)})]
        items = offer.items
        if not items:
            return [Step("items", Level.WARN, "no items: nothing will come from it as it is now", data={"items": 0})]
        lively = liveliness(items, datetime.now(UTC))
        dates = sorted(item.published_at for item in items if item.published_at)
        counts = {
            "dates": len(dates),
            "titles": sum(item.title is not None for item in items),
            "guids": sum(item.guid is not None for item in items),
            "full_texts": sum(item.content is not None for item in items),
        }
        said = f"{len(items)} items: " + ", ".join(f"{n} with {name.replace('_', ' ')}" for name, n in counts.items())
        if dates:
            said += f"; oldest {utc_text(dates[0])[:16]}, newest {utc_text(dates[-1])[:16]}"
        if lively.per_day is not None:
            said += f"; {lively.per_day:.1f} a day"
        data = {
            "items": len(items),
            **counts,
            "oldest": utc_text(dates[0]) if dates else None,
            "newest": utc_text(dates[-1]) if dates else None,
            "per_day": None if lively.per_day is None else round(lively.per_day, 2),
        }
        return [Step("items", Level.OK, said, data=data)]

    def _hubs(self, answer: Answer, offer: Offer) -> Step:
        hubs, topic = links_of_header(answer.link, answer.url)
        hubs, topic = hubs or offer.hubs, topic or offer.topic
        if not hubs:
            return Step("push", Level.INFO, "it names no WebSub hub", data={"hubs": []})
        can = self._settings.websub_callback is not None
        said = f"hub {', '.join(hubs[:4])}, topic {topic or 'its own address'}"
        advice = "" if can else "COPYDESK_WEBSUB_CALLBACK lets it push"
        return Step("push", Level.OK, said, advice, {"hubs": hubs, "topic": topic})

    @staticmethod
    def _interval(offer: Offer) -> Step:
        said = f"it says {duration_text(offer.interval)}" if offer.interval else "it says nothing of it"
        return Step("interval", Level.INFO, said, data={"interval": offer.interval})

    async def _page(self, items: Sequence[Item]) -> AsyncIterator[Step]:
        item = next((one for one in items if host_of(one.url)), items[0])
        rules = await self._rules(item.url)
        allowed = rules is None or rules.allows(item.url)
        data = {"url": shown_url(item.url), "allowed": allowed}
        said = f"robots.txt {'lets' if allowed else 'does not let'} {self._agent} fetch {shown_url(item.url)}"
        advice = "" if allowed else "its pages will be rejected; full texts in the feed need none"
        yield Step("page", Level.OK if allowed else Level.FAIL, said, advice, data)
        if self._with_article and allowed:
            yield await self._article(item)

    async def _article(self, item: Item) -> Step:
        try:
            page = await self._http.get(
                item.url,
                accept=ACCEPT_PAGES,
                max_bytes=self._settings.fetch_max_bytes,
                credentials=self._credentials(item.url),
            )
        except FetchFailure as failure:
            return Step("article", Level.FAIL, failure.detail, data={"reason": failure.reason.value})
        try:
            with bounded_reading():
                found = extract(page.body, page.url, content_type=page.content_type, hint=item, now=datetime.now(UTC))
        except SourceError as error:
            return Step("article", Level.FAIL, str(error))
        words = len(found.text.split())
        data = {"title": found.title, "language": found.language, "words": words, "rejected": found.rejected}
        if found.rejected:
            return Step("article", Level.FAIL, f"no article: {found.rejected}: {found.detail}", data=data)
        said = f"{found.title!r}, language {found.language or 'unknown'}, {words} words, {len(found.removed)} blocks removed"
        return Step("article", Level.OK, said, data=data)


def _validators(answer: Answer) -> list[str]:
    """The validators that an answer has."""
    return [name for name in ("ETag", "Last-Modified") if name in answer.headers]
