import time
from re import _constants as kinds
from re import _parser as parser

import pytest

from copydesk.core.agencies import AGENCIES
from copydesk.core.attribution import credits as credited
from copydesk.core.attribution import credits_of, is_same_site, named, owner
from copydesk.core.boilerplate import clean
from copydesk.core.credit_rules import RULES, plain
from copydesk.core.extract import extract
from copydesk.models import Block

EXAMPLES = [(rule, line, name) for rule in RULES for line, name in rule.yes]
COUNTEREXAMPLES = [(rule, line) for rule in RULES for line in rule.no]
PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down in the "
    "winter, and to pay for it with a loan that runs over the next twenty years.",
    "Fishermen who had waited for the decision since March said that they were relieved, although the work will only begin "
    "after the summer, when the last of the visitors have left the beaches.",
    "The mayor promised that the new pier would stand on pillars of stone instead of wood, and that it would carry a "
    "second crane, so that two boats can be unloaded at the same time.",
    "Nobody could say on Wednesday what the second crane is to cost, and who is to work it when the guild has so few young "
    "members left, but all agreed that the harbour needs one before the next winter.",
]


def name(value):
    return value.id if hasattr(value, "id") else value[:30]


def find(rule, line):
    return rule.find(plain(line)) if rule.may_match(plain(line).lower()) else []


def of(*texts, host="paper.example", authors=(), **about):
    """The credits of a page of these paragraphs, after the boilerplate is stripped."""
    kept, removed = clean([Block(text=text) for text in texts])
    about = {"title": None, **about}
    return credited(host=host, authors=authors, blocks=kept, removed=removed, **about)


def said(found):
    return [(credit.kind, credit.name, credit.rule) for credit in found]


@pytest.mark.parametrize(("rule", "line", "source"), EXAMPLES, ids=name)
def test_examples_credit(rule, line, source):
    assert [credit.name for credit in find(rule, line)][:1] == [source]


@pytest.mark.parametrize(("rule", "line"), COUNTEREXAMPLES, ids=name)
def test_counterexamples_credit_nobody(rule, line):
    assert find(rule, line) == []


def test_rules_and_agencies_are_named_once():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({agency.name for agency in AGENCIES}) == len(AGENCIES)
    hosts = [host for agency in AGENCIES for host in agency.hosts]
    assert len(set(hosts)) == len(hosts)
    assert all(rule.yes and rule.no for rule in RULES)


def test_no_name_is_that_of_two_agencies():
    names = [(plain(written), agency.name) for agency in AGENCIES for written in {*agency.names, *agency.codes}]

    assert len({written for written, _ in names}) == len(names)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_patterns_are_bounded(rule):
    for pattern in (rule.compiled.pattern, rule.unless or ""):
        assert not unbounded(parser.parse(pattern))


def unbounded(tree):
    """Whether a repeat has no upper bound."""
    for operator, value in tree:
        if operator in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
            if value[1] is kinds.MAXREPEAT or unbounded(value[2]):
                return True
        elif operator is kinds.BRANCH:
            if any(unbounded(part) for part in value[1]):
                return True
        elif operator is kinds.SUBPATTERN and unbounded(value[3]):
            return True
    return False


def test_the_check_of_patterns_finds_what_it_looks_for():
    assert unbounded(parser.parse("(?:a|(b+))"))
    assert not unbounded(parser.parse("(?:a|(b{1,3}))?"))


@pytest.mark.parametrize(
    "seed", sorted({line for rule in RULES for line, _ in rule.yes} | {"By A ", "(AP ", "\ufdfa", "A, ", "© 2018 "})
)
def test_no_line_takes_long(seed):
    """Lines that nearly match, at the length at which they are still read, in every place."""
    line = (seed.rstrip(".)") * 400)[:399]
    start = time.process_time()
    credited(host="paper.example", title=None, authors=[line] * 9, blocks=[Block(text=line)] * 200, removed=[])

    assert time.process_time() - start < 0.5


def test_a_dateline_and_a_byline_are_one_credit():
    found = of("By JANE DOE, Associated Press", f"HARBOUR TOWN (AP) — {PROSE[0]}", *PROSE[1:])

    assert said(found) == [("agency", "AP", "dateline.parenthesis")]
    assert found[0].text.startswith("HARBOUR TOWN (AP) - The council")
    assert len(found[0].text) <= 200


def test_the_authors_of_the_metadata():
    assert said(of(*PROSE, authors=["Jane Doe", "Associated Press"])) == [("agency", "AP", "author.agency")]
    assert of(*PROSE, authors=["Jane Doe", "Michael Bloomberg"]) == []
    assert of(*PROSE, authors=["Associated Press", "Our Reporter"]) == []


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("Copyright 2018 The Associated Press. All rights reserved. This material may not be published.", "AP"),
        ("(Reporting by Jane Doe; Editing by John Roe)", "Reuters"),
        ("Associated Press writers Jane Doe and John Roe contributed to this report.", "AP"),
        ("© dpa-infocom, dpa:210101-99-12345/2", "dpa"),
    ],
)
def test_what_the_boilerplate_filter_strips_still_counts(line, agency):
    assert [credit.name for credit in of(*PROSE, line)] == [agency]


@pytest.mark.parametrize(
    "line",
    [
        "Reuters contributed to this report.",
        "The Associated Press contributed to this report.",
        "Fox Street's Jane Doe and Associated Press writer John Roe contributed to this report.",
        "The mayor told Reuters that she was glad, and the AP reported that she was not.",
        "Photo: Jane Doe, AP",
        "Jane Doe/AFP/Getty Images",
        "Pupils of the town take AP courses in history, art and music.",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 4])
def test_a_picture_a_share_or_a_mention_credits_nobody(line, place):
    assert of(*PROSE[:place], line, *PROSE[place:]) == []


def test_words_in_the_middle_of_a_text_credit_nobody():
    later = [f"{number} days later: {text}" for number in (2, 3, 4) for text in PROSE]
    assert of(*PROSE, "By Reuters", "Associated Press", f"HARBOUR TOWN (AP) — {PROSE[0]}", *later) == []


def test_who_signs_it_is_asked_before_the_line_under_a_picture():
    assert of("By Jane Doe", "John Roe, Associated Press", *PROSE) == []
    assert said(of("John Roe, Associated Press", *PROSE)) == [("agency", "AP", "heading.person")]


def test_the_publisher_in_words():
    found = of(*PROSE, "This story was originally published by The Daily Sketch.")

    assert said(found) == [("publisher", "The Daily Sketch", "origin.published")]


@pytest.mark.parametrize(
    "about",
    [
        {"host": "www.dailysketch.example"},
        {"host": "paper.example", "site_name": "Daily Sketch"},
        {"host": "dailysketch.co.uk"},
    ],
)
def test_a_site_does_not_credit_itself(about):
    assert of(*PROSE, "This story was originally published by The Daily Sketch.", **about) == []


def test_the_host_of_the_canonical_address():
    assert said(of(*PROSE, canonical_host="www.sketch.example")) == [("publisher", "sketch.example", "canonical")]
    assert said(of(*PROSE, canonical_host="apnews.com")) == [
        ("agency", "AP", "canonical"),
        ("publisher", "apnews.com", "canonical"),
    ]
    assert of(*PROSE, canonical_host="m.paper.example") == []
    assert of(*PROSE, canonical_host="") == []


@pytest.mark.parametrize(
    ("host", "agency"),
    [
        ("reuters.com", "Reuters"),
        ("www.reuters.com", "Reuters"),
        ("de.reuters.com:443", "Reuters"),
        ("notreuters.com", None),
        ("reuters.com.paper.example", None),
        ("agenciabrasil.ebc.com.br", "Agência Brasil"),
        ("ebc.com.br", None),
        ("", None),
    ],
)
def test_the_owner_of_a_host(host, agency):
    assert owner(host) == agency


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("paper.example", "www.paper.example:8080", True),
        ("paper.com", "paper.co.uk", True),
        ("edition.paper.com", "paper.com", True),
        ("paper.com", "sketch.com", False),
        ("sketch.co.uk", "paper.co.uk", False),
        ("10.0.0.1", "10.1.0.1", False),
        ("localhost:8000", "localhost:8001", True),
    ],
)
def test_hosts_of_one_publisher(one, other, same):
    assert is_same_site(one, other) is same


def page(head):
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    return f"<!DOCTYPE html><html lang='en'><head><title>A pier</title>{head}</head><body><article>{body}</article></body></html>"


@pytest.mark.parametrize(
    ("head", "address", "publisher"),
    [
        (
            '<link rel="canonical" href="https://sketch.example/a?utm_source=x">',
            "https://sketch.example/a",
            "sketch.example",
        ),
        ('<meta property="og:url" content="https://sketch.example/a">', "https://sketch.example/a", "sketch.example"),
        ('<link rel="canonical" href="//sketch.example/a">', "https://sketch.example/a", "sketch.example"),
        ('<link rel="canonical" href="https://www.paper.example/a">', "https://www.paper.example/a", None),
        (
            '<link rel="canonical" href="/a"><meta property="og:url" content="https://sketch.example/a">',
            "https://paper.example/a",
            None,
        ),
        ('<link rel="canonical" href="https://sketch.example/">', None, None),
        ('<link rel="canonical" href="javascript:alert(1)">', None, None),
        ("", None, None),
    ],
)
def test_the_canonical_address_of_a_page(head, address, publisher):
    extraction = extract(page(head), "https://paper.example/a")

    assert extraction.canonical_url == address
    assert named(credits_of(extraction, host="paper.example", title="A pier"), "publisher") == publisher
