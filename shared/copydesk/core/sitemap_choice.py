"""Which of the sitemaps that an index names are watched."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from copydesk.models import SitemapRef


def same_site(url: str, index: str) -> bool:
    """Whether a sitemap is on the host of its index (without ``www.``) or below it.

    An index must not make copydesk poll what is somebody else's; sitemaps.org asks for the same host as well.
    """
    site = (urlsplit(index).hostname or "").removeprefix("www.")
    host = urlsplit(url).hostname or ""
    return bool(site) and (host == site or host.endswith(f".{site}"))


def choose_sitemaps(named: Sequence[SitemapRef], most: int) -> list[SitemapRef]:
    """At most ``most`` sitemaps, those that are likely to name new pages.

    The newest by ``lastmod``. Of those without one nobody knows: sites number them upwards or downwards, so that the news is
    in the first or in the last; those at both ends are taken in turn, up to half of the places where there are dated ones too.
    """
    if len(named) <= most:
        return list(named)
    dated = sorted((ref for ref in named if ref.modified_at), key=lambda ref: ref.modified_at.timestamp(), reverse=True)  # type: ignore[union-attr]
    undated = [ref for ref in named if ref.modified_at is None]
    ends = [ref for pair in zip(undated, reversed(undated), strict=True) for ref in pair][: len(undated)]
    places = max(most - len(dated), min(len(undated), most // 2))
    chosen = [*ends[:places], *dated[: most - min(places, len(undated))]]
    return chosen[:most]
