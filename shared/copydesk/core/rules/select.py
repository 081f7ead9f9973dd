"""In which languages rules are worth trying on a page.

English is always tried, since pages in every language carry "Share" and "Advertisement".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from copydesk.core.rules import Line

SHORT_TEXT_WORDS = 60
"""Words below which a text is too short to tell its language by its function words: then all of its script are tried."""

LEAST_FUNCTION_WORDS = 4
"""Different function words of a language that a text in it has at least."""

_ALWAYS = frozenset({"*", "en"})
_FUNCTION_WORDS = {
    code: frozenset(words.split())
    for code, words in {
        "de": "der die das und ist nicht ein eine mit von für auf den dem des auch sich im bei nach wird sind",
        "fr": "le la les des est dans une pour que qui sur pas au avec sont plus cette par ce du aux",
        "es": "el la los las una que por para con del se no es en al su más como fue sus lo",
        "it": "il lo gli che non una per con del della sono alla nel dal anche più si è le di dei",
        "pt": "os as uma que não por para com do da em no na dos das se ao mais foi são é",
        "tr": "ve bir bu için ile da de olarak daha çok olan gibi sonra kadar ise en göre her ancak ne",
    }.items()
}
_SCRIPTS = (
    (re.compile("[\u0400-\u04ff]"), frozenset({"ru"})),
    (re.compile("[\u0600-\u06ff]"), frozenset({"ar"})),
    (re.compile("[\u3040-\u30ff\u3400-\u9fff]"), frozenset({"zh", "ja"})),
)

LANGUAGES = frozenset({*_FUNCTION_WORDS, *(code for _, codes in _SCRIPTS for code in codes), "en"})
"""Languages that rules are told apart by."""


def languages(lines: Iterable[Line | None]) -> frozenset[str]:
    """The languages whose rules are tried on a page of these lines."""
    text = "\n".join(line.folded for line in lines if line)
    words = set(text.split())
    found = {code for code, marks in _FUNCTION_WORDS.items() if len(words & marks) >= LEAST_FUNCTION_WORDS}
    if not found and len(words) < SHORT_TEXT_WORDS:
        found.update(_FUNCTION_WORDS)
    if not text.isascii():
        for script, codes in _SCRIPTS:
            if script.search(text):
                found |= codes
    return _ALWAYS | found
