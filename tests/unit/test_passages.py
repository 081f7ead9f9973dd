import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.core.passages import MAX_PASSAGES, MIN_WORDS, sentences, split, split_all, tokenise
from copydesk.core.tokens import MAX_TOKENS


@pytest.mark.parametrize(
    ("block", "count"),
    [
        ("The council met on Monday. It voted for the plan! Was that wise?", 3),
        ('He said: "We are going to win this." Then he left the room.', 2),
        ("„Wir werden gewinnen.“ Danach ging er aus dem Saal.", 2),
        ("Gov. Kim Reynolds and Mr. J. R. Smith met in the U.S. Senate at 3.30 p.m. on Monday.", 1),
        ("¿Qué pasó ayer? Nadie lo sabe. ¡Vamos!", 3),
        ("Президент прибыл в Хельсинки. Встреча состоится завтра…  Ждём.", 3),
        ("قال الرئيس إن الحكومة ستدعم المزارعين. هل توافق المعارضة؟ نعم", 3),
        ("यह पहली बात है। यह दूसरी बात है॥ और तीसरी", 3),
        ("总统周一会见了来访的外宾。会议很成功！你同意吗？", 3),
        ("「会議は成功した。」と大統領は述べた。外相も同席した。", 3),
        ("เขาไปตลาด เธออยู่บ้าน", 2),
        ("한국 정부는 정책을 발표했다. 야당은 비판했다.", 2),
        ("Հայաստանը հաղթեց։ Խաղը ավարտվեց։", 2),
        ("See https://example.org/a.html for version 2.0 of it", 1),
        ("", 0),
    ],
)
def test_sentence_ends_of_the_worlds_scripts(block, count):
    assert len(list(sentences(block))) == count


@given(st.text(max_size=200))
def test_sentences_are_the_block_but_for_white_space(block):
    assert "".join("".join(sentences(block)).split()) == "".join(block.split())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("“Don’t” — he said", '"Don\'t" - he said'),
        ("the [Kurdish Front](https://example.org/x?y=1) said", "the Kurdish Front said"),
        ("**Bold** and _slanted_ text", "bold and slanted text"),
        ("ＡＢＣ１２３ ﬁve", "abc123 five"),
        ("Straße STRASSE", "strasse strasse"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("« L’été »", "L'été"),
        ("café", "cafe\u0301"),
        ("well–known", "well-known"),
    ],
)
def test_what_does_not_tell_two_texts_apart(left, right):
    assert tokenise(left) == tokenise(right)


@pytest.mark.parametrize(
    ("text", "tokens", "words"),
    [
        ("Two words", ["two", "words"], 2),
        ("हिन्दी में", ["हिन्दी", "में"], 2),
        ("العَرَبِيَّة", ["العَرَبِيَّة"], 1),
        ("北京大学", ["北京", "京大", "大学"], 2),
        ("中", ["中"], 1),
        ("ไทยแลนด์", ["ไท", "ทย", "ยแ", "แล", "ลน", "นด", "ด์"], 4),
        ("在iPhone 15发布", ["在", "iphone", "15", "发布"], 4),
        ("カタカナ", ["カタ", "タカ", "カナ"], 2),
        ("정부는 정책을", ["정부는", "정책을"], 2),
        ("— … !", [], 0),
    ],
)
def test_words_and_pairs_of_characters(text, tokens, words):
    assert tokenise(text) == (tokens, words)


def test_a_short_sentence_is_joined_with_what_follows_in_its_block():
    passages = split(
        ["He left. The council met again on Monday evening. No vote.", "Nobody came to the meeting at all."]
    )

    assert [passage.text for passage in passages] == [
        "He left. The council met again on Monday evening.",
        "Nobody came to the meeting at all.",
    ]
    assert [passage.block for passage in passages] == [0, 1]


def test_a_passage_never_crosses_a_block():
    assert split(["One two three four", "five six seven eight"]) == []
    assert len(split_all(["One two three four", "five six seven eight"])) == 2


def test_long_passages_are_cut_where_their_content_says():
    words = [f"word{number}" for number in range(1000)]
    whole = split([" ".join(words)])
    later = split([" ".join(words[37:])])

    assert max(len(passage.tokens) for passage in whole) <= MAX_TOKENS
    assert [token for passage in whole for token in passage.tokens] == words
    shared = {passage.tokens for passage in whole} & {passage.tokens for passage in later}
    assert len(shared) >= len(whole) - 4, "the cuts fall into step again"


def test_the_number_of_passages_is_bounded():
    assert len(split(["The council met again on Monday evening."] * (MAX_PASSAGES + 50))) == MAX_PASSAGES
    assert len(split(["The council met again on Monday evening. " * (MAX_PASSAGES + 50)])) == MAX_PASSAGES


@pytest.mark.parametrize("piece", [". ", "a ", "a. ", "[x](", "[a](b", "!*", ")", "好", "ก ", "“", "x.y.", "U.S. "])
def test_hostile_text_takes_no_time(piece):
    start = time.perf_counter()
    split([piece * 50_000] * 50)

    assert time.perf_counter() - start < 10, "about 0.5 s on an idle machine"


@given(st.lists(st.text(max_size=300), max_size=4))
def test_any_text_gives_passages_within_bounds(blocks):
    for passage in split(blocks):
        assert 1 <= len(passage.tokens) <= MAX_TOKENS
        assert MIN_WORDS <= passage.words <= MAX_TOKENS
        assert " " not in "".join(passage.tokens)
