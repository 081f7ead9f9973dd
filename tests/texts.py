"""Made-up articles for the tests of copy detection: words by their rank in a language, sentences, stories, edits."""

import random

from copydesk.core.copies import Draft
from copydesk.core.urls import document_id, host_of
from copydesk.models import Block

SYLLABLES = [
    "ba",
    "de",
    "fi",
    "go",
    "ku",
    "la",
    "me",
    "ni",
    "po",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
    "che",
    "lor",
    "mand",
    "ster",
    "pin",
    "gra",
]
FUNCTION_WORDS = [
    "the",
    "of",
    "to",
    "and",
    "a",
    "in",
    "that",
    "is",
    "for",
    "on",
    "it",
    "with",
    "as",
    "was",
    "at",
    "by",
    "he",
    "from",
]


def generator(*seed):
    """Random numbers that are the same in every run."""
    return random.Random(" ".join(map(str, seed)))


def _word(rng, function_words=0.4):
    if rng.random() < function_words:
        return rng.choice(FUNCTION_WORDS)
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 2, 3, 3, 4))))


def sentence(rng, low=12, high=28):
    words = [_word(rng) for _ in range(rng.randint(low, high) - 1)]
    return " ".join([*words, _word(rng, 0)]).capitalize() + "."


def story(seed, sentences=16):
    """Blocks of an article: two sentences each. The same seed gives the same article."""
    rng = generator("story", seed)
    parts = [sentence(rng) for _ in range(sentences)]
    return [" ".join(parts[at : at + 2]) for at in range(0, sentences, 2)]


def edited(blocks, share, seed=0):
    """The blocks with this share of their words replaced, dropped or added to."""
    rng = generator("edit", seed)
    result = []
    for block in blocks:
        words = []
        for word in block.split():
            chance = rng.random()
            if chance < share * 0.7:
                words.append(_word(rng) + ("." if word.endswith(".") else ""))
            elif chance < share * 0.85:
                words += [word, _word(rng)] if not word.endswith(".") else [word]
            elif chance >= share or word.endswith("."):
                words.append(word)
        result.append(" ".join(words))
    return result


def draft(url, blocks, **fields):
    """An article as the deduper gets it."""
    return Draft(
        id=document_id(url), url=url, host=host_of(url), blocks=[Block(text=block) for block in blocks], **fields
    )


def corpus(count, copies=0.3):
    """Drafts: the last of them, this share, are copies of the first: whole, cut, or with a lead of their own."""
    originals = round(count * (1 - copies))
    drafts = [draft(f"https://news.example/{at}", story(at)) for at in range(originals)]
    for at in range(count - originals):
        blocks = story(at)
        blocks = [blocks, blocks[:5], [*story(f"lead {at}", 4), *blocks]][at % 3]
        drafts.append(draft(f"https://copies.example/{at}", blocks))
    return drafts
