"""Where a site's feeds are, and which of them to watch."""

from datetime import UTC, datetime, timedelta

import pytest

from copydesk.core import autodiscovery as ad
from copydesk.models import Item, Offer, SourceKind

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SITE = "https://paper.example/"


def urls(html, url=SITE):
    return [candidate.url for candidate in ad.page_candidates(html.encode(), url, "text/html")]


def item(n, days=0.0, dated=True, title="T"):
    url = f"https://paper.example/{n}"
    when = NOW - timedelta(days=days) if dated else None
    return Item(url=url, canonical_url=url, source="s", title=title, published_at=when)


@pytest.mark.parametrize(
    "kind",
    ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml",
     "APPLICATION/RSS+XML; charset=utf-8", "application/x.atom+xml"],
)  # fmt: skip
def test_links_of_the_head(kind):
    assert urls(f"<html><head><link rel='alternate' type='{kind}' href='/a'></head><body>") == [SITE + "a"]


@pytest.mark.parametrize(
    "link",
    ["<link rel=alternate hreflang=de href=/de>", "<link rel=alternate type=application/json+oembed href=/o>",
     "<link rel=alternate type=application/json href=/wp-json/1>", "<link rel=stylesheet type=text/xml href=/s>",
     "<link rel=alternate type=application/rss+xml>", "<link rel=alternate type=application/rss+xml href='javascript:x'>",
     "<link rel=alternate type=application/rss+xml href=''>"],
)  # fmt: skip
def test_what_is_no_link_to_a_feed(link):
    assert urls(f"<html><head>{link}</head><body>x") == []


def test_other_ways_to_name_a_feed():
    html = (
        "<html><head><base href='https://paper.example/en/'><title>P</title></head><body><a rel=feed href='all'>all</a>"
        "<a href='/sport'>Sport</a><a href='/feedback'>Feedback</a><a href='https://feeds.host.example/paper'> Our\n RSS </a>"
        "<a href='https://feedly.com/i/subscription/feed/https://paper.example/rss'>Feedly</a><a href='/x?feed=rss2'>r</a>"
    )
    found = ad.page_candidates(html.encode(), SITE)
    assert [(c.url, c.title) for c in found] == [
        ("https://paper.example/en/all", None),
        ("https://feeds.host.example/paper", "Our RSS"),
        ("https://paper.example/x?feed=rss2", "r"),
    ]


@pytest.mark.parametrize(
    ("mark", "path"),
    [("<meta name=generator content='WordPress 6.5'>", "feed/"), ("<script src=/wp-content/a.js></script>", "feed/"),
     ("<meta name=Generator content=Blogger>", "feeds/posts/default"), ("<meta name=generator content='Ghost 5'>", "rss/"),
     ("<meta name=generator content='Drupal 10'>", "rss.xml"), ("<meta name=generator content='Hugo 0.1'>", "index.xml")],
)  # fmt: skip
def test_systems_that_are_known(mark, path):
    assert urls(f"<html><head>{mark}</head><body>x", SITE + "a/b") == [SITE + path]


def test_candidates_are_bounded():
    links = "".join(f"<link rel=alternate type=application/rss+xml href=/{n}>" for n in range(99))
    anchors = "".join(f"<a href=/rss/{n}>x</a>" for n in range(99))
    assert len(urls(f"<html><head>{links}</head><body>{anchors}")) == ad.MAX_LINKS + ad.MAX_ANCHORS
    assert ad.page_candidates(b"%PDF-1.4", SITE) == []


def test_sitemaps_of_robots_txt():
    text = (
        "User-agent: *\nSITEMAP : /a.xml\nSitemap: https://paper.example/news.xml # x\nsitemap: ftp://x/\nDisallow: /\n"
    )
    found = ad.robots_sitemaps(text + "Sitemap: /b.xml\nSitemap: /c.xml", SITE)
    assert [c.url for c in found] == [SITE + "news.xml", SITE + "a.xml", SITE + "b.xml"]


def test_comments_are_told_apart():
    for url in ("/comments/feed/", "/feeds/comments/default", "/comments.rss", "/?feed=comments-rss2", "/a/comments"):
        assert ad.is_comments(SITE[:-1] + url, None), url
    for title in ("Comments for Paper", "Paper » Comments Feed", "Paper » Kommentar-Feed", "Commentaires pour P"):
        assert ad.is_comments(SITE + "feed", title), title
    for url, title in (("/feed", "Comment is free"), ("/commentary/feed", "Paper"), ("/feed", "Opinion and comments")):
        assert not ad.is_comments(SITE[:-1] + url, title), (url, title)


def test_liveliness():
    lively = ad.liveliness([item(n, days=n / 10) for n in range(21)], NOW)
    assert (lively.items, lively.dated, lively.newest) == (21, 1.0, NOW)
    assert lively.per_day == pytest.approx(10.5)
    stale = ad.liveliness([item(n, days=300 + n) for n in range(21)], NOW)
    assert stale.per_day < 0.1
    assert ad.liveliness([item(1), item(2, dated=False), item(3, dated=False)], NOW).per_day is None
    assert ad.liveliness([item(1, days=-400)], NOW).newest == NOW, "a date in the future is no news"
    assert ad.liveliness([], NOW) == ad.Liveliness(0, 0.0, None, None)


def test_news_sitemaps():
    def is_news(items, kind=SourceKind.SITEMAP):
        return ad.is_news_sitemap(Offer(kind=kind, items=items), NOW)

    assert is_news([item(1), item(2)])
    assert not is_news([item(1, title=None), item(2, title=None)])
    assert not is_news([item(1, days=9)])
    assert not is_news([item(1)], SourceKind.FEED)
    assert not is_news([])


def test_the_same_articles_and_the_best():
    some = [item(n) for n in range(10)]
    assert ad.are_same(some, some[:5])
    assert not ad.are_same(some, [item(n) for n in range(8, 30)])
    assert not ad.are_same(some, [])
    assert ad.best([4.0, 7.0, None]) == 0, "the first is the main one"
    assert ad.best([4.0, 9.0, 9.0]) == 1
    assert ad.best([None, 0.1]) == 1
    assert ad.best([None, None]) == 0
