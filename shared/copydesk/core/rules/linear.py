"""Whether a pattern can be trusted with any line: one that backtracks without end would hold a worker up.

There are two checks. ``has_nested_repeat`` and ``repeat_depth`` read the pattern and find the usual faults, ``(a+)+`` and
``((a{0,9}){0,9}){0,9}``. ``probes`` gives lines that nearly match, to be tried by whoever can stop a search that takes too
long; they find much of what reading does not, like ``(a|a)*``.
"""

from __future__ import annotations

from collections.abc import Iterator

# Python has no public way to read a pattern as a tree; the module is the one that `re` itself compiles with.
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

from copydesk.core.rules.model import MAX_FOLDED_CHARS, Rule, fold

SLOW_SECONDS: Final = 0.25
"""CPU time that a pattern may take for the hardest line that is tried; those of the table take less than half of it."""
MAX_DEPTH: Final = 2
"""Repeats that may stand in each other, bounded or not; the table needs no more."""
MAX_LETTERS: Final = 8
MAX_EXAMPLES: Final = 3

# A little longer each time: what takes twice as long with every few characters is seen before it takes hours.
PROBE_CHARS: Final = (*(round(16 * 1.15**step) for step in range(38)), MAX_FOLDED_CHARS)
"""Lengths of the lines that are tried, in characters."""

_PLAIN: Final = ("a", " ", "1", "a ", "1 ", "a, ")


def has_nested_repeat(pattern: str) -> bool:
    """Whether an unbounded backtracking repeat stands in an unbounded backtracking repeat.

    Raises:
        re.error: The pattern is none.
    """
    return _nested(parser.parse(pattern), inside=False)


def _nested(tree: Any, *, inside: bool) -> bool:
    for operator, value in tree:
        repeats = operator in (kinds.MAX_REPEAT, kinds.MIN_REPEAT)
        unbounded = repeats and value[1] is kinds.MAXREPEAT
        # Possessive repeats and atomic groups never give anything back.
        within = inside and operator not in (kinds.POSSESSIVE_REPEAT, kinds.ATOMIC_GROUP)
        if unbounded and inside:
            return True
        if any(_nested(part, inside=within or unbounded) for part in _parts(operator, value)):
            return True
    return False


def repeat_depth(pattern: str) -> int:
    """How many backtracking repeats of more than once stand in each other.

    Raises:
        re.error: The pattern is none.
    """
    return _depth(parser.parse(pattern), around=0)


def _depth(tree: Any, *, around: int) -> int:
    deepest = around
    for operator, value in tree:
        repeats = operator in (kinds.MAX_REPEAT, kinds.MIN_REPEAT) and value[1] > 1
        within = 0 if operator in (kinds.POSSESSIVE_REPEAT, kinds.ATOMIC_GROUP) else around + repeats
        deepest = max(deepest, within, *(_depth(part, around=within) for part in _parts(operator, value)))
    return deepest


def _parts(operator: Any, value: Any) -> list[Any]:
    if operator in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
        return [value[2]]
    if operator in (kinds.ASSERT, kinds.ASSERT_NOT):
        return [value[1]]
    if operator is kinds.SUBPATTERN:
        return [value[3]]
    if operator is kinds.BRANCH:
        return list(value[1])
    if operator is kinds.GROUPREF_EXISTS:
        return [part for part in value[1:] if part is not None]
    return [value] if operator is kinds.ATOMIC_GROUP else []


def own_lines(rule: Rule) -> Iterator[str]:
    """What a rule is held to before any page: the empty line, and its examples in all forms."""
    yield ""
    for line in map(fold, (*rule.yes, *rule.no)):
        if line is not None:
            texts = (line.folded, line.cased)
            yield from dict.fromkeys((*texts, *(text.removesuffix(":").rstrip() for text in texts)))


def probes(rule: Rule, chars: int) -> Iterator[str]:
    """Lines of so many characters that nearly match: its examples, words and letters, again and again, and a wrong end."""
    examples = [line.folded.rstrip(".!?:") for text in rule.yes[:MAX_EXAMPLES] if (line := fold(text))]
    letters = list(dict.fromkeys(letter for pattern in rule.pattern for letter in _letters(parser.parse(pattern))))
    words = [word for example in examples for word in example.split()][:MAX_LETTERS]
    seeds = [*(f"{example} " for example in examples), *_PLAIN, *words, *letters[:MAX_LETTERS]]
    for seed in dict.fromkeys(seeds):
        yield (seed * (chars // len(seed) + 1))[: chars - 1] + "\0"


def _letters(tree: Any) -> Iterator[str]:
    for operator, value in tree:
        if operator is kinds.LITERAL:
            yield chr(value)
        elif operator is kinds.IN:
            yield from (chr(what) for kind, what in value if kind is kinds.LITERAL)
            yield from (chr(what[0]) for kind, what in value if kind is kinds.RANGE)
        for part in _parts(operator, value):
            yield from _letters(part)
