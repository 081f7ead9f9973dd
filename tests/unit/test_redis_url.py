"""What COPYDESK_REDIS_URL may say, and what is said of what it may not."""

import pytest

from copydesk.errors import SettingsError
from copydesk.runtime.redis_url import SentinelAddress, missing_file, shown
from copydesk.runtime.settings import load_settings


def test_sentinels_and_the_primary_that_they_know():
    address = SentinelAddress.parse(
        "sentinel://desk:p%40ss@a.example,[::1]:5000,10.0.0.1:26380/main/3?sentinel_username=s&sentinel_password=w%26s"
    )
    assert address.sentinels == (("a.example", 26379), ("::1", 5000), ("10.0.0.1", 26380))
    assert address.name == "main"
    assert address.server == {"db": 3, "username": "desk", "password": "p@ss"}
    assert address.sentinel == {"username": "s", "password": "w&s"}


def test_tls_holds_for_sentinels_and_servers_alike():
    address = SentinelAddress.parse("sentinel://a/main?ssl_ca_certs=/ca.pem&ssl_check_hostname=no")
    for options in (address.server, address.sentinel):
        assert (options["ssl"], options["ssl_ca_certs"], options["ssl_check_hostname"]) == (True, "/ca.pem", False)
    assert SentinelAddress.parse("sentinel://a/main?ssl=true").sentinel["ssl"] is True
    assert "ssl" not in SentinelAddress.parse("sentinel://a/main").server


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sentinel://user:hush@a:1,b:2", "must name the primary"),
        ("sentinel://user:hush@a:x/main", "HOST or HOST:PORT for each Sentinel"),
        ("sentinel://user:hush@a,,b/main", "HOST or HOST:PORT for each Sentinel"),
        ("sentinel://user:hush@a/main/one", "a database's number"),
        ("sentinel://user:hush@a/main?ssl=maybe", "ssl=true or ssl=false"),
        ("sentinel://user:hush@a/main?ssl=false&ssl_ca_certs=/ca.pem", "options of TLS and ssl=false"),
        ("sentinel://user:hush@a/main?passwort=hush", "a sentinel:// URL may have: ssl, sentinel_username"),
        ("rediss://user:hush@a/0?ssl_cert_reqs=none", "a rediss:// URL may have: db, protocol, ssl_ca_certs"),
        ("redis://user:hush@a/0?ssl_ca_certs=/ca.pem", "a redis:// URL may have: db, protocol"),
    ],
)
def test_a_wrong_url_is_told_without_its_secrets(monkeypatch, url, told):
    monkeypatch.setenv("COPYDESK_REDIS_URL", url)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert told in str(caught.value)
    assert "hush" not in str(caught.value)


def test_what_is_shown_has_no_secret():
    assert shown("sentinel://u:hush@a:1,b:2/main?sentinel_password=hush") == "sentinel://a:1,b:2/main"


def test_certificates_must_be_there(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    assert missing_file(f"rediss://a?ssl_ca_certs={tmp_path}/ca.pem&ssl_keyfile=/nowhere") == "ssl_keyfile=/nowhere"
    assert missing_file(f"rediss://a?ssl_ca_certs={tmp_path}/ca.pem") is None
