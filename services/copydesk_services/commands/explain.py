"""``copydesk explain``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from copydesk.core.urls import canonical_url, document_id, shown_url
from copydesk.errors import CopydeskError
from copydesk.runtime.settings import load_settings
from copydesk_services.commands import jsonl
from copydesk_services.commands.data_directory import note_missing_data
from copydesk_services.commands.dedup import MAX_TEXT_BYTES

if TYPE_CHECKING:
    from copydesk.models import Document
    from copydesk.runtime.emitted import Emitted, Entry
    from copydesk_services.commands.passage_rows import Text
    from copydesk_services.commands.side_by_side import Explanation

TELL_EVERY: Final = 500
_ID: Final = re.compile(r"[0-9a-f]{6,24}")
# What JSON itself does not escape, and a terminal would obey.
_CONTROL: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Subject:
    """What is explained: a document that was emitted, or a text, or a document that is no longer stored."""

    name: str
    text: Text | None
    document: Document | None = None
    place: int = 0


@click.command("explain")
@click.argument("names", metavar="ID [ID]", nargs=-1)
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Look in a file of what `copydesk tail` printed, and nowhere else.",
)
@click.option("--full", is_flag=True, help="Show every passage, those too that are counted otherwise.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(names: tuple[str, ...], file: Path | None, full: bool, as_json: bool) -> None:
    """Show why a document got its verdict: beside the one that it is most like, passage by passage.

    With one ID: the document, the reason of its verdict, and its passages beside those that they were found in; of a
    revision, what changed since the last one. With two: whether the first would be a copy, had the second come before.

    An ID is that of a document (24 hexadecimal digits, or the first 6 or more), its URL, or a file with a text. Documents
    are looked for in the streams and in the files by day, the newest first; it works beside a running system and after it.

    \b
    Examples:
      copydesk explain 3f0c1a
      copydesk explain https://example.org/news/1 https://example.com/story
      copydesk explain --from archive.jsonl 3f0c1a
      copydesk explain monday.txt tuesday.txt          # needs no Redis
    """
    if not names or len(names) > 2:
        raise click.UsageError("explain takes one or two IDs")
    wanted = [_wanted(name) for name in names]
    if len(names) == 1 and isinstance(wanted[0], Path):
        raise click.UsageError(f"{names[0]} is a text without a verdict; name another to compare it with")
    with _Archive(file) as archive:
        subjects = [
            _of_file(one) if isinstance(one, Path) else archive.subject(one, name)
            for one, name in zip(wanted, names, strict=True)
        ]
        others = _others(subjects[0], archive) if len(subjects) == 1 else []
    from copydesk_services.commands import explanations

    thresholds = load_settings().thresholds()
    explanation = (
        explanations.comparison(subjects[0], subjects[1], thresholds)
        if len(subjects) == 2
        else explanations.recorded(subjects[0], others, thresholds)
    )
    with jsonl.quiet_broken_pipe():
        _write(explanation, full=full, as_json=as_json)


def _wanted(name: str) -> str | Path:
    """The file that an argument names, or the beginning of an id."""
    with suppress(OSError):  # a URL may be longer than the name of a file
        if Path(name).is_file():
            return Path(name)
    if "://" in name:
        canonical = canonical_url(name)
        if canonical is None:
            raise click.UsageError(f"{name[:200]!r} is no http:// or https:// URL")
        return document_id(canonical)
    if not _ID.fullmatch(name.lower()):
        raise click.UsageError(
            f"{name[:200]!r} is no file, no URL, and no id of a document (24 hexadecimal digits, or the first 6 or more)"
        )
    return name.lower()


def _of_file(path: Path) -> Subject:
    from copydesk_services.commands.passage_rows import Text

    raw = jsonl.read_all(str(path), MAX_TEXT_BYTES)
    if len(raw) > MAX_TEXT_BYTES:
        raise click.UsageError(f"{path} is larger than {MAX_TEXT_BYTES} bytes")
    return Subject(str(path), Text.of([line for line in raw.decode("utf-8", "replace").splitlines() if line.strip()]))


def _of_entry(entry: Entry) -> Subject:
    from copydesk_services.commands.passage_rows import Text

    document = entry.document()
    return Subject(entry.id, Text.of([block.text for block in document.blocks]), document, entry.place)


def _others(subject: Subject, archive: _Archive) -> list[Subject]:
    """What a document is shown beside: its last revision, or else the nearest, then its other sources."""
    from copydesk.runtime.emitted import find_all

    document = subject.document
    if document is None:
        return []
    if document.revision > 1:
        before = archive.revision_before(document, subject.place)
        return [] if before is None else [before]
    evidence = document.evidence
    ids = list(dict.fromkeys([*([evidence.nearest] if evidence.nearest else []), *evidence.sources]))
    found = find_all(archive.entries(subject.place), ids) if ids else {}
    return [_of_entry(found[i]) if i in found else Subject(i, None) for i in ids]


class _Archive:
    """The documents that were emitted. Opened when it is first asked; tells on a terminal how far it is."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._emitted: Emitted | None = None
        self._stack = ExitStack()

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def entries(self, until: int | None = None) -> Iterator[Entry]:
        """What was emitted, the newest first."""
        entries = self._open().newest_first(until)
        if not sys.stderr.isatty():
            yield from entries
            return
        from rich.console import Console

        with Console(stderr=True).status("looking for documents") as status:
            for number, entry in enumerate(entries):
                if number % TELL_EVERY == 0:
                    status.update(f"looking for documents: {number} seen")
                yield entry

    def subject(self, prefix: str, name: str) -> Subject:
        """The newest revision of a document.

        Raises:
            CopydeskError: there is none, or there are several whose ids begin so.
        """
        from copydesk.runtime.emitted import find

        entry, ambiguous = find(self.entries(), prefix)
        if ambiguous:
            raise CopydeskError(f"several documents have an id that begins with {name}: {', '.join(ambiguous)}")
        if entry is None:
            raise CopydeskError(self._not_found(name))
        return _of_entry(entry)

    def revision_before(self, document: Document, place: int) -> Subject | None:
        """The revision before this one, where it is still stored."""
        for entry in self.entries(place):
            if entry.id == document.id and entry.document().revision < document.revision:
                return _of_entry(entry)
        return None

    def _not_found(self, name: str) -> str:
        what = f"no document {shown_url(name)[:200]!r}"
        if self._file is not None:
            return f"{what} in {self._file}"
        return (
            f"{what} in the streams or in the files of COPYDESK_EMITTED. Look for it with `copydesk rejected show`, since it may "
            "be no article; what was emitted longer ago can be explained with --from FILE, from what `copydesk tail` printed"
        )

    def _open(self) -> Emitted:
        if self._emitted is None:
            from copydesk.runtime.emitted import EmittedEverywhere, EmittedFile
            from copydesk.runtime.emitted_files import EmittedFiles

            if self._file is not None:
                self._emitted = EmittedFile(self._file)
            else:
                from copydesk.runtime.redis import open_store

                settings = load_settings()
                note_missing_data(settings)
                store = open_store(settings)
                self._stack.callback(store.close)
                self._emitted = EmittedEverywhere(store.client, EmittedFiles.of(settings))
        return self._emitted


def _write(explanation: Explanation, *, full: bool, as_json: bool) -> None:
    from copydesk_services.commands import side_by_side

    if as_json:
        line = json.dumps(_record(explanation), ensure_ascii=False)
        _lines([_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line)])
    elif sys.stdout.isatty():
        from rich.console import Console

        side_by_side.show(Console(), explanation, full=full)
    else:
        _lines(list(side_by_side.plain(explanation, full=full)))


def _lines(lines: Sequence[str]) -> None:
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _record(explanation: Explanation) -> dict[str, Any]:
    """As one JSON object."""
    first, *others = explanation.documents
    contained = explanation.shares
    return {
        "a": first.identity,
        "b": others[0].identity if others else None,
        "verdict": explanation.verdict,
        "reason": explanation.sentences[0],
        "containment": contained[0] if contained else None,
        "contained": contained[1] if contained else None,
        "similarity": explanation.similarity,
        "distance": explanation.distance,
        "matches": [
            {
                "here": row.here,
                "document": others[row.other].name,
                "there": row.there,
                "distance": row.distance,
                "text_here": first.passage(row.here),
                "text_there": others[row.other].passage(row.there),
            }
            for row in explanation.rows
            if row.number and row.here is not None
        ],
    }
