"""Sources as the command line names them: URLs, and files of OPML."""

from __future__ import annotations

from pathlib import Path

from copydesk.core.opml import read_opml
from copydesk.errors import InputError, UsageError
from copydesk.models import Source
from copydesk.runtime.sources import new_source


def sources_of_urls(urls: tuple[str, ...]) -> list[Source]:
    """Sources for URLs.

    Raises:
        UsageError: one is no http(s) URL.
    """
    return [new_source(url) for url in urls]


def sources_of_opml(path: Path) -> tuple[list[Source], list[str]]:
    """Sources that an OPML file names, and what is wrong with those of its entries that are no http(s) URLs.

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
    for url, title in feeds:
        try:
            sources.append(new_source(url, title))
        except UsageError as error:
            problems.append(f"{path}: {error}")
    return sources, problems
