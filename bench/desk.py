"""copydesk behind the interface of the baselines: a text is looked up, without or with being added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from baselines import Found

from copydesk.core.copies import Done, Draft, Task, judge_and_admit_all
from copydesk.core.thresholds import DEFAULT, Thresholds
from copydesk.models import Block, Document, Verdict
from copydesk.ports import Admission, Admitted, CopyIndex, Known, LookedUp, Wanted
from copydesk.runtime.memory_index import MemoryIndex

NOW = 1_700_000_000.0


class ReadOnly:
    """An index that nothing enters; what it answered for an id, it answers again.

    Attributes:
        answers: What it answered, by id.
    """

    def __init__(self, index: MemoryIndex) -> None:
        self._index = index
        self.answers: dict[str, LookedUp] = {}

    def look_up(self, wanted: Sequence[Wanted], *, now: float) -> list[LookedUp]:
        """Return what the index knows about each document."""
        for document in wanted:
            if document.id not in self.answers:
                (self.answers[document.id],) = self._index.look_up([document], now=now)
        return [self.answers[document.id] for document in wanted]

    def load(self, numbers: Iterable[int]) -> list[Known]:
        """Return the documents with these numbers."""
        return self._index.load(numbers)

    def admit(self, admissions: Sequence[Admission]) -> list[Admitted]:
        """Say that each came in."""
        return [Admitted(0) for _ in admissions]


def judged(index: CopyIndex, id_: str, blocks: Sequence[str], thresholds: Thresholds = DEFAULT) -> Document:
    """Return a document with its verdict."""
    draft = Draft(id=id_, url="", host="", blocks=[Block(text=text) for text in blocks])
    (outcome,) = judge_and_admit_all(index, [Task(draft)], now=NOW, thresholds=thresholds)
    if not isinstance(outcome, Done):
        raise TypeError(f"{id_}: {outcome}")
    return outcome.document


class Copydesk:
    """The detector of this project, its index in memory.

    Attributes:
        compared: Ids of the documents with which the last text looked up was compared.
    """

    def __init__(self) -> None:
        self._index = MemoryIndex()
        self.compared: list[str] = []

    def look_up(self, id_: str, blocks: Sequence[str]) -> Found:
        """Return what the text is beside those added so far."""
        view = ReadOnly(self._index)
        found = _found(judged(view, id_, blocks))
        self.compared = [known.id for known in view.answers[id_].candidates]
        return found

    def look_up_and_add(self, id_: str, blocks: Sequence[str]) -> Found:
        """Look up, then add."""
        return _found(judged(self._index, id_, blocks))


def _found(document: Document) -> Found:
    return Found(document.verdict is not Verdict.ORIGINAL, document.cluster, document.novelty)
