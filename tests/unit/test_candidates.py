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

    assert [len(short.keys), short.entered] == [1 + ENTERED * 5 // 4, ENTERED]
    assert [len(long.keys), long.entered] == [1 + MOST, MOST_ENTERED]


def test_hot_keys_make_room_for_others():
    prints = sketch(fingerprint(story(1, 20)))
    counts, recent = [1] * len(prints.keys), [1] * len(prints.keys)
    counts[1:4] = [HOT] * 3
    recent[1:4] = [FEW, FEW, FEW - 1]
    text, _, _, *rest = prints.keys.tolist()
    ordered, enters = prints.enter(counts, recent)

    assert enters == 1 + ENTERED
    assert ordered == (text, *rest), "what is hot, but rare of late, is entered"


def test_a_text_that_many_repeat_is_asked_for_but_not_entered():
    prints = sketch(fingerprint(story(1, 20)))
    text, *rest = prints.keys.tolist()
    ordered, enters = prints.enter([HOT] + [1] * len(rest), [FEW] + [1] * len(rest))

    assert (ordered, enters) == ((*rest, text), ENTERED)


def test_a_text_of_few_words_has_a_key_for_its_words_and_one_for_the_text():
    assert len(keys(["Goal!"])) == 2
    assert keys(["Goal!"]) == keys(["GOAL"])
    assert keys(["Goal!"]) != keys(["Penalty!"])
    assert not keys([])


def chosen(*documents):
    """What documents choose, each given by what its keys find after that of its text, which nobody has."""
    found = [numbers for keys_find in documents for numbers in ([], *keys_find)]
    seekers = np.repeat(np.arange(len(documents)), [1 + len(keys_find) for keys_find in documents])
    numbers = np.array([number for numbers in found for number in numbers], dtype=np.int64)
    return promising(np.repeat(np.arange(len(found)), [len(numbers) for numbers in found]), numbers, seekers)


def test_rare_keys_count_more_than_common_ones():
    crowd = range(100, 100 + HOT)

    assert chosen([crowd, crowd, [7]])[0][0] == 7
    assert chosen([[5, 3], [5]]) == [[5, 3]]
    assert chosen([[9], [2]]) == [[2, 9]], "of two that are equally promising, the older"
    assert chosen([crowd]) == [[]], "one common key says nothing"
    assert chosen([crowd, crowd]) == [[*range(100, 100 + MOST_UNLIKELY)]], "two say little"
    assert len(chosen([crowd] * 7)[0]) == MAX_CANDIDATES, "seven say enough"
    assert chosen([[], []]) == [[]]


def test_the_same_text_is_worth_loading_however_many_have_it():
    crowd = np.arange(100, 100 + HOT)

    assert len(promising(np.zeros(HOT, dtype=np.int64), crowd, np.zeros(2, dtype=np.int64))[0]) == MAX_CANDIDATES


def test_several_documents_choose_each_for_itself():
    assert chosen([[1, 2], [2]], [], [[3], [3, 4]]) == [[2, 1], [], [3, 4]]
