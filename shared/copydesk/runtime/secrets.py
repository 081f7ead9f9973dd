"""Secrets that sources name: credentials, each in a file of its own, as Docker and Kubernetes mount them."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Final

from copydesk.core.urls import origin_of
from copydesk.errors import SourceError
from copydesk.models import SECRET_NAME
from copydesk.runtime.settings import Settings

MAX_SECRET_BYTES: Final = 8_192
MAX_SECRETS: Final = 1_000
"""Secrets that are kept in memory; beyond that all are read again."""

# A field name of RFC 9110, 5.1, and a value without control characters; the space tells them from user:password.
_HEADER: Final = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \t]+([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)")
_BASIC: Final = re.compile(r"[^:\x00-\x1f\x7f]+:(?! )[^\x00-\x1f\x7f]*")
# What frames a request or says where it goes is not a secret's to set.
_NOT_THESE: Final = frozenset(
    {"connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class Secrets:
    """Reads secrets from ``COPYDESK_SECRETS_DIR``; one that was changed there is read again."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.secrets_dir
        self._read: dict[str, tuple[tuple[int, int, int], str]] = {}

    def meant_for(self, url: str, name: str | None, own: str) -> dict[str, str] | None:
        """The headers to send to ``url`` of the secret that goes with the address ``own``: to its origin alone.

        Raises:
            SourceError: as ``headers``.
        """
        return self.headers(name) if name is not None and origin_of(url) == origin_of(own) else None

    def headers(self, name: str) -> dict[str, str]:
        """The headers that a secret stands for.

        A file holds lines of the form ``Header-Name: value``, or one line ``user:password`` for the Basic scheme (RFC 7617).

        Raises:
            SourceError: there is no such secret, or it is not what a secret may be. The message names it and tells nothing of
                its content.
        """
        return _headers(name, self.text(name))

    def text(self, name: str) -> str:
        """What the file of a secret holds.

        Raises:
            SourceError: there is no such secret, or it is too large, or no text.
        """
        if not re.fullmatch(SECRET_NAME, name):
            raise SourceError(
                "the name of a secret has letters, digits, '.', '_' and '-', 64 at most, and no '.' first"
            )
        if self._folder is None:
            raise SourceError(f"the secret {name!r} is needed, and COPYDESK_SECRETS_DIR is not set")
        path = self._folder / name
        try:
            found = path.stat()
            # A mounted secret is changed by putting another file in its place.
            version = (found.st_mtime_ns, found.st_ino, found.st_size)
            known = self._read.get(name)
            if known is not None and known[0] == version:
                return known[1]
            text = _text(name, path)
        except OSError as error:
            raise SourceError(f"the secret {name!r} cannot be read: {error.strerror}") from None
        if len(self._read) >= MAX_SECRETS:
            self._read.clear()
        self._read[name] = (version, text)
        return text


def _text(name: str, path: Path) -> str:
    if not path.is_file():
        raise SourceError(f"the secret {name!r} is no file")
    with path.open("rb") as file:
        data = file.read(MAX_SECRET_BYTES + 1)
    if len(data) > MAX_SECRET_BYTES:
        raise SourceError(f"the secret {name!r} has more than {MAX_SECRET_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise SourceError(f"the secret {name!r} is no UTF-8 text") from None


def _headers(name: str, text: str) -> dict[str, str]:
    lines = [line for line in re.split(r"\r?\n", text) if line.strip()]
    headers: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line.rstrip(" \t"))
        if header is None:
            break
        if header[1].lower() in _NOT_THESE:
            raise SourceError(f"the secret {name!r} may not set the header {header[1]}")
        headers[header[1]] = header[2]
    else:
        if headers:
            return headers
    if len(lines) == 1 and _BASIC.fullmatch(lines[0]):
        return {"Authorization": "Basic " + base64.b64encode(lines[0].encode()).decode()}
    raise SourceError(f"the secret {name!r} holds neither one line user:password nor lines Header-Name: value")
