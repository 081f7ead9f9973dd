"""The bundled news site as a function: what a host answers to a path.

Every host is a name under ``.demo``; all of them are served on one address and port, told apart by the Host header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from string import Template
from urllib.parse import urlsplit

from copydesk_services.demo import pages
from copydesk_services.demo.content import Content, Feed, Host, Story, load_content
from copydesk_services.demo.feeds import CONTENT_TYPES, entries_of, render_feed

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Response:
    """One HTTP answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class _Request:
    home: str
    headers: Mapping[str, str]


_Handler = Callable[[_Request], Response]


class Site:
    """All hosts of the demo, and what they answer."""

    def __init__(self, content: Content) -> None:
        """Serve the given content."""
        self.content = content
        self._routes: dict[tuple[str, str], _Handler] = {}
        for host in content.hosts.values():
            self._routes[host.name, "/"] = partial(self._front, host)
            self._routes[host.name, "/robots.txt"] = partial(_robots, host)
            for feed in host.feed:
                self._routes[host.name, feed.path] = partial(self._feed, host, feed)
        for story in content.stories.values():
            self._routes[story.host, story.path] = partial(self._story, story)
            if story.short_path is not None:
                self._routes[story.host, story.short_path] = partial(_moved, story)

    @property
    def hosts(self) -> list[str]:
        """The names that a resolver must know."""
        return list(self.content.hosts)

    def sources(self, base_port: int) -> list[str]:
        """The addresses of all feeds and sitemaps."""
        return [home_of(host.name, base_port) + feed.path for host in self.content.hosts.values() for feed in host.feed]

    def answer(
        self, host: str, path: str, *, base_port: int = 80, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Answer a GET.

        Args:
            host: The Host header, with or without a port.
            path: The request's path; a query is ignored, as news sites ignore tracking parameters.
            base_port: The port in absolute addresses.
            headers: The request's headers, for conditional GET.
        """
        name = host.partition(":")[0].lower()
        handler = self._routes.get((name, urlsplit(path).path))
        if handler is None:
            return _gone()
        lowered = {key.lower(): value for key, value in (headers or {}).items()}
        return handler(_Request(home_of(name, base_port), lowered))

    def _front(self, host: Host, _request: _Request) -> Response:
        return _html(pages.front_page(self.content, host))

    def _feed(self, host: Host, feed: Feed, request: _Request) -> Response:
        entries = entries_of(self.content, feed, request.home)
        body = render_feed(host, feed, entries, request.home).encode()
        modified = entries[0].story.published
        validators = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            "Last-Modified": format_datetime(modified, usegmt=True),
        }
        if _unchanged(request.headers, validators):
            return Response(304, validators)
        return Response(200, {"Content-Type": CONTENT_TYPES[feed.format], **validators}, body)

    def _story(self, story: Story, request: _Request) -> Response:
        match story.answer:
            case "gone":
                return _gone()
            case "consent":
                return _html(pages.consent_page(self.content.hosts[story.host]))
            case "article":
                return _html(pages.article_page(self.content, story, request.home))


def load_site() -> Site:
    """The site with its packaged content."""
    return Site(load_content())


def home_of(host: str, port: int) -> str:
    """A host's address, without a slash at the end."""
    return f"http://{host}" if port == 80 else f"http://{host}:{port}"


def answer(host: str, path: str, *, base_port: int = 80, headers: Mapping[str, str] | None = None) -> Response:
    """What the bundled site answers; see `Site.answer`."""
    return SITE.answer(host, path, base_port=base_port, headers=headers)


def _robots(host: Host, request: _Request) -> Response:
    text = Template(host.robots).substitute(home=request.home)
    return Response(200, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())


def _moved(story: Story, request: _Request) -> Response:
    return Response(301, {"Location": request.home + story.path, "Content-Type": _HTML}, b"<h1>Moved</h1>")


def _html(text: str) -> Response:
    return Response(200, {"Content-Type": _HTML}, text.encode())


def _gone() -> Response:
    return Response(404, {"Content-Type": _HTML}, pages.not_found_page().encode())


def _unchanged(headers: Mapping[str, str], validators: Mapping[str, str]) -> bool:
    """Whether the client's copy is current: If-None-Match decides, and If-Modified-Since only without it (RFC 9110)."""
    tags = headers.get("if-none-match")
    if tags is not None:
        return any(tag.strip().removeprefix("W/") in {"*", validators["ETag"]} for tag in tags.split(","))
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) >= parsedate_to_datetime(validators["Last-Modified"])
    except (TypeError, ValueError):  # an unreadable date, or one without a zone: as if it were not there
        return False


SITE = load_site()
