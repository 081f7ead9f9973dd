"""The frontier: items that are to be fetched, a slot a host, and leases, in Redis, shared by all fetchers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import redis.asyncio

from copydesk.core.urls import document_id, host_of
from copydesk.models import Item, PageRef, Rejected
from copydesk.runtime import keys
from copydesk.runtime.queue import LOOK_SECONDS, new_job_id, pack, rejected_entry
from copydesk.runtime.scripts import async_script
from copydesk.runtime.settings import Settings

# A lease outlives its holder's death by at most this; a holder that lives renews it every RENEW_SECONDS.
LEASE_SECONDS: Final = 15.0
RENEW_SECONDS: Final = 4.0


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
        self._claim = async_script(client, "claim")
        self._fetched = async_script(client, "release", "fetched")
        self._release = async_script(client, "release", "slot")
        self._renew = async_script(client, "release", "renew")
        self._unfetched = async_script(client, "release", "unfetched")

    async def offer(self, items: Sequence[Item]) -> list[Item]:
        """Take in the items that nobody has taken before; returns those."""
        by_id = {document_id(item.canonical_url): item for item in items}
        arguments: list[str | int | float] = [int(self._settings.seen_ttl * 86_400), time.time()]
        for page_id, item in by_id.items():
            arguments += [page_id, host_of(item.canonical_url), item.model_dump_json()]
        new = await self._offer(args=arguments)
        return [by_id[page_id.decode()] for page_id in new]

    async def claim(self, number: int) -> list[Claim]:
        """Take up to ``number`` pages, at most one a host."""
        token = new_job_id()
        rows = await self._claim(args=[time.time(), LEASE_SECONDS, token, number])
        claims = [
            Claim(page_id.decode(), host.decode(), Item.model_validate_json(item), int(tries), token)
            for page_id, host, item, tries in zip(*(rows[n::4] for n in range(4)), strict=True)
        ]
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
        ttl = max(1, int(self._settings.body_ttl * 86_400))
        arguments: list[str | bytes | float] = [
            *(claim.page_id, claim.token, claim.host, time.time(), self._settings.fetch_host_delay),
            *("reject", f"rejected:{rejected.reason}", ttl, *rejected_entry(rejected, self._settings)),
        ]
        return bool(await self._unfetched(args=arguments))

    async def wait_for_slot(self, host: str) -> str:
        """Wait until the host neither serves another request nor rests, and take its slot; returns the slot's token."""
        token = new_job_id()
        slot = keys.slot(host)
        while not await self._client.set(slot, token, px=int(LEASE_SECONDS * 1000), nx=True):  # noqa: ASYNC110
            # The slot is another process's: Redis tells when it ends by itself, and nothing tells when it ends earlier.
            await asyncio.sleep(min(max(0.01, await self._client.pttl(slot) / 1000), 1.0))
        self._held.add(("", host, token))
        return token

    async def release_slot(self, host: str, token: str) -> None:
        """The request is over; the host rests for its delay."""
        self._held.discard(("", host, token))
        await self._release(args=[host, token, time.time(), self._settings.fetch_host_delay])
