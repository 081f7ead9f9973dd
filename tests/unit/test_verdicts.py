from dataclasses import replace

import numpy as np
import pytest
from texts import edited, sentence, story
from texts import generator as rng

from copydesk.core.fingerprint import fingerprint
from copydesk.core.thresholds import Thresholds
from copydesk.core.verdicts import MAX_MATCHES, judge
from copydesk.models import Verdict
from copydesk.ports import TEXT_BITS, Fingerprinted, Known, Previous


def known(number, blocks, cluster=None, founded=None, id_=None):
    id_ = id_ or f"e{number}"
    return Known(number, id_, cluster or id_, founded or number, fingerprint(blocks))


def verdict(blocks, *candidates, previous=None, thresholds=None):
    return judge("d", fingerprint(blocks), candidates, previous=previous, thresholds=thresholds or Thresholds())


def test_nothing_before_it():
    result = verdict(story(1))

    assert (result.verdict, result.cluster, result.founded, result.novelty) == (Verdict.ORIGINAL, "d", None, 1.0)
    assert result.evidence.reason == "No earlier document in the window shares a passage with it."


def test_an_unrelated_document_is_no_evidence():
    result = verdict(story(1), known(1, story(2)))

    assert (result.verdict, result.novelty) == (Verdict.ORIGINAL, 1.0)
    assert result.evidence.sources == []


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param(story(1), id="whole"),
        pytest.param(story(1)[:3], id="cut to the first 40 %"),
        pytest.param(story(1)[::-1], id="reordered"),
        pytest.param([*story("lead", 4), *story(1)], id="paragraphs in front"),
        pytest.param([*story(1), *story("footer", 3)], id="a footer behind"),
        pytest.param([" ".join(story(1))], id="one block"),
        pytest.param([block.upper() for block in story(1)], id="upper case"),
        pytest.param(edited(story(1), 0.02), id="2 % of the words edited"),
        pytest.param(edited(story(1), 0.05), id="5 % of the words edited"),
        pytest.param(edited(story(1), 0.10), id="10 % of the words edited"),
    ],
)
def test_copies(blocks):
    result = verdict(blocks, known(1, story(1)), known(2, story(2)))

    assert result.verdict is Verdict.COPY
    assert (result.copy_of, result.cluster, result.founded) == ("e1", "e1", 1)
    assert result.evidence.nearest == "e1"
    assert result.evidence.reason.endswith(".")


def test_the_evidence_of_a_cut_copy():
    result = verdict(story(1)[:4], known(1, story(1)))

    assert result.evidence.containment == 1.0
    assert 0.3 < result.evidence.contained < 0.7
    assert result.novelty == 0.0
    assert [(match.passage, match.there, match.distance) for match in result.evidence.matches] == [
        (passage, passage, 0) for passage in range(8)
    ]


def test_it_extends_a_short_one():
    result = verdict([*story(1, 6), *story("more", 20)], known(1, story(1, 6)))

    assert (result.verdict, result.evidence.extends) == (Verdict.ORIGINAL, "e1")
    assert 0.6 < result.novelty < 0.9


def test_a_long_quotation_makes_no_copy():
    result = verdict([*story(1, 4), *story("own", 12)], known(1, [*story(1, 4), *story("other", 12)]))

    assert (result.verdict, result.evidence.extends) == (Verdict.ORIGINAL, None)
    assert 0.6 < result.novelty < 0.9


def test_a_round_up_of_three_is_no_copy_of_any():
    round_up = [*story(1)[:3], *story(2)[:3], *story(3)[:3]]
    result = verdict(round_up, *(known(number, story(number)) for number in (1, 2, 3)))

    assert result.verdict is Verdict.ORIGINAL
    assert result.novelty == 0.0
    assert sorted(result.evidence.sources) == ["e1", "e2", "e3"]
    assert {match.document for match in result.evidence.matches} == {"e1", "e2", "e3"}


def test_a_copy_of_a_copy_belongs_to_the_original():
    result = verdict(story(1), known(7, story(1), cluster="e3", founded=3))

    assert (result.copy_of, result.cluster, result.founded, result.evidence.nearest) == ("e3", "e3", 3, "e7")


def test_it_bridges_two_clusters():
    result = verdict(story(1), known(2, story(1)), known(1, story(1)))

    assert (result.copy_of, result.joins) == ("e1", ("e2",))


def test_the_older_cluster_does_not_draw_in_what_is_much_nearer_to_another():
    result = verdict(story(1), known(1, story(1)[:1]), known(2, story(1)))

    assert (result.copy_of, result.joins) == ("e2", ())


def test_a_cluster_that_stands_whole_in_a_copy_is_bridged_too():
    result = verdict(story(1), known(1, story(1)[:3]), known(2, story(1)[2:]))

    assert (result.verdict, result.copy_of, result.joins) == (Verdict.COPY, "e1", ("e2",))


def test_the_same_address():
    last = replace(known(5, story(1), id_="d"), cluster="e1", founded=1)
    text = last.prints.text & ((1 << TEXT_BITS) - 1)
    previous = Previous(number=5, revision=2, text=text, known=last)
    same = verdict(story(1), known(1, story(1)), previous=previous)
    other = verdict([*story(1), *story("more", 4)], known(1, story(1)), known(5, story(1), id_="d"), previous=previous)

    assert (same.verdict, same.revision, same.cluster) == (Verdict.UNCHANGED, 2, "e1")
    assert (other.verdict, other.revision, other.cluster, other.founded) == (Verdict.REVISION, 3, "e1", 1)
    assert other.copy_of is None
    assert other.evidence.sources == ["e1"]


def test_the_same_address_whose_cluster_is_forgotten():
    previous = Previous(number=5, revision=1, text=0, known=None)

    assert verdict(story(1), previous=previous).cluster == "d"


SHORT = [sentence(rng("short"), 14, 16), sentence(rng("short 2"), 14, 16)]


@pytest.mark.parametrize("there", [[" ".join(SHORT)], [*SHORT, "Oslo wins again today."], ["Watch this:", *SHORT]])
def test_a_short_text_is_a_copy_of_the_same(there):
    assert verdict(SHORT, known(1, there)).verdict is Verdict.COPY
    assert verdict(there, known(1, SHORT)).verdict is Verdict.COPY


@pytest.mark.parametrize(
    "there",
    [
        pytest.param([*SHORT, *story("rest")], id="it is a small part"),
        pytest.param(SHORT[:1], id="it has one of its two sentences"),
        pytest.param([SHORT[0], sentence(rng("another"), 14, 16)], id="one of two differs"),
        pytest.param([*SHORT, sentence(rng("more"), 12, 14)], id="much follows"),
        pytest.param([SHORT[0].replace("lorde", "gold"), SHORT[1]], id="one word differs"),
    ],
)
def test_a_short_text_that_is_not_the_same_is_no_copy(there):
    assert verdict(SHORT, known(1, there)).verdict is Verdict.ORIGINAL


def test_what_many_stories_share_makes_no_copy():
    shared = [sentence(rng("shared", number), 25, 30) for number in range(3)]
    others = [known(number, [*story(number), *shared]) for number in range(1, 9)]
    few = verdict([*story("own", 2), *shared], known(1, [*story(1, 2), *shared]))
    many = verdict([*story("own", 2), *shared], known(9, [*story(9, 2), *shared]), *others)

    assert few.verdict is Verdict.COPY
    assert many.verdict is Verdict.ORIGINAL
    assert many.novelty < 0.5


def test_a_story_that_many_copies_carry_is_not_common():
    copies = [known(number, story(1), cluster="e1", founded=1) for number in range(1, 30)]

    assert verdict(story(1)[:4], *copies).copy_of == "e1"


def test_a_repeated_passage_counts_once():
    once = story(1, 8)
    result = verdict([*story(2, 8), *[once[0]] * 20], known(1, once))

    assert result.evidence.containment < 0.4


def test_no_passages():
    assert verdict([], known(1, story(1))).verdict is Verdict.ORIGINAL
    assert verdict(story(1), known(1, [])).verdict is Verdict.ORIGINAL
    same = verdict(["Goal!"], known(1, ["goal"]))
    assert (same.verdict, same.novelty) == (Verdict.COPY, 0.0)


def test_the_matches_are_bounded():
    prints = np.arange(1, 1001, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    long = Fingerprinted(prints, np.full(1000, 20, dtype=np.uint16), 1, 1)
    result = judge("d", long, [Known(1, "e1", "e1", 1, long)])

    assert result.verdict is Verdict.COPY
    assert len(result.evidence.matches) == MAX_MATCHES
