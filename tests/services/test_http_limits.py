"""Answers that break every rule: each ends in its reason, within its bound."""

import asyncio
import gzip
import ipaddress
import resource
import socket
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from contextlib import asynccontextmanager

import brotli
import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from copydesk.core.sniff import not_a_page
from copydesk.models import Item
from copydesk.runtime import connections
from copydesk.runtime.connections import (
    MAX_FRAMING_BYTES,
    MAX_HEAD_BYTES,
    MAX_IDLE_A_HOST,
    MOST_FILES,
    raise_file_limit,
)
from copydesk.runtime.http import MAX_HEADERS, FetchFailure, HttpClient
from copydesk.runtime.rechecks import first
from copydesk.runtime.settings import load_settings

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAGE = b"<!DOCTYPE html><title>T</title><p>Words.</p>" * 20
MAX_BYTES = 100_000


@asynccontextmanager
async def speaking(script):
    """A server that says what ``script`` writes to each connection, once a request has come."""

    async def serve(reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                if await script(writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


def settings(**changes):
    return load_settings(**{"fetch_allow_networks": LOOPBACK, "fetch_timeout": 5.0, **changes})


async def ask(url, *, refuse=None, max_bytes=MAX_BYTES, **changes):
    async with HttpClient(settings(**changes)) as http:
        return await http.get(url, max_bytes=max_bytes, accept="*/*", refuse=refuse)


async def outcome(script, **changes):
    """Reason and words of a failure, and how long it took; or the answer."""
    started = time.monotonic()
    async with speaking(script) as url:
        try:
            return await ask(url, **changes)
        except FetchFailure as failure:
            return failure.reason.value, failure.detail, time.monotonic() - started


def says(*parts, again=None, pause=0.0, reset=False):
    """A script: parts, then one part for ever, then the end of the connection."""

    async def script(writer):
        for part in parts:
            writer.write(part)
            await writer.drain()
        while again is not None:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause)
        if reset:
            held = writer.get_extra_info("socket")
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        return True

    return script


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": deflated,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "GZIP, br": lambda data: brotli.compress(gzip.compress(data)),
    "identity": bytes,
    "": bytes,
}


def encoded(coding, body, *, length=None):
    head = (
        OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode()
    )
    return says(head + body)


@pytest.mark.parametrize("coding", CODINGS)
async def test_every_coding_is_undone(coding):
    answer = await outcome(encoded(coding, CODINGS[coding](PAGE)))
    assert answer.body == PAGE


async def test_codings_in_headers_of_their_own():
    body = zstd.compress(gzip.compress(PAGE))
    head = OK + b"Content-Encoding: gzip\r\ncontent-encoding: zstd\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert (await outcome(says(head + body))).body == PAGE


async def test_gzip_in_members_and_with_something_behind():
    body = gzip.compress(PAGE) + gzip.compress(PAGE) + b"\0\0\0"
    assert (await outcome(encoded("gzip", body))).body == 2 * PAGE


@pytest.mark.parametrize(
    ("coding", "body", "said"),
    [
        ("compress", b"x", "content encoding 'compress' is not known"),
        ("gzip, gzip, gzip, gzip", b"x", "4 content encodings within each other"),
        ("gzip", b"not at all", "not in its content encoding"),
        ("br", b"\xff" * 40, "not in its content encoding"),
        ("zstd", b"nor this one", "not in its content encoding"),
        ("deflate", b"nor this one", "not in its content encoding"),
        ("gzip", gzip.compress(PAGE, mtime=0)[:-9], "ends within its content encoding"),
        ("br", brotli.compress(PAGE)[:-1], "ends within its content encoding"),
        ("zstd", zstd.compress(PAGE)[:-1], "ends within its content encoding"),
        ("gzip", gzip.compress(b"", mtime=0) * 2_000, "more than 1024 gzip members"),
        ("zstd", zstd.compress(b"") * 2_000, "more than 1024 zstd frames"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_coding_that_cannot_be_undone(coding, body, said):
    reason, detail, _ = await outcome(encoded(coding, body))
    assert reason == "broken"
    assert said in detail


async def test_a_zstd_window_is_bounded():
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    body = packer.compress(PAGE) + packer.flush(zstd.ZstdCompressor.FLUSH_BLOCK)
    reason, detail, _ = await outcome(encoded("zstd", body))
    assert (reason, "too much memory" in detail) == ("broken", True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "br, zstd"])
async def test_a_bomb_is_no_larger_than_the_bound(coding):
    body = bytes(20_000_000)
    for name in coding.split(", "):
        body = CODINGS[name](body)
    reason, detail, _ = await outcome(encoded(coding, body))
    assert (reason, detail) == ("too_large", f"more than {MAX_BYTES} bytes")


async def test_what_comes_to_nothing_is_bounded_as_well():
    # Deflate's empty stored block: five bytes that decompress to none.
    head = OK + b"Content-Encoding: deflate\r\n\r\n"
    reason, _, _ = await outcome(says(head + zlib.compress(b"")[:2], again=b"\0\0\0\xff\xff" * 1_000))
    assert reason == "too_large"


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FAILS = {
    "never-ending": (says(OK + b"\r\n", again=b"words " * 1_000), "too_large", f"more than {MAX_BYTES}0 bytes"),
    "never-ending-chunks": (says(CHUNKED, again=b"a\r\n0123456789\r\n" * 500), "too_large", f"more than {MAX_BYTES}0 bytes"),
    "tiny-chunks": (says(CHUNKED, again=b"1\r\nx\r\n" * 1_000), "broken", f"more than {MAX_FRAMING_BYTES} bytes beside"),
    "announced": (says(OK + b"Content-Length: 999999999\r\n\r\n"), "too_large", "999999999 bytes announced"),
    "length-too-long": (says(OK + b"Content-Length: 500\r\n\r\nshort"), "broken", "received 5 of 500"),
    # Rather no page than one that is cut off.
    "length-too-short": (says(OK + b"Content-Length: 5\r\n\r\nwords, and what was not announced"), "broken", ""),
    "chunked-garbage": (says(CHUNKED + b"zz\r\nwords"), "broken", ""),
    "no-last-chunk": (says(CHUNKED + b"5\r\nwords\r\n"), "broken", "the body breaks off"),
    "reset-in-the-body": (says(OK + b"Content-Length: 500\r\n\r\nshort", reset=True), "broken", ""),
    "reset-in-the-head": (says(OK, reset=True), "broken", ""),
    "closed-in-the-head": (says(OK), "broken", ""),
    "closed-at-once": (says(), "broken", ""),
    "http-0.9": (says(b"<html>Words from long ago</html>"), "broken", "no HTTP answer"),
    "garbage": (says(bytes(range(256)) * 4), "broken", "no HTTP answer"),
    "long-status-line": (says(b"HTTP/1.1 200 " + b"O" * 100_000 + b"\r\n\r\n"), "broken", "no HTTP answer"),
    "long-header": (says(OK + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), "broken", "no HTTP answer"),
    "many-headers": (says(OK + b"X: y\r\n" * (MAX_HEADERS + 1) + b"\r\n"), "broken", "no HTTP answer"),
    "large-head": (says(OK, again=b"X: " + b"y" * 30_000 + b"\r\n"), "broken", f"more than {MAX_HEAD_BYTES} bytes"),
    "interim-for-ever": (says(again=b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100), "broken", f"more than {MAX_HEAD_BYTES}"),
    "switching": (says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), "broken", "101"),
    "partial": (says(b"HTTP/1.1 206 Partial\r\nContent-Length: 1\r\n\r\nx"), "broken", "status 206"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILS)
async def test_an_answer_that_is_none(name):
    script, reason, words = FAILS[name]
    found, detail, seconds = await outcome(script, max_bytes=MAX_BYTES * 10)
    assert (found, words in detail) == (reason, True), detail
    assert seconds < 4


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (says(again=b"", pause=0.05), "nothing came for 0.3 s"),
        (says(OK + b"\r\n", again=b"", pause=0.05), "nothing came for 0.3 s"),
        (says(OK + b"\r\n", again=b".", pause=0.05), "no complete answer within 0.7 s"),
        (says(OK, again=b"X: y\r\n", pause=0.05), "no complete answer within 0.7 s"),
        (says(again=b"H", pause=0.05), ""),
        (says(CHUNKED, again=b"1\r\n.\r\n", pause=0.05), "no complete answer within 0.7 s"),
    ],
    ids=["silence", "silence-after-the-head", "drip", "drip-of-headers", "drip-of-one-letter", "drip-of-chunks"],
)
async def test_what_is_slow_ends_at_its_deadline(script, said):
    found = await outcome(script, fetch_timeout=0.7, fetch_first_byte_timeout=0.3)
    if not said:
        assert found[0] in ("broken", "timeout")
        return
    assert found[:2] == ("timeout", said)
    assert found[2] < 2


async def test_a_server_that_takes_no_connection():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        taken = []
        # What is beyond the backlog gets no answer to its SYN.
        for _ in range(8):
            other = socket.socket()
            other.setblocking(False)
            other.connect_ex(("127.0.0.1", port))
            taken.append(other)
        with pytest.raises(FetchFailure, match=r"no connection within 0\.3 s") as caught:
            await ask(f"http://127.0.0.1:{port}/", fetch_connect_timeout=0.3)
        for other in taken:
            other.close()
    assert (caught.value.reason.value, caught.value.passing) == ("timeout", True)


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        (b"Content-Type: text/html\r\n", b"%PDF-1.7 " + PAGE, "content type 'text/html', and the body is PDF"),
        (b"Content-Type: text/html\r\n", b"\x89PNG\r\n\x1a\n", "and the body is PNG"),
        (b"Content-Type: video/mp4\r\n", b"", "content type 'video/mp4'"),
        (b"", b"\x00\x00\x00\x20ftypisom" + bytes(2000), "content type 'None', and the body is MP4"),
        (b"Content-Type: application/octet-stream\r\n", b"Words " * 500, "application/octet-stream"),
        (b"Content-Type: text/html\r\nContent-Encoding: br\r\n", brotli.compress(b"%PDF" + b"-" * 3000), "is PDF"),
    ],
    ids=["pdf", "png", "video", "no-type", "octet-stream", "compressed"],
)
async def test_what_is_no_page_is_dropped_at_its_beginning(head, body, said):
    sent = 0

    async def script(writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)
        if len(body) > 1_445 or b"video" in head:
            while True:
                writer.write(b"x" * 10_000)
                await writer.drain()
                sent += 10_000
        return True

    reason, detail, seconds = await outcome(script, refuse=not_a_page, max_bytes=1_000_000_000)
    assert (reason, said in detail) == ("not_html", True), detail
    assert seconds < 2
    assert sent < 20_000_000


@pytest.mark.parametrize("kind", [b"text/plain", b"application/octet-stream", b"nonsense", b""])
async def test_a_page_of_another_name_is_taken(kind):
    answer = await outcome(says(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n" + PAGE), refuse=not_a_page)
    assert answer.body == PAGE


async def test_interim_answers_are_passed_over():
    head = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    answer = await outcome(says(head, head + OK + b"\r\n" + PAGE))
    assert (answer.status, answer.body, "Link" in answer.headers) == (200, PAGE, False)


async def test_bytes_that_are_no_text_come_as_text_that_can_be_kept():
    reason, detail, _ = await outcome(says(b"HTTP/1.1 404 Perdu\xe9\r\nContent-Length: 0\r\n\r\n"))
    assert (reason, detail) == ("http_4xx", "status 404 Perdu?")
    odd = b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=\xff\r\nETag: "\xe9"\r\nContent-Length: 1\r\n\r\nx'
    async with speaking(says(odd)) as url:
        answer = await ask(url)
    assert answer.content_type == "text/html; charset=?"
    item = Item(url=url, canonical_url=url, source="s")
    before = first(item, answer.url, body_hash=await answer.body_hash(), headers=answer.headers)
    assert before.headers() == {}, "what cannot be kept is not sent back"
    assert before.model_dump_json()


async def test_headers_are_found_by_any_spelling():
    answer = await outcome(says(b"HTTP/1.1 200 OK\r\nx-robots-tag: noai\r\nX-ROBOTS-TAG: noindex\r\n\r\n" + PAGE))
    assert answer.headers.get("X-Robots-Tag") == "noai"
    assert answer.headers.getall("x-Robots-tag") == ["noai", "noindex"]


async def test_few_idle_connections_are_kept(monkeypatch):
    monkeypatch.setattr(connections, "MAX_IDLE_HOSTS", 20)

    async def polite(writer):
        writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    async with speaking(polite) as url, HttpClient(settings()) as http:
        port = url.rstrip("/").rpartition(":")[2]
        # Each loopback address is a host of its own.
        for n in range(30):
            names = {f"h{n}.example": ipaddress.ip_address("127.0.0.1")}
            http._resolver._fixed.update(names)
            await http.get(f"http://h{n}.example:{port}/", max_bytes=10, accept="*/*")
        assert len(http._direct.connector._conns) == 20
        one = f"http://127.0.0.1:{port}/"
        await asyncio.gather(*(http.get(one, max_bytes=10, accept="*/*") for _ in range(10)))
        assert max(map(len, http._direct.connector._conns.values())) <= MAX_IDLE_A_HOST


BOMBER = r"""
    import asyncio, ipaddress, re, sys
    from pathlib import Path
    from copydesk.runtime.http import FetchFailure, HttpClient
    from copydesk.runtime.settings import load_settings

    def peak():
        return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024

    async def main():
        settings = load_settings(fetch_allow_networks=(ipaddress.ip_network("127.0.0.0/8"),))
        async with HttpClient(settings) as http:
            async def ask(n):
                try:
                    await http.get(sys.argv[1], max_bytes=n, accept="*/*")
                except FetchFailure as failure:
                    return failure.reason.value
            await ask(1_000)
            before = peak()
            reason = await ask(10_000_000)
            print(reason, peak() - before)

    asyncio.run(main())
"""


def bomb(coding):
    """A body that grows to 8 GB, but for brotli, which has no members to repeat: 256 MB of one."""
    if coding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join(packer.process(bytes(1 << 24)) for _ in range(16)) + packer.finish()
    return CODINGS[coding](bytes(1 << 24)) * 500


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_the_memory_of_a_bomb_is_bounded(coding, tmp_path):
    """It takes no more than the bound of 10 MB, a window, and what one read brings."""
    script = tmp_path / "bomber.py"
    script.write_text(textwrap.dedent(BOMBER))
    body = await asyncio.to_thread(bomb, coding)

    async def send(writer):
        head = f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(OK + head.encode() + body)
        await writer.drain()
        return True

    async with speaking(send) as url:
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, str(script), url], capture_output=True, text=True, check=True, timeout=60
        )
    reason, grown = done.stdout.split()
    assert reason == "too_large"
    assert int(grown) < 25_000_000


def test_the_limit_of_open_files_is_raised():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard, MOST_FILES)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
