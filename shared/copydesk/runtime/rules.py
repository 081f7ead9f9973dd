"""The boilerplate rules that are in force: those of the table, and those of the file that a setting names."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from copydesk.core.rules.linear import PROBE_CHARS, SLOW_SECONDS, own_lines, probes
from copydesk.core.rules.model import Rule
from copydesk.core.rules.ruleset import BUILT_IN, RuleSet
from copydesk.core.rules.userfile import MAX_FILE_BYTES, Problem, UserRules, parse_rules
from copydesk.errors import SettingsError
from copydesk.runtime.settings import Settings


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
    if threading.current_thread() is not threading.main_thread():
        # Only a main thread can be stopped in a search, so another one asks that of a new process.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
            return processes.submit(read_rules, path).result()
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
    return parse_rules(text.replace("\r\n", "\n"), slow_at)


def slow_at(rule: Rule, lengths: Iterable[int] = PROBE_CHARS) -> tuple[str, int] | None:
    """The pattern of a rule that takes longer than ``SLOW_SECONDS`` for a line, and the characters of the line.

    The shortest of the lines that are tried, after the rule's own examples; None where none takes that long. Must be called
    in the main thread of a process.
    """
    for line in chain(own_lines(rule), chain.from_iterable(probes(rule, chars) for chars in lengths)):
        for pattern in rule.compiled:
            try:
                with _cpu_limit(SLOW_SECONDS):
                    pattern.search(line)
                    pattern.fullmatch(line)
            except TimeoutError:
                return pattern.pattern, len(line)
    return None


@contextmanager
def _cpu_limit(seconds: float) -> Iterator[None]:
    """Stop what is done within after so much CPU time of the process, even inside a search: ``re`` looks for signals.

    Raises:
        TimeoutError: It took longer.
    """

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
