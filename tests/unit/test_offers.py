"""What a source's answer says, of every kind, broken or hostile."""

import gzip
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from copydesk.core.entries import MAX_AHEAD, Entry, build_items, newest
from copydesk.core.fulltext import LEAST_FULL_TEXT, MAX_FULL_TEXT_BYTES
from copydesk.core.opening import MAX_EXPANDED_CHARS, MAX_UNPACKED_BYTES
from copydesk.errors import SourceError
from copydesk.models import Source, SourceKind
from copydesk_services.fetcher.sources import read_body, read_offer

URL = "https://paper.example/feeds/all.xml"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = Source(id="s", url=URL)
DECLARATION = '<?xml version="1.0"?>'


def rss(*items, declaration=DECLARATION, channel=""):
    return f"{declaration}<rss version='2.0'><channel><title>Paper</title>{channel}{''.join(items)}</channel></rss>".encode()


def item(inside="", link="https://paper.example/1"):
    return f"<item><link>{link}</link>{inside}</item>"


def read(body, url=URL, content_type=None, most=10_000):
    return read_body(body if isinstance(body, bytes) else body.encode(), url, content_type, most)


def only(body, **given):
    [entry] = read(body, **given).entries
    return entry


def offer(body, most=10_000, **options):
    return read_offer(body, URL, None, SOURCE.model_copy(update=options), most)


def atom(entry, feed=""):
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>T</title>{feed}<entry>{entry}</entry></feed>'


def sitemap(*inside):
    urls = "".join(f"<url>{each}</url>" for each in inside)
    return (
        f'{DECLARATION}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/'
        f'sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{urls}</urlset>'
    )


def test_rss():
    body = rss(
        "<item><title>One &amp; two</title><link>/a?utm_source=rss</link><guid isPermaLink='false'>g1</guid>"
        "<pubDate>Tue, 06 Oct 2026 08:00:00 +0200</pubDate></item>"
    )
    [found] = offer(body).items
    assert found.url == "https://paper.example/a?utm_source=rss"
    assert found.canonical_url == "https://paper.example/a"
    assert (found.title, found.guid, found.source) == ("One & two", "g1", "s")
    assert found.published_at == datetime(2026, 10, 6, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<rss version='0.91'><channel><item><link>https://paper.example/1</link></item></channel></rss>", "feed"),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/>'
            '<item rdf:about="https://paper.example/1"><link>https://paper.example/1</link></item></rdf:RDF>',
            "feed",
        ),
        (atom('<id>1</id><link href="https://paper.example/1"/>'), "feed"),
        (atom('<id>1</id><link href="https://paper.example/1"/>').replace("<feed", "<a:feed xmlns:a='x'", 1), "feed"),
        ('<CHANNEL><ITEM HREF="https://paper.example/1"><TITLE>A</TITLE></ITEM></CHANNEL>', "feed"),
        (
            '{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1, "url": "https://paper.example/1"}, 7]}',
            "feed",
        ),
        ('{"items": [{"id": "https://paper.example/1", "content_html": "<rss>"}]}', "feed"),
        (sitemap("<loc> https://paper.example/1 </loc>"), "sitemap"),
        ("<s:urlset><s:url><s:loc>https://paper.example/1</s:loc></s:url></s:urlset>", "sitemap"),
        ("\ufeff# mine\n\nhttps://paper.example/1\r\n", "url_list"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_kind_plain_and_packed(body, kind, packed):
    body = gzip.compress(body.encode()) if packed else body
    found = read(body)
    assert found.kind == kind
    assert [entry.link for entry in found.entries] == ["https://paper.example/1"]


@pytest.mark.parametrize(
    "head",
    [
        "<!-- <urlset> " + "x" * 100_000 + "-->",
        "<?xml-stylesheet href='a.xsl'?>" * 1_000,
        f"<!DOCTYPE rss [<!-- ]> --> <!ENTITY a '<urlset>'> {'<!ELEMENT x ANY>' * 5_000} ]>",
        "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'http://my.netscape.com/rss.dtd'>",
        "\n\n  <?xml version='1.0' encoding='utf-8'?>",
        "<br />\n<b>Warning</b>: Cannot modify header information<br />\n<?xml version='1.0'?>",
        "\ufeff\ufeff",
        "\x00\x08<!DOCTYPE rss",
    ],
)
def test_what_stands_before_the_root_does_not_matter(head):
    assert only(rss(item("<title>A</title>"), declaration=head)).title == "A"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "empty"),
        (" \n\ufeff", "empty"),
        ("<!DOCTYPE html><html><body><rss></rss></body></html>", "web page"),
        ("<opml version='2.0'><body><outline xmlUrl='https://a.example/'/></body></opml>", "OPML"),
        ("<catalog><book/></catalog>", "neither"),
        ("once upon a time", "neither"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither"),
        ("<!--" * 10_000, "neither"),
        ("{", "no JSON Feed"),
        ("[" * 100_000, "neither"),
        ('{"a":' * 100_000, "no JSON Feed"),
        ('{"items": 3, "version": "https://jsonfeed.org/version/1"}', "no list of items"),
        ("<rss version='2.0'><channel><title>T", "no feed that can be read"),
        ("http://127.0.0.1:1/feed.xml is no list", "neither"),
        (gzip.compress(b"<rss/>", mtime=0)[:-9], "gzip data"),
        (b"\x1f\x8b\x08\0 no gzip", "gzip data"),
    ],
)
def test_what_cannot_be_read_says_why(body, reason):
    with pytest.raises(SourceError, match=reason):
        read(body)


@pytest.mark.parametrize("body", [rss(), rss(channel="&nosuch;"), sitemap(), '{"items": []}', "<rss version='2.0'/>"])
def test_an_empty_source_is_no_error(body):
    assert read(body).entries == []


def test_an_ill_formed_feed_gives_what_can_be_read():
    body = rss(item(), "<item><link>https://paper.example/2</link>")[:-30]
    assert read(body).entries[0].link == "https://paper.example/1"
    assert only(rss(item("<no:such>x</no:such><title>A &nbsp; B</title>"))).title == "A B"


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("utf-8", "", None),
        ("utf-8", "", "text/xml"),
        ("utf-8", "iso-8859-1", None),
        ("utf-8-sig", "utf-16", None),
        ("windows-1251", "windows-1251", None),
        ("koi8-r", "", "text/xml; charset=koi8-r"),
        ("utf-16", "", None),
        ("utf-16-be", "utf-16", None),
        ("utf-32", "", None),
    ],
)
def test_charsets(charset, declared, header):
    declaration = f'<?xml version="1.0"{f" encoding={declared!r}" if declared else ""}?>'
    body = rss(item("<title>Паром вернулся</title>"), declaration=declaration).decode().encode(charset)
    assert only(body, content_type=header).title == "Паром вернулся"


def test_entities_that_are_text_are_known():
    doctype = "<!DOCTYPE rss [<!ENTITY paper \"The Paper\"> <!ENTITY bull '&#8226;'>]>"
    assert only(rss(item("<title>&paper; &bull; A</title>"), declaration=doctype)).title == "The Paper • A"


def test_bombs_of_entities_cost_nothing():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<!DOCTYPE rss [<!ENTITY l0 "boom">{levels}]>'
    start = time.process_time()
    entry = only(rss(item("<title>&l11;</title>"), declaration=laughs))
    assert len(entry.title or "") < 100
    flat = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>'
    with pytest.raises(SourceError, match=str(MAX_EXPANDED_CHARS)):
        read(rss(item(f"<title>{'&a;' * 10_000}</title>"), declaration=flat))
    with pytest.raises(SourceError, match=str(MAX_EXPANDED_CHARS)):
        read(f"{flat}<urlset><url><loc>{'&a;' * 10_000}</loc></url></urlset>")
    outside = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    assert only(rss(item("<title>&a;</title>"), declaration=outside)).title in (None, "&a;")
    assert time.process_time() - start < 2


def test_a_bomb_of_gzip_is_told():
    with pytest.raises(SourceError, match=str(MAX_UNPACKED_BYTES)):
        read(gzip.compress(b"<rss>" + b" " * MAX_UNPACKED_BYTES))


@pytest.mark.parametrize(
    "body",
    [
        b"<!--" * 500_000,
        b"<?x " * 500_000,
        b"<!DOCTYPE [" + b"'\"" * 1_000_000,
        b'<!DOCTYPE "' * 200_000,
        b"<!DOCTYPE rss [" + b"<!ENTITY " * 200_000,
        b"<a>" * 500_000,
        gzip.compress(b"", mtime=0) * 50_000,
        b"<rss " + b" ".join(b'a%d="x"' % n for n in range(100_000)) + b"></rss>",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_never_begins_is_soon_given_up(body):
    start = time.process_time()
    with pytest.raises(SourceError):
        read(body)
    assert time.process_time() - start < 3


def test_members_of_gzip_are_read_together():
    body = rss(item())
    assert only(gzip.compress(body[:50]) + gzip.compress(body[50:]) + b"\0\0 padding").link == "https://paper.example/1"


@pytest.mark.parametrize(
    ("entry", "link"),
    [
        ("<link>https://paper.example/1</link><guid>https://paper.example/?p=1</guid>", "https://paper.example/1"),
        ("<guid>https://paper.example/1</guid>", "https://paper.example/1"),
        ("<guid isPermaLink='false'>https://paper.example/1</guid>", None),
        ("<guid>12345</guid>", None),
        (
            "<link>http://feedproxy.example/~r/1</link><f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>"
            "https://paper.example/1</f:origLink>",
            "https://paper.example/1",
        ),
        ("<link> \n https://paper.example/1\n</link>", "https://paper.example/1"),
        ("<title>no link</title>", None),
    ],
)
def test_links_of_rss(entry, link):
    assert only(rss(f"<item>{entry}</item>")).link == link


def test_links_of_atom_are_the_alternates():
    links = '<link rel="enclosure" href="/e.mp3"/><link rel="alternate" type="text/html" href="/1"/><link rel="self" href="/s"/>'
    assert only(atom(links)).link == "/1"
    based = atom('<link href="b.html"/>').replace("<entry>", '<entry xml:base="https://other.example/x/">')
    assert only(based).link == "https://other.example/x/b.html"


def test_ids_stay_as_they_are():
    assert only(rss(item("<guid>12345</guid>"))).guid == "12345"
    assert only(atom('<id>tag:paper.example,2026:1</id><link href="/1"/>')).guid == "tag:paper.example,2026:1"
    assert only('{"items": [{"id": 7, "url": "/1"}]}').guid == "7"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("<![CDATA[It&#8217;s <b>here</b>]]>", "It’s here"),
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;", "One two"),
        ("1 &lt; 2", "1 < 2"),
        ("<![CDATA[Mac<em>B</em>eth]]>", "MacBeth"),
        ("\n two\n   lines ", "two lines"),
        ("&lt;img src='x' alt='a > b'&gt;&lt;b&gt;&lt;/b&gt;", None),
    ],
)
def test_titles_of_rss_are_plain_text(written, title):
    assert only(rss(item(f"<title>{written}</title>"))).title == title


@pytest.mark.parametrize(
    ("kind", "written", "title"),
    [
        ("text", "1 &lt;b&gt; &amp;amp;", "1 <b> &amp;"),
        ("html", "&lt;i&gt;A&lt;/i&gt; &amp;amp; B", "A & B"),
        ("xhtml", '<div xmlns="http://www.w3.org/1999/xhtml"><i>A</i> &lt; B</div>', "A < B"),
    ],
)
def test_titles_of_atom_follow_their_type(kind, written, title):
    assert only(atom(f'<title type="{kind}">{written}</title>')).title == title


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Tue, 06 Oct 2026 08:00:00 EST", datetime(2026, 10, 6, 13, tzinfo=UTC)),
        ("2026-10-06T08:00:00+02:00", datetime(2026, 10, 6, 6, tzinfo=UTC)),
        ("2026-10-06", datetime(2026, 10, 6, tzinfo=UTC)),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("Tue, 06 Oct 2099 08:00:00 GMT", None),
        ("yesterday", None),
    ],
)
def test_dates(written, date):
    [found] = offer(rss(item(f"<pubDate>{written}</pubDate>"))).items
    assert found.published_at == date


def test_a_date_little_ahead_is_believed():
    near, far = NOW + MAX_AHEAD, NOW + MAX_AHEAD + timedelta(seconds=1)
    entries = [Entry("/1", published_at=near), Entry("/2", published_at=far)]
    built = build_items(entries, source=SOURCE, base=URL, now=NOW)
    assert [each.published_at for each in built] == [near, None]


def test_user_and_password_of_a_link_are_dropped():
    built = build_items(
        [Entry("/1"), Entry("https://u:p@other.example/2")],
        source=SOURCE,
        base="https://me:pw@paper.example/f",
        now=NOW,
    )
    assert [each.url for each in built] == ["https://paper.example/1", "https://other.example/2"]


def test_json_feed():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Paper",
        "feed_url": "https://paper.example/feed.json",
        "hubs": [
            {"type": "WebSub", "url": "https://hub.example/"},
            {"type": "rssCloud", "url": "https://x.example/"},
            3,
        ],
        "items": [
            {"id": "1", "url": "/1", "title": "A &amp; <b>", "date_published": "2026-02-03T04:05:06+01:00"},
            {"id": "2", "external_url": "https://other.example/2", "date_modified": "2026-02-03T04:05:06Z"},
            {"id": "3", "title": "half \ud800"},
        ],
    }
    found = read(json.dumps(feed))
    one, two, three = found.entries
    assert (one.link, one.title, one.published_at) == ("/1", "A &amp; <b>", datetime(2026, 2, 3, 3, 5, 6, tzinfo=UTC))
    assert (two.link, two.published_at) == ("https://other.example/2", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC))
    assert (three.link, three.title) == (None, "half ?")
    assert (found.title, found.hubs, found.topic) == (
        "Paper",
        ["https://hub.example/"],
        "https://paper.example/feed.json",
    )


def test_a_news_sitemap():
    news = (
        "<loc>https://paper.example/1</loc><image:image><image:title>A pier</image:title></image:image><lastmod>2026-10-07"
        "</lastmod><news:news><news:publication><news:name>Paper</news:name></news:publication><news:publication_date>"
        "2026-10-06T10:00+02:00</news:publication_date><news:title>A &amp; b</news:title></news:news>"
    )
    first, second, third = read(
        sitemap(news, "<loc>/2</loc><lastmod>2026-10</lastmod>", "<lastmod/>", "<loc>/3</loc>")
    ).entries
    assert first == Entry("https://paper.example/1", "A & b", datetime(2026, 10, 6, 8, tzinfo=UTC))
    assert second == Entry("/2", None, datetime(2026, 10, 1, tzinfo=UTC))
    assert third == Entry("/3")


def test_an_index_names_its_sitemaps():
    body = (
        "<sitemapindex><sitemap><loc>/s1.xml.gz</loc><lastmod>2026-10-06</lastmod></sitemap>"
        "<sitemap><loc>https://paper.example/s2.xml</loc></sitemap><sitemap><loc>mailto:a@b.example</loc></sitemap></sitemapindex>"
    )
    found = offer(body.encode())
    assert (found.kind, found.items) == (SourceKind.SITEMAP_INDEX, [])
    assert [each.url for each in found.sitemaps] == ["https://paper.example/s1.xml.gz", "https://paper.example/s2.xml"]
    assert found.sitemaps[0].modified_at == datetime(2026, 10, 6, tzinfo=UTC)


def test_of_too_many_the_newest_stay():
    days = [3, 9, 1, 7, 5]
    body = sitemap(*(f"<loc>/{day}</loc><lastmod>2026-10-0{day}</lastmod>" for day in days))
    assert [entry.link for entry in read(body, most=2).entries] == ["/9", "/7"]
    assert [entry.link for entry in newest([Entry("/a"), Entry("/b"), Entry("/c", None, NOW)], 2)] == ["/a", "/c"]
    assert len(offer(rss(*(item(link=f"/{n}") for n in range(30))), most=7).items) == 7


def test_a_full_sitemap_is_read_fast():
    body = sitemap(*(f"<loc>https://paper.example/{n}</loc><lastmod>2026-10-06</lastmod>" for n in range(50_000)))
    start = time.process_time()
    assert len(read(gzip.compress(body.encode(), 1)).entries) == 10_000
    assert time.process_time() - start < 10


def test_an_url_list():
    items = offer("\ufeff# mine\n\nhttps://paper.example/1\nnot a url\nhttps://paper.example/1#x\n".encode()).items
    assert items[0].canonical_url == "https://paper.example/1"
    assert len({each.canonical_url for each in items}) == len(items)


@pytest.mark.parametrize(
    ("channel", "interval"),
    [
        ("<ttl>30</ttl>", 1_800.0),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>inf</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1_800.0),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 86_400.0),
        ("<sy:updatePeriod>never</sy:updatePeriod>", None),
        ("", None),
    ],
)
def test_the_interval(channel, interval):
    body = rss(item(), channel=channel).replace(
        b"<channel>", b"<channel xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>"
    )
    assert read(body).interval == interval


def test_hubs_and_topic():
    links = (
        "".join(f'<link rel="hub" href="https://hub.example/{n % 20}"/>' for n in range(40))
        + '<link rel="self" href="https://paper.example/f"/>'
    )
    found = read(atom("", feed=links + '<link rel="hub" href="javascript:x"/>'))
    assert found.topic == "https://paper.example/f"
    assert found.hubs == [f"https://hub.example/{n}" for n in range(8)]
    in_rss = rss(channel='<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/"/>')
    assert offer(in_rss).hubs == ["https://hub.example/"]


FULL = "<p>" + "The council met on Tuesday. " * (LEAST_FULL_TEXT // 20) + "</p>"


@pytest.mark.parametrize(
    ("content", "is_taken"),
    [
        (FULL, True),
        (FULL + "<p>Read on…</p>" + " […] ", False),
        ("<p>Short.</p>" * 3 + "<!-- " + "x" * LEAST_FULL_TEXT + " -->", False),
        (FULL * (MAX_FULL_TEXT_BYTES // len(FULL) + 1), False),
    ],
)
def test_full_texts(content, is_taken):
    entry = item(
        f'<description>The council.</description><c:encoded xmlns:c="http://purl.org/rss/1.0/modules/content/"><![CDATA[{content}]]></c:encoded>'
    )
    assert bool(offer(rss(entry), full_text=True).items[0].content) is is_taken
    assert offer(rss(entry)).items[0].content is None


def test_a_summary_is_no_full_text():
    assert offer(rss(item(f"<description><![CDATA[{FULL}]]></description>")), full_text=True).items[0].content is None
    longer = f"<summary>{FULL.replace('<p>', '').replace('</p>', '')} And more.</summary>"
    entry = '<link href="/1"/>{}<content type="html"><![CDATA[' + FULL + "]]></content>"
    assert offer(atom(entry.format(longer)).encode(), full_text=True).items[0].content is None
    assert offer(atom(entry.format("")).encode(), full_text=True).items[0].content == FULL
    plain = {"items": [{"id": "1", "url": "/1", "content_text": "a < b\n\n" + "So it went on and on. " * 100}]}
    assert offer(json.dumps(plain).encode(), full_text=True).items[0].content.startswith("<p>a &lt; b</p><p>So it")


def test_options_of_the_source_go_with_its_items():
    body = rss(item(), item(link="https://other.example/2"), item(link="http://paper.example/3"))
    labels = {"desk": "wire"}
    own, other, plain = offer(body, labels=labels, secret="paper", parent="p").items  # noqa: S106 -- a name
    assert (own.secret, other.secret, plain.secret) == ("paper", None, None)
    assert own.labels == other.labels == labels
    assert own.source == "p"
