"""``copydesk items``: a feed, a sitemap or a list of URLs in, what it offers out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import click

from copydesk_services.commands import jsonl

if TYPE_CHECKING:
    from copydesk.runtime.settings import Settings
    from copydesk_services.commands.workpool import WorkPool

LOOK_AHEAD = 8
"""Answers that may wait, a worker."""

FIELDS = ("url", "title", "published_at", "guid")


@dataclass(frozen=True)
class _Answer:
    """What a source answered, or what somebody saved of it."""

    body: bytes
    url: str | None
    content_type: str | None
    link: str | None = None
    """The ``Link`` header."""


@click.command("items")
@click.argument("file", default="-", metavar="[FILE|URL|-]")
@jsonl.jsonl_option
@click.option("--url", default=None, help="Where the file stands: relative links are relative to it.")
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Worker processes. Default: one a core.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 3600), default=20.0, show_default=True, help="Seconds a source may take."
)
def command(file: str, *, as_jsonl: bool, url: str | None, workers: int | None, timeout: float) -> None:
    """Show what a feed, a sitemap or a list of URLs offers.

    Reads one from FILE, from URL as the fetcher would, or from standard input where it is - or left out. Writes a JSON line
    an item, a table on a terminal: url, title, published_at (ISO 8601 in UTC, 2026-10-06T08:00:00Z), guid, and id, that of
    its document; null where it has none. An item without an address that can be fetched has no id: it is not taken. Of a
    sitemap index the items are its sitemaps. Kind, title and more go to standard error.

    With --jsonl, reads one source a line: {id, text} or {id, b64}, with the raw bytes in Base64, and if known where it
    stands and its media type: url, content_type. Writes a line for each, in the order of the input: {id, kind, items:
    [{url, title, published_at, guid}], error}; where it cannot be read, kind is null and error says why.

    A source that takes longer than --timeout, or too much memory, cannot be read; the rest goes on. Where a source stands is
    not known, relative links are relative to what it calls its own address; where it has none, they stay as they are.

    \b
    Examples:
      copydesk items https://example.org/feed.xml
      copydesk items --url https://example.org/ saved-sitemap.xml.gz | jq -r .url
      copydesk items --jsonl feeds.jsonl
    """
    from copydesk.runtime.bounds import bound_memory
    from copydesk.runtime.settings import load_settings
    from copydesk_services.commands.workpool import DEFAULT_MEMORY_BYTES, WorkPool

    settings = load_settings()
    answer = None if as_jsonl else _got(file, url, settings)
    pool = WorkPool(
        (workers or 0) if as_jsonl else 1,
        seconds=timeout,
        preload="copydesk_services.fetcher.sources",
        initializer=bound_memory,
        initargs=(DEFAULT_MEMORY_BYTES,),
    )
    with pool:
        if answer is not None:
            _show(_submitted(pool, answer, settings)(), answer)
            return

        def submit(record: jsonl.Record) -> Callable[[], jsonl.Record]:
            wait = _submitted(pool, _saved(record), settings)
            return lambda: _line(record["id"], wait())

        raise SystemExit(jsonl.serve_ahead(_existing(file), submit, ahead=LOOK_AHEAD * pool.workers))


def _existing(file: str) -> str:
    """A file that can be read, or standard input, as the other verbs take it."""
    known = click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True)
    return cast("str", known.convert(file, None, click.get_current_context()))


def _got(file: str, url: str | None, settings: Settings) -> _Answer:
    if file.lower().startswith(("http://", "https://")):
        return asyncio.run(_fetched(file, settings))
    return _Answer(jsonl.read_all(_existing(file), settings.poll_max_bytes), url, None)


async def _fetched(url: str, settings: Settings) -> _Answer:
    from copydesk.core.urls import absolute_url
    from copydesk.errors import SourceError, UsageError
    from copydesk.runtime.http import FetchFailure, HttpClient
    from copydesk_services.fetcher.poller import ACCEPT

    href = absolute_url(url)
    if href is None:
        raise UsageError(f"{url[:200]!r} is no http:// or https:// URL")
    async with HttpClient(settings) as http:
        try:
            answer = await http.get(href, max_bytes=settings.poll_max_bytes, accept=ACCEPT)
        except FetchFailure as error:
            raise SourceError(f"{url}: {error.reason}: {error.detail}") from None
    return _Answer(answer.body, answer.url, answer.content_type, answer.headers.get("Link"))


def _saved(record: jsonl.Record) -> _Answer:
    url, content_type = jsonl.optional_string(record, "url"), jsonl.optional_string(record, "content_type")
    if record.get("text") is not None:
        # It is decoded already, whatever it says of its charset.
        text = jsonl.string(record, "text").encode("utf-8", "surrogatepass")
        return _Answer(text, url, "text/plain; charset=utf-8")
    if record.get("b64") is None:
        raise jsonl.BadRecordError("text and b64 are missing")
    return _Answer(jsonl.base64_bytes(record, "b64"), url, content_type)


def _submitted(pool: WorkPool, answer: _Answer, settings: Settings) -> Callable[[], dict[str, Any]]:
    from copydesk_services.commands.workpool import Overrun

    if len(answer.body) > settings.poll_max_bytes:
        # Not worth the way to a worker.
        error = f"it has more than {settings.poll_max_bytes} bytes (COPYDESK_POLL_MAX_BYTES)"
        return lambda: {"error": error}
    done = pool.submit(_read, answer.body, answer.url, answer.content_type, settings.poll_max_items)

    def wait() -> dict[str, Any]:
        try:
            return done()
        except Overrun as error:
            return {"error": f"it cannot be read: {error}"}

    return wait


def _read(body: bytes, url: str | None, content_type: str | None, most: int) -> dict[str, Any]:
    """In a worker: what a source's answer says, as fields that JSON can carry, or its error."""
    from datetime import UTC, datetime

    from copydesk.core.entries import Entry, believed_at
    from copydesk.core.urls import absolute_url, canonical_url, document_id
    from copydesk.errors import SourceError
    from copydesk.models import utc_text
    from copydesk_services.fetcher.sources import read_body

    now = datetime.now(UTC)
    try:
        reading = read_body(body, url, content_type, most)
    except SourceError as error:
        return {"error": str(error)}
    except (MemoryError, RecursionError) as error:
        return {"error": f"it cannot be read: {type(error).__name__}"}
    base = absolute_url(url or "") or reading.base

    def row(entry: Entry) -> dict[str, str | None]:
        href = absolute_url(entry.link or "", base)
        canonical = canonical_url(href) if href else None
        return {
            "url": href or entry.link,
            "title": entry.title,
            "published_at": utc_text(believed_at(entry.published_at, now)) or None,
            "guid": entry.guid,
            "id": document_id(canonical) if canonical else None,
        }

    named = [Entry(sitemap.url, None, sitemap.modified_at) for sitemap in reading.sitemaps]
    return {
        "kind": reading.kind.value,
        "title": reading.title,
        "interval": reading.interval,
        "hubs": reading.hubs,
        "topic": reading.topic,
        "items": [row(entry) for entry in (*reading.entries, *named)],
        "error": None,
    }


def _line(id_: str | int, read: dict[str, Any]) -> jsonl.Record:
    items = [{name: item[name] for name in FIELDS} for item in read.get("items", ())]
    return {"id": id_, "kind": read.get("kind"), "items": items, "error": read["error"]}


def _show(read: dict[str, Any], answer: _Answer) -> None:
    from copydesk.errors import SourceError
    from copydesk_services.printable import printable

    if read["error"]:
        raise SourceError(read["error"])
    for line in _about(read, answer):
        click.echo(printable(line), err=True)
    if sys.stdout.isatty():
        _show_table(read["items"])
        return
    with jsonl.quiet_broken_pipe():
        for item in read["items"]:
            jsonl.write(item)


def _about(read: dict[str, Any], answer: _Answer) -> list[str]:
    from copydesk.core.durations import duration_text
    from copydesk.core.links import links_of_header

    hubs, topic = links_of_header(answer.link, answer.url)
    hubs, topic = hubs or read["hubs"], topic or read["topic"]
    kind = read["kind"].replace("_", " ")
    about = [f"{kind}: {len(read['items'])} {'sitemaps' if read['kind'] == 'sitemap_index' else 'items'}"]
    if read["title"]:
        about.append(f"title: {read['title']}")
    if read["interval"]:
        about.append(f"says that it changes every {duration_text(read['interval'])}")
    if topic:
        about.append(f"own address: {topic}")
    return about + [f"hub: {hub}" for hub in hubs]


def _show_table(items: list[dict[str, str | None]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from copydesk_services.printable import printable

    table = Table("published", "title and address")
    for item in items:
        date = (item["published_at"] or "-").replace("T", " ")[:16]
        shown = [printable(text) for text in (item["title"], item["url"]) if text]
        table.add_row(date, Text("\n".join(shown) or "-", overflow="fold"))
    Console().print(table)
