"""A server of hostile answers, for tests: every kind of bad page and feed at a path of its own, good ones beside them.

``python tests/hostile.py --port 8000`` serves until it is stopped, and writes its address as its first line.

- ``/feed.xml`` is a good feed that offers every page, bad and good.
- ``/cases.json`` names every case: ``{path, kind, outcomes, phrase, offers}``. ``kind`` is page or feed; ``outcomes``
  are those that are right (a verdict, or the reason of a rejection; for a feed ``items`` or ``failed``); ``phrase``
  must stand in the text of a page that becomes a document; ``offers`` are the pages that a feed gives away, if any.
- ``/_log`` has the path of every request so far, as JSON.

Nothing here imports the product. Large answers are streamed and never held.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import signal
import sys
import tomllib
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path

from aiohttp import web

MEGABYTE = 1 << 20
HUGE = 50 * MEGABYTE
BOMB = 500 * MEGABYTE
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


def streamed(content_type: str, start: bytes, filler: bytes, end: bytes, *, declared: bool = False) -> Handler:
    """A handler that sends ``HUGE`` bytes, with or without saying so before."""
    block = filler * (65536 // len(filler) + 1)
    blocks = HUGE // len(block)

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


async def gzip_bomb(_request: web.Request) -> web.Response:
    """Half a megabyte on the wire."""
    return html(await asyncio.to_thread(bomb), **{"Content-Encoding": "gzip"})


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


def wrong_charset_feed(origin: str) -> bytes:
    """Says that it is UTF-8, and is windows-1251."""
    return rss(item(origin, "/good/ladder", TEXTS["ladder"].title)).encode("cp1251")


def page_case(name: str, handler: Handler, *outcomes: str, phrase: str | None = None) -> tuple[Case, Handler]:
    """A page at ``/pages/name``."""
    return Case(f"/pages/{name}", "page", list(outcomes), phrase), handler


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

PAGES = [
    page_case("empty", fixed(b""), "empty"),
    page_case("blank", fixed("<!DOCTYPE html><html><body>\n</body></html>"), "empty", "no_article"),
    page_case("binary", fixed(PNG * 40), "not_html", "empty", "no_article"),
    page_case("truncated", broken_off(chunked=False), "broken"),
    page_case("truncated-chunked", broken_off(chunked=True), "broken"),
    page_case("huge", streamed("text/html; charset=utf-8", *_HUGE_HTML), "too_large"),
    page_case("huge-declared", streamed("text/html; charset=utf-8", *_HUGE_HTML, declared=True), "too_large"),
    page_case("gzip-bomb", gzip_bomb, "too_large"),
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
    feed_case("huge", streamed("application/rss+xml", *_HUGE_FEED), "failed"),
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
CASES = [case for case, _handler in PAGES + GOOD_PAGES + FEEDS]
LOG = web.AppKey("log", list[str])


def whole_feed(origin: str) -> str:
    """The good feed that offers every page; the slowest comes last."""
    pages = sorted((case for case in CASES if case.kind == "page"), key=lambda case: "timeout" in case.outcomes)
    return rss("\n".join(item(origin, case.path, case.path) for case in pages))


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
    for case, handler in PAGES + GOOD_PAGES + FEEDS:
        app.router.add_get(case.path, handler)
    app.router.add_get("/pages/redirect-back", redirect("/pages/redirect-loop"))
    app.router.add_get("/feed.xml", feed(whole_feed))

    async def show_cases(_request: web.Request) -> web.Response:
        return web.json_response([asdict(case) for case in CASES])

    async def show_log(request: web.Request) -> web.Response:
        return web.json_response(request.app[LOG])

    app.router.add_get("/cases.json", show_cases)
    app.router.add_get("/_log", show_log)
    return app


async def serve(port: int, bind: str) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Without cancellation a drip would go on after its client has left.
    runner = web.AppRunner(make_app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, bind, port)
        await site.start()
        sys.stdout.write(f"http://{bind}:{site.port}\n")
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
