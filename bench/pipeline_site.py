"""The site that ``pipeline.py`` reads: real-sized pages on many hosts of loopback, their feeds, and a hub, in one process.

- ``/feed.xml``: what was published on this host so far, the last 30. ``/pushed.xml``: the same, and it names the hub.
- ``/story/N.html``: page N, compressed as web servers send it. Beyond the last of them stands a made-up page a host.
- ``/_publish`` (POST, a list of numbers): these pages are in the feeds from now on; the time at which they were.
- ``/_hub`` (POST): WebSub; it verifies, and sends the whole feed, signed.
"""

import argparse
import asyncio
import hashlib
import hmac
import sys
import time
from collections import defaultdict
from pathlib import Path

import aiohttp
from aiohttp import web
from pipeline_pages import compressed, made_up, pages

FEED_ITEMS = 30
ITEM = "<item><title>Story {n} of this feed</title><link>{url}</link><guid>{url}</guid></item>"
RSS = "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Bench</title>{links}{items}</channel></rss>"


def host(n):
    """The n-th address of loopback, none of them 127.0.0.1."""
    return f"127.{1 + (n >> 14)}.{(n >> 7) & 127}.{1 + (n & 127)}"


def story_url(n, hosts, port):
    """Where page n stands: the pages go round the hosts."""
    return f"http://{host(n % hosts)}:{port}/story/{n}.html"


class Site:
    def __init__(self, stock, hosts):
        self.hosts = hosts
        self.stock = stock
        self.published = defaultdict(list)
        self.subscribers = {}
        self.port = 0
        self.tasks = set()
        self.paths = {"/_publish": self.publish, "/_hub": self.subscribe, "/_subscribers": self.count}
        self.paths |= dict.fromkeys(("/feed.xml", "/pushed.xml"), self.offer)

    def feed(self, name, hub):
        urls = [(n, story_url(n, self.hosts, self.port)) for n in self.published[name][-FEED_ITEMS:]]
        origin = f"http://{name}:{self.port}"
        links = f"<atom:link rel='hub' href='{origin}/_hub'/><atom:link rel='self' href='{origin}/pushed.xml'/>"
        items = "".join(ITEM.format(n=n, url=url) for n, url in reversed(urls))
        return RSS.format(links=links if hub else "", items=items).encode()

    async def answer(self, request):
        found = self.paths.get(request.path) or (self.story if request.path.startswith("/story/") else None)
        return await found(request) if found else web.Response(status=404)

    async def story(self, request):
        kind, body, _ = self.stock[int(request.path[7:-5])]
        return web.Response(body=body, headers={"Content-Type": kind, "Content-Encoding": "gzip"})

    async def offer(self, request):
        body = self.feed(request.host.partition(":")[0], request.path == "/pushed.xml")
        tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, headers={"ETag": tag, "Content-Type": "application/rss+xml"})

    async def subscribe(self, request):
        self.later(self.verify(dict(await request.post())))
        return web.Response(status=202)

    async def count(self, _):
        return web.json_response(len(self.subscribers))

    async def publish(self, request):
        numbers = await request.json()
        changed = {host(n % self.hosts) for n in numbers}
        for n in numbers:
            self.published[host(n % self.hosts)].append(n)
        now = time.time()
        for name in changed:
            if name in self.subscribers:
                self.later(self.push(name, *self.subscribers[name]))
        return web.json_response(now)

    async def verify(self, form):
        challenge = "challenge-of-the-hub"
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": challenge}
        query["hub.lease_seconds"] = "86400"
        async with self.session.get(form["hub.callback"], params=query) as answer:
            agreed = answer.status == 200 and await answer.text() == challenge
        if agreed and form["hub.mode"] == "subscribe":
            name = form["hub.topic"].split("/")[2].partition(":")[0]
            self.subscribers[name] = form["hub.callback"], form.get("hub.secret", ""), form["hub.topic"]

    async def push(self, name, callback, secret, topic):
        body = self.feed(name, hub=True)
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/rss+xml",
            "X-Hub-Signature": f"sha256={signature}",
            "Link": f'<http://{name}:{self.port}/_hub>; rel="hub", <{topic}>; rel="self"',
        }
        async with self.session.post(callback, data=body, headers=headers) as answer:
            if answer.status >= 300:
                print(f"a push was answered with {answer.status}", file=sys.stderr)

    def later(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def serve(site):
    async with aiohttp.ClientSession() as site.session:
        server = web.Server(site.answer, access_log=None)
        listening = await asyncio.get_running_loop().create_server(server, "0.0.0.0", 0, backlog=4096)
        site.port = listening.sockets[0].getsockname()[1]
        print(site.port, flush=True)
        await listening.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shared", type=Path)
    parser.add_argument("pages", type=int)
    parser.add_argument("hosts", type=int)
    options = parser.parse_args()
    stock, said = pages(options.shared / "data", options.pages)
    print(
        f"{len(stock)} pages, {sum(size for *_, size in stock) / len(stock) / 1e3:.0f} kB on the average: {said}",
        flush=True,
    )
    # What the services are warmed up with.
    stock += [compressed(*made_up(options.pages + n)) for n in range(options.hosts)]
    asyncio.run(serve(Site(stock, options.hosts)))


if __name__ == "__main__":
    main()
