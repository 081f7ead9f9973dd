"""The worker processes of a stage: RQ workers that listen on one queue, and the service process that looks after them.

A service process starts its workers, restarts those that die, counts what their forked children report through a pipe
(a fork would lose its counts), queues again what nobody works on, and serves metrics and health.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import time
from typing import Any, Final

import redis
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseTimeoutException

from copydesk.models import STATE_VERSION
from copydesk.runtime import keys
from copydesk.runtime.bounds import bound_memory
from copydesk.runtime.health import HealthServer
from copydesk.runtime.lifeline import Lifeline, held_lifeline, parent_gone
from copydesk.runtime.logs import get_log
from copydesk.runtime.metrics import Metrics, StageReport
from copydesk.runtime.patience import REDIS_AWAY, PatientWorker
from copydesk.runtime.processes import ChildProcess, StopSignal, stop_all
from copydesk.runtime.queue import ALIVE_SIGN_SECONDS, JOB_FUNCTIONS, Stage, Stages
from copydesk.runtime.settings import Settings
from copydesk.runtime.watch import RedisWatch

REPORT_FD: Final = "COPYDESK_REPORT_FD"
# RQ waits this long (less 15 s) for a job before it looks around; it must stay below the client's socket timeout.
WORKER_TTL: Final = 20
MAINTENANCE_SECONDS: Final = 60
# Of the time to drain, what is left for giving back what could not be finished. RQ takes a second signal within a second of
# the first for the same one.
GIVE_BACK_SECONDS: Final = 3.0
# NumPy's libraries would start a thread a core, in every worker, for arithmetic that needs none.
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
TICK_SECONDS: Final = 1.0
HEALTHY_SECONDS: Final = 60.0

log = get_log()


class StageWorker(PatientWorker):
    """An RQ worker for one stage: bounded children, signs of life, and pages of dead jobs queued again at once."""

    def __init__(self, stage: Stage, stages: Stages, client: redis.Redis, settings: Settings) -> None:
        super().__init__(
            [stages.queue(stage)],
            connection=client,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL,
            job_monitoring_interval=ALIVE_SIGN_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            exception_handlers=[self._on_exception],
            disable_default_exception_handler=True,
            log_job_description=False,
        )
        self._stage = stage
        self._stages = stages
        self._settings = settings
        self._lifeline = held_lifeline()
        # Pages that have been charged with a try that Redis cut short; it takes no jobs meanwhile, so they are few.
        self._wronged: set[str] = set()

    def execute_job(self, job: Job, queue: Any) -> None:
        """Run a job, if it is one of copydesk's own: what stands in Redis does not choose the code."""
        if self._is_newer(job):
            return
        if not self._is_ours(job):
            log.error("job.foreign", job=job.id, names=str(job.func_name)[:80])
            job.delete()
            return
        try:
            super().execute_job(job, queue)
        except SystemExit:  # told a second time: the child is gone, and there is no time left to do it again
            self._give_back(job)
            raise

    def _is_newer(self, job: Job) -> bool:
        """Whether a newer release queued this job: then it is left to others, and its pages wait for a moment."""
        meta: Any = job.meta
        version = meta.get("version", 1) if isinstance(meta, dict) else 1
        if not isinstance(version, int) or version <= STATE_VERSION:
            return False
        # What cannot be read of it is found by the reaper, which queues each of its pages in a job of its own.
        if self._is_ours(job):
            self._stages.put_back(self._stage, job.id, job.args[0])
        if self._stages.is_first_to_say(self._stage, version):
            log.warning("job.newer", stage=self._stage, version=version, known=STATE_VERSION)
        job.delete()
        return True

    def _is_ours(self, job: Job) -> bool:
        try:
            wanted = job.func_name == JOB_FUNCTIONS[self._stage]
            pages = job.args[0] if len(job.args) == 1 else None
        except Exception:  # noqa: BLE001 -- whatever it is that cannot be read, it is no job of copydesk's
            return False
        callbacks = (job.success_callback, job.failure_callback, job.stopped_callback)
        plain = not job.kwargs and not any(callbacks) and not getattr(job, "webhooks", None)
        return wanted and plain and isinstance(pages, list) and all(isinstance(page, str) for page in pages)

    def main_work_horse(self, job: Job, queue: Any) -> None:
        """Bound the child's memory before it works; its time is bounded page by page, by ``bound_cpu``."""
        bound_memory(self._settings.page_memory)
        super().main_work_horse(job, queue)

    def maintain_heartbeats(self, job: Job, execution: Any) -> None:
        """Every ALIVE_SIGN_SECONDS while a job runs."""
        with self.bearing():
            self._stages.sign_of_life(job.id)
        super().maintain_heartbeats(job, execution)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """At least every WORKER_TTL - 15 seconds while there is no job."""
        # Once: RQ takes a second signal for "at once", and would end the job that runs.
        if not self.is_horse and not self._stop_requested and parent_gone(self._lifeline):
            os.kill(os.getpid(), signal.SIGTERM)
        super().heartbeat(timeout, pipeline)
        if self._wronged and not self.is_horse:
            with self.bearing():
                self._stages.forgive(self._stage, self._wronged)
                self._wronged.clear()

    def lost(self, job: Job) -> None:
        """What stood alone in a job that Redis cut short is not to blame; the reaper queues it again."""
        if len(job.args[0]) == 1:
            self._wronged.update(job.args[0])

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        """The child died: by a limit, a crash in C code, or somebody's SIGKILL."""
        number = os.WTERMSIG(ret_val) if ret_val and os.WIFSIGNALED(ret_val) else 0
        cause = "stalled" if number in (signal.SIGXCPU, signal.SIGALRM) else "crashed"
        is_away = os.WIFEXITED(ret_val or 0) and os.WEXITSTATUS(ret_val or 0) == REDIS_AWAY
        said = f"signal {number}" if number else "Redis went away" if is_away else f"status {ret_val}"
        self._split(job, cause, said, tries_back=int(is_away and len(job.args[0]) == 1))

    def _on_exception(self, job: Job, *exc_info: Any) -> bool:
        """The job raised, in the child: out of time or memory, or Redis went away, which is no fault of a page."""
        error = exc_info[1]
        cause = "stalled" if isinstance(error, BaseTimeoutException | MemoryError) else "crashed"
        tries_back = 1 if isinstance(error, redis.RedisError) and len(job.args[0]) == 1 else 0
        self._split(job, cause, f"{type(error).__name__}: {error}"[:300], tries_back)
        return False

    def _give_back(self, job: Job) -> None:
        page_ids = job.args[0]
        again = self._stages.give_back(self._stage, job.id, page_ids)
        log.warning("job.given_back", job=job.id, stage=self._stage, pages=len(again))

    def _split(self, job: Job, cause: str, said: str, tries_back: int = 0) -> None:
        page_ids = job.args[0]
        again = self._stages.split(self._stage, job.id, page_ids, death=cause, tries_back=tries_back)
        log.warning(
            "job.died", job=job.id, stage=self._stage, pages=len(page_ids), again=len(again), cause=cause, said=said
        )
        report(StageReport(self._stage, deaths=1))


def report(done: StageReport) -> None:
    """Tell the service process what was done; without one (it died, or a worker was run by hand) there is nobody to tell."""
    fd = os.environ.get(REPORT_FD, "")
    if fd.isdecimal():
        with contextlib.suppress(BrokenPipeError):
            for message in done.messages():
                os.write(int(fd), message)


class Service:
    """The process of a stage: looks after its workers until it is told to stop."""

    def __init__(
        self, stage: Stage, name: str, *, workers: int, stages: Stages, client: redis.Redis, settings: Settings
    ) -> None:
        self._stage = stage
        self._client = client
        self._stages = stages
        self._settings = settings
        self._metrics = Metrics(name)
        self._health = HealthServer(settings, self._metrics, healthy=self._healthy, ready=self._ready)
        self._lifeline = Lifeline.create()
        self._report_read, self._report_write = os.pipe()
        os.set_blocking(self._report_read, False)
        command = [sys.executable, "-m", "copydesk_services", "worker", stage]
        self._pool = [
            ChildProcess(
                command,
                self._lifeline,
                environment={REPORT_FD: str(self._report_write), **ONE_THREAD},
                pass_fds=(self._report_write,),
            )
            for _ in range(workers)
        ]
        self._unread = b""
        self._stopping = False
        self._ticked = time.monotonic()
        self._reap_at = 0.0
        self._redis = RedisWatch(self._metrics)

    def run(self) -> None:
        """Work until SIGTERM, SIGINT or the parent's end; then let the workers finish what they have begun."""
        with StopSignal() as stop, self._health:
            log.info("service.started", workers=len(self._pool), port=self._health.port)
            for process in self._pool:
                process.start()
            while not stop.wait(TICK_SECONDS, self._report_read):
                self._read_reports()
                self._tick()
            self._stopping = True
            self._drain()
        self._lifeline.close()
        log.info("service.stopped")

    def _tick(self) -> None:
        self._ticked = time.monotonic()
        for process in self._pool:
            status = process.look()
            if status is not None:
                log.warning("worker.died", status=status)
                self._metrics.deaths.labels(self._stage).inc()
        if self._ticked < self._reap_at:
            return
        self._reap_at = self._ticked + self._settings.reap_interval
        try:
            self._look_at_stage()
        except redis.RedisError as error:
            self._redis.away(error)
        else:
            self._redis.answered()

    def _look_at_stage(self) -> None:
        interval = max(1, math.ceil(self._settings.reap_interval))
        if self._client.set(keys.lock(f"reap:{self._stage}"), os.getpid(), nx=True, px=int(interval * 900)):
            again = self._stages.reap(self._stage)
            if again:
                log.warning("pages.reaped", pages=len(again), first=again[0])
                self._metrics.reaped.labels(self._stage).inc(len(again))
        self._metrics.in_flight.labels(self._stage).set(self._client.zcard(keys.stage(self._stage)))
        jobs, age = self._stages.backlog(self._stage)
        self._metrics.queue_jobs.labels(self._stage).set(jobs)
        self._metrics.queue_age.labels(self._stage).set(age)

    def _read_reports(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._report_read, 65_536):
                self._unread += chunk
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            self._metrics.count(StageReport.parse(line))

    def _drain(self) -> None:
        log.info("service.draining")
        seconds = self._settings.drain_seconds
        for late in stop_all(self._pool, seconds, insist=min(GIVE_BACK_SECONDS, seconds / 2)):
            log.warning("worker.killed", pid=late)
        self._read_reports()

    def _healthy(self) -> str | None:
        silent = time.monotonic() - self._ticked
        return f"the main loop has not turned for {silent:.0f} s" if silent > HEALTHY_SECONDS else None

    def _ready(self) -> str | None:
        if self._redis.problem is not None:
            return self._redis.problem
        if not any(process.alive for process in self._pool):
            return "no worker process is running"
        return "stopping" if self._stopping else None
