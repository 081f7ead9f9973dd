"""What a page says of itself: title, authors, dates, language, site, description, and where its text is at home.

JSON-LD first, then meta elements, then what stands on the page: the first two are there on most news pages, and cheap.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from copydesk.core.urls import canonical_url, host_of

MAX_JSON_CHARS = 500_000
MAX_JSON_NODES = 400
MAX_TITLE_CHARS = 500
MAX_DESCRIPTION_CHARS = 2_000
MAX_AUTHORS = 20

CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead of us a publisher's clock may be: a date within it is now, one beyond it is not believed."""

_ARTICLE_TYPES = ("article", "posting", "report", "review", "liveblog", "analysis", "opinion", "interview")
_SPACES = re.compile(r"\s+")
_TITLE_TAIL = re.compile(r"\s+(?:[|·•»›:]{1,2}|[-–—])\s+")
_AUTHOR_SPLIT = re.compile(r"\s*(?:;|\||,|\band\b|\bund\b|\bet\b|&)\s*")
_AUTHOR_PREFIX = re.compile(r"^(?:by|von|par|por|di|de|written by|posted by|author)[: ]\s*", re.IGNORECASE)
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?:[/-]|$)")
_DAY = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "article.published",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "cxenseparse:recs:publishtime",
    "date", "article:published", "og:published_time", "citation_publication_date", "ptime", "displaydate",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified", "dcterms.modified",
    "dc.date.modified", "article.updated", "revision_date",
)  # fmt: skip
_AUTHOR = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "authors",
)


@dataclass(slots=True)
class Metadata:
    """The page's own words; dates are aware, in UTC."""

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language_hint: str | None = None
    site_name: str | None = None
    description: str | None = None
    canonical_url: str | None = None
    is_article: bool = False
    is_free: bool | None = None


def read(tree: HtmlElement, url: str, *, now: datetime | None = None) -> Metadata:
    """Read the metadata of a page. Dates after ``now`` (and before 1900) are not believed."""
    meta = _meta(tree)
    article = _article(tree)
    node = article or {}
    site = _text(meta.get("og:site_name")) or _name(node.get("publisher")) or _text(meta.get("application-name"))
    published, modified = _dates(tree, url, meta, node, now)
    return Metadata(
        title=_title(tree, meta, node, site),
        authors=_authors(meta, node),
        published_at=published,
        modified_at=modified,
        language_hint=_first(
            tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
            meta.get("content-language"),
            meta.get("og:locale"),
            node.get("inLanguage"),
        ),
        site_name=site,
        description=_text(
            _first(meta.get("og:description"), meta.get("description"), node.get("description")), MAX_DESCRIPTION_CHARS
        ),
        canonical_url=_elsewhere(tree, url, meta),
        is_article=article is not None or meta.get("og:type", "").lower() == "article",
        is_free=_truth(node.get("isAccessibleForFree")),
    )


def _meta(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), content)
    return found


def _article(tree: HtmlElement) -> dict[str, Any] | None:
    """The JSON-LD node that describes an article, if the page has one."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        source = script.text or ""
        if not 2 < len(source) <= MAX_JSON_CHARS:
            continue
        for node in _nodes(_json(source)):
            kinds = node.get("@type")
            names = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(name, str) and name.lower().endswith(_ARTICLE_TYPES) for name in names):
                return node
    return None


def _json(source: str) -> object:
    for candidate in (source, html.unescape(source).strip().removeprefix("<!--").removesuffix("-->").rstrip("; \n")):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    queue, seen = [value], 0
    while queue and seen < MAX_JSON_NODES:
        seen += 1
        item = queue.pop(0)
        if isinstance(item, list):
            queue.extend(item[:MAX_JSON_NODES])
        elif isinstance(item, dict):
            yield item
            queue.extend(
                item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement") if key in item
            )


def _title(tree: HtmlElement, meta: dict[str, str], node: dict[str, Any], site: str | None) -> str | None:
    heading = _only_heading(tree)
    element = tree.find(".//title")
    page = _text(element.text_content() if element is not None else None)
    stated = _text(_first(node.get("headline"), meta.get("og:title"), meta.get("twitter:title")))
    if heading and page and heading.lower() in page.lower() and len(heading) > 10:
        return heading
    return _without_site(stated, site) or heading or _without_site(page, site)


def _only_heading(tree: HtmlElement) -> str | None:
    headings = [text for element in tree.iter("h1") if (text := _text(element.text_content()))]
    return headings[0] if len(set(headings)) == 1 else None


def _without_site(title: str | None, site: str | None) -> str | None:
    """``Storm hits coast - A Paper`` to ``Storm hits coast``."""
    if not title:
        return None
    cuts = list(_TITLE_TAIL.finditer(title))
    if not cuts:
        return title
    last = cuts[-1]
    head, tail = title[: last.start()], title[last.end() :]
    is_site = bool(site) and (tail.lower() in (site or "").lower() or (site or "").lower() in tail.lower())
    return head if is_site or (len(tail.split()) <= 3 and len(head.split()) >= 4) else title


def _authors(meta: dict[str, str], node: dict[str, Any]) -> list[str]:
    names = [*_names(node.get("author"))] or [*_names(_first(*(meta.get(name) for name in _AUTHOR)))]
    found: dict[str, str] = {}
    for name in names:
        for part in _AUTHOR_SPLIT.split(name):
            author = _AUTHOR_PREFIX.sub("", _text(part) or "").strip(" .,-–—")
            if 2 <= len(author) <= 60 and not re.search(r"https?:|www\.|@|\d{3}|[<>{}]", author):
                found.setdefault(author.lower(), author)
    return list(found.values())[:MAX_AUTHORS]


def _names(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value[:MAX_AUTHORS]:
            yield from _names(item)
    elif name := _name(value):
        yield name


def _name(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("name")
        value = value[0] if isinstance(value, list) and value else value
    return _text(value)


def _dates(
    tree: HtmlElement, url: str, meta: dict[str, str], node: dict[str, Any], now: datetime | None
) -> tuple[datetime | None, datetime | None]:
    stated = [node.get("datePublished"), node.get("dateCreated"), *(meta.get(name) for name in _PUBLISHED)]
    published = _first_date(stated, now)
    modified = _first_date([node.get("dateModified"), *(meta.get(name) for name in _MODIFIED)], now)
    if not published:
        published = _first_date(_times(tree), now) or _url_date(url, now)
    if not published and not _first_date(stated, None):
        # A stated date that is not believed is not to be replaced by a part of it.
        published = _searched_date(tree, now)
    if published and modified and modified < published:
        modified = None
    return published, modified


def _times(tree: HtmlElement) -> Iterator[str | None]:
    for element in tree.iter("time"):
        if element.get("itemprop") == "datePublished" or element.get("pubdate") is not None:
            yield element.get("datetime") or element.get("content")


def _url_date(url: str, now: datetime | None) -> datetime | None:
    found = _URL_DATE.search(url)
    return parse_date("-".join(part.zfill(2) for part in found.groups()), now) if found else None


def _searched_date(tree: HtmlElement, now: datetime | None) -> datetime | None:
    found = find_date(tree, extensive_search=False, original_date=True, max_date=now)
    return parse_date(found, now) if found else None


def _first_date(values: Iterable[object], now: datetime | None) -> datetime | None:
    return next((date for value in values if (date := parse_date(value, now))), None)


def parse_date(value: object, now: datetime | None = None) -> datetime | None:
    """A date as pages write it (ISO 8601 in its variants, RFC 2822), in UTC; without a zone it is taken for UTC.

    None for what is no date, lies before 1900, or after ``now``; a little after (see ``CLOCK_SKEW``) becomes ``now``.
    """
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, str) or not 8 <= len(value) <= 80:
        return None
    date = _parsed(value.strip())
    if date is None:
        return None
    try:
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
    if now is not None and date > now:
        return now.astimezone(UTC) if date - now <= CLOCK_SKEW else None
    return date if date.year >= 1900 else None


def _parsed(text: str) -> datetime | None:
    for parser in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parser(_ZONE.sub(r"\1:\2", text))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    if found := _DAY.search(text):
        try:
            return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
        except ValueError:
            return None
    return None


def _first(*values: object) -> str | None:
    return next((value for value in values if isinstance(value, str) and value.strip()), None)


def _text(value: object, limit: int = MAX_TITLE_CHARS) -> str | None:
    if not isinstance(value, str):
        return None
    text = html.unescape(value) if "&" in value else value
    # JSON-LD may carry half of a surrogate pair, where a site cut a text inside an emoji.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _SPACES.sub(" ", re.sub(r"<[^<>]{1,200}>", "", text)).strip()[:limit] or None


def _elsewhere(tree: HtmlElement, url: str, meta: dict[str, str]) -> str | None:
    """The canonical address of the page, where that is an article on another host; a front page is no article's address."""
    linked = (link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    stated = _first(*linked) or _first(meta.get("og:url"))
    # A relative address is on the page's own host.
    address = canonical_url(stated) if stated else None
    if address is None or urlsplit(address).path in {"", "/"}:
        return None
    return address if host_of(address).removeprefix("www.") != host_of(url).removeprefix("www.") else None


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None
