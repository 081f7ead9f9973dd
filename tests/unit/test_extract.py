import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.core.dates import parse_date
from copydesk.core.extract import extract
from copydesk.models import BlockKind, Item, RejectReason, RemovalReason

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
URL = "https://paper.example/news/town-rebuilds-its-pier"
PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down in the "
    "winter, and to pay for it with a loan that runs over the next twenty years.",
    "Fishermen who had waited for the decision since March said that they were relieved, although the work will only begin "
    "after the summer, when the last of the visitors have left the beaches.",
    "“We have nowhere else to land what we catch,” said the head of their guild, who has gone to sea from here for more "
    "than forty years and whose father did the same before him.",
    "The mayor promised that the new pier would stand on pillars of stone instead of wood, and that it would carry a "
    "second crane, so that two boats can be unloaded at the same time.",
]


def page(*body, head="<title>Town rebuilds its pier</title>", lang="en"):
    return f"<!DOCTYPE html><html lang='{lang}'><head>{head}</head><body>{''.join(body)}</body></html>"


def article(*texts):
    return "<article>" + "".join(f"<p>{text}</p>" for text in texts or PROSE) + "</article>"


def texts(extraction):
    return [block.text for block in extraction.blocks]


def test_an_article():
    extraction = extract(page("<h1>Town rebuilds its pier</h1>", article(*PROSE, "Share this article")), URL, now=NOW)

    assert texts(extraction) == PROSE
    assert extraction.text == "\n".join(PROSE)
    assert extraction.title == "Town rebuilds its pier"
    assert extraction.language == "en"
    assert extraction.rejected is None
    assert [(block.reason, block.text) for block in extraction.removed][-1] == (
        RemovalReason.SHARE,
        "Share this article",
    )


def test_bytes_are_decoded_by_the_header():
    body = page(article(*[text.replace("harbour", "hårbør") for text in PROSE])).encode("latin-1", "replace")

    assert "hårbør" in extract(body, URL, content_type="text/html; charset=iso-8859-1", now=NOW).text


def test_blocks_know_what_they_were():
    body = f"<article><p>{PROSE[0]}</p><h2>What it costs</h2>"
    body += "<ul><li>Two million for the stone</li><li>One million for cranes</li></ul>"
    body += f"<blockquote>{PROSE[2]}</blockquote><p>{PROSE[1]}</p><pre><code>a = 1\nb = 2</code></pre><p>{PROSE[3]}</p></article>"

    kinds = {block.kind: block.text for block in extract(page(body), URL, now=NOW).blocks}

    assert kinds[BlockKind.HEADING] == "What it costs"
    assert kinds[BlockKind.LIST_ITEM] == "One million for cranes"
    assert kinds[BlockKind.QUOTE] == PROSE[2]
    assert kinds[BlockKind.CODE].split("\n") == ["a = 1", "b = 2"]
    assert kinds[BlockKind.PARAGRAPH] == PROSE[3]


def json_ld(**fields):
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps({"@graph": [{"@type": "WebSite"}, node]})}</script>'


def test_metadata_of_json_ld():
    head = json_ld(
        headline="Town rebuilds &amp; widens its pier",
        author=[{"@type": "Person", "name": "Jane Doe"}, {"name": "By John Roe"}],
        datePublished="2024-05-02T08:30:00+02:00",
        dateModified="2024-05-02T09:00:00Z",
        publisher={"name": "The Harbour Paper"},
        description="A vote on a pier.",
    )

    extraction = extract(page(article(), head=head), URL, now=NOW)

    assert extraction.title == "Town rebuilds & widens its pier"
    assert extraction.authors == ["Jane Doe", "John Roe"]
    assert extraction.published_at == datetime(2024, 5, 2, 6, 30, tzinfo=UTC)
    assert extraction.modified_at == datetime(2024, 5, 2, 9, 0, tzinfo=UTC)
    assert extraction.site_name == "The Harbour Paper"
    assert extraction.description == "A vote on a pier."


def test_metadata_of_meta_elements():
    head = (
        "<title>Town rebuilds its pier | The Harbour Paper</title><meta name=author content='Jane Doe and John Roe'>"
        "<meta property='article:published_time' content='2024-05-02'><meta property='og:site_name' content='The Harbour Paper'>"
    )

    extraction = extract(page(article(), head=head), URL, now=NOW)

    assert extraction.title == "Town rebuilds its pier"
    assert extraction.authors == ["Jane Doe", "John Roe"]
    assert extraction.published_at == datetime(2024, 5, 2, tzinfo=UTC)


def test_the_date_of_the_address_and_the_hint():
    hint = Item(
        url=URL, canonical_url=URL, source="s", title="From the feed", published_at=datetime(2024, 5, 4, tzinfo=UTC)
    )

    dated = extract(page(article()), "https://paper.example/2024/05/03/pier", hint=hint, now=NOW)
    undated = extract(page(article(), head=""), URL, hint=hint, now=NOW)

    assert dated.published_at == datetime(2024, 5, 3, tzinfo=UTC)
    assert undated.published_at == hint.published_at
    assert undated.title == "From the feed"


@pytest.mark.parametrize(
    "date", ["2031-01-01", "2024-06-02T00:00:00Z", "1700-01-01", "soon", "0000-00-00", "9999-99-99T00:00"]
)
def test_no_date_of_the_future_or_of_nonsense(date):
    head = f"<meta property='article:published_time' content='{date}'>{json_ld(datePublished=date)}"

    assert extract(page(article(), head=head), URL, now=NOW).published_at is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-05-02T08:30:00+0200", datetime(2024, 5, 2, 6, 30, tzinfo=UTC)),
        ("2024-05-02T08:30:00.123Z", datetime(2024, 5, 2, 8, 30, 0, 123000, tzinfo=UTC)),
        ("2024-05-02 08:30", datetime(2024, 5, 2, 8, 30, tzinfo=UTC)),
        ("Thu, 02 May 2024 08:30:00 GMT", datetime(2024, 5, 2, 8, 30, tzinfo=UTC)),
        ("updated on 2024-05-02, at noon", datetime(2024, 5, 2, tzinfo=UTC)),
        ("2024-06-01T12:05:00Z", NOW),
        (["2024-05-02"], datetime(2024, 5, 2, tzinfo=UTC)),
        (17, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_parse_date(text, date):
    assert parse_date(text, NOW) == date


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", RejectReason.EMPTY),
        ("  \n ", RejectReason.EMPTY),
        (b"\0" * 5_000, RejectReason.NOT_HTML),
        (b"%PDF-1.7 \n1 0 obj", RejectReason.NOT_HTML),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", RejectReason.NOT_HTML),
        (bytes(range(256)) * 40, RejectReason.NOT_HTML),
        (b"just words, and no markup at all", RejectReason.NOT_HTML),
        ("<?xml version='1.0'?><rss version='2.0'><channel/></rss>", RejectReason.NOT_HTML),
        (page("<script>start()</script><div id=app></div>"), RejectReason.NEEDS_JAVASCRIPT),
        (page("<p>" + "word " * 2_000_000), RejectReason.TOO_LARGE),
        ("\ud800<p>\ud800", RejectReason.EMPTY),
    ],
    ids=["nothing", "blank", "nuls", "pdf", "png", "bytes", "words", "feed", "shell", "large", "surrogates"],
)
def test_what_is_no_page(body, reason):
    extraction = extract(body, URL, now=NOW)

    assert extraction.rejected is reason
    assert extraction.detail


def test_a_content_type_that_is_no_page():
    assert extract(b"{}", URL, content_type="application/json", now=NOW).rejected is RejectReason.NOT_HTML


def test_a_front_page():
    teasers = [
        f"<li><a href='/n/{n}'>A headline of some length about event number {n} in the harbour town</a></li>"
        for n in range(40)
    ]
    body = page("<ul>", *teasers, "</ul>", head="<title>The Harbour Paper</title>")

    assert extract(body, "https://paper.example/", now=NOW).rejected is RejectReason.LISTING


@pytest.mark.parametrize(
    "subject",
    [
        "cookies and consent: what the new law asks of websites",
        "error 404 as a work of art",
        "why you should subscribe to nothing",
    ],
)
def test_an_article_about_such_things_is_one(subject):
    body = page(
        f"<h1>All about {subject}</h1>",
        article(*PROSE, f"This and more was said about {subject} by all who were there."),
    )

    assert extract(body, URL, now=NOW).rejected is None


def test_a_rejected_page_still_has_its_text():
    line = "The council voted on Tuesday to rebuild the pier."

    extraction = extract(
        page(f"<h1>Pier</h1><p>{line}</p><p>Subscribe to continue reading this article</p>"), URL, now=NOW
    )

    assert extraction.rejected
    assert line in extraction.text


def test_the_title_is_not_cut_where_the_dash_belongs_to_it():
    head = "<title>A pier – and what it costs the town to keep</title>"

    assert extract(page(article(), head=head), URL, now=NOW).title == "A pier – and what it costs the town to keep"


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000 + "<p>deep</p>",
        "<p>" + "<b>" * 100_000 + "deep",
        "<ul><li>" * 50_000,
        "<table><tr><td>" * 20_000,
        "<blockquote>" * 50_000 + "deep",
        "<p " + " ".join(f"a{n}='1'" for n in range(2_000)) + ">many</p>",
        "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><p>&b;&b;&b;</p>",
        "<p>" + "&nbsp;&#0;&#x110000;&#xd800;" * 5_000,
        "<![CDATA[" * 1_000 + "<!--" * 1_000,
        "<script>" + "x" * 100_000,
        json_ld(headline="x", author={"name": {"name": {"name": 1}}}, datePublished={"a": []}, publisher=[[[]]]),
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
    ],
    ids=[
        "div",
        "b",
        "list",
        "table",
        "quote",
        "attributes",
        "entities",
        "references",
        "comments",
        "script",
        "json",
        "nested-json",
    ],
)
def test_hostile_markup_ends_in_an_outcome(body):
    extraction = extract(f"<html><body>{body}</body></html>", URL, now=NOW)

    extraction.model_dump_json().encode()


@pytest.mark.parametrize(
    "url", ["", "http://", "https://[", "not a url", "https://paper.example/2024/99/99/x", "\udcff"]
)
def test_odd_addresses(url):
    assert texts(extract(page(article()), url, now=NOW)) == PROSE


TAGS = [
    "<p>",
    "</p>",
    "<div>",
    "<li>",
    "<table>",
    "<td>",
    "<a href=x>",
    "</a>",
    "<br>",
    "<h1>",
    "<pre>",
    "&amp;",
    "<!--",
]
SOUP = st.lists(st.sampled_from([*TAGS, "text ", *PROSE]), max_size=40).map("".join)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | st.text(max_size=300) | SOUP)
def test_never_fails(body):
    extraction = extract(body, URL, now=NOW)

    assert extraction.rejected or extraction.blocks
    extraction.model_dump_json().encode()
