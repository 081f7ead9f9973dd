"""The bundled site is what the demo claims: its size, its formats, its cases, and the check of its outcomes."""

import difflib
import json
import re
from urllib.parse import urlsplit

import feedparser
import pytest
import trafilatura
from lxml import etree, html

from copydesk.models import RejectReason
from copydesk_services.demo.content import Feed, Host, Story
from copydesk_services.demo.expected import check, check_log, expected_items
from copydesk_services.demo.site import SITE, answer

PORT = 8123
CONTENT = SITE.content
ARTICLES = [story for story in CONTENT.stories.values() if story.rejected is None]
FEEDS = [(host, feed) for host in CONTENT.hosts.values() for feed in host.feed]


def get(host: str, path: str, **headers: str):
    return answer(host, path, base_port=PORT, headers=headers)


def page(story: Story) -> str:
    return get(story.host, story.path).body.decode()


def text_of(story: Story) -> str:
    return trafilatura.extract(page(story), include_comments=False) or ""


def offered(host: Host, feed: Feed) -> list[str]:
    body = get(host.name, feed.path).body
    if feed.format == "news-sitemap":
        return [loc.text for loc in etree.fromstring(body).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    return [entry.link for entry in feedparser.parse(body).entries]


def words(story_id: str) -> list[str]:
    return re.findall(r"\w+", CONTENT.stories[story_id].body.casefold())


def shared(a: list[str], b: list[str]) -> float:
    """Share of the words of ``a`` that stand in ``b`` too, in the same order."""
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(a)


def test_size():
    assert len(ARTICLES) >= 16
    assert len({story.host for story in ARTICLES}) == 5
    assert {story.language for story in ARTICLES} == {"en", "de", "ja"}
    assert all(story.published.isoformat()[:7] in {"2026-09", "2026-10"} for story in CONTENT.stories.values())


@pytest.mark.parametrize("story", ARTICLES, ids=lambda story: story.id)
def test_an_article_has_a_news_article_s_length(story):
    if story.language == "ja":
        assert len(story.body) >= 300
        assert " " not in story.body
    else:
        assert 150 <= len(story.body.split()) <= 420
    assert len(set(story.paragraphs)) == len(story.paragraphs) >= 5


@pytest.mark.parametrize(("host", "feed"), FEEDS, ids=lambda value: getattr(value, "path", getattr(value, "name", "")))
def test_a_feed_parses_and_offers_its_stories(host, feed):
    response = get(host.name, feed.path)
    assert response.status == 200
    urls = offered(host, feed)
    assert len(urls) == len(feed.entries)
    assert all(url.startswith(f"http://{host.name}:{PORT}/") for url in urls)
    if feed.format != "news-sitemap":
        parsed = feedparser.parse(response.body)
        assert not parsed.bozo
        assert parsed.version == {"rss": "rss20", "atom": "atom10"}[feed.format]
        assert all(entry.title and entry.summary and entry.published_parsed and entry.id for entry in parsed.entries)


def test_the_news_sitemap_is_complete():
    namespace = {
        "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "n": "http://www.google.com/schemas/sitemap-news/0.9",
    }
    root = etree.fromstring(get("varnholt-wire.demo", "/news-sitemap.xml").body)
    for url in root.findall("s:url", namespace):
        for path in ("s:loc", "n:news/n:publication/n:name", "n:news/n:publication_date", "n:news/n:title"):
            assert url.findtext(path, namespaces=namespace)
    assert root.findtext(".//n:language", namespaces=namespace) in {"en", "de"}


def test_every_expected_item_is_offered_and_nothing_else():
    urls = {url.partition("?")[0] for host, feed in FEEDS for url in offered(host, feed)}
    assert urls == {item.url(PORT) for item in expected_items()}
    assert SITE.sources(PORT) == [f"http://{host.name}:{PORT}{feed.path}" for host, feed in FEEDS]


def test_some_items_are_offered_more_than_once():
    urls = [url for host, feed in FEEDS for url in offered(host, feed)]
    twice = {url for url in urls if urls.count(url) > 1}
    assert any("reading-room" in url for url in twice)
    tracked = [url for url in urls if "utm_source=" in url]
    assert len(tracked) == 1
    assert tracked[0].partition("?")[0] in urls
    parts = urlsplit(tracked[0])
    plain = get(parts.hostname, parts.path)
    assert get(parts.hostname, f"{parts.path}?{parts.query}") == plain


@pytest.mark.parametrize("story", ARTICLES, ids=lambda story: story.id)
def test_a_plain_extractor_finds_the_article_and_keeps_what_does_not_belong_there(story):
    text = text_of(story)
    assert story.keep
    assert [phrase for phrase in story.keep if phrase not in text] == []
    for paragraph in story.paragraphs:
        assert text.count(paragraph) == (2 if story.repeated else 1)
    strips = [strip.phrase for strip in CONTENT.hosts[story.host].strip if strip.language == story.language]
    assert strips
    assert [phrase for phrase in strips if phrase not in text] == []
    assert not any(phrase in story.body for phrase in strips)


@pytest.mark.parametrize("story", ARTICLES, ids=lambda story: story.id)
def test_a_page_looks_like_a_news_page(story):
    source = page(story)
    tree = html.fromstring(source.encode())
    assert "$" not in re.sub(r"<script.*?</script>", "", source, flags=re.DOTALL)
    assert story.title in tree.findtext(".//title")
    assert tree.xpath("string(//h1)") == story.title
    assert tree.xpath("//link[@rel='canonical']/@href") == [f"http://{story.host}:{PORT}{story.path}"]
    assert tree.get("lang").startswith(story.language)
    assert tree.xpath("//img")
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        assert json.loads(script)["headline"] == story.title
    chrome = [chrome for chrome in CONTENT.hosts[story.host].chrome if chrome.language == story.language]
    assert all(phrase in source for entry in chrome for phrase in entry.phrases)


def test_the_wire_s_story_is_cut_short_and_extended():
    wire, cut, front = words("wire-canyon"), words("harbour-canyon"), words("inland-canyon")
    assert wire[: len(cut)] == cut
    assert 0.65 < len(cut) / len(wire) < 0.8
    assert front[-len(wire) :] == wire
    assert 0.75 < len(wire) / len(front) < 0.9
    # Whichever comes first, most of every later one stands in it.
    assert shared(front, cut) > 0.55


def test_the_german_copy_is_lightly_edited():
    wire, edited = words("wire-seilbahn"), words("talbote-seilbahn")
    assert 0.03 <= 1 - shared(wire, edited) <= 0.08
    assert 0.9 < len(edited) / len(wire) < 1.1


def test_two_articles_on_one_event_share_no_passage():
    first, second = (story.id for story in ARTICLES if story.event == "ferry")
    matcher = difflib.SequenceMatcher(None, words(first), words(second), autojunk=False)
    assert max(block.size for block in matcher.get_matching_blocks()) < 6


def test_unrelated_articles_share_no_sentence():
    seen: dict[str, str] = {}
    for story in ARTICLES:
        if story.text_of is None:
            for sentence in re.split(r"(?<=[.!?。])\s*", story.body):
                if len(sentence) > 12:
                    assert seen.setdefault(sentence, story.id) == story.id


def test_pages_that_are_no_articles():
    by_reason = {story.rejected: story for story in CONTENT.stories.values() if story.rejected is not None}
    assert set(by_reason) == {RejectReason.HTTP_4XX, RejectReason.ROBOTS, RejectReason.CONSENT}
    gone = by_reason[RejectReason.HTTP_4XX]
    assert get(gone.host, gone.path).status == 404
    closed = by_reason[RejectReason.ROBOTS]
    assert "Disallow: /subscribers/\n" in get(closed.host, "/robots.txt").body.decode()
    assert closed.path.startswith("/subscribers/")
    assert get(closed.host, closed.path).status == 200
    wall = by_reason[RejectReason.CONSENT]
    response = get(wall.host, wall.path)
    assert response.status == 200
    assert "Zustimmung" in response.body.decode()
    assert wall.title not in response.body.decode()


def test_a_short_address_redirects_to_the_article():
    story = CONTENT.stories["talbote-wanderweg"]
    response = get(story.host, story.short_path)
    assert response.status == 301
    assert response.headers["Location"] == f"http://{story.host}:{PORT}{story.path}"


@pytest.mark.parametrize("host", SITE.hosts)
def test_every_host_has_a_front_page_and_robots(host):
    assert get(host, "/").status == 200
    robots = get(host, "/robots.txt")
    assert robots.headers["Content-Type"].startswith("text/plain")
    assert "$" not in robots.body.decode()


def test_an_unknown_host_or_path_is_not_found():
    assert get("elsewhere.demo", "/").status == 404
    assert get("tal-bote.demo", "/nirgends").status == 404


def test_a_feed_that_has_not_changed_is_not_sent_again():
    first = get("tal-bote.demo", "/atom.xml")
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    path = ("tal-bote.demo", "/atom.xml")
    for headers in ({"If-None-Match": etag}, {"if-none-match": f'"other", W/{etag}'}, {"If-Modified-Since": modified}):
        response = get(*path, **headers)
        assert (response.status, response.body) == (304, b"")
        assert response.headers["ETag"] == etag
    # The entity tag decides where both are sent.
    assert get(*path, **{"If-None-Match": '"other"', "If-Modified-Since": modified}).status == 200
    assert get(*path, **{"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}).status == 200
    assert get(*path, **{"If-Modified-Since": "yesterday"}).status == 200


def right_rows() -> list[dict]:
    """What a faultless run gives, the wire's stories first."""
    rows = []
    for item in expected_items():
        story = CONTENT.stories[item.id]
        row = {"id": item.id, "url": item.url(PORT), "verdict": "original", "reason": None, "copy_of": None}
        row |= {"language": item.language, "removed": [], "text": story.body}
        if item.rejected:
            row |= {"verdict": "rejected", "reason": item.rejected.value, "language": None, "text": ""}
        elif story.text_of:
            source = CONTENT.stories[story.text_of]
            row |= {"verdict": "copy", "copy_of": f"http://{source.host}:{PORT}{source.path}"}
        row["removed"] += [{"text": f"… {s.phrase} …", "reason": s.reasons[0].value, "rule": "x"} for s in item.strip]
        if item.repeated:
            row["removed"] += [{"text": p, "reason": "repeat", "rule": "x"} for p in story.paragraphs]
        rows.append(row)
    return rows


def changed(id_: str, **fields) -> list[str]:
    return check([row | fields if row["id"] == id_ else row for row in right_rows()])


def test_check_is_content_with_a_faultless_run_in_any_order():
    rows = right_rows()
    assert check(rows) == []
    assert check([{key: value for key, value in row.items() if key != "text"} for row in reversed(rows)]) == []
    # The other way round: the paper's story came first, and the wire's is the copy; named by id.
    swap = {"wire-seilbahn": ("copy", "talbote-seilbahn"), "talbote-seilbahn": ("original", None)}
    for row in rows:
        row["verdict"], row["copy_of"] = swap.get(row["id"], (row["verdict"], row["copy_of"]))
    assert check(rows) == []


@pytest.mark.parametrize(
    ("id_", "fields", "problem"),
    [
        ("wire-rower", {"verdict": "copy", "copy_of": "wire-brot"}, "should be original"),
        ("wire-rower", {"language": "de"}, "should be en"),
        ("wire-rower", {"verdict": "rejected", "reason": "no_article"}, "should be original"),
        ("wire-rower", {"removed": []}, "was not removed"),
        ("wire-rower", {"text": "Nothing."}, "is missing in the text"),
        ("wire-rower", {"url": "http://tal-bote.demo/atom.xml"}, "no source offers this"),
        (
            "wire-rower",
            {"url": f"http://varnholt-wire.demo:{PORT}{CONTENT.stories['wire-brot'].path}"},
            "second result",
        ),
        ("harbour-gone", {"reason": "soft_404"}, "should be rejected (http_4xx)"),
        ("inland-subscribers", {"verdict": "original"}, "should be rejected (robots)"),
        ("talbote-zustimmung", {"verdict": "original"}, "should be rejected (consent)"),
        ("harbour-canyon", {"verdict": "original", "copy_of": None}, "2 originals"),
        ("wire-canyon", {"verdict": "copy", "copy_of": "harbour-canyon"}, "0 originals"),
        ("talbote-seilbahn", {"copy_of": "wire-canyon"}, "should be one of wire-seilbahn"),
        ("talbote-seilbahn", {"copy_of": None}, "should be one of wire-seilbahn"),
    ],
)
def test_check_says_what_is_wrong(id_, fields, problem):
    assert any(problem in found for found in changed(id_, **fields))


def test_check_sees_a_lost_paragraph_and_both_copies_of_a_repeated_one():
    story = CONTENT.stories["inland-bridge"]
    row = next(row for row in right_rows() if row["id"] == story.id)
    assert any("should stay" in problem for problem in changed(story.id, removed=row["removed"] * 2))
    kept = [block for block in row["removed"] if block["reason"] != "repeat"]
    assert any("no repeat was removed" in problem for problem in changed(story.id, removed=kept))
    lost = [*row["removed"], {"text": story.keep[0], "reason": "related", "rule": "x"}]
    assert any("should stay" in problem for problem in changed(story.id, removed=lost))


def test_check_log():
    robots = [{"host": host, "path": "/robots.txt"} for host in SITE.hosts]
    pages = [
        {"host": item.host, "path": path}
        for item in expected_items()
        if item.rejected is not RejectReason.ROBOTS
        for path in item.paths
    ]
    assert check_log(robots + pages) == []
    assert any("2 times" in problem for problem in check_log([*robots, *pages, pages[0]]))
    closed = {"host": "inland-courier.demo", "path": CONTENT.stories["inland-subscribers"].path}
    assert any("1 times, not 0" in problem for problem in check_log([*robots, *pages, closed]))
    assert any("before" in problem for problem in check_log(pages + robots))
