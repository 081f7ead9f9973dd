"""Copy detection, from a document without a verdict to a document that is in the index, over the ``CopyIndex`` port.

Fingerprint, look up, judge, admit. Where the index answers that other documents came in between, they are compared with
too and the admission is tried again, a bounded number of times.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from copydesk.core.attribution import named, owner
from copydesk.core.fingerprint import fingerprint
from copydesk.core.leads import Provenance, provenance
from copydesk.core.thresholds import DEFAULT, Thresholds
from copydesk.core.verdicts import Judgement, judge
from copydesk.models import Block, Credit, DateSource, Document, RemovedBlock
from copydesk.ports import (
    Admission,
    Admitted,
    Conflict,
    CopyIndex,
    Fingerprinted,
    Gone,
    Known,
    LookedUp,
    Retracted,
    Wanted,
)

MAX_TRIES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document before its verdict; the fields are those of ``copydesk.models.Document``."""

    id: str
    url: str
    host: str
    blocks: Sequence[Block]
    source: str | None = None
    title: str | None = None
    language: str | None = None
    removed: Sequence[RemovedBlock] = ()
    published_at: datetime | None = None
    published_from: DateSource | None = None
    modified_at: datetime | None = None
    modified_from: DateSource | None = None
    fetched_at: datetime | None = None
    authors: Sequence[str] = ()
    site_name: str | None = None
    section: str | None = None
    tags: Sequence[str] = ()
    image: str | None = None
    description: str | None = None
    canonical_url: str | None = None
    paywalled: bool | None = None
    labels: dict[str, str] = field(default_factory=dict)
    reservations: list[str] = field(default_factory=list)
    credits: Sequence[Credit] = ()
    learned: int | None = None

    @property
    def provenance(self) -> Provenance:
        """Where it says that it comes from."""
        return provenance((owner(self.host) or "", self.host), self.credits)

    def document(self, judgement: Judgement) -> Document:
        """Return the finished document."""
        return Document(
            id=self.id,
            revision=judgement.revision,
            url=self.url,
            host=self.host,
            source=self.source,
            title=self.title,
            text="\n".join(block.text for block in self.blocks),
            language=self.language,
            verdict=judgement.verdict,
            copy_of=judgement.copy_of,
            cluster=judgement.cluster,
            novelty=round(judgement.novelty, 4),
            lead=judgement.lead,
            removed=list(self.removed),
            published_at=self.published_at,
            published_from=self.published_from,
            modified_at=self.modified_at,
            modified_from=self.modified_from,
            fetched_at=self.fetched_at,
            authors=list(self.authors),
            site_name=self.site_name,
            section=self.section,
            tags=list(self.tags),
            image=self.image,
            canonical_url=self.canonical_url,
            paywalled=self.paywalled,
            labels=self.labels,
            reservations=self.reservations,
            description=self.description,
            agency=named(self.credits, "agency"),
            publisher=named(self.credits, "publisher"),
            credits=list(self.credits),
            blocks=list(self.blocks),
            evidence=judgement.evidence,
            learned=self.learned,
        )


@dataclass(frozen=True, slots=True)
class Task:
    """A draft, and the page and the job that it comes from; both empty outside a pipeline.

    ``prints`` are its fingerprints, where somebody has them already.
    """

    draft: Draft
    page: str = ""
    owner: str = ""
    prints: Fingerprinted | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The document is in the index, emitted as it is here (or not at all where it is unchanged), its page settled."""

    document: Document
    number: int


@dataclass(frozen=True, slots=True)
class Contended:
    """Nothing was written: in every one of so many tries other documents came in between. To be done again later."""

    tries: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was written: judging the document raised this."""

    error: Exception


Outcome = Done | Gone | Retracted | Contended | Failed


@dataclass(slots=True)
class _Case:
    """A task on its way: its place among the tasks, and what is known so far."""

    place: int
    task: Task
    prints: Fingerprinted
    looked_up: LookedUp
    newer: list[Known] = field(default_factory=list)

    def admission(self, thresholds: Thresholds) -> Admission:
        provenance, fetched_at = self.task.draft.provenance, self.task.draft.fetched_at
        judgement = judge(
            self.task.draft.id,
            self.prints,
            [*self.looked_up.candidates, *self.newer],
            previous=self.looked_up.previous,
            fetched=fetched_at.timestamp() if fetched_at else math.inf,
            provenance=provenance,
            thresholds=thresholds,
        )
        return Admission(
            document=self.task.draft.document(judgement),
            prints=self.prints,
            looked_up=self.looked_up,
            founded=judgement.founded,
            joins=judgement.joins,
            credit=provenance.credit,
            led_by=judgement.led_by,
            page=self.task.page,
            owner=self.task.owner,
        )


def judge_and_admit(
    index: CopyIndex, draft: Draft, *, now: float, page: str = "", owner: str = "", thresholds: Thresholds = DEFAULT
) -> Outcome:
    """Find out what one document is, put it into the index and emit it."""
    return judge_and_admit_all(index, [Task(draft, page, owner)], now=now, thresholds=thresholds)[0]


def judge_and_admit_all(
    index: CopyIndex, tasks: Sequence[Task], *, now: float, thresholds: Thresholds = DEFAULT, tries: int = MAX_TRIES
) -> list[Outcome]:
    """Find out what each of a batch of documents is, put them into the index, and emit them.

    The batch as a whole is looked up and admitted in a few round trips, in its order; a document that shares text with an
    earlier one of the batch, or with one that another process admits meanwhile, comes in after the rest.

    Args:
        index: Where the earlier documents are.
        tasks: The documents.
        now: Unix time in seconds.
        thresholds: Where the line is drawn.
        tries: Admissions that are tried for each document.

    Returns:
        What became of each document, in their order. An exception of the index leaves those unsettled that it has not
        answered for; doing the batch again is safe, since a settled page's document is ``Gone`` then.
    """
    if not tasks:
        return []
    prints = [task.prints or fingerprint(block.text for block in task.draft.blocks) for task in tasks]
    wanted = [Wanted(task.draft.id, print_) for task, print_ in zip(tasks, prints, strict=True)]
    pending = [
        _Case(place, task, print_, looked_up)
        for place, (task, print_, looked_up) in enumerate(
            zip(tasks, prints, index.look_up(wanted, now=now), strict=True)
        )
    ]
    outcomes: list[Outcome] = [Contended(tries)] * len(tasks)
    together = min(2, tries)
    for _ in range(together):
        pending = _round(index, pending, outcomes, now=now, thresholds=thresholds)
    # What conflicts once more shares text with others of the batch: one after the other from then on.
    for case in pending:
        left = [case]
        for _ in range(tries - together):
            left = _round(index, left, outcomes, now=now, thresholds=thresholds)
    return outcomes


def _round(
    index: CopyIndex, cases: list[_Case], outcomes: list[Outcome], *, now: float, thresholds: Thresholds
) -> list[_Case]:
    """Try to admit cases; return those that came too late, up to date again."""
    if not cases:
        return []
    judged: list[tuple[_Case, Document]] = []

    def admissions() -> Iterator[Admission]:
        for case in cases:
            try:
                admission = case.admission(thresholds)
            except Exception as error:  # noqa: BLE001 -- those before it are on their way: their answers have to be read
                outcomes[case.place] = Failed(error)
                continue
            judged.append((case, admission.document))
            yield admission

    conflicts: list[tuple[_Case, Conflict]] = []
    answers = index.admit(admissions())
    for (case, document), answer in zip(judged, answers, strict=True):
        if isinstance(answer, Conflict):
            conflicts.append((case, answer))
        else:
            outcomes[case.place] = Done(document, answer.number) if isinstance(answer, Admitted) else answer
    if conflicts:
        _catch_up(index, conflicts, now=now)
    return [case for case, _ in conflicts]


def _catch_up(index: CopyIndex, conflicts: Sequence[tuple[_Case, Conflict]], *, now: float) -> None:
    """Let cases know what came in since their look-ups."""
    stale = [case for case, conflict in conflicts if conflict.stale]
    wanted = [Wanted(case.task.draft.id, case.prints) for case in stale]
    for case, looked_up in zip(stale, index.look_up(wanted, now=now) if wanted else (), strict=True):
        case.looked_up = looked_up
        case.newer.clear()
    fresh = [(case, conflict) for case, conflict in conflicts if not conflict.stale]
    loaded = {known.number: known for known in index.load({n for _, conflict in fresh for n in conflict.numbers})}
    for case, conflict in fresh:
        known = {document.number for document in (*case.looked_up.candidates, *case.newer)}
        case.newer += [loaded[number] for number in conflict.numbers if number in loaded and number not in known]
        case.looked_up = replace(case.looked_up, seen=conflict.seen)
