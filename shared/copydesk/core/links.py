"""Links that headers carry (RFC 8288), as far as they tell of WebSub."""

from __future__ import annotations

import re
from typing import Final

from copydesk.core.entries import MAX_HUBS
from copydesk.core.urls import absolute_url

MAX_LINK_HEADER: Final = 20_000

_VALUE: Final = r"\"((?:[^\"\\]|\\.)*+)\"|([^\s\",;]*+)"
_PARAMETER: Final = re.compile(rf"\s*+;\s*+([\w!#$&+.^`|~*-]*+)\s*+(?:=\s*+(?:{_VALUE}))?+")
_LINK: Final = re.compile(rf"<([^<>]*+)>((?:{_PARAMETER.pattern})*+)")


def links_of_header(value: str | None, base: str | None = None) -> tuple[list[str], str | None]:
    """The hubs and the topic that a ``Link`` header names (WebSub, 4: relations ``hub`` and ``self``), as http(s) URLs.

    ``value`` is the header, or several joined by commas; ``base`` the address of the answer that carried it.
    """
    hubs: list[str] = []
    topic: str | None = None
    for link in _LINK.finditer((value or "")[:MAX_LINK_HEADER]):
        said = (part for part in _PARAMETER.finditer(link[2]) if part[1].lower() == "rel")
        # The first counts (RFC 8288, 3.3).
        relations = next((part[2] or part[3] or "" for part in said), "").lower().split()
        href = absolute_url(link[1], base)
        if href is None:
            continue
        if "hub" in relations and href not in hubs and len(hubs) < MAX_HUBS:
            hubs.append(href)
        if "self" in relations and topic is None:
            topic = href
    return hubs, topic
