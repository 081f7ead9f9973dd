"""What a boilerplate rule is, and the form of a line that rules are matched against.

A rule is data: one entry in the table of its language, or in a user's file. Patterns are Python regular expressions on
the folded line (see ``fold``). They must run in linear time: no unbounded repeat inside another unless it is possessive
(``++``), gaps bounded (``.{0,60}``); see ``copydesk.core.rules.linear``. Every rule's own examples are run: those of the
table by the tests, those of a user at the start.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from copydesk.models import RemovalReason

MAX_FOLDED_CHARS = 3_000
"""Length of a line beyond which it is not looked at by rules: no boilerplate of one line is longer."""


class Where(StrEnum):
    """Where in the document a rule may match."""

    ANYWHERE = "anywhere"
    HEAD = "head"  # among the first blocks
    INSIDE = "inside"  # anywhere but the first block, which may be the title
    TAIL = "tail"  # in the second half, or among the last blocks
    END = "end"  # among the last few blocks


class How(StrEnum):
    """How much of the line the (first) pattern has to cover."""

    LINE = "line"  # all of it
    START = "start"  # its beginning
    WITHIN = "within"  # any part; such a rule names in ``needs`` what makes it worth a search


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of boilerplate line.

    Attributes:
        id: Unique, ``language.what``, or ``user.what``; it stands in the document beside what the rule removed.
        reason: Category. None: such a line stays, whatever else would remove it.
        languages: ISO 639-1 codes, or ``*`` where the rule needs no words.
        pattern: What must be found; the first is held to ``how``, each further one may stand anywhere in the line.
        how: See ``How``.
        where: See ``Where``.
        max_words: Longest line that it may match, in words (two ideographs or kana count as one word).
        needs: Strings of which one must stand in the folded line.
        cased: The pattern is matched against the line with its capitals.
        opens: The line is a heading over teasers: short lines without a full stop right below it go with it.
        yes: Lines that it must match.
        no: Lines that it must not match.
        hosts: Hosts whose pages it is for, with their subdomains; none: all.
    """

    id: str
    reason: RemovalReason | None
    languages: tuple[str, ...]
    pattern: tuple[str, ...]
    how: How = How.LINE
    where: Where = Where.ANYWHERE
    max_words: int = 12
    needs: tuple[str, ...] = ()
    cased: bool = False
    opens: bool = False
    yes: tuple[str, ...]
    no: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    compiled: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns, so that a bad one fails at import."""
        object.__setattr__(self, "compiled", tuple(re.compile(pattern) for pattern in self.pattern))

    def matches(self, line: Line) -> bool:
        """Whether the line, wherever it stands, is what the rule describes."""
        if line.words > self.max_words or not self.has_needed(line.folded):
            return False
        if self.opens and line.ends_sentence:
            return False
        text = line.cased if self.cased else line.folded
        first, *others = self.compiled
        if self.how is How.LINE:
            found = first.fullmatch(text.removesuffix(":").rstrip())
        elif self.how is How.START:
            found = first.match(text)
        else:
            found = first.search(text)
        return found is not None and all(other.search(text) for other in others)

    def has_needed(self, folded: str) -> bool:
        """Whether a folded text has what the rule needs."""
        # A loop: this is asked a thousand times a page, and a generator would cost twice as much.
        for need in self.needs:
            if need in folded:
                return True
        return not self.needs


@dataclass(frozen=True, slots=True)
class Line:
    """A line in the forms that rules look at.

    Attributes:
        cased: Without markdown marks, quotation marks and dashes made plain, spaces single, decoration and final
            punctuation cut off, but for a colon, which only patterns for whole lines do not see.
        folded: The same in lower case.
        words: Number of words; two ideographs or kana count as one.
        ends_sentence: Whether it ends with a full stop or the like.
    """

    cased: str
    folded: str
    words: int
    ends_sentence: bool


_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)")
_MARKS = re.compile(r"^\s{0,9}(?:#{1,6}\s|>{1,3}\s|[-*+•]\s)+|\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_MARKED = re.compile(r"[*_\[]|^\s*[#>+•-]")
_PLAIN = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "–" : "-", "—" : "-", "―" : "-", "−" : "-", "‐" : "-", "‑" : "-", "İ" : "i", "\u00ad" : None, "\u200b" : None,
    "\ufeff" : None,
    "\u0640": None, "…": "...",
})  # fmt: skip
_DECORATION = " \t|•·*_~►▶▸▼▲→←›‹=#-()[]{}<>"
_FINAL = ".!,;。！" + _DECORATION
_SENTENCE_ENDS = (".", "!", "。", "！", "؟")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")


def fold(text: str) -> Line | None:
    """The forms of a line that rules look at; None where it is too long for any of them."""
    if len(text) > MAX_FOLDED_CHARS:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        if len(text) > MAX_FOLDED_CHARS:  # one character can become 18
            return None
    plain = _MARKS.sub("", unlinked(text)) if _MARKED.search(text) else text
    if not text.isascii() or "`" in text:
        plain = plain.translate(_PLAIN)
    plain = plain.replace("(c)", "©").replace("(C)", "©")
    cased = " ".join(plain.split()).lstrip(_DECORATION).rstrip(_FINAL)
    cased = cased if any(char.isalnum() for char in cased[-3:]) else cased.strip(_FINAL + ":")
    ideographs = len(_IDEOGRAPHS.findall(cased)) if not cased.isascii() else 0
    words = ideographs // 2 + len(_IDEOGRAPHS.sub(" ", cased).split() if ideographs else cased.split())
    end = plain.rstrip(_DECORATION + "\"'")
    return Line(cased, cased.lower(), words, end.endswith(_SENTENCE_ENDS) and not end.endswith("..."))


def unlinked(text: str) -> str:
    """Markdown links replaced by their texts."""
    return _LINK.sub(r"\1", text) if "](" in text else text
