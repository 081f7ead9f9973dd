"""The frontier: items that are to be fetched, a slot a host, and leases, in Redis, shared by all fetchers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import redis.asyncio

from copydesk.core.urls import document_id, host_of
from copydesk.models import Item, PageRef, Rejected
from copydesk.runtime import keys
from copydesk.runtime.queue import LOOK_SECONDS, new_job_id, pack, rejected_entry
from copydesk.runtime.scripts import async_script
from copydesk.runtime.settings import Settings

# Beyond the request's own deadline: reading robots.txt, storing.
LEASE_MARGIN_SECONDS = 30.0


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
        self._lease = settings.fetch_timeout * 2 + LEASE_MARGIN_SECONDS
        self._offer = async_script(client, "offer")
        self._claim = async_script(client, "claim")
        self._fetched = async_script(client, "release", "fetched")
        self._release = async_script(client, "release", "slot")
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
        rows = await self._claim(args=[time.time(), self._lease, token, number])
        return [
            Claim(page_id.decode(), host.decode(), Item.model_validate_json(item), int(tries), token)
            for page_id, host, item, tries in zip(*(rows[n::4] for n in range(4)), strict=True)
        ]

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
        while not await self._client.set(slot, token, px=int(self._lease * 1000), nx=True):  # noqa: ASYNC110
            # The slot is another process's: Redis tells when it ends by itself, and nothing tells when it ends earlier.
            await asyncio.sleep(min(max(0.01, await self._client.pttl(slot) / 1000), 1.0))
        return token

    async def release_slot(self, host: str, token: str) -> None:
        """The request is over; the host rests for its delay."""
        await self._release(args=[host, token, time.time(), self._settings.fetch_host_delay])
