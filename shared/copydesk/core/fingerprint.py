"""From a document's blocks to what the index keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from xxhash import xxh3_64_intdigest

from copydesk.core.candidates import MOST
from copydesk.core.passages import MAX_CHARACTERS, MAX_PASSAGES, MIN_WORDS, split_all
from copydesk.core.shingles import lowest
from copydesk.core.simhash import document_fingerprint, fingerprints_of_hashes
from copydesk.core.tokens import token_hashes
from copydesk.ports import MOST_WORDING, Fingerprinted


def fingerprint(blocks: Iterable[str]) -> Fingerprinted:
    """Return the fingerprints of a document, given as its blocks."""
    blocks = list(blocks)
    everything = split_all(blocks)
    tokens = token_hashes(passage.tokens for passage in everything)
    lengths = np.array([len(passage.tokens) for passage in everything], dtype=np.int64)
    words = np.array([passage.words for passage in everything], dtype=np.uint16)
    long = words >= MIN_WORDS
    prints = fingerprints_of_hashes(tokens[np.repeat(long, lengths)], lengths[long])
    words = words[long]
    firsts = np.unique(prints, return_index=True)[1]
    counted = np.zeros_like(words)
    counted[firsts] = words[firsts]
    return Fingerprinted(
        passages=prints,
        words=counted,
        document=document_fingerprint(passage.tokens for passage in everything),
        text=xxh3_64_intdigest(tokens.tobytes() + _rest(blocks, len(everything))),
        wording=tokens.astype(np.uint16) if len(tokens) <= MOST_WORDING else np.empty(0, dtype=np.uint16),
        shingles=lowest(tokens, MOST),
        tokens=len(tokens),
    )


def _rest(blocks: Sequence[str], passages: int) -> bytes:
    """What stands behind the passages of a very long text: it is not compared, but a change of it is one of the text."""
    if passages < MAX_PASSAGES and sum(map(len, blocks)) <= MAX_CHARACTERS:
        return b""
    return "\n".join(blocks).encode("utf-8", "surrogatepass")
