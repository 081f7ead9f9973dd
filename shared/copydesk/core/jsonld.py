"""JSON-LD, as far as news pages use it: the node that describes the article, and what it refers to.

Whatever stands there is a stranger's: any depth, any type, any cycle. All walks are bounded.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

MAX_SCRIPTS = 30
MAX_CHARS = 500_000
"""Length of all scripts together; what would go beyond it is not read."""
MAX_NODES = 400
MAX_ITEMS = 50
"""Items of a list that are looked at."""

Node = dict[str, Any]

_ARTICLES = ("article", "posting", "report", "review", "liveblog", "analysis", "opinion", "interview")
_PAGES = ("webpage", "recipe", "podcastepisode", "videoobject", "itempage", "creativework", "scholarlyarticle")
_INNER = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement")
_COMMENTS = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|\]\]>\s*\*/)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


class Graph:
    """All nodes of a page's scripts.

    Attributes:
        article: The node of the article; empty where the page has none.
        page: The node of the page itself or of its one thing, where that is not an article; else empty.
        crumbs: Names of the breadcrumbs, outermost first.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        """Read the texts of the scripts."""
        self.article: Node = {}
        self.page: Node = {}
        self.crumbs: list[str] = []
        self._by_id: dict[str, Node] = {}
        nodes = list(_nodes(_values(sources)))
        for node in nodes:
            id_ = node.get("@id")
            if isinstance(id_, str) and len(node) > len(self._by_id.get(id_, ())):
                self._by_id[id_] = node
        for node in nodes:
            kinds = _kinds(node)
            if not self.article and any(kind.endswith(_ARTICLES) for kind in kinds):
                self.article = node
            elif not self.page and any(kind.endswith(_PAGES) for kind in kinds):
                self.page = node
            elif not self.crumbs and "breadcrumblist" in kinds:
                self.crumbs = list(_crumbs(node))

    def get(self, key: str) -> Any:
        """What the article's node says, else the page's."""
        value = self.article.get(key)
        return self.page.get(key) if value in (None, "", []) else value

    def nodes(self, value: object) -> Iterator[object]:
        """The items of a value, references followed once; a single value is its own only item."""
        for item in value[:MAX_ITEMS] if isinstance(value, list) else [value]:
            if (
                isinstance(item, dict)
                and isinstance(id_ := item.get("@id"), str)
                and "name" not in item
                and "url" not in item
            ):
                yield self._by_id.get(id_, item)
            else:
                yield item

    def names(self, value: object) -> Iterator[tuple[str, bool]]:
        """Names in a value: of persons and organisations, and bare ones; with whether it is an organisation's."""
        for item in self.nodes(value):
            organisation = isinstance(item, dict) and any("organization" in kind for kind in _kinds(item))
            name = item
            if isinstance(item, dict):
                name = item.get("name") or " ".join(
                    part for key in ("givenName", "familyName") if isinstance(part := item.get(key), str)
                )
                if isinstance(name, dict):
                    name = name.get("name") or name.get("@value")
            for one in name[:MAX_ITEMS] if isinstance(name, list) else [name]:
                if isinstance(one, str) and one.strip():
                    yield one, organisation

    def is_free(self) -> bool | None:
        """What the article says of its being free to read; a part of it that is not free makes it not free."""
        stated = _truth(self.article.get("isAccessibleForFree"))
        if stated is None:
            stated = _truth(self.page.get("isAccessibleForFree"))
        if stated is not None:
            return stated
        parts = (*self.nodes(self.article.get("hasPart")), *self.nodes(self.page.get("hasPart")))
        if any(isinstance(part, dict) and _truth(part.get("isAccessibleForFree")) is False for part in parts):
            return False
        return None


def _kinds(node: Node) -> list[str]:
    kinds = node.get("@type")
    return [
        kind.lower() for kind in (kinds[:MAX_ITEMS] if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
    ]


def _values(sources: Iterable[str]) -> list[object]:
    values: list[object] = []
    left = MAX_CHARS
    for count, source in enumerate(sources):
        if count >= MAX_SCRIPTS:
            break
        if 2 < len(source) <= left:
            left -= len(source)
            values.append(_json(source))
    return values


def _json(source: str) -> object:
    for repair in (str, _without_frame, _without_commas):
        try:
            return json.loads(repair(source), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _without_frame(source: str) -> str:
    return _COMMENTS.sub("", html.unescape(source)).rstrip("; \n")


def _without_commas(source: str) -> str:
    return _TRAILING_COMMA.sub(r"\1", _COMMENTS.sub("", source))


def _nodes(values: list[object]) -> Iterator[Node]:
    """Breadth first, so that what a page is comes before what it lists."""
    queue, start = values, 0
    while start < len(queue) and start < MAX_NODES:
        item = queue[start]
        start += 1
        if isinstance(item, list):
            queue.extend(item[:MAX_NODES])
        elif isinstance(item, dict):
            yield item
            queue.extend(item[key] for key in _INNER if isinstance(item.get(key), dict | list))


def _crumbs(node: Node) -> Iterator[str]:
    items = node.get("itemListElement")
    for item in items[:MAX_ITEMS] if isinstance(items, list) else []:
        if isinstance(item, dict):
            inner = item.get("item")
            name = item.get("name") or (inner.get("name") if isinstance(inner, dict) else None)
            if isinstance(name, str) and name.strip():
                yield name


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False, "yes": True, "no": False}.get(value.strip().lower().rpartition("/")[2])
    return None
