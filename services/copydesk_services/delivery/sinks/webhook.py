"""The sink ``webhook``: CloudEvents by HTTP POST, signed as Standard Webhooks.

A document a request in binary mode, or several in batched mode (CloudEvents HTTP protocol binding 1.0.2, 3.1 and 3.3); the
signature is that of https://github.com/standard-webhooks/standard-webhooks, 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal
from urllib.parse import quote

import aiohttp
from pydantic import Field, field_validator

from copydesk.core.urls import absolute_url
from copydesk.errors import SourceError, UsageError
from copydesk.models import SECRET_NAME
from copydesk.runtime.delivery_file import SinkOptions
from copydesk.runtime.groups import Entry
from copydesk.runtime.http import retry_after
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import Settings
from copydesk_services.delivery.sink import Away, Gone, Refused, Setting, SinkKind, document_of

CONNECT_SECONDS: Final = 10.0
ANSWER_BYTES: Final = 65_536
"""Bytes of an answer that are read; a connection with more to say is closed."""
SAID_CHARS: Final = 200
LEAST_KEY: Final = 16
MOST_KEYS: Final = 5
# Of the entry, not of the address, of rights or of a target that is out of order.
_FOR_SURE: Final = frozenset({400, 406, 409, 411, 413, 414, 415, 422, 431})
# The target is there and takes nothing now; what it would say to another entry is the same.
_NOT_NOW: Final = frozenset({408, 425, 429, 501, 502, 503, 504, 507, 508})


class Options(SinkOptions):
    """What this kind of sink has."""

    kind: Literal["webhook"] = "webhook"
    url: str = Field(max_length=2_000)
    batch: int = Field(1, ge=1, le=1_000, description="1: binary mode, one document a request; more: batched mode.")
    secret: str | None = Field(None, pattern=f"^{SECRET_NAME}$", description="Name of the secret to sign with.")
    auth: str | None = Field(None, pattern=f"^{SECRET_NAME}$", description="Name of a secret with headers to send.")
    timeout: float = Field(10.0, ge=0.1, le=120, description="Seconds of a request.")

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        url = absolute_url(value)
        if url is None:
            raise ValueError("must be an http:// or https:// URL")
        return url


class Webhook:
    """Posts entries to a URL."""

    def __init__(self, options: Options, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._options = options
        self._secrets = Secrets(settings)
        self._session = session

    async def deliver(self, entries: Sequence[Entry]) -> None:
        """Post them, in one request or one after the other."""
        if self._options.batch > 1:
            await self._post(*batched(entries), entries=len(entries))
            return
        for place, entry in enumerate(entries):
            try:
                await self._post(*binary(entry), entries=1)
            except Away as error:
                raise Away(str(error), place, after=error.after) from None
            except Refused as error:
                raise Refused(str(error), place, sure=error.sure) from None
            except Gone as error:
                raise Gone(str(error), place) from None

    async def rest(self) -> None:
        """Nothing is to be done."""

    async def _post(self, event_id: str, headers: Mapping[str, str], body: bytes, *, entries: int) -> None:
        credentials = self._credentials()
        try:
            sent = await self._session.post(
                self._options.url,
                data=body,
                headers={**credentials, **headers, **self._signed(event_id, body)},
                allow_redirects=False,
            )
            async with sent as answer:
                said = await _text_of(answer)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise Away(f"{type(error).__name__}: {error}"[:300]) from None
        # It may be this entry over which the target hangs, or dies.
        except TimeoutError:
            raise Refused(f"no answer within {self._options.timeout:g} s", named=entries == 1, sure=False) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Refused(f"{type(error).__name__}: {error}"[:300], named=entries == 1, sure=False) from None
        _judge(answer, _masked(said, credentials), entries)

    def _credentials(self) -> dict[str, str]:
        if self._options.auth is None:
            return {}
        try:
            return self._secrets.headers(self._options.auth)
        except SourceError as error:
            raise Away(str(error)) from None

    def _signed(self, event_id: str, body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        headers = {"webhook-id": event_id, "webhook-timestamp": stamp}
        if self._options.secret is None:
            return headers
        try:
            signing = signing_keys(self._secrets.text(self._options.secret))
        except (SourceError, ValueError) as error:
            raise Away(str(error)) from None
        signed = f"{event_id}.{stamp}.".encode() + body
        return headers | {"webhook-signature": " ".join(signature(key, signed) for key in signing)}


def _judge(answer: aiohttp.ClientResponse, said: str, entries: int) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    told = f"status {status}" + (f": {said}" if said else "")
    if status == 410:
        raise Gone(told)
    if status in _NOT_NOW:
        raise Away(told, after=retry_after(answer.headers.get("Retry-After")) or 0.0)
    if 300 <= status < 400:
        told += " (redirects are not followed)"
    raise Refused(told, named=entries == 1, sure=status in _FOR_SURE)


async def _text_of(answer: aiohttp.ClientResponse) -> str:
    """The beginning of an answer, as one line. A longer one than ANSWER_BYTES closes its connection."""
    data = b""
    async for chunk in answer.content.iter_chunked(8_192):
        data += chunk
        if len(data) > ANSWER_BYTES:
            answer.close()
            break
    return " ".join(data[: SAID_CHARS * 4].decode(errors="replace").split())[:SAID_CHARS].rstrip()


def _masked(said: str, credentials: Mapping[str, str]) -> str:
    """What an answer says, which is logged and kept, without what was sent to prove who asks."""
    for secret in sorted(
        (part for value in credentials.values() for part in (value, *value.split())), key=len, reverse=True
    ):
        said = said.replace(secret, "***")
    return said


def binary(entry: Entry) -> tuple[str, dict[str, str], bytes]:
    """Id, headers and body of the request with one entry.

    Raises:
        Refused: it has no document.
    """
    headers = {
        f"ce-{name}": quote(value, safe="!#$&'()*+,-./:;<=>?@[]^_`{|}~")
        for name, value in _attributes(entry).items()
        if name != "datacontenttype"
    }
    return _id(entry), {"Content-Type": "application/json", **headers}, document_of(entry)


def batched(entries: Sequence[Entry]) -> tuple[str, dict[str, str], bytes]:
    """Id, headers and body of the request with several; the same ones have the same id.

    Raises:
        Refused: one has no document.
    """
    events = []
    for place, entry in enumerate(entries):
        attributes = b",".join(b'"%s":%s' % (k.encode(), _json(v)) for k, v in _attributes(entry).items())
        try:
            data = document_of(entry)
        except Refused as error:
            raise Refused(str(error), named=len(entries) == 1 or place == 0) from None
        events.append(b"{%s,%s}" % (attributes, b'"data":' + data))
    digest = hashlib.sha256("\n".join(_id(entry) for entry in entries).encode()).hexdigest()[:32]
    return f"batch-{digest}", {"Content-Type": "application/cloudevents-batch+json"}, b"[" + b",".join(events) + b"]"


def _attributes(entry: Entry) -> dict[str, str]:
    return {
        name.decode().removeprefix("ce_"): value.decode()
        for name, value in entry.fields.items()
        if name.startswith(b"ce_")
    }


def _id(entry: Entry) -> str:
    return entry.fields.get(b"ce_id", entry.id.encode()).decode()


def _json(value: str) -> bytes:
    return b'"' + value.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def signing_keys(text: str) -> list[bytes]:
    """The keys in a secret: a line each, of the form ``whsec_BASE64``; all sign, so that one can replace another.

    Raises:
        ValueError: there is none, or a line is none.
    """
    lines = text.split()
    keys = []
    for line in lines:
        coded = line.removeprefix("whsec_")
        try:
            key = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) < LEAST_KEY:
            raise ValueError(f"each line must be whsec_ and base64 of {LEAST_KEY} bytes or more")
        keys.append(key)
    if not 1 <= len(keys) <= MOST_KEYS:
        raise ValueError(f"there must be 1 to {MOST_KEYS} lines")
    return keys


def signature(key: bytes, signed: bytes) -> str:
    """One signature of the header ``webhook-signature``."""
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


@asynccontextmanager
async def _opened(options: Options, setting: Setting) -> AsyncIterator[Webhook]:
    timeout = aiohttp.ClientTimeout(total=options.timeout, sock_connect=min(CONNECT_SECONDS, options.timeout))
    headers = {"User-Agent": setting.settings.user_agent}
    # One request at a time, in order.
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(
        timeout=timeout, headers=headers, connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield Webhook(options, setting.settings, session)


def _check(options: Options, settings: Settings) -> None:
    secrets = Secrets(settings)
    try:
        if options.auth is not None:
            secrets.headers(options.auth)
        if options.secret is not None:
            signing_keys(secrets.text(options.secret))
    except SourceError as error:
        raise UsageError(str(error)) from None
    except ValueError as error:
        raise UsageError(f"secret={options.secret!r}: {error}") from None


KIND: Final = SinkKind(Options, _opened, _check)
