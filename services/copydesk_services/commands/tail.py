"""``copydesk tail``."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import click

from copydesk.errors import StoreUnavailable
from copydesk.runtime import keys
from copydesk.runtime.settings import load_settings
from copydesk_services.commands.data_directory import note_missing_data

if TYPE_CHECKING:
    import redis

STREAMS = {"documents": keys.DOCUMENTS, "copies": keys.COPIES, "rejected": keys.REJECTED}
BATCH = 100
BLOCK_MILLISECONDS = 5_000
# A consumer that has not acknowledged an entry for so long is taken for dead.
GIVEN_UP_MILLISECONDS = 60_000

Entry = tuple[bytes, dict[bytes, bytes]]


@click.command("tail")
@click.argument("stream", type=click.Choice(list(STREAMS)), default="documents")
@click.option("--follow", "-f", is_flag=True, help="Wait for more, until Ctrl-C.")
@click.option("--group", metavar="NAME", help="Read as a consumer group: each entry once, remembered between calls.")
def command(stream: str, follow: bool, group: str | None) -> int:
    """Show a stream's entries as JSON lines on standard output, from the beginning; works beside a running system.

    \b
    Examples:
      copydesk tail documents | jq -r .title
      copydesk tail copies --follow
      copydesk tail documents --follow --group archive >> documents.jsonl
    """
    import redis

    from copydesk.runtime.redis import open_store

    settings = load_settings()
    note_missing_data(settings)
    store = open_store(settings)
    try:
        entries = (
            _grouped(store.client, STREAMS[stream], group, follow)
            if group
            else _plain(store.client, STREAMS[stream], follow)
        )
        for batch in entries:
            for _, fields in batch:
                sys.stdout.buffer.write(fields[b"document"] + b"\n")
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has enough. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    except redis.RedisError as error:
        raise StoreUnavailable(f"Redis: {error}") from None
    finally:
        store.close()
    return 0


def _plain(client: redis.Redis, stream: str, follow: bool) -> Iterator[list[Entry]]:
    """Batches of entries from the beginning; then new ones as they come, if wanted."""
    last = "0-0"
    while True:
        batch = cast("list[Entry]", client.xrange(stream, min=f"({last}", count=BATCH))
        if batch:
            yield batch
            last = batch[-1][0].decode()
        elif not follow:
            return
        else:
            answer = client.xread({stream: last}, count=BATCH, block=BLOCK_MILLISECONDS)
            for fresh in _batches(answer):
                yield fresh
                last = fresh[-1][0].decode()


def _grouped(client: redis.Redis, stream: str, group: str, follow: bool) -> Iterator[list[Entry]]:
    """Batches of entries that no consumer of the group has had; acknowledged when the next batch is asked for."""
    import redis

    consumer = f"{socket.gethostname()}-{os.getpid()}"
    try:
        client.xgroup_create(stream, group, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
    try:
        for batch in _to_read(client, stream, group, consumer, follow):
            yield batch
            client.xack(stream, group, *(entry_id for entry_id, _ in batch))
    finally:
        # One that still has entries stays: they are another's to claim. Consumers of ended processes would pile up.
        if not client.xpending_range(stream, group, "-", "+", 1, consumername=consumer):
            client.xgroup_delconsumer(stream, group, consumer)


def _to_read(client: redis.Redis, stream: str, group: str, consumer: str, follow: bool) -> Iterator[list[Entry]]:
    """First what consumers were given that have not been heard of since, then what nobody was given."""
    start: bytes | str = "0-0"
    while True:
        start, claimed, *_ = client.xautoclaim(stream, group, consumer, GIVEN_UP_MILLISECONDS, start, count=BATCH)
        # A trimmed entry that was pending comes without fields.
        batch = [entry for entry in claimed if entry[1]]
        if batch:
            yield batch
        if start in (b"0-0", "0-0"):
            break
    while True:
        block = BLOCK_MILLISECONDS if follow else None
        fresh = list(_batches(client.xreadgroup(group, consumer, {stream: ">"}, count=BATCH, block=block)))
        yield from fresh
        if not fresh and not follow:
            return


def _batches(answer: object) -> Iterator[list[Entry]]:
    """The entries in an answer of XREAD, in either version of the protocol."""
    if isinstance(answer, dict):
        for value in answer.values():
            # RESP3 wraps the entries of a stream once more.
            yield value[0] if value and isinstance(value[0], list) else value
    elif isinstance(answer, list):
        for _, value in answer:
            yield value
