"""What was learned of a site, for people and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.core.learned import key_text
from copydesk.core.sites import State, date_of
from copydesk_services.commands.jsonl import Record
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk.core.sites import Site, Watched

_ORDER = (State.PINNED, State.LEARNED, State.VETOED, State.WATCHING)
_COLOURS = {State.PINNED: "bold green", State.LEARNED: "green", State.VETOED: "red", State.WATCHING: "dim"}


def rows(site: Site) -> list[Record]:
    """One record a block that was seen more than once; what is removed first, then by evidence."""
    return [_row(site, block) for block in _blocks(site)]


def show(host: str, site: Site) -> None:
    """Print them as a table."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    removed = len(site.learned().blocks)
    stories = "1 story" if site.stories == 1 else f"{site.stories} stories"
    title = f"{host}: {stories} seen, {removed} removed, version {site.version}"
    table = Table(
        "key",
        "state",
        "stories",
        "share",
        "days",
        "place",
        "since",
        title=escape(printable(title)),
        title_justify="left",
    )
    table.add_column("text", overflow="fold", ratio=1)
    for block in _blocks(site):
        row = _row(site, block)
        colour = _COLOURS[block.state]
        table.add_row(
            row["key"][:8],
            f"[{colour}]{block.state}[/{colour}]",
            str(block.stories),
            f"{row['share']:.0%}",
            str(block.day_count),
            f"{row['place']} {row['steadiness']:.0%}",
            str(block.since or "-"),
            escape(printable(block.text)),
        )
    Console().print(table)


def _blocks(site: Site) -> list[Watched]:
    seen = [block for block in site.blocks.values() if block.text]
    return sorted(seen, key=lambda block: (_ORDER.index(block.state), -site.share(block), block.key))


def _row(site: Site, block: Watched) -> Record:
    return {
        "key": key_text(block.key),
        "state": block.state.value,
        "text": block.text,
        "stories": block.stories,
        "share": round(site.share(block), 4),
        "days": block.day_count,
        "first_day": date_of(block.first_day).isoformat() if block.day_count else None,
        "last_day": date_of(block.last_day).isoformat() if block.day_count else None,
        "place": block.place.name.lower(),
        "steadiness": round(block.steadiness, 4),
        "since": block.since or None,
        "host_stories": site.stories,
        "version": site.version,
    }
