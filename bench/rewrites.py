"""Rewritten forms of a text, as reposters, editors, translators and scanners make them. Pure; a seed gives the same form.

A text is a sequence of paragraphs. Nothing here knows how copydesk splits or compares: sentences and words are found in
a simpler way of its own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

Text = Sequence[str]

# Thai, Lao, Burmese, Khmer, kana, Han: there a word is taken to be two characters.
UNSPACED = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17d3\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
_MARKS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0971-\u0dff"
WORD = re.compile(f"[{UNSPACED}]{{1,2}}|[^\\W{UNSPACED}][\\w{_MARKS}'’]*")
_SENTENCE = re.compile(r".+?(?:[.!?…؟।][\"”’»)]*(?=\s|$)|[。！？][”」』]*|$)", re.DOTALL)

FOOTERS = (
    "This article was originally published by {name}. Sign up for our daily newsletter and get the stories that matter, "
    "every morning, in your inbox. Follow us on social media and tell us what you think in the comments.",
    "© 2018 {name}. All rights reserved. This material may not be published, broadcast, rewritten or redistributed without "
    "permission. Read more of our coverage, or support independent journalism by becoming a member today.",
    "Reporting by {name} staff; editing by the foreign desk. Have a tip or a correction? Write to our newsroom. "
    "Our standards: the {name} principles of trust.",
    "{name} is a non-profit newsroom. If you value this kind of reporting, please consider a donation. "
    "The views of readers who comment below are their own and not those of {name}.",
)
OUTLETS = ("Valley Herald", "Morning Ledger", "Harbour Gazette", "Northern Post", "City Courier", "Plains Tribune")

KINDS = ("replaced", "deleted", "inserted", "mixed")

# What a scanner takes one for the other.
CONFUSIONS = {
    "rn": "m", "m": "rn", "cl": "d", "d": "cl", "vv": "w", "w": "vv", "ii": "u", "l": "1", "1": "l", "I": "l", "i": "j",
    "O": "0", "0": "O", "o": "0", "S": "5", "5": "S", "B": "8", "8": "B", "e": "c", "c": "e", "h": "b", "b": "h",
    "a": "o", "t": "f", "f": "t", "u": "n", "n": "u", "g": "q", "q": "g", "y": "v", "v": "y", "г": "т", "т": "г",
    "и": "н", "н": "и", "ш": "щ", "е": "с", "с": "е", "з": "э", "л": "п", "п": "л", "о": "0",
}  # fmt: skip
LINE = 60
"""Characters a printed line; one in ``BROKEN`` of them ends within a word."""
BROKEN = 5

# Capitalised in English, and no names that a translator would spell otherwise.
_CALENDAR = {
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march"),
    *("april", "june", "july", "august", "september", "october", "november", "december"),
}

# One system of spelling names in Latin or Cyrillic letters for another; the first that applies, and then the others.
_RESPELT = (
    ("sch", "sh"), ("tsch", "ch"), ("ch", "kh"), ("sh", "sch"), ("zh", "j"), ("kh", "h"), ("ph", "f"), ("th", "t"),
    ("ck", "k"), ("ei", "ey"), ("ie", "i"), ("ai", "ay"), ("ou", "u"), ("oo", "u"), ("ya", "ia"), ("yu", "iu"),
    ("qu", "kv"), ("x", "ks"), ("w", "v"), ("c", "k"), ("y", "i"), ("j", "dj"), ("z", "s"), ("u", "ou"), ("v", "w"),
    ("f", "ph"), ("k", "c"), ("i", "y"), ("e", "eh"), ("a", "ah"), ("o", "oh"),
    ("е", "э"), ("и", "ы"), ("о", "а"), ("х", "г"), ("й", "и"), ("а", "о"),
)  # fmt: skip


def generator(*seed: object) -> random.Random:
    """Return random numbers that are the same in every run."""
    return random.Random(" ".join(map(str, seed)))  # noqa: S311 - nothing secret


def sentences(blocks: Text) -> list[str]:
    """Return the sentences of a text."""
    return [found[0].strip() for block in blocks for found in _SENTENCE.finditer(block) if found[0].strip()]


def words(blocks: Text) -> list[str]:
    """Return the words of a text as they stand."""
    return [word for block in blocks for word in WORD.findall(block)]


def footer(blocks: Text, seed: object) -> list[str]:
    """A reposter's footer below the text, in English."""
    rng = generator("footer", seed)
    return [*blocks, rng.choice(FOOTERS).format(name=rng.choice(OUTLETS))]


def lead_in(blocks: Text, other: Text) -> list[str]:
    """Up to three sentences of another text in front, one a paragraph, together at most a third as long as the text."""
    return [*_share_of(sentences(other)[:3], blocks), *blocks]


def tail(blocks: Text, other: Text) -> list[str]:
    """Up to two sentences of another text behind, at most a third as long as the text: a footer in any language."""
    return [*blocks, *_share_of(sentences(other)[-2:], blocks)]


def _share_of(parts: Text, blocks: Text) -> list[str]:
    most, own = len(words(blocks)) / 3, len(words(parts))
    return list(parts) if own <= most else cut(parts, most / own)


def cut(blocks: Text, share: float) -> list[str]:
    """The first part of a text, with this share of its words; it may end in the middle of a sentence."""
    left = round(share * len(words(blocks)))
    kept = []
    for block in blocks:
        found = list(WORD.finditer(block))
        if len(found) > left:
            if left:
                kept.append(f"{block[: found[left - 1].end()]} …")
            break
        kept.append(block)
        left -= len(found)
    return kept


def reordered(blocks: Text, seed: object) -> list[str]:
    """The paragraphs in another order; the sentences where there are fewer than four paragraphs."""
    parts = list(blocks) if len(blocks) >= 4 else sentences(blocks)
    generator("reordered", seed).shuffle(parts)
    return parts


def edited(blocks: Text, share: float, seed: object, vocabulary: Sequence[str], kind: str = "mixed") -> list[str]:
    """The text with this share of its words edited, at random places.

    Args:
        blocks: The text.
        share: Words edited, of all; rounded to a whole number of them.
        seed: Another one gives other places and words.
        vocabulary: What replaces or comes in.
        kind: ``replaced`` by other words, ``deleted``, ``inserted`` (another word in front), or ``mixed``: one third each.
    """
    rng = generator("edited", share, kind, seed)
    count = len(words(blocks))
    places = set(rng.sample(range(count), round(share * count)))
    number = -1

    def one(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        word = found[0]
        if number not in places:
            return word
        what = rng.choice(KINDS[:3]) if kind == "mixed" else kind
        if what == "deleted":
            return ""
        new = next(new for new in iter(lambda: rng.choice(vocabulary), None) if new.casefold() != word.casefold())
        gap = "" if re.match(f"[{UNSPACED}]", word) else " "
        return new if what == "replaced" else f"{new}{gap}{word}"

    return [re.sub(" {2,}", " ", WORD.sub(one, block)).strip() for block in blocks]


def quotes_and_dashes(blocks: Text) -> list[str]:
    """Typographic quotation marks, apostrophes, dashes and dots for plain ones, and plain ones for typographic ones."""
    table = str.maketrans(
        {
            "“": '"',
            "”": '"',
            "‘": "'",
            "’": "'",
            "—": " - ",
            "–": "-",
            "…": "...",
            "'": "’",
            "-": "‐",
            "«": "„",
            "»": "“",
        }
    )
    return [re.sub(r'"([^"]*)"', r"«\1»", block.translate(table)) for block in blocks]


def one_paragraph(blocks: Text) -> list[str]:
    """All paragraphs in one."""
    return [" ".join(blocks)]


def names(blocks: Text) -> set[str]:
    """Return what looks like names: words of four letters or more, capitalised within sentences, never in small letters."""
    found, small = set[str](), set[str]()
    for sentence in sentences(blocks):
        for number, word in enumerate(WORD.findall(sentence)):
            if word[0].islower():
                small.add(word.casefold())
            elif number and len(word) >= 4 and word[1:].islower():
                found.add(word)
    return {name for name in found if name.casefold() not in small | _CALENDAR}


def respelt(name: str) -> str:
    """Return a name in another spelling: ``Dmitri Peskov``, ``Dmytry Pescov``; the same one for the same name."""
    for old, new in _RESPELT:
        at = name.casefold().find(old, 1)
        if at > 0:
            return name[:at] + new + name[at + len(old) :]
    return name + name[-1]


def names_respelt(blocks: Text) -> list[str]:
    """Every name spelt otherwise, each the same way throughout."""
    spelt = {name: respelt(name) for name in names(blocks)}
    return [WORD.sub(lambda found: spelt.get(found[0], found[0]), block) for block in blocks]


def scanned(blocks: Text, share: float, seed: object) -> list[str]:
    """A scan: this share of the characters confused with others, and one line in five broken within a word by a hyphen."""
    rng = generator("scanned", share, seed)
    return [_broken(_confused(block, share, rng), rng) for block in blocks]


def _confused(block: str, share: float, rng: random.Random) -> str:
    places = [at for at in range(len(block)) if block[at : at + 2] in CONFUSIONS or block[at] in CONFUSIONS]
    wanted = min(len(places), round(share * len(block) + rng.random() - 0.5))
    for at in sorted(rng.sample(places, max(wanted, 0)), reverse=True):
        pair = block[at : at + 2]
        old = pair if pair in CONFUSIONS else block[at : at + 1]
        # A neighbour may have been changed already.
        block = block[:at] + CONFUSIONS.get(old, old) + block[at + len(old) :]
    return block


def _broken(block: str, rng: random.Random) -> str:
    result, start = "", 0
    for at in range(LINE, len(block) - 2, LINE):
        if rng.randrange(BROKEN) == 0 and block[at - 2 : at + 2].isalpha():
            result += block[start:at] + "-\n"
            start = at
    return result + block[start:]


def with_quotation(blocks: Text, other: Text, seed: object, most: float = 0.25) -> list[str]:
    """The text with two to four sentences of another one quoted in its middle; one, where more would be too much.

    Args:
        blocks: The text.
        other: What is quoted.
        seed: Another one takes other sentences.
        most: Words quoted at most, for each word of the text; a single sentence may be longer.
    """
    rng = generator("quotation", seed)
    theirs = sentences(other)
    start = rng.randrange(max(1, len(theirs) - 4))
    quoted = theirs[start : start + rng.randint(2, 4)]
    while len(quoted) > 1 and len(words(quoted)) > most * len(words(blocks)):
        quoted.pop()
    return within(blocks, [f"“{' '.join(quoted)}”"])


def within(blocks: Text, inner: Text) -> list[str]:
    """The text with another one in its middle."""
    middle = len(blocks) // 2
    return [*blocks[:middle], *inner, *blocks[middle:]]


def round_up(texts: Sequence[Text], words_each: int) -> list[str]:
    """The beginnings of several texts one after the other: whole sentences, at least so many words of each that has them."""
    stitched = []
    for blocks in texts:
        left = words_each
        for block in blocks:
            kept = []
            for sentence in sentences([block]):
                if left > 0:
                    kept.append(sentence)
                    left -= len(WORD.findall(sentence))
            if kept:
                stitched.append(" ".join(kept))
    return stitched
