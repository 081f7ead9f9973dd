"""A page's blocks in their order, for people: what stays plain, what goes marked, with its reason and rule."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from copydesk_services.commands import jsonl
from copydesk_services.printable import printable

diff_option = click.option(
    "--diff", "as_diff", is_flag=True, help="Show the text with what is removed from it, for people, and no JSON."
)
"""The option ``--diff``, passed on as ``as_diff``."""


def show(about: Sequence[str], kept: Sequence[str], removed: Sequence[Mapping[str, Any]]) -> None:
    """Write the blocks to standard output, in colour on a terminal.

    Args:
        about: Lines above the blocks: what the page is.
        kept: The texts of the blocks that stay.
        removed: The others, as in a document: ``text``, ``reason``, ``rule`` and ``index`` among all blocks.
    """
    with jsonl.quiet_broken_pipe():
        for line in _lines(about, kept, removed, coloured=_has_colours()):
            sys.stdout.buffer.write(f"{line}\n".encode("utf-8", "replace"))
        sys.stdout.buffer.flush()


def refuse_jsonl(*, as_diff: bool, as_jsonl: bool) -> None:
    """End with a usage error where both are asked for.

    Raises:
        click.UsageError: They are.
    """
    if as_diff and as_jsonl:
        raise click.UsageError("--diff shows one text to people; with --jsonl, look at the field removed")


def in_order(kept: Sequence[str], removed: Sequence[Mapping[str, Any]]) -> list[str | Mapping[str, Any]]:
    """All blocks in their places: of those that stay the text, of the others all that is known."""
    gone = {block["index"]: block for block in removed}
    texts = iter(kept)
    return [gone[index] if index in gone else next(texts) for index in range(len(kept) + len(removed))]


def _lines(
    about: Sequence[str], kept: Sequence[str], removed: Sequence[Mapping[str, Any]], *, coloured: bool
) -> Iterator[str]:
    def style(text: str, **how: Any) -> str:
        return click.style(text, **how) if coloured else text

    for line in about:
        yield style(printable(line), bold=True)
    for block in in_order(kept, removed):
        if isinstance(block, str):
            yield from (f"  {printable(line)}" for line in block.split("\n"))
            continue
        tag = style(f"[{block['reason']}, {printable(block['rule'])}]", dim=True)
        first, *others = (style(printable(line), fg="red") for line in block["text"].split("\n"))
        yield f"{style('-', fg='red')} {tag} {first}"
        yield from (f"{style('-', fg='red')} {line}" for line in others)
    stay = "1 block stays" if len(kept) == 1 else f"{len(kept)} blocks stay"
    yield style(f"{stay}, {len(removed)} removed", dim=True)


def _has_colours() -> bool:
    # https://no-color.org: set, and not empty.
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
