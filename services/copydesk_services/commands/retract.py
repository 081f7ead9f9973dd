"""``copydesk retract``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from copydesk.errors import CopydeskError, UsageError
from copydesk.models import utc_text
from copydesk.runtime.settings import load_settings
from copydesk_services.commands.data_directory import note_missing_data
from copydesk_services.commands.progress import progress
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk.runtime.retraction import Mark
    from copydesk_services.retracting import Done, Found, Retracting

MAX_WHY_CHARS = 2_000


@click.command("retract")
@click.argument("name", metavar="[ID|URL]", required=False)
@click.option("--why", metavar="TEXT", help="The reason, in your words; consumers are told it.")
@click.option("--cluster", is_flag=True, help="All documents of its cluster: the original and every copy.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken out, and change nothing.")
@click.option("--list", "listed", is_flag=True, help="Show what was taken out.")
@click.option("--undo", metavar="ID|URL", help="Let it come back when a source offers it. What was purged stays gone.")
def command(*, name: str | None, why: str | None, cluster: bool, dry_run: bool, listed: bool, undo: str | None) -> int:
    """Take a document out (a takedown, an erasure), for good.

    It is marked first: no source brings it back, and what is in work ends as rejected. An entry with the verdict
    "retracted" goes to every stream that may have carried it. Then all that is stored of it is purged: stream entries,
    copy index, page and body, files by day, WARC files of COPYDESK_ARCHIVE. Done again, it goes on where it was
    interrupted. Run it where those files can be reached. docs/operations.md says what consumers have to do.

    A JSON line says what was purged. The exit code is 1 if some store could not be purged: run it again then.

    \b
    Examples:
      copydesk retract https://paper.example/story --why "takedown notice 17"
      copydesk retract 3f0c1a2b4d5e6f708192a3b4 --why "erasure" --cluster
      copydesk retract --list
      copydesk retract --undo https://paper.example/story
    """
    if sum((name is not None, listed, undo is not None)) != 1:
        raise UsageError("name one document by its id or URL, or use --list or --undo")
    if name is not None and not dry_run and not (why or "").strip():
        raise UsageError("--why is missing: the reason is kept, and consumers are told it")
    if len(why or "") > MAX_WHY_CHARS:
        raise UsageError(f"--why is longer than {MAX_WHY_CHARS} characters")
    from copydesk.runtime.redis import open_store
    from copydesk_services.retracting import Retracting

    settings = load_settings()
    note_missing_data(settings)
    store = open_store(settings)
    try:
        with progress("looking for it") as tell:

            def told(text: str) -> None:
                store.look_after()
                tell(text)

            work = Retracting(store.client, settings, told)
            if listed:
                return _list(work)
            if undo is not None:
                return _undo(work, undo)
            found = work.find(name or "", (why or "").strip())
            every = [found, *(work.cluster(found) if cluster else [])]
            if dry_run:
                return _tell({"dry_run": True, "documents": [_row(one) for one in every]})
            return _conclude(work.run(every), every)
    finally:
        store.close()


def _list(work: Retracting) -> int:
    marks = sorted(work.marks.all(), key=lambda mark: mark.retracted_at)
    if not sys.stdout.isatty():
        for mark in marks:
            _tell(mark.model_dump(mode="json"))
        return 0
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("retracted", "id", "document and reason", "purged")
    for mark in marks:
        said = f"{escape(printable(mark.url))}\n[dim]{escape(printable(mark.why))}[/dim]"
        table.add_row(utc_text(mark.retracted_at)[:19], mark.id, said, "yes" if mark.purged else "[red]not all[/red]")
    Console().print(table)
    return 0


def _undo(work: Retracting, name: str) -> int:
    mark = work.marks_of(name)
    if mark is None:
        raise CopydeskError(f"{name[:200]} was not taken out: see copydesk retract --list")
    work.marks.undo(mark)
    return _tell({"undone": mark.id, "url": mark.url, "pages": list(mark.pages)})


def _row(found: Found) -> dict[str, Any]:
    mark: Mark = found.mark
    return {
        "id": mark.id,
        "url": mark.url,
        "revision": mark.revision,
        "pages": sorted(found.pages),
        "again": not found.is_new,
    }


def _conclude(done: Done, found: list[Found]) -> int:
    for problem in done.problems:
        click.echo(f"copydesk: {printable(problem)}", err=True)
    if done.log.startswith(("not", "still", "failed")):
        click.echo(f"copydesk: the append-only file of Redis still holds what was deleted: {done.log}", err=True)
    purged = {name: done.counts[name] for name in STORES}
    rows = [_row(one) for one in found]
    _tell({"retracted": rows, "purged": purged, "append_only_file": done.log, "complete": not done.problems})
    return 1 if done.problems else 0


STORES = ("entries", "pages", "in_work", "index_records", "files_lines", "archive_records")


def _tell(row: dict[str, Any]) -> int:
    click.echo(json.dumps(row, ensure_ascii=False))
    return 0
