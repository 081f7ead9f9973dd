import ipaddress
from dataclasses import asdict

import pytest

from copydesk.core.thresholds import DEFAULT
from copydesk.errors import SettingsError
from copydesk.runtime.settings import Settings, load_settings, unknown_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COPYDESK_{name.upper()}", raising=False)


def test_defaults():
    settings = load_settings()
    assert settings.redis_url is None
    assert str(settings.data_dir) == "var"
    assert settings.fetch_allow_networks == ()


def test_lists(monkeypatch):
    monkeypatch.setenv("COPYDESK_FETCH_ALLOW_NETWORKS", "127.0.0.0/8, ::1/128")
    monkeypatch.setenv("COPYDESK_FETCH_RESOLVE", "a.example=127.0.0.1,B.example=::1")
    settings = load_settings()
    assert settings.fetch_allow_networks == (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    assert settings.fetch_resolve == {
        "a.example": ipaddress.ip_address("127.0.0.1"),
        "b.example": ipaddress.ip_address("::1"),
    }


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("FETCH_HOST_DELAY", "soon", "number"),
        ("FETCH_HOST_DELAY", "-1", "greater than or equal to 0"),
        ("FETCH_ALLOW_NETWORKS", "10.0.0.0/33", "10.0.0.0/33"),
        ("FETCH_RESOLVE", "a.example", "host=address"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("REDIS_URL", "unix://var/redis.sock", "absolute path"),
        ("LOG_LEVEL", "loud", "'debug', 'info'"),
        ("USER_AGENT", "two\nlines", "one line"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(monkeypatch, name, value, told):
    monkeypatch.setenv(f"COPYDESK_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert f"COPYDESK_{name}=" in message
    assert repr(value) in message
    assert told in message
    assert "\n" not in message


def test_a_mistyped_setting_is_found(monkeypatch):
    monkeypatch.setenv("COPYDESK_POLL_INTERVALL", "5")
    assert unknown_settings()["COPYDESK_POLL_INTERVALL"] == "COPYDESK_POLL_INTERVAL"


def test_a_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("COPYDESK_REDIS_URL", "http://user:hunter2@redis/0")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_each_threshold_of_copy_detection_is_a_setting(monkeypatch):
    assert load_settings().thresholds() == DEFAULT
    for number, name in enumerate(asdict(DEFAULT)):
        given = getattr(DEFAULT, name) + (1 if isinstance(getattr(DEFAULT, name), int) else 0.01)
        monkeypatch.setenv(f"COPYDESK_COPY_{name.upper()}", str(given))
        changed = [key for key, value in asdict(load_settings().thresholds()).items() if value != getattr(DEFAULT, key)]
        assert changed == list(asdict(DEFAULT))[: number + 1]
