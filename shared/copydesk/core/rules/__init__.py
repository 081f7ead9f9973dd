"""The rule table: what boilerplate lines look like, as data, one module a language.

To add a rule, add one entry to the table of its language, with its own examples of lines that it must and must not
match; ``tests/unit/test_rules.py`` runs them.
"""

from __future__ import annotations

from copydesk.core.rules import en, en_promotion, marks
from copydesk.core.rules.model import How, Line, Rule, Where, fold

RULES: tuple[Rule, ...] = (*marks.RULES, *en.RULES, *en_promotion.RULES)

OPENERS = frozenset(rule.id for rule in RULES if rule.opens)
"""Ids of the rules that match headings over teasers."""

__all__ = ["OPENERS", "RULES", "How", "Line", "Rule", "Where", "fold"]
