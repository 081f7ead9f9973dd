"""The slots that a chain of requests goes through: one at a time, each host let go, and at rest, before the next is asked."""

from __future__ import annotations

from copydesk.core.urls import host_of
from copydesk.models import RejectReason
from copydesk.runtime.frontier import Claim, Frontier
from copydesk.runtime.http import FetchFailure


class Walk:
    """A request with its redirects. ``step`` is the check that ``HttpClient.get`` asks before each hop.

    Whoever walks calls ``end`` when the last request is over.
    """

    def __init__(self, frontier: Frontier, claim: Claim | None = None) -> None:
        """Begin with the slot of a claim, for a first request to its host; or with none."""
        self._frontier = frontier
        self._claim = claim
        self._host = claim.host if claim else ""
        self._token = claim.token if claim else ""

    async def step(self, url: str) -> None:
        """Wait for the slot of the URL's host.

        Raises:
            FetchFailure: the host is busy for too long; passing.
        """
        host, claim, self._claim = host_of(url), self._claim, None
        if claim and claim.host == host and self._frontier.holds(host, claim.token, claim.page_id):
            return
        await self.end()
        token = await self._frontier.wait_for_slot(host)
        if token is None:
            raise FetchFailure(RejectReason.TIMEOUT, f"{host} is busy", passing=True)
        self._host, self._token = host, token

    async def end(self, rest: float = 0.0) -> None:
        """Let the slot go; its host rests, for as long as it asked for or for its delay."""
        if self._token:
            token, self._token = self._token, ""
            await self._frontier.release_slot(self._host, token, rest)
