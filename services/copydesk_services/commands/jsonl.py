"""JSON lines in, JSON lines out: what every verb with ``--jsonl`` shares.

A verb gives a function that answers one record; this module reads, bounds, validates, answers in the order of the
input, and writes each answer as soon as it is there::

    @click.command("shout")
    @jsonl.file_argument
    @jsonl.jsonl_option
    def command(file: str, as_jsonl: bool) -> None:
        def work(record: jsonl.Record) -> jsonl.Record:
            return {"id": record["id"], "text": jsonl.string(record, "text").upper()}

        raise SystemExit(jsonl.serve(file, work))

A line that is no JSON object, has no usable ``id``, is too long, or for which ``work`` raises ``BadRecordError``, is
answered by ``{"id": its id or null, "error": "what is wrong", "line": its number, from 1}``; the rest goes on, and
the exit code at the end is 1. Blank lines are skipped. Any other exception of ``work`` is a bug and ends the command.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import click

MAX_LINE_BYTES = 128 * 1024 * 1024
"""Longest line that is read, in bytes. It holds a page well above the page limit, in Base64 or with escapes, so that
such a page is answered as too large and not as a bad line."""

MAX_AHEAD_BYTES = 64 * 1024 * 1024
"""Bytes of input lines that may wait for their answers; one line is always let in, whatever its size."""

SKIP_BYTES = 1024 * 1024

Record = dict[str, Any]
Work = Callable[[Record], Record]
Submit = Callable[[Record], Callable[[], Record]]

file_argument = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True), default="-"
)
"""The argument ``[FILE|-]``; a file that is not there is a usage error (exit code 2)."""

jsonl_option = click.option("--jsonl", "as_jsonl", is_flag=True, help="Read JSON lines, one record a line.")
"""The option ``--jsonl``, passed on as ``as_jsonl``."""


class BadRecordError(Exception):
    """A record cannot be worked on; the message says why, naming the field."""


@dataclass(frozen=True)
class _Line:
    """One line of the input: a record, or the error that answers it."""

    number: int
    size: int
    record: Record | None = None
    id: str | int | None = None
    error: str | None = None


def string(record: Record, name: str) -> str:
    """The string in field ``name``.

    Raises:
        BadRecordError: The field is missing or no string.
    """
    value = optional_string(record, name)
    if value is None:
        raise BadRecordError(f"{name} is missing")
    return value


def optional_string(record: Record, name: str) -> str | None:
    """The string in field ``name``, or None where it is absent or null.

    Raises:
        BadRecordError: The field holds something else.
    """
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRecordError(f"{name} is {_json_type(value)}, not a string")
    return value


def base64_bytes(record: Record, name: str) -> bytes:
    """The bytes that stand in field ``name`` in Base64.

    Raises:
        BadRecordError: The field is missing, no string, or no Base64.
    """
    try:
        return base64.b64decode(string(record, name), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRecordError(f"{name} is no Base64: {error}") from error


def serve(file: str, work: Work) -> int:
    """Answer every line of ``file`` (``-``: standard input), one after the other.

    Returns:
        The exit code: 0, or 1 where a line was not valid or the reader of the output went away.
    """
    with _opened(file) as stream:
        return _write_all(_answer(line, work) for line in _lines(stream))


def serve_ahead(file: str, submit: Submit, *, ahead: int) -> int:
    """Like ``serve``, for work that runs elsewhere: up to ``ahead`` records are submitted before the first is awaited.

    ``submit`` starts the work on a record and returns the function that waits for its answer. It runs in a thread of
    its own, so that an answer is written when it is there and not when the next line comes in.
    """
    waiting: queue.Queue[tuple[_Line, Callable[[], Record] | None] | BaseException | None] = queue.Queue(max(1, ahead))
    room = _Room(MAX_AHEAD_BYTES)

    def read(stream: IO[bytes]) -> None:
        try:
            for line in _lines(stream):
                room.enter(line.size)
                waiting.put(_submitted(line, submit))
        except BaseException as error:  # noqa: BLE001  it is raised again in the main thread
            waiting.put(error)
        else:
            waiting.put(None)

    def answers() -> Iterator[Record]:
        while (entry := waiting.get()) is not None:
            if isinstance(entry, BaseException):
                raise entry
            line, wait = entry
            yield _answer(line, partial(_awaited, wait)) if wait else _error(line)
            room.leave(line.size)

    with _opened(file) as stream:
        # A daemon: when the output's reader goes away, a read that blocks must not keep the process.
        threading.Thread(target=read, args=(stream,), name="jsonl-reader", daemon=True).start()
        return _write_all(answers())


def write(record: Record) -> None:
    """Write one record to standard output as a line of JSON in UTF-8, and flush it.

    A lone surrogate, which UTF-8 cannot carry, is written as its JSON escape.
    """
    try:
        line = json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(record, ensure_ascii=True, allow_nan=False).encode("ascii")
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def quiet_broken_pipe() -> Iterator[None]:
    """End with exit code 1 and without a traceback when whoever reads standard output goes away."""
    try:
        yield
    except BrokenPipeError:
        # The interpreter flushes standard output when it ends, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def read_all(file: str, limit: int) -> bytes:
    """The whole of ``file`` (``-``: standard input), at most ``limit`` + 1 bytes: the caller sees that it is more."""
    with _opened(file) as stream:
        return stream.read(limit + 1)


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    # Standard input through a descriptor of our own: at exit the interpreter closes sys.stdin, which would have to
    # wait for a reader thread that blocks in it.
    with open(0 if file == "-" else file, "rb", closefd=file != "-") as stream:
        yield stream


def _lines(stream: IO[bytes]) -> Iterator[_Line]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
            _skip_line(stream)
            yield _Line(number, 0, error=f"the line is longer than {MAX_LINE_BYTES} bytes")
        elif raw.strip():
            yield _parse(number, raw)


def _skip_line(stream: IO[bytes]) -> None:
    while (rest := stream.readline(SKIP_BYTES)) and not rest.endswith(b"\n"):
        pass


def _parse(number: int, raw: bytes) -> _Line:
    size = len(raw)
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except RecursionError:
        return _Line(number, size, error="the JSON is nested too deeply")
    except UnicodeDecodeError:
        return _Line(number, size, error="the line is not UTF-8")
    except ValueError as error:
        return _Line(number, size, error=f"no valid JSON: {error}")
    if not isinstance(value, dict):
        return _Line(number, size, error=f"the line is {_json_type(value)}, not a JSON object")
    id_ = value.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        return _Line(number, size, error="id is missing" if id_ is None else "id is no string or whole number")
    return _Line(number, size, record=value, id=id_)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _json_type(value: object) -> str:
    names = {bool: "a truth value", int: "a number", float: "a number", str: "a string", list: "a list"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "null")


def _submitted(line: _Line, submit: Submit) -> tuple[_Line, Callable[[], Record] | None]:
    if line.record is None:
        return line, None
    try:
        return line, submit(line.record)
    except BadRecordError as error:
        return _Line(line.number, line.size, id=line.id, error=str(error)), None


def _awaited(wait: Callable[[], Record], _: Record) -> Record:
    return wait()


def _answer(line: _Line, work: Work) -> Record:
    if line.record is None:
        return _error(line)
    try:
        return work(line.record)
    except BadRecordError as error:
        return {"id": line.id, "error": str(error), "line": line.number}


def _error(line: _Line) -> Record:
    return {"id": line.id, "error": line.error, "line": line.number}


def _write_all(answers: Iterator[Record]) -> int:
    failed = False
    with quiet_broken_pipe():
        for answer in answers:
            failed = failed or "line" in answer
            write(answer)
    return int(failed)


class _Room:
    """Bounds the bytes that wait. One that is larger than the bound comes in alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._changed = threading.Condition()

    def enter(self, size: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._used or self._used + size <= self._limit)
            self._used += size

    def leave(self, size: int) -> None:
        with self._changed:
            self._used -= size
            self._changed.notify()
