"""A user's own rules: TOML, a table ``[[rule]]`` for each; see ``docs/rules.md``.

Every problem is found in one go and names its line, so the file is read table by table: ``tomllib`` tells where its
syntax is wrong, but not where a value stands.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from copydesk.core.rules import RULES
from copydesk.core.rules.linear import MAX_DEPTH, SLOW_SECONDS, has_nested_repeat, repeat_depth
from copydesk.core.rules.model import MAX_FOLDED_CHARS, How, Line, Rule, Where, fold
from copydesk.core.rules.select import LANGUAGES
from copydesk.core.urls import host_of
from copydesk.models import RemovalReason

MAX_FILE_BYTES: Final = 1_000_000
MAX_RULES: Final = 500
MAX_PATTERN_CHARS: Final = 2_000
MAX_VALUES: Final = 100
"""Strings in one list, but for ``disable``."""

PREFIX: Final = "user."
"""Before the id that a user gave: so it is told apart from those of the table."""

REASONS: Final = tuple(
    reason
    for reason in RemovalReason
    if reason not in {RemovalReason.HEADLINE, RemovalReason.REPEAT, RemovalReason.RECURRING}
)
"""What a rule may give as its reason; the others say what copydesk itself found, by more than the words of a line."""

Trial = Callable[[Rule], tuple[str, int] | None]
"""Tries a rule on lines that are hard for it: the pattern that takes too long, and for how many characters; else None."""

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_HEADER = re.compile(r"\s*\[\[\s*rule\s*\]\]\s*(?:#.*)?$")
_SYNTAX = re.compile(r" \(at line (\d+), column (\d+)\)$")
_KEYS = (
    "id", "reason", "keep", "languages", "hosts", "pattern", "how", "where", "max_words", "needs", "cased", "opens", "yes", "no",
)  # fmt: skip
_TOP = ("disable", "rule")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with a file, and in which line of it, counted from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class UserRules:
    """What a file says.

    Attributes:
        rules: Its rules, each with the line of its table.
        disabled: Ids of rules of the table that it switches off.
        problems: What is wrong, in the order of the lines. A rule with a problem is not among the rules.
    """

    rules: tuple[tuple[int, Rule], ...]
    disabled: frozenset[str]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file with the lines that it stands in."""

    first: int
    lines: Sequence[str]
    values: dict[str, Any]

    def line_of(self, key: str, text: str = "") -> int:
        """The line of a value: that of the text in it, else that of its key, else the first of the table."""
        start = next((n for n, line in enumerate(self.lines) if re.match(rf'\s*"?{key}"?\s*=', line)), 0)
        inside = (n for n, line in enumerate(self.lines[start:], start) if text and text in line)
        return self.first + next(inside, start)


class _Wrong(Exception):
    """A value is not what it must be."""

    def __init__(self, key: str, message: str, text: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.text = text


def parse_rules(text: str, trial: Trial = lambda _: None) -> UserRules:
    """Read a file of rules; never fails, see ``UserRules.problems``.

    Args:
        text: What stands in the file.
        trial: Run for each rule before anything else is matched with it: without one, a bad pattern can take for ever.
    """
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return UserRules((), frozenset(), (_syntax_problem(str(error), text),))
    except RecursionError:
        return UserRules((), frozenset(), (Problem(1, "lists are nested too deeply"),))
    head, *tables = _tables(text)
    problems = [*_top_problems(whole, head, tables)]
    disabled: list[str] = []
    try:
        disabled = _disabled(head.values)
    except _Wrong as wrong:
        problems.append(Problem(head.line_of(wrong.key, wrong.text), str(wrong)))
    rules: list[tuple[int, Rule]] = []
    for table in tables[:MAX_RULES]:
        try:
            rule = _rule(table.values, trial)
            _check_id(rule, rules)
            rules.append((table.first, rule))
        except _Wrong as wrong:
            problems.append(Problem(table.line_of(wrong.key, wrong.text), f"{_called(table.values)}{wrong}"))
    return UserRules(tuple(rules), frozenset(disabled), tuple(sorted(problems)))


def _syntax_problem(message: str, text: str) -> Problem:
    place = _SYNTAX.search(message)
    line = int(place[1]) if place else text.count("\n") + 1
    return Problem(line, f"no valid TOML: {_SYNTAX.sub('', message).removesuffix(' (at end of document)')}")


def _tables(text: str) -> Iterator[_Table]:
    """What stands before the first ``[[rule]]``, then every one of them. The text as a whole is valid TOML."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    begin = 0
    for end in [*starts, len(lines)]:
        part = lines[begin:end]
        try:
            values = tomllib.loads("\n".join(part))
        except tomllib.TOMLDecodeError:
            continue  # the header stands inside a string of more than one line
        inside = values.get("rule")
        is_rule = bool(part) and _HEADER.match(part[0]) is not None and isinstance(inside, list)
        yield _Table(begin + 1, part, inside[0] if is_rule and inside else values)
        begin = end


def _top_problems(whole: dict[str, Any], head: _Table, tables: Sequence[_Table]) -> Iterator[Problem]:
    for key in whole:
        if key not in _TOP:
            hint = "; it belongs below a [[rule]]" if key in _KEYS else _meant(key, _TOP)
            yield Problem(head.line_of(re.escape(key)), f"unknown key {key!r}{hint}")
    listed = whole.get("rule", [])
    if not isinstance(listed, list) or len(listed) != len(tables):
        yield Problem(head.line_of("rule"), "every rule is a table of its own, under a line [[rule]]")
    if len(tables) > MAX_RULES:
        yield Problem(tables[MAX_RULES].first, f"{len(tables)} rules are more than {MAX_RULES}")


def _disabled(values: dict[str, Any]) -> list[str]:
    ids = _strings(values, "disable", most=len(RULES))
    known = [rule.id for rule in RULES]
    for id_ in ids:
        if id_ not in known:
            raise _Wrong("disable", f"no built-in rule is called {id_!r}{_meant(id_, known)}", id_)
    return ids


def _rule(values: dict[str, Any], trial: Trial) -> Rule:
    for key in values:
        if key not in _KEYS:
            raise _Wrong(re.escape(key), f"unknown key {key!r}{_meant(key, _KEYS)}")
    patterns = _strings(values, "pattern", required=True, lone=True)
    for pattern in patterns:
        _check_pattern(pattern)
    rule = Rule(
        id=PREFIX + _id(values),
        reason=_reason(values),
        languages=tuple(_of(LANGUAGES | {"*"}, values, "languages") or ["*"]),
        pattern=tuple(patterns),
        how=How(_choice(values, "how", How) or How.LINE),
        where=Where(_choice(values, "where", Where) or Where.ANYWHERE),
        max_words=_number(values, "max_words", 12, most=MAX_FOLDED_CHARS),
        needs=tuple(_needs(values)),
        cased=_flag(values, "cased"),
        opens=_flag(values, "opens"),
        yes=tuple(_strings(values, "yes", required=True)),
        no=tuple(_strings(values, "no")),
        hosts=tuple(map(_host, _strings(values, "hosts", lone=True))),
    )
    _check_speed(rule, trial)
    _check_breadth(rule)
    _check_examples(rule)
    return rule


def _id(values: dict[str, Any]) -> str:
    id_ = _string(values, "id").removeprefix(PREFIX)
    if not _ID.fullmatch(id_):
        raise _Wrong("id", f"id {id_[:80]!r} is not made of a-z, 0-9, '.', '_' and '-', at most 60 of them")
    return id_


def _check_id(rule: Rule, before: Iterable[tuple[int, Rule]]) -> None:
    taken = next((line for line, other in before if other.id == rule.id), None)
    if taken is not None:
        raise _Wrong("id", f"the rule in line {taken} has the same id")


def _reason(values: dict[str, Any]) -> RemovalReason | None:
    if _flag(values, "keep"):
        if "reason" in values:
            raise _Wrong("reason", "a rule has either a reason, for lines that go, or keep = true, for lines that stay")
        if values.get("opens"):
            raise _Wrong("opens", "what stays opens nothing: opens does not go with keep")
        return None
    if "reason" not in values:
        raise _Wrong("id", f"reason is missing: one of {', '.join(REASONS)}; or keep = true, for lines that stay")
    return RemovalReason(_choice(values, "reason", REASONS) or "")


def _needs(values: dict[str, Any]) -> list[str]:
    needs = _strings(values, "needs")
    for need in needs:
        if need != need.lower():
            raise _Wrong("needs", f"{need!r} has capitals, and is looked for in the line in lower case", need)
    return needs


def _host(value: str) -> str:
    host = "" if re.search(r"[\s/:@?#*]", value) else host_of(f"https://{value}/")
    if not host:
        raise _Wrong(
            "hosts", f"{value[:80]!r} is no host; write paper.example, which takes in www.paper.example", value
        )
    return host.removeprefix("www.")


def _check_pattern(pattern: str) -> None:
    if len(pattern) > MAX_PATTERN_CHARS:
        raise _Wrong("pattern", f"a pattern of {len(pattern)} characters is longer than {MAX_PATTERN_CHARS}")
    shown = f"pattern {pattern[:60]!r}"
    try:
        with warnings.catch_warnings():
            # What Python only warns of, like a bracket inside brackets, is a slip.
            warnings.simplefilter("error")
            re.compile(pattern)
        nested = has_nested_repeat(pattern)
        deep = repeat_depth(pattern) > MAX_DEPTH
    except (re.error, Warning) as error:
        raise _Wrong("pattern", f"{shown} is no regular expression: {error}", pattern[:40]) from None
    except (RecursionError, OverflowError):
        raise _Wrong("pattern", f"{shown} is nested too deeply, or repeats too often", pattern[:40]) from None
    if nested:
        raise _Wrong(
            "pattern",
            f"{shown} has an unbounded repeat inside another, as in (a+)+: a line that nearly matches would take for ever. "
            "Bound one of the two, as in {0,20}, or make it possessive, as in ++",
            pattern[:40],
        )
    if deep:
        raise _Wrong(
            "pattern",
            f"{shown} has repeats more than {MAX_DEPTH} deep, as in ((a{{0,9}}){{0,9}}){{0,9}}: a line that nearly matches "
            "would take for ever. Write it with fewer, or make one possessive, as in {0,9}+",
            pattern[:40],
        )


def _check_speed(rule: Rule, trial: Trial) -> None:
    if slow := trial(rule):
        pattern, chars = slow
        raise _Wrong(
            "pattern",
            f"pattern {pattern[:60]!r} takes more than {SLOW_SECONDS} s for a line of {chars} "
            f"character{'' if chars == 1 else 's'}; bound its repeats, and let no two of them match the same text",
            pattern[:40],
        )


def _check_breadth(rule: Rule) -> None:
    if rule.how is not How.LINE and all(pattern.search("") for pattern in rule.compiled):
        raise _Wrong(
            "pattern", "the pattern matches the empty text, so it would match every line", rule.pattern[0][:40]
        )


def _check_examples(rule: Rule) -> None:
    for key, wanted in (("yes", True), ("no", False)):
        for text in getattr(rule, key):
            line = fold(text)
            if (line is not None and rule.matches(line)) is not wanted:
                why = f"does not match: {_why_not(rule, line)}" if wanted else "matches, and must not"
                raise _Wrong(key, f"the example {text[:80]!r} {why}", text[:40])


def _why_not(rule: Rule, line: Line | None) -> str:
    if line is None:
        return f"it is longer than {MAX_FOLDED_CHARS} characters"
    text = line.cased if rule.cased else line.folded
    reasons = (
        (
            line.words > rule.max_words,
            f"it has {line.words} word{'' if line.words == 1 else 's'}, and max_words is {rule.max_words}",
        ),
        (rule.needs and not any(need in line.folded for need in rule.needs), "it has none of what the rule needs"),
        (rule.opens and line.ends_sentence, "it ends with a full stop, and what opens a list of teasers does not"),
        (
            not rule.cased and any(pattern.lower() != pattern for pattern in map(_unescaped, rule.pattern)),
            "the pattern has capitals, and sees the line in lower case; write it so, or set cased = true",
        ),
        (
            rule.how is not How.WITHIN and rule.compiled[0].search(text),
            f"the pattern must match {'the whole line' if rule.how is How.LINE else 'its beginning'} (how = '{rule.how}')",
        ),
    )
    return next((why for applies, why in reasons if applies), f"the pattern sees {text[:80]!r}")


def _unescaped(pattern: str) -> str:
    """A pattern without what is upper case in it but no letter: ``\\W``, ``\\N{...}``, ``(?P<name>``."""
    return re.sub(r"\\[A-Z]|\(\?P", "", pattern)


def _string(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not value:
        raise _Wrong(key, f"{key} is missing" if value is None else f"{key} must be a string in quotes")
    return value


def _strings(
    values: dict[str, Any], key: str, *, required: bool = False, lone: bool = False, most: int = MAX_VALUES
) -> list[str]:
    value = values.get(key, [])
    if lone and isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(part, str) and part for part in value):
        raise _Wrong(key, f"{key} must be {'a string, or ' if lone else ''}a list of strings, none of them empty")
    if required and not value:
        raise _Wrong(key, f"{key} is missing" + ("; a rule shows a line that it must match" if key == "yes" else ""))
    if len(value) > most:
        raise _Wrong(key, f"{key} has {len(value)} values, more than {most}")
    return value


def _of(allowed: Collection[str], values: dict[str, Any], key: str) -> list[str]:
    found = _strings(values, key, lone=True)
    for value in found:
        if value not in allowed:
            raise _Wrong(key, f"{key} has {value!r}, and may have: {', '.join(sorted(allowed))}", value)
    return found


def _choice(values: dict[str, Any], key: str, allowed: Iterable[str]) -> str | None:
    if key not in values:
        return None
    value = values[key]
    names = [str(name) for name in allowed]
    if value not in names:
        raise _Wrong(key, f"{key} is {value!r}, and may be: {', '.join(names)}")
    return str(value)


def _number(values: dict[str, Any], key: str, default: int, *, most: int) -> int:
    value = values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise _Wrong(key, f"{key} must be a whole number from 0 to {most}")
    return value


def _flag(values: dict[str, Any], key: str) -> bool:
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise _Wrong(key, f"{key} must be true or false")
    return value


def _called(values: dict[str, Any]) -> str:
    id_ = values.get("id")
    return f"rule {id_[:60]!r}: " if isinstance(id_, str) and id_ else ""


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
