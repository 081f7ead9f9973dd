import re

import pytest

from copydesk.core.rules import RULES, How, fold
from copydesk.core.rules.linear import PROBE_CHARS, has_nested_repeat
from copydesk.core.rules.model import MAX_FOLDED_CHARS
from copydesk.core.rules.ruleset import BUILT_IN
from copydesk.core.rules.select import languages
from copydesk.models import RemovalReason
from copydesk.runtime.rules import slow_at

ALL = {"en", "de", "fr", "es", "it", "pt", "ru", "ar", "tr", "zh", "ja"}
BASIC = (
    {RemovalReason.COMMENTS, RemovalReason.COMMENT_POLICY},
    {RemovalReason.DISCLAIMER},
    {RemovalReason.COPYRIGHT},
    {RemovalReason.NEWSLETTER},
    {RemovalReason.RELATED},
    {RemovalReason.SHARE},
    {RemovalReason.ADVERTISEMENT},
    {RemovalReason.NAVIGATION},
    {RemovalReason.CAPTION},
)
EXAMPLES = [(rule, line) for rule in RULES for line in rule.yes]
COUNTEREXAMPLES = [(rule, line) for rule in RULES for line in rule.no]


def name(value):
    return value.id if hasattr(value, "id") else value[:30]


@pytest.mark.parametrize(("rule", "line"), EXAMPLES, ids=name)
def test_examples_match(rule, line):
    assert rule.matches(fold(line))


@pytest.mark.parametrize(("rule", "line"), COUNTEREXAMPLES, ids=name)
def test_counterexamples_do_not(rule, line):
    assert not rule.matches(fold(line))


@pytest.mark.parametrize(("rule", "line"), EXAMPLES, ids=name)
def test_an_example_is_among_the_rules_that_are_tried(rule, line):
    folded = fold(line)

    assert rule in BUILT_IN.on_page([folded], languages([folded]), "").candidates(folded)


def test_ids_are_unique_and_name_the_language():
    ids = [rule.id for rule in RULES]

    assert len(ids) == len(set(ids))
    assert all(rule.id.split(".")[0] == ("any" if rule.languages == ("*",) else rule.languages[0]) for rule in RULES)


@pytest.mark.parametrize("code", sorted(ALL))
def test_every_language_has_the_basic_categories(code):
    reasons = {rule.reason for rule in RULES if code in rule.languages}

    assert all(reasons & wanted for wanted in BASIC)


def test_every_rule_has_both_kinds_of_examples_and_searches_say_what_they_need():
    assert all(rule.yes and rule.no for rule in RULES)
    assert all(rule.needs for rule in RULES if rule.how is How.WITHIN)


def test_headings_over_teasers_are_short_whole_lines():
    assert all(rule.how is How.LINE and rule.max_words <= 10 for rule in RULES if rule.opens)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_patterns_have_no_unbounded_repeat_inside_another(rule):
    for pattern in rule.pattern:
        assert not has_nested_repeat(pattern)


def test_the_check_of_patterns_finds_what_it_looks_for():
    assert has_nested_repeat(r"(?:a+)+")
    assert has_nested_repeat(r"(?:x|(?:a|b*)c)*")
    assert has_nested_repeat(r"(a)(?(1)(?:b+)+|c)")
    assert not has_nested_repeat(r"(?:(?>a+)b)++|a+b+|(?:a{1,9})+")


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_no_line_takes_long(rule):
    assert slow_at(rule, PROBE_CHARS[::-6][::-1]) is None


def test_a_very_long_line_is_looked_at_by_no_rule():
    assert fold("x" * (MAX_FOLDED_CHARS + 1)) is None


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("## Related [Articles](https://a.example/x)", "related articles"),
        ("**Disclaimer:** *all* is “well”…", 'disclaimer: all is "well"'),
        ("(Reporting by A. Writer.)", "reporting by a. writer"),
        ("İLAN", "ilan"),
        ("ＡＤＳ　１", "ads 1"),
        ("* * *", ""),
        ("Copyright (c) 2020", "copyright © 2020"),
    ],
)
def test_fold(text, folded):
    assert fold(text).folded == folded


@pytest.mark.parametrize(("text", "words"), [("one two three", 3), ("今日北京天气", 3), ("", 0), ("新闻 and words", 3)])
def test_words(text, words):
    assert fold(text).words == words


def test_only_rules_of_the_languages_of_the_page_are_tried():
    german = [fold("Der Minister ist nicht mit dem Plan einverstanden, der für die Stadt und das Land gilt.")]
    russian = [fold("Министр не согласен с планом")]
    assert "de" in languages(german)
    assert "fr" not in languages(german)
    assert "ru" in languages(russian)
    assert {"*", "en"} <= languages(german) & languages(russian)


def test_no_rule_names_an_address():
    assert not [
        rule.id for rule in RULES for pattern in rule.pattern if re.search(r"\w\\?\.(?:org|net|co\\?\.uk)\b", pattern)
    ]
