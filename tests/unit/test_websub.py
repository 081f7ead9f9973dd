"""What a WebSub subscriber decides by itself."""

import pytest

from copydesk.core.websub import LEASE_LEAST, LEASE_MOST, granted_lease, is_signed, retry_pause, usable_hubs

# RFC 2202, 3 (SHA-1) and RFC 4231, 4.3 (the others), each the second case.
SECRET, BODY = "Jefe", b"what do ya want for nothing?"
VECTORS = {
    "sha1": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "sha256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "sha384": "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    "sha512": "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
}


@pytest.mark.parametrize("method", VECTORS)
def test_signatures_of_the_four_methods(method):
    right = VECTORS[method]
    assert is_signed(f"{method}={right}", SECRET, BODY)
    assert is_signed(f" {method.upper()}={right.upper()} ", SECRET, BODY)
    assert not is_signed(f"{method}={right}", SECRET, BODY + b"!")
    assert not is_signed(f"{method}={right}", SECRET + "!", BODY)
    assert not is_signed(f"{method}={right[:-1]}", SECRET, BODY)
    assert not is_signed(f"{method}={right}0", SECRET, BODY)


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256", "sha256=", "=", VECTORS["sha256"], f"md5={VECTORS['sha1']}", f"sha512={VECTORS['sha256']}",
     f"sha256={VECTORS['sha256']},sha1={VECTORS['sha1']}", "sha256=" + "é" * 64, "sha1=" + "0" * 40],
)  # fmt: skip
def test_what_is_no_signature(header):
    assert not is_signed(header, SECRET, BODY)


def test_hubs_that_may_be_asked():
    hubs = ["https://a.example/", "http://b.example/hub", "/hub", "ftp://c.example/", "https://a.example/"]
    assert usable_hubs(hubs, "https://site.example/feed") == ["https://a.example/", "https://site.example/hub"]
    assert usable_hubs(hubs, "http://site.example/feed") == [
        "https://a.example/", "http://b.example/hub", "http://site.example/hub"
    ]  # fmt: skip
    assert len(usable_hubs([f"https://{n}.example/" for n in range(9)], "https://site.example/")) == 4


def test_leases_are_the_hubs_within_bounds():
    assert granted_lease("86400", 864_000.0) == 86_400
    assert granted_lease(None, 864_000.0) == 864_000
    assert granted_lease("soon", 864_000.0) == 864_000
    assert granted_lease("0", 864_000.0) == LEASE_LEAST
    assert granted_lease("999999999999", 864_000.0) == LEASE_MOST


def test_tries_come_ever_later():
    assert [retry_pause(n) for n in (0, 1, 2, 3, 99)] == [600, 600, 1200, 2400, 86_400]
