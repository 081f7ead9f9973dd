"""One sink at work: reads its streams as a consumer group, delivers in order, and acknowledges what was taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Final

import redis
import redis.asyncio

from copydesk.models import GAP_SCHEMA
from copydesk.runtime.delivery_file import SinkOptions
from copydesk.runtime.groups import Entry, GroupReader
from copydesk.runtime.lease import Lease
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.watch import RedisWatch
from copydesk_services.delivery.circuit import FIRST, STATES, Circuit
from copydesk_services.delivery.sink import Away, Gone, Refused, Setting, Sink, SinkKind, Undelivered

READ_SECONDS: Final = 0.5
END_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 1.0
# Its consumer has this name in whatever process: what one that died had read is at once the next one's.
CONSUMER: Final = "sink"

MOST_DOUBTS: Final = 20
"""So many times the tries of an entry, where its target takes nothing else either: half a day with the longest pauses."""
MOST_ENDS: Final = 20
"""How often this process may die while it has an entry in hand: that is hardly the entry's fault."""

log = get_log()


class SinkRunner:
    """Runs a sink as long as this process has its lease."""

    def __init__(
        self,
        setting: Setting,
        kind: SinkKind,
        options: SinkOptions,
        *,
        group: str,
        streams: Sequence[str],
        stop: asyncio.Event,
        redis_watch: RedisWatch,
        first_pause: float = FIRST,
    ) -> None:
        self.name = setting.name
        self.group = group
        self.streams = streams
        self.problem: str | None = None
        """In words, while it delivers nothing."""
        self._setting = setting
        self._kind = kind
        self._options = options
        self._stop = stop
        self._redis = redis_watch
        self._metrics: Metrics = setting.metrics
        self._circuit = Circuit(first_pause)
        self._tries = 0  # of the entry whose turn it is, in this process
        self._alone = 0  # entries that are delivered one by one, since one of them was refused

    async def run(self, connect: Callable[[], redis.asyncio.Redis]) -> None:
        """Until told to stop, or its target is gone; then deliver what is there."""
        client = connect()
        try:
            lease = Lease(client, f"sink:{self.name}")
            while self._circuit.state != "gone":
                try:
                    if await lease.take():
                        await self._while_held(lease, client)
                except redis.RedisError as error:
                    self._redis.away(error)
                if await self._told_to_stop(LOOK_SECONDS):
                    return
        finally:
            await client.aclose()

    async def _while_held(self, lease: Lease, client: redis.asyncio.Redis) -> None:
        self._tell_state()
        work, kept = asyncio.create_task(self._work(client, lease)), asyncio.create_task(lease.keep())
        try:
            await asyncio.wait({work, kept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # The lease is kept until the last of the work is done.
            await end(work)
            await end(kept)
            await lease.give_back()
        error = None if work.cancelled() else work.exception()
        if isinstance(error, redis.RedisError):
            raise error
        if error is not None:
            log.error("sink.failed", sink=self.name, exc_info=error)

    async def _work(self, client: redis.asyncio.Redis, lease: Lease) -> None:
        reader = GroupReader(client, self.streams, self.group, consumer=CONSUMER, tries=self._options.tries + MOST_ENDS)
        try:
            async with self._kind.opened(self._options, self._setting) as sink:
                await self._deliver_all(reader, sink, lease)
        except Undelivered as error:
            await self._wait(error)
        finally:
            # Without the lease, what the consumer holds is in the hands of the process that follows.
            await (reader.close() if lease.held else reader.abandon())

    async def _deliver_all(self, reader: GroupReader, sink: Sink, lease: Lease) -> None:
        """Returns when told to stop and all is delivered, or what is there cannot be delivered now."""
        while True:
            stopping = self._stop.is_set()
            entries = await reader.read(self._options.batch, 0.0 if stopping else READ_SECONDS)
            if not lease.held:
                return
            if entries:
                if not await self._deliver(reader, sink, entries, lease):
                    return
            elif stopping:
                return
            elif reader.settled:
                await sink.rest()

    async def _deliver(self, reader: GroupReader, sink: Sink, entries: Sequence[Entry], lease: Lease) -> bool:
        """Deliver entries, whatever it takes; False where it is not the time for that any more."""
        waiting = await self._without_gaps(reader, entries)
        while waiting and lease.held:
            batch = waiting[:1] if self._alone or self._circuit.failures else waiting
            trouble: Undelivered | None = None
            try:
                await sink.deliver(batch)
                delivered = len(batch)
            except Undelivered as error:
                trouble, delivered = error, error.delivered
            except Exception as error:  # whatever it is, it must neither be lost nor hold up the rest for ever
                log.exception("sink.failed", sink=self.name)
                trouble, delivered = Refused(f"{type(error).__name__}: {error}"[:500], named=False, sure=False), 0
            if delivered:
                await self._delivered(reader, batch[:delivered])
                waiting = waiting[delivered:]
            if trouble is None:
                continue
            if isinstance(trouble, Refused):
                if not trouble.named and len(batch) - delivered > 1:
                    self._alone = len(batch) - delivered
                    continue
                if await self._refused(reader, sink, waiting, trouble):
                    waiting = waiting[1:]
            if not await self._wait(trouble):
                return False
        return lease.held

    async def _without_gaps(self, reader: GroupReader, entries: Sequence[Entry]) -> list[Entry]:
        """Markers of what was dropped go no further; where this group missed something, that is told."""
        gaps = [entry for entry in entries if entry.fields.get(b"schema") == GAP_SCHEMA.encode()]
        for entry in gaps:
            gap = json.loads(entry.fields[b"document"])
            if self.group in gap["groups"]:
                log.error("sink.missed", sink=self.name, entries=gap["entries"], first=gap["first"], last=gap["last"])
                self._metrics.deliveries.labels(self.name, "missed").inc(gap["entries"])
        if gaps:
            await reader.ack(gaps)
        return [entry for entry in entries if entry not in gaps]

    async def _delivered(self, reader: GroupReader, entries: Sequence[Entry]) -> None:
        await reader.ack(entries)
        self._metrics.deliveries.labels(self.name, "delivered").inc(len(entries))
        self._tries = 0
        self._alone = max(0, self._alone - len(entries))
        if self._circuit.succeeded():
            log.info("sink.works_again", sink=self.name)
        self.problem = None
        self._tell_state()

    async def _refused(self, reader: GroupReader, sink: Sink, waiting: list[Entry], refusal: Refused) -> bool:
        """Count a try of the first of ``waiting``; whether it was the last, and it went to the dead letters."""
        self._tries += 1
        entry, tries = waiting[0], self._tries
        if tries < self._options.tries:
            return False
        doubtful = not refusal.sure and tries < self._options.tries * MOST_DOUBTS
        if doubtful and not await self._takes_the_next(reader, sink, waiting):
            return False
        if not await reader.bury(entry, f"refused {tries} times, the last with: {refusal}"):
            # Redis is away, or it is this consumer's no longer: then whoever has it delivers it.
            return not await reader.holds(entry)
        log.error("sink.dead_letter", sink=self.name, stream=entry.stream, entry=entry.id, error=str(refusal)[:300])
        self._metrics.deliveries.labels(self.name, "dead").inc()
        self._tries = 0
        self._alone = max(0, self._alone - 1)
        return True

    async def _takes_the_next(self, reader: GroupReader, sink: Sink, waiting: list[Entry]) -> bool:
        """Deliver the entry behind the one that is not taken. Where that works, the fault is not the target's."""
        if len(waiting) == 1:
            waiting += await self._without_gaps(reader, await reader.read(1, 0.0))
        if len(waiting) == 1:
            return False
        try:
            await sink.deliver(waiting[1:2])
        except Exception as error:  # noqa: BLE001 -- its own tries begin when its turn comes
            log.info("sink.takes_nothing", sink=self.name, error=str(error)[:300])
            return False
        await self._delivered(reader, [waiting.pop(1)])
        return True

    async def _wait(self, trouble: Undelivered) -> bool:
        """Wait before the next try; False where there is none in this run."""
        self._metrics.deliveries.labels(self.name, "failed").inc()
        said = str(trouble)[:300]
        if isinstance(trouble, Gone):
            self._circuit.gone()
            log.error(
                "sink.gone", sink=self.name, error=said, do="remove it from the delivery file, or mend its target"
            )
            self.problem = f"sink {self.name} is gone: {said}"
            self._tell_state()
            return False
        if self.problem is None:
            log.error("sink.fails", sink=self.name, error=said)
        self.problem = f"sink {self.name}: {said}"
        pause = self._circuit.failed(trouble.after if isinstance(trouble, Away) else 0.0)
        self._tell_state()
        if self._stop.is_set() or await self._told_to_stop(pause):
            return False
        self._circuit.tried()
        self._tell_state()
        return True

    def _tell_state(self) -> None:
        for state in STATES:
            self._metrics.sink_circuit.labels(self.name, state).set(state == self._circuit.state)

    async def _told_to_stop(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return self._stop.is_set()


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task until it is done: one cancellation may be lost.

    redis-py sends commands under ``asyncio.wait_for``, which drops a cancellation that comes as the sending is just done
    (Python 3.11, https://github.com/python/cpython/issues/86296).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=END_SECONDS)
