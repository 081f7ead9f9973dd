"""``copydesk audit``."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from copydesk.runtime.settings import load_settings
from copydesk_services.commands.data_directory import note_missing_data
from copydesk_services.commands.progress import progress

if TYPE_CHECKING:
    from copydesk.core.accounting import Check, Snapshot
    from copydesk.runtime.accounting import Books

LOOK_SECONDS = 0.5


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, also on a terminal.")
@click.option("--deep", is_flag=True, help="Look at every page, job and entry: what is nowhere, twice, or left over.")
@click.option(
    "--wait", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Wait so long until nothing is in flight."
)
def command(as_json: bool, deep: bool, wait: float) -> int:
    """Reconcile what went in with what came out: not one page missing, not one twice; beside a running system and after it.

    fetched = originals + copies + revisions + unchanged + rejected + in flight, at each stage: what is in flight is
    counted where it is, at one moment, and not taken from counters. The exit code is 1 where something differs, and
    what differs is named with what to do.

    \b
    Examples:
      copydesk audit
      copydesk audit --deep --json | jq .faults
      copydesk run --once --feeds my.opml && copydesk audit --wait 60
    """
    from copydesk.runtime.accounting import Books, DeepAudit
    from copydesk.runtime.redis import open_store

    settings = load_settings()
    note_missing_data(settings)
    store = open_store(settings)
    try:
        with progress("counting") as tell:
            snapshot = _settled(Books(store.client), wait)
            audit = DeepAudit(store.client, settings, tell)
            faults = dict(sorted(audit.faults().items())) if deep else {}
        return _tell(snapshot, faults, {fault: audit.named[fault] for fault in faults}, as_json=as_json)
    finally:
        store.close()


def _settled(books: Books, wait: float) -> Snapshot:
    deadline = time.monotonic() + wait
    while True:
        snapshot = books.snapshot()
        left = deadline - time.monotonic()
        if left <= 0 or not any(snapshot.in_flight.values()):
            return snapshot
        time.sleep(min(LOOK_SECONDS, left))


def _tell(snapshot: Snapshot, faults: dict[str, int], named: dict[str, list[str]], *, as_json: bool) -> int:
    from copydesk.core.accounting import ADVICE, FAULTS, checks

    done = checks(snapshot)
    differ = [check for check in done if check.difference]
    for check in differ:
        word = "too many" if check.difference > 0 else "missing"
        click.echo(f"copydesk: {check.name}: {abs(check.difference)} {word}: {ADVICE[check.name]}", err=True)
    for fault, number in faults.items():
        click.echo(f"copydesk: {number} {fault}: {FAULTS[fault]}; {', '.join(named[fault])}", err=True)
    is_right = not differ and not faults
    if sys.stdout.isatty() and not as_json:
        _table(snapshot, done, is_right=is_right)
    else:
        row: dict[str, Any] = {
            "agrees": is_right,
            "taken": snapshot.count("fetch:taken"),
            "outcomes": snapshot.outcomes,
            "in_flight": snapshot.in_flight,
            "checks": {
                x.name: {"expected": x.expected, "found": x.found, "slack": x.slack, "difference": x.difference}
                for x in done
            },
            "faults": faults,
            "named": named,
        }
        click.echo(json.dumps(row))
    return int(not is_right)


def _table(snapshot: Snapshot, done: list[Check], *, is_right: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    outcomes = " + ".join(f"{number} {name}" for name, number in snapshot.outcomes.items())
    console.print(f"{snapshot.count('fetch:taken')} taken = {outcomes} + {sum(snapshot.in_flight.values())} in flight")
    table = Table("", "by the counters", "counted", "difference")
    for check in done:
        slack = f" (±{check.slack})" if check.slack else ""
        colour = "red" if check.difference else "green"
        table.add_row(check.name, str(check.expected), f"{check.found}{slack}", f"[{colour}]{check.difference}[/]")
    console.print(table)
    console.print("[green]all agrees[/]" if is_right else "[red]not all agrees[/]")
