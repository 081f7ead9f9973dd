"""Outline, choice, gaps and standing: what the structure of a page says of its text. Pages are made up."""

import pytest
from lxml.html import document_fromstring

from copydesk.core.boilerplate import clean
from copydesk.core.extract import extract
from copydesk.core.gaps import fill
from copydesk.core.outline import Part, outline
from copydesk.core.selection import choose
from copydesk.core.structure import standings
from copydesk.models import Block, BlockKind

SENTENCES = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down.",
    "Fishermen who had waited for the decision since March said that they were relieved to hear of it at last.",
    "The mayor promised that the new pier would stand on pillars of stone instead of wood, and carry a second crane.",
    "Work will begin after the summer, when the last of the visitors have left the beaches to those who live there.",
    "The loan runs over the next twenty years, and the guild pays a tenth of it from what its members have put aside.",
]
BODY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


def tree(body, head=""):
    return document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")


def runs(body):
    return outline(tree(body)).runs


def paragraphs(*texts):
    return [Block(text=text) for text in texts]


def extraction(body, title="Town rebuilds its pier"):
    head = f"<meta property='og:title' content='{title}'><meta property='og:type' content='article'>"
    return extract(f"<html><head>{head}</head><body>{body}</body></html>", "https://paper.example/news/pier")


# The outline.


def test_runs_end_with_blocks_and_line_breaks():
    found = runs("<div>One<br>two <b>and</b> three<p>Four</p>five</div>")

    assert [run.text for run in found] == ["One", "two and three", "Four", "five"]
    assert [run.place for run in found] == [0, 1, 2, 3]


def test_what_is_no_text_is_no_run():
    hidden = "<script>var a</script><style>b</style><!-- c --><noscript>d</noscript><svg><text>e</text></svg>"
    body = f"{hidden}<p>Yes<!-- f --> it is</p>after"

    assert [run.text for run in runs(body)] == ["Yes it is", "after"]


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("<figure><img><figcaption>A pier</figcaption></figure>", Part.CAPTION),
        ("<div class='wp-caption-text'>A pier</div>", Part.CAPTION),
        ("<div class='articleCaption'><p>A pier</p></div>", Part.CAPTION),
        ("<aside>A pier</aside>", Part.ASIDE),
        ("<div id='newsletter-box'>A pier</div>", Part.NEWSLETTER),
        ("<blockquote class='twitter-tweet'><p>A pier</p></blockquote>", Part.EMBED | Part.QUOTE),
        ("<p class='article__lead'>A pier</p>", Part.LEAD),
    ],
)
def test_the_parts_of_a_page_are_told_by_elements_and_names(body, part):
    (run,) = runs(body)

    assert run.near & part == part


def test_a_part_reaches_two_blocks_down_and_no_further():
    near, far = (
        runs("<div class='related'><div><p>A pier</p></div></div>")[0],
        runs("<div class='related'><p>A pier</p></div>")[0],
    )

    assert not near.near & Part.RELATED
    assert far.near & Part.RELATED


def test_links_are_measured():
    whole, half, none = runs("<p><a href='/a'>A pier</a></p><p>A pier<a href='/b'> a pier</a></p><p>A pier</p>")

    assert whole.link_share == 1
    assert 0.4 < half.link_share < 0.6
    assert none.link_share == 0
    assert [whole.target, half.target, none.target] == ["/a", "/b", ""]


def test_words_of_scripts_without_spaces_are_counted():
    (run,) = runs("<p>町議会は火曜日に古い桟橋を再建することを決めた</p>")

    assert run.words >= 10


def test_a_deep_page_is_no_trouble():
    found = runs("<div>" * 200 + "A pier" + "</div>" * 200)

    assert [run.text for run in found] == ["A pier"]


# The choice between two results.


def never():
    raise AssertionError("the full comparison was asked for")


def test_a_result_that_has_the_text_is_taken_as_it_is():
    fast = paragraphs(*SENTENCES)

    assert choose(outline(tree(BODY)), fast, never) is fast


def test_a_result_without_most_of_the_text_gives_way_to_a_better_one():
    fast, full = paragraphs(SENTENCES[0]), paragraphs(*SENTENCES)

    assert choose(outline(tree(BODY)), fast, lambda: full) is full


def test_a_result_with_nothing_but_other_text_gives_way():
    fast = paragraphs(*(f"Teaser number {number} of the day" for number in range(80)), *SENTENCES)

    assert choose(outline(tree(BODY)), fast, lambda: paragraphs(*SENTENCES)) == paragraphs(*SENTENCES)


def test_a_full_result_that_adds_only_other_articles_is_not_taken():
    others = "".join(
        f"<article><h2><a href='/{n}'>Other {n}</a></h2><p>{s[::-1]}</p></article>" for n, s in enumerate(SENTENCES)
    )
    page = outline(tree(f"<article><h1>Town rebuilds its pier</h1>{BODY}</article>{others}"))
    fast = paragraphs(*SENTENCES)

    assert choose(page, fast, never) is fast


# What was left out.


def test_sub_headings_and_items_are_put_back_into_their_places():
    first, second, third = (f"<p>{sentence}</p>" for sentence in SENTENCES[:3])
    body = f"<div>{first}<h2>Who pays for it?</h2>{second}<ul><li>The guild, a tenth of it</li></ul>{third}</div>"

    filled = fill(outline(tree(body)), paragraphs(*SENTENCES[:3]))

    assert [(block.text, block.kind) for block in filled] == [
        (SENTENCES[0], BlockKind.PARAGRAPH),
        ("Who pays for it?", BlockKind.HEADING),
        (SENTENCES[1], BlockKind.PARAGRAPH),
        ("The guild, a tenth of it", BlockKind.LIST_ITEM),
        (SENTENCES[2], BlockKind.PARAGRAPH),
    ]


def test_embedded_posts_are_put_back():
    post = "<div class='embed'><blockquote class='twitter-tweet'><p>Finally a pier</p>— Harbour (@harbour)</blockquote></div>"
    body = f"<div><p>{SENTENCES[0]}</p>{post}<p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p></div>"

    filled = fill(outline(tree(body)), paragraphs(*SENTENCES[:3]))

    assert [block.text for block in filled[1:3]] == ["Finally a pier", "— Harbour (@harbour)"]
    assert {block.kind for block in filled[1:3]} == {BlockKind.QUOTE}


@pytest.mark.parametrize(
    "between",
    [
        "<aside><p>Ten harbours to see</p></aside>",
        "<div class='newsletter'><p>News of the harbour</p></div>",
        "<p><a href='/ten'>Ten harbours to see</a></p>",
        "<figure><figcaption>The pier before the storm</figcaption></figure>",
        "<div><div><p>Three boats for sale</p></div></div>",
        "<p>" + SENTENCES[3].upper() + "</p>",
    ],
)
def test_what_has_another_purpose_or_is_there_already_is_not_put_back(between):
    body = f"<div><p>{SENTENCES[0]}</p>{between}<p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p><p>{SENTENCES[3]}</p></div>"
    blocks = paragraphs(*SENTENCES[:4])

    assert fill(outline(tree(body)), blocks) == blocks


def test_a_lead_of_its_own_is_put_in_front():
    lead = "After the storm of the winter the harbour gets its pier back, and everybody pays a little for it."
    body = f"<h1>Town rebuilds its pier</h1><div class='article-lead'>{lead}</div><div>{BODY}</div>"

    assert fill(outline(tree(body)), paragraphs(*SENTENCES))[0].text == lead


# Where a block stands.


def test_text_below_the_column_is_of_something_else():
    body = f"<h1>Town rebuilds its pier</h1><div class='text'>{BODY}</div><section><div><p>Are you at work?</p></div></section>"
    blocks = paragraphs(*SENTENCES, "Are you at work?")

    kept, removed = clean(blocks, standings=standings(outline(tree(body)), blocks))

    assert kept == blocks[:-1]
    assert [block.rule for block in removed] == ["structure:beyond"]


def test_a_further_part_of_the_same_kind_belongs_to_the_article():
    body = f"<div class='text'>{BODY}</div><div class='ad'></div><div class='text'><p>So it was decided.</p></div>"
    blocks = paragraphs(*SENTENCES, "So it was decided.")

    assert clean(blocks, standings=standings(outline(tree(body)), blocks)) == (blocks, [])


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<figure><figcaption>The pier before the storm of the winter</figcaption></figure>", "structure:caption"),
        ("<div class='author-bio'><p>Jane Doe is a friend of piers</p></div>", "structure:author"),
        ("<span class='x'></span><div class='timestamp'>two hours ago</div>", "structure:date"),
    ],
)
def test_captions_bylines_and_dates_are_told_by_their_elements(markup, rule):
    body = f"<div><p>{SENTENCES[0]}</p>{markup}{BODY[BODY.index('</p>') + 4 :]}</div>"
    page = outline(tree(body))
    blocks = paragraphs(*(run.text for run in page.runs))

    kept, removed = clean(blocks, standings=standings(page, blocks))

    assert kept == paragraphs(*SENTENCES)
    assert [block.rule for block in removed] == [rule]


def test_a_link_to_another_site_may_be_what_the_text_is_about():
    def page(target):
        link = f"<p><a href='{target}'>The plans of the pier as the builder drew them</a></p>"
        return outline(tree(f"<div><p>{SENTENCES[0]}</p>{link}{BODY[BODY.index('</p>') + 4 :]}</div>"))

    def rules(target):
        blocks = paragraphs(*(run.text for run in page(target).runs))
        return [
            r.rule for r in clean(blocks, url="https://paper.example/a", standings=standings(page(target), blocks))[1]
        ]

    assert rules("/plans") == rules("https://www.paper.example/plans") == ["lone link"]
    assert rules("https://builder.example/plans") == []


def test_the_page_s_heading_is_no_part_of_the_text_even_if_worded_otherwise():
    found = extraction(f"<article><h1>Harbour gets its pier back</h1>{BODY}</article>")

    assert found.text.split("\n") == SENTENCES
    assert [(block.reason, block.rule) for block in found.removed] == [("headline", "structure:heading")]


# Names that mislead: the article's own paragraphs stay.


@pytest.mark.parametrize(
    "column",
    [
        "<div class='entry author-jane'>",
        "<div class='article-body no-footer'>",
        "<div class='article-body with-caption'>",
        "<div class='post time-machine date-2024'>",
        "<form id='aspnetForm'>",
    ],
)
def test_an_element_that_holds_the_article_is_no_label_whatever_its_name(column):
    end = "</form>" if column.startswith("<form") else "</div>"
    found = extraction(f"<h1>Town rebuilds its pier</h1>{column}{BODY}{BODY.replace('the', 'this')}{end}")

    assert found.rejected is None
    assert set(SENTENCES) <= set(found.text.split("\n"))


@pytest.mark.parametrize("id_", ["when-is-the-date", "the-author-of-the-plan", "footer-bridge"])
def test_a_heading_is_not_told_by_an_id_made_from_its_words(id_):
    assert runs(f"<div><h2 id='{id_}'>When is the date?</h2></div>")[0].near == 0


@pytest.mark.parametrize("kind", [BlockKind.HEADING, BlockKind.LIST_ITEM])
def test_headings_and_items_are_no_captions(kind):
    page = outline(tree(f"<div>{BODY}<div class='caption'><p>The pier before the storm</p></div>{BODY[::1]}</div>"))
    blocks = [
        *paragraphs(*SENTENCES[:2]),
        Block(text="The pier before the storm", kind=kind),
        *paragraphs(*SENTENCES[2:]),
    ]

    assert blocks[2] in clean(blocks, standings=standings(page, blocks))[0]


@pytest.mark.parametrize(
    "end",
    [
        "<p>So it was decided in the end, and everybody in the harbour went home quite content.</p>",
        "<div class='rest'><p>So it was decided in the end, and everybody in the harbour went home quite content.</p></div>",
        "<div class='text-2'><p>So it was decided.</p></div>",
        "<section><div class='correction'><p>An earlier version named another mayor.</p></div></section>",
    ],
)
def test_the_end_of_an_article_outside_of_its_column_stays(end):
    page = outline(tree(f"<main><div class='text-1'>{BODY}</div>{end}</main>"))
    blocks = paragraphs(*SENTENCES, page.runs[-1].text)

    assert clean(blocks, standings=standings(page, blocks)) == (blocks, [])


def test_below_a_second_headline_stands_another_article():
    other = "<div class='text'><p>Three boats were sold.</p></div>"
    page = outline(tree(f"<h1>Pier</h1><div class='text'>{BODY}</div><h1>Boats</h1>{other}"))
    blocks = paragraphs(*SENTENCES, "Three boats were sold.")

    assert clean(blocks, standings=standings(page, blocks))[0] == blocks[:-1]


def test_a_headline_below_the_text_does_not_make_it_a_label():
    page = outline(tree(f"<div class='text'>{BODY}<p>Nobody objected.</p></div><h1>Town rebuilds its pier</h1>"))
    blocks = paragraphs(*SENTENCES, "Nobody objected.")

    assert clean(blocks, standings=standings(page, blocks)) == (blocks, [])


def test_a_lead_is_found_below_a_headline_that_is_in_the_result():
    lead = "After the storm of the winter the harbour gets its pier back, and everybody pays a little for it."
    page = outline(
        tree(f"<header><h1>Town rebuilds its pier</h1><div class='lead'>{lead}</div></header><div>{BODY}</div>")
    )

    filled = fill(page, paragraphs("Town rebuilds its pier", *SENTENCES))

    assert [block.text for block in filled[:2]] == ["Town rebuilds its pier", lead]


def test_where_a_page_is_nothing_but_captions_they_are_its_text():
    body = "".join(f"<div class='caption'><p>{sentence}</p></div>" for sentence in SENTENCES)
    page = outline(tree(f"<div>{body}</div>"))
    blocks = paragraphs(*SENTENCES)

    assert clean(blocks, standings=standings(page, blocks)) == (blocks, [])


def test_a_link_around_a_block_leads_where_it_leads():
    (run,) = runs("<a href='https://builder.example/plans'><p>The plans of the pier</p></a>")

    assert run.target == "https://builder.example/plans"
    assert run.link_share == 1


def test_many_runs_of_one_text_and_of_many_take_no_time_out_of_proportion():
    """Each was quadratic once."""
    same = extraction(
        "<div>"
        + "<p>The ferry left the harbour at noon, an hour late, and nobody minded the wait.</p>" * 6_000
        + "</div>"
    )
    different = extraction("".join(f"<p>{number} {SENTENCES[number % 5]}</p>" for number in range(6_000)))

    assert same.rejected is None
    assert len(different.blocks) + len(different.removed) == 6_000
