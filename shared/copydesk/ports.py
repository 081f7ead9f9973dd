"""What the flow needs from the outside, as protocols; ``copydesk.runtime`` holds the real and the in-memory ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from copydesk.models import Document

MOST_WORDING = 128
"""Tokens up to which a text is short enough for its wording to be kept: passages say too little of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprinted:
    """What is kept of a document's text to compare it with.

    Attributes:
        passages: 64-bit fingerprint of each passage, in their order.
        words: Length of each passage in words; 0 where an earlier passage of the document has the same fingerprint.
        document: 64-bit fingerprint of the whole text.
        text: 64-bit hash of all words in their order: equal where two texts are the same but for case and punctuation.
        wording: Of a text of at most ``MOST_WORDING`` tokens, 16 bits of each token's hash, in their order; otherwise empty.
        shingles: The lowest shingle hashes of the text, ascending, by which it is found; not kept by the index.
        tokens: Length of the text in tokens; not kept by the index.
    """

    passages: npt.NDArray[np.uint64]
    words: npt.NDArray[np.uint16]
    document: int
    text: int
    wording: npt.NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, dtype=np.uint16))
    shingles: npt.NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    tokens: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A document in the index.

    Attributes:
        number: How many documents had been admitted with it; an earlier document has a lower number.
        cluster: Id of its cluster's original.
        founded: Number of that original, by which the older of two clusters is known.
        credit: Whom its text is credited to, as ``core.leads`` says; 0: nobody.
        led_by: Owner of its cluster's lead.
        lead: Id of its cluster's lead, where that is not the original.
    """

    number: int
    id: str
    cluster: str
    founded: int
    prints: Fingerprinted
    credit: int = 0
    led_by: int = 0
    lead: str | None = None


TEXT_BITS = 48
"""Bits of a text hash that are remembered of each revision."""


@dataclass(frozen=True, slots=True, eq=False)
class Previous:
    """The last revision of a document, as the index has it; ``text`` is the low ``TEXT_BITS`` bits of its text hash.

    ``known`` is None where the index has forgotten all but that it was there. ``fetched`` is the unix time, in whole seconds, at
    which it was found to stand there last; 0: not known.
    """

    number: int
    revision: int
    text: int
    known: Known | None
    fetched: int = 0

    def later(self, document: Document) -> int:
        """The time of the fetch after which nothing newer is known."""
        return max(self.fetched, int(document.fetched_at.timestamp()) if document.fetched_at else 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document to be looked up: its id (24 hexadecimal digits) and its fingerprints."""

    id: str
    prints: Fingerprinted


@dataclass(frozen=True, slots=True, eq=False)
class LookedUp:
    """What the index knows about a document that wants to come in.

    Attributes:
        seen: Number of the last document admitted when the look-up began.
        period: Time slice of the look-up, for ``admit``.
        previous: The last revision under the same id, where there is one.
        candidates: Documents that may share text with it, the most promising first; bounded.
        keys: Keys under which it was looked up, but for those that so many documents share that they tell nothing.
        enters: How many of ``keys``, from the first, it is to be found by from now on.
        life: In which life of the index's server it was looked up; empty where it has but one.
    """

    seen: int
    period: int
    previous: Previous | None
    candidates: tuple[Known, ...]
    keys: tuple[int, ...]
    enters: int
    life: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Admission:
    """A document with the verdict that a look-up led to.

    Attributes:
        document: As it is to be emitted.
        prints: Its fingerprints.
        looked_up: The look-up, with ``seen`` brought up to the last conflict.
        founded: Number of its cluster's original; None where it is one itself.
        joins: Ids of younger clusters that turn out to be the same story.
        credit: Whom its text is credited to, ``led_by``: who owns its cluster's lead, as in ``Known``.
        page: Id of the page that it comes from, and ``owner`` the job that works on it; empty outside a pipeline.
    """

    document: Document
    prints: Fingerprinted
    looked_up: LookedUp
    founded: int | None
    joins: tuple[str, ...] = ()
    credit: int = 0
    led_by: int = 0
    page: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The document is in, emitted and settled; ``number`` is its own (unchanged: that of the last revision)."""

    number: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: something came in between the look-up and the admission.

    Attributes:
        seen: Number of the last document admitted by now.
        numbers: Documents that came in between and may share text: compare with them too, and try again.
        stale: The look-up has to be done again.
    """

    seen: int
    numbers: tuple[int, ...] = ()
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing was written: the page has an outcome already, or another job works on it."""


@dataclass(frozen=True, slots=True)
class Retracted:
    """Nothing was written: somebody has taken this document out."""


class CopyIndex(Protocol):
    """Memory of the documents in the window, by which copies are recognised; safe for many threads and processes.

    All times are Unix times in seconds. A batch is answered in its order, and costs a few round trips as a whole.
    """

    def look_up(self, wanted: Sequence[Wanted], *, now: float) -> list[LookedUp]:
        """Return what is known about each document."""
        ...

    def load(self, numbers: Iterable[int]) -> list[Known]:
        """Return the documents with these numbers, as far as they are still in the window."""
        ...

    def admit(self, admissions: Iterable[Admission]) -> list[Admitted | Conflict | Gone | Retracted]:
        """Write and emit each document, one after the other as they come, each wholly or not at all."""
        ...
