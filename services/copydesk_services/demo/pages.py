"""Render a story, a front page or a consent wall as HTML."""

from __future__ import annotations

import json
from datetime import timedelta
from html import escape
from string import Template

from copydesk_services.demo.content import Content, Host, Story, load_template

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# Paragraphs before the place where a template may put something of its own between the paragraphs.
_START = 2


def article_page(content: Content, story: Story, home: str) -> str:
    """The page of a story, in its host's template; ``home`` is the host's address without a slash at the end."""
    host = content.hosts[story.host]
    related = _related(content, story)
    paragraphs = [f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in story.paragraphs]
    fields = {
        "title": story.title,
        "author": story.author,
        "section": story.section,
        "summary": story.summary,
        "caption": story.caption,
        "credit": story.credit,
        "url": home + story.path,
        "home": home,
        "published_iso": story.published.isoformat(),
        "published_text": _date(story),
        "related_title": related[0].title,
        "related_url": related[0].path,
    }
    markup = {
        "body_start": "\n".join(paragraphs[:_START]),
        "body_rest": "\n".join(paragraphs[_START:]),
        "body_again": "\n".join(paragraphs) if story.repeated else "",
        "related_list": _links(related),
        "json_ld": _json_ld(story, host, home),
    }
    template = Template(load_template(host.templates[story.language]))
    return template.substitute({name: escape(value) for name, value in fields.items()} | markup)


def consent_page(host: Host) -> str:
    """What the host shows instead of an article to a reader who has not agreed to anything yet."""
    return load_template(host.templates["consent"])


def front_page(content: Content, host: Host) -> str:
    """The host's front page: its stories, and links to its feeds."""
    types = {"rss": "application/rss+xml", "atom": "application/atom+xml"}
    feeds = [
        f'<link rel="alternate" type="{types[feed.format]}" href="{feed.path}">'
        for feed in host.feed
        if feed.format in types
    ]
    return Template(load_template("front.html")).substitute(
        language=host.language,
        name=escape(host.title),
        feed_links="\n".join(feeds),
        story_list=_links(content.of_host(host.name)),
    )


def not_found_page() -> str:
    """What stands where nothing stands."""
    return "<!DOCTYPE html><title>404 Not Found</title><h1>Not Found</h1><p>There is no such page here.</p>"


def _related(content: Content, story: Story) -> list[Story]:
    """The host's other articles in the story's language."""
    return [
        other
        for other in content.of_host(story.host)
        if other.id != story.id and other.language == story.language and other.rejected is None
    ]


def _links(stories: list[Story]) -> str:
    return "".join(f'<li><a href="{story.path}">{escape(story.title)}</a></li>' for story in stories)


def _date(story: Story) -> str:
    at = story.published
    if story.language == "de":
        return f"{at:%d.%m.%Y, %H:%M} Uhr"
    if story.language == "ja":
        at += timedelta(hours=9)
        return f"{at.year}年{at.month}月{at.day}日 {at.hour}時{at.minute:02}分"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"


def _json_ld(story: Story, host: Host, home: str) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "description": story.summary,
        "datePublished": story.published.isoformat(),
        "inLanguage": story.language,
        "mainEntityOfPage": home + story.path,
        "author": {"@type": "Person", "name": story.author},
        "publisher": {"@type": "NewsMediaOrganization", "name": host.title},
    }
    # "</script>" inside a text must not end the element.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
