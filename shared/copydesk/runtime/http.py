"""HTTP requests to sources and pages: bounded in bytes, seconds and redirects, and guarded on every hop."""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, NamedTuple

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDictProxy
from yarl import URL

from copydesk.core.encodings import ACCEPTED, CodingError, Decoding
from copydesk.core.httpdates import http_date
from copydesk.core.sniff import SNIFF_BYTES
from copydesk.core.urls import absolute_url, origin_of, shown_url
from copydesk.models import RejectReason
from copydesk.runtime.addresses import AddressGuard, BlockedAddress, GuardedResolver, NameResolver
from copydesk.runtime.connections import BoundedConnector
from copydesk.runtime.cookies import ChainCookies
from copydesk.runtime.proxies import Proxies
from copydesk.runtime.settings import Settings

# Hashing more than this takes long enough to be done beside the event loop.
LARGE_BYTES: Final = 500_000
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PERMANENT: Final = frozenset({301, 308})
KEEPING_METHOD: Final = frozenset({307, 308})
# Statuses that say "later", not "no".
PASSING_4XX: Final = frozenset({408, 425, 429})
MAX_HEADERS: Final = 256
MAX_HEADER_BYTES: Final = 32_768
DNS_SECONDS: Final = 60
DNS_NAMES: Final = 10_000
RETRY_AFTER_MOST: Final = 86_400.0
# Others than fetches and polls that ask at the same time: hubs, discovery.
_SPARE_CONNECTIONS: Final = 64
# After so many decompressed bytes others have a turn.
_TURN_BYTES: Final = 1_000_000

# The first that fits; whether the same request may succeed later.
_FAILURES: Final = (
    ((aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError), RejectReason.TLS, False),
    (aiohttp.ClientConnectorError, RejectReason.CONNECT, True),
    (aiohttp.ServerTimeoutError, RejectReason.TIMEOUT, True),
    (aiohttp.InvalidURL, RejectReason.BAD_URL, False),
)

# Asked before each hop with its URL; raises FetchFailure where the hop may not be made.
HopCheck = Callable[[str], Awaitable[None]]
# Given the content type and the first bytes of a body, or none while only the headers are there, says what it is where it is
# not wanted: core.sniff.not_a_page.
Refusal = Callable[[str | None, bytes], str | None]


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
        self.detail = _kept(detail)
        super().__init__(self.detail)
        self.reason = reason
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
    """By name in any case; of ``get``, a ``CIMultiDictProxy``, whose ``getall`` gives each header of a name."""
    body: bytes = b""
    hops: tuple[str, ...] = ()
    moved_to: str | None = None
    """Where the URL has moved for good: all redirects on the way were permanent."""

    @property
    def content_type(self) -> str | None:
        """The header, as it came."""
        said = self.headers.get("Content-Type")
        return None if said is None else _kept(said)

    async def body_hash(self) -> str:
        """128 bits of BLAKE2b of the body, as hexadecimal digits; a long one is hashed beside the event loop."""
        return await asyncio.to_thread(_digest, self.body) if len(self.body) > LARGE_BYTES else _digest(self.body)

    @property
    def link(self) -> str | None:
        """All ``Link`` headers, joined by commas (RFC 9110, 5.3)."""
        if isinstance(self.headers, CIMultiDictProxy):
            return ", ".join(self.headers.getall("Link", [])) or None
        return self.headers.get("Link")


@dataclass(frozen=True)
class _Redirect:
    """Where an answer leads to, the status that says so, and what it sets as cookies."""

    target: str
    status: int
    cookies: list[str]


class _Wish(NamedTuple):
    """What a request is to bring, and what it sends."""

    max_bytes: int
    refuse: Refusal | None = None
    form: Mapping[str, str] | None = None


class HttpClient:
    """An aiohttp session with copydesk's bounds, and one for requests through a proxy. Use as an asynchronous context manager.

    Raises:
        SettingsError: a proxy of the environment is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = AddressGuard(settings.fetch_allow_networks)
        self._proxies = Proxies(settings.fetch_proxy)
        self._direct: aiohttp.ClientSession | None = None
        self._proxied: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> HttpClient:
        # Reads the certificates that are trusted: those of the system, or of SSL_CERT_FILE and SSL_CERT_DIR.
        context = await asyncio.to_thread(ssl.create_default_context)
        context.set_alpn_protocols(["http/1.1"])
        self._names = NameResolver(self._settings.fetch_connect_timeout)
        self._resolver = GuardedResolver(self._guard, self._settings.fetch_resolve, self._names)
        self._direct = self._session(
            BoundedConnector(resolver=self._resolver, socket_factory=self._guard.open_socket, **self._limits(context))
        )
        if self._proxies:
            # The operator named the proxy, so its own address is not looked at.
            self._proxied = self._session(BoundedConnector(resolver=self._names, **self._limits(context)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._direct, self._proxied):
            if session is not None:
                await session.close()
        self._direct = self._proxied = None
        await self._names.close()

    def _limits(self, context: ssl.SSLContext) -> dict[str, Any]:
        most = self._settings.fetch_concurrency + self._settings.poll_concurrency + _SPARE_CONNECTIONS
        # How many requests a host gets at a time is the frontier's matter.
        return {
            "limit": most,
            "limit_per_host": 0,
            "ssl": context,
            "ttl_dns_cache": DNS_SECONDS,
            "dns_cache_max_size": DNS_NAMES,
        }

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._settings.user_agent, "Accept-Encoding": ACCEPTED},
            timeout=aiohttp.ClientTimeout(
                total=self._settings.fetch_timeout,
                # Times above it would be rounded up to whole seconds.
                ceil_threshold=math.inf,
                sock_connect=self._settings.fetch_connect_timeout,
                sock_read=self._settings.fetch_first_byte_timeout,
            ),
            auto_decompress=False,
            max_headers=MAX_HEADERS,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )

    async def get(
        self,
        url: str,
        *,
        max_bytes: int,
        accept: str,
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        cookies: ChainCookies | None = None,
        check: HopCheck | None = None,
        refuse: Refusal | None = None,
    ) -> Answer:
        """GET ``url``, following redirects.

        ``credentials`` are headers that go to the origin of ``url`` alone, on no redirect to another. ``cookies`` are those
        of a chain of redirects that is gone on with; what it sets is added to them. What ``refuse`` finds something to say
        against is dropped, as soon as it does.

        Raises:
            FetchFailure: with the reason, in the words of the closed set.
        """
        sent = {**headers, "Accept": accept} if headers else {"Accept": accept}
        origin = origin_of(url) if credentials else ""
        wish = _Wish(max_bytes, refuse)
        hops: list[str] = []
        seen: set[tuple[str, str | None]] = set()
        cookie = cookies.header(URL(url, encoded=True)) if cookies is not None else None
        moved = True
        while True:
            # The check may wait for a host's slot or its robots.txt: the deadline is the request's own.
            if check is not None:
                await check(url)
            own = credentials if credentials and origin_of(url) == origin else None
            answer = await self._hop(url, _hop_headers(sent, own, cookie), wish)
            if isinstance(answer, Answer):
                return replace(answer, hops=tuple(hops), moved_to=url if moved else None) if hops else answer
            hops.append(url)
            seen.add((url, cookie))
            moved &= answer.status in PERMANENT
            if cookies is None:
                cookies = ChainCookies()
            cookies.take(URL(url, encoded=True), answer.cookies)
            url = answer.target
            cookie = cookies.header(URL(url, encoded=True))
            if (url, cookie) in seen or len(hops) > self._settings.fetch_max_redirects:
                said = "redirect loop" if (url, cookie) in seen else f"more than {len(hops) - 1} redirects"
                raise FetchFailure(RejectReason.REDIRECTS, said)

    async def post(self, url: str, form: Mapping[str, str], *, max_bytes: int) -> Answer:
        """POST a form, following the redirects that keep the method (RFC 9110, 15.4: 307 and 308), none from https to http.

        Raises:
            FetchFailure: with the reason, in the words of the closed set.
        """
        hops: list[str] = []
        moved = True
        while True:
            answer = await self._hop(url, {}, _Wish(max_bytes, form=form))
            if isinstance(answer, Answer):
                return replace(answer, hops=tuple(hops), moved_to=url if hops and moved else None)
            hops.append(url)
            moved &= answer.status in PERMANENT
            is_weaker = url.startswith("https:") and not answer.target.startswith("https:")
            too_many = answer.target in hops or len(hops) > self._settings.fetch_max_redirects
            if answer.status not in KEEPING_METHOD or is_weaker or too_many:
                said = f"status {answer.status} from {shown_url(url)[:200]}, which is not followed"
                raise FetchFailure(RejectReason.REDIRECTS, said, status=answer.status)
            url = answer.target

    async def _hop(self, url: str, headers: Mapping[str, str], wish: _Wish) -> Answer | _Redirect:
        """One request: the answer, or where it leads to."""
        proxy = None
        try:
            target = URL(url, encoded=True)
            session = self._direct
            if self._proxied is not None and (proxy := self._proxies.of(target)) is not None:
                session = self._proxied
                await self._look_at(target)
            if session is None:
                raise RuntimeError("HttpClient is used outside its context")
            async with session.request(
                "GET" if wish.form is None else "POST",
                target,
                headers=headers,
                data=wish.form,
                allow_redirects=False,
                proxy=proxy,
            ) as response:
                return await _answer(url, response, wish)
        except aiohttp.ClientError as error:
            raise self._failure(error, proxy) from None
        except TimeoutError:
            raise FetchFailure(
                RejectReason.TIMEOUT, f"no complete answer within {self._settings.fetch_timeout:g} s", passing=True
            ) from None
        except OSError as error:
            raise _os_failure(error, target.raw_host or "") from None
        except ValueError as error:  # a host name that IDNA does not allow, and the like
            raise FetchFailure(RejectReason.BAD_URL, _words(error)) from None

    async def _look_at(self, target: URL) -> None:
        """Refuse what is at a private address, before a proxy is asked for it, which resolves the name again."""
        if not self._guard.permits_all:
            await self._resolver.resolve(target.raw_host or "", target.port or 0)

    def _failure(self, error: aiohttp.ClientError, proxy: URL | None) -> FetchFailure:
        """One of the closed set's reasons for an error of aiohttp's, without the password of a proxy."""
        if isinstance(error, aiohttp.ClientProxyConnectionError):
            said = f"the proxy {error.host}:{error.port}: {_words(error.os_error)}"
            return FetchFailure(RejectReason.CONNECT, said, passing=True)
        if isinstance(error, aiohttp.ClientHttpProxyError):
            said = f"the proxy says {error.status} {error.message}"[:300]
            return FetchFailure(RejectReason.CONNECT, said, passing=error.status != 403)
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
        if isinstance(error, aiohttp.ClientConnectorError) and isinstance(cause, BlockedAddress | socket.gaierror):
            return _os_failure(cause, error.host)
        for kind, reason, passing in _FAILURES:
            if isinstance(error, kind):
                return FetchFailure(reason, self._said(cause or error), passing=passing)
        said = self._said(error)
        if proxy is not None and proxy.user is not None:
            said = said.replace(str(proxy), str(proxy.with_user(None)))
        return FetchFailure(RejectReason.BROKEN, said, passing=True)

    def _said(self, error: BaseException) -> str:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return f"no connection within {self._settings.fetch_connect_timeout:g} s"
        if isinstance(error, aiohttp.SocketTimeoutError):
            return f"nothing came for {self._settings.fetch_first_byte_timeout:g} s"
        if isinstance(error, aiohttp.ClientResponseError):
            return "no HTTP answer: " + " ".join(error.message.split())[:200]
        if isinstance(error, aiohttp.ClientPayloadError) and isinstance(error.__cause__, HttpProcessingError):
            return "the body breaks off: " + " ".join(error.__cause__.message.split())[:200]
        return _words(error)


def _hop_headers(
    sent: Mapping[str, str], credentials: Mapping[str, str] | None, cookie: str | None
) -> Mapping[str, str]:
    if credentials is None and cookie is None:
        return sent
    return {**sent, **({"Cookie": cookie} if cookie else {}), **(credentials or {})}


async def _answer(url: str, response: aiohttp.ClientResponse, wish: _Wish) -> Answer | _Redirect:
    try:
        status, headers = response.status, response.headers
        if status in REDIRECTS and "Location" in headers:
            return _Redirect(_target(headers["Location"], url), status, headers.getall("Set-Cookie", []))
        if wish.form is None or not 200 <= status < 300:
            _check_status(response)
        # A 304 has no body, whatever its headers say (RFC 9110, 15.4.5).
        body = b"" if status == 304 else await _read(response, wish)
        return Answer(url, status, headers, body)
    except BaseException:
        # Not only closed: a server that goes on sending would be listened to until TLS is shut down.
        if response.connection is not None and response.connection.transport is not None:
            response.connection.transport.abort()
        raise


def _target(location: str, url: str) -> str:
    target = absolute_url(location, url)
    if target is None:
        raise FetchFailure(RejectReason.REDIRECTS, "redirect to what is no http(s) URL")
    # User and password in it are the server's words, not the operator's.
    return shown_url(target)


async def _read(response: aiohttp.ClientResponse, wish: _Wish) -> bytes:
    """The body after decompression; nothing more of it is read when a bound is passed or it is refused."""
    body = _Body(wish.max_bytes, wish.refuse, response.headers.get("Content-Type"))
    length = response.content_length
    if length is not None and length > wish.max_bytes:
        raise FetchFailure(RejectReason.TOO_LARGE, f"{length} bytes announced; the bound is {wish.max_bytes}")
    try:
        codings = response.headers.getall("Content-Encoding", None)
        decoding = Decoding(codings) if codings else None
    except CodingError as error:
        raise FetchFailure(RejectReason.BROKEN, str(error)) from None
    received, turn = 0, _TURN_BYTES
    try:
        while chunk := await response.content.readany():
            received += len(chunk)
            # Also what comes to nothing when it is decompressed.
            body.bound(received)
            for piece in decoding.feed(chunk) if decoding else (chunk,):
                body.add(piece)
                if body.size > turn:
                    turn = body.size + _TURN_BYTES
                    await asyncio.sleep(0)
        if decoding:
            decoding.end()
    except CodingError as error:
        raise FetchFailure(RejectReason.BROKEN, str(error), passing=True) from None
    return body.whole()


class _Body:
    """A body that comes in, up to a bound, and is looked at as soon as there is enough of it."""

    def __init__(self, max_bytes: int, refuse: Refusal | None, content_type: str | None) -> None:
        self.size = 0
        self._max_bytes = max_bytes
        self._refuse = refuse
        self._content_type = content_type
        # Gives its bytes away at the end without copying them.
        self._held = io.BytesIO()
        self._look(b"")

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self.bound(self.size)
        self._held.write(piece)
        if self._refuse is not None and self.size >= SNIFF_BYTES:
            self._look(self._held.getbuffer()[:SNIFF_BYTES].tobytes())
            self._refuse = None

    def bound(self, size: int) -> None:
        if size > self._max_bytes:
            raise FetchFailure(RejectReason.TOO_LARGE, f"more than {self._max_bytes} bytes")

    def whole(self) -> bytes:
        body = self._held.getvalue()
        self._look(body)
        return body

    def _look(self, head: bytes) -> None:
        if self._refuse is not None and (found := self._refuse(self._content_type, head)) is not None:
            said = f"content type {str(self._content_type)[:80]!r}"
            raise FetchFailure(RejectReason.NOT_HTML, f"{said}, and the body is {found}" if head else said)


def _check_status(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status in (200, 203, 304):
        return
    said = f"status {status} {response.reason or ''}".strip()
    if status == 407:
        said = f"the proxy says 407 {response.reason or ''}".strip()
        raise FetchFailure(RejectReason.CONNECT, said, passing=True, status=status)
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
    until = http_date(value)
    if until is None:
        return None
    return min(max(0.0, (until - (now or datetime.now(UTC))).total_seconds()), RETRY_AFTER_MOST)


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _os_failure(error: OSError, host: str) -> FetchFailure:
    if isinstance(error, BlockedAddress):
        return FetchFailure(RejectReason.ADDRESS, str(error))
    if isinstance(error, socket.gaierror):
        said = f"the name {host} does not resolve: {error.strerror}"[:300]
        return FetchFailure(RejectReason.DNS, said, passing=True)
    return FetchFailure(RejectReason.BROKEN, _words(error), passing=True)


def _kept(text: str) -> str:
    """A server's words as text that can be kept: bytes that are no UTF-8 came as half surrogate pairs."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _words(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:300]
