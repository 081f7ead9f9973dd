"""Many hosts on one port of this machine, told apart by their names, with a log of what each was asked and when."""

import asyncio
import threading
import time
from collections import defaultdict

from aiohttp import web
from blackbox import article, words


class ManyHosts:
    """Hosts ``h0.test`` and so on: each with a feed of its own, pages, and some that redirect to the next host."""

    def __init__(self, number, pages, seconds):
        self.names = [f"h{n}.test" for n in range(number)]
        self.pages = pages
        self.seconds = seconds
        self.log = defaultdict(list)
        """By host: start and end of each request (monotonic), and its path."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        self._page = article("A story", words(1, 3))

    @property
    def resolve(self):
        return ",".join(f"{name}=127.0.0.1" for name in self.names)

    def url(self, host, path):
        return f"http://{self.names[host % len(self.names)]}:{self.port}{path}"

    @property
    def feeds(self):
        return [self.url(n, "/feed.xml") for n in range(len(self.names))]

    async def _start(self):
        runner = web.AppRunner(web.Application())
        runner.app.router.add_get("/{path:.*}", self._answer)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        return runner.addresses[0][1]

    async def _answer(self, request):
        start = time.monotonic()
        name = request.host.partition(":")[0]
        number = self.names.index(name)
        await asyncio.sleep(self.seconds)
        answer = self._of(number, request.path)
        self.log[name].append((start, time.monotonic(), request.path))
        return answer

    def _of(self, number, path):
        if path == "/feed.xml":
            links = [self.url(number, f"/{'r' if n % 3 == 0 else 'a'}/{n}") for n in range(self.pages)]
            items = "".join(f"<item><title>{n}</title><link>{link}</link></item>" for n, link in enumerate(links))
            feed = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>"
            return web.Response(text=feed, content_type="application/rss+xml")
        if path.startswith("/r/"):
            return web.Response(status=302, headers={"Location": self.url(number + 1, f"/from/{number}{path}")})
        if path.startswith(("/a/", "/from/")):
            return web.Response(text=self._page, content_type="text/html")
        return web.Response(status=404)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
