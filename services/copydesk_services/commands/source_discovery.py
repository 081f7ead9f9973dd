"""What ``copydesk sources add`` does with the address of a web page: finds its feeds, shows them, chooses."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import click

from copydesk.core.urls import shown_url
from copydesk.models import Source, utc_text
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk_services.fetcher.discovery import Found, Look

LOOKS_AT_ONCE = 8

_OPTIONS = (
    click.option("--all", "takes_all", is_flag=True, help="Of a web page, add every feed that differs, not the best."),
    click.option("--dry-run", is_flag=True, help="Show what would be added, and add nothing."),
    click.option("--check/--no-check", default=True, show_default=True, help="Look at each URL before it is added."),
    click.option("--json", "as_json", is_flag=True, help="What was found as JSON lines."),
)


def discovery_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of looking before adding; ``looked_up`` takes them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def looked_up(
    wanted: Sequence[Source], known: Collection[str], *, takes_all: bool, dry_run: bool, check: bool, as_json: bool
) -> tuple[list[Source], int]:
    """The sources to add for those that a user named, and the exit code: 1 where a web page leads to none.

    What cannot be reached now is added as it stands, with a warning: the poller asks again. Those that are known are not
    looked at. A source that was found has the options that its user gave for the page.
    """
    looks = _look([source for source in wanted if source.id not in known]) if check else {}
    chosen: list[Source] = []
    code = 0
    for source in wanted:
        look = looks.get(source.id)
        if look is None or not look.is_page:
            if look is not None:
                _tell(look, as_json=as_json)
            chosen.append(source)
            continue
        picked = [found for found in look.found if (found.is_main if takes_all else found == look.chosen)]
        _show(look, [found.url for found in picked], as_json=as_json)
        chosen += [_as_source(source, found) for found in picked]
        if not picked:
            code = 1
            click.echo(
                f"copydesk: {shown_url(source.url)} is a web page, and no feed of its articles was found; "
                "name the feed itself, or add the page as it is with --no-check",
                err=True,
            )
    if dry_run:
        for source in chosen:
            click.echo(f"would add {shown_url(source.url)}", err=True)
        return [], code
    return list({source.id: source for source in chosen}.values()), code


def _look(sources: list[Source]) -> dict[str, Look]:
    from copydesk.runtime.http import HttpClient
    from copydesk.runtime.settings import load_settings
    from copydesk_services.fetcher.discovery import Discovery
    from copydesk_services.fetcher.polite import PoliteClient

    settings = load_settings()

    async def look() -> dict[str, Look]:
        room = asyncio.Semaphore(LOOKS_AT_ONCE)
        async with HttpClient(settings) as http:
            discovery = Discovery(
                PoliteClient(http, settings), settings, lambda text: click.echo(printable(text), err=True)
            )

            async def one(source: Source) -> Look:
                async with room:
                    return await discovery.look(source)

            return dict(
                zip([s.id for s in sources], await asyncio.gather(*(one(source) for source in sources)), strict=True)
            )

    return asyncio.run(look()) if sources else {}


def _as_source(source: Source, found: Found) -> Source:
    from copydesk.runtime.sources import new_source

    new = new_source(found.url)
    return source.model_copy(update={"id": new.id, "url": new.url, "title": found.title and printable(found.title)})


def _tell(look: Look, *, as_json: bool) -> None:
    url = shown_url(look.url)
    if look.problem is not None:
        click.echo(
            f"copydesk: {url} {printable(look.problem)}; it is added all the same, and polled again and again", err=True
        )
    for found in look.found:
        if as_json:
            click.echo(json.dumps(_row(found, chosen=True), ensure_ascii=False))
        click.echo(f"{url}: {found.offer.kind}, {_words(found)}", err=True)


def _show(look: Look, picked: list[str], *, as_json: bool) -> None:
    """What was found: JSON lines, a table on a terminal, or else plain lines for people."""
    if as_json:
        for found in look.found:
            click.echo(json.dumps(_row(found, chosen=found.url in picked), ensure_ascii=False))
    elif sys.stderr.isatty() and look.found:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table("", "kind", "items", "a day", "newest")
        table.add_column("address, and what it is", overflow="fold", ratio=1)
        for found in look.found:
            about = escape(f"{printable(shown_url(found.url))}\n{_about(found)}")
            rate, newest = _rate(found), utc_text(found.lively.newest)[:16]
            mark = "*" if found.url in picked else ""
            table.add_row(mark, found.offer.kind, str(found.lively.items), rate, newest, about)
        Console(stderr=True).print(table)
    else:
        for found in look.found:
            mark = "*" if found.url in picked else " "
            about = _about(found)
            click.echo(
                f"{mark} {printable(shown_url(found.url))} {found.offer.kind}, {_words(found)}; {about}", err=True
            )


def _about(found: Found) -> str:
    said = [printable(found.title)] if found.title else []
    said += [f"named by: {found.place}"]
    said += ["comments"] if found.is_comments else []
    said += ["news"] if found.is_news else []
    said += [f"the same as {printable(shown_url(found.same_as))}"] if found.same_as else []
    return "; ".join(said)


def _words(found: Found) -> str:
    lively = found.lively
    dates = f", newest {utc_text(lively.newest)[:16]}, {_rate(found)} a day" if lively.newest else ", no dates"
    return f"{lively.items} items{dates if lively.items else ''}"


def _rate(found: Found) -> str:
    return "-" if found.lively.per_day is None else f"{found.lively.per_day:.1f}"


def _row(found: Found, *, chosen: bool) -> dict[str, object]:
    return {
        "url": shown_url(found.url),
        "chosen": chosen,
        "kind": found.offer.kind,
        "title": found.title,
        "place": found.place,
        "items": found.lively.items,
        "dated": round(found.lively.dated, 3),
        "newest": utc_text(found.lively.newest) or None,
        "per_day": None if found.lively.per_day is None else round(found.lively.per_day, 2),
        "comments": found.is_comments,
        "news": found.is_news,
        "same_as": found.same_as,
    }
