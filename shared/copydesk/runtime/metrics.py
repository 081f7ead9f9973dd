"""Every metric that copydesk has. Each is described in ``docs/metrics.md``; a test fails when one is not.

Labels are bounded: they come from closed sets, never from a URL or a page.
"""

from __future__ import annotations

import json
import os
from collections import Counter as Tally
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

# Seconds; extraction of a page takes about 0.015, an admit about 0.001, a fetch from 0.01 to its deadline.
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# Seconds, from a minute to a week.
AGES: Final = (60, 300, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 259_200, 604_800)
# A pipe takes a message of this size whole or not at all (POSIX asks for at least 512; Linux and macOS give more).
PIPE_BYTES: Final = 4_000 if os.uname().sysname == "Linux" else 512


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.build = Gauge(
            "copydesk_build_info",
            "Always 1; the labels tell the release and the service.",
            ["version", "service"],
            registry=self.registry,
        )
        self.build.labels(version("copydesk"), service).set(1)
        self.polls = Counter("copydesk_polls", "Polls of sources by outcome.", ["outcome"], registry=self.registry)
        self.items = Counter(
            "copydesk_items", "Items that sources offered and nobody had taken before.", registry=self.registry
        )
        self.poll_lag = Histogram(
            "copydesk_poll_lag_seconds",
            "How long after it was due a source was polled.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.item_age = Histogram(
            "copydesk_item_age_seconds",
            "Age of new items when they were taken, of those with a date.",
            buckets=AGES,
            registry=self.registry,
        )
        self.sources = Gauge("copydesk_sources", "Sources by how they are.", ["status"], registry=self.registry)
        self.pushes = Counter(
            "copydesk_pushes", "What hubs sent, by what came of it.", ["outcome"], registry=self.registry
        )
        self.subscriptions = Gauge(
            "copydesk_push_subscriptions", "WebSub subscriptions, by state.", ["state"], registry=self.registry
        )
        self.outcomes = Counter(
            "copydesk_stage_outcomes",
            "Pages that left a stage, by outcome.",
            ["stage", "outcome", "reason"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "copydesk_stage_seconds",
            "Time that a page took in a stage.",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.removed = Counter(
            "copydesk_removed_blocks", "Blocks that were stripped, by reason.", ["reason"], registry=self.registry
        )
        self.learned = Counter(
            "copydesk_learned_blocks",
            "Blocks that were learned to be what their site repeats, and those that ceased to be.",
            ["change"],
            registry=self.registry,
        )
        self.retries = Counter(
            "copydesk_fetch_retries",
            "Fetches that failed for a passing reason and were put back.",
            ["reason"],
            registry=self.registry,
        )
        self.admit_conflicts = Counter(
            "copydesk_admit_conflicts",
            "Tries of admits that were given up since others always came in between.",
            registry=self.registry,
        )
        self.deaths = Counter(
            "copydesk_worker_deaths", "Worker processes that died in their work.", ["stage"], registry=self.registry
        )
        self.reaped = Counter(
            "copydesk_reaped_pages",
            "Pages that nobody worked on and that were queued again.",
            ["stage"],
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "copydesk_in_flight_pages",
            "Pages without an outcome yet, by where they are.",
            ["stage"],
            registry=self.registry,
        )
        self.queue_jobs = Gauge("copydesk_queue_jobs", "Jobs that wait in a queue.", ["stage"], registry=self.registry)
        self.queue_age = Gauge(
            "copydesk_queue_oldest_seconds",
            "Age of the oldest job that waits in a queue.",
            ["stage"],
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "copydesk_loop_lag_seconds",
            "How late the fetcher's event loop comes to what is due.",
            buckets=SECONDS[:12],
            registry=self.registry,
        )
        self.archive_pages = Counter(
            "copydesk_archive_pages",
            "Fetched pages that were written to the archive, or went on without.",
            ["outcome"],
            registry=self.registry,
        )
        self.archive_bytes = Counter(
            "copydesk_archive_bytes", "Bytes written to the archive, compressed.", registry=self.registry
        )
        self.archive_failures = Counter(
            "copydesk_archive_failures",
            "Failed attempts to write to the archive, or to move a file to where it belongs.",
            ["step"],
            registry=self.registry,
        )
        self.archive_waiting = Gauge(
            "copydesk_archive_waiting_bytes", "Bytes of closed files that wait to be sent.", registry=self.registry
        )
        self.deliveries = Counter(
            "copydesk_deliveries",
            "Entries that sinks delivered, and what else became of them.",
            ["sink", "outcome"],
            registry=self.registry,
        )
        self.sink_lag = Gauge(
            "copydesk_sink_lag_entries", "Entries that a sink has not delivered yet.", ["sink"], registry=self.registry
        )
        self.sink_age = Gauge(
            "copydesk_sink_lag_seconds",
            "Age of the oldest entry that a sink has not delivered yet.",
            ["sink"],
            registry=self.registry,
        )
        self.sink_circuit = Gauge(
            "copydesk_sink_circuit",
            "1 for the state that the circuit of a sink is in, else 0.",
            ["sink", "state"],
            registry=self.registry,
        )
        self.files_bytes = Counter(
            "copydesk_files_bytes",
            "Bytes that a file sink wrote, before compression.",
            ["sink"],
            registry=self.registry,
        )
        self.files_waiting = Gauge(
            "copydesk_files_waiting_bytes",
            "Bytes of closed files that wait to be sent.",
            ["sink"],
            registry=self.registry,
        )
        self.files_failures = Counter(
            "copydesk_files_failures",
            "Failed attempts to send files, or to remove old ones.",
            ["sink"],
            registry=self.registry,
        )
        self.redis_up = Gauge("copydesk_redis_up", "1 while Redis answers, else 0.", registry=self.registry)

    def count(self, report: StageReport) -> None:
        """Add what a worker or this process has done."""
        for outcome, number in report.outcomes.items():
            name, _, reason = outcome.partition(":")
            self.outcomes.labels(report.stage, name, reason).inc(number)
        for reason, number in report.removed.items():
            self.removed.labels(reason).inc(number)
        for change, number in report.learned.items():
            self.learned.labels(change).inc(number)
        for seconds in report.seconds:
            self.seconds.labels(report.stage).observe(seconds)
        if report.conflicts:
            self.admit_conflicts.inc(report.conflicts)
        if report.deaths:
            self.deaths.labels(report.stage).inc(report.deaths)


@dataclass
class StageReport:
    """What a forked worker tells its service: small, and told only after the work is committed."""

    stage: str
    outcomes: Tally[str] = field(default_factory=Tally)
    """Number of pages by ``outcome`` or ``outcome:reason``."""
    removed: Tally[str] = field(default_factory=Tally)
    learned: Tally[str] = field(default_factory=Tally)
    """Number of blocks that were ``learned`` or ``lapsed``."""
    seconds: list[float] = field(default_factory=list)
    conflicts: int = 0
    deaths: int = 0

    def add(self, outcome: str, seconds: float) -> None:
        """Count one page."""
        self.outcomes[outcome] += 1
        self.seconds.append(round(seconds, 5))

    def messages(self) -> list[bytes]:
        """The report as lines of JSON, each small enough to pass through a pipe in one piece."""
        if not (self.outcomes or self.removed or self.learned or self.conflicts or self.deaths):
            return []
        head = {
            "stage": self.stage,
            "outcomes": self.outcomes,
            "removed": self.removed,
            "learned": self.learned,
            "conflicts": self.conflicts,
            "deaths": self.deaths,
        }
        lines = [_line(head)]
        step = 32
        lines += [
            _line({"stage": self.stage, "seconds": self.seconds[start : start + step]})
            for start in range(0, len(self.seconds), step)
        ]
        return [line for line in lines if len(line) <= PIPE_BYTES]

    @classmethod
    def parse(cls, line: bytes) -> StageReport:
        """Read one message."""
        data = json.loads(line)
        return cls(
            stage=data["stage"],
            outcomes=Tally(data.get("outcomes", {})),
            removed=Tally(data.get("removed", {})),
            learned=Tally(data.get("learned", {})),
            seconds=data.get("seconds", []),
            conflicts=data.get("conflicts", 0),
            deaths=data.get("deaths", 0),
        )


def _line(data: dict[str, object]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"
