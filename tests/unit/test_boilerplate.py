import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import fragment_fromstring

from copydesk.core.boilerplate import clean, clean_text
from copydesk.core.outline import outline
from copydesk.core.structure import standings
from copydesk.models import Block, BlockKind, RemovalReason

PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down in the "
    "winter, and to pay for it with a loan that runs over the next twenty years.",
    "Fishermen who had waited for the decision since March said that they were relieved, although the work will only begin "
    "after the summer, when the last of the visitors have left the beaches.",
    "“We have nowhere else to land what we catch,” said the head of their guild, who has gone to sea from here for more "
    "than forty years and whose father did the same before him.",
    "The mayor promised that the new pier would stand on pillars of stone instead of wood, and that it would carry a "
    "second crane, so that two boats can be unloaded at the same time.",
]


def paragraphs(*texts, kind=BlockKind.PARAGRAPH):
    return [Block(text=text, kind=kind) for text in texts]


def standing(blocks, *links):
    """Where the blocks stand on a page on which those texts are nothing but links."""
    lines = (f'<p><a href="/elsewhere">{b.text}</a></p>' if b.text in links else f"<p>{b.text}</p>" for b in blocks)
    return standings(outline(fragment_fromstring("".join(lines), create_parent="body")), blocks)


def reasons(removed):
    return [(block.index, block.reason) for block in removed]


def test_prose_stays_as_it_is():
    assert clean(paragraphs(*PROSE)) == (paragraphs(*PROSE), [])


def test_boilerplate_goes_with_reason_rule_and_place():
    kept, removed = clean(
        paragraphs(*PROSE[:2], "Advertisement", *PROSE[2:], "© 2024 The Harbour Paper. All rights reserved.")
    )

    assert kept == paragraphs(*PROSE)
    assert reasons(removed) == [(2, RemovalReason.ADVERTISEMENT), (5, RemovalReason.COPYRIGHT)]
    assert all(block.rule for block in removed)


def test_the_second_copy_goes_and_the_first_stays():
    kept, removed = clean(paragraphs(*PROSE, *PROSE[1:3]))

    assert kept == paragraphs(*PROSE)
    assert reasons(removed) == [(4, RemovalReason.REPEAT), (5, RemovalReason.REPEAT)]


def test_what_is_short_or_stands_there_many_times_is_no_repeat():
    turns = ["Why did you leave?", PROSE[0], "Why did you leave?", PROSE[1]]
    plan = ["Two slices of bread with butter, an apple and a glass of water."] * 3

    assert clean(paragraphs(*turns))[1] == []
    assert clean(paragraphs(*plan, *PROSE))[1] == []


def test_the_title_in_the_body_goes():
    kept, removed = clean(paragraphs("Town rebuilds its pier!", *PROSE), title="Town rebuilds its pier")

    assert kept == paragraphs(*PROSE)
    assert reasons(removed) == [(0, RemovalReason.HEADLINE)]


def test_a_heading_takes_the_teasers_below_it_and_no_more():
    kept, removed = clean(
        paragraphs(
            *PROSE[:2], "Related articles", "Ten harbours to see", "Storm leaves a town without its pier", *PROSE[2:]
        )
    )

    assert kept == paragraphs(*PROSE)
    assert {block.reason for block in removed} == {RemovalReason.RELATED}
    assert [block.rule for block in removed] == ["en.related_heading", *["under:en.related_heading"] * 2]


def test_where_links_are_known_only_they_are_teasers():
    blocks = paragraphs(*PROSE[:2], "Read more", "Ten harbours to see", "What the guild wants", *PROSE[2:])

    kept, _ = clean(blocks, standings=standing(blocks, "Ten harbours to see"))

    assert kept == paragraphs(*PROSE[:2], "What the guild wants", *PROSE[2:])


def test_a_paragraph_that_is_one_link_is_a_teaser():
    teaser = "Storm leaves a small town without its pier"
    blocks = paragraphs(*PROSE[:2], teaser, *PROSE[2:])
    kept, removed = clean(blocks, standings=standing(blocks, teaser))

    assert kept == paragraphs(*PROSE)
    assert [block.rule for block in removed] == ["lone link"]


def test_a_page_of_links_is_about_them():
    listed = [f"Harbour number {number} of the northern coast" for number in range(5)]
    blocks = paragraphs(PROSE[0], *listed, kind=BlockKind.LIST_ITEM)

    assert clean(blocks, standings=standing(blocks, *listed)) == (blocks, [])


def test_code_and_tables_are_left_alone():
    blocks = [Block(text="Advertisement", kind=BlockKind.CODE), Block(text="| Share |", kind=BlockKind.TABLE)]

    assert clean([*blocks, *paragraphs(*PROSE)])[1] == []


def test_chrome_at_the_top_takes_the_name_above_it():
    kept, removed = clean(
        paragraphs("The Harbour Paper", "Facebook Twitter Youtube", "Town rebuilds the pier that a storm took", *PROSE)
    )

    assert kept[0].text.startswith("Town rebuilds")
    assert [block.rule for block in removed] == ["masthead", "any.share_row"]


def test_a_motto_below_page_chrome_goes():
    kept, removed = clean(
        paragraphs(*PROSE, "Post a comment", "desk@paper.example", "Next post", "The paper of the coast")
    )

    assert kept == paragraphs(*PROSE)
    assert removed[-1].rule == "footer"


@pytest.mark.parametrize(
    "line",
    [
        "*Photo: Jane Doe*",
        "[Share this article](https://a.example/share)",
        "## Comments",
        "**Disclaimer:** nothing here is advice.",
        "> Sign up for our newsletter to get the news every morning.",
        "---",
    ],
)
def test_markdown_marks_do_not_hide_a_line(line):
    text = "\n\n".join([*PROSE, line])

    assert clean_text(text)[0] == "\n".join(PROSE)


@pytest.mark.parametrize(
    "line",
    [
        "Lesen Sie auch: Stadt ohne Hafen",
        "À lire aussi : la ville sans port",
        "Lea también: La ciudad sin puerto",
        "Leggi anche: La città senza porto",
        "Leia também: A cidade sem porto",
        "Читайте также: город без порта",
        "اقرأ أيضا: مدينة بلا ميناء",
        "İlgili haber: Limansız şehir",
        "延伸阅读：没有港口的城市",
        "関連記事：港のない町",
    ],
)
def test_other_languages(line):
    foreign = {
        "Lesen": "Der Rat und die Stadt sind nicht mit dem Plan für das Land einverstanden, der von der Regierung kommt."
    }
    body = [foreign.get(line.split()[0], "Port.")] * 1

    text, removed = clean_text("\n".join([*body, line]))

    assert removed[0].reason is RemovalReason.RELATED
    assert text == "\n".join(body)


def test_kept_lines_come_back_as_they_came():
    text = f"  {PROSE[0]} \n\n\n\t{PROSE[1]}\nShare\n"

    assert clean_text(text)[0] == f"  {PROSE[0]} \n\t{PROSE[1]}"


@settings(deadline=None)
@given(st.lists(st.text(max_size=60) | st.sampled_from(["Share", "Comments", "Related articles", *PROSE]), max_size=30))
def test_text_and_removed_together_are_what_came_in(texts):
    blocks = paragraphs(*texts)

    kept, removed = clean(blocks)

    back = [block.text for block in kept]
    for block in removed:
        back.insert(block.index, block.text)
    assert back == texts
