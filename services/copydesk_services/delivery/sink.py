"""What a sink is: it brings entries to somebody who doesn't read Redis, and says what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from copydesk.runtime.delivery_file import SinkOptions
from copydesk.runtime.groups import Entry
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.redis import Store
from copydesk.runtime.settings import Settings


class Undelivered(Exception):
    """Not all entries were delivered. Those before number ``delivered`` were; what became of the others is not known."""

    def __init__(self, error: str, delivered: int = 0) -> None:
        super().__init__(error)
        self.delivered = delivered


class Refused(Undelivered):
    """The fault is an entry's: the first that was not delivered, or, where ``named`` is false, one of those.

    Where it is not ``sure``, it may as well be the target's: it hangs, or answers so to all.
    """

    def __init__(self, error: str, delivered: int = 0, *, named: bool = True, sure: bool = True) -> None:
        super().__init__(error, delivered)
        self.named = named
        self.sure = sure


class Away(Undelivered):
    """Whoever takes the entries is not there, or takes none now; ``after``: seconds for which he asked to be left alone."""

    def __init__(self, error: str, delivered: int = 0, *, after: float = 0.0) -> None:
        super().__init__(error, delivered)
        self.after = after


class Gone(Undelivered):
    """He said that he will never take any again."""


class Sink(Protocol):
    """Delivers entries, in their order, at least once."""

    async def deliver(self, entries: Sequence[Entry]) -> None:
        """Deliver them; when this returns, none of them may be lost by the end of a process.

        All that were given before are acknowledged.

        Raises:
            Undelivered: some were not.
        """
        ...

    async def rest(self) -> None:
        """Called about once a second while there is nothing to deliver, and all that was delivered is acknowledged."""
        ...


@dataclass(frozen=True)
class Setting:
    """What a sink is opened with.

    Attributes:
        name: Of the sink.
        settings: Of the process.
        metrics: Likewise.
        store: The Redis of copydesk.
    """

    name: str
    settings: Settings
    metrics: Metrics
    store: Store


@dataclass(frozen=True)
class SinkKind:
    """A kind of sink: its options, a further check of them, and how one is opened.

    ``check`` raises ``ValueError`` or ``UsageError`` in words: a package or a secret that is missing. ``opened`` may raise
    ``Away``.
    """

    options: type[SinkOptions]
    opened: Callable[..., AbstractAsyncContextManager[Sink]]
    check: Callable[..., None] = lambda options, settings: None


def document_of(entry: Entry, place: int = 0) -> bytes:
    """The document of an entry as one line of JSON, as it stands there.

    Raises:
        Refused: it has none. ``place``: of the entry among those that are delivered.
    """
    document = entry.fields.get(b"document", b"")
    if not (document.startswith(b'{"') and document.endswith(b"}")):
        raise Refused("it has no JSON object in its field document", place)
    # A line break stands between tokens alone: within a string JSON has it escaped.
    return document.replace(b"\n", b" ") if b"\n" in document else document
