from datetime import UTC, datetime

import pytest
from texts import draft, story

from copydesk.core.copies import Contended, Done, Task, judge_and_admit, judge_and_admit_all
from copydesk.models import Verdict
from copydesk.ports import Conflict, Gone
from copydesk.runtime.memory_index import MemoryIndex

NOW = 1_700_000_000.0


class Interrupted(MemoryIndex):
    """An index into which others bring their documents between a look-up and the admission that follows it."""

    def __init__(self, *others):
        super().__init__()
        self.others = list(others)
        self.looked_up = 0

    def look_up(self, wanted, *, now):
        self.looked_up += 1
        return super().look_up(wanted, now=now)

    def admit(self, admissions):
        if self.others:
            other = self.others.pop(0)
            judge_and_admit(Quiet(self), other, now=NOW)
        return super().admit(admissions)


class Quiet:
    """The same index, seen by another process."""

    def __init__(self, index):
        self.index = index

    def look_up(self, wanted, *, now):
        return MemoryIndex.look_up(self.index, wanted, now=now)

    def load(self, numbers):
        return self.index.load(numbers)

    def admit(self, admissions):
        return MemoryIndex.admit(self.index, admissions)


def test_what_came_in_between_is_compared_with():
    other = draft("https://b.example/1", story(1))
    index = Interrupted(other)
    outcome = judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW)

    assert outcome.document.copy_of == other.id
    assert index.looked_up == 1, "the documents in between are loaded, nothing is looked up again"


def test_what_came_in_between_twice():
    others = [draft(f"https://b.example/{at}", story(1)[at:]) for at in range(3)]
    outcome = judge_and_admit(Interrupted(*others), draft("https://a.example/1", story(1)), now=NOW)

    assert outcome.document.copy_of == others[0].id
    assert set(outcome.document.evidence.sources) <= {other.id for other in others}


def test_the_same_address_in_between_is_looked_up_again():
    index = Interrupted(draft("https://a.example/1", story(1)))
    outcome = judge_and_admit(index, draft("https://a.example/1", story(2)), now=NOW)

    assert (outcome.document.verdict, outcome.document.revision) == (Verdict.REVISION, 2)
    assert index.looked_up == 2


class Refusing(MemoryIndex):
    """An index that always has the same answer."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.asked = 0

    def admit(self, admissions):
        self.asked += 1
        return [self.answer for _ in admissions]


@pytest.mark.parametrize("conflict", [Conflict(0, stale=True), Conflict(0, (1,))])
def test_tries_are_bounded(conflict):
    index = Refusing(conflict)
    [outcome] = judge_and_admit_all(index, [Task(draft("https://a.example/1", story(1)))], now=NOW, tries=4)

    assert outcome == Contended(4)
    assert index.asked == 4


def test_a_page_that_is_gone():
    index = Refusing(Gone())

    assert judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW, page="p", owner="j") == Gone()
    assert index.asked == 1


def test_an_empty_batch():
    assert judge_and_admit_all(Refusing(Gone()), [], now=NOW) == []


def test_the_document_keeps_what_the_draft_says():
    day = datetime(2026, 5, 1, tzinfo=UTC)
    item = draft(
        "https://a.example/1", story(1), title="T", language="en", source="s", published_at=day, authors=("A",)
    )
    outcome = judge_and_admit(MemoryIndex(), item, now=NOW)

    assert isinstance(outcome, Done)
    document = outcome.document
    assert document.text == "\n".join(story(1))
    assert (document.title, document.language, document.source) == ("T", "en", "s")
    assert (document.published_at, document.authors, document.host) == (day, ["A"], "a.example")
    assert document.verdict is Verdict.ORIGINAL
