"""``copydesk rules``, and a user's rules in the verbs that clean, as a user runs them."""

import json
import os

import forked
import pytest

PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down in the winter.",
    "Fishermen who had waited for the decision since March said that they were relieved, although work will only begin later.",
    "The mayor promised that the new pier would stand on pillars of stone, and that it would carry a second crane for the boats.",
]
GOOD = """
disable = ["en.views"]

[[rule]]
id = "flag"
reason = "contact"
hosts = ["paper.example"]
pattern = 'wave your flag'
yes = ["Wave your flag"]

[[rule]]
id = "quiz"
keep = true
pattern = 'share this quiz'
yes = ["Share this quiz"]
"""
BAD = """[[rule]]
id = "slow"
reason = "contact"
pattern = '(a+)+$'
yes = ["aaa"]

[[rule]]
id = "\\u001b[2J"
"""


def copydesk(*arguments, stdin=b"", rules=None):
    environment = {name: value for name, value in os.environ.items() if name != "COPYDESK_RULES_FILE"}
    if rules is not None:
        environment["COPYDESK_RULES_FILE"] = str(rules)
    return forked.copydesk(*arguments, stdin=stdin, env=environment)


def rows(done):
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "good.toml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def bad(tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text(BAD)
    return file


def test_check_tells_what_a_good_file_has(good):
    done = copydesk("rules", "check", good)

    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().splitlines() == [
        f"{good}:4: user.flag: contact on paper.example; examples: 1 yes, 0 no",
        f"{good}:11: user.quiz: stays; examples: 1 yes, 0 no",
        f"{good}: en.views is switched off",
        "copydesk: 2 rules are good",
    ]


def test_check_tells_every_problem_with_its_line(bad):
    done = copydesk("rules", "check", bad)

    assert (done.returncode, done.stdout) == (1, b"")
    first, second, _ = done.stderr.decode().splitlines()
    assert first.startswith(f"{bad}:4: rule 'slow': pattern '(a+)+$' has an unbounded repeat")
    assert second.startswith(f"{bad}:7: ")
    assert "\x1b" not in second


def test_one_is_not_many(tmp_path):
    file = tmp_path / "one.toml"
    file.write_text(GOOD.rpartition("[[rule]]")[0])
    assert copydesk("rules", "check", file).stderr.decode().splitlines()[-1] == "copydesk: 1 rule is good"

    file.write_text("x = 1\n")
    told = copydesk("rules", "check", file).stderr.decode().splitlines()[-1]
    assert told == "copydesk: 1 problem; nothing that cleans starts with this file"
    assert copydesk("clean", "--diff", stdin=b"One.\n").stdout.splitlines()[-1] == b"1 block stays, 0 removed"


@pytest.mark.parametrize(("pattern", "example"), [("((a{0,9}){0,9}){0,9}z", "z"), ("(?:a?){30}a{30}", "a" * 30)])
def test_a_pattern_that_would_take_for_ever_is_told_and_not_waited_for(tmp_path, pattern, example):
    file = tmp_path / "slow.toml"
    file.write_text(f"[[rule]]\nid = 'slow'\nreason = 'contact'\npattern = '{pattern}'\nyes = ['{example}']\n")

    checked = copydesk("rules", "check", file)
    started = copydesk("clean", stdin=b"A line", rules=file)

    assert (checked.returncode, started.returncode) == (1, 2)
    assert checked.stderr.decode().startswith(f"{file}:4: rule 'slow': pattern '{pattern}' ")
    assert started.stderr.decode().startswith(
        f"copydesk: COPYDESK_RULES_FILE: {file}:4: rule 'slow': pattern '{pattern}' "
    )


def test_check_of_a_file_that_is_not_there():
    done = copydesk("rules", "check", "/nowhere/rules.toml")

    assert done.returncode == 2
    assert b"/nowhere/rules.toml" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["clean"],
        ["extract"],
        ["run", "https://paper.example/feed"],
        ["extractor"],
        ["worker", "extract"],
        ["rules", "list"],
    ],
    ids=" ".join,
)
def test_a_bad_rule_stops_whatever_cleans(bad, arguments, tmp_path):
    done = copydesk(*arguments, rules=bad)

    assert (done.returncode, done.stdout) == (2, b"")
    assert f"copydesk: COPYDESK_RULES_FILE: {bad}:4: rule 'slow'" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_doctor_looks_at_the_file(good, bad, tmp_path):
    environment = ["doctor", "--json"]

    found = {row["check"]: row for row in rows(copydesk(*environment, rules=good))}
    assert (found["rules"]["level"], found["rules"]["found"]) == ("ok", f"2 of {good}, 1 built-in ones switched off")
    found = {row["check"]: row for row in rows(copydesk(*environment, rules=bad))}
    assert found["rules"]["level"] == "fail"
    assert "unset COPYDESK_RULES_FILE" in found["rules"]["advice"]


@pytest.mark.parametrize(("host", "goes"), [("www.paper.example", ["user.flag"]), ("other.example", [])])
def test_rules_of_a_site_in_clean_and_extract(good, host, goes):
    texts = [*PROSE, "Wave your flag", "Share this quiz"]
    page = f"<html lang=en><body><article>{''.join(f'<p>{text}</p>' for text in texts)}</article></body></html>"
    url = f"https://{host}/a"
    lines = json.dumps({"id": 1, "url": url, "text": "\n".join(texts), "html": page}).encode()

    found = [
        *rows(copydesk("clean", "--jsonl", stdin=lines, rules=good)),
        *rows(copydesk("extract", "--jsonl", stdin=lines, rules=good)),
        *rows(copydesk("clean", "--url", url, stdin="\n".join(texts).encode(), rules=good)),
        *rows(copydesk("extract", "--url", url, stdin=page.encode(), rules=good)),
    ]

    assert [[block["rule"] for block in row["removed"]] for row in found] == [goes] * 4
    assert all(row["text"].endswith("Share this quiz") for row in found)


def test_list_has_all_rules_in_force(good):
    built_in = rows(copydesk("rules", "list"))
    with_mine = rows(copydesk("rules", "list", rules=good))

    assert len(with_mine) == len(built_in) + 2 - 1
    assert [(row["id"], row["reason"], row["keep"], row["hosts"]) for row in with_mine[:2]] == [
        ("user.quiz", None, True, []),
        ("user.flag", "contact", False, ["paper.example"]),
    ]
    assert all(row["yes"] and row["pattern"] for row in with_mine)


def test_list_chooses(good):
    found = rows(copydesk("rules", "list", "--reason", "newsletter", "--language", "de"))
    assert found
    assert {row["reason"] for row in found} == {"newsletter"}
    assert all({"de", "*"}.intersection(row["languages"]) for row in found)
    assert [row["id"] for row in rows(copydesk("rules", "list", "--reason", "keep", rules=good))] == ["user.quiz"]

    assert rows(copydesk("rules", "list", "--reason", "newsletter", "--language", "DE")) == found

    for wrong in (["--reason", "adverts"], ["--reason", "recurring"], ["--language", "nl"]):
        done = copydesk("rules", "list", *wrong)
        assert (done.returncode, done.stdout) == (2, b"")
        assert wrong[1].encode() in done.stderr
