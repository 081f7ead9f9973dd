"""The usual choices, behind the same JSON lines as copydesk's verbs: ``python bench/baselines.py NAME < in > out``."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from grams import grams
from simhash import Simhash, SimhashIndex
from trafilatura import bare_extraction


@dataclass(frozen=True, slots=True)
class Found:
    """What a text is: a copy or not, the cluster it belongs to (its own id otherwise), and its novelty where that is known."""

    copy: bool
    cluster: str
    novelty: float | None = None


class Detector(Protocol):
    """A copy detector: a text is looked up among those added so far, or looked up and added."""

    def look_up(self, id_: str, blocks: Sequence[str]) -> Found: ...
    def look_up_and_add(self, id_: str, blocks: Sequence[str]) -> Found: ...


class Baseline:
    """Fingerprints a text, finds the nearest one; a document joins the cluster of that."""

    def __init__(self) -> None:
        self._clusters: dict[str, str] = {}

    def look_up(self, id_: str, blocks: Sequence[str]) -> Found:
        """Return what the text is beside those added so far."""
        return self._answer(id_, self._print(blocks))

    def look_up_and_add(self, id_: str, blocks: Sequence[str]) -> Found:
        """Look up, then add."""
        print_ = self._print(blocks)
        found = self._answer(id_, print_)
        self._clusters[id_] = found.cluster
        self._add(id_, print_, found)
        return found

    def _answer(self, id_, print_):
        near, novelty = self._nearest(print_)
        return Found(near is not None, self._clusters[near] if near is not None else id_, novelty)

    def _print(self, blocks):
        raise NotImplementedError

    def _nearest(self, print_) -> tuple[str | None, float | None]:
        raise NotImplementedError

    def _add(self, id_, print_, found):
        raise NotImplementedError


class SimHash(Baseline):
    """The simhash package's index as its documentation uses it: a fingerprint a document, of 3-grams of characters, d 3."""

    def __init__(self) -> None:
        super().__init__()
        self._index = SimhashIndex([], k=3)
        self._prints = {}

    def _print(self, blocks):
        text = re.sub(r"[^\w]+", "", "\n".join(blocks).lower())
        return Simhash([text[i : i + 3] for i in range(max(len(text) - 2, 1))])

    def _nearest(self, print_):
        near = self._index.get_near_dups(print_)
        return min(near, key=lambda id_: (print_.distance(self._prints[id_]), id_), default=None), None

    def _add(self, id_, print_, found):
        self._index.add(id_, print_)
        self._prints[id_] = print_


class Oracle(Baseline):
    """Exact word 5-grams with an inverted index: the sets' own labels. A copy by the lines that score_copies.py draws.

    At least half of the text stands in one earlier text, and of the two the Jaccard is at least .5 or the smaller's
    containment at least .8.
    """

    def __init__(self) -> None:
        super().__init__()
        # A list only where several have it: that halves the memory.
        self._having: dict[int, int | list[int]] = {}
        self._sizes: list[int] = []
        self._ids: list[str] = []

    def _print(self, blocks):
        return {hash(gram) for gram in grams(blocks)}

    def _nearest(self, print_):
        if not print_:
            return None, 1.0
        shared: Counter[int] = Counter()
        known = 0
        for gram in print_:
            numbers = self._having.get(gram)
            if numbers is not None:
                known += 1
                shared.update((numbers,) if isinstance(numbers, int) else numbers)
        near = [(count, -number) for number, count in shared.items() if self._copied(len(print_), number, count)]
        return (self._ids[-max(near)[1]] if near else None), 1 - known / len(print_)

    def _copied(self, own, number, count):
        other = self._sizes[number]
        dup = count / (own + other - count) >= 0.5 or count / min(own, other) >= 0.8
        return dup and count / own >= 0.5

    def _add(self, id_, print_, found):
        number = len(self._ids)
        self._ids.append(id_)
        self._sizes.append(len(print_))
        for gram in print_:
            numbers = self._having.setdefault(gram, number)
            if isinstance(numbers, list):
                numbers.append(number)
            elif numbers != number:
                self._having[gram] = [numbers, number]


DETECTORS: dict[str, Callable[[], Detector]] = {"simhash": SimHash, "oracle": Oracle}


def records():
    return (json.loads(line) for line in sys.stdin.buffer if line.strip())


def trafilatura():
    """trafilatura's own extraction, comments off."""
    for record in records():
        html = record.get("html") or base64.b64decode(record["html_b64"])
        found = bare_extraction(html, url=record["url"], include_comments=False, with_metadata=True)
        yield {"id": record["id"], "text": (found and found.text) or ""}


def verdicts(detector: Detector):
    """The detector's verdicts on texts in their order."""
    for record in records():
        found = detector.look_up_and_add(record["id"], record["text"].splitlines())
        yield {
            "id": record["id"],
            "verdict": "copy" if found.copy else "original",
            "copy_of": found.cluster if found.copy else None,
            "cluster": found.cluster,
        }


def write(rows):
    """Write records as JSON lines."""
    for row in rows:
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    write(trafilatura() if sys.argv[1] == "trafilatura" else verdicts(DETECTORS[sys.argv[1]]()))
