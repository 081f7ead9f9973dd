"""``copydesk reprocess``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from copydesk.errors import InputError, UsageError
from copydesk.runtime.settings import Settings, load_settings
from copydesk_services.commands.stored import chosen, options, take_in, tell_problem

if TYPE_CHECKING:
    from copydesk_services.stored_pages import Choice


@click.command("reprocess")
@click.argument("files", nargs=-1, metavar="[FILE|URL ...]")
@options
def command(files: tuple[str, ...], **given: Any) -> int:
    """Run stored pages through today's extractor again: those of WARC files, or of COPYDESK_ARCHIVE since a time.

    A document whose text is another one than before is emitted as a revision; where nothing changed, nothing is. Of a page
    that stands in the files several times, only the latest is taken.

    It starts extractor and deduper, or only queues, as copydesk backfill does.

    \b
    Examples:
      copydesk reprocess --since 2d
      copydesk reprocess --since 2026-09-01 --until 2026-09-08 --host example.org
      copydesk reprocess archive/copydesk-20260901120000-*.warc.gz
    """
    from copydesk_services.stored_pages import StoredPages, check_names

    settings = load_settings()
    if "-" in files:
        raise UsageError("standard input cannot be read twice: name files")
    choice, how = chosen(**given)
    check_names(files, settings)
    names = files or _own(choice, settings)
    return take_in(StoredPages(choice, settings, tell_problem), names, settings, how, again=True)


def _own(choice: Choice, settings: Settings) -> list[str]:
    """The archive's own files that can hold what is wanted."""
    from copydesk.runtime.archive_files import ArchivePlace
    from copydesk.runtime.warc import shown

    if choice.since is None:
        raise UsageError("name WARC files, or a time from which on the archive is read: --since 2d")
    place = ArchivePlace.of(settings)
    if place is None:
        raise UsageError("no archive is set: COPYDESK_ARCHIVE; or name WARC files")
    try:
        # What was last written before that time has no younger record.
        names = [name for name, written in place.names() if written is None or written >= choice.since]
    except Exception as error:  # noqa: BLE001 -- each kind of store has errors of its own
        raise InputError(
            f"COPYDESK_ARCHIVE={shown(settings.archive or '')}: {str(error) or type(error).__name__}"
        ) from None
    if not names:
        raise InputError(
            f"COPYDESK_ARCHIVE={shown(settings.archive or '')} has no file that was written since {choice.since:%F %R} UTC"
        )
    return names
