"""From a document's blocks to what the index keeps of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from xxhash import xxh3_64_intdigest

from copydesk.core.passages import MIN_WORDS, Passage, split_all
from copydesk.core.simhash import document_fingerprint, passage_fingerprints
from copydesk.ports import Fingerprinted


def fingerprint(blocks: Iterable[str]) -> Fingerprinted:
    """Return the fingerprints of a document, given as its blocks."""
    everything = split_all(blocks)
    tokens = [passage.tokens for passage in everything if passage.words >= MIN_WORDS]
    prints = passage_fingerprints(tokens)
    words = np.array([passage.words for passage in everything if passage.words >= MIN_WORDS], dtype=np.uint16)
    firsts = np.unique(prints, return_index=True)[1]
    counted = np.zeros_like(words)
    counted[firsts] = words[firsts]
    return Fingerprinted(
        prints, counted, document_fingerprint(passage.tokens for passage in everything), _text_hash(everything)
    )


def _text_hash(passages: Iterable[Passage]) -> int:
    text = " ".join(" ".join(passage.tokens) for passage in passages)
    value: int = xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
    return value
