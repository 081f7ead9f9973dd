"""``copydesk sources``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from copydesk.core.opml import write_opml
from copydesk.core.urls import shown_url
from copydesk.errors import UsageError
from copydesk.models import SourceStatus, utc_text
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Listed, Sources
from copydesk_services.commands.data_directory import note_missing_data
from copydesk_services.commands.source_arguments import (
    chosen_options,
    label,
    source_options,
    sources_of_opml,
    sources_of_urls,
)
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
    """List, add, check, change, pause, remove, import and export what is polled.

    \b
    Examples:
      copydesk sources add https://example.org/feed.xml
      copydesk sources import my.opml
      copydesk sources list
    """


command.add_command(check)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON lines, also on a terminal.")
@click.option("--status", type=click.Choice([status.value for status in SourceStatus]), help="Only those that are so.")
@click.option(
    "--label", "labels", multiple=True, metavar="NAME=VALUE", help="Only those with this label; all, if repeated."
)
@click.option("--all", "with_sitemaps", is_flag=True, help="The sitemaps that an index names as well, under it.")
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="Rows of the table.")
def list_(as_json: bool, status: str | None, labels: tuple[str, ...], with_sitemaps: bool, limit: int) -> None:
    """Show every source, and how its polls go: a table on a terminal, JSON lines elsewhere.

    \b
    Examples:
      copydesk sources list --status failing
      copydesk sources list --label country=de --all
      copydesk sources list --json | jq -r 'select(.error) | .url'
    """
    asked = [label(text) for text in labels]
    with _registry(reads_only=True) as registry:
        listed = (
            row
            for row in registry.listing()
            if (with_sitemaps or not row.source.parent)
            and (status is None or row.status == status)
            and all(row.source.labels.get(name) == value for name, value in asked)
        )
        if as_json or not sys.stdout.isatty():
            for row in listed:
                click.echo(json.dumps(_row(row), ensure_ascii=False))
            return
        from copydesk_services.commands.source_table import show_table

        left = show_table(listed, most=limit)
        counts = registry.counts()
    told = ", ".join(f"{number} {name}" for name, number in counts.items() if number) or "none"
    click.echo(f"sources and sitemaps: {told}" + (f"; {left} more: --limit, or --json" if left else ""), err=True)


def _row(row: Listed) -> dict[str, object]:
    return {
        **row.source.model_dump(),
        "url": shown_url(row.source.url),
        **row.state.model_dump(mode="json"),
        "status": row.status,
        "interval": row.source.interval or row.state.interval,
        "next_poll": utc_text(row.next_poll) or None,
        "sitemaps": row.sitemaps,
    }


@command.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL ...")
@source_options
@discovery_options
def add(urls: tuple[str, ...], *, takes_all: bool, dry_run: bool, check: bool, as_json: bool, **options: Any) -> int:
    """Add feeds, sitemaps or lists of URLs; a running system polls them at once, those that it knew too.

    Where a URL is that of a web page, its feeds are looked for, shown, and the best of them is added: the liveliest, or
    else a sitemap of news. What cannot be reached now is added with a warning. The exit code is 1 if a page has no feed.

    Options that are given hold for sources that were known as well; all else of these stays as it was.

    With --settle, the pages that the sources bring get their verdict SECONDS after they were fetched, not at once. 0: at
    once, whatever COPYDESK_COPY_SETTLE says.

    \b
    Examples:
      copydesk sources add https://example.org/feed.xml https://example.org/news-sitemap.xml
      copydesk sources add --label country=de --max-age 7d https://example.org/archive.xml
      copydesk sources add --settle 600 https://outlet.example/feed.xml
      copydesk sources add --dry-run https://example.org/
    """
    chosen = chosen_options(**options)
    wanted = sources_of_urls(urls, **{name: value for name, value in chosen.items() if value is not None})
    with _registry() as registry:
        known = set(registry.get([source.id for source in wanted]))
        wanted, code = looked_up(wanted, known, takes_all=takes_all, dry_run=dry_run, check=check, as_json=as_json)
        added = {source.id for source in registry.add(wanted)}
        for source in registry.get({source.id for source in wanted} - added).values():
            # Whoever adds a sitemap that an index names wants it for its own sake.
            own = {"parent": None, "interval": None} if source.parent else {}
            if own or chosen:
                _change(registry, source.id, {**own, **chosen})
        registry.make_due([source.id for source in wanted])
    for source in wanted:
        click.echo(f"{'added' if source.id in added else 'known'} {source.id} {shown_url(source.url)}", err=True)
    return code


@command.command("set")
@click.argument("sources", nargs=-1, required=True, metavar="URL|ID ...")
@source_options
@click.option("--unlabel", "unlabelled", multiple=True, metavar="NAME", help="Take a label away; may be repeated.")
def set_(sources: tuple[str, ...], unlabelled: tuple[str, ...], **options: Any) -> int:
    """Change options of sources, by URL or id, and of the sitemaps that they name.

    A value of "none" takes the option away: the settings hold again. Labels are added to those that there are.

    \b
    Examples:
      copydesk sources set --interval 10m https://example.org/feed.xml
      copydesk sources set --label topic=sport --unlabel country 5e0c7d42b1aa
      copydesk sources set --interval none --settle none https://example.org/feed.xml
    """
    chosen = chosen_options(**options)
    if not chosen and not unlabelled:
        raise UsageError("nothing to set: give an option, see copydesk sources set --help")
    return _for_each(sources, "changed", lambda registry, source: _set(registry, source, chosen, unlabelled))


def _set(registry: Sources, source: str, chosen: dict[str, Any], unlabelled: tuple[str, ...]) -> bool:
    labels = registry.get([source])[source].labels
    kept = {name: value for name, value in labels.items() if name not in unlabelled}
    return _change(registry, source, {**chosen, "labels": {**kept, **chosen.get("labels", {})}})


def _change(registry: Sources, source: str, changes: dict[str, Any]) -> bool:
    from pydantic import ValidationError

    try:
        return registry.change(source, changes) is not None
    except ValidationError as error:
        raise UsageError(f"{source}: {error.errors()[0]['msg']}") from None


@command.command("pause")
@click.argument("sources", nargs=-1, required=True, metavar="URL|ID ...")
def pause(sources: tuple[str, ...]) -> int:
    """Poll sources no more until they are resumed; what they brought stays, and what they know of it.

    \b
    Example:
      copydesk sources pause https://example.org/feed.xml
    """
    return _for_each(sources, "paused", lambda registry, source: _change(registry, source, {"paused": True}))


@command.command("resume")
@click.argument("sources", nargs=-1, required=True, metavar="URL|ID ...")
def resume(sources: tuple[str, ...]) -> int:
    """Poll sources again that were paused, at once.

    \b
    Example:
      copydesk sources resume https://example.org/feed.xml
    """
    return _for_each(sources, "resumed", lambda registry, source: _change(registry, source, {"paused": False}))


@command.command("remove")
@click.argument("sources", nargs=-1, required=True, metavar="URL|ID ...")
def remove(sources: tuple[str, ...]) -> int:
    """Remove sources, by URL or id, and the sitemaps that they name. What they brought stays.

    \b
    Example:
      copydesk sources remove https://example.org/feed.xml
    """
    return _for_each(sources, "removed", lambda registry, source: bool(registry.remove([source])))


def _for_each(names: tuple[str, ...], done: str, work: Callable[[Sources, str], bool]) -> int:
    """Do something with each source that is named by URL or id; the exit code."""
    missing = 0
    with _registry() as registry:
        for name in names:
            source = registry.find(name)
            found = source is not None and work(registry, source)
            missing += not found
            click.echo(f"{done if found else 'no such source:'} {name}", err=True)
    return 1 if missing else 0


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--secrets", "takes_secrets", is_flag=True, help="Take the names of secrets from the file too.")
def import_(file: Path, *, takes_secrets: bool) -> int:
    """Add the feeds of an OPML file, with the options that copydesk's own files carry.

    A secret is sent to the address that stands beside its name: such names are taken with --secrets only, for files that
    are your own.

    \b
    Examples:
      copydesk sources import subscriptions.opml
      copydesk sources import --secrets backup.opml
    """
    wanted, problems = sources_of_opml(file)
    named = [source for source in wanted if source.secret is not None]
    if named and not takes_secrets:
        wanted = [source.model_copy(update={"secret": None}) for source in wanted]
        click.echo(f"copydesk: {len(named)} sources name a secret, which is left out without --secrets", err=True)
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
        known = [source for source in registry.all() if source.parent is None]
    click.echo(write_opml(known), nl=False)
