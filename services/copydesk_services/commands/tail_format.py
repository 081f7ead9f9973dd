"""What ``copydesk tail`` shows of an entry: filters, fields, and the forms of its output."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from copydesk.core.selections import fits_host, host_pattern, source_name
from copydesk.errors import UsageError
from copydesk_services.printable import printable

FORMATS = ("jsonl", "table", "csv")
TABLE_FIELDS = ("published_at", "verdict", "language", "host", "title")
CSV_FIELDS = ("id", "revision", "published_at", "verdict", "language", "host", "url", "title")
TABLE_ROWS = 50  # of one table: the columns' widths are found anew for each
WIDEST = 300

Fields = Mapping[bytes, bytes]


class Filter:
    """Which entries are wanted: of each name one of its values, letter case aside."""

    def __init__(self, wanted: Mapping[str, Sequence[str]]) -> None:
        self._wanted = {name: {_wanted(name, value) for value in values} for name, values in wanted.items()}

    def __call__(self, fields: Fields) -> bool:
        return all(self._fits(name, values, fields) for name, values in self._wanted.items())

    def _fits(self, name: str, values: set[str], fields: Fields) -> bool:
        found = fields.get(name.encode())
        # An agency is no flat field: only then the document is parsed.
        text = found.decode() if found is not None else _cell(_value(_document(fields), name))
        if name == "host":
            return fits_host(text, values)
        return text.lower() in values


def _wanted(name: str, value: str) -> str:
    try:
        return host_pattern(value) if name == "host" else source_name(value).lower()
    except ValueError as error:
        raise UsageError(f"--{name} {value[:60]!r} {error}") from None


def _document(fields: Fields) -> Any:
    """The entry's record; for a dead letter with what became of it. Bytes that are no record are shown as they are."""
    text = fields.get(b"document", b"null")
    try:
        record = json.loads(text)
    except ValueError:
        record = {"document": text.decode(errors="replace")}
    if b"dead_error" in fields and isinstance(record, dict):
        record |= {name.decode(): value.decode() for name, value in fields.items() if name.startswith(b"dead_")}
    return record


def _value(record: Any, path: str) -> Any:
    """What a dotted path leads to; a number leads into a list; None where it leads nowhere."""
    for part in path.split("."):
        if isinstance(record, dict):
            record = record.get(part)
        elif isinstance(record, list) and part.isdecimal() and int(part) < len(record):
            record = record[int(part)]
        else:
            return None
    return record


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class JsonLines:
    """A line an entry: the record as it stands in the stream, or the fields that are wanted."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def __call__(self, entries: Sequence[Fields]) -> None:
        for fields in entries:
            if self._names or b"dead_error" in fields:
                record = _document(fields)
                shown = {name: _value(record, name) for name in self._names} if self._names else record
                line = json.dumps(shown, ensure_ascii=False).encode()
            else:
                line = fields.get(b"document", b"null")
            sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()

    def end(self) -> None:
        """Nothing is kept back."""


class Csv:
    """A row an entry, with a first row of names; a value that a spreadsheet would take for a formula gets a quote before it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names or CSV_FIELDS
        self._writer = csv.writer(sys.stdout)
        self._writer.writerow(self._names)

    def __call__(self, entries: Sequence[Fields]) -> None:
        for fields in entries:
            record = _document(fields)
            self._writer.writerow([_no_formula(_cell(_value(record, name))) for name in self._names])
        sys.stdout.flush()

    def end(self) -> None:
        """Nothing is kept back."""


class Table:
    """Tables for people; without a terminal, columns with a tab between them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names or TABLE_FIELDS
        self._rows: list[list[str]] = []

    def __call__(self, entries: Sequence[Fields]) -> None:
        for fields in entries:
            record = _document(fields)
            self._rows.append(
                [printable(_cell(_value(record, name)).replace("\n", " "))[:WIDEST] for name in self._names]
            )
            if len(self._rows) >= TABLE_ROWS:
                self.end()
        if entries and sys.stdout.isatty():
            self.end()

    def end(self) -> None:
        """Write what is there."""
        if self._rows and sys.stdout.isatty():
            from rich.console import Console
            from rich.table import Table as RichTable
            from rich.text import Text

            table = RichTable(*self._names)
            for row in self._rows:
                table.add_row(*map(Text, row))
            Console().print(table)
        else:
            for row in self._rows:
                click.echo("\t".join(cell.replace("\t", " ") for cell in row))
        self._rows = []


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def writer(form: str, fields: str | None) -> JsonLines | Csv | Table:
    """What writes entries in a form, with the fields that a comma-separated list names (or those of the form)."""
    names = [name.strip() for name in (fields or "").split(",") if name.strip()]
    if form == "csv":
        return Csv(names)
    return Table(names) if form == "table" else JsonLines(names)
