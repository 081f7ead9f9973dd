"""Sources as the command line names them: URLs, options, and files of OPML."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from copydesk.core.durations import parse_duration
from copydesk.core.opml import read_opml
from copydesk.errors import InputError, UsageError
from copydesk.models import MAX_INTERVAL, MAX_LABEL_CHARS, MAX_LABELS, MAX_SETTLE, SECRET_NAME, Source
from copydesk.runtime.sources import new_source

MAX_AGE_DAYS: Final = 36_500.0
# In place of a value: the source has none of its own.
NONE: Final = "none"

_OPTIONS: Final = (
    click.option(
        "--label", "labels", multiple=True, metavar="NAME=VALUE", help="Its documents carry it; may be repeated."
    ),
    click.option("--interval", metavar="TIME", help="Time between two polls, such as 10m; without it, it adapts."),
    click.option("--secret", metavar="NAME", help="Secret with its credentials, in COPYDESK_SECRETS_DIR."),
    click.option("--max-age", metavar="TIME", help="Items older than this at first sight are not taken, such as 7d."),
    click.option(
        "--full-text/--no-full-text", default=None, help="An item whose whole text stands in the feed is not fetched."
    ),
    click.option("--conditional/--no-conditional", default=None, help="Whether it is asked if it has changed."),
    click.option(
        "--settle",
        metavar="SECONDS",
        help="Hold their pages back until so long after the fetch, so that the agency that they copy comes first.",
    ),
)


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a source, for a verb; ``chosen_options`` reads them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_options(
    *,
    labels: tuple[str, ...],
    interval: str | None,
    secret: str | None,
    max_age: str | None,
    full_text: bool | None,
    conditional: bool | None,
    settle: str | None,
) -> dict[str, Any]:
    """Fields of Source that were chosen on the command line.

    Raises:
        UsageError: a value is not allowed.
    """
    texts = {"interval": interval, "secret": secret, "max_age": max_age, "settle": settle}
    chosen: dict[str, Any] = {
        name: None if text.lower() == NONE else _READERS[name](text) for name, text in texts.items() if text is not None
    }
    flags = {"full_text": full_text, "conditional": conditional}
    chosen |= {name: flag for name, flag in flags.items() if flag is not None}
    if labels:
        chosen["labels"] = dict(map(label, labels))
        if len(chosen["labels"]) > MAX_LABELS:
            raise UsageError(f"{len(chosen['labels'])} labels; a source has {MAX_LABELS} at most")
    return chosen


def label(text: str) -> tuple[str, str]:
    """Name and value of a label.

    Raises:
        UsageError: it is none.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name or not value:
        raise UsageError(f"{text[:60]!r} is no label: NAME=VALUE, as in country=de")
    for part in (name, value):
        if len(part) > MAX_LABEL_CHARS or not part.isprintable():
            raise UsageError(
                f"{text[:60]!r} is no label: name and value have at most {MAX_LABEL_CHARS} printable characters each"
            )
    return name, value


def settle_seconds(text: str) -> float:
    """A settling time in seconds.

    Raises:
        UsageError: it is none.
    """
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MAX_SETTLE:
        raise UsageError(f"{text[:40]!r} is no settling time: a number of seconds from 0 to {MAX_SETTLE:.0f}")
    return seconds


def _interval(text: str) -> float:
    seconds = _duration(text)
    if not 1 <= seconds <= MAX_INTERVAL:
        raise UsageError(f"{text[:40]!r} is no interval of a source: from 1s to 7d")
    return seconds


def _age_days(text: str) -> float:
    days = _duration(text) / 86_400
    if days > MAX_AGE_DAYS:
        raise UsageError(f"{text[:40]!r} is no age: at most {MAX_AGE_DAYS:.0f}d")
    return days


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _secret(text: str) -> str:
    if not re.fullmatch(SECRET_NAME, text):
        raise UsageError(
            f"{text[:40]!r} is no name of a secret: that of a file in COPYDESK_SECRETS_DIR, up to 64 letters, digits, "
            "'.', '_' and '-', and no '.' first"
        )
    return text


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "interval": _interval,
    "secret": _secret,
    "max_age": _age_days,
    "settle": settle_seconds,
}


def sources_of_urls(urls: tuple[str, ...], **options: Any) -> list[Source]:
    """Sources for URLs, each once; ``options`` are fields of Source.

    Raises:
        UsageError: one is no http(s) URL.
    """
    return list({source.id: source for source in (new_source(url, **options) for url in urls)}.values())


def sources_of_opml(path: Path) -> tuple[list[Source], list[str]]:
    """Sources that an OPML file names, and what is wrong with those of its entries that cannot be polled as they stand.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    try:
        feeds = read_opml(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    sources, problems = [], []
    for feed in feeds:
        try:
            sources.append(new_source(feed.url, feed.title).model_copy(update=feed.options()))
        except (InputError, UsageError) as error:
            problems.append(f"{path}: {error}")
    return sources, problems
