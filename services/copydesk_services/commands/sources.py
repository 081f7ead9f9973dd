"""``copydesk sources``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from copydesk.core.opml import write_opml
from copydesk.core.urls import absolute_url, shown_url, source_id
from copydesk.models import Source, SourceState, utc_text
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Sources
from copydesk_services.commands.data_directory import note_missing_data
from copydesk_services.commands.source_arguments import settle_seconds, sources_of_opml, sources_of_urls
from copydesk_services.commands.source_check import check
from copydesk_services.commands.source_discovery import discovery_options, looked_up


@contextmanager
def _registry(*, reads_only: bool = False) -> Iterator[Sources]:
    from copydesk.runtime.redis import open_store

    settings = load_settings()
    if reads_only:
        note_missing_data(settings)
    store = open_store(settings)
    try:
        yield Sources(store.client)
    finally:
        store.close()


@click.group("sources")
def command() -> None:
    """List, add, check, remove, import and export what is polled.

    \b
    Examples:
      copydesk sources add https://example.org/feed.xml
      copydesk sources import my.opml
      copydesk sources list
    """


command.add_command(check)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON lines, also on a terminal.")
def list_(as_json: bool) -> None:
    """Show every source, and how its last poll went: a table on a terminal, JSON lines elsewhere.

    \b
    Example:
      copydesk sources list --json | jq -r 'select(.error) | .url'
    """
    with _registry(reads_only=True) as registry:
        known = registry.all()
        states = registry.states([source.id for source in known])
        next_polls = registry.next_polls([source.id for source in known])
    if as_json or not sys.stdout.isatty():
        for source in known:
            next_poll = next_polls[source.id]
            row = {
                **source.model_dump(),
                "url": shown_url(source.url),
                **states[source.id].model_dump(mode="json"),
                "next_poll": utc_text(next_poll),
            }
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        _show_table(known, states, next_polls)


@command.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL ...")
@click.option(
    "--settle",
    metavar="SECONDS",
    help="Hold their pages back until so long after the fetch, so that the agency that they copy comes first.",
)
@discovery_options
def add(urls: tuple[str, ...], settle: str | None, **looking: bool) -> int:
    """Add feeds, sitemaps or lists of URLs; a running system polls them at once, those that it knew too.

    Where a URL is that of a web page, its feeds are looked for, shown, and the best of them is added: the liveliest, or
    else a sitemap of news. What cannot be reached now is added with a warning. The exit code is 1 if a page has no feed.

    With --settle, the pages that the sources bring get their verdict SECONDS after they were fetched, not at once; a
    source that was known takes the new time. 0: at once, whatever COPYDESK_COPY_SETTLE says.

    \b
    Examples:
      copydesk sources add https://example.org/feed.xml https://example.org/news-sitemap.xml
      copydesk sources add --settle 600 https://outlet.example/feed.xml
      copydesk sources add --dry-run https://example.org/
    """
    wanted = sources_of_urls(urls, settle=None if settle is None else settle_seconds(settle))
    with _registry() as registry:
        wanted, code = looked_up(wanted, {source.id for source in registry.all()}, **looking)
        added = {source.id for source in registry.add(wanted)}
        registry.make_due([source.id for source in wanted])
    for source in wanted:
        click.echo(f"{'added' if source.id in added else 'known'} {source.id} {shown_url(source.url)}", err=True)
    return code


@command.command("remove")
@click.argument("sources", nargs=-1, required=True, metavar="URL|ID ...")
def remove(sources: tuple[str, ...]) -> int:
    """Remove sources, by URL or id. What they brought stays.

    \b
    Example:
      copydesk sources remove https://example.org/feed.xml
    """
    missing = 0
    with _registry() as registry:
        known = {source.id for source in registry.all()}
        for name in sources:
            href = absolute_url(name)
            source = name if name in known else source_id(href) if href else name
            gone = registry.remove([source])
            missing += not gone
            click.echo(f"{'removed' if gone else 'no such source:'} {name}", err=True)
    return 1 if missing else 0


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_(file: Path) -> int:
    """Add the feeds of an OPML file.

    \b
    Example:
      copydesk sources import subscriptions.opml
    """
    wanted, problems = sources_of_opml(file)
    with _registry() as registry:
        added = registry.add(wanted)
    for problem in problems:
        click.echo(f"copydesk: left out: {problem}", err=True)
    click.echo(f"{len(added)} added, {len(wanted) - len(added)} known, {len(problems)} left out", err=True)
    return 1 if problems else 0


@command.command("export")
def export() -> None:
    """Write all sources as OPML to standard output.

    \b
    Example:
      copydesk sources export > backup.opml
    """
    with _registry(reads_only=True) as registry:
        known = registry.all()
    click.echo(write_opml(known), nl=False)


def _show_table(known: list[Source], states: dict[str, SourceState], next_polls: dict[str, datetime | None]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    now = datetime.now(UTC)
    table = Table("id", "kind", "polled", "next", "items", "new")
    table.add_column("source, and how it is", overflow="fold", ratio=1)
    for source in known:
        state = states[source.id]
        health = (
            f"[red]{escape(state.error)}[/red]"
            if state.error
            else "[green]ok[/green]"
            if state.polled_at
            else "waiting"
        )
        if source.settle is not None:
            health += f", held back {source.settle:g} s"
        table.add_row(
            source.id,
            state.kind or "-",
            _minutes(state.polled_at, now),
            _minutes(next_polls[source.id], now),
            str(state.items),
            str(state.new_items),
            f"{escape(shown_url(source.url))}\n{health}",
        )
    Console().print(table)


def _minutes(time: datetime | None, now: datetime) -> str:
    """How far a time lies from now, in words."""
    if time is None:
        return "-"
    minutes = round((time - now).total_seconds() / 60)
    return f"in {minutes} min" if minutes > 0 else f"{-minutes} min ago" if minutes < 0 else "now"
