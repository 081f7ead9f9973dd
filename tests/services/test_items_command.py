"""The verb ``items`` as a user runs it."""

import base64
import contextlib
import gzip
import json
import os

import pytest
from blackbox import Site
from forked import copydesk

FEED = (
    "<rss version='2.0'><channel><title>Paper</title><ttl>30</ttl><item><title>A &amp;amp; b</title><link>/1</link>"
    "<guid>7</guid><pubDate>Tue, 06 Oct 2026 08:00:00 +0200</pubDate></item><item><title>no link</title></item></channel></rss>"
)
INDEX = "<sitemapindex><sitemap><loc>https://paper.example/s1.xml</loc><lastmod>2026-10-06</lastmod></sitemap></sitemapindex>"
LOOPBACK = {"COPYDESK_FETCH_ALLOW_NETWORKS": "127.0.0.0/8"}


def items(*arguments, stdin=b"", **environment):
    return copydesk("items", *arguments, stdin=stdin, env={**os.environ, **environment})


def rows(done):
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_one_file(tmp_path):
    file = tmp_path / "feed.xml.gz"
    file.write_bytes(gzip.compress(FEED.encode()))
    done = items("--url", "https://paper.example/feed.xml", file)
    first, second = rows(done)
    assert done.returncode == 0
    assert first == {
        "url": "https://paper.example/1",
        "title": "A & b",
        "published_at": "2026-10-06T06:00:00Z",
        "guid": "7",
        "id": first["id"],
    }
    assert len(first["id"]) == 24
    assert second == {"url": None, "title": "no link", "published_at": None, "guid": None, "id": None}
    said = done.stderr.decode().splitlines()
    assert said[0] == "feed: 2 items"
    assert "says that it changes every 30m" in said


def test_an_index_from_standard_input():
    done = items(stdin=INDEX.encode())
    [row] = rows(done)
    assert (row["url"], row["published_at"]) == ("https://paper.example/s1.xml", "2026-10-06T00:00:00Z")
    assert b"sitemap index: 1 sitemaps" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        ((), b"<html></html>", 1, "a web page"),
        ((), b"", 1, "empty"),
        ((), b"<rss><channel", 1, "no feed that can be read: unclosed token"),
        (("/nowhere/feed.xml",), b"", 2, "/nowhere/feed.xml"),
        (("http://",), b"", 2, "is no http"),
        (("http://127.0.0.1:1/feed.xml",), b"", 1, "COPYDESK_FETCH_ALLOW_NETWORKS"),
    ],
)
def test_what_cannot_be_read_says_why(arguments, stdin, code, said):
    done = items(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_an_url_is_fetched():
    with contextlib.closing(Site()) as site:
        site.pages["/moved"] = (302, "/feeds/all.xml", b"")
        site.pages["/feeds/all.xml"] = (200, "text/html", FEED.encode())
        done = items(f"{site.url}/moved", **LOOPBACK)
        gone = items(f"{site.url}/gone", **LOOPBACK)
    assert rows(done)[0]["url"] == f"{site.url}/1"
    assert gone.returncode == 1
    assert b"404" in gone.stderr


def test_many_a_line_each_in_their_order():
    laughs = '<!DOCTYPE rss [<!ENTITY a "' + "x" * 50_000 + '">]><rss><channel>' + "&a;" * 1_000 + "</channel></rss>"
    own = '{"feed_url": "https://paper.example/f/x.json", "items": [{"id": "1", "url": "a"}]}'
    records = [
        {"id": "a", "text": FEED},
        {"id": "b", "b64": base64.b64encode(FEED.encode("utf-16")).decode(), "url": "https://paper.example/x/"},
        {"id": "c", "text": own},
        {"id": "d", "text": INDEX},
        {"id": "e", "text": laughs},
        {"id": "f", "b64": "%"},
        {"id": "g"},
        {"id": "h", "text": "https://paper.example/1\nhttps://paper.example/2#x"},
        {"id": "i", "text": '<?xml version="1.0" encoding="koi8-r"?>' + FEED.replace("no link", "паром")},
    ]
    done = items("--jsonl", stdin="".join(json.dumps(record) + "\n" for record in records).encode())
    found = {row["id"]: row for row in rows(done)}
    assert list(found) == [record["id"] for record in records]
    assert done.returncode == 1
    assert found["a"] == {
        "id": "a",
        "kind": "feed",
        "items": [
            {"url": "/1", "title": "A & b", "published_at": "2026-10-06T06:00:00Z", "guid": "7"},
            {"url": None, "title": "no link", "published_at": None, "guid": None},
        ],
        "error": None,
    }
    assert found["b"]["items"][0]["url"] == "https://paper.example/1"
    assert found["c"]["items"][0]["url"] == "https://paper.example/f/a"
    assert (found["d"]["kind"], found["d"]["items"][0]["url"]) == ("sitemap_index", "https://paper.example/s1.xml")
    assert (found["e"]["kind"], found["e"]["items"]) == (None, [])
    assert "entities" in found["e"]["error"]
    assert found["f"]["line"] == 6
    assert found["g"] == {"id": "g", "error": "text and b64 are missing", "line": 7}
    assert [row["url"] for row in found["h"]["items"]] == ["https://paper.example/1", "https://paper.example/2#x"]
    assert found["i"]["items"][1]["title"] == "паром"


def test_a_source_that_takes_too_long_is_given_up_and_the_rest_goes_on():
    # Its lenient parser takes long for what its strict one gives up on.
    slow = "<rss><channel>&nosuch;" + "<item><title>" * 120_000
    records = [{"id": "slow", "text": slow}, {"id": "good", "text": FEED}]
    done = items(
        "--jsonl", "--timeout", "0.5", "--workers", "1", stdin="".join(json.dumps(r) + "\n" for r in records).encode()
    )
    bad, good = rows(done)
    assert bad["error"] == "it cannot be read: not done after 0.5 s"
    assert good["kind"] == "feed"
    assert done.returncode == 0
