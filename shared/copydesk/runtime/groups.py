"""Read streams as a consumer group: every entry at least once, also through crashes, restarts and bad entries.

What a consumer does is written once, in ``_Member``, as generators that yield commands and are sent the answers;
``GroupReader`` (asyncio) and ``BlockingGroupReader`` send them.

An entry belongs to the consumer that read it for as long as that one signs that it lives. One that has been without a sign
for ``idle`` seconds is claimed by another, alone and not in a batch: what its last consumer died of then takes nothing else
down with it. A try is counted when an entry is handed out. After ``tries`` of them it becomes a dead letter (``keys.dead``).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import redis
import redis.asyncio
from redis.backoff import ExponentialWithJitterBackoff

from copydesk.runtime import keys, scripts
from copydesk.runtime.stream_names import STREAMS, stream_name

MAX_DEAD: Final = 10_000
"""Dead letters of a group that are kept; also errors of tries."""
MAX_ERROR_CHARS: Final = 2_000
FAILURE_DAYS: Final = 7

BLOCK: Final = 2.0
"""Seconds of one blocking read at most: shorter than any client's time-out."""
LONGEST_SWEEP: Final = 5.0
"""Seconds between two looks for entries that a consumer left behind, at most."""
RETRY_DELAY: Final = 1.0
"""Seconds before the second try of an entry; doubles with each."""
BACKOFF: Final = ExponentialWithJitterBackoff(base=0.05, cap=5.0)
_LAST_SEQUENCE: Final = 2**64 - 1
_LONG_IDLE: Final = 86_400_000
"""Milliseconds: whatever a consumer's ``idle``, it may claim what was so long without a sign."""
_AT_ONCE: Final = 1_000

# What waiting mends: no connection, a server that loads its data, a replica that is no primary yet, full memory or disk.
_AWAY: Final = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
)
_AWAY_ANSWERS: Final = ("LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM")
_GROUP_GONE: Final = ("NOGROUP", "UNBLOCKED")

Start = Literal["new", "oldest"] | datetime
Command = tuple[Any, ...]
T = TypeVar("T")
Steps = Generator[Command, Any, T]

log = logging.getLogger("copydesk.groups")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a stream, as it was handed to a consumer.

    Attributes:
        stream: Key of the stream.
        id: Its id there, ``milliseconds-number``.
        fields: Names and values.
        attempts: How often it was handed out, this time included.
    """

    stream: str
    id: str
    fields: dict[bytes, bytes]
    attempts: int = 1

    @property
    def place(self) -> tuple[int, int]:
        """Its id as numbers, which sort by age."""
        milliseconds, _, number = self.id.partition("-")
        return int(milliseconds), int(number)


def before(place: tuple[int, int]) -> str:
    """The stream id right before a place."""
    milliseconds, number = place
    return f"{milliseconds}-{number - 1}" if number else f"{milliseconds - 1}-{_LAST_SEQUENCE}"


def start_id(start: Start) -> str:
    """The id behind which a group begins that is new: ``new`` entries only, the ``oldest`` there is, or from a time on."""
    if isinstance(start, datetime):
        return before((max(1, int(start.timestamp() * 1000)), 0))
    return "$" if start == "new" else "0"


def consumer_name() -> str:
    """A name that no other process has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


def streams_in(answer: Any) -> list[tuple[str, list[tuple[str, dict[bytes, bytes]]]]]:
    """Entries by stream in an answer of XREAD or XREADGROUP, in either version of the protocol."""
    pairs = answer.items() if isinstance(answer, dict) else answer or []
    found = []
    for stream, entries in pairs:
        # RESP3 may wrap the entries of a stream once more.
        rows = entries[0] if entries and isinstance(entries[0], list) else entries
        found.append((_text(stream), [(_text(entry_id), fields) for entry_id, fields in rows]))
    return found


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class _Member:
    """A consumer of a group: what it holds, what it sends next, and what it makes of errors. Does no I/O of its own."""

    def __init__(
        self, streams: Sequence[str], group: str, *, consumer: str | None, start: Start, tries: int, idle: float
    ) -> None:
        self.group = group
        self.own = keys.own(group)
        self.streams = [*dict.fromkeys(streams), self.own]
        self.consumer = consumer or consumer_name()
        self.tries = tries
        self.idle = idle
        self.away = False
        self._start = start_id(start)
        self._joined = False
        self._held: dict[tuple[str, str], Entry] = {}
        self._done: dict[tuple[str, str], None] = {}
        self._places: dict[str, str] = {}  # stream: the last entry that is known to be delivered
        self._cursors: dict[str, str] = {}  # stream: where the look for what was left behind goes on
        self._sweep_at = 0.0
        self._tidy_at = 0.0
        self._kept_at = time.monotonic()
        self._failures = 0
        # Tries to take back from what is this consumer's without its knowing. A name that was given may be that of a process
        # that died over them.
        self._unknown: int | None = None if consumer is None else 0

    @property
    def sign_every(self) -> float:
        return self.idle / 3

    @property
    def overdue(self) -> bool:
        """Whether no sign was given for so long that others may have claimed what is held: the process stood still."""
        return time.monotonic() - self._kept_at > self.idle * 2 / 3

    @property
    def settled(self) -> bool:
        return not self._done

    def holds(self, entry: Entry) -> bool:
        # A group that is gone is made anew, and what was held comes again.
        return self._joined and (entry.stream, entry.id) in self._held

    # What is sent.

    def read(self, count: int, seconds: float) -> Steps[list[Entry]]:
        if not self._joined:
            yield from self._join()
        yield from self.tell_done()
        if self._unknown is not None:
            yield from self._release(self._unknown)
            self._unknown = None
        claimed = yield from self._left_behind()
        if claimed:
            return [claimed]
        wait = min(seconds, BLOCK, max(0.0, self._sweep_at - time.monotonic()))
        block = ("BLOCK", max(1, int(wait * 1000))) if seconds > 0 else ()
        share = max(1, count // len(self.streams)) if len(self.streams) > 2 else count
        answer = yield (
            "XREADGROUP", "GROUP", self.group, self.consumer, "COUNT", share, *block,
            "STREAMS", *self.streams, *[">"] * len(self.streams),
        )  # fmt: skip
        entries = []
        for stream, rows in streams_in(answer):
            entries += [Entry(stream, entry_id, fields) for entry_id, fields in rows]
            self._places[stream] = rows[-1][0]
        entries.sort(key=lambda entry: entry.place)
        self._held |= {(entry.stream, entry.id): entry for entry in entries}
        return entries

    def done(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._held.pop((entry.stream, entry.id), None)
            self._done[entry.stream, entry.id] = None

    def tell_done(self) -> Steps[None]:
        for stream in {stream for stream, _ in self._done}:
            ids = [entry_id for done, entry_id in self._done if done == stream]
            for first in range(0, len(ids), _AT_ONCE):
                some = ids[first : first + _AT_ONCE]
                own = int(stream == self.own)
                yield from _script(("group_ack",), [stream, keys.failures(self.group)], self.group, own, *some)
                for entry_id in some:
                    self._done.pop((stream, entry_id), None)

    def fail(self, entry: Entry, error: str, tries: int) -> Steps[bool]:
        """Whether it went to the dead letters."""
        pause = min(RETRY_DELAY * 2.0 ** (entry.attempts - 1), self.idle)
        letter = {
            "dead_error": error[:MAX_ERROR_CHARS],
            "dead_stream": entry.stream,
            "dead_id": entry.id,
            "dead_attempts": min(entry.attempts, self.tries),
        }
        answer = yield from _script(
            ("group_pending", "group_fail"),
            [entry.stream, keys.failures(self.group), keys.dead(self.group)],
            *(self.group, self.consumer, entry.id, tries, int((self.idle - pause) * 1000)),
            *(MAX_DEAD, FAILURE_DAYS, int(entry.stream == self.own)),
            *(part for field in (*letter.items(), *entry.fields.items()) for part in field),
        )
        self._held.pop((entry.stream, entry.id), None)
        self._sweep_at = min(self._sweep_at, time.monotonic() + pause)
        if answer == 1:
            log.warning("group %s: %s/%s is a dead letter now: %s", self.group, entry.stream, entry.id, error)
        return bool(answer == 1)

    def keep(self) -> Steps[None]:
        """A sign of life for all that is held; what others have claimed is held no longer."""
        for stream in {stream for stream, _ in list(self._held)}:
            ids = [entry_id for held, entry_id in list(self._held) if held == stream]
            for first in range(0, len(ids), _AT_ONCE):
                some = ids[first : first + _AT_ONCE]
                lost = yield from _script(("group_pending", "group_keep"), [stream], self.group, self.consumer, *some)
                for entry_id in lost:
                    self._held.pop((stream, _text(entry_id)), None)
        self._kept_at = time.monotonic()

    def leave(self) -> Steps[None]:
        if not self._joined:
            return
        yield from self.tell_done()
        self._held.clear()
        yield from self._release(1)
        yield from self._tidy(self.consumer)

    def _join(self) -> Steps[None]:
        for stream in self.streams:
            start = self._places.get(stream, "0" if stream == self.own else self._start)
            ours = [entry for entry in self._held.values() if entry.stream == stream]
            if ours:
                start = before(min(entry.place for entry in ours))
            made, last, length = yield from _script(("group_join",), [stream], self.group, start)
            if made and not length and stream not in (*STREAMS.values(), self.own):
                log.warning("the stream %s holds nothing yet: is that its name?", stream_name(stream))
            if made:
                # What is held comes once more: the new group knows of none of it.
                for entry in ours:
                    self._held.pop((entry.stream, entry.id), None)
            self._places.setdefault(stream, _text(last))
        self._joined = True

    def _left_behind(self) -> Steps[Entry | None]:
        """The next entry whose consumer gave no sign for ``idle`` seconds, or whose try failed."""
        if not self._cursors and time.monotonic() >= self._sweep_at:
            yield from self.keep()
            self._cursors = dict.fromkeys(self.streams, "0-0")
            self._sweep_at = time.monotonic() + min(self.idle / 2, LONGEST_SWEEP)
        while self._cursors:
            stream, cursor = next(iter(self._cursors.items()))
            answer = yield from _script(
                ("group_pending", "group_claim"), [stream], self.group, self.consumer, int(self.idle * 1000), cursor
            )
            self._cursors[stream] = _text(answer[0])
            if self._cursors[stream] == "0-0":
                del self._cursors[stream]
            if len(answer) == 1:
                continue
            entry = Entry(stream, _text(answer[1]), _pairs(answer[3]), answer[2])
            if entry.attempts > self.tries:
                yield from self._bury(entry)
            elif not self.holds(entry):
                self._held[stream, entry.id] = entry
                return entry
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + self.idle
            yield from self._tidy()
        return None

    def _bury(self, entry: Entry) -> Steps[None]:
        """Each of its consumers ended over it, without a word."""
        last = yield ("HGET", keys.failures(self.group), f"{entry.stream}/{entry.id}")
        before_it = f"; before that: {_text(last)}" if last else ""
        yield from self.fail(entry, f"its consumer ended or stood still over it{before_it}", self.tries)

    def _release(self, taken_back: int) -> Steps[None]:
        for stream in self.streams:
            held = [entry_id for key, entry_id in self._held if key == stream]
            start: Any = "-"
            while start is not None:
                start = yield from _script(
                    ("group_release",),
                    [stream],
                    *(self.group, self.consumer, _LONG_IDLE, taken_back, start, *held),
                )
        self._sweep_at = 0.0

    def _tidy(self, me: str = "") -> Steps[None]:
        for stream in self.streams:
            yield from _script(("group_tidy",), [stream], self.group, int(self.idle * 10_000), me)

    # What becomes of errors.

    def trouble(self, error: redis.RedisError) -> float:
        """Seconds after which to try again. What waiting does not mend is raised."""
        if any(word in str(error) for word in _GROUP_GONE):
            if self._joined:
                log.warning("group %s is gone, and is made anew: %s", self.group, error)
            self._joined = False
            return 0.1
        passing = isinstance(error, _AWAY) or str(error).startswith(_AWAY_ANSWERS)
        if not passing or isinstance(error, redis.AuthenticationError):
            raise error
        if not self.away:
            log.warning("Redis is away, group %s waits: %s", self.group, error)
        self.away = True
        self._failures = min(self._failures + 1, 30)
        return float(BACKOFF.compute(self._failures))

    def unheard(self) -> None:
        """An answer that did not arrive may have held entries: what this consumer has on the server is given back."""
        self._unknown = 1

    def well(self) -> None:
        if self.away:
            log.warning("Redis is back, group %s goes on", self.group)
            self.away = False
            self._failures = 0
            self.unheard()


def _script(names: tuple[str, ...], names_of_keys: Sequence[str], *arguments: Any) -> Steps[Any]:
    text = scripts.source(*names)
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    try:
        answer = yield ("EVALSHA", digest, len(names_of_keys), *names_of_keys, *arguments)
    except redis.exceptions.NoScriptError:
        answer = yield ("EVAL", text, len(names_of_keys), *names_of_keys, *arguments)
    return answer


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


class GroupReader:
    """A consumer of a group, for asyncio.

    Args:
        client: Of bytes, not of decoded text.
        streams: Keys of the streams. What is delivered to the group alone (``keys.own``) is read beside them.
        group: Made where it is missing.
        consumer: Name of this consumer; without it one that no other has. Who gives the same name after a crash has at once
            what it had before it: no two may run under one name.
        start: Where a group begins that is new.
        tries: How often an entry is handed out before it becomes a dead letter.
        idle: Seconds without a sign of life after which another consumer has what this one held. Signs are given by a task:
            an event loop that stands still for longer is taken for dead.

    What no waiting mends (a wrong password, a key of another type) is raised as ``redis.RedisError``; while Redis is
    away, it waits.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        streams: Sequence[str],
        group: str,
        *,
        consumer: str | None = None,
        start: Start = "oldest",
        tries: int = 5,
        idle: float = 60.0,
    ) -> None:
        self._client = client
        self._member = _Member(streams, group, consumer=consumer, start=start, tries=tries, idle=idle)
        self._signs: asyncio.Task[None] | None = None

    async def read(self, count: int, seconds: float) -> list[Entry]:
        """Up to ``count`` entries (one of each stream at least), the oldest first; none where nothing came for ``seconds``."""
        if self._signs is None:
            self._signs = asyncio.create_task(self._sign())
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            entries: list[Entry] = []
            try:
                entries = await self._send(self._member.read(count, left))
            except redis.RedisError as error:
                await asyncio.sleep(min(self._member.trouble(error), max(left, 0.0)))
            except asyncio.CancelledError:
                self._member.unheard()
                raise
            if entries or time.monotonic() >= deadline:
                return entries

    async def ack(self, entries: Iterable[Entry]) -> None:
        """These are done. While Redis is away that is remembered, and told when it is back."""
        self._member.done(entries)
        await self._try(self._member.tell_done())

    async def fail(self, entry: Entry, error: str) -> bool:
        """This try has failed: the entry comes again after a moment, to any consumer; whether it became a dead letter instead."""
        return bool(await self._try(self._member.fail(entry, error, self._member.tries)))

    async def bury(self, entry: Entry, error: str) -> bool:
        """No other try would be better: the entry becomes a dead letter at once; whether it did, or Redis is away."""
        return bool(await self._try(self._member.fail(entry, error, tries=1)))

    @property
    def settled(self) -> bool:
        """Whether Redis knows of all that was acknowledged."""
        return self._member.settled

    async def holds(self, entry: Entry) -> bool:
        """Whether what was read is still this consumer's: where the process stood still, another may have it."""
        if self._member.overdue:
            await self._try(self._member.keep())
        return self._member.holds(entry)

    async def close(self) -> None:
        """Give back what was read and not acknowledged, without counting it as a try, and leave the group."""
        await self._end_signs()
        await self._try(self._member.leave())

    async def abandon(self) -> None:
        """Give no more signs of life, and leave what is not done as it is: another process has it by now."""
        await self._end_signs()
        await self._try(self._member.tell_done())

    async def _end_signs(self) -> None:
        while self._signs is not None and not self._signs.done():
            self._signs.cancel()  # more than once: redis-py may lose a cancellation
            await asyncio.wait({self._signs}, timeout=1.0)

    async def _sign(self) -> None:
        while True:
            await asyncio.sleep(self._member.sign_every)
            with contextlib.suppress(redis.RedisError):  # what waiting does not mend, the next read raises
                await self._try(self._member.keep())

    async def _try(self, steps: Steps[T]) -> T | None:
        try:
            return await self._send(steps)
        except redis.RedisError as error:
            self._member.trouble(error)
            return None

    async def _send(self, steps: Steps[T]) -> T:
        try:
            command = next(steps)
            while True:
                try:
                    answer = await self._client.execute_command(*command)  # type: ignore[no-untyped-call]
                except redis.RedisError as error:
                    command = steps.throw(error)
                else:
                    self._member.well()
                    command = steps.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


class BlockingGroupReader:
    """A consumer of a group, as ``GroupReader``, for programs without asyncio; a thread gives the signs of life."""

    def __init__(
        self,
        client: redis.Redis,
        streams: Sequence[str],
        group: str,
        *,
        consumer: str | None = None,
        start: Start = "oldest",
        tries: int = 5,
        idle: float = 60.0,
    ) -> None:
        self._client = client
        self._member = _Member(streams, group, consumer=consumer, start=start, tries=tries, idle=idle)
        self._signs: threading.Thread | None = None
        self._closed = threading.Event()

    def read(self, count: int, seconds: float) -> list[Entry]:
        """Up to ``count`` entries (one of each stream at least), the oldest first; none where nothing came for ``seconds``."""
        if self._signs is None:
            self._signs = threading.Thread(target=self._sign, name="copydesk-signs", daemon=True)
            self._signs.start()
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            entries: list[Entry] = []
            try:
                entries = self._send(self._member.read(count, left))
            except redis.RedisError as error:
                self._closed.wait(min(self._member.trouble(error), max(left, 0.0)))
            if entries or time.monotonic() >= deadline:
                return entries

    def ack(self, entries: Iterable[Entry]) -> None:
        """These are done. While Redis is away that is remembered, and told when it is back."""
        self._member.done(entries)
        self._try(self._member.tell_done())

    def fail(self, entry: Entry, error: str) -> bool:
        """This try has failed: the entry comes again after a moment, to any consumer; whether it became a dead letter instead."""
        return bool(self._try(self._member.fail(entry, error, self._member.tries)))

    def bury(self, entry: Entry, error: str) -> None:
        """No other try would be better: the entry becomes a dead letter at once."""
        self._try(self._member.fail(entry, error, tries=1))

    def holds(self, entry: Entry) -> bool:
        """Whether what was read is still this consumer's: where the process stood still, another may have it."""
        if self._member.overdue:
            self._try(self._member.keep())
        return self._member.holds(entry)

    def close(self) -> None:
        """Give back what was read and not acknowledged, without counting it as a try, and leave the group."""
        self._closed.set()
        if self._signs is not None:
            self._signs.join()
        self._try(self._member.leave())

    def _sign(self) -> None:
        while not self._closed.wait(self._member.sign_every):
            with contextlib.suppress(redis.RedisError):  # what waiting does not mend, the next read raises
                self._try(self._member.keep())

    def _try(self, steps: Steps[T]) -> T | None:
        try:
            return self._send(steps)
        except redis.RedisError as error:
            self._member.trouble(error)
            return None

    def _send(self, steps: Steps[T]) -> T:
        try:
            command = next(steps)
            while True:
                try:
                    answer = self._client.execute_command(*command)  # type: ignore[no-untyped-call]
                except redis.RedisError as error:
                    command = steps.throw(error)
                else:
                    self._member.well()
                    command = steps.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
