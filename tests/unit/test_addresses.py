import asyncio
import ipaddress
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.runtime.addresses import (
    MAX_ADDRESSES,
    AddressGuard,
    BlockedAddress,
    GuardedResolver,
    NameResolver,
)

PUBLIC = [
    *("8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "198.20.0.1"),
    *("2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
]
PRIVATE = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "192.0.2.1"),
    *("198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fe80::1%1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1"),
    *("2001:db8::1", "3fff::1", "2001::1", "2001:2::1", "2001:10::1", "5f00::1", "4000::1"),
    # An IPv4 address within: mapped, translated, compatible, 6to4, Teredo, local NAT64.
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::10.0.0.1", "::127.0.0.1", "::8.8.8.8", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:7f00:1::"),
    *("64:ff9b:1::7f00:1", "64:ff9b:1:fffe::808:808"),
    # No addresses, though some take them for such.
    *("", "not an address", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1.", "١٢٧.0.0.1"),
    "1.1.1.1 10.0.0.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_let_through(address):
    assert AddressGuard().permits(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_everything_else_is_not(address):
    assert not AddressGuard().permits(address)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6) | st.sampled_from(["2000::/3", "2001::/16", "::/96"]).flatmap(
    lambda network: st.ip_addresses(network=network)
))  # fmt: skip
def test_what_the_standard_library_calls_private_is_never_let_through(ip):
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None) or ip
    if inner.is_private or inner.is_multicast or inner.is_reserved or inner.is_loopback or inner.is_link_local:
        is_translated = ip in ipaddress.ip_network("64:ff9b::/96")
        assert is_translated or not AddressGuard().permits(str(ip))


@given(st.ip_addresses(v=4))
def test_an_address_is_as_good_as_what_it_stands_for(ip):
    guard = AddressGuard()
    number = int(ip)
    forms = (
        f"::ffff:{ip}",
        str(ipaddress.IPv6Address((0x0064FF9B << 96) | number)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)),
    )
    assert [guard.permits(form) for form in forms] == [guard.permits(str(ip))] * 3


def test_a_setting_lets_a_network_through():
    guard = AddressGuard([ipaddress.ip_network("127.0.0.0/8")])
    assert guard.permits("127.0.0.1")
    assert guard.permits("::ffff:127.0.0.1")
    assert not guard.permits("10.0.0.1")
    assert not guard.permits("::1")
    assert not guard.permits_all
    assert AddressGuard([ipaddress.ip_network("64:ff9b:1::/48")]).permits("64:ff9b:1::a00:1")
    assert AddressGuard([ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]).permits_all


def test_no_socket_is_made_for_a_blocked_address():
    with pytest.raises(BlockedAddress, match="COPYDESK_FETCH_ALLOW_NETWORKS"):
        AddressGuard().open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))


def answering(monkeypatch, *addresses):
    """The system's resolver gives these addresses for every name."""
    infos = [
        (socket.AF_INET6, 1, 6, "", (a, 0, 0, 0)) if ":" in a else (socket.AF_INET, 1, 6, "", (a, 0)) for a in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: infos)


def resolver(fixed=(), allowed=(), seconds=5.0):
    return GuardedResolver(AddressGuard(allowed), dict(fixed), NameResolver(seconds))


async def test_a_fixed_name_is_guarded_as_well():
    fixed = {"paper.example": ipaddress.ip_address("127.0.0.1")}
    with pytest.raises(BlockedAddress):
        await resolver(fixed).resolve("paper.example", 80)
    [answer] = await resolver(fixed, [ipaddress.ip_network("127.0.0.0/8")]).resolve("PAPER.example", 80)
    assert answer["host"] == "127.0.0.1"


async def test_of_a_mixed_answer_only_the_public_addresses_are_left(monkeypatch):
    answering(monkeypatch, "10.0.0.1", "8.8.8.8", "::1", "2606:4700::1")
    assert [answer["host"] for answer in await resolver().resolve("mixed.example", 80)] == ["8.8.8.8", "2606:4700::1"]


async def test_a_name_has_so_many_addresses_at_most(monkeypatch):
    answering(monkeypatch, *(f"8.8.{n // 250}.{n % 250}" for n in range(1_000)))
    assert len(await resolver().resolve("many.example", 80)) == MAX_ADDRESSES


@pytest.mark.parametrize("name", ["0x7f.1", "0177.0.0.1", "127.1", "2130706433", "１２７.０.０.１", "127。0。0。1"])
async def test_a_spelling_of_an_address_is_what_the_system_takes_it_for(name):
    # That is also what a proxy would take it for.
    with pytest.raises(BlockedAddress, match=r"is at 127\.0\.0\.1"):
        await resolver().resolve(name, 80)


@pytest.mark.parametrize("name", ["a" * 300 + ".example", "a..example", "\x00.example"])
async def test_what_is_no_name_does_not_resolve(name):
    with pytest.raises(OSError, match=r"."):
        await resolver().resolve(name, 80)


async def test_slow_names_hold_up_no_others(monkeypatch):
    held = threading.Event()

    def look(host, *args, **options):
        if "slow" in host:
            held.wait(30)
        return [(socket.AF_INET, 1, 6, "", ("8.8.8.8", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    names = resolver(seconds=0.3)
    slow = [asyncio.create_task(names.resolve(f"slow{n}.example", 80)) for n in range(60)]
    await asyncio.sleep(0)
    assert await names.resolve("quick.example", 80)
    found = await asyncio.gather(*slow, return_exceptions=True)
    assert {type(error) for error in found} == {socket.gaierror}
    held.set()
