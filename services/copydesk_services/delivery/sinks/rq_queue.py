"""The sink ``rq``: a job a document, in an RQ queue of the consumer's own."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final, Literal

import redis
from pydantic import Field, StringConstraints
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from copydesk.runtime.delivery_file import SinkOptions
from copydesk.runtime.groups import Entry
from copydesk.runtime.redis import connect
from copydesk.runtime.settings import Settings
from copydesk.runtime.stream_names import stream_name
from copydesk_services.delivery.sink import Away, Refused, Setting, SinkKind, document_of
from copydesk_services.delivery.threads import in_thread

OWN_QUEUES: Final = ("extract", "dedup")
_NOT_IN_A_JOB_ID: Final = re.compile(r"[^A-Za-z0-9_-]+")

_Argument = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
_Keyword = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]


class Options(SinkOptions):
    """What this kind of sink has."""

    kind: Literal["rq"] = "rq"
    redis: str | None = Field(
        None, pattern="^(redis|rediss|unix)://.", description="URL of its Redis; none: copydesk's own."
    )
    queue: str = Field(min_length=1, max_length=100)
    # Never imported here: RQ's worker does that, where the function is.
    function: str = Field(max_length=200, pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$", description="Dotted path.")
    args: tuple[_Argument, ...] = Field(
        ("document",), max_length=20, description="document, json, entry, or a field at the document's top level, each."
    )
    kwargs: dict[_Keyword, _Argument] = Field({}, max_length=20, description="The same, by keyword.")
    timeout: int = Field(180, ge=1, le=86_400, description="Seconds of a job.")
    ttl: int | None = Field(None, ge=1, le=31_536_000, description="Seconds that a job may wait; none: for ever.")
    result_ttl: int = Field(500, ge=0, le=31_536_000, description="Seconds that a job is kept after its success.")
    failure_ttl: int = Field(86_400, ge=0, le=31_536_000, description="Seconds that a job is kept after its failure.")
    most: int = Field(10_000, ge=1, le=10_000_000, description="Jobs in the queue from which on none is added.")


class RqQueue:
    """Enqueues jobs."""

    def __init__(self, options: Options, client: redis.Redis) -> None:
        self._options = options
        self._client = client
        self._queue = Queue(options.queue, connection=client, serializer=JSONSerializer)

    async def deliver(self, entries: Sequence[Entry]) -> None:
        """Enqueue a job for each; not where the job of the same revision is still there."""
        await in_thread(self._enqueue, entries)

    async def rest(self) -> None:
        """Nothing is to be done."""

    def _enqueue(self, entries: Sequence[Entry]) -> None:
        place = 0
        try:
            room = self._options.most - int(self._client.llen(self._queue.key))
            for place, entry in enumerate(entries):
                if place >= room:
                    raise Away(f"the queue {self._options.queue} has {self._options.most} jobs waiting", place)
                self._add(entry, place)
        except redis.RedisError as error:
            raise Away(f"{type(error).__name__}: {error}"[:300], place) from None

    def _add(self, entry: Entry, place: int) -> None:
        try:
            values = _Values(entry, place)
            args = [values[name] for name in self._options.args]
            kwargs = {keyword: values[name] for keyword, name in self._options.kwargs.items()}
        except (ValueError, RecursionError) as error:
            raise Refused(f"its document is no JSON: {error}", place) from None
        job_id = _NOT_IN_A_JOB_ID.sub("-", entry.fields.get(b"ce_id", entry.id.encode()).decode())
        # One that is there was delivered before, and not acknowledged.
        with contextlib.suppress(DuplicateJobError):
            self._queue.enqueue_call(
                self._options.function,
                args=args,
                kwargs=kwargs,
                timeout=self._options.timeout,
                ttl=self._options.ttl,
                result_ttl=self._options.result_ttl,
                failure_ttl=self._options.failure_ttl,
                description=f"{self._options.function} {job_id}",
                job_id=job_id,
                unique=True,
            )


class _Values:
    """What a job may be given of an entry, by name."""

    def __init__(self, entry: Entry, place: int) -> None:
        self._entry = entry
        self._text = document_of(entry, place)
        self._document: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        if name == "entry":
            return f"{stream_name(self._entry.stream)}/{self._entry.id}"
        if name == "json":
            return self._text.decode()
        if self._document is None:
            self._document = json.loads(self._text)
        return self._document if name == "document" else self._document.get(name)


@asynccontextmanager
async def _opened(options: Options, setting: Setting) -> AsyncIterator[RqQueue]:
    client = connect(options.redis) if options.redis else setting.store.client
    try:
        yield RqQueue(options, client)
    finally:
        if options.redis:
            client.close()


def _check(options: Options, settings: Settings) -> None:
    if options.redis is None and options.queue in OWN_QUEUES:
        raise ValueError(f"queue={options.queue!r} is a queue of copydesk's own")
    if options.redis is not None:
        connect(options.redis).close()


KIND: Final = SinkKind(Options, _opened, _check)
