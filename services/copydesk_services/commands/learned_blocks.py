"""``copydesk rules learned``, ``veto``, ``pin`` and ``forget``: what was learned of a site."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from copydesk.core.urls import host_of
from copydesk.errors import InputError
from copydesk.runtime.settings import load_settings
from copydesk_services.commands import jsonl
from copydesk_services.commands.data_directory import note_missing_data

if TYPE_CHECKING:
    from copydesk.core.sites import Site, State, Watched
    from copydesk.runtime.redis_sites import RedisSites


_KEY: Final = re.compile("[0-9a-f]{1,16}")


@click.command("learned", short_help="Show the blocks that a site repeats.")
@click.argument("host")
@click.option("--json", "as_json", is_flag=True, help="JSON lines, also on a terminal.")
def learned(host: str, as_json: bool) -> None:
    """Show the blocks that HOST repeats, with the evidence: a table on a terminal, JSON lines elsewhere.

    A block is removed where its state is "learned" (enough of the host's stories carry it) or "pinned" (by you); one that is
    "watching" was seen more than once, and one that is "vetoed" stays in the text whatever the evidence says. HOST may be
    the URL of one of its pages. It works beside a running system and after it.

    \b
    Examples:
      copydesk rules learned www.example.org
      copydesk rules learned www.example.org --json | jq -r 'select(.state == "learned") | .text'
    """
    from copydesk_services.commands import learned_rows

    host = _host(host)
    with _sites() as sites:
        site = _known(sites, host)
    with jsonl.quiet_broken_pipe():
        if as_json or not sys.stdout.isatty():
            for row in learned_rows.rows(site):
                jsonl.write(row)
        else:
            learned_rows.show(host, site)


@click.command("veto", short_help="Leave a block in the text.")
@click.argument("host")
@click.argument("key")
def veto(host: str, key: str) -> None:
    """Leave a block in the text of HOST's pages from now on. KEY is as `rules learned` shows it, or its beginning.

    \b
    Example:
      copydesk rules veto www.example.org 3f0c1a
    """
    from copydesk.core.sites import State

    _decide(host, key, State.VETOED)


@click.command("pin", short_help="Remove a block wherever it stands.")
@click.argument("host")
@click.argument("key")
def pin(host: str, key: str) -> None:
    """Remove a block from HOST's pages from now on, wherever it stands and however seldom. KEY as for veto.

    \b
    Example:
      copydesk rules pin www.example.org 3f0c1a
    """
    from copydesk.core.sites import State

    _decide(host, key, State.PINNED)


@click.command("forget", short_help="Forget a block, or all that was learned of a site.")
@click.argument("host")
@click.argument("key", required=False)
def forget(host: str, key: str | None) -> None:
    """Forget a block of HOST with its evidence and your word on it; without KEY, all that was learned of HOST.

    \b
    Examples:
      copydesk rules forget www.example.org 3f0c1a
      copydesk rules forget www.example.org
    """
    host = _host(host)
    with _sites() as sites:
        _known(sites, host)
        if key is None:
            sites.update({host: lambda site: site.forget()})
            click.echo(f"forgot what was learned of {host}", err=True)
        else:
            block = _change(sites, host, key, lambda site, block: site.forget(block.key))
            _tell("forgot", block)


@contextmanager
def _sites() -> Iterator[RedisSites]:
    from copydesk.runtime.redis import open_store
    from copydesk.runtime.redis_sites import RedisSites

    settings = load_settings()
    note_missing_data(settings)
    store = open_store(settings)
    try:
        yield RedisSites.of(store.client, settings)
    finally:
        store.close()


def _host(name: str) -> str:
    """The host that an argument names.

    Raises:
        InputError: it names none.
    """
    host = host_of(name if "://" in name else f"https://{name}/")
    if not host:
        raise InputError(f"{name[:200]!r} is no host, as in www.example.org, and no http:// or https:// URL")
    return host


def _known(sites: RedisSites, host: str) -> Site:
    site = sites.site(host)
    if site is None:
        raise InputError(
            f"nothing is known of {host}; the host of a document stands in its field host, as `copydesk tail documents` shows"
        )
    return site


def _decide(host: str, key: str, state: State) -> None:
    host = _host(host)
    with _sites() as sites:
        _known(sites, host)
        _tell(state.value, _change(sites, host, key, lambda site, block: site.decide(block.key, state)))


def _change(sites: RedisSites, host: str, key: str, change: Callable[[Site, Watched], None]) -> Watched:
    """Change the one block whose key begins so."""
    prefix = key.lower()
    if not _KEY.fullmatch(prefix):
        raise InputError(f"{key[:40]!r} is no key of a block: 16 hexadecimal digits, or the first of them")

    def work(site: Site) -> Any:
        found = site.named(prefix)
        if len(found) == 1:
            change(site, found[0])
        return found

    found: list[Watched] = sites.update({host: work})[host]
    if not found:
        raise InputError(
            f"no block of {host} has a key that begins with {key[:40]!r}; `copydesk rules learned {host}` lists them"
        )
    if len(found) > 1:
        raise InputError(f"{len(found)} blocks of {host} have a key that begins with {key[:40]!r}; give more of it")
    return found[0]


def _tell(done: str, block: Watched) -> None:
    from copydesk.core.learned import key_text
    from copydesk_services.printable import printable

    click.echo(f"{done} {key_text(block.key)}: {printable(block.text)}", err=True)
