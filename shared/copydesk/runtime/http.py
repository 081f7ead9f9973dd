"""HTTP requests to sources and pages: bounded in bytes, seconds and redirects, and guarded on every hop."""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final

import aiohttp
from yarl import URL

from copydesk.core.urls import absolute_url, origin_of
from copydesk.models import RejectReason
from copydesk.runtime.addresses import AddressGuard, BlockedAddress, GuardedResolver
from copydesk.runtime.settings import Settings

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PERMANENT: Final = frozenset({301, 308})
# Statuses that say "later", not "no".
PASSING_4XX: Final = frozenset({408, 425, 429})
CHUNK_BYTES: Final = 65_536
MAX_HEADER_BYTES: Final = 32_768
RETRY_AFTER_MOST: Final = 86_400.0

# The first that fits; whether the same request may succeed later.
_FAILURES: Final = (
    ((aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError), RejectReason.TLS, False),
    (aiohttp.ClientConnectorError, RejectReason.CONNECT, True),
    (aiohttp.ServerTimeoutError, RejectReason.TIMEOUT, True),
    (aiohttp.InvalidURL, RejectReason.BAD_URL, False),
)

# Asked before each hop with its URL; raises FetchFailure where the hop may not be made.
HopCheck = Callable[[str], Awaitable[None]]


class FetchFailure(Exception):
    """A request that brought nothing to work with."""

    def __init__(
        self,
        reason: RejectReason,
        detail: str,
        *,
        passing: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.passing = passing
        """Whether the same request may succeed later."""
        self.retry_after = retry_after
        """Seconds that the server asked to wait."""
        self.status = status
        """Status of the answer, where there was one that says no."""


@dataclass(frozen=True)
class Answer:
    """What a server answered in the end, after redirects."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    hops: tuple[str, ...] = field(default=())
    moved_to: str | None = None
    """Where the URL has moved for good: all redirects on the way were permanent."""

    @property
    def content_type(self) -> str | None:
        """The header, as it came."""
        return self.headers.get("Content-Type")


class HttpClient:
    """One aiohttp session with copydesk's bounds. Use as an asynchronous context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = AddressGuard(settings.fetch_allow_networks)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> HttpClient:
        connector = aiohttp.TCPConnector(
            limit=self._settings.fetch_concurrency * 2,
            limit_per_host=2,
            resolver=GuardedResolver(self._guard, self._settings.fetch_resolve),
            socket_factory=self._guard.open_socket,
            ttl_dns_cache=60,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._settings.user_agent, "Accept-Encoding": "gzip, deflate"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.fetch_connect_timeout),
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(
        self,
        url: str,
        *,
        max_bytes: int,
        accept: str,
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        check: HopCheck | None = None,
        wanted: Callable[[str | None], bool] | None = None,
    ) -> Answer:
        """GET ``url``, following redirects; ``wanted`` is asked with the content type before the body is read.

        ``credentials`` are headers that go to the origin of ``url`` alone, on no redirect to another.

        Raises:
            FetchFailure: with the reason, in the words of the closed set.
        """
        hops: list[str] = []
        origin = origin_of(url) if credentials else ""
        permanent = True
        headers = {"Accept": accept, **(headers or {})}
        while True:
            # The check may wait for a host's slot or its robots.txt: the deadline is the request's own.
            if check is not None:
                await check(url)
            sent = {**headers, **credentials} if credentials and origin_of(url) == origin else headers
            answer = await self._hop(url, max_bytes, sent, wanted)
            if isinstance(answer, Answer):
                return dataclasses.replace(
                    answer, hops=tuple(hops), moved_to=answer.url if hops and permanent else None
                )
            hops.append(url)
            url, status = answer
            permanent &= status in PERMANENT
            if url in hops or len(hops) > self._settings.fetch_max_redirects:
                said = "redirect loop" if url in hops else f"more than {len(hops) - 1} redirects"
                raise FetchFailure(RejectReason.REDIRECTS, said)

    async def _hop(
        self, url: str, max_bytes: int, headers: Mapping[str, str], wanted: Callable[[str | None], bool] | None
    ) -> Answer | tuple[str, int]:
        """One request: the answer, or the URL that it redirects to and the status that says so."""
        try:
            async with asyncio.timeout(self._settings.fetch_timeout):
                return await self._request(url, max_bytes, headers, wanted)
        except aiohttp.ClientError as error:
            raise _failure(error) from None
        except TimeoutError:
            raise FetchFailure(
                RejectReason.TIMEOUT, f"no complete answer within {self._settings.fetch_timeout:g} s", passing=True
            ) from None
        except (ssl.SSLError, OSError) as error:
            raise FetchFailure(RejectReason.BROKEN, _words(error), passing=True) from None
        except ValueError as error:  # a host name that IDNA does not allow, and the like
            raise FetchFailure(RejectReason.BAD_URL, _words(error)) from None

    async def _request(
        self, url: str, max_bytes: int, headers: Mapping[str, str], wanted: Callable[[str | None], bool] | None
    ) -> Answer | tuple[str, int]:
        if self._session is None:
            raise RuntimeError("HttpClient is used outside its context")
        async with self._session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as response:
            if response.status in REDIRECTS and "Location" in response.headers:
                target = absolute_url(response.headers["Location"], url)
                if target is None:
                    raise FetchFailure(RejectReason.REDIRECTS, "redirect to what is no http(s) URL")
                return target, response.status
            _check_status(response)
            content_type = response.headers.get("Content-Type")
            if response.status != 304 and wanted is not None and not wanted(content_type):
                raise FetchFailure(RejectReason.NOT_HTML, f"content type {str(content_type)[:80]!r}")
            body = await _read(response, max_bytes)
            return Answer(url, response.status, response.headers, body)


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The body after decompression; the connection is dropped as soon as the bound is passed."""
    length = response.content_length
    if length is not None and length > max_bytes:
        raise FetchFailure(RejectReason.TOO_LARGE, f"{length} bytes announced; the bound is {max_bytes}")
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        size += len(chunk)
        if size > max_bytes:
            response.close()
            raise FetchFailure(RejectReason.TOO_LARGE, f"more than {max_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _check_status(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status in (200, 203, 304):
        return
    said = f"status {status} {response.reason or ''}".strip()
    if status in PASSING_4XX or status >= 500:
        reason = RejectReason.HTTP_5XX if status >= 500 else RejectReason.HTTP_4XX
        wait = retry_after(response.headers.get("Retry-After"))
        raise FetchFailure(reason, said, passing=True, retry_after=wait, status=status)
    raise FetchFailure(RejectReason.HTTP_4XX if status >= 400 else RejectReason.BROKEN, said, status=status)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms (RFC 9110, 10.2.3), at most a day."""
    if value is None:
        return None
    value = value.strip()
    if value.isdecimal():
        return min(float(value), RETRY_AFTER_MOST)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    seconds = (until - (now or datetime.now(UTC))).total_seconds() if until.tzinfo else 0.0
    return min(max(0.0, seconds), RETRY_AFTER_MOST)


def _failure(error: aiohttp.ClientError) -> FetchFailure:
    """One of the closed set's reasons for an error of aiohttp's."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    if isinstance(cause, BlockedAddress):
        return FetchFailure(RejectReason.ADDRESS, str(cause))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchFailure(RejectReason.DNS, f"the name {error.host} does not resolve", passing=True)
    for kind, reason, passing in _FAILURES:
        if isinstance(error, kind):
            return FetchFailure(reason, _words(cause or error), passing=passing)
    return FetchFailure(RejectReason.BROKEN, _words(error), passing=True)


def _words(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:300]
