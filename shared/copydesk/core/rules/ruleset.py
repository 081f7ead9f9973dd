"""The rules that are in force: the table without what a user has switched off, and the user's own before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Final

from copydesk.core.rules import RULES
from copydesk.core.rules.model import Line, Rule

_LENGTHS = (0, 3, 6, 12, 20, 30, 45, 60, 90, 150, 400, 10_000)
_NO_HOSTS: frozenset[str] = frozenset()


class RuleSet:
    """Rules in the order in which they are tried, told apart by language, host and length of the line.

    Attributes:
        user: A user's own rules. They come first, and of them those that say that a line stays.
        disabled: Ids of rules of the table that are not tried.
        rules: All that are in force.
        openers: Ids of the rules that match headings over teasers.
    """

    def __init__(self, user: Iterable[Rule] = (), disabled: Collection[str] = ()) -> None:
        self.user = tuple(sorted(user, key=lambda rule: rule.reason is not None))
        self.disabled = frozenset(disabled)
        self.rules = (*self.user, *(rule for rule in RULES if rule.id not in self.disabled))
        self.openers = frozenset(rule.id for rule in self.rules if rule.opens)
        self._hosts = frozenset(host for rule in self.user for host in rule.hosts)
        # A page asks for the same few selections again and again, line by line.
        self._selected = lru_cache(maxsize=512)(self._select)
        self._named = lru_cache(maxsize=512)(self._names_of)

    def __reduce__(self) -> tuple[type[RuleSet], tuple[tuple[Rule, ...], frozenset[str]]]:
        """What goes to another process: the rules, without what was looked up."""
        return RuleSet, (self.user, self.disabled)

    def on_page(self, lines: Iterable[Line | None], tried: frozenset[str], host: str) -> PageRules:
        """The rules that may match lines of a page.

        Args:
            lines: All lines of the page.
            tried: Languages, see ``copydesk.core.rules.select.languages``.
            host: Where the page stands; empty where that is not known.
        """
        named = self._named(host) if self._hosts else _NO_HOSTS
        return PageRules(lambda length: self._selected(tried, length, named), lines)

    def _select(self, tried: frozenset[str], length: int, named: frozenset[str]) -> tuple[Rule, ...]:
        shortest = max((other for other in _LENGTHS if other < length), default=-1) + 1
        return tuple(
            rule
            for rule in self.rules
            if rule.max_words >= shortest
            and tried.intersection(rule.languages)
            and (not rule.hosts or named.intersection(rule.hosts))
        )

    def _names_of(self, host: str) -> frozenset[str]:
        """The host, without its port, and those above it, as far as rules name them."""
        labels = host.partition(":")[0].split(".")
        return self._hosts.intersection(".".join(labels[start:]) for start in range(len(labels)))


class PageRules:
    """The rules that may match lines of one page: those whose needed strings stand on it at all."""

    def __init__(self, select: Callable[[int], tuple[Rule, ...]], lines: Iterable[Line | None]) -> None:
        self._select = select
        self._text = "\n".join(line.folded for line in lines if line)
        self._has_needed: dict[str, bool] = {}
        self._kept: dict[int, tuple[Rule, ...]] = {}

    def candidates(self, line: Line) -> tuple[Rule, ...]:
        """The rules that may match a line of the page, in the order in which they are tried."""
        length = next(length for length in _LENGTHS if line.words <= length)
        if length not in self._kept:
            self._kept[length] = tuple(rule for rule in self._select(length) if self._may_match(rule))
        return self._kept[length]

    def _may_match(self, rule: Rule) -> bool:
        if rule.id not in self._has_needed:
            self._has_needed[rule.id] = rule.has_needed(self._text)
        return self._has_needed[rule.id]


BUILT_IN: Final = RuleSet()
"""The table alone."""
