"""Requests through a proxy, a real one on this machine; and the TLS of servers, with and without one."""

import asyncio
import base64
import contextlib
import datetime as dt
import ipaddress
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme
from aiohttp import web
from yarl import URL

from copydesk.errors import SettingsError
from copydesk.runtime import connections
from copydesk.runtime.http import FetchFailure, HttpClient
from copydesk.runtime.proxies import Proxies
from copydesk.runtime.settings import load_settings

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
PASSWORD = "hush"  # noqa: S105 -- of a proxy that lives for one test
LOGIN = "Basic " + base64.b64encode(f"desk:{PASSWORD}".encode()).decode()


class Proxy:
    """Forwards to 127.0.0.1, whatever host is asked for; wants a login where it is told one."""

    def __init__(self, login=None):
        self.asked = []
        self._login = login

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            line, *fields = head.decode().split("\r\n")
            self.asked.append(line)
            method, target, _ = line.split(" ")
            if self._login and f"Proxy-Authorization: {self._login}" not in fields:
                writer.write(b"HTTP/1.1 407 Login first\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                writer.close()
                return
            url = URL(f"//{target}" if method == "CONNECT" else target)
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", url.port)
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Go on\r\n\r\n")
            else:
                kept = [field for field in fields if not field.lower().startswith("proxy-")]
                up_writer.write("\r\n".join([f"{method} {url.path_qs} HTTP/1.1", "Connection: close", *kept]).encode())
            await asyncio.gather(self._pipe(reader, up_writer), self._pipe(up_reader, writer))

    @staticmethod
    async def _pipe(reader, writer):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def proxying(**options):
    proxy = Proxy(**options)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    yield proxy, server.sockets[0].getsockname()[1]
    server.close()


@asynccontextmanager
async def serving(context=None):
    async def page(request):
        return web.Response(text=f"{request.scheme} {request.headers.get('Proxy-Authorization')}")

    app = web.Application()
    app.router.add_get("/{tail:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    """The authority is the only one that is trusted, by the usual variable."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


def tls(authority, *names, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)
    return context


FIXED = {"paper.example": ipaddress.ip_address("127.0.0.1"), "inside.example": ipaddress.ip_address("10.0.0.1")}


async def get(url, **changes):
    values = {"fetch_allow_networks": LOOPBACK, "fetch_resolve": FIXED, "fetch_timeout": 5.0, **changes}
    async with HttpClient(load_settings(**values)) as http:
        return (await http.get(url, max_bytes=1_000, accept="*/*")).body.decode()


async def failure(url, **changes):
    with pytest.raises(FetchFailure) as caught:
        await get(url, **changes)
    assert PASSWORD not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("login", [None, LOGIN])
async def test_http_and_https_go_through_the_proxy(authority, trusted, login):
    user = f"desk:{PASSWORD}@" if login else ""
    async with (
        proxying(login=login) as (proxy, port),
        serving() as http,
        serving(tls(authority, "paper.example")) as https,
    ):
        way = f"http://{user}127.0.0.1:{port}"
        assert await get(f"http://paper.example:{http}/a?b=c", fetch_proxy=way) == "http None"
        assert await get(f"https://paper.example:{https}/", fetch_proxy=way) == "https None"
    assert proxy.asked == [
        f"GET http://paper.example:{http}/a?b=c HTTP/1.1",
        f"CONNECT paper.example:{https} HTTP/1.1",
    ]


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("inside.example", "address"),
        ("10.0.0.1", "address"),
        ("[::1]", "address"),
        ("0x7f.1", "address"),
        ("does-not-exist.invalid", "dns"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_is_not_asked_for_what_is_private(scheme, host, reason):
    async with proxying() as (proxy, port):
        failed = await failure(
            f"{scheme}://{host}:{port}/", fetch_proxy=f"http://127.0.0.1:{port}", fetch_allow_networks=()
        )
    assert failed.reason.value == reason
    assert proxy.asked == []


async def test_where_all_is_allowed_the_proxy_alone_resolves():
    everything = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
    async with proxying() as (_, port), serving() as site:
        url = f"http://known-to-the-proxy.invalid:{site}/"
        assert await get(url, fetch_proxy=f"http://127.0.0.1:{port}", fetch_allow_networks=everything) == "http None"


async def test_a_proxy_that_does_not_let_through_is_told_without_its_password(authority, trusted):
    async with proxying(login=LOGIN) as (_, port), serving(tls(authority, "paper.example")) as https:
        wrong = f"http://desk:{PASSWORD}-not@127.0.0.1:{port}"
        failed = await failure(f"https://paper.example:{https}/", fetch_proxy=wrong)
        assert (failed.reason.value, failed.detail) == ("connect", "the proxy says 407 Login first")
        failed = await failure(f"http://paper.example:{https}/", fetch_proxy=wrong)
        assert (failed.reason.value, failed.detail) == ("connect", "the proxy says 407 Login first")
    failed = await failure(f"http://paper.example:{https}/", fetch_proxy=wrong)
    assert failed.reason.value == "connect"
    assert failed.detail.startswith(f"the proxy 127.0.0.1:{port}: ")
    assert failed.passing


async def test_the_environment_names_proxies_too(monkeypatch):
    for name in ("HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with proxying() as (proxy, port), serving() as site:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "direct.example")
        names = {**FIXED, "direct.example": FIXED["paper.example"]}
        await get(f"http://paper.example:{site}/", fetch_resolve=names)
        await get(f"http://direct.example:{site}/", fetch_resolve=names)
    assert proxy.asked == [f"GET http://paper.example:{site}/ HTTP/1.1"]


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, "http://a.example/", None),
        ({"http_proxy": "http://p:1"}, "http://a.example/", "http://p:1"),
        ({"http_proxy": "p:1"}, "http://a.example/", "http://p:1"),
        ({"http_proxy": "http://p:1"}, "https://a.example/", None),
        ({"https_proxy": "http://u:w@p:1"}, "https://a.example/", "http://u:w@p:1"),
        ({"all_proxy": "http://p:1"}, "https://a.example/", "http://p:1"),
        ({"all_proxy": "http://p:1", "no_proxy": "*"}, "https://a.example/", None),
        ({"all_proxy": "http://p:1", "no_proxy": ".b.example, a.example"}, "https://a.example/", None),
        ({"all_proxy": "http://p:1", "no_proxy": "a.example"}, "https://www.a.example/", None),
        ({"all_proxy": "http://p:1", "no_proxy": "a.example"}, "https://aa.example/", "http://p:1"),
        ({"all_proxy": "http://p:1", "no_proxy": "a.example:8080"}, "http://a.example:8080/", None),
        ({"all_proxy": "http://p:1", "no_proxy": "a.example:8080"}, "http://a.example/", "http://p:1"),
        ({"all_proxy": "http://p:1", "no_proxy": "10.0.0.0/8,::1/128"}, "http://10.2.3.4/", None),
        ({"all_proxy": "http://p:1"}, "http://localhost/", None),
        ({"all_proxy": "http://p:1"}, "http://127.1.2.3:80/", None),
        ({"all_proxy": "http://p:1"}, "http://[::1]/", None),
    ],
)  # fmt: skip
def test_which_proxy(monkeypatch, environment, url, proxy):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Proxies(None).of(URL(url)) == (proxy and URL(proxy))
    # The setting is for all.
    assert Proxies("http://set:2").of(URL(url)) == URL("http://set:2")


def test_a_proxy_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"socks5://desk:{PASSWORD}@127.0.0.1:1080")
    with pytest.raises(SettingsError, match=r"HTTPS_PROXY=.*must be the http:// or https:// URL") as caught:
        HttpClient(load_settings())
    assert PASSWORD not in str(caught.value)
    with pytest.raises(SettingsError, match="COPYDESK_FETCH_PROXY=") as caught:
        Proxies(f"http://desk:{PASSWORD}@proxy.example:port")
    assert PASSWORD not in str(caught.value)


YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)


@pytest.mark.parametrize("through", ["directly", "through a proxy"])
async def test_tls_is_verified(authority, trusted, through):
    good = tls(authority, "paper.example")
    bad = {
        "another name": tls(authority, "other.example"),
        "nobody's": tls(trustme.CA(), "paper.example"),
        "expired": tls(authority, "paper.example", not_after=YESTERDAY),
    }
    async with proxying() as (_, port):
        way = {"fetch_proxy": f"http://127.0.0.1:{port}"} if through != "directly" else {}
        async with serving(good) as site:
            assert await get(f"https://paper.example:{site}/", **way) == "https None"
        for name, context in bad.items():
            async with serving(context) as site:
                failed = await failure(f"https://paper.example:{site}/", **way)
            assert (failed.reason.value, failed.passing) == ("tls", False), name
        async with serving() as site:
            failed = await failure(f"https://paper.example:{site}/", **way)
        assert failed.reason.value == "tls"


async def test_a_form_goes_nowhere_weaker(authority, trusted):
    """It may carry a secret."""
    async with serving() as plain:

        async def weaken(_):
            return web.Response(status=307, headers={"Location": f"http://paper.example:{plain}/"})

        app = web.Application()
        app.router.add_post("/", weaken)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls(authority, "paper.example")).start()
        async with HttpClient(load_settings(fetch_allow_networks=LOOPBACK, fetch_resolve=FIXED)) as http:
            url = f"https://paper.example:{runner.addresses[0][1]}/"
            with pytest.raises(FetchFailure, match=r"status 307 from https://.*, which is not followed"):
                await http.post(url, {"hub.secret": PASSWORD}, max_bytes=10)
        await runner.cleanup()


@pytest.mark.usefixtures("trusted")
async def test_few_idle_connections_under_tls_are_kept(authority, monkeypatch):
    monkeypatch.setattr(connections, "MAX_IDLE_TLS", 2)
    names = [f"h{n}.example" for n in range(5)]
    fixed = dict.fromkeys(names, ipaddress.ip_address("127.0.0.1"))
    settings = load_settings(fetch_allow_networks=LOOPBACK, fetch_resolve=fixed)
    async with serving(tls(authority, *names)) as port, HttpClient(settings) as http:
        for name in names:
            await http.get(f"https://{name}:{port}/", max_bytes=1_000, accept="*/*")
        assert sorted(key.host for key in http._direct.connector._conns) == names[-2:]
