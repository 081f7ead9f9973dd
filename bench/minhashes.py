"""MinHash as two packages have it, like ``bench/baselines.py``: ``python bench/minhashes.py NAME < in > out``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from baselines import Baseline, Detector, verdicts, write
from datasketch import MinHash, MinHashLSH
from grams import grams
from rensa import CMinHash, CMinHashDeduplicator, RMinHash, RMinHashDeduplicator


class Datasketch(Baseline):
    """datasketch: MinHash with 128 permutations over word 3-grams, MinHashLSH; of what it finds, the most alike."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self._index = MinHashLSH(threshold=threshold, num_perm=128)
        self._prints = {}

    def _print(self, blocks):
        print_ = MinHash(num_perm=128)
        print_.update_batch([" ".join(gram).encode() for gram in grams(blocks, 3)])
        return print_

    def _nearest(self, print_):
        near = self._index.query(print_)
        return max(near, key=lambda id_: (print_.jaccard(self._prints[id_]), id_), default=None), None

    def _add(self, id_, print_, found):
        self._index.insert(id_, print_)
        self._prints[id_] = print_


class Rensa(Baseline):
    """rensa as its README uses it: RMinHashDeduplicator over text.split(), 128 permutations, LSH, threshold 0.8.

    It keeps what is unique and lets go of what is not.
    """

    def __init__(self) -> None:
        super().__init__()
        self._index = RMinHashDeduplicator(threshold=0.8, num_perm=128, use_lsh=True)
        self._prints = {}

    def _print(self, blocks):
        print_ = RMinHash(num_perm=128, seed=42)
        print_.update("\n".join(blocks).split())
        return print_

    def _nearest(self, print_):
        near = self._index.get_duplicates(print_)
        return max(near, key=lambda id_: (print_.jaccard(self._prints[id_]), id_), default=None), None

    def _add(self, id_, print_, found):
        if self._index.add(id_, print_):
            self._prints[id_] = print_


class RensaC(Rensa):
    """The same with C-MinHash, which its README names as the alternative."""

    def __init__(self) -> None:
        super().__init__()
        self._index = CMinHashDeduplicator(threshold=0.8, num_perm=128)
        self._prints = {}

    def _print(self, blocks):
        print_ = CMinHash(num_perm=128, seed=42)
        print_.update("\n".join(blocks).split())
        return print_


DETECTORS: dict[str, Callable[[], Detector]] = {
    "minhash-0.5": lambda: Datasketch(0.5),
    "minhash-0.8": lambda: Datasketch(0.8),
    "rensa-r": Rensa,
    "rensa-c": RensaC,
}

if __name__ == "__main__":
    write(verdicts(DETECTORS[sys.argv[1]]()))
