"""Passages side by side, without a terminal."""

from texts import edited, story

from copydesk_services.commands.passage_rows import Row, Run, Text, backwards, changed, link, rows, runs

STORY = story(1, sentences=6)


def beside(blocks, *others):
    """The rows of a text beside others."""
    text, texts = Text.of(blocks), [Text.of(other) for other in others]
    return rows(len(text.passages), len(texts[0].passages), link(text, texts, 8), backwards(text, texts[0]))


def places(found):
    return [(row.kind, row.here, row.there) for row in found]


def test_what_one_of_them_lacks_stands_where_it_stands_there():
    own, other = story("own", sentences=2), story("other", sentences=2)
    assert places(beside([*STORY[:1], *own, *STORY[1:]], [*STORY[:2], *other, *STORY[2:]])) == [
        ("same", 0, 0), ("same", 1, 1), ("here", 2, None), ("here", 3, None), ("same", 4, 2), ("same", 5, 3),
        ("there", None, 4), ("there", None, 5), ("same", 6, 6), ("same", 7, 7),
    ]  # fmt: skip


def test_passages_in_another_order_keep_their_counterparts():
    found = beside(STORY, [STORY[2], STORY[0], STORY[1]])
    assert places(found) == [("same", here, there) for here, there in enumerate([2, 3, 4, 5, 0, 1])]
    assert [row.number for row in found] == [1, 2, 3, 4, 5, 6]


def test_the_first_of_the_others_goes_before_the_further_ones():
    assert {row.other for row in beside(STORY, STORY, STORY)} == {0}
    found = beside(STORY, STORY[:1], STORY)
    assert [row.other for row in found] == [0, 0, 1, 1, 1, 1]
    # One that is no longer stored has nothing.
    text = Text.of(STORY)
    assert {found.other for found in link(text, [None, text], 8)} == {1}


def test_a_passage_that_stands_there_twice_is_no_passage_of_its_own():
    found = beside(STORY[:1], [*STORY[:1], *STORY[:1]])
    assert [(row.kind, row.here, row.there, row.number) for row in found] == [
        ("same", 0, 0, 1), ("same", 1, 1, 2), ("same", None, 2, 1), ("same", None, 3, 2),
    ]  # fmt: skip


def test_edited_passages_are_near_and_unrelated_ones_have_no_counterpart():
    found = beside(STORY, edited(STORY, 0.1))
    assert {row.kind for row in found} <= {"same", "edited"}
    assert any(row.distance for row in found)
    assert {row.kind for row in beside(STORY, story("other"))} == {"here", "there"}
    assert places(beside([], STORY[:1])) == [("there", None, 0), ("there", None, 1)]
    assert places(beside(STORY[:1], [])) == [("here", 0, None), ("here", 1, None)]


def test_what_changed_within_a_passage():
    assert changed("the red car stops", "the blue car stops") == (
        [("the ", False), ("red", True), (" car stops", False)],
        [("the ", False), ("blue", True), (" car stops", False)],
    )
    assert changed("東京は晴れです", "京都は晴れです")[0] == [("東", True), ("京", False), ("は晴れです", False)]
    for text in ("नमस्ते दुनिया", "สวัสดีชาวโลก", "Ünïcode, “quoted” — done\x00"):
        assert "".join(piece for piece, _ in changed(text, "x")[0]) == text


def test_a_sentence_above_the_bound_is_shown_once():
    text = Text.of([" ".join(f"word{n}" for n in range(300))])
    assert len(text.passages) == len(text.prints.passages) > 2
    assert len(set(text.passages)) == 2


def test_runs_of_what_is_of_no_interest():
    found = [Row("here", 0), Row("there", None, 0), Row("same", 1, 1, 0, 1), Row("here", 2)]
    assert list(runs(found, frozenset({"here", "there"}))) == [
        Run(True, found[:2]), Run(False, found[2:3]), Run(True, found[3:]),
    ]  # fmt: skip
