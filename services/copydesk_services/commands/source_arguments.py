"""Sources as the command line names them: URLs, and files of OPML."""

from __future__ import annotations

from pathlib import Path

from copydesk.core.opml import read_opml
from copydesk.errors import InputError, UsageError
from copydesk.models import MAX_SETTLE, Source
from copydesk.runtime.sources import new_source


def sources_of_urls(urls: tuple[str, ...], *, settle: float | None = None) -> list[Source]:
    """Sources for URLs; ``settle`` is their settling time in seconds, None: as the setting says.

    Raises:
        UsageError: one is no http(s) URL.
    """
    return [new_source(url, settle=settle) for url in urls]


def settle_seconds(text: str) -> float:
    """A settling time in seconds.

    Raises:
        UsageError: it is none.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MAX_SETTLE:
        raise UsageError(f"{text[:40]!r} is no settling time: a number of seconds from 0 to {MAX_SETTLE:.0f}")
    return seconds


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
