"""A made-up news site, whose truth is known: what is published when, and what has to come out of it. From a seed alone."""

import asyncio
import contextlib
import hashlib
import random
import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

HOSTS = 24
FEEDS = ("rss", "atom", "news")
PUBLISHED_SHARE = 0.85  # of the run; what comes last still meets a few faults
POISON = ("attributes", "nesting", "arrays")


@dataclass(frozen=True)
class Article:
    """One address, and what stands there.

    Attributes:
        number: Also the order in which articles are published.
        host: An address of loopback; each is a host of its own.
        at: Seconds from the start at which its feed offers it.
        kind: story, revised, poison, gone or flaky.
        story: Number of the story that it tells; copies tell another's.
        changes: Seconds from the start at which its text changes; it is offered once more right after each.
        offered_again: Seconds from the start at which it is offered once more as it was; 0: never.
        fails: Requests that fail before one is answered.
    """

    number: int
    host: str
    at: float
    kind: str
    story: int
    changes: tuple[float, ...] = ()
    offered_again: float = 0.0
    fails: int = 0

    @property
    def path(self):
        return f"/a/{self.number}"

    def version(self, seconds):
        """Number of the version that stands there so many seconds after the start, from 1."""
        return 1 + sum(change <= seconds for change in self.changes)


def plan_site(seed, duration, rate=8.0):
    """The articles of a run, in the order of their publication; the same for the same seed."""
    rng = random.Random(f"site {seed}")
    hosts = [f"127.{10 + n // 8}.{n % 8 + 1}.1" for n in range(HOSTS)]
    span = duration * PUBLISHED_SHARE
    drafts = []
    story = 0
    while len(drafts) < span * rate:
        story += 1
        at = rng.uniform(0, span)
        kind = rng.choices(("story", "revised", "poison", "gone", "flaky"), (80, 10, 0.5, 3, 6))[0]
        homes = rng.sample(hosts, rng.choices((1, 2, 3, 5), (60, 20, 12, 8))[0] if kind == "story" else 1)
        changes = ()
        again = 0.0  # seconds after its publication
        if kind == "revised":
            number = 1 if duration < 120 else rng.randint(1, 3)
            changes = tuple(min(at + (n + 1) * rng.uniform(12, 20), duration * 0.95) for n in range(number))
            changes = tuple(sorted(set(changes)))
        elif kind == "story" and rng.random() < 0.05:
            again = rng.uniform(10, 25)
        for place, home in enumerate(homes):
            # Some copies are there in the same moment.
            later = 0.0 if rng.random() < 0.3 else rng.uniform(0, min(20.0, span - at))
            first = at + (later if place else 0.0)
            offered_again = min(first + again, duration * 0.95) if again else 0.0
            drafts.append((first, home, kind, story, changes, offered_again, rng.randint(1, 3)))
    return [
        Article(n, home, round(at, 3), kind, story, changes, again, fails if kind == "flaky" else 0)
        for n, (at, home, kind, story, changes, again, fails) in enumerate(sorted(drafts), 1)
    ]


@lru_cache(maxsize=20_000)
def paragraphs(seed, story):
    """The text of a story, in words that no other has: that another story is no copy of it is beyond doubt."""
    rng = random.Random(f"story {seed} {story}")
    words = [
        "".join(rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))
        for _ in range(120)
    ]
    return [" ".join(" ".join(rng.choices(words, k=12)).capitalize() + "." for _ in range(4)) for _ in range(6)]


def text_of(seed, article, version):
    """Paragraphs of an article: its story's, with an edit and an end of its own, so that a copy is never the same."""
    rng = random.Random(f"article {seed} {article.number} {version}")
    text = list(paragraphs(seed, article.story))
    edited = text[1].split(" ")
    edited[rng.randrange(1, len(edited) - 1)] = "".join(rng.choices("bdfgklmnprst", k=6))
    text[1] = " ".join(edited)
    if article.changes:
        new = " ".join(
            rng.choices(paragraphs(seed, -article.number)[version % 6].lower().replace(".", "").split(), k=30)
        )
        text.insert(3, new.capitalize() + ".")
    text.append(f"{mark(article, version)} It was written for the readers of {article.host.replace('.', ' dot ')}.")
    return text


def mark(article, version):
    """A sentence by which a text says what it is."""
    return f"This is edition {version} of report {article.number}."


def page(seed, article, version):
    """The HTML of an article."""
    if article.kind == "poison":
        return poison(POISON[article.number % len(POISON)], article)
    title = " ".join(paragraphs(seed, article.story)[0].split()[:6]).capitalize()
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text_of(seed, article, version))
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>{title}</h1>{body}</article></main><footer>Imprint</footer></body></html>"
    )


def poison(name, article):
    """A page that takes a worker down, or does its best to."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs("poison", article.story))
    if name == "attributes":
        # libxml2 compares every attribute of an element with all before it: C code that no Python signal ends.
        attributes = " ".join(f"a{n}=1" for n in range(9_900))
        return f"<html><body>{f'<div {attributes}></div>' * 120}<article>{text}</article></body></html>"
    if name == "nesting":
        return f"<html><body>{'<div><b>' * 100_000}{text}</body></html>"
    deep = "[" * 190_000 + "]" * 190_000
    return f"<html><head><script type='application/ld+json'>{deep}</script></head><body>{text}</body></html>"


class Site:
    """Serves a plan: what is published so far, by the clock since ``start``."""

    def __init__(self, seed, articles, address=""):
        self.seed = seed
        self.address = address  # what stands behind the host in links: ":" and a port
        self.articles = {article.number: article for article in articles}
        self.hosts = sorted({article.host for article in articles})
        self.asked = Counter()  # article's number -> requests that were answered with it
        self.failed = Counter()
        self.started = None
        self._by_host = {host: [a for a in articles if a.host == host] for host in self.hosts}
        self._server = None
        self._open = {}  # connection -> who serves it

    @property
    def now(self):
        """Seconds since the start; nothing is published before it."""
        return -1.0 if self.started is None else time.monotonic() - self.started

    @property
    def sources(self):
        return [f"http://{host}{self.address}/{FEEDS[n % len(FEEDS)]}.xml" for n, host in enumerate(self.hosts)]

    @property
    def published(self):
        return sum(article.at <= self.now for article in self.articles.values())

    def url(self, article):
        return f"http://{article.host}{self.address}{article.path}"

    def offers(self, host):
        """Path and number of what a host has offered so far, the newest first."""
        now, found = self.now, []
        for article in self._by_host.get(host, ()):
            if article.at <= now:
                found.append((article.at, article.path, article.number))
            again = (*article.changes, article.offered_again) if article.offered_again else article.changes
            found += [(at, f"/again/{article.number}-{n}", article.number) for n, at in enumerate(again) if at <= now]
        return [(path, number) for _, path, number in sorted(found, reverse=True)]

    def feed(self, host, kind):
        """A feed's body."""
        links = [(f"http://{host}{self.address}{path}", number) for path, number in self.offers(host)]
        if kind == "rss":
            items = "".join(f"<item><title>Report {n}</title><link>{link}</link></item>" for link, n in links)
            return f"<rss version='2.0'><channel><title>{host}</title>{items}</channel></rss>"
        if kind == "atom":
            items = "".join(f"<entry><title>Report {n}</title><id>{x}</id><link href='{x}'/></entry>" for x, n in links)
            return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{host}</title><id>{host}</id>{items}</feed>"
        items = "".join(f"<url><loc>{link}</loc></url>" for link, _ in links)
        return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{items}</urlset>"

    async def start(self, port):
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", port, backlog=512)
        return self._server.sockets[0].getsockname()[1]

    async def close(self):
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._open.values())

    async def _serve(self, reader, writer):
        self._open[writer] = asyncio.current_task()
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                host = writer.get_extra_info("sockname")[0]
                headers = {k.lower(): v for k, _, v in (x.partition(": ") for x in head.split("\r\n")[1:])}
                host = headers.get("host", host).partition(":")[0]
                answer = self._answer(host, head.split(" ", 2)[1], headers)
                if answer is None:
                    break
                if answer == "never":
                    await reader.read()  # until the other end gives up
                    break
                writer.write(answer)
                await writer.drain()
        del self._open[writer]
        writer.transport.abort()

    def _answer(self, host, path, headers):
        """The bytes of an answer; None: the connection is cut; never: none comes."""
        name = path.partition("?")[0].strip("/")
        kind = name.removesuffix(".xml")
        if kind in FEEDS:
            body = self.feed(host, kind).encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if headers.get("if-none-match") == tag:
                return _response(304, b"", ETag=tag)
            return _response(200, body, "application/xml", ETag=tag)
        folder, _, number = name.partition("/")
        article = self.articles.get(int(number.partition("-")[0])) if number.partition("-")[0].isdecimal() else None
        if article is None or article.host != host or article.at > self.now:
            return _response(404, b"not here")
        if folder == "again":
            return _response(302, b"", Location=article.path)
        return self._article(article)

    def _article(self, article):
        if article.kind == "gone":
            return _response(404, b"not here")
        if self.failed[article.number] < article.fails:
            self.failed[article.number] += 1
            way = (article.number + self.failed[article.number]) % 3
            return (None, "never", _response(503, b"busy", **{"Retry-After": "1"}))[way]
        self.asked[article.number] += 1
        return _response(200, page(self.seed, article, article.version(self.now)).encode(), "text/html; charset=utf-8")


def _response(status, body, content_type="text/plain", **headers):
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
