"""The frontier: items that are to be fetched, the slots of hosts, and leases, in Redis, shared by all fetchers.

A claim, like a slot, is for one request. What needs another one (a redirect, the site's rules) goes back with the way that it
has come so far, to the host that it needs next: no page waits for a host while it holds another's slot.

Leases and delays are counted by Redis's clock, and what this process still holds by one that nobody sets: neither minds
what time a machine takes it to be.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import redis.asyncio
from pydantic import Field, ValidationError

from copydesk.core.urls import document_id, host_of
from copydesk.models import Item, Model, PageRef, Rejected
from copydesk.runtime import keys
from copydesk.runtime.logs import get_log
from copydesk.runtime.queue import LOOK_SECONDS, new_job_id, pack, page_ttl, rejected_entry
from copydesk.runtime.rechecks import BUSY_SECONDS, KEPT_SECONDS, MAX_WAITING, Before, Recheck
from copydesk.runtime.scripts import async_script
from copydesk.runtime.settings import Settings
from copydesk.runtime.together import Together

# A lease outlives its holder's death by at most this; a holder that lives renews it every RENEW_SECONDS.
LEASE_SECONDS: Final = 15.0
RENEW_SECONDS: Final = 4.0
WANTED_MILLISECONDS: Final = 2_000
# How long a request that is no page's waits for a slot of its host.
SLOT_SECONDS: Final = 60.0
RECHECKS_AT_ONCE: Final = 100
# Compressing more than this takes longer than the event loop should stand still.
PACK_BYTES: Final = 500_000

log = get_log()


class Crowded(Exception):
    """So many requests of this process wait for a host already that this one does better to come again later."""

    def __init__(self, host: str) -> None:
        super().__init__(f"too many wait for {host}")
        self.again_in = SLOT_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311 -- spreads load, protects nothing
        """Seconds."""


class Way(Model):
    """How far the fetch of a page has come."""

    url: str
    """What is to be asked for next."""
    hops: tuple[str, ...] = ()
    """What redirected to it, from the beginning."""
    cookies: dict[str, dict[str, tuple[str, bool]]] = Field(default_factory=dict)
    """What those have set, see ``ChainCookies``."""
    is_allowed: bool = False
    """Its site's robots.txt was read for this very request, and lets it be made."""


@dataclass(frozen=True)
class Claim:
    """A page for which this process may make one request, and nobody else while the lease lasts."""

    page_id: str
    host: str
    item: Item
    tries: int
    """How often it was taken, this time included and steps on its way not."""
    token: str
    way: Way
    before: Before | None = None
    """Where it was fetched before, and this is a later look."""


@dataclass
class _Held:
    """Until when, by ``_elapsed``, a slot is surely this process's own."""

    until: float = field(default_factory=lambda: _elapsed() + LEASE_SECONDS)


class Frontier:
    """Takes items in and gives pages out."""

    def __init__(self, client: redis.asyncio.Redis, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        # Page id (empty for a slot alone), host and token of what this process holds.
        self._held: dict[tuple[str, str, str], _Held] = {}
        # Who waits for a slot while it could do something else, by host; all other hosts keep most of what runs at a time.
        self._waiting: Counter[str] = Counter()
        self._crowd = max(1, min(settings.fetch_concurrency, settings.poll_concurrency) // 4)
        self._offer = async_script(client, "slots", "offer")
        self._take_page = async_script(client, "slots", "take_page")
        self._claim = async_script(client, "slots", "claim")
        self._fetched = Together(client, async_script(client, "slots", "rechecks", "fetched"))
        self._unfetched = Together(client, async_script(client, "slots", "rechecks", "emit", "unfetched"))
        self._due_rechecks = async_script(client, "slots", "due_rechecks")
        self._take_slots = async_script(client, "slots", "take_slots")
        self._release_slots = async_script(client, "slots", "release_slots")
        self._renew = async_script(client, "slots", "renew")

    @property
    def _pace(self) -> tuple[float, int]:
        """Delay of a host, and its slots."""
        return self._settings.fetch_host_delay, self._settings.fetch_host_concurrency

    @property
    def _seen_ttl(self) -> int:
        return int(self._settings.seen_ttl * 86_400)

    async def offer(self, items: Sequence[Item]) -> tuple[list[Item], set[str]]:
        """Take in the items that nobody has taken before: those, and the ids of those for which their host has no room."""
        by_id = {document_id(item.canonical_url): item for item in items}
        arguments: list[str | int | float] = [self._seen_ttl, self._settings.frontier_host_pages]
        for page_id, item in by_id.items():
            arguments += [page_id, host_of(item.canonical_url), item.model_dump_json(exclude_defaults=True)]
        new, refused = await self._offer(args=arguments)
        return [by_id[page_id.decode()] for page_id in new], {page_id.decode() for page_id in refused}

    async def is_retracted(self, id_: str) -> bool:
        """Whether somebody has taken out the page or document with this id."""
        return bool(await self._client.hexists(keys.RETRACTED, id_))

    async def take_page(self, ref: PageRef, body: bytes, *, again: bool = False) -> bool:
        """Take in a page that is here already, as though it had just been fetched: from a feed, a push or an archive.

        False where its item was taken before; with ``again``, only while it is still in work.
        """
        arguments: list[str | bytes | float] = [
            *(self._seen_ttl, LOOK_SECONDS, int(again), ref.id, host_of(ref.item.canonical_url)),
            *(ref.item.model_dump_json(exclude_defaults=True), ref.model_dump_json(), await _packed(body)),
        ]
        return bool(await self._take_page(args=arguments))

    async def claim(self, number: int) -> list[Claim]:
        """Take up to ``number`` pages, at most one a host."""
        token, until = new_job_id(), _Held().until
        rows = await self._claim(args=[LEASE_SECONDS, token, number, *self._pace])
        claims = []
        for row in zip(*(rows[n::6] for n in range(6)), strict=True):
            page_id, host = row[0].decode(), row[1].decode()
            try:
                claim = _claim(page_id, host, token, row[2:])
            except ValidationError as error:
                # Its lease ends and it comes again, until a release that can read it takes it.
                log.error("item.unreadable", id=page_id, error=str(error)[:300])  # noqa: TRY400 -- no fault of ours
                continue
            claims.append(claim)
            self._held[page_id, host, token] = _Held(until)
        return claims

    async def renew(self) -> None:
        """Keep what this process holds from running out; to be called every RENEW_SECONDS."""
        held, fresh = list(self._held), _Held()
        if not held:
            return
        states = await self._renew(args=[LEASE_SECONDS, *self._pace, *(part for key in held for part in key)])
        for key, (has_slot, has_page) in zip(held, zip(states[::2], states[1::2], strict=True), strict=True):
            if key not in self._held:
                continue
            if has_slot:
                self._held[key].until = fresh.until
            elif not has_page:
                del self._held[key]

    def holds(self, host: str, token: str, page_id: str = "") -> bool:
        """Whether this process surely still has a slot, be it a claim's; not after it was asleep for long.

        Asked right before a request is made: by then somebody else may make one to the same host.
        """
        held = self._held.get((page_id, host, token))
        return held is not None and _elapsed() < held.until

    def drop(self, claim: Claim) -> None:
        """No longer renew a claim: its work is over, whatever became of it."""
        self._held.pop((claim.page_id, claim.host, claim.token), None)

    async def fetched(self, claim: Claim, ref: PageRef, body: bytes, recheck: Recheck | None = None) -> bool:
        """Store a page and put it into the extract stage; False where the lease was lost."""
        arguments: list[str | bytes | float] = [
            *(claim.page_id, claim.token, claim.host, *self._pace, ref.model_dump_json(), await _packed(body)),
            *(LOOK_SECONDS, *_recheck_arguments(recheck)),
        ]
        return bool(await self._fetched(args=arguments))

    async def retry(self, claim: Claim, after: float, *, rest: float = 0.0) -> bool:
        """Put a page back, to be fetched from the beginning after so many seconds.

        ``rest``, here and below: seconds for which the server asked to be left alone, by all pages and sources.
        """
        start = claim.before.url if claim.before else claim.item.url
        return await self._end(claim, rest, "back", host_of(start), after, "", 0)

    async def go_on(self, claim: Claim, way: Way, *, after: float = -1.0) -> bool:
        """Put a page back, to be gone on with as soon as its host may be asked, or later; no try is counted for it."""
        return await self._end(claim, 0.0, "back", host_of(way.url), after, way.model_dump_json(), -1)

    async def unchanged(self, claim: Claim, recheck: Recheck | None = None) -> bool:
        """End a later look that found nothing new."""
        ttl = page_ttl(self._settings)
        return await self._end(claim, 0.0, "end", "unchanged", ttl, *_recheck_arguments(recheck))

    async def reject(
        self, claim: Claim, rejected: Rejected, *, rest: float = 0.0, recheck: Recheck | None = None
    ) -> bool:
        """End a page's way in the dead letters."""
        entry = rejected_entry(rejected, self._settings)
        outcome, ttl = f"rejected:{rejected.reason}", page_ttl(self._settings)
        return await self._end(claim, rest, "end", outcome, ttl, *_recheck_arguments(recheck), *entry)

    async def _end(self, claim: Claim, rest: float, *arguments: Any) -> bool:
        rest = min(rest, self._settings.fetch_retry_most)
        held = (claim.page_id, claim.token, claim.host, *self._pace, rest)
        return bool(await self._unfetched(args=[*held, *arguments]))

    async def wake_rechecks(self) -> bool:
        """Let pages enter the frontier whose time to be looked at again has come; whether there may be more of them."""
        number = await self._due_rechecks(args=[RECHECKS_AT_ONCE, BUSY_SECONDS])
        return int(number) == RECHECKS_AT_ONCE

    async def take_slot(self, host: str) -> str | None:
        """Take a host's slot for a request that is no page's; its token, or None while the host is busy or rests."""
        [token] = await self.take_slots([host])
        return token

    async def take_slots(self, hosts: Sequence[str]) -> list[str | None]:
        """Take slots for requests that are no pages', in one go and in their order: tokens, or None where a host is busy.

        A host whose slot was wanted in vain gives none to its own pages for a moment.
        """
        return [token if not wait else None for token, wait in await self._slots(hosts)]

    async def _slots(self, hosts: Sequence[str]) -> list[tuple[str, float]]:
        """A token for each host, and the seconds that it has to wait; 0: the slot is taken."""
        tokens = [new_job_id() for _ in hosts]
        until = _Held().until
        pairs = (part for pair in zip(hosts, tokens, strict=True) for part in pair)
        waits = await self._take_slots(args=[LEASE_SECONDS, *self._pace, WANTED_MILLISECONDS, *pairs]) if hosts else []
        for host, token, wait in zip(hosts, tokens, waits, strict=True):
            if not wait:
                self._held["", host, token] = _Held(until)
        return [(token, wait / 1000) for token, wait in zip(tokens, waits, strict=True)]

    async def slot_free_in(self, host: str) -> float:
        """Seconds until a host's first slot is free by itself; it may be free earlier."""
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.pttl(keys.slot(host))
            pipe.pttl(keys.rest(host))
            slot, rest = map(int, await pipe.execute())
        return max(0, slot, rest) / 1000.0

    async def release_slots(self, done: Sequence[tuple[str, str, float]]) -> None:
        """Requests are over, in one go: host, token, and seconds for which the server asked to be left alone (0: none)."""
        for host, token, _ in done:
            self._held.pop(("", host, token), None)
        most = self._settings.fetch_retry_most
        if done:
            ended = (part for host, token, rest in done for part in (host, token, min(rest, most)))
            await self._release_slots(args=[*self._pace, *ended])

    async def release_slot(self, host: str, token: str, rest: float = 0.0) -> None:
        """A request is over; the host rests for its delay."""
        await self.release_slots([(host, token, rest)])

    async def wait_for_slot(self, host: str) -> tuple[str | None, float]:
        """Like ``take_slot``, but wait for a while; where that is in vain, None and the seconds that it would take at least.

        Raises:
            Crowded: as it says.
        """
        deadline = time.monotonic() + SLOT_SECONDS
        [(token, wait)] = await self._slots([host])
        if wait and self._waiting[host] >= self._crowd:
            raise Crowded(host)
        self._waiting[host] += 1
        try:
            # Redis tells when a slot ends by itself, and nothing tells when it ends earlier: at most by its lease.
            while wait and time.monotonic() + max(min(wait, 0.5), wait - LEASE_SECONDS) <= deadline:
                await asyncio.sleep(min(max(wait, 0.02), 0.5))
                [(token, wait)] = await self._slots([host])
        finally:
            self._waiting[host] -= 1
            if not self._waiting[host]:
                del self._waiting[host]
        return (None, wait) if wait else (token, 0.0)


def _elapsed() -> float:
    """Seconds since some moment; on Linux those in which the machine was suspended count as well."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _claim(page_id: str, host: str, token: str, row: Sequence[Any]) -> Claim:
    item = Item.model_validate_json(row[0])
    before = Before.model_validate_json(row[3]) if row[3] else None
    way = Way.model_validate_json(row[2]) if row[2] else Way(url=before.url if before else item.url)
    return Claim(page_id, host, item, int(row[1]), token, way, before)


def _recheck_arguments(recheck: Recheck | None) -> list[str | float]:
    if recheck is None:
        return ["", "", 0, 0]
    return [recheck.after, recheck.before.model_dump_json(), int(recheck.after) + KEPT_SECONDS, MAX_WAITING]


async def _packed(body: bytes) -> bytes:
    return pack(body) if len(body) <= PACK_BYTES else await asyncio.to_thread(pack, body)
