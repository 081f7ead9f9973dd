"""``copydesk tail``."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import click

from copydesk.errors import StoreUnavailable
from copydesk.runtime.settings import load_settings
from copydesk.runtime.stream_names import group_name, stream_key
from copydesk_services.commands.data_directory import note_missing_data, note_missing_stream
from copydesk_services.commands.moments import time_of
from copydesk_services.commands.tail_format import FORMATS, Filter, writer

if TYPE_CHECKING:
    import redis

    from copydesk.runtime.groups import BlockingGroupReader, Entry
    from copydesk.runtime.redis import Store

FILTERS = ("language", "host", "source", "agency", "verdict")
BATCH = 100
# Entries, and what to call with the number of them that are done with.
Batches = Generator[tuple[list[dict[bytes, bytes]], Callable[[int], None]], None, None]
WAIT = 5.0


@click.command("tail")
@click.argument("stream", metavar="STREAM", default="documents")
@click.option("--follow", "-f", is_flag=True, help="Wait for more, until Ctrl-C.")
@click.option("--group", metavar="NAME", help="Read as a consumer group: each entry once, remembered between calls.")
@click.option(
    "--since", metavar="TIME", help="From then on: a span such as 2h, or a time such as 2026-11-01T12:00 (UTC)."
)
@click.option("--count", type=click.IntRange(min=1), help="End after so many.")
@click.option("--language", multiple=True, help="Only these; may be repeated, as the next four.")
@click.option("--host", multiple=True, help="A host, or '*.example.org' for all below it.")
@click.option("--source", multiple=True, help="Id or URL of a source.")
@click.option("--agency", multiple=True, help="News agency that is credited.")
@click.option("--verdict", multiple=True, help="original, copy, revision, rejected, retracted, gap.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("--fields", metavar="A,B.C", help="Only these, in this order; a dot leads into an object.")
def command(stream: str, follow: bool, group: str | None, since: str | None, **options: Any) -> int:
    """Show a stream's entries on standard output, from the beginning; works beside a running system and after it.

    STREAM is documents, copies, rejected, the name of a selection, replay:NAME, or dead:GROUP for a group's dead letters.

    \b
    Examples:
      copydesk tail documents | jq -r .title
      copydesk tail copies --follow --language de --agency dpa
      copydesk tail rejected --since 2h --format table --fields reason,url,detail
      copydesk tail documents --follow --group archive >> documents.jsonl
    """
    key = stream_key(stream)
    if group:
        group = group_name(group)
    start = time_of("--since", since)
    write = writer(options["form"], options["fields"])
    wanted = Filter({name: options[name] for name in FILTERS if options[name]})
    from copydesk.runtime.redis import open_store

    settings = load_settings()
    note_missing_data(settings)
    store = open_store(settings)
    try:
        _show(_batches(store, key, group, start, follow), wanted, write, options["count"])
    except BrokenPipeError:
        # The reader has enough. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    finally:
        store.close()
    return 0


def _batches(store: Store, key: str, group: str | None, start: datetime | None, follow: bool) -> Batches:
    import redis

    try:
        note_missing_stream(store.client, key)
        if start is not None:
            _note_beginning(store.client, key, start)
        yield from _grouped(store, key, group, start, follow) if group else _plain(store, key, start, follow)
    except redis.RedisError as error:
        raise StoreUnavailable(f"Redis: {error}") from None


def _show(batches: Batches, wanted: Filter, write: Any, count: int | None) -> None:
    left = count if count is not None else sys.maxsize
    try:
        for entries, done in batches:
            shown: list[dict[bytes, bytes]] = []
            read = 0
            while read < len(entries) and len(shown) < left:
                if wanted(entries[read]):
                    shown.append(entries[read])
                read += 1
            write(shown)
            done(read)
            left -= len(shown)
            if not left:
                return
    finally:
        batches.close()
        write.end()


def _note_beginning(client: redis.Redis, key: str, start: datetime) -> None:
    """Say where a stream begins later than what was asked for."""
    first = cast("list[tuple[bytes, Any]]", client.xrange(key, count=1))
    if not first:
        return
    begins = datetime.fromtimestamp(int(first[0][0].partition(b"-")[0]) / 1000, UTC)
    if begins > start:
        click.echo(
            f"copydesk: the stream begins at {begins:%Y-%m-%dT%H:%M:%SZ}; what came before it is in the files by day, if at all",
            err=True,
        )


def _plain(store: Store, key: str, start: datetime | None, follow: bool) -> Batches:
    """Batches of entries from the beginning; then new ones as they come, if wanted."""
    from copydesk.runtime.groups import start_id, streams_in

    last = start_id(start or "oldest")
    while True:
        block = int(WAIT * 1000) if follow else None
        answer = streams_in(store.client.xread({key: last}, count=BATCH, block=block))
        for _, entries in answer:
            yield [fields for _, fields in entries], lambda _: None
            last = entries[-1][0]
        if not answer and not follow:
            return
        store.look_after()


def _grouped(store: Store, key: str, group: str, start: datetime | None, follow: bool) -> Batches:
    """Batches of entries that no consumer of the group has had; what was shown or passed over is acknowledged."""
    from copydesk.runtime.groups import BlockingGroupReader

    reader = BlockingGroupReader(store.client, [key], group, start=start or "oldest")
    try:
        for _ in itertools.count():
            entries: list[Entry] = reader.read(BATCH, WAIT if follow else 0.0)
            if entries:
                yield [entry.fields for entry in entries], partial(_acknowledge, reader, entries)
            elif not follow:
                return
            store.look_after()
    finally:
        reader.close()


def _acknowledge(reader: BlockingGroupReader, entries: list[Entry], number: int) -> None:
    reader.ack(entries[:number])
