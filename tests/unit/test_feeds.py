from datetime import UTC, datetime

import pytest

from copydesk.core import feeds
from copydesk.errors import SourceError

URL = "https://paper.example/feeds/all.xml"


def rss(*items, declaration='<?xml version="1.0"?>'):
    return f"{declaration}<rss version='2.0'><channel><title>Paper</title>{''.join(items)}</channel></rss>".encode()


def test_rss():
    body = rss(
        "<item><title>One &amp; two</title><link>/a?utm_source=rss</link><guid isPermaLink='false'>g1</guid>"
        "<pubDate>Tue, 06 Oct 2026 08:00:00 +0200</pubDate></item>"
    )
    [item] = feeds.build_items(feeds.read_feed(body, URL), url=URL, source="s", most=10)
    assert item.url == "https://paper.example/a?utm_source=rss"
    assert item.canonical_url == "https://paper.example/a"
    assert (item.title, item.guid, item.source) == ("One & two", "g1", "s")
    assert item.published_at == datetime(2026, 10, 6, 6, 0, tzinfo=UTC)


def test_atom_takes_the_alternate_link():
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>T</title><updated>2026-01-01T00:00:00Z</updated>
      <entry><id>urn:1</id><title>A</title><updated>2026-02-03T04:05:06Z</updated>
      <link rel="edit" href="/edit/1"/><link href="https://paper.example/1"/></entry></feed>"""
    [entry] = feeds.read_feed(body, URL)
    assert entry.link == "https://paper.example/1"
    assert entry.published_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_rdf_and_json_feed():
    rdf = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
      <channel rdf:about="x"><title>T</title></channel>
      <item rdf:about="https://paper.example/1"><title>A</title><link>https://paper.example/1</link></item></rdf:RDF>"""
    assert [entry.link for entry in feeds.read_feed(rdf, URL)] == ["https://paper.example/1"]
    as_json = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "T",
      "items": [{"id": "1", "url": "https://paper.example/1", "title": "A", "date_published": "2026-02-03T04:05:06+01:00"}, 7]}"""
    [entry] = feeds.read_feed(as_json, URL)
    assert (entry.link, entry.title) == ("https://paper.example/1", "A")
    assert entry.published_at == datetime(2026, 2, 3, 3, 5, 6, tzinfo=UTC)


def test_an_ill_formed_feed_gives_what_can_be_read():
    body = rss("<item><link>https://paper.example/1</link></item>", "<item><link>https://paper.example/2</link>")[:-30]
    assert feeds.read_feed(body, URL)[0].link == "https://paper.example/1"


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("utf-8", "", None),
        ("utf-8", "", "text/xml"),
        ("windows-1251", "windows-1251", None),
        ("koi8-r", "", "text/xml; charset=koi8-r"),
    ],
)
def test_the_charset_is_the_headers_then_the_declarations_then_utf8(charset, declared, header):
    declaration = f'<?xml version="1.0"{f" encoding={declared!r}" if declared else ""}?>'
    body = rss("<item><title>Паром</title><link>/1</link></item>", declaration=declaration).decode().encode(charset)
    [entry] = feeds.read_feed(body, URL, header)
    assert entry.title == "Паром"


def test_an_empty_feed_is_no_error():
    assert feeds.read_feed(rss(), URL) == []


@pytest.mark.parametrize(
    "body", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"<rss", b"{", b'{"items": 3, "version": "https://jsonfeed.org/version/1"}']
)
def test_what_is_no_feed_says_so(body):
    with pytest.raises(SourceError, match=r"no .*that can be read"):
        feeds.read_feed(body, URL)


def test_bytes_that_look_like_an_address_are_never_fetched():
    with pytest.raises(SourceError):
        feeds.read_feed(b"http://127.0.0.1:1/feed.xml", URL)


def test_entities_do_not_expand():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "boom">{levels}]>'
    body = rss(
        "<item><title>&l11;</title><link>https://paper.example/1</link></item>",
        declaration=f'<?xml version="1.0"?>{bomb}',
    )
    try:
        entries = feeds.read_feed(body, URL)
    except SourceError:
        return
    assert all(len(entry.title or "") < 2_000 for entry in entries)


def test_news_sitemap():
    body = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc> https://paper.example/1 </loc>
      <news:news><news:publication_date>2026-10-06</news:publication_date><news:title>A</news:title></news:news></url>
      <url><loc>https://paper.example/2</loc><lastmod>2026-10-05T10:00:00+02:00</lastmod></url><url/></urlset>"""
    first, second = feeds.read_sitemap(body)
    assert (first.link, first.title) == ("https://paper.example/1", "A")
    assert first.published_at == datetime(2026, 10, 6, tzinfo=UTC)
    assert second.published_at == datetime(2026, 10, 5, 8, 0, tzinfo=UTC)


def test_an_index_of_sitemaps_says_what_to_add():
    body = b"<sitemapindex><sitemap><loc>https://paper.example/s1.xml</loc></sitemap></sitemapindex>"
    with pytest.raises(SourceError, match=r"index of 1 sitemaps.*s1\.xml"):
        feeds.read_sitemap(body)


def test_url_list():
    body = "\ufeff# mine\n\nhttps://paper.example/1\nnot a url\nhttps://paper.example/1#x\n".encode()
    assert feeds.is_url_list(body)
    items = feeds.build_items(feeds.read_url_list(body), url=URL, source="s", most=10)
    assert items[0].canonical_url == "https://paper.example/1"
    assert len({item.canonical_url for item in items}) == len(items)


def test_the_number_of_items_is_bounded():
    offered = [feeds.Offered(link=f"/{n}") for n in range(100)]
    assert len(feeds.build_items(offered, url=URL, source="s", most=7)) == 7


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<?xml version='1.0'?>\n<rss>", feeds.is_feed),
        (b"<a:feed xmlns:a='x'>", feeds.is_feed),
        (b"<rdf:RDF ", feeds.is_feed),
        (b"<urlset>", feeds.is_sitemap),
        (b"\n# list\nhttps://a.example/\n", feeds.is_url_list),
    ],
)
def test_kinds_are_told_apart(head, kind):
    assert [check for check in (feeds.is_feed, feeds.is_sitemap, feeds.is_url_list) if check(head)] == [kind]
