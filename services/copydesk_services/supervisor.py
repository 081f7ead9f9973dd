"""All services on one machine: each a process of its own, started again when it dies, stopped together."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO, Final

from copydesk.errors import UsageError
from copydesk.models import SourceState
from copydesk.runtime.lifeline import Lifeline
from copydesk.runtime.logs import get_log
from copydesk.runtime.processes import ChildProcess, stop_all
from copydesk.runtime.queue import Stages
from copydesk.runtime.settings import ENV_PREFIX, Settings
from copydesk.runtime.sources import Sources

SERVICES: Final = ("fetcher", "extractor", "deduper", "delivery")
# What a service ends with when a setting keeps it from starting.
USAGE_STATUS: Final = 2
# Longer than any service takes to let its own workers finish.
STOP_SECONDS: Final = 90.0

log = get_log()


class System:
    """The services, as child processes."""

    def __init__(
        self,
        settings: Settings,
        *,
        services: Sequence[str] = SERVICES,
        environment: Mapping[str, str] | None = None,
        stderr: IO[bytes] | None = None,
    ) -> None:
        self._lifeline = Lifeline.create()
        self._children = {}
        for n, name in enumerate(services):
            port = settings.http_port + n if settings.http_port else 0
            self._children[name] = ChildProcess(
                [sys.executable, "-m", "copydesk_services", name],
                self._lifeline,
                environment={f"{ENV_PREFIX}HTTP_PORT": str(port), **(environment or {})},
                stderr=stderr,
            )

    def start(self) -> None:
        """Start every service."""
        for child in self._children.values():
            child.start()

    def look(self) -> None:
        """Start again what has died.

        Raises:
            UsageError: a service ended because of a setting: it would do so again.
        """
        for name, child in self._children.items():
            status = child.look()
            if status == USAGE_STATUS:
                raise UsageError(f"the {name} cannot start; its own message stands above")
            if status is not None:
                log.error("service.died", name=name, status=status)

    def stop(self) -> None:
        """Let every service finish what it has begun."""
        for pid in stop_all(self._children.values(), STOP_SECONDS):
            log.error("service.killed", pid=pid)
        self._lifeline.close()


class OneRound:
    """Tells when every source was polled once and nothing is left in flight."""

    def __init__(self, sources: Sources, stages: Stages, ids: Iterable[str], since: datetime) -> None:
        self._sources = sources
        self._stages = stages
        self._ids = set(ids)
        self._since = since
        # Those that were polled stay so: of many sources, only the others are looked at again.
        self._done: set[str] = set()

    def polled(self) -> dict[str, SourceState]:
        """The states of the sources that were polled in this round."""
        return self._polled_of(self._wanted())

    def _polled_of(self, ids: Iterable[str]) -> dict[str, SourceState]:
        states = self._sources.states(list(ids))
        return {i: state for i, state in states.items() if state.polled_at and state.polled_at >= self._since}

    def _wanted(self) -> dict[str, str]:
        """The sources of this round that are there and not paused, and the sitemaps that they named in it: id to URL."""
        known = self._sources.all()
        return {x.id: x.url for x in known if not x.paused and (x.id in self._ids or x.parent in self._ids)}

    def is_over(self) -> bool:
        """Whether all is done. Items are taken in before their poll is recorded, so the order of the two looks is right."""
        return not self.missed() and not any(self._stages.in_flight().values())

    def missed(self) -> dict[str, str]:
        """Sources that were not polled in this round, but for those that were removed meanwhile: id to URL."""
        left = {i: url for i, url in self._wanted().items() if i not in self._done}
        self._done |= self._polled_of(left).keys()
        return {i: url for i, url in left.items() if i not in self._done}

    def failed(self) -> dict[str, str]:
        """Sources that could not be polled: URL to the error, in words."""
        urls = self._wanted()
        return {urls.get(i, i): state.error for i, state in self.polled().items() if state.error}
