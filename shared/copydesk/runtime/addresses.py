"""Which addresses may be connected to: the guard against requests into one's own network (SSRF).

The check is on the address that a socket is about to be connected to, after name resolution, so that neither a spelling of
an address (decimal, octal, mapped) nor a name that answers differently the second time gets around it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from copydesk.runtime.settings import Address, Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BlockedAddress(OSError):
    """The address lies in a network that the guard does not let through."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(
            f"{host} is at {address}, which is no public address; COPYDESK_FETCH_ALLOW_NETWORKS can allow it"
        )


class AddressGuard:
    """Knows which addresses are public, and which private networks a setting lets through."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def permits(self, address: str) -> bool:
        """Whether a connection to this address, as text, may be made."""
        try:
            ip = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        inner = _embedded_ipv4(ip)
        return all(
            (candidate.is_global and not candidate.is_multicast) or self._is_allowed(candidate)
            for candidate in ([inner] if inner is not None else [ip])
        )

    def check(self, host: str, address: str) -> None:
        """Raise ``BlockedAddress`` unless ``permits``."""
        if not self.permits(address):
            raise BlockedAddress(host, address)

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Socket for one address of getaddrinfo's kind: what aiohttp calls right before it connects."""
        family, kind, protocol, _, address = info
        self.check(str(address[0]), str(address[0]))
        return socket.socket(family, kind, protocol)

    def _is_allowed(self, ip: Address) -> bool:
        return any(ip.version == network.version and ip in network for network in self._allowed)


class GuardedResolver(AbstractResolver):
    """Resolves names, those with a fixed address first, and gives back only addresses that the guard permits."""

    def __init__(self, guard: AddressGuard, fixed: Mapping[str, Address]) -> None:
        self._guard = guard
        self._fixed = dict(fixed)
        self._names = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a host.

        Raises:
            BlockedAddress: it has addresses, but none that may be connected to.
            OSError: the name cannot be resolved.
        """
        fixed = self._fixed.get(host.lower())
        if fixed is not None:
            found = [
                ResolveResult(
                    hostname=host,
                    host=str(fixed),
                    port=port,
                    family=socket.AF_INET if fixed.version == 4 else socket.AF_INET6,
                    proto=0,
                    flags=socket.AI_NUMERICHOST,
                )
            ]
        else:
            found = await self._names.resolve(host, port, family)
        permitted = [answer for answer in found if self._guard.permits(answer["host"])]
        if found and not permitted:
            raise BlockedAddress(host, found[0]["host"])
        return permitted

    async def close(self) -> None:
        """Nothing is held open."""
        await self._names.close()


def _embedded_ipv4(ip: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4 or NAT64 (RFC 4291, 3056, 6052)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
