import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from copydesk.core.boilerplate import clean, clean_text
from copydesk.core.extract import extract
from copydesk.core.rules import RULES, How, Where
from copydesk.core.rules.linear import repeat_depth
from copydesk.core.rules.ruleset import BUILT_IN, RuleSet
from copydesk.core.rules.userfile import MAX_PATTERN_CHARS, MAX_RULES, parse_rules
from copydesk.errors import SettingsError
from copydesk.models import Block, RemovalReason
from copydesk.runtime.rules import load_rules, read_rules
from copydesk.runtime.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down in the winter.",
    "Fishermen who had waited for the decision since March said that they were relieved, although work will only begin later.",
    "The mayor promised that the new pier would stand on pillars of stone, and that it would carry a second crane for the boats.",
]
TIP = """
[[rule]]
id = "tip"
reason = "contact"
pattern = 'got a tip\\?.*'
yes = ["Got a tip? Write to us."]
no = ["She got a tip."]
"""


def rules_of(text):
    found = parse_rules(text)
    assert found.problems == ()
    return RuleSet((rule for _, rule in found.rules), found.disabled)


def rule(**fields):
    lines = {"id": '"x"', "reason": '"share"', "pattern": "'wave your flag'", "yes": '["Wave your flag"]', **fields}
    return "[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items() if value is not None)


def gone(text, rules, url=None):
    return {block.text: block.rule for block in clean_text(text, url, rules=rules)[1]}


def test_a_rule_removes_its_line_and_stands_in_the_document():
    line = "Got a tip? Write to us."

    assert gone("\n".join([*PROSE, line]), rules_of(TIP)) == {line: "user.tip"}
    assert gone("\n".join([*PROSE, line]), BUILT_IN) == {}


def test_all_fields():
    [(line, found)] = parse_rules(
        "# mine\n\n"
        + rule(
            id='"a.b-c_1"', reason='"newsletter"', languages='["de", "en"]', hosts='["www.Paper.example", "b.example"]',
            pattern="['every day', 'in your inbox']", how='"within"', where='"tail"', max_words="30",
            needs='["inbox"]', cased="true", opens="true", yes='["See it every day in your inbox"]', no='["Every inbox"]',
        )
    ).rules  # fmt: skip

    assert line == 3
    assert (found.id, found.reason, found.languages) == ("user.a.b-c_1", RemovalReason.NEWSLETTER, ("de", "en"))
    assert found.hosts == ("paper.example", "b.example")
    assert (found.how, found.where, found.max_words, found.needs) == (How.WITHIN, Where.TAIL, 30, ("inbox",))
    assert found.cased
    assert found.opens


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://paper.example/a", True),
        ("https://www.paper.example/a", True),
        ("https://sport.paper.example:8080/a", True),
        ("https://newspaper.example/a", False),
        ("https://paper.example.org/a", False),
        ("no url", False),
        (None, False),
    ],
)
def test_a_rule_of_a_host_is_for_its_subdomains_and_nobody_else(url, goes):
    text = "\n".join([*PROSE, "Wave your flag"])

    assert bool(gone(text, rules_of(rule(hosts='["paper.example"]')), url)) is goes


@pytest.mark.parametrize("line", ["Share this article", "Advertisement", "Comments", "© 2020 A Paper"])
def test_a_line_that_is_kept_stays_whatever_would_remove_it(line):
    pattern = f"'{line.lower()}'"
    own = rule(id='"gone"', pattern=pattern, yes=f'["{line}"]')
    kept = own + rule(keep="true", reason=None, pattern=pattern, yes=f'["{line}"]')

    assert gone("\n".join([*PROSE, line]), BUILT_IN)
    assert gone("\n".join([*PROSE, line]), rules_of(kept)) == {}


def test_a_kept_line_is_kept_from_what_is_no_rule_too():
    kept = rules_of(rule(keep="true", reason=None, pattern="'the mayor promised that'", how='"start"', max_words="60",
                         yes='["The mayor promised that all is well"]'))  # fmt: skip
    blocks = [Block(text=text) for text in [*PROSE, PROSE[2]]]

    assert len(clean(blocks)[1]) == 1
    assert clean(blocks, rules=kept)[1] == []
    assert clean([Block(text=PROSE[2]), *blocks[:2]], title=PROSE[2], rules=kept)[1] == []


def test_a_kept_heading_takes_nothing_along():
    text = "\n".join([*PROSE, "Related articles", "A town and its second pier"])
    kept = rules_of(rule(keep="true", reason=None, pattern="'related articles'", yes='["Related articles"]'))

    assert len(gone(text, BUILT_IN)) == 2
    assert gone(text, kept) == {}


def test_a_rule_that_opens_takes_teasers_along():
    own = rules_of(rule(opens="true", pattern="'from the harbour'", reason='"related"', yes='["From the harbour"]'))
    text = "\n".join([*PROSE, "From the harbour", "A town and its second pier"])

    assert gone(text, own)["A town and its second pier"] == "under:user.x"


def test_a_built_in_rule_can_be_switched_off():
    text = "\n".join([*PROSE, "Advertisement"])
    [by] = gone(text, BUILT_IN).values()
    twin = {rule.id for rule in RULES if "en" in rule.languages and rule.reason is RemovalReason.ADVERTISEMENT}

    off = rules_of(f"disable = {sorted({by, *twin})}")

    assert gone(text, off) == {}
    assert len(off.rules) == len(RULES) - len({by, *twin})


def test_extract_takes_them_too():
    page = "<html lang=en><body><article>" + "".join(f"<p>{text}</p>" for text in [*PROSE, "Wave your flag"])

    removed = extract(page, "https://a.paper.example/x", rules=rules_of(rule(hosts='["paper.example"]'))).removed

    assert [block.rule for block in removed] == ["user.x"]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a = ", 1, "no valid TOML"),
        ("\n\n[[rule]\n", 3, "no valid TOML"),
        ("x = '''\n\n", 3, "no valid TOML"),
        ("a = " + "[" * 100_000, 1, "nested too deeply"),
        ("pattern = 'x'", 1, "below a [[rule]]"),
        ("\ndisabled = []", 2, "did you mean 'disable'"),
        ("\n[rule]\nid = 'x'", 1, "a table of its own"),
        ("\ndisable = ['en.view']", 2, "did you mean 'en.views'"),
        ("disable = [\n'en.views',\n'en.nothing.like.it']", 3, "no built-in rule"),
        ("disable = 'en.views'", 1, "list of strings"),
        (rule(id=None), 1, "id is missing"),
        (rule(id="7"), 2, "id must be a string"),
        (rule(id='"A rule"'), 2, "not made of a-z"),
        (rule() + "\n" + rule(), 8, "rule in line 1 has the same id"),
        (rule(reason=None), 2, "reason is missing: one of comment_policy"),
        (rule(reason='"sharing"'), 3, "may be: comment_policy"),
        (rule(reason="['share']"), 3, "may be: comment_policy"),
        (rule(reason='"recurring"'), 3, "may be: comment_policy"),
        (rule(reason='"headline"'), 3, "may be: comment_policy"),
        (rule(keep="true"), 3, "either a reason"),
        (rule(keep="1"), 6, "true or false"),
        (rule(keep="true", reason=None, opens="true"), 6, "opens does not go with keep"),
        (rule(patterns="'x'"), 6, "did you mean 'pattern'"),
        (rule(pattern=None), 1, "pattern is missing"),
        (rule(pattern="[]"), 4, "pattern is missing"),
        (rule(pattern="7"), 4, "a string, or a list of strings"),
        (rule(pattern='""'), 4, "none of them empty"),
        (rule(pattern="'(a'"), 4, "no regular expression: missing )"),
        (rule(pattern="[\n'wave',\n'(b']"), 6, "no regular expression"),
        (rule(pattern="'(a+)+$'"), 4, "unbounded repeat inside another"),
        (rule(pattern="'((a{0,9}){0,9}){0,9}z'"), 4, "repeats more than 2 deep"),
        (rule(pattern="'((?:a?b{2,3}?){4}c)*'"), 4, "repeats more than 2 deep"),
        (rule(pattern="'a{99999999999999}'"), 4, "repeats too often"),
        (rule(pattern="'" + "(" * 900 + ")" * 900 + "'"), 4, "nested too deeply"),
        (rule(pattern="'" + "a" * (MAX_PATTERN_CHARS + 1) + "'"), 4, "longer than"),
        (rule(pattern="'a*'", how='"start"', yes='["aaa"]'), 4, "every line"),
        (rule(pattern="'Wave your flag'"), 5, "the pattern has capitals"),
        (rule(pattern="'wave'"), 5, "the whole line (how = 'line')"),
        (rule(pattern="'your flag'", how='"start"'), 5, "its beginning"),
        (rule(yes='["Wave a flag"]'), 5, "the pattern sees 'wave a flag'"),
        (rule(yes='["Wave your flag",\n\n"Wave!"]'), 7, "the example 'Wave!' does not match"),
        (rule(yes=None), 1, "yes is missing; a rule shows a line"),
        (rule(no='[\n"Wave your flag"]'), 7, "matches, and must not"),
        (rule(max_words="0", pattern="'wave'", yes='["Wave"]'), 5, "it has 1 word, and max_words is 0"),
        (rule(yes='["Wave your flag and go"]', pattern="'wave your flag.*'", max_words="4"), 5, "5 words, and max_words is 4"),
        (rule(max_words="-1"), 6, "whole number from 0"),
        (rule(max_words="true"), 6, "whole number"),
        (rule(how='"lines"'), 6, "may be: line, start, within"),
        (rule(where='"foot"'), 6, "may be: anywhere"),
        (rule(languages='["nl"]'), 6, "may have: *, ar, de"),
        (rule(hosts='["https://paper.example/"]'), 6, "is no host"),
        (rule(hosts='["*.paper.example"]'), 6, "is no host"),
        (rule(needs='["Flag"]'), 6, "in lower case"),
        (rule(needs='["banner"]'), 5, "none of what the rule needs"),
        (rule(yes='["Wave your flag."]', opens="true"), 5, "full stop"),
        (rule(yes='["' + "wave " * 700 + '"]'), 5, "longer than 3000 characters"),
        (rule(no=str(["x"] * 101)), 6, "more than 100"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text, line, told):
    first, *others = parse_rules(text).problems

    assert told in first.message
    assert first.line == line
    assert others == []


def test_all_problems_are_told_and_good_rules_are_read_all_the_same():
    found = parse_rules(rule(id='"a"', how='"x"') + rule(id='"b"') + rule(id='"c"', where='"x"'))

    assert [problem.line for problem in found.problems] == [6, 17]
    assert [rule.id for _, rule in found.rules] == ["user.b"]


def test_a_header_inside_a_string_is_none():
    text = "[[rule]]\nid = 'x'\nreason = 'share'\npattern = '''wave\n[[rule]]\n'''\ncased = 1\nyes = ['x']\n" + rule(
        id="7"
    )

    problems = parse_rules(text).problems

    assert [problem.line for problem in problems] == [4, 10]
    assert "nested set" in problems[0].message
    assert "id must be a string" in problems[1].message


def test_there_are_bounds(tmp_path):
    many = "".join(rule(id=f'"r{n}"') for n in range(MAX_RULES + 1))
    [problem] = parse_rules(many).problems
    assert problem.line == MAX_RULES * 5 + 1
    assert "more than 500" in problem.message

    file = tmp_path / "rules.toml"
    file.write_text("# " + "x" * 1_000_000)
    with pytest.raises(SettingsError, match="larger than"):
        read_rules(file)


@pytest.mark.parametrize(
    "pattern", ["'(?:a|a)*b'", "'(?:a{1,30}){1,30}b'", "'a*a*a*a*b'", r"'(?:\w|\d\d?)*%'", r"'(?:flag|fla|g)*%'"]
)
def test_a_pattern_that_only_a_clock_finds_is_refused_too(tmp_path, pattern):
    file = tmp_path / "rules.toml"
    file.write_text("\n" + rule(pattern=pattern, how='"within"', yes='["a b aaab 1% flag flag%5"]'))

    [problem] = read_rules(file).problems

    assert problem.line == 5
    assert problem.message.startswith(f"rule 'x': pattern {pattern[1:-1]!r} takes more than 0.25 s for a line of ")


HANGS = {
    "for a line of letters": rule(pattern="'(?:a?){30}a{30}'", yes=f'["{"a" * 30}"]'),
    "for a good example": rule(pattern="['a', '(?:[ax]?){40}z']", how='"start"', yes=f'["{"ax" * 20}z"]'),
    "for a bad example": rule(
        pattern="'(?:é|.|ê){40}!z'", how='"within"', yes=f'["{"é" * 40}!z"]', no=f'["{"é" * 50}"]'
    ),
    "for the empty text": rule(pattern="'(?:b?|a?|){30}[^ -~]'", how='"start"', yes='["é"]'),
}


@pytest.mark.parametrize("text", HANGS.values(), ids=HANGS)
def test_a_search_that_would_take_for_ever_is_stopped(tmp_path, text):
    file = tmp_path / "rules.toml"
    file.write_text("\n" + text, encoding="utf-8")
    before = (signal.getsignal(signal.SIGVTALRM), time.process_time())

    [problem] = read_rules(file).problems

    assert time.process_time() - before[1] < 5
    assert problem.line == 5
    assert "takes more than 0.25 s" in problem.message
    assert signal.getsignal(signal.SIGVTALRM) == before[0]
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_the_pattern_that_is_slow_is_the_one_that_is_told(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(rule(pattern="[\n'b',\n'(?:a|a)*b']", how='"within"', yes='["aaab"]'))

    [problem] = read_rules(file).problems

    assert problem.line == 6
    assert "pattern '(?:a|a)*b' takes" in problem.message


def test_a_search_is_stopped_in_a_thread_too(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(TIP + HANGS["for a line of letters"])
    with ThreadPoolExecutor(1) as threads:
        found = threads.submit(read_rules, file).result()
        missing = threads.submit(read_rules, tmp_path / "nowhere.toml")

    assert [rule.id for _, rule in found.rules] == ["user.tip"]
    assert [problem.line for problem in found.problems] == [TIP.count("\n") + 4]
    assert isinstance(missing.exception(), SettingsError)


@pytest.mark.parametrize(
    ("pattern", "depth"),
    [("a", 0), ("a?b+", 1), ("(?:a?){3}", 1), ("(?:a{2}|(b*){2})+", 3), ("((?>(a+)b)+)*", 2), ("((a+)++b)*", 1)],
)
def test_depth_of_repeats(pattern, depth):
    assert repeat_depth(pattern) == depth


def test_what_cannot_be_read(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_bytes(b"# one\n# \xff\n")
    assert [(problem.line, problem.message) for problem in read_rules(file).problems] == [(2, "the line is not UTF-8")]

    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read: No such file"):
        read_rules(tmp_path / "nowhere.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_rules(tmp_path)


def test_windows_files_are_read(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_bytes(b"\xef\xbb\xbf" + TIP.replace("\n", "\r\n").encode() + rule(id="7").encode())

    found = read_rules(file)

    assert [rule.id for _, rule in found.rules] == ["user.tip"]
    assert found.problems[0].line == TIP.count("\n") + 2


def test_a_bad_file_stops_the_start_and_a_good_one_is_in_force(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(rule(id='"a"', how='"x"') + rule(id='"b"', how='"x"'))
    with pytest.raises(SettingsError, match=r"COPYDESK_RULES_FILE: .*rules\.toml:6: rule 'a': how is 'x'.*and 1 more"):
        load_rules(Settings(rules_file=file))

    file.write_text(TIP)
    assert [rule.id for rule in load_rules(Settings(rules_file=file)).user] == ["user.tip"]
    assert load_rules(Settings()) is BUILT_IN


def test_the_example_in_the_documentation_is_good(tmp_path):
    text = (DOCS / "rules.md").read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")

    found = read_rules(file)

    assert found.problems == ()
    assert [rule.id for _, rule in found.rules] == ["user.harbour.tips", "user.quiz"]
    assert found.disabled == {"en.views"}
