"""A site on loopback that costs next to nothing to serve: ``python bench/fetch_site.py``; its first line is its port.

It listens on every address of this machine, so that each 127.x.y.z is a host of its own.

- ``/feed``: a feed with an ETag, and 304 to who has it; ``/big/N``: a feed of 1,000 entries that is new each time.
- ``/a/N``: an article of about 60 kB. ``/slow/N``: the same, 200 ms later.
- All else, robots.txt among it, is not there. ``/_count``: answers so far, but for this one.
"""

import argparse
import asyncio
import random

SLOW_SECONDS = 0.2
ARTICLE_BYTES = 60_000
FEED_ITEM = "<item><title>An item of this feed</title><link>{link}</link><guid>{link}</guid></item>"


def feed(entries, link="/a/{}"):
    items = "".join(FEED_ITEM.format(link=link.format(n)) for n in range(entries))
    return f"<rss version='2.0'><channel><title>Bench</title>{items}</channel></rss>".encode()


def article(rng):
    """A page as news sites send it: a few thousand characters of text within much markup."""
    words = ["".join(rng.choices("abcdefghilmnoprstuv", k=rng.randint(2, 9))) for _ in range(400)]
    text = "".join(f"<p>{' '.join(rng.choices(words, k=60))}.</p>\n" for _ in range(12))
    menu = ""
    while len(menu) + len(text) < ARTICLE_BYTES:
        menu += f"<li class='item-{rng.randint(1, 99)}'><a href='/{rng.choice(words)}'>{rng.choice(words)}</a></li>\n"
    return f"<html><head><title>Bench</title></head><body><ul>{menu}</ul><article><h1>Bench</h1>{text}</article></body>".encode()


def answer(status, body=b"", head=""):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


class Site:
    def __init__(self):
        rng = random.Random(5)
        html = "Content-Type: text/html; charset=utf-8\r\n"
        rss = "Content-Type: application/rss+xml\r\n"
        self.count = 0
        self.feed = answer("200 OK", feed(0), rss + 'ETag: "one"\r\n')
        self.same = answer("304 Not Modified", head='ETag: "one"\r\n')
        self.none = answer("404 Not Found")
        self.articles = [answer("200 OK", article(rng), html) for _ in range(20)]
        self.rss = rss

    def reply(self, path, head):
        if path == b"/feed":
            return self.same if b"if-none-match" in head else self.feed
        if path.startswith((b"/a/", b"/slow/")):
            return self.articles[int(path.partition(b"?")[0].rpartition(b"/")[2]) % len(self.articles)]
        if path.startswith(b"/big/"):
            self.count += 1
            return answer("200 OK", feed(1000, f"/a/{{}}?of={self.count}"), self.rss)
        return self.none


class Connection(asyncio.Protocol):
    def __init__(self, site):
        self.site = site
        self.unread = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, _, self.unread = self.unread.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            if path == b"/_count":
                self.transport.write(answer("200 OK", str(self.site.count).encode()))
                continue
            self.site.count += 1
            reply = self.site.reply(path, head.lower())
            if path.startswith(b"/slow/"):
                asyncio.get_running_loop().call_later(SLOW_SECONDS, self.transport.write, reply)
            else:
                self.transport.write(reply)


async def serve(port):
    site = Site()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(site), "0.0.0.0", port, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
