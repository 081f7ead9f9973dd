"""Where a site's feeds are, from what it says of itself, and which of them to watch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml.html import HtmlElement

from copydesk.core.limits import MAX_PAGE_BYTES
from copydesk.core.markup import Unfit, parse
from copydesk.core.urls import absolute_url
from copydesk.models import Item, Offer, SourceKind

MAX_LINKS: Final = 8
MAX_ANCHORS: Final = 4
MAX_SITEMAPS: Final = 3
MAX_ROBOTS_LINES: Final = 10_000

COMMON_PLACES: Final = (
    "/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feeds/posts/default", "/feed.json",
    "/news-sitemap.xml", "/sitemap_news.xml", "/sitemap.xml", "/sitemap_index.xml",
)  # fmt: skip
"""Where feeds and sitemaps stand on many sites, the likeliest first."""

# What a page's generator, or what it loads, says of the place of its feed.
_SYSTEMS: Final = (
    (re.compile(r"wordpress|/wp-(?:content|includes)/", re.IGNORECASE), "/feed/"),
    (re.compile(r"blogger|blogspot\.com", re.IGNORECASE), "/feeds/posts/default"),
    (re.compile(r"\bghost\b", re.IGNORECASE), "/rss/"),
    (re.compile(r"drupal", re.IGNORECASE), "/rss.xml"),
    (re.compile(r"\bhugo\b", re.IGNORECASE), "/index.xml"),
    (re.compile(r"jekyll", re.IGNORECASE), "/feed.xml"),
    (re.compile(r"joomla", re.IGNORECASE), "/?format=feed&type=rss"),
)
_FEED_TYPE: Final = re.compile(
    r"\s*(?:application/(?:(?:rss|atom|rdf|x[.-](?:rss|atom))(?:\+xml)?|feed\+json|xml)|text/(?:xml|rss(?:\+xml)?))\s*(?:;.*)?",
    re.IGNORECASE,
)
_LIKE_A_FEED: Final = re.compile(
    r"(?:^|[/._?&=-])(?:rss2?|atom|feeds?|rdf)(?:[/._?&=-]|$)|\.(?:rss|atom|rdf)$|/feeds?\.(?:xml|json)$", re.IGNORECASE
)
# Readers' own addresses, which take a feed's as a parameter.
_READERS: Final = re.compile(
    r"^https?://(?:[\w-]+\.)*(?:feedly|netvibes|inoreader|newsblur|bloglovin)\.com/", re.IGNORECASE
)
_COMMENTS_URL: Final = re.compile(r"/comments?(?:/|\.|$)|comments?[-_./]?(?:feed|rss)|[?&]feed=comments", re.IGNORECASE)
_COMMENTS_TITLE: Final = re.compile(
    r"^\s*(?:comments? (?:on|for|to)|kommentare? (?:zu|für)|commentaires? (?:pour|sur)|comentarios? (?:en|de|para)|"
    r"comentários (?:sobre|para)|commenti (?:a|su|per))\b|"
    r"(?:comments?(?: rss)? feed|kommentar-feed|flux des commentaires|feed de los comentarios)\s*$",
    re.IGNORECASE,
)
_SITEMAP_LINE: Final = re.compile(r"[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE)

SAME_SHARE: Final = 0.8
# The first feed that a page names is its main one, unless another is this many times as lively.
FIRST_BONUS: Final = 2.0
NEWS_DAYS: Final = 3
# Rates of feeds that cover less than this would be of chance.
SPAN_LEAST: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Candidate:
    """An address at which there may be a feed or a sitemap."""

    url: str
    title: str | None = None
    place: str = "page"
    """What named it: page, robots.txt, or a common place."""


@dataclass(frozen=True)
class Liveliness:
    """How much comes from a source."""

    items: int
    dated: float
    """Share of the items that have a date."""
    newest: datetime | None
    per_day: float | None
    """Items a day since the oldest one on offer; None: too few have dates."""


def page_candidates(body: bytes, url: str, content_type: str | None = None) -> list[Candidate]:
    """What a web page says of its feeds, the surest first: links of its head, links to click on, what its system is known for."""
    tree = parse(body, content_type, MAX_PAGE_BYTES)
    if isinstance(tree, Unfit):
        return []
    base = next((absolute_url(str(x.get("href") or ""), url) for x in tree.iter("base")), None) or url
    found: dict[str, Candidate] = {}
    for href, title in (*_links(tree), *_anchors(tree, base), *_hints(tree, url)):
        target = absolute_url(href, base)
        if target is not None and target.partition("#")[0] != url:
            found.setdefault(target, Candidate(target, title))
    return list(found.values())


def robots_sitemaps(text: str, url: str) -> list[Candidate]:
    """Sitemaps that a robots.txt names (RFC 9309, 2.2.4), those that are called news first, at most ``MAX_SITEMAPS``."""
    named: dict[str, None] = {}
    for line in text.splitlines()[:MAX_ROBOTS_LINES]:
        match = _SITEMAP_LINE.match(line)
        if match and (target := absolute_url(match[1], url)):
            named[target] = None
    ordered = sorted(named, key=lambda target: "news" not in target.lower())
    return [Candidate(target, place="robots.txt") for target in ordered[:MAX_SITEMAPS]]


def common_places(url: str) -> list[Candidate]:
    """Where a site's feeds may be, although nothing says so."""
    return [Candidate(target, place="common place") for path in COMMON_PLACES if (target := absolute_url(path, url))]


def is_comments(url: str, title: str | None) -> bool:
    """Whether a feed is of comments, not of articles."""
    return _COMMENTS_URL.search(url) is not None or _COMMENTS_TITLE.search(title or "") is not None


def liveliness(items: Sequence[Item], now: datetime) -> Liveliness:
    """How much a source brings; dates after ``now`` count as now."""
    dates = sorted(min(item.published_at, now) for item in items if item.published_at is not None)
    dated = len(dates) / len(items) if items else 0.0
    if not dates or dated < 0.5:
        return Liveliness(len(items), dated, dates[-1] if dates else None, None)
    span = max(now - dates[0], SPAN_LEAST)
    return Liveliness(len(items), dated, dates[-1], len(dates) / (span / timedelta(days=1)))


def is_news_sitemap(offer: Offer, now: datetime) -> bool:
    """Whether a sitemap lists news: articles with titles (the news extension) of the last days, not a whole site."""
    if offer.kind is not SourceKind.SITEMAP or not offer.items:
        return False
    titled = sum(item.title is not None for item in offer.items)
    newest = liveliness(offer.items, now).newest
    return titled >= len(offer.items) / 2 and newest is not None and now - newest < timedelta(days=NEWS_DAYS)


def are_same(one: Sequence[Item], other: Sequence[Item]) -> bool:
    """Whether two sources offer the same articles."""
    first, second = ({item.canonical_url for item in items} for items in (one, other))
    return bool(first & second) and len(first & second) >= SAME_SHARE * min(len(first), len(second))


def best(rates: Sequence[float | None]) -> int:
    """Place of the main one among feeds with these items a day, in the order in which the page names them."""
    weighed = [(rate or 0.0) * (FIRST_BONUS if place == 0 else 1.0) for place, rate in enumerate(rates)]
    return weighed.index(max(weighed))


def _links(tree: HtmlElement) -> Iterator[tuple[str, str | None]]:
    found = 0
    for link in tree.iter("link", "a"):
        relations = str(link.get("rel") or "").lower().split()
        is_typed = "alternate" in relations and _FEED_TYPE.fullmatch(str(link.get("type") or "")) is not None
        if (is_typed or "feed" in relations) and link.get("href"):
            yield str(link.get("href")), _title(str(link.get("title") or ""))
            found += 1
            if found >= MAX_LINKS:
                return


def _anchors(tree: HtmlElement, base: str) -> Iterator[tuple[str, str | None]]:
    found: set[str] = set()
    for anchor in tree.iter("a"):
        target = absolute_url(str(anchor.get("href") or ""), base)
        if target is None or target in found or _READERS.match(target):
            continue
        if _LIKE_A_FEED.search(target.partition("://")[2].partition("#")[0]):
            found.add(target)
            yield target, _title("".join(anchor.itertext())[:200])
            if len(found) >= MAX_ANCHORS:
                return


def _hints(tree: HtmlElement, url: str) -> Iterator[tuple[str, str | None]]:
    said = [str(x.get("content") or "") for x in tree.iter("meta") if str(x.get("name") or "").lower() == "generator"]
    said += [str(x.get("src") or x.get("href") or "")[:300] for x in tree.iter("script", "link")][:200]
    for pattern, path in _SYSTEMS:
        if any(map(pattern.search, said)) and (target := absolute_url(path, url)):
            yield target, None
            return


def _title(text: str) -> str | None:
    return " ".join(text.split())[:200] or None
