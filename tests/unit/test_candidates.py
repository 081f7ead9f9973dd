import numpy as np
from texts import edited, story

from copydesk.core.candidates import (
    ENTERED,
    FEW,
    HOT,
    MAX_CANDIDATES,
    MOST,
    MOST_ENTERED,
    MOST_UNLIKELY,
    promising,
    sketch,
)
from copydesk.core.fingerprint import fingerprint


def keys(blocks):
    return {int(key) for key in sketch(fingerprint(blocks)).keys}


def test_copies_share_keys_and_others_do_not():
    assert len(keys(story(1)) & keys([*story("lead", 6), *story(1)])) > 10
    assert len(keys(story(1)) & keys(edited(story(1), 0.15))) > 2
    assert not keys(story(1)) & keys(story(2))


def test_a_short_cut_of_a_very_long_document_shares_keys():
    long = story(1, 150)

    assert sum(bool(keys(long) & keys(long[at : at + 5])) for at in range(0, 70, 5)) >= 13


def test_the_number_of_keys_is_bounded():
    short, long = sketch(fingerprint(story(1, 20))), sketch(fingerprint(story(1, 900)))

    assert [len(short.keys), short.entered] == [ENTERED * 5 // 4, ENTERED]
    assert [len(long.keys), long.entered] == [MOST, MOST_ENTERED]


def test_hot_keys_make_room_for_others():
    prints = sketch(fingerprint(story(1, 20)))
    counts, recent = [1] * len(prints.keys), [1] * len(prints.keys)
    counts[:3] = [HOT] * 3
    recent[:3] = [FEW, FEW, FEW - 1]
    ordered, enters = prints.enter(counts, recent)

    assert enters == ENTERED
    assert ordered == tuple(prints.keys[2:].tolist()), "what is hot, but rare of late, is entered"


def test_a_text_of_few_words_has_one_key():
    assert len(keys(["Goal!"])) == 1
    assert keys(["Goal!"]) == keys(["GOAL"])
    assert keys(["Goal!"]) != keys(["Penalty!"])
    assert not keys([])


def chosen(*found, seekers=None):
    """What one document chooses when its keys find these numbers (or several documents, whose keys ``seekers`` tells)."""
    lengths = [len(numbers) for numbers in found]
    numbers = np.array([number for numbers in found for number in numbers], dtype=np.int64)
    seekers = np.array([0] * len(found) if seekers is None else seekers, dtype=np.int64)
    return promising(np.repeat(np.arange(len(found)), lengths), numbers, seekers)


def test_rare_keys_count_more_than_common_ones():
    crowd = range(100, 100 + HOT)

    assert chosen(crowd, crowd, [7])[0][0] == 7
    assert chosen([5, 3], [5]) == [[5, 3]]
    assert chosen([9], [2]) == [[2, 9]], "of two that are equally promising, the older"
    assert chosen(crowd) == [[]], "one common key says nothing"
    assert chosen(crowd, crowd) == [[*range(100, 100 + MOST_UNLIKELY)]], "two say little"
    assert len(chosen(*[crowd] * 7)[0]) == MAX_CANDIDATES, "seven say enough"
    assert chosen([], []) == [[]]


def test_several_documents_choose_each_for_itself():
    assert chosen([1, 2], [2], [3], [3, 4], seekers=[0, 0, 2, 2]) == [[2, 1], [], [3, 4]]
