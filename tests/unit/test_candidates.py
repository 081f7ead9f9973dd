import numpy as np
from texts import edited, story

from copydesk.core.candidates import ASKED, ENTERED, HOT, MAX_CANDIDATES, MOST, best, sketch
from copydesk.core.fingerprint import fingerprint


def keys(blocks):
    return {int(key) for key in sketch(fingerprint(blocks)).all()}


def test_copies_share_keys_and_others_do_not():
    assert len(keys(story(1)) & keys([*story("lead", 6), *story(1)])) > 10
    assert len(keys(story(1)) & keys(edited(story(1), 0.05))) > 5
    assert not keys(story(1)) & keys(story(2))


def test_a_short_cut_of_a_very_long_document_shares_keys():
    long = story(1, 150)

    assert sum(bool(keys(long) & keys(long[at : at + 5])) for at in range(0, 70, 5)) >= 13


def test_the_number_of_keys_is_bounded():
    short, long = sketch(fingerprint(story(1, 60))), sketch(fingerprint(story(1, 900)))

    assert [len(short.high), len(short.low), short.entered] == [30, 30, ENTERED + 8]
    assert [len(long.high), len(long.low), long.entered] == [MOST] * 3
    assert ASKED <= MOST


def test_hot_keys_make_room_for_others():
    prints = sketch(fingerprint(story(1, 30)))
    hot = {int(key): HOT for key in prints.high[:3]}
    ordered, enters = prints.enter(hot)

    assert enters == 1 + 4 + 12 + 12
    assert not set(ordered) & set(hot)
    assert len(set(ordered)) == len(ordered) == len(prints.all()) - 3


def test_a_text_without_passages_has_one_key():
    assert len(keys(["Goal!"])) == 1
    assert keys(["Goal!"]) == keys(["GOAL"])


def test_rare_passages_count_more_than_common_ones():
    crowd = np.arange(100, 100 + HOT)

    assert best([crowd, crowd, np.array([7])])[0] == 7
    assert best([np.array([5, 3]), np.array([5])]) == [5, 3]
    assert best([np.array([9]), np.array([2])]) == [2, 9], "of two that are equally promising, the older"
    assert len(best([np.arange(1000)])) == MAX_CANDIDATES
    assert best([]) == best([np.array([], dtype=np.int64)]) == []
