"""Whatever comes first: the same documents end in the same clusters, each with one original."""

import pytest
import rewritten
from rewritten import words
from texts import draft, generator

from copydesk.core.copies import judge_and_admit
from copydesk.models import Verdict
from copydesk.runtime.memory_index import MemoryIndex

NOW = 1_700_000_000.0
ORDERS = 25


def arrived(documents, order):
    """Clusters as the index has them in the end, as sets of names, and the verdicts."""
    index = MemoryIndex()
    outcomes = {
        name: judge_and_admit(index, draft(f"https://{name}.example/", documents[name]), now=NOW) for name in order
    }
    known = {outcome.number: name for name, outcome in outcomes.items()}
    clusters = {}
    for document in index.load(known):
        clusters.setdefault(document.cluster, set()).add(known[document.number])
    return sorted(map(sorted, clusters.values())), {name: outcome.document for name, outcome in outcomes.items()}


def partitions(documents, *seed):
    """The partitions that random orders of arrival lead to, each with an order that does."""
    found = {}
    for number in range(ORDERS):
        order = generator("order", number, *seed).sample(sorted(documents), len(documents))
        clusters, results = arrived(documents, order)
        found.setdefault(str(clusters), order)
        for cluster in clusters:
            first = min(cluster, key=order.index)
            assert results[first].verdict is Verdict.ORIGINAL
    return found


def family(language, number):
    """An article and what others made of it, another one on the same matter, and one on something else."""
    of = rewritten.articles(language)
    blocks = list(of[number].blocks)
    other, lead = of[number + 1].blocks, of[number + 2].blocks
    return {
        "agency": blocks,
        "whole": rewritten.marks_changed(blocks),
        "shuffled": rewritten.shuffled(blocks, number),
        "edited": rewritten.edited(blocks, 0.05, number, words(other)),
        "cut": rewritten.cut(blocks, 0.65),
        "later-half": blocks[len(blocks) // 3 :],
        "with-lead": [lead[0], *blocks],
        "longer": [*blocks, *lead[-2:]],
        "related": list(other),
    }


@pytest.mark.parametrize(("language", "number"), [("en", 0), ("en", 14), ("ru", 0), ("zh", 1), ("ar", 1), ("th", 1)])
def test_any_order_of_arrival_gives_the_same_clusters(language, number):
    documents = family(language, number)
    found = partitions(documents, language, number)

    assert list(found) == [str([sorted(documents.keys() - {"related"}), ["related"]])], found


def test_two_halves_become_one_story_when_the_whole_comes():
    blocks = list(rewritten.articles("en")[1].blocks)
    documents = {"first": blocks[:3], "second": blocks[3:], "whole": blocks, "copy": blocks}
    found = partitions(documents)

    assert list(found) == [str([sorted(documents)])], found


def test_a_story_that_is_mostly_new_is_an_original_although_it_extends_a_short_report():
    """The one case in which the order decides: a cut of less than half is a copy, what grows to more than twice is none."""
    blocks = list(rewritten.articles("en")[0].blocks)
    documents = {"short": blocks[:2], "story": blocks}
    together, cut = arrived(documents, ["story", "short"])
    apart, grown = arrived(documents, ["short", "story"])

    assert together == [["short", "story"]]
    assert cut["short"].verdict is Verdict.COPY
    assert apart == [["short"], ["story"]]
    assert grown["story"].evidence.extends == grown["short"].id
