"""What a page says of itself: title, authors, dates, language, site, section, image, and where its text is at home.

JSON-LD first, then meta elements, then what stands on the page: the first two are there on most news pages, and cheap.
docs/metadata.md says in which order each field is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from copydesk.core.bylines import bylines, is_agency, people, shown
from copydesk.core.jsonld import Graph
from copydesk.core.pagedates import PageDates
from copydesk.core.pagehead import MAX_TITLE_CHARS, Head, first_of, fold, heading_text, line_of, text_of
from copydesk.core.urls import absolute_url, canonical_url, host_of, shown_url
from copydesk.models import DateSource

MAX_DESCRIPTION_CHARS = 2_000
MAX_SECTION_CHARS = 100
MAX_TAGS = 30
MAX_TAG_CHARS = 80
SMALLEST_IMAGE = 60
"""Pixels of width or height below which an image is an icon."""

_TITLE_TAIL = re.compile(r"\s+(?:[|·•»›«‹:~⋆♥]{1,2}|[-–—]|::|//)\s+")
_NO_LEAD_IMAGE = re.compile(
    r"(?:^|[/_.-])(?:logos?|placeholder|default|fallback|blank|spacer|pixel|1x1|favicon|gravatar|avatar|sprite|icon|no-?image|"
    r"dummy|apple-touch-icon)(?:[/_.@-]|\d|$)",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"\s*(?:written|verfasst|geschrieben|escrito|écrit|rédigé|scritto|geschreven|skrevet|skrivet|napisane|автор|yazan|by|von|author|autor)",
    re.IGNORECASE,
)
_MACHINE_TAG = re.compile(r"[\w-]{1,30}:\S")
_HOME = frozenset(
    [
        "home",
        "homepage",
        "startseite",
        "start",
        "accueil",
        "inicio",
        "início",
        "главная",
        "főoldal",
        "strona_główna",
        "ana_sayfa",
    ]
)
_TIERS = {"free": True, "metered": False, "locked": False}

_AUTHOR = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dc:creator",
    "dcterms.creator", "authors", "article:author_name", "citation_author", "cxenseparse:author",
    "shareaholic:article_author_name",
)  # fmt: skip
_SECTION = (
    "article:section",
    "og:article:section",
    "articlesection",
    "parsely-section",
    "section",
    "cxenseparse:section",
    "category",
)
_TAGS = ("article:tag", "og:article:tag", "news_keywords", "parsely-tags", "keywords", "citation_keywords")
_IMAGE = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "image", "thumbnail")
_TITLE = ("og:title", "twitter:title", "headline", "parsely-title", "sailthru.title", "dc.title", "citation_title")


@dataclass(slots=True)
class Metadata:
    """The page's own words; dates are aware, in the page's own zone."""

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    published_from: DateSource | None = None
    modified_at: datetime | None = None
    modified_from: DateSource | None = None
    language_hint: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    image: str | None = None
    description: str | None = None
    canonical_url: str | None = None
    is_article: bool = False
    is_free: bool | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    """Contents of its meta elements by name, in small letters."""


def read(tree: HtmlElement, url: str, *, now: datetime | None = None, offered_at: datetime | None = None) -> Metadata:
    """Read the metadata of a page.

    Args:
        tree: The page.
        url: Where it stands.
        now: Dates after it (and before 1900) are not believed.
        offered_at: The date that the feed gives it.
    """
    head = Head(tree)
    graph = head.graph
    site = _site(head)
    language = first_of(
        tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        head.first("content-language"),
        head.first("og:locale"),
        graph.get("inLanguage"),
    )
    title = _title(head, site, url)
    own = [name for name in (site, *_host_names(url)) if name]
    about = Metadata(
        title=title,
        authors=_authors(tree, head, own),
        language_hint=language,
        site_name=site,
        section=_section(head, title),
        tags=_tags(head),
        image=_image(head, url),
        description=text_of(
            first_of(
                head.first("og:description"),
                head.first("description"),
                graph.get("description"),
                head.first("twitter:description"),
            ),
            MAX_DESCRIPTION_CHARS,
        ),
        canonical_url=_canonical(head, url),
        is_article=bool(graph.article) or (head.first("og:type") or "").lower() == "article",
        is_free=_is_free(head),
        meta=head.meta,
    )
    dates = PageDates(tree, head, title=title, language=language, now=now)
    about.published_at, about.published_from = dates.published(url, offered_at)
    about.modified_at, about.modified_from = dates.modified(about.published_at)
    return about


def _site(head: Head) -> str | None:
    publisher = next((name for name, _ in head.graph.names(head.graph.get("publisher"))), None)
    return text_of(first_of(head.first("og:site_name"), publisher, head.first("application-name")), MAX_SECTION_CHARS)


def _host_names(url: str) -> tuple[str, ...]:
    host = host_of(url).removeprefix("www.").partition(":")[0]
    return (host, host.partition(".")[0]) if host else ()


def _title(head: Head, site: str | None, url: str) -> str | None:
    page = head.title
    stated = [text_of(value) for value in (head.graph.article.get("headline"), head.first(*_TITLE))]
    own = {fold(name) for name in (site, *_host_names(url)) if name}
    headings = [
        text
        for element in head.headings
        if (text := line_of(heading_text(element))) and fold(text) not in own and len(fold(text)) > 1
    ]
    known = [fold(text) for text in (page, *stated) if text]
    for text in headings:
        if len(text) > 10 and any(fold(text) in other for other in known):
            return text
    first = next((text for text in stated if text and fold(text) not in own), None)
    heading = headings[0] if len({*headings}) == 1 else None
    return _without_site(first, site) or heading or _without_site(page, site)


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
    if is_site or (len(tail.split()) <= 3 and len(head.split()) >= 4):
        return head
    first = cuts[0]
    if site and fold(title[: first.start()]) == fold(site):
        return title[first.end() :]
    return title


def _authors(tree: HtmlElement, head: Head, own: list[str]) -> list[str]:
    """People first, wherever they are named; then houses, which are often all that machines are told of; then the site itself."""
    graph = head.graph
    stated = [*graph.names(graph.article.get("author") or graph.article.get("creator"))]
    if people((name for name, is_house in stated if not is_house), own=own):
        return people((name for name, _ in stated), own=own)
    houses = people((name for name, _ in stated), own=own)
    others = [[name for name, is_house in graph.names(graph.page.get("author")) if not is_house], *_meta_authors(head)]
    found = next((names for texts in others if (names := people(texts, own=own))), None)
    marked = bylines(tree) if not found else []
    found = found or shown(marked, own=own)
    if found or houses:
        # Behind its writers an agency is theirs; another house that is named for machines alone is the publisher.
        return [*found, *(house for house in houses if not found or (is_agency(house) and house not in found))]
    weak = ([name for name, is_house in stated if not is_house], *others)
    return next((names for texts in weak if (names := people(texts, weak=True))), None) or shown(marked, weak=True)


def _meta_authors(head: Head) -> Iterator[list[str]]:
    for name in _AUTHOR:
        if name in head.meta:
            yield head.meta[name]
    label = head.first("twitter:label1")
    if label and _WRITTEN_BY.match(label) and (author := head.first("twitter:data1")):
        yield [author]


def _section(head: Head, title: str | None) -> str | None:
    graph = head.graph
    stated = graph.get("articleSection")
    stated = stated[0] if isinstance(stated, list) and stated else stated
    if section := text_of(first_of(stated, head.first(*_SECTION)), MAX_SECTION_CHARS):
        return None if section.isdigit() else section
    crumbs = [name for crumb in graph.crumbs if (name := text_of(crumb, MAX_TITLE_CHARS))]
    folded = fold(title or "")
    crumbs = [name for name in crumbs if fold(name) not in _HOME and fold(name)[:40] not in folded[:80]]
    return crumbs[-1][:MAX_SECTION_CHARS] if len(graph.crumbs) > 1 and crumbs else None


def _tags(head: Head) -> list[str]:
    found: dict[str, str] = {}
    for name in _stated_tags(head):
        for part in name[: MAX_TAGS * MAX_TAG_CHARS].split(",") if "," in name else name.split(";"):
            tag = text_of(part, MAX_TITLE_CHARS)
            if tag and len(tag) <= MAX_TAG_CHARS and not _MACHINE_TAG.match(tag):
                found.setdefault(tag.casefold(), tag)
                if len(found) >= MAX_TAGS:
                    return list(found.values())
    return list(found.values())


def _stated_tags(head: Head) -> list[str]:
    if stated := [name for name, _ in head.graph.names(head.graph.get("keywords"))]:
        return stated
    for name in _TAGS:
        if name in head.meta:
            return head.meta[name][:MAX_TAGS]
    return []


def _image(head: Head, url: str) -> str | None:
    base = _base(head, url)
    for value in (*_json_images(head.graph), *head.all(*_IMAGE), *head.linked("image_src")):
        address = absolute_url(value, base)
        if (
            address
            and not _NO_LEAD_IMAGE.search(urlsplit(address).path)
            and not address.lower().endswith((".svg", ".ico"))
        ):
            return shown_url(address)
    return None


def _base(head: Head, url: str) -> str | None:
    """What relative addresses on the page are relative to."""
    page = absolute_url(url)
    return (absolute_url(head.base, page) if head.base else None) or page


def _json_images(graph: Graph) -> Iterator[str]:
    for key in ("image", "primaryImageOfPage", "thumbnailUrl"):
        for item in graph.nodes(graph.get(key)):
            if isinstance(item, dict):
                small = any(
                    isinstance(size := item.get(side), int | float) and 0 < size < SMALLEST_IMAGE
                    for side in ("width", "height")
                )
                item = None if small else first_of(item.get("url"), item.get("contentUrl"))  # noqa: PLW2901
            if isinstance(item, str):
                yield item


def _canonical(head: Head, url: str) -> str | None:
    """The canonical address of the page; a front page is no article's address."""
    main = head.graph.article.get("mainEntityOfPage")
    main = main.get("@id") if isinstance(main, dict) else main
    page, base = canonical_url(url), _base(head, url)
    may_be_front = page is not None and _is_front(page)
    for stated in (*head.linked("canonical"), *head.all("og:url"), main):
        if not isinstance(stated, str) or stated.startswith("#"):
            continue
        address = canonical_url(stated, base)
        if address and "." in host_of(address) and (may_be_front or not _is_front(address)):
            return address
    return None


def _is_front(address: str) -> bool:
    return urlsplit(address).path in {"", "/"}


def _is_free(head: Head) -> bool | None:
    stated = head.graph.is_free()
    return stated if stated is not None else _TIERS.get((head.first("article:content_tier") or "").strip().lower())
