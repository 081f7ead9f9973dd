"""Passages: the sentences of a text, in any script, as the words by which they are compared.

A passage never crosses a block's border. Words are runs of letters and digits where a script puts spaces between words,
and overlapping pairs of characters where it does not (Chinese, Japanese, Thai, Lao, Khmer, Burmese). What reposters
change without changing a word is ignored: case, quotation marks, dashes, apostrophes, full-width forms, Markdown links,
marks of direction and of width, the dots of the Turkish i and of the Russian yo. Simplified and traditional Chinese are
different texts: turning one into the other takes a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from copydesk.core.tokens import MAX_TOKENS, token_hash

MIN_WORDS = 6
"""A sentence of fewer words says too little to recognise it by: it is joined with the next one of its block."""
MAX_PASSAGES = 1000
"""Passages a document at most; what stands behind is not compared. About 20,000 words."""
MAX_CHARACTERS = 1_000_000
"""Characters a document at most; what stands behind is not compared."""
MAX_SENTENCE = 50_000
"""Characters of a sentence at most: as many as a document's passages hold, since a character may become eighteen."""
MAX_ENDING = 200
"""Characters at the end of a passage in which its end is looked for."""
MIN_UNCUT = 40
"""Words of the other passages from which on a last one that was cut off is left out."""

# Scripts without spaces between words: Thai, Lao, Burmese, Khmer; kana, Bopomofo, Han with its extensions.
_CLAUSE_SPACED = "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd"
_UNSPACED = (
    _CLAUSE_SPACED + "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Combining marks, which are parts of words although str.isalnum() denies it; the Indic blocks but for their dandas.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0963\u0971-\u0df3\u0f71-\u0f84\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ua8e0-\ua8f1"
)
# Of an ASCII text: letters to lower case, digits stay, all else is space. Much faster than a regular expression.
_ASCII = bytes(ord(chr(c).lower()) if chr(c).isalnum() and c < 128 else 32 for c in range(256))
_WORD = re.compile(f"[\\w{_MARKS}{_UNSPACED}]+")
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_LINK = re.compile(r"!?\[([^\[\]]{0,1000})\]\([^()\s]{0,2000}[^()]{0,500}\)")

# Sentence ends (Unicode's Sentence_Terminal of scripts in use). The first kind ends a sentence only before a space, a
# quotation mark, a bracket or Chinese: the full stop is in numbers, abbreviations and addresses too. Of a row of marks or
# of spaces one alone is tried, or else a long row would take its square in time.
_CLOSING = "\"'”’»›“‘)\\]}」』】〉》）］\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
# The marks of repetition are written with and without spaces around them: no clause ends there.
_CLAUSE_EDGE = _CLAUSE_SPACED.replace("\u0e4e", "\u0e45\u0e47-\u0e4e").replace("\u0ece", "\u0ec5\u0ec7-\u0ece")
_END = re.compile(
    f"[.!?…؟۔‼-⁉|](?<![.!?…؟|][.!?…؟|])[.!?…؟|]*+[{_CLOSING}*_]*+(?=[\\s\u3041-\u30fa\u3400-\u9fff]|$)"
    f"|[。！？｡．।॥։።፧፨။។៕།༎‽⸮᠃᠉][。！？｡．।॥!?…]*[{_CLOSING}]*"
    f"|\\s(?=[{_CLAUSE_EDGE}])"
)
_CLAUSE_END = re.compile(f"[{_CLAUSE_EDGE}]")
# The bar stands for a danda.
_BEFORE_BAR = re.compile("[\u0900-\u0dff] ?$")
_MARKS_OF_END = tuple(".!?…؟۔‼⁇⁈⁉。！？｡．।॥።։፧፨။។៕།༎‽⸮᠃᠉|")
_AFTER_END = " *_\"'”’»›“‘)]}」』】〉》）］"
# A full stop after these ends nothing: an initial, "U.S.", "Mr." and their like. A wrong guess costs little, as long
# as it is the same in every copy.
_ABBREVIATION = re.compile(r"(?:^|[\s(\"'“‘])(?:[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]|[A-Z][a-z]{1,2}|Gov|Capt|Prof)$")

# Looking for each of them is five times as fast as str.translate.
_FOLDED = (
    *dict.fromkeys("'`’‘ʼ´＇׳ـ\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "").items(),
    *dict.fromkeys("“”„‟«»‹›‐‑‒–—―−…_\u00a0\u202f", " ").items(),
    (" ๆ", "ๆ"),
)
# Letters that are often written as others: the Turkish i with and without its dot (in small letters, with a mark of its
# own where it was a capital), the Russian yo.
_LETTERS = (("i\u0307", "i"), ("ı", "i"), ("ё", "е"))


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence of a document, as it is compared.

    Attributes:
        text: As it stands in the document, without white space around it.
        block: Number of its block, from 0.
        tokens: Normalised words, or pairs of characters, in their order.
        words: Its length in words; two characters of a script without spaces count as one word. 0 where the text was
            cut off within its last sentence: that is not compared, since it is neither there nor gone.
    """

    text: str
    block: int
    tokens: tuple[str, ...]
    words: int


def tokenise(text: str) -> tuple[list[str], int]:
    """Return the tokens of a text, and its length in words."""
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _replaced(text, _FOLDED)).casefold()
        text = _replaced(text, _LETTERS)
    if text.isascii():
        tokens = text.encode().translate(_ASCII, b"'`").decode().split()
        return tokens, len(tokens)
    tokens = _WORD.findall(text)
    if not _HAS_UNSPACED.search(text):
        return tokens, len(tokens)
    mixed: list[str] = []
    words = characters = 0
    for run in _RUN.findall(" ".join(tokens)):
        if _HAS_UNSPACED.match(run):
            mixed.extend([run[i : i + 2] for i in range(max(len(run) - 1, 1))])
            characters += len(run)
        else:
            spaced = run.split()
            mixed.extend(spaced)
            words += len(spaced)
    return mixed, words + (characters + 1) // 2


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        if old in text:
            text = text.replace(old, new)
    return text


def sentences(block: str) -> Iterator[str]:
    """Yield the sentences of a block as they stand, in order; together they are the block but for white space."""
    start = 0
    for end in _END.finditer(block):
        if not _ends(block, start, end):
            continue
        if sentence := block[start : end.end()].strip():
            yield sentence
        start = end.end()
    if sentence := block[start:].strip():
        yield sentence


def _ends(block: str, start: int, end: re.Match[str]) -> bool:
    mark, at = end[0][0], end.start()
    if mark == ".":
        return not _ABBREVIATION.search(block, max(start, at - 12), at)
    if mark == "|":
        return _BEFORE_BAR.search(block, max(start, at - 2), at) is not None
    if not mark.isspace():
        return True
    while at > start and block[at - 1].isspace():
        at -= 1
    return at > start and _CLAUSE_END.match(block, at - 1) is not None


def split(blocks: Iterable[str]) -> list[Passage]:
    """Return the passages of a document's blocks, in order, at most ``MAX_PASSAGES``.

    A sentence below ``MIN_WORDS`` is joined with what follows it in its block; a rest that stays shorter is left out.
    """
    return [passage for passage in split_all(blocks) if passage.words >= MIN_WORDS]


def split_all(blocks: Iterable[str]) -> list[Passage]:
    """Return the passages with the rests too that are too short to be compared, at most ``MAX_PASSAGES`` in all."""
    passages: list[Passage] = []
    left = MAX_CHARACTERS
    for number, block in enumerate(blocks):
        passages.extend(islice(_split_block(block[:left], number), MAX_PASSAGES - len(passages)))
        left -= len(block)
        if left <= 0 or len(passages) == MAX_PASSAGES:
            break
    if _cut_off(passages):
        passages[-1] = replace(passages[-1], words=0)
    return passages


def _cut_off(passages: list[Passage]) -> bool:
    """Whether a text breaks off: in dots, or without an end where most of its sentences have one."""
    if len(passages) < 2 or sum(passage.words for passage in passages[:-1]) < MIN_UNCUT:
        return False
    *others, last = passages
    text = last.text[-MAX_ENDING:].rstrip(_AFTER_END)
    if text.endswith(("…", "...")):
        return True
    if text.endswith(_MARKS_OF_END) or last.block != others[-1].block:
        return False
    ended = sum(passage.text[-MAX_ENDING:].rstrip(_AFTER_END).endswith(_MARKS_OF_END) for passage in others)
    return 2 * ended > len(others)


def _split_block(block: str, number: int) -> Iterator[Passage]:
    text, tokens, words = "", list[str](), 0
    for sentence in sentences(block):
        more, count = tokenise(sentence[:MAX_SENTENCE])
        if not more:
            continue
        text = f"{text} {sentence}" if text else sentence
        tokens += more
        words += count
        if words >= MIN_WORDS:
            yield from _bounded(text, tokens, words, number)
            text, tokens, words = "", [], 0
    if tokens:
        yield from _bounded(text, tokens, words, number)


def _bounded(text: str, tokens: list[str], words: int, number: int) -> Iterator[Passage]:
    if len(tokens) <= MAX_TOKENS:
        yield Passage(text, number, tuple(tokens), words)
        return
    share = words / len(tokens)
    start = 0
    while start < len(tokens):
        cut = len(tokens) - start
        if cut > MAX_TOKENS:
            # The place depends on the words around it alone, so that it is the same in a copy that lost the beginning.
            places = range(start + MAX_TOKENS // 4, start + MAX_TOKENS)
            cut = min(places, key=lambda place: token_hash(tokens[place - 1])) - start
        yield Passage(text, number, tuple(tokens[start : start + cut]), max(1, round(cut * share)))
        start += cut
