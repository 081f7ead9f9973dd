"""The boilerplate rules that are in force: those of the table, and those of the file that a setting names."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from copydesk.core.rules.linear import PROBE_CHARS, probes
from copydesk.core.rules.model import Rule
from copydesk.core.rules.ruleset import BUILT_IN, RuleSet
from copydesk.core.rules.userfile import MAX_FILE_BYTES, Problem, UserRules, parse_rules
from copydesk.errors import SettingsError
from copydesk.runtime.settings import Settings

SLOW_SECONDS: Final = 0.25
"""CPU time that a rule may take for the hardest line that is tried; those of the table take less than half of it."""


def load_rules(settings: Settings) -> RuleSet:
    """Read the rules that are in force.

    Raises:
        SettingsError: The file cannot be read, or something in it is wrong: file, line and what.
    """
    path = settings.rules_file
    if path is None:
        return BUILT_IN
    found = read_rules(path)
    if found.problems:
        first = found.problems[0]
        more = f" (and {len(found.problems) - 1} more: copydesk rules check {path})" if found.problems[1:] else ""
        raise SettingsError(f"COPYDESK_RULES_FILE: {path}:{first.line}: {first.message}{more}")
    return RuleSet((rule for _, rule in found.rules), found.disabled)


def read_rules(path: Path) -> UserRules:
    """Read a file of rules and try each pattern on lines that are hard for it.

    Raises:
        SettingsError: The file cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"the rules file {path} cannot be read: {error.strerror}") from None
    if len(raw) > MAX_FILE_BYTES:
        raise SettingsError(f"the rules file {path} is larger than {MAX_FILE_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return UserRules((), frozenset(), (Problem(line, "the line is not UTF-8"),))
    found = parse_rules(text.replace("\r\n", "\n"))
    slow = [
        Problem(
            line,
            f"rule {rule.id!r}: a line of {chars} characters takes it more than {SLOW_SECONDS} s; bound its repeats",
        )
        for line, rule in found.rules
        if (chars := slow_at(rule)) is not None
    ]
    return UserRules(found.rules, found.disabled, tuple(sorted([*found.problems, *slow])))


def slow_at(rule: Rule, lengths: Iterable[int] = PROBE_CHARS) -> int | None:
    """Characters of the shortest line that takes the rule longer than ``SLOW_SECONDS``, of those that are tried."""
    for chars in lengths:
        for line in probes(rule, chars):
            start = time.process_time()
            for pattern in rule.compiled:
                pattern.search(line)
                pattern.fullmatch(line)
            if time.process_time() - start > SLOW_SECONDS:
                return chars
    return None
