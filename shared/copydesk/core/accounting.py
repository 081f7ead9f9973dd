"""Whether what is there is what the counters say: every page that was taken has one outcome, or is in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from copydesk.models import Verdict

STAGES: Final = ("fetch", "extract", "dedup")
ADVICE: Final = {
    "fetch": "pages that wait to be fetched, or are being fetched; `copydesk audit --deep` names those that are nowhere or twice",
    "extract": "pages in the extract stage; `copydesk audit --deep` names those that are nowhere or twice",
    "dedup": "pages in the dedup stage; `copydesk audit --deep` names those that are nowhere or twice",
    "documents": "entries of copydesk:documents; somebody else wrote to it or deleted it, or Redis lost its last writes",
    "copies": "entries of copydesk:copies; as for documents",
    "rejected": "entries of copydesk:rejected; as for documents",
}
FAULTS: Final = {
    "lost": "in work, and in no place: DEL copydesk:page:ID copydesk:seen:ID lets the next poll take it again",
    "twice": "in two places: it may come out twice; remove it from one of them with ZREM",
    "ended": "has its outcome, and waits all the same: ZREM it from its stage",
    "no_page": "waits, and nothing is known of it: it will be rejected, or drops out by itself",
    "no_body": "waits to be extracted, and its body is gone: it will be rejected as extract_failed",
    "no_extraction": "waits for its verdict, and what was extracted is gone: it will be rejected as dedup_failed",
    "left": "a body or an extraction that nobody will read: DEL copydesk:body:ID copydesk:extraction:ID",
    "emitted_twice": "an id and revision stands in the streams twice: consumers that keep to both drop the second",
    "empty_job": "a job in RQ's queue without its data: the reaper has queued its pages again",
}


@dataclass(frozen=True)
class Snapshot:
    """What is there at one moment.

    Attributes:
        counts: Counters of outcomes, by ``stage:outcome``.
        frontier: Pages that wait at hosts; counted over a while where there are many, in which ``moved`` pages moved.
        leased: Pages that are being fetched.
        stages: Pages in the stages, by name.
        added: Entries that were ever added to a stream, by its name; without those that the server does not count.
    """

    counts: Mapping[str, int]
    frontier: int
    leased: int
    stages: Mapping[str, int]
    added: Mapping[str, int] = field(default_factory=dict)
    moved: int = 0

    def count(self, name: str) -> int:
        """One counter."""
        return self.counts.get(name, 0)

    def rejected(self, stage: str) -> int:
        """Pages that a stage rejected."""
        return sum(number for name, number in self.counts.items() if name.startswith(f"{stage}:rejected:"))

    @property
    def outcomes(self) -> dict[str, int]:
        """Pages by outcome, over all stages."""
        verdicts = {verdict.value: self.count(f"dedup:{verdict.value}") for verdict in Verdict}
        verdicts[Verdict.UNCHANGED.value] += self.count("fetch:unchanged")
        return {**verdicts, "rejected": sum(map(self.rejected, STAGES))}

    @property
    def in_flight(self) -> dict[str, int]:
        """Pages without an outcome, by where they really are."""
        return {"frontier": self.frontier, "fetch": self.leased, **self.stages}


@dataclass(frozen=True)
class Check:
    """One sum: what the counters say that there must be, and what there is. ``slack``: what may differ without a fault."""

    name: str
    expected: int
    found: int
    slack: int = 0

    @property
    def difference(self) -> int:
        """How many too many, or, below zero, how many are missing; 0 within the slack."""
        difference = self.found - self.expected
        return 0 if abs(difference) <= self.slack else difference


def checks(snapshot: Snapshot) -> list[Check]:
    """All sums."""
    count, rejected = snapshot.count, snapshot.rejected
    verdicts = sum(count(f"dedup:{verdict.value}") for verdict in Verdict)
    fetch = count("fetch:taken") - count("fetch:page") - count("fetch:unchanged") - rejected("fetch")
    found = [
        Check("fetch", fetch, snapshot.frontier + snapshot.leased, snapshot.moved),
        Check(
            "extract", count("fetch:page") - count("extract:document") - rejected("extract"), snapshot.stages["extract"]
        ),
        Check("dedup", count("extract:document") - verdicts - rejected("dedup"), snapshot.stages["dedup"]),
    ]
    emitted = {
        "documents": count("dedup:original") + count("dedup:revision"),
        "copies": count("dedup:copy"),
        "rejected": sum(map(rejected, STAGES)),
    }
    for name, number in emitted.items():
        if name in snapshot.added:
            told = number + count(f"retracted:copydesk:{name}") + count(f"gaps:copydesk:{name}")
            found.append(Check(name, told, snapshot.added[name]))
    return found
