"""Pages that are stored already, through the same pipeline as those that are fetched: into the extract stage, in batches."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from copydesk.models import PageRef
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.pressure import Pressure
from copydesk.runtime.queue import Stages
from copydesk.runtime.settings import Settings

# A batch of the largest pages would be hundreds of megabytes.
BATCH_BYTES: Final = 16_000_000
LOOK_SECONDS: Final = 0.5


class StoredIntake:
    """Takes pages in, no faster than they are worked on, and can follow them to their outcomes."""

    def __init__(
        self,
        *,
        frontier: Frontier,
        stages: Stages,
        pressure: Pressure,
        runner: asyncio.Runner,
        settings: Settings,
        again: bool,
        follow: bool,
        pause: Callable[[float], bool],
    ) -> None:
        """Prepare.

        Args:
            frontier: Takes them.
            stages: Work on them.
            pressure: Says when they have enough to do.
            runner: Runs what is asynchronous.
            settings: The batches' sizes.
            again: Pages that were taken before are taken as well.
            follow: Count what becomes of them.
            pause: Waits so many seconds; whether to stop.
        """
        self._frontier = frontier
        self._stages = stages
        self._pressure = pressure
        self._runner = runner
        self._settings = settings
        self._again = again
        self._follow = follow
        self._pause = pause
        self._batch: list[tuple[PageRef, bytes]] = []
        self._bytes = 0
        self._open: set[str] = set()
        self._looked_at = 0.0
        self.taken = 0
        self.known = 0
        """Pages that were left alone: taken before, or, where that is no reason, still in work."""
        self.outcomes: Counter[str] = Counter()

    @property
    def in_work(self) -> int:
        """Pages that are followed and have no outcome yet."""
        return len(self._open)

    @property
    def waiting(self) -> int:
        """Pages that wait for their batch."""
        return len(self._batch)

    def take(self, ref: PageRef, body: bytes) -> None:
        """Take one page; it waits for its batch, and here while the stages have enough to do."""
        self._batch.append((ref, body))
        self._bytes += len(body)
        if len(self._batch) >= self._settings.batch_pages or self._bytes >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send the batch on."""
        while self._is_full():
            if self._pause(LOOK_SECONDS):
                return
            self.look()
        batch, self._batch, self._bytes = self._batch, [], 0
        taken = self._runner.run(self._take_all(batch))
        if taken:
            self._stages.submit("extract", taken)
        self.taken += len(taken)
        self.known += len(batch) - len(taken)
        if self._follow:
            self._open.update(taken)
            # Of those that are known, some may be in work since somebody took them and was interrupted.
            known = sorted({ref.id for ref, _ in batch}.difference(taken))
            self._open.update(set(known).difference(self._stages.outcomes(known)))
            if time.monotonic() - self._looked_at >= LOOK_SECONDS:
                self.look()

    def finish(self) -> bool:
        """Send the rest on, and wait until all that is followed has its outcome; False where it was told to stop first."""
        if self._batch:
            self.flush()
        while self._open:
            self.look()
            if self._open and self._pause(LOOK_SECONDS / 2):
                return False
        return not self._batch

    async def _take_all(self, batch: list[tuple[PageRef, bytes]]) -> list[str]:
        return [ref.id for ref, body in batch if await self._frontier.take_page(ref, body, again=self._again)]

    def _is_full(self) -> bool:
        self._pressure.look()
        return bool(self._pressure.causes)

    def look(self) -> None:
        """See which of the pages that are followed have their outcome."""
        self._looked_at = time.monotonic()
        if self._open:
            ended = self._stages.outcomes(sorted(self._open))
            self.outcomes.update(ended.values())
            self._open.difference_update(ended)
