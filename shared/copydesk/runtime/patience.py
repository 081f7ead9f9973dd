"""An RQ worker that outlives its Redis: it waits while Redis is away or takes nothing, and goes on by itself.

RQ's own loop bears a connection that breaks while it waits for a job. Anything else (a job that cannot be begun or ended, a
server out of memory, a demoted primary) ends the worker with a traceback, and a job whose child still runs is left to nobody.
What is forgotten here loses nothing: pages are found by the state in Redis, not by RQ's registries.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import redis
from rq import Worker
from rq.job import Job
from rq.queue import Queue

from copydesk.runtime.logs import get_log
from copydesk.runtime.watch import RedisWatch

# What a child ends with that lost Redis in its bookkeeping (sysexits.h: a failure that passes).
REDIS_AWAY: Final = os.EX_TEMPFAIL
# Seconds between two tries; RQ would go up to a minute.
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 5.0

log = get_log()


class PatientWorker(Worker):
    """An RQ worker that waits for Redis."""

    max_connection_wait_time = LONGEST_WAIT

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._watch = RedisWatch()
        self._is_cut_short = False
        # It would tell of every try; the watch tells of the first.
        logging.getLogger("rq.worker").addFilter(_is_news)

    def bootstrap(self, *args: Any, **options: Any) -> None:
        """Introduce itself; Redis may be away already."""
        wait = FIRST_WAIT
        while True:
            try:
                super().bootstrap(*args, **options)
            except redis.RedisError as error:
                wait = self._wait(wait, error)
            else:
                return

    def check_for_suspension(self, burst: bool) -> None:
        """Look whether somebody suspended all workers; if Redis is away, the wait for a job finds out."""
        with self.bearing():
            super().check_for_suspension(burst)

    def run_maintenance_tasks(self) -> None:
        """Clean RQ's registries; the next time, if Redis is away."""
        with self.bearing():
            super().run_maintenance_tasks()  # type: ignore[no-untyped-call]

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """Tell what it does; it knows itself."""
        with self.bearing():
            super().set_state(state, pipeline)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Say that it lives."""
        with self.bearing():
            super().heartbeat(timeout, pipeline)
            if pipeline is None:
                self._watch.answered()

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for a job, however long Redis takes to give one."""
        wait = FIRST_WAIT
        while True:
            try:
                return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
            except redis.RedisError as error:
                # Of the server: for a connection RQ waits itself.
                wait = self._wait(wait, error)

    def execute_job(self, job: Job, queue: Any) -> None:
        """Run a job; if it cannot be begun, or its end not be told, the reaper of its stage finds the pages that are left."""
        self._is_cut_short = False
        try:
            super().execute_job(job, queue)
        except redis.RedisError as error:
            if self.is_horse:
                raise
            self._watch.away(error)
            self._is_cut_short = True
        if self._is_cut_short:
            self.lost(job)

    def wait_for_horse(self) -> tuple[int | None, int | None, Any]:
        """Wait for the child, and note whether it lost Redis: RQ asks no more once the job is told to have failed."""
        pid, status, usage = super().wait_for_horse()
        self._is_cut_short |= status is not None and os.WIFEXITED(status) and os.WEXITSTATUS(status) == REDIS_AWAY
        return pid, status, usage

    def lost(self, job: Job) -> None:
        """Redis went away before a job was begun, or before its end was told."""

    def maintain_heartbeats(self, job: Job, execution: Any) -> None:
        """Every few seconds while a job runs: its child is waited for whatever becomes of Redis."""
        with self.bearing():
            super().maintain_heartbeats(job, execution)

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:
        """In the child: run a job. Where its end cannot be told, the parent is told why."""
        try:
            return super().perform_job(job, queue, execution)
        except redis.RedisError:
            os._exit(REDIS_AWAY)

    def teardown(self) -> None:
        """Take leave, if Redis listens; what it knows of this worker expires."""
        with self.bearing():
            super().teardown()  # type: ignore[no-untyped-call]
        thread: Any = self.pubsub_thread
        if thread is not None:
            thread.stop()

    def _pubsub_exception_handler(self, exc: Exception, pubsub: Any, pubsub_thread: Any) -> None:
        """The thread that listens for RQ's commands (nobody needs them) waits for Redis as well."""
        if isinstance(exc, redis.RedisError) and not self._stop_requested:
            time.sleep(LONGEST_WAIT)
        else:
            pubsub_thread.stop()

    def _wait(self, seconds: float, error: redis.RedisError) -> float:
        """Wait for the next try; how long to wait for the one after it."""
        self._watch.away(error)
        time.sleep(seconds)
        return min(seconds * 2, LONGEST_WAIT)

    @contextmanager
    def bearing(self) -> Iterator[None]:
        """Bear errors of Redis, told once."""
        try:
            yield
        except redis.RedisError as error:
            # In a child it is the job's, which ends with it.
            if self.is_horse:
                raise
            self._watch.away(error)


def _is_news(record: logging.LogRecord) -> bool:
    """Not what RQ says of each try, nor tracebacks of jobs that lost Redis: whoever handles that says so."""
    return "could not connect to Redis instance" not in str(record.msg) and not isinstance(
        sys.exception(), redis.RedisError
    )
