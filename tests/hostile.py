"""A server of hostile answers, for tests: every kind of bad page and feed at a path of its own, good ones beside them.

``python tests/hostile.py --port 8000`` serves until it is stopped, and writes its address as its first line.

- ``/feed.xml`` is a good feed that offers every page, bad and good.
- ``/cases.json`` names every case: ``{path, kind, outcomes, phrase, offers, port}``. ``kind`` is page or feed; ``outcomes``
  are those that are right (a verdict, or the reason of a rejection; for a feed ``items`` or ``failed``); ``phrase``
  must stand in the text of a page that becomes a document; ``offers`` are the pages that a feed gives away, if any.
  Cases are spread over several ports, so that the slow ones do not wait for each other; all are served on each.
- ``/_log`` has the path of every request so far, as JSON.
- ``/ca.pem`` is the authority that the good page over TLS is signed by. ``rebinding.test`` is a name whose second look-up
  gives a private address, where ``tests/rebinding`` stands on the ``PYTHONPATH`` of whoever asks.

Nothing here imports the product. Large answers are streamed and never held.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import functools
import signal
import socket
import ssl
import struct
import sys
import tomllib
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path

import brotli
import trustme
from aiohttp import web

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MEGABYTE = 1 << 20
HUGE = 50 * MEGABYTE
GIGABYTE = 1024 * MEGABYTE
ENTRIES = 10_000
# The first port has the feed and the good pages, the second the storm, the others the rest.
PORTS = 8
BOMB = 100 * MEGABYTE
DEPTH = 100_000
METADATA = "http://169.254.169.254/latest/meta-data/"
# A PNG of one transparent pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000b4944415478da63600002000005"
    "0001e9fadcd80000000049454e44ae426082"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Case:
    """One path, and what may come of it."""

    path: str
    kind: str
    outcomes: list[str]
    phrase: str | None = None
    offers: list[str] = field(default_factory=list)
    port: int = 0
    """Which of the server's ports its link leads to."""


@dataclass(frozen=True)
class Article:
    """A text of its own, so that no two pages are copies of each other."""

    title: str
    language: str
    paragraphs: list[str]


def read_articles() -> dict[str, Article]:
    """The texts, by name."""
    data = tomllib.loads((Path(__file__).parent / "data" / "hostile" / "articles.toml").read_text(encoding="utf-8"))
    return {
        name: Article(fields["title"], fields["language"], fields["body"].strip().split("\n\n"))
        for name, fields in data.items()
    }


TEXTS = read_articles()
GOOD = ("clock", "weather", "kite", "ladder")


def document(article: Article, charset: str = "utf-8") -> str:
    """An ordinary page of an article, which says that it is in the given charset."""
    body = "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article.paragraphs)
    return (
        f'<!DOCTYPE html>\n<html lang="{article.language}"><head><meta charset="{charset}">'
        f"<title>{escape(article.title)}</title></head>\n<body><article><h1>{escape(article.title)}</h1>\n{body}\n"
        "</article></body></html>\n"
    )


def html(body: bytes | str, charset: str | None = "utf-8", **headers: str) -> web.Response:
    """A complete answer of type text/html."""
    content_type = "text/html" if charset is None else f"text/html; charset={charset}"
    data = body.encode() if isinstance(body, str) else body
    return web.Response(body=data, headers={"Content-Type": content_type, **headers})


def fixed(body: bytes | str, charset: str | None = "utf-8") -> Handler:
    """A handler that always gives the same page."""

    async def handle(_request: web.Request) -> web.Response:
        return html(body, charset)

    return handle


def status(code: int, **headers: str) -> Handler:
    """A handler that answers with an error."""

    async def handle(_request: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, text=f"<h1>Error {code}</h1>", content_type="text/html", headers=named)

    return handle


def redirect(target: str) -> Handler:
    """A handler that sends on to another address."""

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    return handle


def broken_off(*, chunked: bool) -> Handler:
    """A handler that closes the connection before the answer is complete."""

    async def handle(request: web.Request) -> web.StreamResponse:
        whole = document(TEXTS["tunnel"]).encode()
        response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
        if chunked:
            response.enable_chunked_encoding()
        else:
            response.content_length = len(whole)
        await response.prepare(request)
        await response.write(whole[: len(whole) // 2])
        if request.transport is not None:
            request.transport.close()
        return response

    return handle


def streamed(
    content_type: str, start: bytes, filler: bytes, end: bytes, *, size: int = HUGE, declared: bool = False
) -> Handler:
    """A handler that sends about so many bytes, with or without saying so before."""
    block = filler * (65536 // len(filler) + 1)
    blocks = size // len(block)

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type})
        if declared:
            response.content_length = len(start) + blocks * len(block) + len(end)
        else:
            response.enable_chunked_encoding()
        await response.prepare(request)
        with contextlib.suppress(ConnectionResetError):  # a client that has had enough leaves, as it should
            await response.write(start)
            for _ in range(blocks):
                await response.write(block)
            await response.write(end)
        return response

    return handle


@functools.cache
def bomb() -> bytes:
    """A page of ``BOMB`` bytes, as gzip."""
    packer = zlib.compressobj(1, wbits=31)
    block = b" " * MEGABYTE
    parts = [packer.compress(document(TEXTS["tunnel"]).encode())]
    parts += [packer.compress(block) for _ in range(BOMB // MEGABYTE)]
    return b"".join([*parts, packer.flush()])


def packed(coding: str, content_type: str = "text/html; charset=utf-8") -> Handler:
    """A handler that sends a page, or what it calls one, that grows to ``BOMB`` bytes when it is unpacked."""

    @functools.cache
    def build() -> bytes:
        page, block = document(TEXTS["tunnel"]).encode(), b" " * MEGABYTE
        if coding == "gzip":
            return bomb()
        if coding == "br":
            packer = brotli.Compressor(quality=1)
            return b"".join(packer.process(part) for part in (page, *[block] * (BOMB // MEGABYTE))) + packer.finish()
        return zstd.compress(page) + zstd.compress(block) * (BOMB // MEGABYTE)

    async def handle(_request: web.Request) -> web.Response:
        body = await asyncio.to_thread(build)
        return web.Response(body=body, headers={"Content-Type": content_type, "Content-Encoding": coding})

    return handle


def raw(*parts: bytes, again: bytes = b"", pause: float = 0.0, reset: bool = False) -> Handler:
    """A handler that writes what is perhaps no HTTP, then one part for ever, and then ends the connection."""

    async def handle(request: web.Request) -> web.StreamResponse:
        transport = request.transport
        if transport is None:
            raise ConnectionResetError
        transport.write(b"".join(parts))
        while (again or pause) and not transport.is_closing():
            if transport.get_write_buffer_size() < MEGABYTE:
                transport.write(again)
            await asyncio.sleep(pause)
        if reset:
            held = transport.get_extra_info("socket")
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        transport.close()
        return web.Response()

    return handle


def typed(body: bytes, content_type: str) -> Handler:
    """A handler that gives something a name of its choice."""

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": content_type})

    return handle


def cookie_wall(article: Article) -> Handler:
    """A handler that sends its reader in a circle until it shows the cookie that it was given."""

    async def handle(request: web.Request) -> web.Response:
        if request.cookies.get("pass") == "1":
            return html(document(article))
        return web.Response(status=302, headers={"Location": str(request.url), "Set-Cookie": "pass=1; Path=/"})

    return handle


def over_tls(fault: str) -> Handler:
    """A handler that sends on to a port that speaks TLS, each with a fault of its own."""

    async def handle(request: web.Request) -> web.Response:
        if request.secure:
            return html(document(TEXTS["orchard"]))
        return await redirect(f"https://127.0.0.1:{request.app[TLS_PORTS][fault]}{request.path}")(request)

    return handle


async def rebinding(request: web.Request) -> web.Response:
    """Sends on to a name, and there to another port of it, for which it is looked up again."""
    port = request.app[PORT_NUMBERS][3 if request.host.startswith("rebinding.test") else 2]
    return await redirect(f"http://rebinding.test:{port}/pages/rebinding")(request)


async def slow_drip(request: web.Request) -> web.StreamResponse:
    """A page that never ends, a few bytes at a time, so that no time-out between two reads is ever met."""
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
    await response.prepare(request)
    await response.write(b"<!DOCTYPE html><html><body><p>Once")
    while True:
        await response.write(b" and again")
        await asyncio.sleep(0.25)


def nested(element: str) -> str:
    """A text below ``DEPTH`` elements."""
    return f"<{element}>" * DEPTH + "The text at the bottom of it all." + f"</{element}>" * DEPTH


def surrogates() -> bytes:
    """An article with what no text may hold: NULs, encoded and referenced lone surrogates, non-characters."""
    page = document(TEXTS["tunnel"]).encode()
    page = page.replace(b"Forty voices", b"Forty\x00 \xed\xa0\x80voices &#xD800;&#0;", 1)
    return page.replace(b"Visitors may", b"\xef\xbf\xbf\xff\xfe\x00Visitors \xed\xbf\xbfmay &#xDFFF;", 1)


def rss(items: str, *, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>', doctype: str = "") -> str:
    """A feed around the given items."""
    return (
        f'{declaration}\n{doctype}<rss version="2.0"><channel><title>Hostile</title><link>http://localhost/</link>'
        f"<description>Not nice</description>\n{items}\n</channel></rss>\n"
    )


def item(origin: str, path: str, title: str) -> str:
    """One entry; it has no date, so that it is never too old."""
    link = escape(origin + path)
    return f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid></item>"


def feed(build: Callable[[str], bytes | str]) -> Handler:
    """A handler for a feed that is made from the server's own address."""

    async def handle(request: web.Request) -> web.Response:
        body = build(str(request.url.origin()))
        data = body.encode() if isinstance(body, str) else body
        return web.Response(body=data, headers={"Content-Type": "application/rss+xml; charset=utf-8"})

    return handle


def entity_bomb(origin: str) -> str:
    """Ten to the power of nine times three letters, in under a kilobyte."""
    entities = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f"<!DOCTYPE rss [{entities}]>\n"
    return rss(item(origin, "/good/clock", "BOMB").replace("BOMB", "&a9;"), doctype=doctype)


def external_entity(origin: str) -> str:
    """A title that is to be read from a file of the reader's machine."""
    doctype = '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>\n'
    return rss(item(origin, "/good/clock", "FILE").replace("FILE", "&file;"), doctype=doctype)


def truncated_feed(origin: str) -> str:
    """Ends in the middle of its second item."""
    text = rss(item(origin, "/good/kite", TEXTS["kite"].title) + item(origin, "/good/never", "The end of it"))
    return text[: text.index("/good/never")]


def many_entries(origin: str) -> str:
    """An archive of ``ENTRIES``, all of them old but one, which has no date."""
    old = (
        f"<item><title>{n}</title><link>{origin}/old/{n}</link><pubDate>Mon, 05 Mar 2001 12:00:00 GMT</pubDate></item>"
        for n in range(1, ENTRIES)
    )
    return rss("\n".join((*old, item(origin, "/good/kite", TEXTS["kite"].title))))


def wrong_charset_feed(origin: str) -> bytes:
    """Says that it is UTF-8, and is windows-1251."""
    return rss(item(origin, "/good/ladder", TEXTS["ladder"].title)).encode("cp1251")


def page_case(name: str, handler: Handler, *outcomes: str, phrase: str | None = None) -> tuple[Case, Handler]:
    """A page at ``/pages/name``."""
    port = 2 + zlib.crc32(name.encode()) % (PORTS - 2)
    return Case(f"/pages/{name}", "page", list(outcomes), phrase, port=port), handler


def feed_case(name: str, handler: Handler, *outcomes: str, offers: tuple[str, ...] = ()) -> tuple[Case, Handler]:
    """A feed at ``/feeds/name.xml``."""
    return Case(f"/feeds/{name}.xml", "feed", list(outcomes), offers=list(offers)), handler


_HUGE_HTML = (
    b"<!DOCTYPE html><title>Huge</title><body>",
    b"<p>There is always more where that came from.</p>\n",
    b"</body>",
)
_HUGE_FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Huge</title>',
    b"<item><title>And one more</title><link>http://192.0.2.1/never</link></item>\n",
    b"</channel></rss>",
)

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
STORM = [(Case(f"/storm/{number}", "page", ["http_4xx"], port=1), status(429, Retry_After="1")) for number in range(5)]
PAGES = [
    page_case("empty", fixed(b""), "empty"),
    page_case("blank", fixed("<!DOCTYPE html><html><body>\n</body></html>"), "empty", "no_article"),
    page_case("binary", fixed(PNG * 40), "not_html", "empty", "no_article"),
    page_case("truncated", broken_off(chunked=False), "broken"),
    page_case("truncated-chunked", broken_off(chunked=True), "broken"),
    page_case("huge", streamed("text/html; charset=utf-8", *_HUGE_HTML), "too_large"),
    page_case("huge-declared", streamed("text/html; charset=utf-8", *_HUGE_HTML, declared=True), "too_large"),
    page_case("never-ending", raw(_HEAD + b"\r\n", again=b"<p>And on.</p>" * 5_000), "too_large"),
    page_case("gzip-bomb", packed("gzip"), "too_large"),
    page_case("br-bomb", packed("br"), "too_large"),
    page_case("zstd-bomb", packed("zstd"), "too_large"),
    page_case("unknown-coding", raw(_HEAD + b"Content-Encoding: pack200\r\nContent-Length: 1\r\n\r\nx"), "broken"),
    page_case("length-too-long", raw(_HEAD + b"Content-Length: 500\r\n\r\n<p>Short"), "broken"),
    page_case("length-too-short", raw(_HEAD + b"Content-Length: 3\r\n\r\n<p>Much longer</p>"), "broken"),
    page_case("reset", raw(_HEAD + b"Content-Length: 500\r\n\r\n<p>Short", reset=True), "broken"),
    page_case("http-0.9", raw(b"<html><p>Words from long ago</p></html>"), "broken"),
    page_case("long-status-line", raw(b"HTTP/1.1 200 " + b"O" * 200_000 + b"\r\n\r\n"), "broken"),
    page_case("many-headers", raw(_HEAD + b"X-More: of it\r\n" * 1_000 + b"\r\n"), "broken"),
    page_case("interim-for-ever", raw(again=b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1_000), "broken"),
    page_case("chunked-garbage", raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nnot a size\r\n"), "broken"),
    page_case("silence", raw(pause=0.25), "timeout"),
    page_case("head-drip", raw(_HEAD, again=b"X-More: of it\r\n", pause=0.25), "timeout"),
    page_case("pdf-called-html", typed(b"%PDF-1.7\n" + b"0 0 1 rg\n" * 300, "text/html"), "not_html"),
    page_case(
        "html-called-octets",
        typed(document(TEXTS["ferry"]).encode(), "application/octet-stream"),
        "original",
        phrase="showed no interest in the view",
    ),
    page_case("cookie-wall", cookie_wall(TEXTS["lantern"]), "original", phrase="the ones with bubbles in them"),
    page_case("tls-another-name", over_tls("another-name"), "tls"),
    page_case("tls-nobody-s", over_tls("nobody-s"), "tls"),
    page_case("tls-expired", over_tls("expired"), "tls"),
    page_case("tls-none", over_tls("none"), "tls"),
    page_case("tls-good", over_tls("good"), "original", phrase="has asked for cider"),
    page_case("redirect-to-octal", redirect("http://012.0.0.1/"), "address"),
    page_case("redirect-to-mapped", redirect("http://[::ffff:10.0.0.1]/"), "address"),
    page_case("redirect-to-ftp", redirect("ftp://127.0.0.1/"), "redirects"),
    page_case("rebinding", rebinding, "address"),
    page_case(
        "nested",
        fixed(f"<!DOCTYPE html><title>Deep</title><body>{nested('div')}</body>"),
        "too_large",
    ),
    page_case(
        "declared-utf-8-is-windows-1251",
        fixed(document(TEXTS["bells"]).encode("cp1251")),
        "original",
        phrase="без неё посёлок не узнал бы собственного голоса",
    ),
    page_case(
        "declared-latin-1-is-utf-8",
        fixed(document(TEXTS["garden"], "iso-8859-1"), "iso-8859-1"),
        "original",
        phrase="même ceux qui ont déménagé reviennent le tailler",
    ),
    page_case(
        "surrogates",
        fixed(surrogates()),
        "original",
        phrase="A word sung too long returns from the far end a second later",
    ),
    page_case("redirect-loop", redirect("/pages/redirect-back"), "redirects"),
    page_case("redirect-to-metadata", redirect(METADATA), "address"),
    page_case("slow-drip", slow_drip, "timeout"),
    page_case("500", status(500), "http_5xx"),
    page_case("429", status(429, Retry_After="2"), "http_4xx"),
]
FEEDS = [
    feed_case("empty", feed(lambda _origin: b""), "failed"),
    feed_case("binary", feed(lambda _origin: PNG * 40), "failed"),
    feed_case("truncated", feed(truncated_feed), "items", "failed", offers=("/good/kite",)),
    feed_case("huge", streamed("application/rss+xml", *_HUGE_FEED, size=GIGABYTE), "failed"),
    feed_case("gzip-bomb", packed("gzip", "application/rss+xml"), "failed"),
    feed_case("entries", feed(many_entries), "items", offers=("/good/kite",)),
    feed_case("slow-drip", slow_drip, "failed"),
    feed_case("reset", raw(_HEAD + b"Content-Length: 500\r\n\r\n<rss>", reset=True), "failed"),
    feed_case("redirect-loop", redirect("/pages/redirect-loop"), "failed"),
    feed_case("storm", status(429, Retry_After="1"), "failed"),
    feed_case("tls-nobody-s", over_tls("nobody-s"), "failed"),
    feed_case("entity-bomb", feed(entity_bomb), "items", "failed", offers=("/good/clock",)),
    feed_case("external-entity", feed(external_entity), "items", "failed", offers=("/good/clock",)),
    feed_case(
        "nested",
        feed(lambda origin: rss(item(origin, "/good/weather", TEXTS["weather"].title) + nested("category"))),
        "items",
        "failed",
        offers=("/good/weather",),
    ),
    feed_case("wrong-charset", feed(wrong_charset_feed), "items", "failed", offers=("/good/ladder",)),
]
GOOD_PAGES = [
    (Case(f"/good/{name}", "page", ["original"], TEXTS[name].paragraphs[-1][:40]), fixed(document(TEXTS[name])))
    for name in GOOD
]
ALL = PAGES + STORM + GOOD_PAGES + FEEDS
CASES = [case for case, _handler in ALL]
LOG = web.AppKey("log", list[str])
AUTHORITY = web.AppKey("authority", bytes)
PORT_NUMBERS = web.AppKey("ports", list[int])
TLS_PORTS = web.AppKey("tls_ports", dict[str, int])


async def whole_feed(request: web.Request) -> web.Response:
    """The good feed that offers every page; the slowest come last."""
    pages = sorted((case for case in CASES if case.kind == "page"), key=lambda case: "timeout" in case.outcomes)
    links = [
        item(str(request.url.with_port(request.app[PORT_NUMBERS][case.port]).origin()), case.path, case.path)
        for case in pages
    ]
    return web.Response(text=rss("\n".join(links)), content_type="application/rss+xml")


@web.middleware
async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep the path of every request but those for the log."""
    if request.path != "/_log":
        request.app[LOG].append(request.path)
    return await handler(request)


def make_app() -> web.Application:
    """The server's application."""
    app = web.Application(middlewares=[note])
    app[LOG] = []
    app[PORT_NUMBERS] = []
    app[TLS_PORTS] = {}
    for case, handler in ALL:
        app.router.add_get(case.path, handler)
    app.router.add_get("/pages/redirect-back", redirect("/pages/redirect-loop"))
    app.router.add_get("/feed.xml", whole_feed)

    async def show_cases(_request: web.Request) -> web.Response:
        return web.json_response([asdict(case) for case in CASES])

    async def show_log(request: web.Request) -> web.Response:
        return web.json_response(request.app[LOG])

    async def show_authority(request: web.Request) -> web.Response:
        return web.Response(body=request.app[AUTHORITY])

    app.router.add_get("/ca.pem", show_authority)
    app.router.add_get("/cases.json", show_cases)
    app.router.add_get("/_log", show_log)
    return app


def certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert | None]:
    """What the ports that should speak TLS have, by what is wrong with it; None: they do not speak it."""
    return {
        "good": authority.issue_cert("127.0.0.1"),
        "another-name": authority.issue_cert("another.example"),
        "expired": authority.issue_cert("127.0.0.1", not_after=dt.datetime.now(dt.UTC) - dt.timedelta(days=1)),
        "nobody-s": trustme.CA().issue_cert("127.0.0.1"),
        "none": None,
    }


async def serve(port: int, bind: str) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app, authority = make_app(), trustme.CA()
    app[AUTHORITY] = authority.cert_pem.bytes()
    # Without cancellation a drip would go on after its client has left.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()

    async def listen(at: int = 0, certificate: trustme.LeafCert | None = None) -> int:
        context = None if certificate is None else ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None and context is not None:
            certificate.configure_cert(context)
        site = web.TCPSite(runner, bind, at, ssl_context=context)
        await site.start()
        return int(site.port)

    try:
        app[PORT_NUMBERS].extend([await listen(0 if number else port) for number in range(PORTS)])
        app[TLS_PORTS].update({fault: await listen(0, held) for fault, held in certificates(authority).items()})
        sys.stdout.write(f"http://{bind}:{app[PORT_NUMBERS][0]}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Serve from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.bind))


if __name__ == "__main__":
    main()
