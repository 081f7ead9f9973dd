"""``copydesk dedup``: texts in, verdicts out, with the index in memory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from copydesk_services.commands import jsonl
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk.models import Document

MAX_TEXT_BYTES = 16 * 1024 * 1024


@click.command("dedup")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Read JSON lines {id, url, text}, one document a line.")
@click.argument(
    "files",
    metavar="[FILE|-]...",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
)
def command(files: tuple[str, ...], as_jsonl: bool) -> None:
    """Recognise copies among texts, in their order of arrival.

    With --jsonl, one FILE (or standard input) of JSON lines {id, url, text} is answered by one line a document, in the
    same order: {id, verdict, copy_of, cluster, similarity, containment, novelty, ...}. copy_of, cluster and the evidence
    name documents by the ids of the input. The url may be missing; a document whose canonical URL came before is a
    revision of that one, or unchanged. A line that is not valid is answered by an error, and the exit code is 1.

    Without --jsonl, each FILE is the text of one document, and the answer is meant to be read.

    No Redis is needed: the index is kept in memory. Where the lines are drawn is set by COPYDESK_COPY_*, see
    docs/settings.md.

    \b
    Examples:
      copydesk dedup --jsonl articles.jsonl > verdicts.jsonl
      copydesk dedup monday.txt tuesday.txt
    """
    if not as_jsonl:
        raise SystemExit(_texts(files or ("-",)))
    if len(files) > 1:
        raise click.UsageError("--jsonl takes one FILE")
    desk = _Desk()
    raise SystemExit(jsonl.serve(files[0] if files else "-", desk.answer))


class _Desk:
    """Judges one document after the other, and names them as the input does."""

    def __init__(self) -> None:
        from copydesk.runtime.memory_index import MemoryIndex
        from copydesk.runtime.settings import load_settings

        self._thresholds = load_settings().thresholds()
        # What stands in one input belongs together, however old it is: nothing is forgotten while it is read.
        self._now = time.time()
        self._index = MemoryIndex()
        self._names: dict[str, str | int] = {}

    def answer(self, record: jsonl.Record) -> jsonl.Record:
        """Return the verdict on one record.

        Raises:
            BadRecordError: a field is missing or of the wrong type.
        """
        text = jsonl.string(record, "text")
        name: str | int = record["id"]
        return self._named(name, self.judge(name, jsonl.optional_string(record, "url"), text))

    def judge(self, name: str | int, url: str | None, text: str) -> Document:
        """Return the document with its verdict."""
        from copydesk.core import attribution
        from copydesk.core.copies import Done, Draft, judge_and_admit
        from copydesk.core.urls import canonical_url, document_id, host_of
        from copydesk.models import Block

        canonical = canonical_url(url) if url else None
        # Without a usable URL the id of the input is the identity; the prefix keeps the two apart.
        id_ = document_id(canonical or f"id:{name}")
        host = host_of(canonical) if canonical else ""
        blocks = [Block(text=line) for line in text.splitlines() if line.strip()]
        draft = Draft(
            id=id_,
            url=canonical or url or "",
            host=host,
            blocks=blocks,
            credits=attribution.credits(host=host, title=None, authors=(), blocks=blocks, removed=()),
        )
        match judge_and_admit(self._index, draft, now=self._now, thresholds=self._thresholds):
            case Done(document=document):
                self._names.setdefault(id_, name)
                return document
            case other:  # nobody else uses this index
                raise RuntimeError(f"the index answered {other}")

    def name(self, id_: str) -> str | int:
        """Return the input's id of a document; of several with one URL, the first."""
        return self._names[id_]

    def _named(self, name: str | int, document: Document) -> jsonl.Record:
        evidence = document.evidence
        return {
            "id": name,
            "url": document.url or None,
            "host": document.host or None,
            "source": None,
            "title": None,
            "language": None,
            "verdict": document.verdict.value,
            "copy_of": None if document.copy_of is None else self.name(document.copy_of),
            "cluster": self.name(document.cluster),
            "similarity": round(evidence.similarity, 4),
            "containment": round(evidence.containment, 4),
            "novelty": document.novelty,
            "lead": document.lead,
            "agency": document.agency,
            "publisher": document.publisher,
            "removed": [],
            "published_at": None,
            "revision": document.revision,
            "evidence": {
                **evidence.model_dump(mode="json", exclude={"similarity", "containment"}),
                "nearest": None if evidence.nearest is None else self.name(evidence.nearest),
                "joins": [self.name(cluster) for cluster in evidence.joins],
                "lead": None if evidence.lead is None else self.name(evidence.lead),
                "extends": None if evidence.extends is None else self.name(evidence.extends),
                "sources": [self.name(source) for source in evidence.sources],
                "matches": [
                    match.model_dump(mode="json") | {"document": self.name(match.document)}
                    for match in evidence.matches
                ],
            },
        }


def _texts(files: tuple[str, ...]) -> int:
    """Judge whole files, and say what came out."""
    desk = _Desk()
    for file in files:
        raw = jsonl.read_all(file, MAX_TEXT_BYTES)
        if len(raw) > MAX_TEXT_BYTES:
            raise click.UsageError(f"{file} is larger than {MAX_TEXT_BYTES} bytes")
        name = "standard input" if file == "-" else str(Path(file))
        document = desk.judge(name, None, raw.decode("utf-8", "replace"))
        of = f" of {desk.name(document.copy_of)}" if document.copy_of else ""
        new = "" if document.verdict.value == "unchanged" else f", {document.novelty:.0%} new"
        click.echo(printable(f"{name}: {document.verdict.value}{of}{new}"))
        if document.evidence.reason:
            click.echo(f"    {document.evidence.reason}")
    return 0
