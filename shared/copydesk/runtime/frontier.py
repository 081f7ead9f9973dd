"""The frontier: items that are to be fetched, a slot a host, and leases, in Redis, shared by all fetchers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import redis.asyncio
from pydantic import ValidationError

from copydesk.core.urls import document_id, host_of
from copydesk.models import Item, PageRef, Rejected
from copydesk.runtime import keys
from copydesk.runtime.logs import get_log
from copydesk.runtime.queue import LOOK_SECONDS, new_job_id, pack, page_ttl, rejected_entry
from copydesk.runtime.scripts import async_script
from copydesk.runtime.settings import Settings

# A lease outlives its holder's death by at most this; a holder that lives renews it every RENEW_SECONDS.
LEASE_SECONDS: Final = 15.0
RENEW_SECONDS: Final = 4.0
WANTED_MILLISECONDS: Final = 2_000
SLOT_SECONDS: Final = 60.0


log = get_log()


@dataclass(frozen=True)
class Claim:
    """A page that this process may fetch, and nobody else while the lease lasts."""

    page_id: str
    host: str
    item: Item
    tries: int
    """How often it was taken, this time included."""
    token: str


class Frontier:
    """Takes items in and gives pages out."""

    def __init__(self, client: redis.asyncio.Redis, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        # Page id (empty for a slot alone), host and token of what this process holds.
        self._held: set[tuple[str, str, str]] = set()
        self._offer = async_script(client, "offer")
        self._take_page = async_script(client, "take_page")
        self._claim = async_script(client, "claim")
        self._fetched = async_script(client, "release", "fetched")
        self._release = async_script(client, "release", "slot")
        self._renew = async_script(client, "release", "renew")
        self._unfetched = async_script(client, "release", "unfetched")

    async def offer(self, items: Sequence[Item]) -> tuple[list[Item], set[str]]:
        """Take in the items that nobody has taken before: those, and the ids of those for which their host has no room."""
        by_id = {document_id(item.canonical_url): item for item in items}
        arguments: list[str | int | float] = [
            int(self._settings.seen_ttl * 86_400),
            time.time(),
            self._settings.frontier_host_pages,
        ]
        for page_id, item in by_id.items():
            arguments += [page_id, host_of(item.canonical_url), item.model_dump_json()]
        new, refused = await self._offer(args=arguments)
        return [by_id[page_id.decode()] for page_id in new], {page_id.decode() for page_id in refused}

    async def take_page(self, ref: PageRef, body: bytes, *, again: bool = False) -> bool:
        """Take in a page that is here already, as though it had just been fetched: from a feed, a push or an archive.

        False where its item was taken before; with ``again``, only while it is still in work.
        """
        arguments: list[str | bytes | float] = [
            *(int(self._settings.seen_ttl * 86_400), time.time(), time.time() + LOOK_SECONDS, int(again)),
            *(ref.id, host_of(ref.item.canonical_url), ref.item.model_dump_json(), ref.model_dump_json(), pack(body)),
        ]
        return bool(await self._take_page(args=arguments))

    async def claim(self, number: int) -> list[Claim]:
        """Take up to ``number`` pages, at most one a host."""
        token = new_job_id()
        rows = await self._claim(args=[time.time(), LEASE_SECONDS, token, number])
        claims = []
        for page_id, host, item, tries in zip(*(rows[n::4] for n in range(4)), strict=True):
            try:
                claims.append(Claim(page_id.decode(), host.decode(), Item.model_validate_json(item), int(tries), token))
            except ValidationError as error:
                # Its lease ends and it comes again, until a release that can read it takes it.
                log.error("item.unreadable", id=page_id.decode(), error=str(error)[:300])  # noqa: TRY400 -- no fault of ours
        self._held.update((claim.page_id, claim.host, claim.token) for claim in claims)
        return claims

    async def renew(self) -> None:
        """Keep what this process holds from running out; to be called every RENEW_SECONDS."""
        if self._held:
            await self._renew(args=[time.time(), LEASE_SECONDS, *(part for held in self._held for part in held)])

    def drop(self, claim: Claim) -> None:
        """No longer renew a claim: its work is over, whatever became of it."""
        self._held.discard((claim.page_id, claim.host, claim.token))

    async def fetched(self, claim: Claim, ref: PageRef, body: bytes) -> bool:
        """Store a page and put it into the extract stage; False where the lease was lost."""
        arguments: list[str | bytes | float] = [
            *(claim.page_id, claim.token, claim.host, time.time(), self._settings.fetch_host_delay),
            *(ref.model_dump_json(), pack(body), time.time() + LOOK_SECONDS),
        ]
        return bool(await self._fetched(args=arguments))

    async def retry(self, claim: Claim, after: float) -> bool:
        """Put a page back, to be fetched after so many seconds."""
        now = time.time()
        arguments: list[str | float] = [
            claim.page_id,
            claim.token,
            claim.host,
            now,
            self._settings.fetch_host_delay,
            "retry",
            now + after,
        ]
        return bool(await self._unfetched(args=arguments))

    async def reject(self, claim: Claim, rejected: Rejected) -> bool:
        """End a page's way in the dead letters."""
        ttl = page_ttl(self._settings)
        arguments: list[str | bytes | float] = [
            *(claim.page_id, claim.token, claim.host, time.time(), self._settings.fetch_host_delay),
            *("reject", f"rejected:{rejected.reason}", ttl, *rejected_entry(rejected, self._settings)),
        ]
        return bool(await self._unfetched(args=arguments))

    async def take_slot(self, host: str) -> str | None:
        """Take a host's slot for a request that is no page's; its token, or None while the host is busy or rests.

        A host whose slot was wanted gives none to its own pages for a moment, so that a long queue of them does not keep
        its feeds from being polled.
        """
        token = new_job_id()
        if not await self._client.set(keys.slot(host), token, px=int(LEASE_SECONDS * 1000), nx=True):
            await self._client.set(keys.wanted(host), "1", px=WANTED_MILLISECONDS)
            return None
        await self._client.delete(keys.wanted(host))
        self._held.add(("", host, token))
        return token

    async def take_slots(self, hosts: Sequence[str]) -> list[str | None]:
        """Like ``take_slot``, for many hosts in one go, in their order; of a host that is named twice once."""
        return [await self.take_slot(host) for host in hosts]

    async def release_slots(self, done: Sequence[tuple[str, str, float]]) -> None:
        """Requests are over, in one go: host, token, and seconds for which the server asked to be left alone (0: none)."""
        for host, token, _ in done:
            await self.release_slot(host, token)

    async def wait_for_slot(self, host: str) -> str | None:
        """Like ``take_slot``, but wait for a while; None when that was in vain."""
        deadline = time.monotonic() + SLOT_SECONDS
        while (token := await self.take_slot(host)) is None and time.monotonic() < deadline:  # noqa: ASYNC110
            # Redis tells when a slot ends by itself, and nothing tells when it ends earlier.
            await asyncio.sleep(min(max(await self.slot_free_in(host), 0.02), 0.5))
        return token

    async def slot_free_in(self, host: str) -> float:
        """Seconds until a host's slot is free by itself; it may be free earlier."""
        return max(0.0, await self._client.pttl(keys.slot(host)) / 1000)

    async def release_slot(self, host: str, token: str) -> None:
        """The request is over; the host rests for its delay."""
        self._held.discard(("", host, token))
        await self._release(args=[host, token, time.time(), self._settings.fetch_host_delay])
