"""The copy index in memory: for ``copydesk dedup``, for other programs, and for tests. Same answers as Redis."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from copydesk.core.candidates import promising, sketch
from copydesk.models import Document, Verdict
from copydesk.ports import TEXT_BITS, Admission, Admitted, Conflict, Gone, Known, LookedUp, Previous, Retracted, Wanted

DAY = 86_400.0
_NONE = np.empty(0, dtype=np.uint64)


@dataclass(slots=True)
class _Slice:
    """What came in during one slice of the window."""

    buckets: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    known: dict[int, Known] = field(default_factory=dict)
    previous: dict[str, Previous] = field(default_factory=dict)


class MemoryIndex:
    """A ``CopyIndex`` for one process, any number of threads.

    Args:
        window: Seconds over which copies are recognised; what is older is forgotten slice by slice.
        slices: Slices that a window has.
        emit: Called with each document that is emitted, in the order of admission, while the index is locked.
    """

    def __init__(
        self, *, window: float = 14 * DAY, slices: int = 2, emit: Callable[[Document], None] | None = None
    ) -> None:
        self._lock = threading.Lock()
        self._length = window / slices
        self._slices: deque[_Slice] = deque([_Slice()], maxlen=slices + 1)
        self._period = 0
        self._number = 0
        self._links: dict[str, tuple[str, int]] = {}
        self._leads: dict[str, tuple[str, int]] = {}
        self._emit = emit

    def look_up(self, wanted: Sequence[Wanted], *, now: float) -> list[LookedUp]:
        """Return what is known about each document."""
        with self._lock:
            self._advance(int(now // self._length))
            return [self._look_up(document) for document in wanted]

    def load(self, numbers: Iterable[int]) -> list[Known]:
        """Return the documents with these numbers, as far as they are still in the window."""
        with self._lock:
            return self._load(numbers)

    def admit(self, admissions: Iterable[Admission]) -> list[Admitted | Conflict | Gone | Retracted]:
        """Write and emit each document, one after the other."""
        answers: list[Admitted | Conflict | Gone | Retracted] = []
        for admission in admissions:  # judged one by one, without the lock
            with self._lock:
                answers.append(self._admit(admission))
        return answers

    def _advance(self, period: int) -> None:
        if period <= self._period:
            return
        for _ in range(min(period - self._period, self._slices.maxlen or 1)):
            self._slices.append(_Slice())
        self._period = period
        alive = {known.cluster for part in self._slices for known in part.known.values()}
        self._links = {id_: older for id_, older in self._links.items() if id_ in alive}
        self._leads = {id_: lead for id_, lead in self._leads.items() if id_ in alive}

    def _look_up(self, document: Wanted) -> LookedUp:
        sketch_ = sketch(document.prints)
        keys = [int(key) for key in sketch_.keys]
        found = [[number for part in self._slices for number in part.buckets.get(key, ())] for key in keys]
        recent = [len(self._slices[-1].buckets.get(key, ())) for key in keys]
        lengths = [len(numbers) for numbers in found]
        ordered, enters = sketch_.enter(lengths, recent)
        (chosen,) = promising(
            np.repeat(np.arange(len(keys)), lengths),
            np.array([number for numbers in found for number in numbers], dtype=np.int64),
            np.zeros(len(keys), dtype=np.int64),
        ) or ([],)
        previous = (part.previous.get(document.id) for part in reversed(self._slices))
        return LookedUp(
            seen=self._number,
            period=self._period,
            previous=self._renewed(next(filter(None, previous), None)),
            candidates=tuple(self._load(chosen)),
            keys=ordered,
            enters=enters,
        )

    def _renewed(self, previous: Previous | None) -> Previous | None:
        """The last revision with what is known of it by now."""
        if previous is None:
            return None
        return replace(previous, known=next(iter(self._load([previous.number])), None))

    def _load(self, numbers: Iterable[int]) -> list[Known]:
        loaded = [part.known[number] for number in numbers for part in self._slices if number in part.known]
        return [self._linked(known) for known in loaded]

    def _linked(self, known: Known) -> Known:
        while known.cluster in self._links:
            cluster, founded = self._links[known.cluster]
            known = replace(known, cluster=cluster, founded=founded)
        lead, led_by = self._leads.get(known.cluster, (None, known.led_by))
        return replace(known, lead=lead, led_by=led_by)

    def _admit(self, admission: Admission) -> Admitted | Conflict | Gone:
        document, looked_up, current = admission.document, admission.looked_up, self._slices[-1]
        if looked_up.period != self._period:
            return Conflict(self._number, stale=True)
        previous = current.previous.get(document.id)
        if previous is not None and (looked_up.previous is None or previous.number != looked_up.previous.number):
            return Conflict(self._number, stale=True)
        between = {n for key in looked_up.keys for n in current.buckets.get(key, ()) if n > looked_up.seen}
        if between:
            return Conflict(self._number, tuple(sorted(between)))
        if document.verdict is Verdict.UNCHANGED and looked_up.previous is not None:
            fetched = looked_up.previous.later(document)
            current.previous[document.id] = replace(looked_up.previous, fetched=fetched)
            return Admitted(looked_up.previous.number)
        self._number += 1
        number = self._number
        founded = number if admission.founded is None else admission.founded
        current.known[number] = Known(
            number,
            document.id,
            document.cluster,
            founded,
            replace(admission.prints, shingles=_NONE, tokens=0),
            admission.credit,
            admission.led_by,
        )
        text = admission.prints.text & ((1 << TEXT_BITS) - 1)
        fetched = (looked_up.previous or Previous(0, 0, 0, None)).later(document)
        current.previous[document.id] = Previous(number, document.revision, text, None, fetched)
        for key in looked_up.keys[: looked_up.enters]:
            current.buckets[key].append(number)
        for younger in admission.joins:
            self._links[younger] = (document.cluster, founded)
        if document.lead:
            self._leads[document.cluster] = (document.id, admission.led_by)
        if self._emit is not None:
            self._emit(document)
        return Admitted(number)
