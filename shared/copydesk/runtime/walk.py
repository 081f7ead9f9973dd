"""The slots that a chain of requests goes through: one at a time, each host let go, and at rest, before the next is asked."""

from __future__ import annotations

from copydesk.core.urls import host_of
from copydesk.models import RejectReason
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.http import FetchFailure


class Walk:
    """A request with its redirects. ``step`` is the check that ``HttpClient.get`` asks before each hop.

    Whoever walks calls ``end`` when the last request is over.
    """

    def __init__(self, frontier: Frontier, host: str = "", token: str = "") -> None:
        """Begin with a slot that is held already, for a first request to this host; or with none."""
        self._frontier = frontier
        self._host = host
        self._token = token
        self._is_used = False

    async def step(self, url: str) -> None:
        """Wait for the slot of the URL's host.

        Raises:
            FetchFailure: the host is busy for too long; passing.
        """
        host = host_of(url)
        if self._token and self._host == host and not self._is_used:
            self._is_used = True
            return
        await self.end()
        token = await self._frontier.wait_for_slot(host)
        if token is None:
            raise FetchFailure(RejectReason.TIMEOUT, f"{host} is busy", passing=True)
        self._host, self._token, self._is_used = host, token, True

    async def end(self, rest: float = 0.0) -> None:
        """Let the slot go; its host rests, for as long as it asked for or for its delay."""
        if self._token:
            token, self._token = self._token, ""
            await self._frontier.release_slot(self._host, token, rest)
