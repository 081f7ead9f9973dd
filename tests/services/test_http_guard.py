"""No request reaches a private address: whatever the address looks like, and whatever its name says the second time."""

import asyncio
import ipaddress
import socket
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
from aiohttp import web

from copydesk.runtime import http as client
from copydesk.runtime.http import FetchFailure, HttpClient
from copydesk.runtime.settings import load_settings

# The site's address stands for a public one; the other loopback addresses are as private as any.
SITE = "127.0.0.1"
PRIVATE = "127.77.0.1"


@asynccontextmanager
async def serving(address, handler):
    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, address, 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


def settings():
    return load_settings(fetch_allow_networks=(ipaddress.ip_network(f"{SITE}/32"),), fetch_timeout=5.0)


async def reason(http, url):
    with pytest.raises(FetchFailure) as caught:
        await http.get(url, max_bytes=1_000, accept="*/*")
    return caught.value.reason.value


SPELLINGS = [
    *("127.77.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "255.255.255.255", "127.77.0.1."),
    *("2135752705", "0x7f4d0001", "0177.0115.0.1", "127.77.1", "0x7f.77.1", "１２７.７７.０.１", "127。77。0。1"),
    *(
        "[::1]",
        "[::]",
        "[::ffff:127.77.0.1]",
        "[::ffff:7f4d:1]",
        "[::127.77.0.1]",
        "[64:ff9b::7f4d:1]",
        "[2002:7f4d:1::]",
    ),
    *("[fe80::1%25lo]", "[fec0::1]", "[fd00:ec2::254]", "[0:0:0:0:0:ffff:127.77.0.1]", "[64:ff9b:1::7f4d:1]"),
]


@pytest.mark.parametrize("direct", [True, False], ids=["asked-for", "redirected-to"])
async def test_no_spelling_of_an_address_gets_through(direct):
    reached = []

    async def private(request):
        reached.append(request.host)
        return web.Response(text="secret")

    async def send_on(request):
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async with serving(PRIVATE, private) as port, serving(SITE, send_on) as site, HttpClient(settings()) as http:
        for spelling in SPELLINGS:
            target = f"http://{spelling}:{port}/"
            if direct:
                # aiohttp takes some of them for no host at all.
                assert await reason(http, target) in ("address", "bad_url"), spelling
            else:
                found = await reason(http, f"http://{SITE}:{site}/?to={quote(target)}")
                assert found == ("redirects" if "%" in spelling else "address"), spelling
    assert reached == []


def answering(monkeypatch, *answers):
    """The system's resolver: each look-up of a name gives the next answer, the last for ever."""
    looks = []

    def look(host, port, *args, **options):
        looks.append(host)
        addresses = answers[min(len(looks), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    return looks


@pytest.mark.parametrize("keeps", [True, False], ids=["connection-kept", "connection-closed"])
async def test_a_name_that_turns_private_is_not_followed(monkeypatch, keeps):
    monkeypatch.setattr(client, "DNS_SECONDS", 0)
    looks = answering(monkeypatch, [SITE], [PRIVATE])
    reached = []

    async def private(request):
        reached.append(request.path)
        return web.Response(text="secret")

    async def public(_):
        return web.Response(text="page", headers={} if keeps else {"Connection": "close"})

    async with serving(SITE, public) as port, HttpClient(settings()) as http:
        server = await asyncio.start_server(lambda _r, _w: reached.append("connection"), PRIVATE, port)
        url = f"http://rebinding.example:{port}/"
        assert (await http.get(url, max_bytes=1_000, accept="*/*")).body == b"page"
        if keeps:
            # The connection was made to an address that was looked at; the name is not asked for again.
            assert (await http.get(url, max_bytes=1_000, accept="*/*")).body == b"page"
            assert len(looks) == 1
        else:
            assert await reason(http, url) == "address"
            assert len(looks) == 2
        server.close()
    assert reached == []


async def test_an_answer_is_used_for_as_long_as_it_is_kept(monkeypatch):
    looks = answering(monkeypatch, [SITE], [PRIVATE])

    async def public(_):
        return web.Response(text="page", headers={"Connection": "close"})

    async with serving(SITE, public) as port, HttpClient(settings()) as http:
        for _ in range(3):
            await http.get(f"http://rebinding.example:{port}/", max_bytes=1_000, accept="*/*")
    assert looks == ["rebinding.example"]


async def test_of_a_mixed_answer_no_private_address_is_tried(monkeypatch):
    answering(monkeypatch, [PRIVATE, "10.0.0.1", SITE])
    reached = []

    async def public(_):
        return web.Response(text="page")

    async with serving(SITE, public) as port, HttpClient(settings()) as http:
        server = await asyncio.start_server(lambda _r, _w: reached.append("connection"), PRIVATE, port)
        answer = await http.get(f"http://mixed.example:{port}/", max_bytes=1_000, accept="*/*")
        server.close()
    assert (answer.body, reached) == (b"page", [])


async def test_a_name_server_that_does_not_answer(monkeypatch):
    release = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: asyncio.run_coroutine_threadsafe(release.wait(), loop).result(20)
    )
    async with HttpClient(load_settings(fetch_connect_timeout=0.2)) as http:
        with pytest.raises(FetchFailure, match=r"does not resolve: no answer within 0\.2 s") as caught:
            await http.get("http://silent.example/", max_bytes=1_000, accept="*/*")
        assert (caught.value.reason.value, caught.value.passing) == ("dns", True)
        release.set()
