"""``copydesk replay``."""

from __future__ import annotations

import itertools
import json
import sys
from typing import TYPE_CHECKING, Any, Final

import click
from pydantic import ValidationError

from copydesk.errors import UsageError
from copydesk.runtime import keys
from copydesk.runtime.settings import Settings, load_settings
from copydesk.runtime.stream_names import group_name, stream_key
from copydesk_services.commands import jsonl
from copydesk_services.commands.data_directory import note_missing_data, note_missing_stream
from copydesk_services.commands.moments import time_of
from copydesk_services.commands.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from copydesk.core.selections import Selection
    from copydesk.runtime.redis import Store
    from copydesk.runtime.replays import Emissions, StreamTarget, Wanted

FROM: Final = ("documents", "copies")
WAIT_SECONDS: Final = 0.2


@click.command("replay")
@click.option("--to", "target", required=True, metavar="STREAM|SINK|group:NAME|-", help="Where to; see above.")
@click.option("--since", metavar="TIME", help="Only what was emitted since: 2026-09-01, or 2d for two days ago.")
@click.option("--until", metavar="TIME", help="Only what was emitted until then.")
@click.option(
    "--from", "streams", metavar="STREAM", multiple=True, help="documents and copies, unless others are named."
)
@click.option(
    "--language", multiple=True, metavar="CODE", help="Only in this language; like all filters, more than once."
)
@click.option("--source", multiple=True, metavar="ID|URL", help="Only of this source.")
@click.option("--host", multiple=True, metavar="HOST", help="Only of this host; *.HOST: of those below it.")
@click.option("--agency", multiple=True, metavar="NAME", help="Only credited to this news agency.")
@click.option(
    "--verdict", multiple=True, type=click.Choice(["original", "copy", "revision"]), help="Only with this verdict."
)
def command(*, target: str, since: str | None, until: str | None, streams: tuple[str, ...], **filters: Any) -> int:
    """Deliver once more what was emitted, in its order: for a consumer that is new, or that has lost something.

    It is read from the files by day, and from the streams what is not filed yet. Each id and revision comes once, and
    nothing that was taken out; retractions come, so that who had the document learns of them.

    \b
    STREAM      a stream of its own, replay:STREAM; it expires a week after the last write
    SINK        a sink of the delivery file, by its name
    group:NAME  a consumer group: it reads this beside what is new
    -           standard output, as JSON lines

    Of a stream that is full (10,000 entries) the readers are waited for. Interrupted and called again with the same
    options, it goes on where it was. A JSON line says how much there was.

    \b
    Examples:
      copydesk replay --since 7d --to backfill
      copydesk replay --since 2026-09-01 --until 2026-09-08 --to group:archive
      copydesk replay --since 1d --language de --to - | jq -r .title
    """
    from copydesk.runtime.redis import open_store

    settings = load_settings()
    selection = _selection(filters)
    note_missing_data(settings)
    store = open_store(settings)
    try:
        return _replay(store, settings, target, _wanted(streams, since, until, selection))
    finally:
        store.close()


def _replay(store: Store, settings: Settings, target: str, wanted: Wanted) -> int:
    from copydesk.runtime.emitted_files import EmittedFiles
    from copydesk.runtime.outputs import Outputs
    from copydesk.runtime.processes import StopSignal
    from copydesk.runtime.replays import Emissions, StreamTarget

    for name in wanted.streams:
        note_missing_stream(store.client, stream_key(name))
    emissions = Emissions(store.client, EmittedFiles.of(settings), Outputs.of(settings))
    if target == "-":
        with jsonl.quiet_broken_pipe():
            for found in emissions.oldest_first(wanted):
                sys.stdout.buffer.write(found.json + b"\n")
        return _unreadable(emissions)
    key = _key(target, settings)
    if key in map(stream_key, wanted.streams):
        raise UsageError(f"{target} cannot be replayed to itself")
    stream = StreamTarget(store.client, key, expires=key.startswith(keys.replay("")))
    with StopSignal() as stop, progress("reading") as tell:

        def wait(said: str) -> bool:
            tell(said)
            store.look_after()
            return stop.wait(WAIT_SECONDS)

        def told(said: str) -> bool:
            tell(said)
            return stop.wait(0)

        written, is_resumed, complete = _write(emissions, stream, wanted, settings, (wait, told))
    click.echo(json.dumps({"replayed": written, "to": key, "resumed": is_resumed, "complete": complete}))
    if not complete:
        click.echo("copydesk: stopped before the end; the same once more goes on from here", err=True)
    return _unreadable(emissions) or int(not complete)


def _write(
    emissions: Emissions,
    stream: StreamTarget,
    wanted: Wanted,
    settings: Settings,
    waits: tuple[Callable[[str], bool], Callable[[str], bool]],
) -> tuple[int, bool, bool]:
    """How many were written, whether it went on from an earlier call, and whether that was all."""
    from copydesk.runtime.replays import BATCH

    wait, told = waits
    digest = wanted.digest()
    after = stream.place(digest)
    written = 0
    entries = emissions.oldest_first(wanted, after)
    while batch := list(itertools.islice(entries, BATCH)):
        if not stream.write(batch, digest, settings.event_source, wait):
            return written, after is not None, False
        written += len(batch)
        if told(f"{written} written, {emissions.looked_at} looked at, up to {batch[-1].name}"):
            return written, after is not None, False
    stream.done()
    return written, after is not None, True


def _unreadable(emissions: Emissions) -> int:
    if emissions.unreadable:
        click.echo(
            f"copydesk: {emissions.unreadable} entries cannot be read by this release and were left out", err=True
        )
    return int(bool(emissions.unreadable))


def _key(target: str, settings: Settings) -> str:
    """The stream that is written to."""
    from copydesk.runtime.delivery_file import load_delivery_file

    kind, colon, name = target.partition(":")
    if colon and kind in ("group", "own"):
        return stream_key(f"own:{group_name(name)}")
    if target in load_delivery_file(settings).sinks:
        return stream_key(f"own:sink.{target}")
    if target in FROM or target == "rejected":
        raise UsageError(f"{target} is a stream that is emitted to; name a new one")
    return stream_key(target if kind == "replay" and colon else f"replay:{target}")


def _wanted(streams: tuple[str, ...], since: str | None, until: str | None, selection: Selection) -> Wanted:
    from copydesk.runtime.replays import Wanted

    names = tuple(dict.fromkeys(streams or FROM))
    for name in names:
        stream_key(name)
    first, last = time_of("--since", since), time_of("--until", until)
    if first and last and first >= last:
        raise UsageError(f"--since {since} is not before --until {until}")
    return Wanted(names, first, last, selection, f"{since} {until}")


def _selection(filters: dict[str, Any]) -> Selection:
    from copydesk.core.selections import Selection

    given = {name: list(values) for name, values in filters.items() if values}
    try:
        return Selection.model_validate({"verdict": ["original", "copy", "revision"], **given})
    except ValidationError as error:
        problem = error.errors()[0]
        raise UsageError(f"--{problem['loc'][0]}: {problem['msg'].removeprefix('Value error, ')}") from None
