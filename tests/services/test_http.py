"""Requests, against real servers on this machine."""

import asyncio
import ipaddress
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from copydesk.core.sniff import not_a_page
from copydesk.models import RejectReason
from copydesk.runtime.http import FetchFailure, HttpClient, retry_after
from copydesk.runtime.settings import load_settings

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@asynccontextmanager
async def server(**routes):
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_get(f"/{path}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def settings(**changes):
    return load_settings(**{"fetch_allow_networks": LOOPBACK, "fetch_timeout": 5.0, **changes})


async def get(url, **changes):
    async with HttpClient(settings(**changes)) as http:
        return await http.get(url, max_bytes=10_000, accept="*/*")


async def failure(url, **changes):
    with pytest.raises(FetchFailure) as caught:
        await get(url, **changes)
    return caught.value


def redirect(target):
    async def handle(_):
        return web.Response(status=302, headers={"Location": target})

    return handle


async def test_an_answer_after_redirects_with_an_honest_agent():
    agents = []

    async def page(request):
        agents.append(request.headers["User-Agent"])
        return web.Response(text="page", headers={"Set-Cookie": "a=b"})

    async with server(a=redirect("/b"), b=redirect("c?x=1"), c=page) as url:
        answer = await get(f"{url}/a", user_agent="desk/1 (+https://desk.example)")
    assert (answer.url, answer.status, answer.body) == (f"{url}/c?x=1", 200, b"page")
    assert answer.hops == (f"{url}/a", f"{url}/b")
    assert agents == ["desk/1 (+https://desk.example)"]


async def test_redirects_end():
    async with server(a=redirect("/b"), b=redirect("/a"), c=redirect("file:///etc/passwd")) as url:
        assert (await failure(f"{url}/a")).reason is RejectReason.REDIRECTS
        assert (await failure(f"{url}/a", fetch_max_redirects=0)).reason is RejectReason.REDIRECTS
        assert (await failure(f"{url}/c")).reason is RejectReason.REDIRECTS


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/",
        "http://0x0a000001/",
        "http://localhost.example/",
    ],
)
async def test_no_hop_leads_into_a_private_network(target):
    async with server(a=redirect(target)) as url:
        failed = await failure(f"{url}/a", fetch_resolve={"localhost.example": ipaddress.ip_address("192.168.0.1")})
    assert failed.reason is RejectReason.ADDRESS
    assert not failed.passing


async def test_loopback_is_private_as_well():
    async with server() as url:
        assert (await failure(f"{url}/", fetch_allow_networks=())).reason is RejectReason.ADDRESS


async def test_bytes_are_bounded_after_decompression():
    async def big(_):
        response = web.Response(body=b"\0" * 1_000_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with server(a=big) as url:
        failed = await failure(f"{url}/a")
    assert failed.reason is RejectReason.TOO_LARGE


async def test_seconds_are_bounded():
    async def never(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.05)

    async with server(a=never) as url:
        failed = await failure(f"{url}/a", fetch_timeout=0.3)
    assert failed.reason is RejectReason.TIMEOUT
    assert failed.passing


@pytest.mark.parametrize(
    ("status", "reason", "passing"),
    [
        (404, "http_4xx", False),
        (410, "http_4xx", False),
        (429, "http_4xx", True),
        (500, "http_5xx", True),
        (503, "http_5xx", True),
    ],
)
async def test_statuses(status, reason, passing):
    async def handle(_):
        return web.Response(status=status, headers={"Retry-After": "7"})

    async with server(a=handle) as url:
        failed = await failure(f"{url}/a")
    assert (failed.reason.value, failed.passing) == (reason, passing)
    assert failed.retry_after == (7.0 if passing else None)


async def test_what_does_not_answer():
    async with server() as url:
        pass
    assert (await failure(f"{url}/")).reason is RejectReason.CONNECT
    assert (await failure("http://does-not-exist.invalid/")).reason is RejectReason.DNS


async def test_a_type_that_is_not_wanted_is_not_read():
    async def image(_):
        return web.Response(body=b"\x89PNG", content_type="image/png")

    async with server(a=image) as url, HttpClient(settings()) as http:
        with pytest.raises(FetchFailure) as caught:
            await http.get(f"{url}/a", max_bytes=10, accept="*/*", refuse=not_a_page)
    assert caught.value.reason is RejectReason.NOT_HTML


async def test_a_cookie_is_shown_within_a_chain_and_not_beyond():
    shown = []

    async def wall(request):
        shown.append(request.headers.get("Cookie"))
        if "pass" in request.cookies:
            return web.Response(text="page")
        return web.Response(status=302, headers={"Location": "/a", "Set-Cookie": "pass=1; Path=/; Domain=127.0.0.1"})

    async with server(a=wall) as url, HttpClient(settings()) as http:
        for _ in range(2):
            answer = await http.get(f"{url}/a", max_bytes=10_000, accept="*/*")
            assert (answer.body, answer.hops) == (b"page", (f"{url}/a",))
    assert shown == [None, "pass=1", None, "pass=1"]


async def test_a_wall_that_no_cookie_opens_is_a_loop():
    asked = 0

    async def wall(_):
        nonlocal asked
        asked += 1
        return web.Response(status=302, headers={"Location": "/a", "Set-Cookie": "pass=1"})

    async with server(a=wall) as url:
        assert (await failure(f"{url}/a")).detail == "redirect loop"
    assert asked == 2


async def test_credentials_go_to_the_origin_of_the_source_alone():
    seen = {}

    async def page(request):
        seen[request.host, request.path] = request.headers.get("X-Key"), request.headers.get("Authorization")
        return web.Response(text="page")

    async def back(request):
        await page(request)
        raise web.HTTPFound(f"{url}/c")

    async with server(b=back) as other, server(c=page, d=page) as url:
        names = {"other.example": ipaddress.ip_address("127.0.0.1")}
        port = url.rpartition(":")[2]

        async def away(request):
            await page(request)
            raise web.HTTPFound(f"http://user:password@127.0.0.1:{other.rpartition(':')[2]}/b")

        async with server(a=away) as source, HttpClient(settings(fetch_resolve=names)) as http:
            secret = {"X-Key": "k3y"}
            await http.get(f"{source}/a", max_bytes=99, accept="*/*", credentials=secret)
            await http.get(f"http://other.example:{port}/d", max_bytes=99, accept="*/*", credentials=secret)
    hosts = [address.removeprefix("http://") for address in (source, other, url)]
    assert seen == {
        (hosts[0], "/a"): ("k3y", None),
        # Another port is another origin; and what a redirect names as user and password is not sent.
        (hosts[1], "/b"): (None, None),
        (hosts[2], "/c"): (None, None),
        (f"other.example:{port}", "/d"): ("k3y", None),
    }


async def test_a_form_is_sent_again_only_where_the_method_is_kept():
    forms = []

    async def take(request):
        forms.append(dict(await request.post()))
        return web.Response(status=202)

    async def on(request):
        return web.Response(status=int(request.path[1:]), headers={"Location": "/take"})

    app = web.Application()
    app.router.add_post("/take", take)
    for code in (302, 307):
        app.router.add_post(f"/{code}", on)

    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with HttpClient(settings()) as http:
        answer = await http.post(f"{url}/307", {"a": "b c"}, max_bytes=10)
        assert (answer.status, answer.url, answer.hops) == (202, f"{url}/take", (f"{url}/307",))
        with pytest.raises(FetchFailure, match=r"status 302 .*, which is not followed") as caught:
            await http.post(f"{url}/302", {"a": "b"}, max_bytes=10)
    await runner.cleanup()
    assert caught.value.reason is RejectReason.REDIRECTS
    assert forms == [{"a": "b c"}]


def test_retry_after_in_both_forms():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after("120", now) == 120
    assert retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert retry_after(format_datetime(now - timedelta(seconds=90), usegmt=True), now) == 0
    assert retry_after("99999999", now) == 86_400
    assert retry_after("soon", now) is None
    assert retry_after(f"Thu, 01 Jan 2026 00:00:00 +{10**30}", now) is None
    assert retry_after(f"Thu, {'9' * 20} Jan 2026 00:00:00 GMT", now) is None
    assert retry_after(None, now) is None
