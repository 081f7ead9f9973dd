"""The rule table: what boilerplate lines look like, as data, one module a language.

To add a rule, add one entry to the table of its language, with its own examples of lines that it must and must not
match; ``tests/unit/test_rules.py`` runs them.
"""

from __future__ import annotations

from copydesk.core.rules import ar, de, en, en_credits, en_links, en_promotion, es, fr, it, ja, marks, pt, ru, tr, zh
from copydesk.core.rules.model import How, Line, Rule, Where, fold

RULES: tuple[Rule, ...] = tuple(
    rule
    for module in (marks, en, en_credits, en_links, en_promotion, de, fr, es, it, pt, ru, ar, tr, zh, ja)
    for rule in module.RULES
)

__all__ = ["RULES", "How", "Line", "Rule", "Where", "fold"]
