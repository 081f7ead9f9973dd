import ipaddress
import socket

import pytest

from copydesk.runtime.addresses import AddressGuard, BlockedAddress, GuardedResolver, NameResolver


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_let_through(address):
    assert AddressGuard().permits(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "not an address", ""),
    ],
)
def test_everything_else_is_not(address):
    assert not AddressGuard().permits(address)


def test_a_setting_lets_a_network_through():
    guard = AddressGuard([ipaddress.ip_network("127.0.0.0/8")])
    assert guard.permits("127.0.0.1")
    assert guard.permits("::ffff:127.0.0.1")
    assert not guard.permits("10.0.0.1")
    assert not guard.permits("::1")


def test_no_socket_is_made_for_a_blocked_address():
    with pytest.raises(BlockedAddress, match="COPYDESK_FETCH_ALLOW_NETWORKS"):
        AddressGuard().open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))


async def test_a_fixed_name_is_guarded_as_well():
    fixed = {"paper.example": ipaddress.ip_address("127.0.0.1")}
    resolver = GuardedResolver(AddressGuard(), fixed, NameResolver(1))
    with pytest.raises(BlockedAddress):
        await resolver.resolve("paper.example", 80)
    allowed = GuardedResolver(AddressGuard([ipaddress.ip_network("127.0.0.0/8")]), fixed, NameResolver(1))
    [answer] = await allowed.resolve("PAPER.example", 80)
    assert answer["host"] == "127.0.0.1"
