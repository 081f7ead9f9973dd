"""``copydesk rejected``."""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from copydesk.core.urls import canonical_url, document_id
from copydesk.errors import CopydeskError, UsageError
from copydesk.models import RejectReason
from copydesk.runtime.settings import load_settings
from copydesk.runtime.stream_names import group_name
from copydesk_services.commands import jsonl
from copydesk_services.commands.data_directory import note_missing_data
from copydesk_services.commands.moments import time_of
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk.runtime.dead_letters import DeadLetters, Filter, Letter

AT_ONCE = 500

_FILTERS = (
    click.option("--reason", type=click.Choice([reason.value for reason in RejectReason]), metavar="REASON",
                 help="Only with this reason; docs/metrics.md lists them."),
    click.option("--host", metavar="HOST", help="Only of this host, and of those below it."),
    click.option("--stage", type=click.Choice(["fetch", "extract", "dedup"]), help="Only of this stage."),
    click.option("--since", metavar="TIME", help="Only since: 2026-09-01, or 2d for two days ago."),
    click.option("--group", metavar="NAME", help="Not of the pipeline, but of this consumer group."),
)  # fmt: skip


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.group("rejected")
def command() -> None:
    """Dead letters: pages that became no document, and, with --group, what a consumer group could not do.

    \b
    Examples:
      copydesk rejected list --reason extract_failed --since 1d
      copydesk rejected show 3f0c1a2b4d5e6f708192a3b4 --body > page.html
      copydesk rejected retry --reason extract_failed
      copydesk rejected retry --group archive --all
    """


@command.command("list")
@_filters
@click.option("--limit", type=click.IntRange(0), default=100, show_default=True, help="The newest N; 0: all.")
def list_(limit: int, **given: Any) -> None:
    """Show dead letters, the newest first: a table on a terminal, JSON lines elsewhere.

    \b
    Examples:
      copydesk rejected list --stage fetch --host paper.example
      copydesk rejected list --group archive --limit 0 | jq -r .dead_error
    """
    with _letters(given) as (letters, wanted):
        chosen = itertools.islice(letters.newest_first(wanted), limit or None)
        if sys.stdout.isatty():
            _table(chosen)
            return
        with jsonl.quiet_broken_pipe():
            for letter in chosen:
                click.echo(json.dumps(letter.row(), ensure_ascii=False))


@command.command("show")
@click.argument("name", metavar="ID|URL")
@click.option("--body", is_flag=True, help="The page's body as it came, on standard output.")
@click.option("--group", metavar="NAME", help="Of this consumer group.")
def show(name: str, body: bool, group: str | None) -> None:
    """Show all that is known of a rejected page: reason, error, what is kept and until when.

    \b
    Examples:
      copydesk rejected show https://paper.example/story
      copydesk rejected show 3f0c1a2b4d5e6f708192a3b4 --body | copydesk extract --diff
    """
    with _letters({"id_": name, "group": group}) as (letters, wanted):
        if body:
            found = letters.body(wanted.id or "")
            if found is None:
                raise CopydeskError(f"the body of {name} is no longer kept; COPYDESK_BODY_TTL says for how long one is")
            sys.stdout.buffer.write(found)
            return
        shown = [letter.row(full=True) for letter in letters.newest_first(wanted)]
        if not shown:
            raise CopydeskError(f"no dead letter has the id {wanted.id}")
        for row in shown:
            click.echo(json.dumps(row, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


@command.command("retry")
@click.argument("name", metavar="[ID|URL]", required=False)
@_filters
@click.option("--all", "every", is_flag=True, help="All of them.")
@click.option("--fetch", is_flag=True, help="Fetch again what is no longer kept.")
def retry(name: str | None, every: bool, fetch: bool, **given: Any) -> int:
    """Work on rejected pages once more, after a fix: from what is kept, without fetching; fetches that failed are fetched.

    Its dead letter goes when a page is retried, and comes again if it is rejected again. With --group, the entries are
    delivered once more to that group alone. A JSON line says what came of them; the exit code is 1 if some are no
    longer kept.

    \b
    Examples:
      copydesk rejected retry 3f0c1a2b4d5e6f708192a3b4
      copydesk rejected retry --reason extract_failed --since 2026-09-01
      copydesk rejected retry --group archive --all
    """
    with _letters({"id_": name, **given}) as (letters, wanted):
        _check_chosen(wanted, every)
        outcomes: Counter[str] = Counter()
        # Read to the end first: what is rejected again in the meantime is not retried in the same breath.
        chosen = list(_ids(letters.newest_first(wanted)))
        for start in range(0, len(chosen), AT_ONCE):
            outcomes.update(letters.retry(chosen[start : start + AT_ONCE], fetch=fetch).values())
        if name is not None and not chosen:
            raise CopydeskError(f"no dead letter has the id {wanted.id}")
        click.echo(json.dumps({"retried": outcomes.pop("retried", 0), **dict(sorted(outcomes.items()))}))
        if outcomes["not_kept"]:
            click.echo(
                f"copydesk: {outcomes['not_kept']} are no longer kept (COPYDESK_BODY_TTL): --fetch fetches them",
                err=True,
            )
        return int(bool(outcomes["not_kept"] or outcomes["full"]))


@command.command("drop")
@click.argument("name", metavar="[ID|URL]", required=False)
@_filters
@click.option("--all", "every", is_flag=True, help="All of them.")
def drop(name: str | None, every: bool, **given: Any) -> None:
    """Delete dead letters.

    \b
    Examples:
      copydesk rejected drop --reason http_4xx
      copydesk rejected drop --group archive 3f0c1a2b4d5e6f708192a3b4
    """
    with _letters({"id_": name, **given}) as (letters, wanted):
        _check_chosen(wanted, every)
        dropped, chosen = 0, letters.newest_first(wanted)
        while some := list(itertools.islice(chosen, AT_ONCE)):
            dropped += letters.drop(some)
        click.echo(json.dumps({"dropped": dropped}))


def _ids(letters: Iterator[Letter]) -> Iterator[Letter]:
    """Without what takes memory."""
    from copydesk.runtime.dead_letters import Letter

    for letter in letters:
        yield Letter(letter.entry, {**letter.record, "text": "", "removed": []}, letter.dead, letter.kept)


def _check_chosen(wanted: Filter, every: bool) -> None:
    if wanted.is_any and not every:
        raise UsageError("say which: an ID, --reason, --host, --stage, --since, or --all")


@contextmanager
def _letters(given: dict[str, Any]) -> Iterator[tuple[DeadLetters, Filter]]:
    from copydesk.runtime.dead_letters import DeadLetters, Filter
    from copydesk.runtime.redis import open_store

    name, since = given.get("id_"), given.get("since")
    wanted = Filter(
        id=_id(name) if name else None,
        reason=given.get("reason"),
        host=given["host"].lower().strip(".") if given.get("host") else None,
        stage=given.get("stage"),
        since=time_of("--since", since),
    )
    group = group_name(given["group"]) if given.get("group") else None
    settings = load_settings()
    note_missing_data(settings)
    store = open_store(settings)
    try:
        yield DeadLetters(store.client, settings, group), wanted
    finally:
        store.close()


def _id(name: str) -> str:
    if "://" not in name:
        return name.lower()
    url = canonical_url(name)
    if url is None:
        raise UsageError(f"{name[:200]!r} is no http:// or https:// URL")
    return document_id(url)


def _table(letters: Iterator[Letter]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("when", "reason", "page", "kept")
    for letter in letters:
        row = letter.row()
        if letter.dead:
            when, reason = letter.dead.get("dead_id", ""), f"after {letter.dead.get('dead_attempts')} tries"
            said = letter.dead.get("dead_error", "")
        else:
            when, reason = str(row.get("rejected_at"))[:19], f"{row.get('stage')}\n{row.get('reason')}"
            said = str(row.get("detail") or "")
        page = f"{escape(printable(str(row.get('url'))))}\n[dim]{row['id']}[/dim]\n{escape(printable(said[:300]))}"
        table.add_row(
            when,
            reason,
            page,
            str(row.get("body_kept_until") or "")[:16] or ("-" if letter.kept is None else "in work"),
        )
    Console().print(table)
