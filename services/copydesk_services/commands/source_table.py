"""Sources as a table for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from copydesk.core.durations import duration_text
from copydesk.core.urls import shown_url
from copydesk.models import SourceKind, SourceStatus
from copydesk.runtime.sources import Listed
from copydesk_services.printable import printable

_COLOURS: Final = {
    SourceStatus.OK: "green",
    SourceStatus.WAITING: "cyan",
    SourceStatus.PAUSED: "yellow",
    SourceStatus.FAILING: "red",
    SourceStatus.DEAD: "red",
    SourceStatus.GONE: "red",
}


def show_table(listed: Iterable[Listed], *, most: int) -> int:
    """Print up to ``most`` sources to standard output; how many there are beyond that."""
    now = datetime.now(UTC)
    table = Table("status", "items", "new a poll", "every", "success", "next")
    table.add_column("source", overflow="fold", ratio=1)
    left = 0
    for row in listed:
        if table.row_count == most:
            left += 1
            continue
        state, status = row.state, row.status
        table.add_row(
            f"[{_COLOURS[status]}]{status}[/]",
            str(state.items),
            f"{state.new_average:.1f}" if state.succeeded_at else "-",
            duration_text(row.source.interval or state.interval or 0) if state.polled_at else "-",
            _ago(state.succeeded_at, now),
            _until(row.next_poll, now),
            _described(row),
        )
    Console().print(table)
    return left


def _described(row: Listed) -> str:
    """Its address, what its user chose, and what is wrong with it."""
    source, state = row.source, row.state
    lines = [("└ " if source.parent else "") + escape(printable(shown_url(source.url)))]
    chosen = [source.id, *([state.kind.value] if state.kind else [])]
    chosen += [f"{name}={value}" for name, value in source.labels.items()]
    chosen += [f"interval {duration_text(source.interval)}"] if source.interval and not source.parent else []
    chosen += [f"secret {source.secret}"] if source.secret else []
    chosen += [f"at most {source.max_age:g} days old"] if source.max_age is not None else []
    chosen += ["full text"] if source.full_text else []
    chosen += [] if source.conditional else ["unconditional"]
    chosen += [f"held back {source.settle:g} s"] if source.settle is not None else []
    chosen += [f"{row.sitemaps} sitemaps watched"] if state.kind is SourceKind.SITEMAP_INDEX else []
    lines.append(f"[dim]{escape(printable(', '.join(chosen)))}[/dim]")
    if state.error:
        failures = f" ({state.failures} times)" if state.failures > 1 else ""
        lines.append(f"[red]{escape(printable(state.error))}{failures}[/red]")
    if state.note:
        lines.append(f"[yellow]{escape(printable(state.note))}[/yellow]")
    return "\n".join(lines)


def _ago(time: datetime | None, now: datetime) -> str:
    return "-" if time is None else f"{duration_text(max(0.0, (now - time).total_seconds()))} ago"


def _until(time: datetime | None, now: datetime) -> str:
    if time is None:
        return "-"
    seconds = (time - now).total_seconds()
    return f"in {duration_text(seconds)}" if seconds >= 1 else "now"
