import base64
import os

import pytest

from copydesk.errors import SourceError
from copydesk.runtime.secrets import MAX_SECRET_BYTES, Secrets
from copydesk.runtime.settings import load_settings


@pytest.fixture
def secrets(tmp_path):
    return Secrets(load_settings(secrets_dir=tmp_path))


def write(folder, name, text):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("X-Api-Key: k3y\n", {"X-Api-Key": "k3y"}),
        ("Authorization: Bearer abc.def\r\nX-Client: desk 7  \n\n", {"Authorization": "Bearer abc.def", "X-Client": "desk 7"}),
        ("reader:pass:word\n", {"Authorization": "Basic " + base64.b64encode(b"reader:pass:word").decode()}),
        ("leserin:schlüssel", {"Authorization": "Basic " + base64.b64encode("leserin:schlüssel".encode()).decode()}),
    ],
)  # fmt: skip
def test_what_a_secret_stands_for(secrets, tmp_path, text, headers):
    write(tmp_path, "paper.key", text)
    assert secrets.headers("paper.key") == headers


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../other", "a/b", "/etc/passwd", ".hidden", "a\\b", "a\n", "a" * 65, "ä"]
)
def test_a_name_leads_nowhere_else(secrets, tmp_path, name):
    write(tmp_path.parent, "other", "user:password")
    with pytest.raises(SourceError, match="the name of a secret"):
        secrets.headers(name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("hush", "holds neither"),
        ("", "holds neither"),
        ("X-Key: hush\nhush", "holds neither"),
        ("hush:one\nhush:two", "holds neither"),
        ("X-Key: hush\x07", "holds neither"),
        ("X-Key: hüsh", "holds neither"),
        ("us\x1ber:hush", "holds neither"),
        ("Bad Name: hush", "holds neither"),
        ("Host: hush.example", "may not set the header Host"),
        ("transfer-encoding: hush", "may not set the header transfer-encoding"),
        (b"\xffhush:a", "is no UTF-8 text"),
        ("hush:" + "x" * MAX_SECRET_BYTES, "has more than"),
    ],
)
def test_what_is_no_secret_is_told_without_its_content(secrets, tmp_path, content, said):
    write(tmp_path, "paper", content)
    with pytest.raises(SourceError, match=said) as caught:
        secrets.headers("paper")
    assert "'paper'" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_what_is_not_there(secrets, tmp_path):
    with pytest.raises(SourceError, match="'paper' cannot be read: No such file"):
        secrets.headers("paper")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match="'folder' is no file"):
        secrets.headers("folder")
    with pytest.raises(SourceError, match="COPYDESK_SECRETS_DIR is not set"):
        Secrets(load_settings()).headers("paper")


def test_a_secret_that_changes_is_read_again(secrets, tmp_path):
    write(tmp_path, "paper", "X-Key: one")
    assert secrets.text("paper") is secrets.text("paper")
    write(tmp_path, "new", "X-Key: two")
    (tmp_path / "new").replace(tmp_path / "paper")
    assert secrets.headers("paper") == {"X-Key": "two"}
    at = (tmp_path / "paper").stat().st_mtime_ns + 1_000_000_000
    write(tmp_path, "paper", "X-Key: six")
    os.utime(tmp_path / "paper", ns=(at, at))
    assert secrets.headers("paper") == {"X-Key": "six"}
