"""The bundled site over HTTP, as a client sees it that knows where the names lead."""

import asyncio
import json
import signal
import socket
import sys

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver

from copydesk_services.demo.expected import expected_items
from copydesk_services.demo.server import serve
from copydesk_services.demo.site import SITE


class Names(AbstractResolver):
    """Leads every name to this machine."""

    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self):
        return None


@pytest.fixture
async def server():
    async with serve() as running:
        yield running


@pytest.fixture
async def client():
    connector = aiohttp.TCPConnector(resolver=Names())
    async with aiohttp.ClientSession(connector=connector, headers={"User-Agent": "test/1"}) as session:
        yield session


async def test_every_item_answers_under_its_host(server, client):
    for item in expected_items():
        async with client.get(item.url(server.port)) as response:
            assert response.status == (404 if item.rejected == "http_4xx" else 200)
            text = await response.text()
            assert all(phrase in text for phrase in item.keep)


async def test_sources_carry_addresses_that_lead_back_to_the_server(server, client):
    for url in SITE.sources(server.port):
        async with client.get(url) as response:
            assert response.status == 200
            assert f".demo:{server.port}/" in await response.text()


async def test_a_feed_is_sent_once_to_a_client_that_keeps_its_validators(server, client):
    url = server.url("harbour-gazette.demo", "/rss.xml")
    async with client.get(url) as first:
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        async with client.get(url, headers=headers) as again:
            assert again.status == 304
            assert await again.read() == b""


async def test_the_redirect_leads_to_the_article(server, client):
    async with client.get(server.url("tal-bote.demo", "/k/4711")) as response:
        assert [step.status for step in response.history] == [301]
        assert response.url.path.endswith("/wanderweg-der-verlorenen-handschuhe")


async def test_the_log_tells_every_request_and_not_its_own(server, client):
    path = "/2026/10/08/orchards-bring-back-the-grey-duchess?utm_source=rss"
    for host, asked in (("inland-courier.demo", path), ("tal-bote.demo", "/nirgends")):
        async with client.get(server.url(host, asked)) as response:
            await response.read()
    async with client.head(server.url("tal-bote.demo", "/")) as response:
        assert response.status == 200
    async with client.get(server.url("127.0.0.1", "/_log")) as response:
        log = await response.json()
    assert [(entry["host"], entry["path"], entry["method"], entry["status"]) for entry in log] == [
        ("inland-courier.demo", path, "GET", 200),
        ("tal-bote.demo", "/nirgends", "GET", 404),
        ("tal-bote.demo", "/", "HEAD", 200),
    ]
    assert {entry["user_agent"] for entry in log} == {"test/1"}
    assert len(server.log) == 3


async def test_the_module_serves_until_it_is_stopped(client):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "copydesk_services.demo.server", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        address = (await process.stdout.readline()).decode().strip()
        async with client.get(f"{address}/robots.txt", headers={"Host": "tal-bote.demo"}) as response:
            assert response.status == 200
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_check_runs_as_a_command():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "copydesk_services.demo.expected",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    row = {"url": "http://tal-bote.demo:1/nirgends", "verdict": "original"}
    out, _ = await process.communicate(json.dumps(row).encode())
    assert process.returncode == 1
    assert "no source offers this" in out.decode()
    assert len(out.splitlines()) > len(expected_items())
