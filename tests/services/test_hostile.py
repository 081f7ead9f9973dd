"""The server of hostile answers does what its cases say, and survives it."""

import asyncio
import contextlib
import dataclasses
import gzip
import json
import runpy
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import brotli
import feedparser
import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SCRIPT = Path(__file__).parents[1] / "hostile.py"
CASES = [dataclasses.asdict(case) for case in runpy.run_path(str(SCRIPT))["CASES"]]
HAS_PROC = Path("/proc/self/status").exists()


@contextlib.contextmanager
def started():
    """A server of its own: the process, and its address."""
    with subprocess.Popen([sys.executable, str(SCRIPT)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@contextlib.asynccontextmanager
async def connected(base):
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(base, auto_decompress=False, timeout=timeout) as session:
        yield session


@pytest.fixture(scope="module")
def base():
    with started() as (_process, address):
        yield address


@pytest.fixture
async def client(base):
    async with connected(base) as session:
        yield session


async def read(client, path) -> bytes:
    async with client.get(path) as response:
        assert response.status == 200
        return await response.read()


async def count(client, path) -> int:
    total = 0
    async with client.get(path) as response:
        async for chunk in response.content.iter_chunked(1 << 16):
            total += len(chunk)
    return total


def peak_memory(pid: int) -> int:
    """Bytes, on Linux."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no peak memory")


async def test_the_feed_offers_every_page_and_the_cases_are_listed(client, base):
    listed = json.loads(await read(client, "/cases.json"))
    assert listed == CASES
    parsed = feedparser.parse(await read(client, "/feed.xml"))
    assert not parsed.bozo
    links = [urlsplit(entry.link) for entry in parsed.entries]
    pages = [case for case in CASES if case["kind"] == "page"]
    assert sorted(link.path for link in links) == sorted(case["path"] for case in pages)
    assert links[-1].path == "/pages/slow-drip"
    ports = {link.path: link.port for link in links}
    assert {port for path, port in ports.items() if path.startswith("/good/")} == {urlsplit(base).port}
    assert len({port for path, port in ports.items() if path.startswith("/storm/")}) == 1
    assert len(set(ports.values())) > 4


@pytest.mark.parametrize("case", [c for c in CASES if c["path"].startswith("/good/")], ids=lambda case: case["path"])
async def test_a_good_page_is_good(client, case):
    text = (await read(client, case["path"])).decode()
    assert case["phrase"] in text
    assert len(text) > 700


async def test_pages_without_a_text(client):
    assert await read(client, "/pages/empty") == b""
    assert (await read(client, "/pages/binary")).startswith(b"\x89PNG\r\n\x1a\n")
    assert b"<p" not in await read(client, "/pages/blank")
    assert (await read(client, "/pages/nested")).count(b"<div>") == 100_000


@pytest.mark.parametrize("path", ["/pages/truncated", "/pages/truncated-chunked"])
async def test_an_answer_breaks_off(client, path):
    with pytest.raises(aiohttp.ClientPayloadError):
        await read(client, path)


@pytest.mark.skipif(not HAS_PROC, reason="the peak of a process's memory is read from /proc")
async def test_huge_answers_are_huge_and_not_held():
    with started() as (process, address):
        async with connected(address) as client:
            assert await count(client, "/cases.json") > 0
            before = peak_memory(process.pid)
            for path in ("/pages/huge", "/pages/huge-declared"):
                assert 49 << 20 < await count(client, path) < 51 << 20
            for path in ("/pages/never-ending", "/feeds/huge.xml"):
                async with client.get(path) as response:
                    assert len(await response.content.readexactly(60 << 20)) == 60 << 20
                    response.close()
            assert peak_memory(process.pid) - before < 16 << 20


async def test_a_client_may_give_up_a_huge_answer(client):
    async with client.get("/pages/huge") as response:
        await response.content.readexactly(1000)
        response.close()
    assert b"<h1>" in await read(client, "/good/clock")


@pytest.mark.parametrize(
    ("path", "coding"),
    [
        ("/pages/gzip-bomb", "gzip"),
        ("/feeds/gzip-bomb.xml", "gzip"),
        ("/pages/br-bomb", "br"),
        ("/pages/zstd-bomb", "zstd"),
    ],
)
async def test_a_bomb_goes_off(client, path, coding):
    async with client.get(path) as response:
        assert response.headers["Content-Encoding"] == coding
        packed = await response.read()
    assert len(packed) < 1 << 20
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}[coding]
    page = unpack(packed)
    assert b"Forty voices" in page[:1000]
    assert len(page) > 100 << 20


@pytest.mark.parametrize(
    ("path", "declared", "real"),
    [
        ("/pages/declared-utf-8-is-windows-1251", "utf-8", "cp1251"),
        ("/pages/declared-latin-1-is-utf-8", "iso-8859-1", "utf-8"),
    ],
)
async def test_the_declared_charset_is_wrong(client, path, declared, real):
    phrase = next(case["phrase"] for case in CASES if case["path"] == path)
    async with client.get(path) as response:
        assert response.charset == declared
        body = await response.read()
    assert declared.encode() in body
    assert phrase in body.decode(real)
    assert phrase not in body.decode(declared, "replace")


async def test_the_text_has_what_no_text_may_hold(client):
    body = await read(client, "/pages/surrogates")
    assert all(part in body for part in (b"\x00", b"\xed\xa0\x80", b"&#xD800;", b"\xff\xfe"))
    with pytest.raises(UnicodeDecodeError):
        body.decode()


async def test_redirects_and_errors(client):
    with pytest.raises(aiohttp.TooManyRedirects):
        await read(client, "/pages/redirect-loop")
    async with client.get("/pages/redirect-to-metadata", allow_redirects=False) as response:
        assert response.headers["Location"].startswith("http://169.254.169.254/")
    async with client.get("/pages/500") as response:
        assert response.status == 500
    async with client.get("/pages/429") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "2")


@pytest.mark.parametrize("name", ["length-too-long", "length-too-short", "reset", "http-0.9", "long-status-line",
    "many-headers", "chunked-garbage"])  # fmt: skip
async def test_what_is_no_answer(client, name):
    with pytest.raises(aiohttp.ClientError):
        await read(client, f"/pages/{name}")


async def test_what_does_not_come_to_an_end(base):
    """Silence, a head that drips, interim answers: nothing that could be called an answer."""
    for name in ("silence", "head-drip", "interim-for-ever"):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(base).port)
        writer.write(f"GET /pages/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        said = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.6):
                while len(said) < 1_000_000:
                    said += await reader.read(65_536)
        writer.close()
        assert b"\r\n\r\nx" not in said
        assert (said == b"") == (name == "silence")
        assert (len(said) >= 1_000_000) == (name == "interim-for-ever")
        assert not reader.at_eof()


async def test_a_cookie_opens_the_wall(client):
    async with client.get("/pages/cookie-wall", allow_redirects=False) as response:
        assert response.headers["Location"].endswith("/pages/cookie-wall")
    async with client.get("/pages/cookie-wall", headers={"Cookie": "pass=1"}) as response:
        assert b"the ones with bubbles in them" in await response.read()


async def test_tls_has_a_fault_of_its_own_on_each_port(client):
    context = ssl.create_default_context(cadata=(await read(client, "/ca.pem")).decode())
    faults = {}
    for name in ("good", "another-name", "nobody-s", "expired", "none"):
        try:
            async with client.get(f"/pages/tls-{name}", ssl=context) as response:
                assert b"has asked for cider" in await response.read()
        except aiohttp.ClientConnectorCertificateError as error:
            faults[name] = error.certificate_error.verify_message
        except aiohttp.ClientConnectorSSLError as error:
            faults[name] = error.os_error.reason
    assert faults == {
        "another-name": "IP address mismatch, certificate is not valid for '127.0.0.1'.",
        "nobody-s": "unable to get local issuer certificate",
        "expired": "certificate has expired",
        "none": "WRONG_VERSION_NUMBER",
    }


async def test_an_archive_of_a_feed(client, base):
    feed = await read(client, "/feeds/entries.xml")
    assert feed.count(b"<item>") == 10_000
    assert feed.count(b" Mar 2001 ") == 9_999
    assert f"{base}/good/kite".encode() in feed


async def test_the_drip_goes_on_and_does_not_keep_the_server_from_stopping():
    with started() as (process, address):
        async with connected(address) as client, client.get("/pages/slow-drip") as response:
            start = await response.content.readexactly(60)
            assert start.startswith(b"<!DOCTYPE html>")
            assert not response.content.at_eof()
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 10) == 0


async def test_hostile_feeds(client, base):
    assert await read(client, "/feeds/empty.xml") == b""
    assert (await read(client, "/feeds/binary.xml")).startswith(b"\x89PNG")
    bomb = await read(client, "/feeds/entity-bomb.xml")
    assert len(bomb) < 2000
    assert bomb.count(b"<!ENTITY") == 10
    assert b'SYSTEM "file:///etc/passwd"' in await read(client, "/feeds/external-entity.xml")
    assert (await read(client, "/feeds/nested.xml")).count(b"<category>") == 100_000
    truncated = await read(client, "/feeds/truncated.xml")
    assert b"</rss>" not in truncated
    wrong = await read(client, "/feeds/wrong-charset.xml")
    assert b'encoding="UTF-8"' in wrong
    with pytest.raises(UnicodeDecodeError):
        wrong.decode()
    for path, body in (("/feeds/truncated.xml", truncated), ("/feeds/wrong-charset.xml", wrong)):
        offers = next(case["offers"] for case in CASES if case["path"] == path)
        assert offers
        assert all(f"<link>{base}{offer}</link>".encode() in body for offer in offers)


async def test_the_log_tells_every_request():
    with started() as (_process, address):
        async with connected(address) as client:
            await read(client, "/good/kite")
            async with client.get("/nowhere") as response:
                assert response.status == 404
            assert json.loads(await read(client, "/_log")) == ["/good/kite", "/nowhere"]
