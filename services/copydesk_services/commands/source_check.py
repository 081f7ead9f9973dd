"""``copydesk sources check``."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import TYPE_CHECKING

import click

from copydesk.errors import StoreUnavailable, UsageError
from copydesk.models import Source
from copydesk.runtime.settings import Settings, load_settings
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk.runtime.sources import Sources
    from copydesk_services.fetcher.source_check import Registered, Step

_ID = re.compile(r"[0-9a-f]{12}")


@click.command("check")
@click.argument("source", metavar="URL|ID")
@click.option("--article", "with_article", is_flag=True, help="Fetch one of its pages and extract its article, too.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines, one a step.")
def check(source: str, with_article: bool, as_json: bool) -> int:
    """Try one source now and explain each step: address, robots.txt, the request, what it says when it is asked again, items.

    Nothing is stored. No Redis is needed for a URL; where there is one, it is asked what it knows of it. The requests
    keep COPYDESK_FETCH_HOST_DELAY. The exit code is 0 if all is well, 1 if there is a problem.

    \b
    Examples:
      copydesk sources check https://example.org/feed.xml
      copydesk sources check --article --json 5e0c7d42b1aa | jq -r '[.step, .level, .said] | @tsv'
    """
    settings = load_settings()
    found, registered = _find(settings, source)

    async def run() -> bool:
        from copydesk.runtime.http import HttpClient
        from copydesk_services.fetcher.polite import PoliteClient
        from copydesk_services.fetcher.source_check import Level, SourceCheck

        failed = False
        async with HttpClient(settings) as http:
            checking = SourceCheck(PoliteClient(http, settings), settings, found, registered, with_article=with_article)
            async for step in checking.steps():
                _show(step, as_json=as_json)
                failed |= step.level is Level.FAIL
        return failed

    return int(asyncio.run(run()))


def _find(settings: Settings, name: str) -> tuple[Source, Registered]:
    """The source that is meant, as the registry has it, or as it would be."""
    from copydesk.runtime.redis import open_store
    from copydesk.runtime.sources import Sources, new_source
    from copydesk_services.fetcher.source_check import Registered

    is_id = _ID.fullmatch(name) is not None
    given = None if is_id else new_source(name)
    unasked = Registered(is_known=None)
    # An embedded server is not begun for a question.
    if settings.redis_url is None and not (settings.data_dir / "redis").is_dir():
        if given is None:
            raise UsageError(f"{name}: there is no registry in {settings.data_dir.absolute()} that could have this id")
        return given, unasked
    try:
        store = open_store(settings)
    except StoreUnavailable as error:
        if given is None:
            raise
        click.echo(f"copydesk: {error}", err=True)
        return given, unasked
    try:
        return _known(Sources(store.client), name, given)
    finally:
        store.close()


def _known(registry: Sources, name: str, given: Source | None) -> tuple[Source, Registered]:
    from copydesk_services.fetcher.source_check import Registered

    wanted = registry.find(name)
    if wanted is None:
        if given is None:
            raise UsageError(f"{name}: no source has this id; copydesk sources list shows them")
        return given, Registered(is_known=False)
    found = registry.get([wanted])[wanted]
    state, next_poll = registry.states([wanted])[wanted], registry.next_polls([found])[wanted]
    return found, Registered(is_known=True, state=state, next_poll=next_poll)


def _show(step: Step, *, as_json: bool) -> None:
    if as_json:
        row = {"step": step.name, "level": step.level, "said": step.said, "advice": step.advice or None, **step.data}
        click.echo(json.dumps(row, ensure_ascii=False))
        sys.stdout.flush()
        return
    colour = {"ok": "green", "info": "cyan", "warn": "yellow", "fail": "red"}[step.level]
    click.echo(f"{click.style(f'{step.level:<4}', fg=colour)}  {step.name}: {printable(step.said)}")
    if step.advice:
        click.echo(f"      {step.advice}")
