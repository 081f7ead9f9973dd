"""Which addresses may be connected to: the guard against requests into one's own network (SSRF).

The check is on the address that a socket is about to be connected to, after name resolution, so that neither a spelling of
an address (decimal, octal, mapped) nor a name that answers differently the second time gets around it.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from copydesk.runtime.settings import Address, Network

MAX_ADDRESSES: Final = 16
"""Addresses of a name that are looked at; no more are connected to in turn."""
MAX_LOOKUPS: Final = 128
"""Names that are looked up at a time: the system's resolver takes a thread for each."""

# IANA's special-purpose registry (RFC 6890): what is not reachable from everywhere, or is a relay to somewhere else. Written
# out, since what the standard library counts as private differs from one Python to the next.
_CLOSED_V4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT; one cloud's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # a public address, but at Azure the host's own services
            "169.254.0.0/16",  # link-local; most clouds' metadata
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
# Of IPv6 only this much is given out (RFC 4291, 2.4). The rest is loopback, link-local, site-local, unique-local, multicast,
# IPv4-compatible, local NAT64 (64:ff9b:1::/48, RFC 8215), or nothing yet.
_OPEN_V6: Final = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6: Final = tuple(
    # Of the first Teredo, ORCHID and benchmarks are parts; the others are for documentation.
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20"))
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_EVERYTHING: Final = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0"))


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
        self.permits_all = all(network in self._allowed for network in _EVERYTHING)
        """Whether the setting lets everything through, so that there is nothing to look at."""
        self._known = functools.lru_cache(4096)(self._permits)

    def permits(self, address: str) -> bool:
        """Whether a connection to this address, as text, may be made."""
        return self._known(address)

    def check(self, host: str, address: str) -> None:
        """Raise ``BlockedAddress`` unless ``permits``."""
        if not self.permits(address):
            raise BlockedAddress(host, address)

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Socket for one address of getaddrinfo's kind: what aiohttp calls right before it connects."""
        family, kind, protocol, _, address = info
        self.check(str(address[0]), str(address[0]))
        return socket.socket(family, kind, protocol)

    def _permits(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        inner = _embedded_ipv4(ip)
        return self._is_allowed(ip) or _is_public(inner or ip) or (inner is not None and self._is_allowed(inner))

    def _is_allowed(self, ip: Address) -> bool:
        return any(ip in network for network in self._allowed)


class NameResolver(AbstractResolver):
    """The system's resolver, in threads of its own, so that slow name servers hold up nothing else.

    Args:
        seconds: How long one look-up may take; the thread may be busy for longer, since it cannot be stopped.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(MAX_LOOKUPS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Addresses of a host.

        Raises:
            OSError: the name cannot be resolved, or not in time.
        """
        look = functools.partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        try:
            async with asyncio.timeout(self._seconds):
                infos = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        except TimeoutError:
            # Not as it is: aiohttp would take it for the connection's.
            raise socket.gaierror(socket.EAI_AGAIN, f"no answer within {self._seconds:g} s") from None
        except UnicodeError as error:  # a name that IDNA does not allow
            raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
        return [_result(host, port, str(address[0]), kind) for kind, _, _, _, address in infos[:MAX_ADDRESSES]]

    async def close(self) -> None:
        """Wait for no look-up that is still under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """Resolves names, those with a fixed address first, and gives back only addresses that the guard permits."""

    def __init__(self, guard: AddressGuard, fixed: Mapping[str, Address], names: NameResolver) -> None:
        self._guard = guard
        self._fixed = dict(fixed)
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Addresses of a host.

        Raises:
            BlockedAddress: it has addresses, but none that may be connected to.
            OSError: the name cannot be resolved.
        """
        fixed = self._fixed.get(host.lower())
        if fixed is not None:
            found = [_result(host, port, str(fixed), socket.AF_INET if fixed.version == 4 else socket.AF_INET6)]
        else:
            found = await self._names.resolve(host, port, family)
        permitted = [answer for answer in found if self._guard.permits(answer["host"])]
        if found and not permitted:
            raise BlockedAddress(host, found[0]["host"])
        return permitted

    async def close(self) -> None:
        """Nothing is held open here."""


def _result(host: str, port: int, address: str, family: int) -> ResolveResult:
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)


def _is_public(ip: Address) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in network for network in _CLOSED_V6)


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
