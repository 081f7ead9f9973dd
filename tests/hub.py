"""A WebSub hub for tests, as the Recommendation says it has to be, and able to misbehave. Nothing here imports the product."""

import asyncio
import hmac
import secrets
import time
from dataclasses import dataclass

import aiohttp
from aiohttp import web


@dataclass
class Subscriber:
    callback: str
    topic: str
    secret: str | None
    until: float


class Hub:
    """Verifies intent, keeps leases, signs, distributes. Use as an asynchronous context manager."""

    def __init__(self):
        self.subscribers = {}
        self.asked = []
        self.verified = []  # (mode, whether the subscriber agreed)
        self.path = "/hub"
        self.redirect = None  # status with which /hub sends elsewhere
        self.status = 202
        self.denies = None  # a reason
        self.lease = None  # seconds that it grants, whatever was asked for
        self.is_silent = False
        self.method = "sha256"
        self.signature = None  # sent instead of the right one; "" sends none
        self.challenge = None
        self._tasks = set()

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/hub", self._take)
        app.router.add_post("/moved", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_):
        await asyncio.gather(*self._tasks)
        await self._session.close()
        await self._runner.cleanup()

    @property
    def url(self):
        return self.origin + self.path

    async def _take(self, request):
        if self.redirect and request.path == "/hub":
            return web.Response(status=self.redirect, headers={"Location": "/moved"})
        form = dict(await request.post())
        self.asked.append(form)
        if self.status != 202:
            return web.Response(status=self.status, text="not now")
        task = asyncio.create_task(self._deny(form) if self.denies else self._verify(form))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return web.Response(status=202)

    async def _deny(self, form):
        query = {"hub.mode": "denied", "hub.topic": form["hub.topic"], "hub.reason": self.denies}
        await self.call(form["hub.callback"], query)

    async def _verify(self, form):
        challenge = self.challenge or secrets.token_urlsafe(16)
        lease = self.lease or float(form.get("hub.lease_seconds", 86_400))
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": challenge}
        if form["hub.mode"] == "subscribe":
            query["hub.lease_seconds"] = f"{lease:.0f}"
        status, body = await self.call(form["hub.callback"], query)
        agreed = 200 <= status < 300 and body == challenge
        self.verified.append((form["hub.mode"], agreed))
        if agreed and form["hub.mode"] == "subscribe":
            until = time.time() + lease
            self.subscribers[form["hub.callback"]] = Subscriber(
                form["hub.callback"], form["hub.topic"], form.get("hub.secret"), until
            )
        elif agreed:
            self.subscribers.pop(form["hub.callback"], None)

    async def call(self, callback, query):
        async with self._session.get(callback, params=query) as answer:
            return answer.status, await answer.text()

    async def publish(self, topic, body, content_type="application/rss+xml", **headers):
        """Send to all whose lease runs; the statuses that they answered."""
        statuses = []
        for subscriber in [s for s in self.subscribers.values() if s.topic == topic and s.until > time.time()]:
            if self.is_silent:
                continue
            sent = {"Content-Type": content_type, "Link": f'<{self.url}>; rel="hub", <{topic}>; rel="self"', **headers}
            if self.signature is not None:
                sent |= {"X-Hub-Signature": self.signature} if self.signature else {}
            elif subscriber.secret:
                digest = hmac.new(subscriber.secret.encode(), body, self.method).hexdigest()
                sent["X-Hub-Signature"] = f"{self.method}={digest}"
            async with self._session.post(subscriber.callback, data=body, headers=sent) as answer:
                statuses.append(answer.status)
                if answer.status == 410:
                    del self.subscribers[subscriber.callback]
        return statuses
