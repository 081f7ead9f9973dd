"""The slots that a chain of requests goes through: one at a time, each host let go, and at rest, before the next is asked."""

from __future__ import annotations

from copydesk.core.urls import host_of
from copydesk.models import RejectReason
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.http import FetchFailure


class Walk:
    """A request with its redirects. ``step`` is the check that ``HttpClient.get`` asks before each hop.

    Whoever walks calls ``end`` or ``leave`` when the last request is over.
    """

    def __init__(self, frontier: Frontier, host: str = "", token: str = "", page_id: str = "") -> None:
        """Begin with a slot that is held already, be it a claim's, for a first request to its host; or with none."""
        self._frontier = frontier
        self._host = host
        self._token = token
        self._page_id = page_id
        self._is_used = not token

    async def step(self, url: str) -> None:
        """Wait for the slot of the URL's host.

        Raises:
            FetchFailure: the host is busy for too long; passing.
            Crowded: too many wait for it.
        """
        host, is_first, self._is_used = host_of(url), not self._is_used, True
        if is_first and self._host == host and self._frontier.holds(host, self._token, self._page_id):
            return
        await self.end()
        token, wait = await self._frontier.wait_for_slot(host)
        if token is None:
            raise FetchFailure(RejectReason.TIMEOUT, f"{host} is busy", passing=True, retry_after=wait)
        self._host, self._token = host, token

    def leave(self) -> tuple[str, str] | None:
        """Leave the slot that is held, host and token, to the caller, who releases it."""
        token, self._token = self._token, ""
        return (self._host, token) if token else None

    async def end(self, rest: float = 0.0) -> None:
        """Let the slot go; its host rests, for as long as it asked for or for its delay."""
        if held := self.leave():
            await self._frontier.release_slot(*held, rest)
