"""``copydesk demo``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from copydesk.errors import CopydeskError
from copydesk.runtime import keys
from copydesk.runtime.settings import ENV_PREFIX, Settings, load_settings

if TYPE_CHECKING:
    import redis

    from copydesk.runtime.queue import Stages
    from copydesk_services.demo.server import RunningServer
    from copydesk_services.supervisor import OneRound

Row = dict[str, Any]

# The site is small: whatever takes longer than this is a fault, and the log says which.
DEMO_SECONDS = 120.0
LOOK_SECONDS = 0.1
STOP_SECONDS = 30.0


@click.command("demo")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a page on standard output, and no table.")
def command(as_json: bool) -> int:
    """Run the whole system on a bundled news site and show what comes out.

    Starts an embedded Redis, every service as a process of its own, and an HTTP server with five made-up newspapers in
    three languages, on this machine only; polls their feeds, fetches, extracts, finds the copies, shows the result, and
    ends. Nothing is left behind.

    \b
    Examples:
      copydesk demo
      copydesk demo --json | jq -r 'select(.verdict == "copy") | [.url, .copy_of] | @tsv'
    """
    with tempfile.TemporaryDirectory(prefix="copydesk-demo-", ignore_cleanup_errors=True) as folder, _site() as site:
        rows = _run(Path(folder), site, show=not as_json)
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        _show_table(rows)
    from copydesk_services.demo.expected import check

    problems = check(rows)
    for problem in problems:
        click.echo(f"copydesk: not as it should be: {problem}", err=True)
    return 1 if problems else 0


def _run(folder: Path, site: RunningServer, *, show: bool) -> list[Row]:
    """Ingest the site with all services; a row for each page."""
    from copydesk.runtime.queue import Stages
    from copydesk.runtime.redis import open_store
    from copydesk.runtime.sources import Sources, new_source
    from copydesk_services.demo.site import SITE
    from copydesk_services.supervisor import OneRound, System

    environment = {
        "DATA_DIR": str(folder),
        "REDIS_URL": "",
        "FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "FETCH_RESOLVE": ",".join(f"{host}={site.bind}" for host in SITE.hosts),
        "FETCH_HOST_DELAY": "0.02",
        "BATCH_SECONDS": "0.2",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "info",
        "ITEM_MAX_AGE": "0",
        "HTTP_PORT": "0",
        "RULES_FILE": "",
        "DELIVERY_FILE": "",
        "EMITTED": "",
    }
    # What comes out is checked: it is to depend on nothing that a user has set for copies.
    copies = {name: str(field.default) for name, field in Settings.model_fields.items() if name.startswith("copy_")}
    environment = {ENV_PREFIX + name.upper(): value for name, value in (copies | environment).items()}
    os.environ.update(environment)
    settings = load_settings()
    log = folder / "services.log"
    with log.open("wb") as stderr:
        store = open_store(settings)
        system = System(settings, environment=environment, stderr=stderr)
        try:
            stages = Stages(store.client, settings)
            registry = Sources(store.client)
            added = registry.add([new_source(url) for url in SITE.sources(site.port)])
            one_round = OneRound(registry, stages, [source.id for source in added], datetime.now(UTC))
            system.start()
            with _progress(len(added), show) as tell:
                deadline = time.monotonic() + DEMO_SECONDS
                while not one_round.is_over():
                    if time.monotonic() > deadline:
                        tail = log.read_text(errors="replace").splitlines()[-20:]
                        raise CopydeskError(
                            "the demo did not come to its end; the services' log ends so:\n" + "\n".join(tail)
                        )
                    system.look()
                    tell(_counts(one_round, stages))
                    time.sleep(LOOK_SECONDS)
                tell(_counts(one_round, stages))
            return _rows(store.client)
        finally:
            system.stop()
            store.close()
            if store.embedded is not None and not store.embedded.wait_until_stopped(STOP_SECONDS):
                click.echo(f"copydesk: the embedded server in {folder} is still stopping", err=True)


@contextmanager
def _site() -> Iterator[RunningServer]:
    """The bundled site, served by a thread."""
    from copydesk_services.demo.server import serve

    started: list[RunningServer] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        try:
            async with serve() as server:
                started.append(server)
                ready.set()
                await stop.wait()
        finally:
            ready.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),), daemon=True)
    thread.start()
    ready.wait()
    if not started:
        raise CopydeskError("the bundled site cannot be served on 127.0.0.1")
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _counts(one_round: OneRound, stages: Stages) -> Counter[str]:
    counts = Counter[str](polled=len(one_round.polled()))
    for name, number in stages.counts().items():
        stage, _, outcome = name.partition(":")
        if outcome.startswith("rejected"):
            counts["rejected"] += number
        else:
            told = {"fetch:taken": "taken", "fetch:page": "fetched", "extract:document": "extracted"}.get(name)
            counts[told or ("decided" if stage == "dedup" else outcome)] += number
    return counts


@contextmanager
def _progress(sources: int, show: bool) -> Iterator[Any]:
    """Tells how far the run is: a line that changes on a terminal, a line a change elsewhere; both on standard error."""
    if not show:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        told: list[str] = []

        def tell_line(counts: Counter[str]) -> None:
            line = _progress_line(counts, sources)
            if line not in told:
                told.append(line)
                click.echo(line, err=True)

        yield tell_line
        return
    from rich.console import Console

    with Console(stderr=True).status("starting Redis and the services") as status:
        yield lambda counts: status.update(_progress_line(counts, sources))


def _progress_line(counts: Counter[str], sources: int) -> str:
    return (
        f"sources polled {counts['polled']}/{sources}, items {counts['taken']}, pages fetched {counts['fetched']}, "
        f"extracted {counts['extracted']}, decided {counts['decided']}, rejected {counts['rejected']}"
    )


def _rows(client: redis.Redis) -> list[Row]:
    """A row for each entry of the streams, in the order of their arrival."""
    entries: list[tuple[bytes, dict[bytes, bytes]]] = []
    for stream in (keys.DOCUMENTS, keys.COPIES, keys.REJECTED):
        entries += cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(stream))
    entries.sort(key=lambda entry: tuple(map(int, entry[0].split(b"-"))))
    documents = [json.loads(fields[b"document"]) for _, fields in entries]
    urls = {document["id"]: document["url"] for document in documents}
    return [
        {
            "url": document["url"],
            "verdict": document["verdict"],
            "reason": document["reason"] if document["verdict"] == "rejected" else document["evidence"]["reason"],
            "copy_of": urls.get(document["copy_of"]),
            "language": document["language"],
            "removed": [
                {"text": block["text"], "reason": block["reason"], "rule": block["rule"]}
                for block in document["removed"]
            ],
            "id": document["id"],
            "title": document["title"],
            "novelty": document["novelty"],
        }
        for document in documents
    ]


def _show_table(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    colours = {"original": "green", "revision": "green", "copy": "yellow", "rejected": "red"}
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(
        "verdict",
        "document",
        "copy of, or why",
        "stripped",
        title="What came out",
        title_justify="left",
        show_lines=True,
    )
    titles = {row["url"]: row["title"] for row in rows}
    for row in _copies_below_their_originals(rows):
        verdict, copy_of = row["verdict"], row["copy_of"]
        if verdict == "rejected":
            why, stripped = row["reason"], ""
        else:
            why = f"{_plain(titles[copy_of])}\n[dim]{_short(copy_of)}[/dim]" if copy_of else ""
            counts = Counter(block["reason"] for block in row["removed"])
            stripped = ", ".join(
                f"{reason} ×{number}" if number > 1 else reason for reason, number in sorted(counts.items())
            )
        table.add_row(
            f"[{colours.get(verdict, 'white')}]{verdict}[/]",
            f"{_plain(row['title'] or '')}\n[dim]{_short(row['url'])}[/dim]",
            why,
            stripped,
        )
    console.print(table)
    verdicts = Counter(row["verdict"] for row in rows)
    told = (f"{verdicts[verdict]} {verdict}" for verdict in colours if verdicts[verdict])
    console.print(", ".join(told), highlight=False)
    console.print("Why one page lost what it lost:", style="bold")
    _show_removed(console, max(rows, key=lambda row: len({block["reason"] for block in row["removed"]})))
    console.print("\nOn your own feeds:", style="bold")
    console.print(
        "  make run FEEDS=my.opml                       all services on this machine, state in ./var", highlight=False
    )
    console.print("  .venv/bin/copydesk tail documents --follow   what comes out, as JSON lines", highlight=False)


def _copies_below_their_originals(rows: list[Row]) -> list[Row]:
    place = {row["url"]: n for n, row in enumerate(rows)}

    def key(row: Row) -> tuple[bool, int, int]:
        return row["verdict"] == "rejected", place[row["copy_of"] or row["url"]], place[row["url"]]

    return sorted(rows, key=key)


def _show_removed(console: Any, row: Row) -> None:
    from rich.text import Text

    console.print(f"  {_short(row['url'])}", style="dim", highlight=False)
    for block in row["removed"]:
        line = Text.assemble("  ", (f"{block['reason']:<15}", "yellow"), block["text"])
        line.truncate(max(40, console.width - len(block["rule"]) - 3), overflow="ellipsis")
        console.print(line, Text(block["rule"], "dim"), soft_wrap=True)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _short(url: str | None) -> str:
    return (url or "").removeprefix("http://").removeprefix("https://")
