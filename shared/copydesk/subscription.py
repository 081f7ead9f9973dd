"""Documents of a stream, for other programs: at least once, through crashes and restarts, as a consumer group.

``Subscription`` is a loop, ``AsyncSubscription`` the same for asyncio; ``docs/consumers.md`` tells what they promise.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import redis
from pydantic import ValidationError

from copydesk.errors import StoreUnavailable, UsageError
from copydesk.models import Document, Gap, Rejected, Retraction
from copydesk.runtime.groups import BlockingGroupReader, Entry, GroupReader, Start
from copydesk.runtime.redis import Store, connect, open_store
from copydesk.runtime.settings import load_settings
from copydesk.runtime.stream_names import group_name, stream_key, stream_name
from copydesk.schema import PUBLISHED

Record = Document | Retraction | Rejected
OnGap = Callable[[Gap], object]
T = TypeVar("T")
Steps = Generator[tuple[Any, ...], Any, T]  # yields the name of a reader's method and its arguments

MAX_SCHEMAS: Final = 100
"""Unknown schemas that are counted one by one."""
_WAIT: Final = 0.5
"""Seconds of one read: what a call of ``stop`` waits for at most, where nothing comes."""

log = logging.getLogger("copydesk.subscription")


class Unreadable(Exception):
    """An entry that says to be of a known schema, and is not."""


class _Subscriber:
    """What both kinds of subscription do, as generators that yield calls of the reader and are sent what it returns.

    Args:
        streams: ``documents`` (where none is named), ``copies``, ``rejected``, names of selections,
            ``replay:NAME``, ``dead:GROUP``.
        group: Consumers of one group share the entries among them; each group has them all.
        url: ``redis://``, ``rediss://``, ``unix://`` or ``sentinel://``; without it what COPYDESK_REDIS_URL says, or the embedded
            server of COPYDESK_DATA_DIR.
        start: Where a new group begins: with what is ``new``, with the ``oldest`` that is there, or at a time.
        consumer: A name that no other consumer of the group has; who comes back under it has at once what it held when it was
            killed. Without it that goes to whoever is there after ``idle`` seconds.
        tries: How often a record is handed out before it is put with the group's dead letters.
        idle: Seconds without a sign of life after which another consumer has what this one held.
        prefetch: Entries that are read ahead.
        on_gap: Called where entries were dropped before this group had them.

    Attributes:
        entry: The entry of the record in hand: its stream, id, fields and number of tries; of a batch, its first.
        skipped: Entries of schemas that this release does not know, by schema.

    Raises:
        UsageError: a name or a number is none that can be.
    """

    _store: Store

    def __init__(
        self,
        *streams: str,
        group: str,
        url: str | None = None,
        start: Start = "oldest",
        consumer: str | None = None,
        tries: int = 5,
        idle: float = 60.0,
        prefetch: int = 50,
        on_gap: OnGap | None = None,
    ) -> None:
        for name, value in {"tries": tries, "idle": idle, "prefetch": prefetch}.items():
            if value <= 0:
                raise UsageError(f"{name}={value!r}: must be more than 0")
        if start not in ("new", "oldest") and not (isinstance(start, datetime) and start.tzinfo):
            raise UsageError(f"start={start!r}: must be 'new', 'oldest', or a datetime with a time zone")
        self.group = group_name(group)
        self.entry: Entry | None = None
        self.skipped: Counter[str] = Counter()
        self._streams = [stream_key(name) for name in streams or ("documents",)]
        self._url = url
        self._options: dict[str, Any] = {"start": start, "consumer": consumer, "tries": tries, "idle": idle}
        self._prefetch = prefetch
        self._on_gap = on_gap
        self._stopping = False
        self._ahead: deque[Entry] = deque()
        self._hand: list[Entry] = []

    def stop(self) -> None:
        """End the loop when what is in hand is done; may be called by a signal handler or another thread."""
        self._stopping = True

    def _open(self) -> Store:
        settings = load_settings(**({"redis_url": self._url} if self._url else {}))
        if settings.redis_url is None:
            return open_store(settings)
        # Not asked whether it answers: a consumer may be there before it does.
        return Store(url=settings.redis_url, client=connect(settings.redis_url))

    def _next(self, most: int, seconds: float) -> Steps[list[Record]]:
        """What was in hand is done; the next records, none after ``stop``."""
        yield "ack", self._hand
        self._take([])
        taken: list[tuple[Entry, Record]] = []
        full_at = float("inf")
        while len(taken) < most and not self._stopping:
            left = full_at - time.monotonic()
            if not self._ahead and left > 0:
                self._store.look_after()
                self._ahead.extend((yield "read", max(most, self._prefetch), min(_WAIT, left)))
            elif not self._ahead or (taken and self._ahead[0].attempts > 1):
                break  # What comes again comes alone: it may be what its last consumer died of.
            else:
                entry = self._ahead.popleft()
                if (record := (yield from self._understand(entry))) is not None:
                    taken.append((entry, record))
                    full_at = min(full_at, time.monotonic() + seconds) if entry.attempts == 1 else 0.0
        if self._stopping:
            return []
        self._take([entry for entry, _ in taken])
        return [record for _, record in taken]

    def _understand(self, entry: Entry) -> Steps[Record | None]:
        """What an entry holds; None where it is nothing for the program, and is done with."""
        if not (yield "holds", entry):
            return None
        try:
            record = self._record(entry)
        except Unreadable as error:
            yield "bury", entry, str(error)
            return None
        if record is None:
            yield "ack", [entry]
        return record

    def _failed(self, error: Exception) -> Steps[None]:
        for entry in self._hand:
            yield "fail", entry, f"{type(error).__name__}: {error}"
        self._take([])

    def _take(self, entries: list[Entry]) -> None:
        self._hand = entries
        self.entry = entries[0] if entries else None

    def _record(self, entry: Entry) -> Record | None:
        schema = entry.fields.get(b"schema", b"").decode(errors="replace")
        if schema and schema not in PUBLISHED:
            self._skip(schema, entry)
            return None
        if not schema or b"document" not in entry.fields:
            raise Unreadable(f"the entry has no field {'document' if schema else 'schema'!r}")
        try:
            record: Any = PUBLISHED[schema].model_validate_json(entry.fields[b"document"])
        except ValidationError as error:
            raise Unreadable(f"no {schema}: {_first_problem(error)}") from None
        if isinstance(record, Gap):
            self._gap(record, entry)
            return None
        found: Record = record
        return found

    def _skip(self, schema: str, entry: Entry) -> None:
        if schema not in self.skipped and len(self.skipped) < MAX_SCHEMAS:
            log.warning("%s: entries of the unknown schema %s are skipped", stream_name(entry.stream), schema[:200])
            self.skipped[schema] = 0
        if schema in self.skipped:
            self.skipped[schema] += 1

    def _gap(self, gap: Gap, entry: Entry) -> None:
        if self.group not in gap.groups:
            return
        log.warning(
            "%s: %d entries from %s to %s were dropped before group %s had all of them",
            *(stream_name(entry.stream), gap.entries, gap.first, gap.last, self.group),
        )
        if self._on_gap is not None:
            self._on_gap(gap)


class Subscription(_Subscriber):
    """Records of one or more streams, each acknowledged when the next one is asked for.

    ::

        with Subscription("documents", group="mine") as subscription:
            for document in subscription:
                print(document.title)

    An exception that leaves the ``with`` counts as a failed try of what was in hand, and its text is kept; it comes again, to
    this program when it is started again or to another of the group. What else ends it (``break``, Ctrl-C) gives back what was
    in hand without counting a try.
    """

    def __enter__(self) -> Self:
        self._store = self._open()
        self._reader = BlockingGroupReader(self._store.client, self._streams, self.group, **self._options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, Exception):
                self._do(self._failed(error))
            self._reader.close()
        finally:
            self._store.close()

    def __iter__(self) -> Iterator[Record]:
        for batch in self.batches(1):
            yield batch[0]

    def batches(self, most: int, seconds: float = 1.0) -> Iterator[list[Record]]:
        """Up to ``most`` records at a time, acknowledged together; a batch is handed out ``seconds`` after its first came.

        Raises:
            StoreUnavailable: Redis refuses, and no waiting mends it: a wrong password, a right that is missing.
        """
        while records := self._do(self._next(most, seconds)):
            yield records

    def run(self, handler: Callable[[Record], object]) -> None:
        """Call ``handler`` with each record. One whose call fails comes again later; the others go on."""
        for record in self:
            try:
                handler(record)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is a failed try, kept with its error
                self._do(self._failed(error))

    def _do(self, steps: Steps[T]) -> T:
        with _redis_errors():
            try:
                name, *arguments = next(steps)
                while True:
                    name, *arguments = steps.send(getattr(self._reader, name)(*arguments))
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]


class AsyncSubscription(_Subscriber):
    """``Subscription`` for asyncio: ``async with``, ``async for``, and a handler that is awaited.

    What is done with a record has to leave the event loop alone: one that stands still for ``idle`` seconds is taken for dead.
    """

    async def __aenter__(self) -> Self:
        self._store = self._open()
        self._client = self._store.asynchronous()
        self._reader = GroupReader(self._client, self._streams, self.group, **self._options)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, Exception):
                await self._do(self._failed(error))
            await self._reader.close()
        finally:
            await self._client.aclose()
            self._store.close()

    async def __aiter__(self) -> AsyncIterator[Record]:
        async for batch in self.batches(1):
            yield batch[0]

    async def batches(self, most: int, seconds: float = 1.0) -> AsyncIterator[list[Record]]:
        """As ``Subscription.batches``."""
        while records := await self._do(self._next(most, seconds)):
            yield records

    async def run(self, handler: Callable[[Record], Awaitable[object]]) -> None:
        """Await ``handler`` with each record. One whose call fails comes again later; the others go on."""
        async for record in self:
            try:
                await handler(record)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is a failed try, kept with its error
                await self._do(self._failed(error))

    async def _do(self, steps: Steps[T]) -> T:
        with _redis_errors():
            try:
                name, *arguments = next(steps)
                while True:
                    name, *arguments = steps.send(await getattr(self._reader, name)(*arguments))
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]


@contextmanager
def _redis_errors() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreUnavailable(f"Redis: {error}") from None


def _first_problem(error: ValidationError) -> str:
    """The first problem of several, in a line."""
    problem = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
