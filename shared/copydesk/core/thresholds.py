"""Where copy detection draws its lines. The defaults are measured: docs/copies.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of copy detection; shares are of words.

    Attributes:
        match: Hamming distance up to which a passage counts as the same, for evidence, sources and hot passages.
        contained: A document of which so much stands in the other is a copy of it, whole or cut, whichever came first.
        carried: And at least so much of the later one has to come from the earlier, or else it extends it.
        alike: Share of what both have together that both have (Jaccard) from which on they are the same story.
        rewrite_distance: Distance of the document fingerprints up to which a light rewrite is thought of.
        rewrite_passage: Distance up to which a passage of it has its counterpart in the other document.
        rewrite_coverage: Share of either document that must have one.
        short_words: A text of fewer words is a copy only of one that is the same, or the same with a few words more at
            its beginning or end.
        short_coverage: Share of the longer one that the shorter must make up.
        common_clusters: A passage that so many different stories carry says nothing about where a document comes from.
        bridge: A document that is a copy of documents in two clusters makes one of them if its similarity to both is
            that much the same: the lower at least this share of the higher.
    """

    match: int = 8
    contained: float = 0.84
    carried: float = 0.45
    alike: float = 0.5
    rewrite_distance: int = 20
    rewrite_passage: int = 18
    rewrite_coverage: float = 0.75
    short_words: int = 40
    short_coverage: float = 0.75
    common_clusters: int = 6
    bridge: float = 0.5


DEFAULT = Thresholds()
