"""When a page was published and changed, and what of it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from htmldate import find_date
from lxml.html import HtmlElement

from copydesk.core.dates import believed, first_date, parse_date, url_date, written_date
from copydesk.core.pagehead import Head, fold, heading_text, marks
from copydesk.models import DateSource

DATE_LINES = 40
"""Lines of the page below its headline among which a date is looked for."""
DATE_LINES_ABOVE = 12
"""Lines that may stand between the headline and a date above it."""
DATE_ALONE_CHARS = 40
"""Length of a line that has little else than its date."""
DATE_LINES_ANYWHERE = 300
"""Lines where no headline is found."""
DATE_LINE_CHARS = 120
DATE_SCAN = 3_000
"""Elements that this takes, at most."""
MAX_LINE_CHARS = 400
MAX_TEXTS = 10
"""Texts within a time element that are read."""

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "publicationdate", "article.published",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article:published", "og:published_time", "og:pubdate",
    "citation_publication_date", "citation_date", "ptime", "displaydate", "date", "created", "article:created_time",
    "datecreated", "date.created", "rnews:datepublished",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified", "dcterms.modified",
    "dc.date.modified", "article.updated", "revision_date", "article:modified", "og:article:modified_time",
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"comment|related|sidebar|widget|teaser|recent|recommend|popular|trending|footer|ticker|\b_*nav(?:$|[_-]|bar|igation)",
    re.IGNORECASE,
)
# What a theme says of a block's surroundings or of its article, not of the block.
_NOT_OF_THE_BLOCK = re.compile(r"(?:^|\s)(?:category|tag|has|no|with|without|is)-\S+|\S*(?:--|\[)\S*")
_UPDATED = re.compile(
    r"updated|modified|revised|aktualisiert|geändert|mise? à jour|modifié|actualizad|atualizad|aggiornat|"
    r"обновлен|güncelle|更新",
    re.IGNORECASE,
)
_DATE_MARK = re.compile(r"date|time|publi|posted|datum|fecha|stamp|meta|byline|info", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SILENT = frozenset({"script", "style", "noscript", "option", "select", "template", "textarea"})


class PageDates:
    """When a page was published and changed, and what says so; None and None where nothing does that is believed.

    Args:
        tree: The page.
        head: What was found in it.
        title: Its title; a date that stands by it is the article's.
        language: Its language tag.
        now: No date after it is believed.
    """

    def __init__(
        self, tree: HtmlElement, head: Head, *, title: str | None, language: str | None, now: datetime | None
    ) -> None:
        self._tree = tree
        self._head = head
        self._title = fold(title or "")
        self._language = language
        self._now = now

    def published(self, url: str, offered_at: datetime | None) -> tuple[datetime | None, DateSource | None]:
        """The surest date there is. ``offered_at`` is what the feed says."""
        return next(((date, source) for source, date in self._sources(url, offered_at) if date), (None, None))

    def _sources(self, url: str, offered_at: datetime | None) -> Iterator[tuple[DateSource, datetime | None]]:
        """What costs much or is often wrong comes last, and is not looked at before it is needed."""
        nodes = (self._head.graph.article, self._head.graph.page)
        in_json = [node.get(key) for node in nodes for key in ("datePublished", "dateCreated", "uploadDate")]
        in_meta = [*self._head.all(*_PUBLISHED), *self._marked("datepublished")]
        yield DateSource.JSON_LD, first_date(in_json, self._now)
        yield DateSource.META, first_date(in_meta, self._now) or self._written_meta()
        yield DateSource.URL, url_date(url, self._now)
        yield DateSource.FEED, believed(offered_at, self._now) if offered_at else None
        # A stated date that is not believed is not to be replaced by a part of it.
        if not first_date([*in_json, *in_meta], None):
            yield DateSource.TEXT, self._shown() or self._searched()

    def modified(self, published: datetime | None) -> tuple[datetime | None, DateSource | None]:
        """The date of the last change; none that is before the publication."""
        graph, now = self._head.graph, self._now
        for values, source in (
            ([graph.article.get("dateModified"), graph.page.get("dateModified")], DateSource.JSON_LD),
            ([*self._head.all(*_MODIFIED), *self._marked("datemodified")], DateSource.META),
        ):
            if date := first_date(values, now):
                return (date, source) if not published or date >= published else (None, None)
        return None, None

    def _written_meta(self) -> datetime | None:
        """A date that a meta element gives in words for people."""
        return next((date for text in self._head.all(*_PUBLISHED) if (date := self._written(text))), None)

    def _marked(self, name: str) -> Iterator[str | None]:
        for element in self._head.times:
            if (element.get("itemprop") or "").lower() == name or (
                name == "datepublished" and element.get("pubdate") is not None
            ):
                yield element.get("datetime") or element.get("content") or element.text

    def _shown(self) -> datetime | None:
        """The first time element's date that is the article's, else the date that stands by the headline."""
        for element in self._head.times:
            if not _is_elsewhere(element):
                stamp = element.get("datetime")
                text = stamp or " ".join("".join(islice(element.itertext(), MAX_TEXTS)).split())
                if date := parse_date(stamp, self._now) or self._written(text):
                    return date
        return self._by_headline()

    def _written(self, text: str) -> datetime | None:
        return written_date(text[:DATE_LINE_CHARS], self._now, language=self._language)

    def _by_headline(self) -> datetime | None:
        """The first date in a short line below the headline, else the last one above it; a date of an update only then."""
        heading = next((element for element in self._head.headings if self._is_headline(element)), None)
        most = DATE_LINES if heading is not None else DATE_LINES_ANYWHERE
        below = heading is None
        lines, above, since, updated = 0, None, 0, None
        for element in islice(self._tree.iter(), DATE_SCAN):
            if element is heading:
                below, lines = True, 0
                above = above if since < DATE_LINES_ABOVE else None
            for line in _own_lines(element):
                lines, since = lines + 1, since + 1
                if date := self._in_line(line, element):
                    if below and not _UPDATED.search(line):
                        return date
                    if below:
                        updated = updated or date
                    elif len(line) <= DATE_ALONE_CHARS or _DATE_MARK.search(marks(element)):
                        above, since = date, 0
            if below and lines >= most:
                break
        return above or updated

    def _in_line(self, line: str, element: HtmlElement) -> datetime | None:
        if len(line) > DATE_LINE_CHARS or not _DIGIT.search(line) or _is_elsewhere(element):
            return None
        return self._written(line)

    def _is_headline(self, element: HtmlElement) -> bool:
        return bool(self._title) and fold(heading_text(element)) == self._title

    def _searched(self) -> datetime | None:
        found = find_date(self._tree, extensive_search=False, original_date=True, max_date=self._now)
        return parse_date(found, self._now) if found else None


def _own_lines(element: HtmlElement) -> list[str]:
    """The text of an element that is in none of its children, and what follows it."""
    texts = (
        (element.tail,) if not isinstance(element.tag, str) or element.tag in _SILENT else (element.text, element.tail)
    )
    return [line for text in texts if text and (line := " ".join(text[:MAX_LINE_CHARS].split()))]


def _is_elsewhere(element: HtmlElement) -> bool:
    above: HtmlElement | None = element
    for _ in range(10):
        if above is None or not isinstance(above.tag, str) or above.tag in {"body", "main"}:
            return False
        if above.tag in {"aside", "footer", "nav"} or _ELSEWHERE.search(_NOT_OF_THE_BLOCK.sub(" ", marks(above))):
            return True
        above = above.getparent()
    return False
