"""Requests that a command makes for its user: one a host at a time, and the host's delay between two."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping

from copydesk.core.urls import host_of
from copydesk.runtime.http import Answer, HttpClient
from copydesk.runtime.settings import Settings


class PoliteClient:
    """Keeps to itself how hosts are: a fetcher that runs beside it is not asked."""

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        self._http = http
        self._delay = settings.fetch_host_delay
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._rests: dict[str, float] = {}

    async def get(
        self,
        url: str,
        *,
        accept: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET, as ``HttpClient.get`` does.

        Raises:
            FetchFailure: it brought nothing.
        """
        host = host_of(url)
        async with self._hosts[host]:
            await asyncio.sleep(max(0.0, self._rests.get(host, 0.0) - time.monotonic()))
            try:
                return await self._http.get(
                    url, max_bytes=max_bytes, accept=accept, headers=headers, credentials=credentials
                )
            finally:
                self._rests[host] = time.monotonic() + self._delay
