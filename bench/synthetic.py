"""Made-up documents by the million, as fingerprints: what an index sees of a window of news, without the texts.

A document is a list of passages; a passage is a number, from which its fingerprint, its length and the hashes of its
shingles follow. So two documents that share a passage share all of that, as real ones do.
"""

from dataclasses import dataclass

import numpy as np

from copydesk.core.candidates import ENTERED, MOST, MOST_ENTERED, WORDS_A_KEY
from copydesk.ports import Fingerprinted

COPIES = 0.15
"""Share of documents that are copies: a third each whole, cut to a part, and with a lead or footer of their own."""
COPIED_FROM = 20_000
"""A copy follows its original within so many documents."""
PASSAGES_MEDIAN, PASSAGES_SPREAD, PASSAGES_MOST = 19, 0.6, 300
"""Lengths are log-normal, as those of real articles: 23 passages on the average, one in a hundred above 76."""
COMMON_PASSAGES, COMMON_SHARE = 50_000, 0.01
"""Passages that many documents share (credits, notices, quotations), by Zipf's law, and their share of all."""
COMMON_SHINGLES, COMMON_SHINGLE_SHARE = 20_000_000, 0.07
"""Phrases of six words that texts share by chance, by Zipf's law, and their share of all."""


@dataclass
class Batch:
    """Consecutive documents: ``lengths`` passages each; ``shingles`` are the lowest of each, ``shingled`` so many."""

    first: int
    lengths: np.ndarray
    prints: np.ndarray
    words: np.ndarray
    tokens: np.ndarray
    documents: np.ndarray
    shingles: np.ndarray
    shingled: np.ndarray
    copies: np.ndarray

    def fingerprinted(self):
        """Yield each document as the index gets it."""
        ends, shingle_ends = np.cumsum(self.lengths), np.cumsum(self.shingled)
        for at, (end, shingle_end) in enumerate(zip(ends.tolist(), shingle_ends.tolist(), strict=True)):
            start, shingle_start = end - int(self.lengths[at]), shingle_end - int(self.shingled[at])
            yield Fingerprinted(
                passages=self.prints[start:end],
                words=self.words[start:end],
                document=int(self.documents[at]),
                text=int(mixed(np.uint64(self.first + at), 9)),
                shingles=self.shingles[shingle_start:shingle_end],
                tokens=int(self.tokens[at]),
            )


def mixed(values, salt):
    """Return well mixed 64-bit hashes of numbers (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        values = np.asarray(values, dtype=np.uint64) + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return values ^ (values >> np.uint64(31))


def uniform(values, salt):
    """Return a number from 0 to 1 for each value."""
    return (mixed(values, salt) >> np.uint64(11)).astype(np.float64) / (1 << 53)


def zipf(values, salt, most):
    """Return a rank from 1 to ``most`` for each value, the rank r about as often as 1/r."""
    return np.floor(most ** uniform(values, salt)).astype(np.uint64)


def copied(numbers):
    """Return which documents are copies; the first of all is none."""
    return (uniform(numbers, 3) < COPIES) & (numbers > 0)


def own_lengths(numbers):
    """Return how many passages documents have that are no copies."""
    # A normal variate from two uniform ones (Box and Muller).
    normal = np.sqrt(-2 * np.log1p(-uniform(numbers, 1))) * np.cos(2 * np.pi * uniform(numbers, 2))
    lengths = np.round(PASSAGES_MEDIAN * np.exp(PASSAGES_SPREAD * normal))
    return np.clip(lengths, 2, PASSAGES_MOST).astype(np.int64)


def spread(lengths):
    """Return, for segments of these lengths, the number of each element's segment and its place in there."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def generate(first, count):
    """Return ``count`` documents from number ``first`` on; the same numbers give the same documents."""
    numbers = np.arange(first, first + count, dtype=np.uint64)
    is_copy = copied(numbers)
    back = 1 + (uniform(numbers, 4) * np.minimum(numbers, COPIED_FROM)).astype(np.uint64)
    models = np.where(is_copy, numbers - np.minimum(back, numbers), numbers)
    while (between := copied(models)).any():  # of an original, not of another copy
        models[between] -= np.uint64(1)
    kept, own = own_lengths(models), np.zeros(count, dtype=np.int64)
    form = uniform(numbers, 5)
    cut, framed = is_copy & (form < 1 / 3), is_copy & (form > 2 / 3)
    kept[cut] = np.maximum(2, (kept[cut] * (0.4 + 0.5 * uniform(numbers[cut], 6))).astype(np.int64))
    own[framed] = np.maximum(1, (kept[framed] * 0.2).astype(np.int64))
    lengths = kept + own
    owner, place = spread(lengths)
    is_own = place >= kept[owner]
    writer = np.where(is_own, numbers[owner], models[owner])
    passages = mixed(writer * np.uint64(4096) + (place + 1024 * is_own).astype(np.uint64), 7)
    common = uniform(passages, 8) < COMMON_SHARE
    passages[common] = zipf(passages[common], 10, COMMON_PASSAGES)
    words = (8 + 30 * uniform(passages, 11) ** 1.3).astype(np.int64)
    tokens = np.bincount(owner, weights=words, minlength=count).astype(np.int64)

    shingles, shingled = _shingles(passages, words, owner, tokens)
    return Batch(
        first=first,
        lengths=lengths,
        prints=mixed(passages, 12),
        words=words.astype(np.uint16),
        tokens=tokens,
        documents=mixed(numbers, 13),
        shingles=shingles,
        shingled=shingled,
        copies=is_copy,
    )


def entered(tokens):
    """Return under how many keys documents of these lengths are entered, as ``candidates.sketch`` does."""
    return np.clip(tokens // WORDS_A_KEY, ENTERED, MOST_ENTERED)


def _shingles(passages, words, owner, tokens):
    """Return the lowest shingle hashes of each document, and how many those are."""
    of_passage, place = spread(words)
    values = mixed(passages[of_passage] + place.astype(np.uint64) * np.uint64(0x632BE59BD9B4E019), 14)
    common = uniform(values, 15) < COMMON_SHINGLE_SHARE
    values[common] = mixed(zipf(values[common], 16, COMMON_SHINGLES), 17)
    document = owner[of_passage]
    wanted = np.minimum(entered(tokens) * 5 // 4, MOST)
    # Far more than the lowest that are wanted, so that those are among them.
    bound = np.minimum(1.0, (2 * wanted + 30) / np.maximum(tokens, 1)) * float(1 << 64)
    low = values.astype(np.float64) <= bound[document]
    values, document = values[low], document[low]
    order = np.lexsort((values, document))
    values, document = values[order], document[order]
    distinct = np.r_[True, (values[1:] != values[:-1]) | (document[1:] != document[:-1])]
    values, document = values[distinct], document[distinct]
    counts = np.bincount(document, minlength=len(tokens))
    rank = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = rank < wanted[document]
    return values[kept], np.minimum(counts, wanted)
