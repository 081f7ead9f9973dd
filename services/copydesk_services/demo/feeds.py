"""Render a feed as RSS 2.0, Atom or a Google news sitemap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import format_datetime
from xml.sax.saxutils import escape

from copydesk_services.demo.content import Content, Feed, Host, Story

CONTENT_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "news-sitemap": "application/xml; charset=utf-8",
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Entry:
    """A story as a feed offers it."""

    story: Story
    url: str
    guid: str


def entries_of(content: Content, feed: Feed, home: str) -> list[Entry]:
    """What the feed offers, newest first, with absolute addresses below ``home``."""
    entries = []
    for id_ in feed.entries:
        story = content.stories[id_]
        query = f"?{story.tracking}" if id_ in feed.tracked else ""
        entries.append(Entry(story, f"{home}{story.offered_path}{query}", f"{story.host}/{id_}"))
    return sorted(entries, key=lambda entry: entry.story.published, reverse=True)


def render_feed(host: Host, feed: Feed, entries: list[Entry], home: str) -> str:
    """The feed's XML."""
    match feed.format:
        case "rss":
            return _rss(host, feed, entries, home)
        case "atom":
            return _atom(host, feed, entries, home)
        case "news-sitemap":
            return _news_sitemap(host, entries)


def _rss(host: Host, feed: Feed, entries: list[Entry], home: str) -> str:
    items = _join(
        f"""<item>
<title>{escape(entry.story.title)}</title>
<link>{escape(entry.url)}</link>
<guid isPermaLink="false">{escape(entry.guid)}</guid>
<pubDate>{format_datetime(entry.story.published, usegmt=True)}</pubDate>
<dc:creator>{escape(entry.story.author)}</dc:creator>
<category>{escape(entry.story.section)}</category>
<description>{escape(entry.story.summary)}</description>
</item>"""
        for entry in entries
    )
    return f"""{_HEAD}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{escape(feed.title)}</title>
<link>{home}/</link>
<atom:link href="{home}{feed.path}" rel="self" type="application/rss+xml"/>
<description>{escape(feed.title)}</description>
<language>{host.language}</language>
<lastBuildDate>{format_datetime(entries[0].story.published, usegmt=True)}</lastBuildDate>
{items}
</channel>
</rss>
"""


def _atom(host: Host, feed: Feed, entries: list[Entry], home: str) -> str:
    items = _join(
        f"""<entry>
<id>tag:{escape(entry.guid.replace("/", ",2026:", 1))}</id>
<title>{escape(entry.story.title)}</title>
<link rel="alternate" type="text/html" href="{escape(entry.url)}"/>
<published>{entry.story.published.isoformat()}</published>
<updated>{entry.story.published.isoformat()}</updated>
<author><name>{escape(entry.story.author)}</name></author>
<category term="{escape(entry.story.section)}"/>
<summary>{escape(entry.story.summary)}</summary>
</entry>"""
        for entry in entries
    )
    return f"""{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{entries[0].story.language}">
<id>tag:{host.name},2026:{feed.path}</id>
<title>{escape(feed.title)}</title>
<link rel="self" href="{home}{feed.path}"/>
<link rel="alternate" type="text/html" href="{home}/"/>
<updated>{entries[0].story.published.isoformat()}</updated>
{items}
</feed>
"""


def _news_sitemap(host: Host, entries: list[Entry]) -> str:
    items = _join(
        f"""<url>
<loc>{escape(entry.url)}</loc>
<news:news>
<news:publication><news:name>{escape(host.title)}</news:name><news:language>{entry.story.language}</news:language></news:publication>
<news:publication_date>{entry.story.published.isoformat()}</news:publication_date>
<news:title>{escape(entry.story.title)}</news:title>
</news:news>
</url>"""
        for entry in entries
    )
    namespaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f"{_HEAD}<urlset {namespaces}>\n{items}\n</urlset>\n"


def _join(parts: Iterable[str]) -> str:
    return "\n".join(parts)
