"""What hosts repeat, in memory: for ``copydesk clean --learn``, for other programs, and for tests. Same answers as Redis."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from copydesk.core.learned import Learned
from copydesk.core.sites import Site

MAX_HOSTS = 10_000


class MemorySites:
    """``Sites`` for one process, any number of threads; of more than ``hosts`` hosts those go that were longest silent."""

    def __init__(self, *, hosts: int = MAX_HOSTS) -> None:
        self._lock = threading.Lock()
        self._sites: OrderedDict[str, Site] = OrderedDict()
        self._hosts = hosts

    def learned(self, hosts: Iterable[str]) -> dict[str, Learned]:
        """Return what is removed from the texts of each host; one of which nothing was learned is left out."""
        with self._lock:
            found = {host: self._sites[host].learned() for host in hosts if host in self._sites}
        return {host: learned for host, learned in found.items() if learned.blocks}

    def site(self, host: str) -> Site | None:
        """Return all that is known of a host."""
        with self._lock:
            return copy.deepcopy(self._sites.get(host))

    def update(self, changes: Mapping[str, Callable[[Site], Any]]) -> dict[str, Any]:
        """Change what is known of hosts, each on its own and wholly or not at all."""
        return {host: self._update(host, change) for host, change in changes.items()}

    def _update(self, host: str, change: Callable[[Site], Any]) -> Any:
        with self._lock:
            site = self._sites.get(host) or Site()
            result = change(site)
            self._sites[host] = site
            self._sites.move_to_end(host)
            if len(self._sites) > self._hosts:
                self._sites.popitem(last=False)
            return result
