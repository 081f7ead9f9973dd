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
        ("会议很成功!你同意吗?他说……然后走了.", 4),
        ("यह पहली बात है| यह दूसरी बात है | और तीसरी", 3),
        ("Sport | Politics | Weather", 1),
        ("قال الرئيس ذلك.\u200f ثم غادر القاعة؟\u200f\u202c نعم.", 3),
        ("ร้านเล็ก ๆ ในตรอก เปิดวันละสามชั่วโมง", 2),
        ("ร้าน  \u3000 เปิด and ปิด", 2),
        ("Chapter one ........ 12 and chapter two!!! Then", 3),
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
        ("İstanbul'da ışık", "istanbulda işik"),
        ("İSTANBUL", "istanbul"),
        ("шёл Фёдор", "шел федор"),
        ("العـــربية", "العربية"),
        ("เล็ก ๆ", "เล็กๆ"),
        ("ג׳ירפה", "ג'ירפה"),
        ("ｄｏｎ＇ｔ", "don't"),
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


MEETING = [
    "The council met again on Monday evening. It voted for the plan by eleven votes to nine.",
    "Nobody had expected that. The mayor said that she would think about it and answer next week. The opposition called "
    "for her to go.",
]


@pytest.mark.parametrize(
    ("last", "compared"),
    [
        ("“We have had enough of all this,” said its leader, who has been in", False),
        ("“We have had enough of all this,” said its leader, who has …", False),
        ("“We have had enough of all this,” said its leader [...]", False),
        ("“We have had enough of all this,” said its leader.", True),
        ("“We have had enough of all this and of her!”", True),
    ],
)
def test_a_last_sentence_that_was_cut_off_is_not_compared(last, compared):
    passages = split([*MEETING[:-1], f"{MEETING[-1]} {last}"])

    assert [passage.text for passage in passages[4:]] == [last] * compared
    assert len(split_all([*MEETING[:-1], f"{MEETING[-1]} {last}"])) == 5, "it counts as a part of the whole text"


def test_a_line_without_an_end_is_compared():
    """A headline, a credit, a point of a list; and Thai, which has no marks of an end."""
    assert len(split([*MEETING, "Reporting by the town hall desk of this paper"])) == 5
    assert len(split([f"{'ร้านก๋วยเตี๋ยวเปิดเพียงวันละสามชั่วโมง ' * 4}มีลูกค้ามายืนต่อแถวตั้งแต่เช้ามืดทุกวัน"])) == 5
    assert len(split(["The council met again on Monday. It voted for the plan by eleven votes to"])) == 2


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


@pytest.mark.parametrize(
    "piece", [". ", "a ", "a. ", "[x](", "[a](b", "!*", ")", "好", "ก ", "“", "x.y.", "U.S. ", ".", "ก  ", "น |"]
)
def test_hostile_text_takes_no_time(piece):
    start = time.perf_counter()
    split([piece * 50_000 + "x"] * 50)

    assert time.perf_counter() - start < 10, "about 0.5 s on an idle machine"


@given(st.lists(st.text(max_size=300), max_size=4))
def test_any_text_gives_passages_within_bounds(blocks):
    for passage in split(blocks):
        assert 1 <= len(passage.tokens) <= MAX_TOKENS
        assert MIN_WORDS <= passage.words <= MAX_TOKENS
        assert " " not in "".join(passage.tokens)
