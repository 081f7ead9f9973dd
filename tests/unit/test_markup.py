"""What is told of a page before it is parsed, so that no parser has to bear it."""

import pytest

from copydesk.core.extract import extract
from copydesk.core.limits import MAX_LINES
from copydesk.core.markup import MAX_ATTRIBUTES, MAX_COMPARED_ELEMENTS, MAX_ELEMENTS, MAX_TAGS, Unfit, is_bulky, parse
from copydesk.models import RejectReason

PROSE = "<p>The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down.</p>"


def told(text):
    tree = parse(text, None, 10_000_000)
    return (tree.reason, tree.detail) if isinstance(tree, Unfit) else None


def element(attributes):
    return f"<html><body><div {attributes}></div>{PROSE}</body></html>"


def test_so_many_elements_and_no_more():
    # With <html> and <body>.
    assert told(f"<html><body>{PROSE}" + "<br>" * (MAX_ELEMENTS - 3)) is None
    assert told(f"<html><body>{PROSE}" + "<br>" * (MAX_ELEMENTS - 2)) == (
        RejectReason.TOO_LARGE,
        f"{MAX_ELEMENTS + 1} elements are more than {MAX_ELEMENTS}",
    )


def test_so_many_tags_and_no_more():
    assert told(PROSE + "</br" * (MAX_TAGS - 2)) is None
    assert told(PROSE + "</br" * (MAX_TAGS - 1)) == (
        RejectReason.TOO_LARGE,
        f"{MAX_TAGS + 1} tags are more than {MAX_TAGS}",
    )


@pytest.mark.parametrize(
    "one", ["a{}=1 ", "a{}='>' ", 'a{}="<"', "a{} ", "a{}=1\n", "a{}=x'y ", "=a{} ", "a{}/", "a{} = 'x' ", 'a{}="x"/']
)
def test_too_many_attributes_however_they_are_written(one):
    many = "".join(one.format(number) for number in range(3 * MAX_ATTRIBUTES))
    reason, detail = told(element(many))

    assert reason is RejectReason.TOO_LARGE
    assert "attributes" in detail
    assert told(element("".join(one.format(number) for number in range(30)))) is None


@pytest.mark.parametrize(
    "value", ["'" + "word " * 50_000 + "'", '"' + "a='b' " * 50_000 + '"', "'never closed " + "word " * 50_000]
)
def test_one_long_attribute_is_one(value):
    assert told(element(f"data-x={value}")) is None


@pytest.mark.parametrize(
    "comments", ["<!-- - -->" * 5_000, "<!---->" * 5_000, "<!-- " + "-- >" * 9_000 + " -->", "<!-- x -->\n" * 60]
)
def test_comments_before_a_page_or_a_feed(comments):
    assert told(comments + PROSE) is None
    assert told(comments + "<rss><channel/></rss>") == (RejectReason.NOT_HTML, "the body is a feed or a sitemap")


def test_large_trees_are_told_from_others():
    assert not is_bulky(parse(PROSE * 100, None, 10_000_000))
    assert is_bulky(parse(PROSE * (MAX_COMPARED_ELEMENTS + 1), None, 10_000_000))


def test_an_article_of_too_many_lines_is_too_large():
    found = extract(PROSE * 3 + "<pre>" + "the boats\n" * (MAX_LINES + 1) + "</pre>", "https://paper.example/a")

    assert found.rejected is None or found.rejected is RejectReason.TOO_LARGE
    assert len(found.blocks) <= MAX_LINES
