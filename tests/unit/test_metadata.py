"""What a page says of itself, and what of it is believed."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml.html import fromstring

from copydesk.core.extract import extract
from copydesk.core.jsonld import MAX_NODES, Graph
from copydesk.core.metadata import MAX_TAGS, read
from copydesk.models import DateSource, Item

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
URL = "https://paper.example/news/town-rebuilds-its-pier"
TITLE = "Town rebuilds its pier"


def about(*, head="", body="", url=URL, lang="en", offered_at=None):
    tree = fromstring(f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>")
    return read(tree, url, now=NOW, offered_at=offered_at)


def script(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


def article(**fields):
    return script({"@context": "https://schema.org", "@type": "NewsArticle", **fields})


def meta(**fields):
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in fields.items())


# Titles


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (f"<title>{TITLE} | The Harbour Paper</title>", f"<h1>{TITLE}</h1>", TITLE),
        (f"<title>{TITLE} — Paper</title>", "", TITLE),
        (
            f"<title>Harbour Paper: news</title>{meta(og__title=TITLE, og__site_name='Harbour Paper')}",
            "<h1>Harbour Paper</h1><h1>News</h1>",
            TITLE,
        ),
        (meta(og__title="Harbour Paper | A vote", og__site_name="Harbour Paper"), "", "A vote"),
        ("<title>Paper</title>", f"<h1><a href='/'>Paper</a></h1><h1>{TITLE}</h1>", TITLE),
        (meta(og__title="Fish &amp;amp; chips"), "", "Fish & chips"),
        ("<title>x</title>", "<h1>Town rebuilds<br>its pier</h1>", TITLE),
        ("<title>The &lt;br&gt; element is thirty</title>", "", "The <br> element is thirty"),
        ("<title>A pier – and what it costs the town</title>", "", "A pier – and what it costs the town"),
    ],
)
def test_title(head, body, title):
    assert about(head=head, body=body).title == title


# Authors


@pytest.mark.parametrize(
    ("stated", "authors"),
    [
        ("By Jane Doe and John Roe", ["Jane Doe", "John Roe"]),
        ("von Anna-Lena Groß, Jörg Müller", ["Anna-Lena Groß", "Jörg Müller"]),
        ("Por María de la Cruz y José Pérez", ["María de la Cruz", "José Pérez"]),
        ("Par Zoé Lefèvre; Luc Petit", ["Zoé Lefèvre", "Luc Petit"]),
        ("Doe, Jane", ["Jane Doe"]),
        ("Jane Doe, MD, PhD", ["Jane Doe"]),
        ("Jane Doe, Senior Correspondent", ["Jane Doe"]),
        ("Jane Doe, London", ["Jane Doe"]),
        ("Jane Doe, Reuters", ["Jane Doe", "Reuters"]),
        ("Jane Doe (Berlin)", ["Jane Doe"]),
        ("Jane Doe\nJune 3, 2023", ["Jane Doe"]),
        ("Jane Doe Jun 3, 2023", ["Jane Doe"]),
        ("Interview: Jane Doe", ["Jane Doe"]),
        ("reader1984", ["reader1984"]),
        ("山田太郎", ["山田太郎"]),
        ("Иван Петров и Анна Сидорова", ["Иван Петров", "Анна Сидорова"]),
        ("https://social.example/jane", []),
        ("jane@paper.example", []),
        ("paper.example", []),
        ("page.head.extra.author", []),
        ("admin", []),
        ("No Author", []),
        ("", []),
    ],
)
def test_authors_of_a_meta_element(stated, authors):
    assert about(head=meta(author=stated)).authors == authors


def test_the_authors_of_json_ld():
    nodes = [{"@type": "Person", "name": "Jane Doe"}, {"givenName": "John", "familyName": "Roe"}, "By Ann Poe", 7, None]

    assert about(head=article(author=nodes)).authors == ["Jane Doe", "John Roe", "Ann Poe"]


def test_an_author_that_is_only_referred_to():
    graph = {
        "@graph": [{"@type": "Article", "author": {"@id": "#p"}}, {"@type": "Person", "@id": "#p", "name": "Jane Doe"}]
    }

    assert about(head=script(graph)).authors == ["Jane Doe"]


def test_people_come_before_the_house():
    house = article(author={"@type": "Organization", "name": "Paper Media"}, publisher={"name": "Paper Media"})

    assert about(head=house, body="<p class=byline>By <a rel=author>Jane Doe</a></p>").authors == ["Jane Doe"]


def test_an_agency_stands_behind_its_writers():
    wire = article(author={"@type": "Organization", "name": "Reuters"})

    assert about(head=wire, body="<p class=byline>By Jane Doe</p>").authors == ["Jane Doe", "Reuters"]
    assert about(head=wire).authors == ["Reuters"]


def test_the_site_itself_only_where_nobody_else_is_named():
    site = meta(og__site_name="Jane Doe", author="Jane Doe")

    assert about(head=site).authors == ["Jane Doe"]
    assert about(head=site, body="<span class='author'>John Roe</span>").authors == ["John Roe"]


@pytest.mark.parametrize(
    ("body", "authors"),
    [
        (
            "<div class='post-meta'><span class='author vcard'><a class=fn rel=author>Jane Doe</a></span></div>",
            ["Jane Doe"],
        ),
        ("<p class=byline>Von <a href=/a>Jane Doe</a> und <a href=/b>John Roe</a></p>", ["Jane Doe", "John Roe"]),
        ("<span itemprop=author><span itemprop=name>Jane Doe</span></span>", ["Jane Doe"]),
        ("<a href='/author/jane'>Jane Doe</a>", ["Jane Doe"]),
        ("<p class=author>Jane Doe<br>4 August 2010</p>", ["Jane Doe"]),
        ("<footer class=entry-footer><span class=author>Jane Doe</span></footer>", ["Jane Doe"]),
        ("<div class=comments><span class=author>A Reader</span></div>", []),
        ("<aside><a rel=author>Somebody Else</a></aside>", []),
        ("<div class=author-bio>Jane Doe has written for thirty years.</div>", []),
        ("<p class=byline>Read more</p>", []),
        ("<p class=byline>" + "words " * 100 + "</p>", []),
    ],
)
def test_authors_of_a_byline(body, authors):
    assert about(body=body).authors == authors


# Dates


def test_what_says_so_in_its_order():
    dated = {"url": "https://paper.example/2024/05/03/pier", "offered_at": datetime(2024, 5, 4, tzinfo=UTC)}
    in_meta = meta(article__published_time="2024-05-02T08:00:00Z")
    shown = f"<h1>{TITLE}</h1><p>5 May 2024</p>"

    found = [
        about(head=article(datePublished="2024-05-01") + in_meta, body=shown, **dated),
        about(head=in_meta, body=shown, **dated),
        about(body=shown, **dated),
        about(body=shown, offered_at=dated["offered_at"]),
        about(body=shown),
        about(),
    ]

    assert [(page.published_at and page.published_at.day, page.published_from) for page in found] == [
        (1, DateSource.JSON_LD),
        (2, DateSource.META),
        (3, DateSource.URL),
        (4, DateSource.FEED),
        (5, DateSource.TEXT),
        (None, None),
    ]


def test_the_change():
    head = article(datePublished="2024-05-02") + meta(article__modified_time="2024-05-03T10:00:00Z")
    before = article(datePublished="2024-05-02", dateModified="2024-05-01")

    assert about(head=head).modified_at == datetime(2024, 5, 3, 10, tzinfo=UTC)
    assert about(head=head).modified_from is DateSource.META
    assert (about(head=before).modified_at, about(head=before).modified_from) == (None, None)


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-05-02T23:30:00-05:00", datetime(2024, 5, 3, 4, 30, tzinfo=UTC)),
        ("2024-05-02T8:30:00Z", datetime(2024, 5, 2, 8, 30, tzinfo=UTC)),
        ("1714638600", datetime(2024, 5, 2, 8, 30, tzinfo=UTC)),
        (1714638600000, datetime(2024, 5, 2, 8, 30, tzinfo=UTC)),
        ("123456789", None),
        (float("inf"), None),
        (True, None),
    ],
)
def test_dates_for_machines(value, date):
    assert about(head=article(datePublished=value)).published_at == date


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "Published May 2, 2024"),
        ("en-GB", "2nd May 2024, 10:15"),
        ("en-US", "Posted 5/2/2024"),
        ("fr", "Publié le 02/05/2024 à 10h"),
        ("fr", "2 mai 2024"),
        ("de", "Stand: 02.05.2024"),
        ("de", "Donnerstag, 2. Mai 2024 | Hafen"),
        ("es", "2 de mayo de 2024"),
        ("pt", "2 de maio de 2024"),
        ("it", "2 maggio 2024"),
        ("nl", "2 mei 2024"),
        ("pl", "2 maja 2024"),
        ("tr", "2 Mayıs 2024"),
        ("ru", "2 мая 2024, 13:43"),
        ("ar", "2 مايو 2024"),
        ("zh", "2024年5月2日"),
        ("ja", "2024年5月2日 10:00"),
    ],
)
def test_a_date_for_readers(lang, line):
    found = about(
        lang=lang, body=f"<h1>{TITLE}</h1><div><p>{line}</p></div><p>Prose of 2023 and 01.01.2020 follows.</p>"
    )

    assert found.published_at == datetime(2024, 5, 2, tzinfo=UTC)
    assert found.published_from is DateSource.TEXT


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>{TITLE}</h1><p>Updated 20 May 2024</p><p>Published 2 May 2024</p>",
        f"<h1>{TITLE}</h1><aside><time datetime=2024-05-30>today</time></aside><time datetime=2024-05-02>2 May</time>",
        f"<p>2 May 2024</p><h1>{TITLE}</h1><p>A text.</p>",
        f"<time itemprop=datePublished datetime=2024-05-02>then</time><h1>{TITLE}</h1>",
    ],
)
def test_the_date_of_the_article_among_others(body):
    assert about(body=body).published_at == datetime(2024, 5, 2, tzinfo=UTC)


MOMENTS = st.datetimes(datetime(1960, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001  hypothesis wants them naive


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(MOMENTS, MOMENTS, st.sampled_from([0, 3600, -18000, 50400]), st.integers(0, 6))
def test_never_a_date_after_now_nor_a_change_before_the_publication(first, second, offset, place):
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02}:00"
    one, two = first.isoformat() + zone, second.isoformat() + zone
    written = [
        {"head": article(datePublished=one, dateModified=two)},
        {"head": meta(article__published_time=one, article__modified_time=two)},
        {"url": f"https://paper.example/{first:%Y/%m/%d}/pier", "head": article(dateModified=two)},
        {"offered_at": first.replace(tzinfo=UTC)},
        {"body": f"<h1>{TITLE}</h1><time datetime='{one}'>x</time>"},
        {"body": f"<h1>{TITLE}</h1><p>{first:%d.%m.%Y}</p>"},
        {"head": article(datePublished=first.timestamp() * 1000)},
    ]

    found = about(**written[place])

    assert found.published_at is None or found.published_at <= NOW
    assert found.modified_at is None or found.modified_at <= NOW
    assert not (found.published_at and found.modified_at) or found.modified_at >= found.published_at
    assert (found.published_at is None) == (found.published_from is None)


def test_a_feed_of_the_future_is_not_believed_either():
    hint = Item(url=URL, canonical_url=URL, source="s", title="T", published_at=NOW + timedelta(days=1))

    assert extract("<p>A text.</p>", URL, hint=hint, now=NOW).published_at is None


# The rest


@pytest.mark.parametrize(
    ("head", "section"),
    [
        (article(articleSection=["Politics", "Harbours"]), "Politics"),
        (meta(article__section="Politik"), "Politik"),
        (
            script(
                {
                    "@type": "BreadcrumbList",
                    "itemListElement": [{"name": "Home"}, {"item": {"name": "Sport"}}, {"name": TITLE}],
                }
            )
            + meta(og__title=TITLE),
            "Sport",
        ),
        (meta(article__section="4711"), None),
        ("", None),
    ],
)
def test_section(head, section):
    assert about(head=head).section == section


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        (article(keywords="pier, harbour,, Pier"), ["pier", "harbour"]),
        (article(keywords=["pier", {"@type": "DefinedTerm", "name": "storm"}, 7, "tag:x1"]), ["pier", "storm"]),
        (meta(article__tag="pier") + meta(article__tag="town"), ["pier", "town"]),
        (meta(keywords="x" * 500), []),
    ],
)
def test_tags(head, tags):
    assert about(head=head).tags == tags


def test_tags_are_bounded():
    assert len(about(head=article(keywords=[f"tag {n}" for n in range(5_000)])).tags) <= MAX_TAGS


@pytest.mark.parametrize(
    ("head", "image"),
    [
        (article(image=["https://img.example/a.jpg", "https://img.example/b.jpg"]), "https://img.example/a.jpg"),
        (article(image={"@type": "ImageObject", "url": "/a.jpg"}), "https://paper.example/a.jpg"),
        (
            article(image={"url": "/tiny.jpg", "width": 1, "height": 1}) + meta(og__image="/a.jpg"),
            "https://paper.example/a.jpg",
        ),
        (meta(og__image="//img.example/a.jpg"), "https://img.example/a.jpg"),
        (meta(og__image="data:image/png;base64,AAAA"), None),
        (meta(og__image="https://img.example/site-logo.png"), None),
        (
            meta(og__image="https://img.example/placeholder.jpg", twitter__image="https://img.example/a.jpg"),
            "https://img.example/a.jpg",
        ),
        (meta(og__image="javascript:alert(1)"), None),
        (meta(og__image="https://user:pw@img.example/a.jpg"), "https://img.example/a.jpg"),
        ("<base href='https://cdn.example/i/'>" + meta(og__image="a.jpg"), "https://cdn.example/i/a.jpg"),
        (
            meta(og__image="a.jpg") + "<base target=_top><base href='/i/'><base href='/j/'>",
            "https://paper.example/i/a.jpg",
        ),
        ("<base href='https://user:pw@cdn.example/'>" + meta(og__image="a.jpg"), "https://cdn.example/a.jpg"),
        ("<base href='file:///etc/'>" + meta(og__image="/a.jpg"), "https://paper.example/a.jpg"),
        ("<base href='https://['>" + meta(og__image="/a.jpg"), "https://paper.example/a.jpg"),
    ],
)
def test_image(head, image):
    assert about(head=head).image == image


@pytest.mark.parametrize(
    ("head", "url", "canonical"),
    [
        ("<link rel=canonical href='/pier'>", URL, "https://paper.example/pier"),
        ("<link rel=canonical href='https://wire.example/pier?utm_source=x'>", URL, "https://wire.example/pier"),
        ("<link rel=canonical href='https://wire.example/'>", URL, None),
        ("<link rel=canonical href='/'>", "https://paper.example/", "https://paper.example/"),
        ("<link rel=canonical href='http://localhost/pier'>", URL, None),
        (meta(og__url="https://paper.example/pier#top"), URL, "https://paper.example/pier"),
        (article(mainEntityOfPage={"@id": "https://paper.example/pier"}), URL, "https://paper.example/pier"),
        ("<link rel=canonical href='https://['>", URL, None),
        ("<link rel=canonical href='https://user:pw@wire.example/pier'>", URL, "https://wire.example/pier"),
        (
            "<base href='https://user:pw@wire.example/a/'><link rel=canonical href=pier>",
            URL,
            "https://wire.example/a/pier",
        ),
        ("<base href='data:text/html,x'><link rel=canonical href='/pier'>", URL, "https://paper.example/pier"),
        ("<link rel=canonical href='/pier'>", "", None),
    ],
)
def test_canonical_url(head, url, canonical):
    assert about(head=head, url=url).canonical_url == canonical


@pytest.mark.parametrize(
    ("head", "paywalled"),
    [
        (article(isAccessibleForFree=False), True),
        (article(isAccessibleForFree="False"), True),
        (article(isAccessibleForFree="http://schema.org/False"), True),
        (article(isAccessibleForFree="True"), False),
        (article(hasPart=[{"isAccessibleForFree": "false", "cssSelector": ".rest"}]), True),
        (article(hasPart={"isAccessibleForFree": True}), None),
        (meta(article__content_tier="locked"), True),
        (meta(article__content_tier="metered"), True),
        (meta(article__content_tier="free"), False),
        (article(isAccessibleForFree="perhaps"), None),
        ("", None),
    ],
)
def test_paywalled(head, paywalled):
    page = f"<html><head>{head}</head><body><p>A text.</p></body></html>"

    assert extract(page, URL, now=NOW).paywalled is paywalled


# JSON-LD


@pytest.mark.parametrize(
    "source",
    [
        '<!-- {"@type": "NewsArticle", "headline": "H"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "H"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "H",}',
        '{"@type": "NewsArticle", "headline": "H"};',
        '[{"@type": "WebSite"}, {"@type": ["Thing", "NewsArticle"], "headline": "H"}]',
        '{"@type": "WebPage", "mainEntity": {"@type": "Article", "headline": "H"}}',
        '{"@graph": [[[{"@type": "BlogPosting", "headline": "H"}]]]}',
    ],
)
def test_ways_to_write_json_ld(source):
    assert Graph([source]).article["headline"] == "H"


CYCLE = {
    "@graph": [{"@type": "Article", "@id": "a", "author": {"@id": "b"}}, {"@id": "b", "author": {"@id": "a"}, "x": 1}]
}
WRONG = [
    None,
    7,
    1.5,
    True,
    [],
    {},
    [[[]]],
    {"name": {"name": {"name": 1}}},
    {"@id": 7},
    {"@type": {}},
    "\ud800",
    "x" * 100_000,
]
KEYS = (
    "@type", "@id", "@graph", "author", "creator", "publisher", "headline", "datePublished", "dateModified", "image", "keywords",
    "articleSection", "isAccessibleForFree", "hasPart", "mainEntityOfPage", "inLanguage", "description", "itemListElement",
)  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "[" * 100_000,
        '{"@graph":' * 100_000,
        '{"author":' * 100_000 + "1" + "}" * 100_000,
        json.dumps(CYCLE),
        json.dumps([{"@type": "Article", "headline": f"<b>{n}</b>"} for n in range(20_000)]),
        json.dumps({"@type": "Article", "keywords": ["k"] * 100_000}),
        '{"@type": "Article", "headline": "' + "x" * 5_000_000 + '"}',
        '{"@type": "Article", "datePublished": ' + "9" * 100_000 + "}",
        '{"@type": "Article", "headline": "\\ud83d"}',
        '{"@type": "Article",' + ", " * 200_000 + "}",
        '{"@type": "BreadcrumbList", "itemListElement": [{"item": {"item": 1}}, 7, {"name": []}]}',
    ],
    ids=[
        "deep",
        "deep-graph",
        "deep-author",
        "cycle",
        "many",
        "keywords",
        "large",
        "number",
        "surrogate",
        "commas",
        "crumbs",
    ],
)
def test_hostile_json_ld_costs_little(source):
    started = time.process_time()
    found = about(head=script(source), body="<p>A text.</p>")

    assert time.process_time() - started < 2
    json.dumps([found.title, found.authors, found.tags]).encode()
    (found.title or "").encode()


@pytest.mark.parametrize("key", KEYS)
def test_wrong_types_everywhere(key):
    for value in WRONG:
        for node in ({"@type": "NewsArticle", key: value}, {"@type": "NewsArticle", key: [value, value]}):
            found = extract(f"<html><head>{article(**node)}</head><body><p>A text.</p></body></html>", URL, now=NOW)
            found.model_dump_json().encode()
            assert found.rejected != "extract_failed", (key, value)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["NewsArticle", "a", "2024-05-02"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_any_json_ld_is_read(value):
    graph = Graph([json.dumps(value)])

    list(graph.names(graph.get("author")))
    list(graph.nodes(graph.get("image")))
    graph.is_free()


def test_the_walk_ends():
    node = {"@graph": [{"@graph": [{"@type": "Thing"}] * MAX_NODES}] * MAX_NODES}

    assert Graph([json.dumps(node)]).article == {}


def test_a_page_of_nothing_but_metadata_costs_little():
    head = meta(author="Jane Doe") * 20_000 + "<link rel=canonical href=/x>" * 20_000
    body = "<time>x</time>" * 20_000 + "<span class=author>By</span>" * 20_000 + "<h1>x</h1>" * 20_000
    tree = fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    started = time.process_time()

    read(tree, URL, now=NOW)

    assert time.process_time() - started < 3
