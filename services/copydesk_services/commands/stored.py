"""Options of the verbs that take stored pages in, and the way from them to the outcomes."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from copydesk.core.urls import absolute_url, source_id
from copydesk.errors import UsageError
from copydesk.models import MAX_LABEL_CHARS, MAX_LABELS, Labels
from copydesk.runtime.settings import ENV_PREFIX, Settings
from copydesk_services.commands.moments import time_of
from copydesk_services.commands.progress import progress
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk.runtime.redis import Store
    from copydesk_services.stored_intake import StoredIntake
    from copydesk_services.stored_pages import Choice, StoredPages

# Told anew after so many pages.
PROGRESS_PAGES = 32

_OPTIONS = (
    click.option("--host", "hosts", multiple=True, metavar="HOST", help="Only pages of this host, and of those below it."),
    click.option("--since", metavar="TIME", help="Only pages that were fetched since: 2026-09-01, or 2d for two days ago."),
    click.option("--until", metavar="TIME", help="Only pages that were fetched until then."),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="Stop after N pages that were new."),
    click.option("--source", metavar="NAME|ID", help="The source that documents name: an id, a feed's URL, or any name."),
    click.option("--label", "labels", multiple=True, metavar="KEY=VALUE", help="A label that documents carry."),
    click.option("--dry-run", is_flag=True, help="Read and count; needs no Redis."),
    click.option("--run/--no-run", default=None, help="Start extractor and deduper, or only queue."),
    click.option("--wait", is_flag=True, help="Wait for the outcomes, where others do the work."),
)  # fmt: skip


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that both verbs have."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class How:
    """What the options say beside the choice of records."""

    limit: int | None
    dry_run: bool
    run: bool | None
    wait: bool


def chosen(
    *,
    hosts: Sequence[str],
    since: str | None,
    until: str | None,
    source: str | None,
    labels: Sequence[str],
    limit: int | None,
    dry_run: bool,
    run: bool | None,
    wait: bool,
) -> tuple[Choice, How]:
    """What the options choose.

    Raises:
        UsageError: one of them is not what it should be.
    """
    from copydesk_services.stored_pages import Choice

    choice = Choice(
        hosts=frozenset(host.lower().strip(".") for host in hosts),
        since=time_of("--since", since),
        until=time_of("--until", until),
        source=source and _source(source),
        labels=_labels(labels),
    )
    return choice, How(limit, dry_run, run, wait)


def take_in(pages: StoredPages, names: Sequence[str], settings: Settings, how: How, *, again: bool) -> int:
    """Take the pages of files in and, as far as is asked for, follow them; prints the summary. The exit code.

    ``again``: those that were taken before as well, and of each only the latest record.
    """
    if how.dry_run:
        if again:
            pages.only_latest(names)
        for number, _ in enumerate(pages.read(names), 1):
            if number == how.limit:
                break
        return _conclude(pages, {"dry_run": True}, complete=True)

    from copydesk.runtime.logs import set_up_logs
    from copydesk.runtime.pressure import Pressure
    from copydesk.runtime.processes import StopSignal
    from copydesk.runtime.queue import Stages
    from copydesk.runtime.redis import open_store
    from copydesk_services.stored_intake import StoredIntake

    set_up_logs(settings, "backfill")
    run = settings.redis_url is None if how.run is None else how.run
    store = open_store(settings)
    try:
        with (
            StopSignal() as stop,
            asyncio.Runner() as runner,
            _frontier(store, runner, settings) as frontier,
            _services(settings, run=run) as look,
            progress("reading") as tell,
        ):

            def pause(seconds: float) -> bool:
                look()
                store.look_after()
                tell(_line(pages, intake))
                return stop.wait(seconds)

            stages = Stages(store.client, settings)
            intake = StoredIntake(
                frontier=frontier,
                stages=stages,
                pressure=Pressure(store.client, stages, settings),
                runner=runner,
                settings=settings,
                again=again,
                follow=run or how.wait,
                pause=pause,
            )
            if again:
                tell("looking for the latest record of each page")
                pages.only_latest(names)
            complete = _all_taken(pages, names, intake, how.limit, pause) and intake.finish()
        result: dict[str, Any] = {"taken": intake.taken, "known": intake.known}
        if run or how.wait:
            intake.look()  # what the services finished when they were stopped
            result |= {"outcomes": dict(sorted(intake.outcomes.items())), "in_work": intake.in_work}
        return _conclude(pages, result, complete=complete)
    finally:
        store.close()


def _all_taken(
    pages: StoredPages,
    names: Sequence[str],
    intake: StoredIntake,
    limit: int | None,
    pause: Callable[[float], bool],
) -> bool:
    """Whether all were taken before it was told to stop."""
    for ref, body in pages.read(names):
        intake.take(ref, body)
        if limit is not None and intake.taken + intake.waiting >= limit:
            intake.flush()
            if intake.taken >= limit:
                break
        if pages.tally.pages % PROGRESS_PAGES == 0 and pause(0):
            return False
    return not pause(0)


@contextmanager
def _frontier(store: Store, runner: asyncio.Runner, settings: Settings) -> Iterator[Any]:
    from copydesk.runtime.frontier import Frontier

    client = store.asynchronous()
    try:
        yield Frontier(client, settings)
    finally:
        runner.run(client.aclose())


@contextmanager
def _services(settings: Settings, *, run: bool) -> Iterator[Callable[[], None]]:
    """The extractor and the deduper, while entered; gives what looks after them."""
    if not run:
        yield lambda: None
        return
    from copydesk.runtime.rules import load_rules
    from copydesk_services.supervisor import System

    load_rules(settings)
    # Another system may run beside this; and its events would drown what is told here.
    environment = {f"{ENV_PREFIX}HTTP_PORT": "0"}
    if not os.environ.get(f"{ENV_PREFIX}LOG_LEVEL"):
        environment[f"{ENV_PREFIX}LOG_LEVEL"] = "warning"
    system = System(settings, services=("extractor", "deduper"), environment=environment)
    system.start()
    try:
        yield system.look
    finally:
        system.stop()


def _line(pages: StoredPages, intake: StoredIntake) -> str:
    tally = pages.tally
    told = f"{tally.records} records, {tally.pages} pages: {intake.taken} taken, {intake.known} known"
    ended = ", ".join(f"{number} {outcome}" for outcome, number in sorted(intake.outcomes.items()))
    return told + (f"; {intake.in_work} in work" if intake.in_work else "") + (f"; {ended}" if ended else "")


def _conclude(pages: StoredPages, result: dict[str, Any], *, complete: bool) -> int:
    click.echo(json.dumps({**pages.tally.row(), **result, "complete": complete}))
    if not complete:
        click.echo("copydesk: stopped before the end; run it again for the rest", err=True)
    return 0 if complete and pages.tally.is_clean else 1


def tell_problem(said: str) -> None:
    """A line for people; it may quote what stands in a file."""
    click.echo(f"copydesk: {printable(said)}", err=True)


def _source(name: str) -> str:
    return name if re.fullmatch(r"[0-9a-f]{12}", name) else source_id(absolute_url(name) or name)


def _labels(texts: Sequence[str]) -> Labels:
    labels = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not all(0 < len(part) <= MAX_LABEL_CHARS for part in (name, value)):
            raise UsageError(f"--label {text[:60]!r} is no KEY=VALUE, each of up to {MAX_LABEL_CHARS} characters")
        labels[name] = value
    if len(labels) > MAX_LABELS:
        raise UsageError(f"{len(labels)} labels are more than {MAX_LABELS}")
    return labels
