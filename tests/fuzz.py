"""Pages and feeds of broken markup, without end: ``make fuzz``.

Hypothesis puts pages together from the parts that pages have, and breaks them. What comes out must keep what is promised
of any input (see ``INVARIANTS``). A page that does not is made as small as it can be, and printed; put it into
``data/hostile/found.jsonl``, from where the tests run it for ever after.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from copydesk.core import metadata
from copydesk.core.boilerplate import clean_text
from copydesk.core.decode import decode
from copydesk.core.entries import build_items
from copydesk.core.extract import extract
from copydesk.core.links import links_of_header
from copydesk.core.markup import Unfit, parse
from copydesk.core.opml import read_opml
from copydesk.core.urls import absolute_url, canonical_url, host_of, origin_of, shown_url
from copydesk.errors import CopydeskError
from copydesk.models import Source
from copydesk_services.fetcher.sources import read_body

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://paper.example/2026/10/31/pier.html"

ODD = (
    "\0",
    "\x0b",
    "\x1b[2J",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\ufffc",
    "\ufffcp",
    "\u202e",
    "\u00ad",
    "\ufdfa",
    "\u0301",
    "\U0001f600",
    "\u2028",
)
WORDS = [
    "pier",
    "harbour",
    "council",
    "storm",
    "boats",
    "Tuesday",
    "said",
    "mayor",
    "crane",
    "rebuilt",
    "winter",
    "share",
    "read",
    "more",
    "newsletter",
    "advertisement",
    "photo",
    "by",
    "©",
    "2021",
    "All",
    "rights",
    "reserved",
    "Subscribe",
    "https://a.example/x",
    "3",
    "May",
    "2021",
    "2099-01-01",
    "10:00",
    "-",
    "|",
    ">",
    "*",
    "_",
    "[a](b)",
    "©",
    ".",
    ",",
    ":",
    ";",
    "Hafen",
    "шторм",
    "港町",
    "ميناء",
]
TAGS = [
    "p",
    "div",
    "span",
    "a",
    "b",
    "i",
    "em",
    "strong",
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "th",
    "br",
    "img",
    "figure",
    "figcaption",
    "blockquote",
    "q",
    "pre",
    "code",
    "article",
    "section",
    "main",
    "aside",
    "header",
    "footer",
    "nav",
    "time",
    "address",
    "form",
    "input",
    "button",
    "select",
    "option",
    "iframe",
    "object",
    "video",
    "audio",
    "svg",
    "math",
    "template",
    "noscript",
    "script",
    "style",
    "title",
    "meta",
    "link",
    "base",
    "body",
    "html",
    "head",
    "font",
    "center",
    "details",
    "summary",
    "dl",
    "dt",
    "dd",
    "hr",
    "sup",
    "sub",
    "x-y",
    "plaintext",
    "xmp",
    "frameset",
]
ATTRIBUTES = [
    "class",
    "id",
    "href",
    "src",
    "lang",
    "dir",
    "title",
    "alt",
    "rel",
    "itemprop",
    "itemtype",
    "property",
    "name",
    "content",
    "datetime",
    "data-x",
    "style",
    "hidden",
    "aria-hidden",
    "role",
    "xmlns",
    "xml:lang",
    "charset",
    "http-equiv",
    "type",
    "colspan",
    "rowspan",
    "onclick",
]
NAMES = [
    "article:published_time",
    "article:modified_time",
    "og:title",
    "og:type",
    "og:url",
    "og:description",
    "og:site_name",
    "og:locale",
    "author",
    "description",
    "date",
    "keywords",
    "robots",
    "canonical",
    "datePublished",
    "content-language",
    "article-body",
    "comment-list",
    "share",
    "sidebar",
    "byline",
]
SCHEMA_KEYS = [
    "id",
    "date_published",
    "content_html",
    "@type",
    "@graph",
    "@id",
    "headline",
    "author",
    "name",
    "datePublished",
    "dateModified",
    "dateCreated",
    "publisher",
    "isAccessibleForFree",
    "mainEntity",
    "mainEntityOfPage",
    "itemListElement",
    "inLanguage",
    "description",
    "image",
    "url",
    "articleSection",
    "keywords",
]

word = st.sampled_from(WORDS) | st.sampled_from(ODD) | st.text(max_size=4)
text = st.lists(word, max_size=30).map(" ".join)
prose = st.lists(word, min_size=20, max_size=60).map(" ".join)
reference = st.sampled_from(
    ("&amp;", "&lt;", "&#0;", "&#xD800;", "&#x110000;", "&nbsp", "&nosuch;", "&", "&#", "&#x;", "&quot;")
)
date = st.sampled_from((
    "2021-05-03", "2021-05-03T10:00:00Z", "2099-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "Mon, 03 May 2021 10:00:00 GMT",
    "2021-13-45", "3 May 2021", "2021-05-03T10:00:00+99:99", "1620036000", "٢٠٢١-٠٥-٠٣", "2026-11-01T12:05:00Z", "Mon, 03 May 99999 10:00:00 +9999",
))  # fmt: skip
json_value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | text
    | date
    | st.sampled_from(("NewsArticle", "Person", "WebPage")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(SCHEMA_KEYS), inner, max_size=6),
    max_leaves=12,
)
attribute = st.tuples(
    st.sampled_from(ATTRIBUTES) | st.text(max_size=3),
    st.sampled_from(NAMES)
    | date
    | text
    | st.sampled_from(("canonical", URL, "//", "javascript:x", "http://[", "../" * 50)),
    st.sampled_from(('"', "'", "")),
).map(lambda parts: f" {parts[0]}={parts[2]}{parts[1]}{parts[2]}")
linked_data = json_value.map(lambda value: f'<script type="application/ld+json">{json.dumps(value)}</script>')
meta = st.tuples(
    st.sampled_from(("name", "property", "itemprop", "http-equiv")), st.sampled_from(NAMES), text | date
).map(lambda parts: f'<meta {parts[0]}="{parts[1]}" content="{parts[2]}">')
leaf = text | prose | reference | linked_data | meta | st.sampled_from((
    "<!--", "-->", "<!-- x -->", "<![CDATA[", "]]>", "<?x", "?>", "<", "</", ">", "<>", "</p>", "</div>", "</body>", "<!DOCTYPE html>",
    '<!DOCTYPE a [<!ENTITY b "c">]>', "<p", "<p class=", '<p class="', "<br/>", "<script>", "</script>", "<title>", "<template>", "\ufffcp", "<\0p>",
))  # fmt: skip


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A tag with attributes around others, mostly closed."""
    parts = st.tuples(
        st.sampled_from(TAGS),
        st.lists(attribute, max_size=3),
        st.lists(inner, max_size=5),
        st.sampled_from((True, True, True, False)),
    )
    return parts.map(lambda p: f"<{p[0]}{''.join(p[1])}>{''.join(p[2])}" + (f"</{p[0]}>" if p[3] else ""))


markup = st.recursive(leaf, element, max_leaves=25)
pages = st.lists(markup, min_size=1, max_size=8).map(lambda parts: "<html><body>" + "".join(parts))
CODECS = (
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1251",
    "latin-1",
    "shift_jis",
    "euc_jp",
    "gb18030",
    "utf-7",
    "iso2022_jp",
    "hz",
)
types = st.none() | st.text(max_size=30) | st.sampled_from(CODECS).map(lambda codec: f"text/html; charset={codec}")


@st.composite
def broken_bytes(draw: st.DrawFn, source: st.SearchStrategy[str]) -> bytes:
    """What others make of a text: another encoding, cut off, bytes changed, pieces doubled."""
    codec = draw(st.sampled_from(CODECS))
    body = draw(source).encode(codec, "surrogatepass" if codec.startswith("utf-") and codec != "utf-7" else "replace")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.integers(0, 3)):
            case 0:
                body = body[:at]
            case 1:
                body = body[:at] + draw(st.binary(max_size=4)) + body[at:]
            case 2:
                body = body[:at] + body[at : at + 40] * draw(st.integers(0, 20)) + body[at:]
            case _:
                body = body[:at] + bytes([draw(st.integers(0, 255))]) + body[at + 1 :]
    return body


xml_leaf = (
    text
    | date
    | reference
    | st.sampled_from(("<![CDATA[", "]]>", "&a;", "<", "<x", "</item>", URL, "http://[", "\ufeff"))
)
XML_TAGS = [
    "item",
    "entry",
    "title",
    "link",
    "guid",
    "id",
    "pubDate",
    "published",
    "updated",
    "description",
    "content:encoded",
    "author",
    "name",
    "rss",
    "channel",
    "feed",
    "urlset",
    "url",
    "loc",
    "lastmod",
    "news:publication_date",
    "news:title",
    "sitemapindex",
    "sitemap",
    "news:news",
    "ttl",
    "sy:updatePeriod",
    "summary",
    "opml",
    "body",
    "outline",
    "enclosure",
    "rdf:RDF",
    "atom:link",
]
xml_attribute = st.tuples(
    st.sampled_from(
        (
            "href",
            "xmlUrl",
            "text",
            "title",
            "rel",
            "type",
            "xml:base",
            "xmlns",
            "xmlns:x",
            "settle",
            "labels",
            "maxAge",
            "version",
        )
    ),
    text | st.sampled_from((URL, "alternate", "html", "2.0", "http://www.w3.org/2005/Atom", "javascript:x")),
).map(lambda parts: f' {parts[0]}="{parts[1]}"')


def xml_element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The same for feeds."""
    parts = st.tuples(st.sampled_from(XML_TAGS), st.lists(xml_attribute, max_size=2), st.lists(inner, max_size=5))
    return parts.map(lambda p: f"<{p[0]}{''.join(p[1])}>{''.join(p[2])}</{p[0]}>")


feeds = st.tuples(
    st.sampled_from(
        (
            "",
            '<?xml version="1.0" encoding="utf-8"?>',
            '<?xml version="1.0" encoding="x"?>',
            '<!DOCTYPE a [<!ENTITY a "b">]>',
        )
    ),
    st.recursive(xml_leaf, xml_element, max_leaves=25)
    | st.lists(json_value, max_size=4).map(lambda items: json.dumps({"items": items, "hubs": items, "title": items})),
).map("".join)


def carried(value: object) -> None:
    """It can be written as JSON in UTF-8."""
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


def check_page(body: bytes | str, content_type: str | None = None) -> None:
    """What ``extract`` promises of any page."""
    found = extract(body, URL, content_type=content_type, now=NOW)
    carried(found.model_dump(mode="json"))
    assert found.rejected is None or found.detail, "a rejection without a word on why"
    assert found.rejected is not None or found.text.strip(), "neither a text nor a rejection"
    assert found.published_at is None or found.published_at <= NOW, "published in the future"
    assert found.modified_at is None or found.modified_at <= NOW, "modified in the future"
    places = [block.index for block in found.removed]
    assert places == sorted(set(places)), "two removed blocks in one place, or out of order"
    assert not places or places[-1] < len(found.blocks) + len(places), "a place beyond the blocks"
    assert all(block.text.strip() for block in found.blocks), "a block without a text"


def check_metadata(body: bytes | str) -> None:
    """``metadata.read`` on any tree."""
    tree = parse(body, None, 10**7)
    if not isinstance(tree, Unfit):
        about = metadata.read(tree, URL, now=NOW)
        carried({"title": about.title, "authors": about.authors, "site": about.site_name, "text": about.description})


def check_decode(body: bytes, content_type: str | None) -> None:
    """``decode`` gives text that UTF-8 can carry."""
    decode(body, content_type).encode("utf-8")


def check_clean(given_text: str) -> None:
    """``clean_text`` loses nothing, and finds no more in what it leaves than is left by its places."""
    text_, removed = clean_text(given_text)
    kept = iter(text_.split("\n") if text_ else ())
    gone = {block.index: block.text for block in removed}
    lines = [line for line in given_text.split("\n") if line.strip()]
    assert [gone[index] if index in gone else next(kept) for index in range(len(lines))] == lines, (
        "a line was lost or changed"
    )


def check_feed(body: bytes, content_type: str | None) -> None:
    """A source's answer gives items, or says in one line what is wrong."""
    source = Source(id="s", url=URL, full_text=True, secret="own")  # noqa: S106 -- a name
    try:
        reading = read_body(body, None, content_type, 100)
    except CopydeskError as error:
        carried(str(error))
        return
    items = build_items(reading.entries, source=source, base=URL, now=NOW)
    carried([item.model_dump(mode="json") for item in items])
    carried(
        [
            reading.title,
            reading.interval,
            reading.hubs,
            reading.topic,
            [x.model_dump(mode="json") for x in reading.sitemaps],
        ]
    )
    assert all(canonical_url(item.canonical_url) == item.canonical_url for item in items)
    assert all(item.secret is None or origin_of(item.url) == origin_of(URL) for item in items)
    assert all(item.published_at is None or item.published_at.year <= NOW.year + 1 for item in items)


def check_links(value: str) -> None:
    """A header gives addresses or nothing."""
    hubs, topic = links_of_header(value, URL)
    carried([hubs, topic])


def check_opml(body: bytes) -> None:
    """The same of OPML."""
    try:
        carried([(*feed, feed.options()) for feed in read_opml(body)])
    except CopydeskError as error:
        carried(str(error))


def check_url(url: str) -> None:
    """A canonical URL is its own canonical form."""
    absolute_url(url, URL)
    shown_url(url)
    host_of(url)
    canonical = canonical_url(url, URL)
    if canonical is not None:
        carried(canonical)
        assert canonical_url(canonical) == canonical
        assert origin_of(canonical)


urls = st.text(max_size=60) | st.lists(
    st.sampled_from(("http://", "https:", "//", "/", "..", "?", "#", "@", ":", "%", "%zz", "a.example", "[::1]", "xn--", "utm_source=x", "&", "é", "\ud800", " "))
    | st.text(max_size=3),
    max_size=12,
).map("".join)  # fmt: skip

INVARIANTS: dict[str, tuple[Callable[..., None], tuple[st.SearchStrategy, ...]]] = {
    "page": (check_page, (pages,)),
    "page of bytes": (check_page, (broken_bytes(pages), types)),
    "metadata": (check_metadata, (pages,)),
    "decode": (check_decode, (broken_bytes(pages) | st.binary(max_size=400), types)),
    "clean": (check_clean, (st.lists(prose | text, max_size=12).map("\n".join),)),
    "feed": (check_feed, (broken_bytes(feeds), types)),
    "opml": (check_opml, (broken_bytes(feeds),)),
    "url": (check_url, (urls,)),
    "link header": (
        check_links,
        (
            st.lists(
                st.sampled_from(("<", ">", ";", ",", "rel", "=", '"', "hub", "self", URL, " ", "\\")) | text,
                max_size=20,
            ).map("".join),
        ),
    ),
}


def run(name: str, seconds: float, start: int) -> tuple[int, float, object]:
    """Check one invariant for so long: number of cases, seconds of the slowest, and that case."""
    check, strategies = INVARIANTS[name]
    cases, slowest, case, until = 0, 0.0, None, time.monotonic() + seconds

    def timed(*given_: object) -> None:
        nonlocal cases, slowest, case
        begin = time.process_time()
        check(*given_)
        took = time.process_time() - begin
        cases += 1
        if took > slowest:
            slowest, case = took, given_

    while time.monotonic() < until:
        rule = settings(
            max_examples=100,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        rule(seed(start)(given(st.tuples(*strategies))(lambda given_: timed(*given_))))()
        start += 1
    return cases, slowest, case


def main() -> int:
    """Take turns at the invariants until the time is over."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    options.add_argument("--seconds", type=float, default=60.0, help="in all (default: 60)")
    options.add_argument("--only", choices=INVARIANTS, help="one of them")
    options.add_argument("--seed", type=int, default=None, help="the same cases again")
    options = options.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    start = random.randrange(10**6) if options.seed is None else options.seed
    names = [options.only] if options.only else list(INVARIANTS)
    failed = 0
    for name in names:
        try:
            cases, slowest, case = run(name, options.seconds / len(names), start)
        except Exception:  # noqa: BLE001  the others get their turn all the same
            traceback.print_exc()
            print(f"{name}: FAILED (seed {start})", flush=True)
            failed = 1
        else:
            shown = repr(case)[:100] if slowest > 1 else ""
            print(f"{name}: {cases} cases, the slowest {1000 * slowest:.0f} ms {shown}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
