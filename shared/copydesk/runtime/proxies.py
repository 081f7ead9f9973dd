"""Which proxy a request goes through: the one of the setting, or those of the usual environment variables."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

from yarl import URL

from copydesk.errors import SettingsError

_SCHEMES: Final = ("http", "https")


class Proxies:
    """Answers which proxy a URL is for.

    Args:
        setting: ``COPYDESK_FETCH_PROXY``: for every request. Without it ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and
            ``NO_PROXY`` are read from the environment, where names in lower case go first, as curl and others read them.

    Raises:
        SettingsError: a proxy is no http:// or https:// URL.
    """

    def __init__(self, setting: str | None) -> None:
        self._always = _proxy("COPYDESK_FETCH_PROXY", setting) if setting else None
        found = {} if setting else getproxies_environment()
        self._bypass = {"no": found.pop("no", "")}
        self._by_scheme: Mapping[str, URL] = {
            scheme: _proxy(f"{scheme.upper()}_PROXY", value)
            for scheme in _SCHEMES
            if (value := found.get(scheme) or found.get("all"))
        }

    def __bool__(self) -> bool:
        return self._always is not None or bool(self._by_scheme)

    def of(self, url: URL) -> URL | None:
        """The proxy of a URL, with user and password; None: the request goes to the server itself."""
        if self._always is not None:
            return self._always
        proxy = self._by_scheme.get(url.scheme)
        return None if proxy is None or self._is_direct(url.raw_host or "", url.port) else proxy

    def _is_direct(self, host: str, port: int | None) -> bool:
        """Whether the environment excepts a host; this machine is excepted always, as Go's library does."""
        if host == "localhost" or proxy_bypass_environment(f"{host}:{port}", self._bypass):
            return True
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(host)
            return address.is_loopback or any(address in network for network in _networks(self._bypass["no"]))
        return False


def _networks(excepted: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    networks = []
    for part in excepted.split(","):
        with contextlib.suppress(ValueError):
            networks.append(ipaddress.ip_network(part.strip(), strict=False))
    return networks


def _proxy(name: str, value: str) -> URL:
    with contextlib.suppress(ValueError):
        url = URL(value if "://" in value else f"http://{value}")
        if url.scheme in _SCHEMES and url.raw_host:
            return url
    shown = f"***@{value.rpartition('@')[2]}" if "@" in value else value
    raise SettingsError(f"{name}={shown[:80]!r}: must be the http:// or https:// URL of a proxy")
