"""The sitemaps that an index names, as sources of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from copydesk.core.sitemap_choice import choose_sitemaps, same_site
from copydesk.core.urls import absolute_url, origin_of, shown_url, source_id
from copydesk.errors import SourceError
from copydesk.models import MAX_INTERVAL, SitemapRef, Source
from copydesk.runtime.polls import PollQueue
from copydesk.runtime.settings import Settings


async def follow_index(
    queue: PollQueue, settings: Settings, index: Source, url: str, named: Sequence[SitemapRef]
) -> tuple[int, str | None] | None:
    """Watch the sitemaps that an index at ``url`` names: those that are new, or of which it says that they changed, are due.

    Returns how many those are, and what the user should know of those that are left out; None where the index or one of
    its sitemaps was changed meanwhile, so that it must be read again.

    Raises:
        SourceError: it is an index in an index in an index.
    """
    if index.parent and index.id not in await queue.sitemaps(index.parent):
        raise SourceError("an index of sitemaps in an index in an index: not followed")
    known = await queue.sitemaps(index.id)
    own = {href: ref for ref in named if (href := absolute_url(ref.url, url)) and same_site(href, url)}
    chosen = choose_sitemaps(
        [ref.model_copy(update={"url": href}) for href, ref in own.items()], settings.poll_sitemaps
    )
    watched, marks = {}, {}
    for ref in chosen:
        sitemap = sitemap_of(index, ref, settings)
        if sitemap.id == index.id:
            continue
        watched[sitemap.id] = sitemap
        mark = ref.modified_at.isoformat() if ref.modified_at else ""
        if known.get(sitemap.id) != mark:
            marks[sitemap.id] = mark
    if not await queue.follow(index, watched, marks, known.keys() - watched.keys()):
        return None
    return len(marks), _left_out(named, own, len(chosen), url)


def sitemap_of(index: Source, ref: SitemapRef, settings: Settings) -> Source:
    """A sitemap with its index's options. Where the index dates it, it is asked when that date changes, else now and then.

    The secret is for the origin of the index alone, whatever that names.
    """
    undated = None if index.parent else index.interval
    return index.model_copy(
        update={
            "id": source_id(ref.url),
            "url": ref.url,
            "title": None,
            "parent": index.parent or index.id,
            "secret": index.secret if origin_of(ref.url) == origin_of(index.url) else None,
            "interval": min(settings.poll_interval_most, MAX_INTERVAL) if ref.modified_at else undated,
        }
    )


def _left_out(named: Sequence[SitemapRef], own: Collection[str], chosen: int, url: str) -> str | None:
    told = []
    others = [ref.url for ref in named if absolute_url(ref.url, url) not in own]
    if others:
        told.append(
            f"{len(others)} of its sitemaps are on other hosts and left out, such as {shown_url(others[0])[:200]}"
        )
    if chosen < len(own):
        told.append(f"{chosen} of its {len(own)} sitemaps are watched (COPYDESK_POLL_SITEMAPS)")
    return "; ".join(told) or None
