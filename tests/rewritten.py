"""Our own news articles in ten languages, and forms of them such as reposters, editors and scanners make.

The articles stand in ``tests/quality/articles``, a file for each language: a line ``# name`` before each, then its
paragraphs. ``event=x`` marks articles on one event in different words, ``quote=x`` those that share a long quotation,
``kind=x`` what is no whole article. No form knows how copydesk splits or compares.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from texts import generator

ARTICLES = Path(__file__).parent / "quality" / "articles"
LANGUAGES = ("en", "de", "es", "ru", "ar", "hi", "zh", "ja", "th", "ko")

# A word; where a script has no spaces, the usual length of one: four characters in Thai, two in Han and kana.
UNSPACED = "\u0e01-\u0e4e\u3005-\u30ff\u4e00-\u9fff"
WORD = re.compile(
    f"[\u0e01-\u0e4e]{{1,4}}|[\u3005-\u30ff\u4e00-\u9fff]{{1,2}}|[^\\W\\d_{UNSPACED}][\\w\u0900-\u0963\u064b-\u065f'’]*"
)


@dataclass(frozen=True)
class Article:
    """A fixture; ``traits`` are what stands behind its name."""

    name: str
    language: str
    blocks: tuple[str, ...]
    traits: dict[str, str]


def articles(language):
    """The articles of a language, in the order of the file."""
    parts = re.split(r"^# ", (ARTICLES / f"{language}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = []
    for part in parts:
        head, *blocks = [line for line in part.splitlines() if line]
        name, *traits = head.split()
        found.append(Article(name, language, tuple(blocks), dict(trait.split("=") for trait in traits)))
    return found


def words(blocks):
    return [word for block in blocks for word in WORD.findall(block)]


def cut(blocks, share):
    """The beginning with this share of the words, which may end within a sentence."""
    left = round(share * len(words(blocks)))
    kept = []
    for block in blocks:
        found = list(WORD.finditer(block))
        if len(found) >= left:
            return [*kept, f"{block[: found[left - 1].end()]} …"]
        kept.append(block)
        left -= len(found)
    return kept


def edited(blocks, share, seed, vocabulary):
    """This share of the words, at random places, replaced by other words of the language, dropped or added to."""
    rng = generator("edited", share, seed)
    count = len(words(blocks))
    places = set(rng.sample(range(count), round(share * count)))
    numbers = iter(range(count))

    def one(found):
        if next(numbers) not in places:
            return found[0]
        gap = "" if re.match(f"[{UNSPACED}]", found[0]) else " "
        other = rng.choice(vocabulary)
        return rng.choice((other, "", f"{other}{gap}{found[0]}"))

    return [re.sub(" {2,}", " ", WORD.sub(one, block)).strip() for block in blocks]


def shuffled(blocks, seed):
    """The paragraphs in another order."""
    return generator("shuffled", seed).sample(blocks, len(blocks))


def marks_changed(blocks):
    """Typographic marks for plain ones and the other way round."""
    table = str.maketrans({"“": '"', "”": '"', "’": "'", "„": "»", "«": "“", "»": "”", "—": "-", "–": " - ", "-": "‑"})
    table |= str.maketrans({"「": "『", "」": "』", '"': "“", "'": "’", "…": "..."})
    return [block.translate(table) for block in blocks]


def scanned(blocks, share, seed):
    """This share of the letters taken for others of the same text."""
    rng = generator("scanned", seed)
    letters = [c for block in blocks for c in block if c.isalpha()]
    return ["".join(rng.choice(letters) if c.isalpha() and rng.random() < share else c for c in b) for b in blocks]


def respelt(blocks, spellings):
    """Names in another spelling, each the same throughout."""
    for name, other in spellings.items():
        blocks = [block.replace(name, other) for block in blocks]
    return list(blocks)
