"""Verdicts: what a document is in relation to earlier ones, from fingerprints and lengths alone. Pure arithmetic."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.core.comparison import Pair, discount_common, share, surviving
from copydesk.core.leads import NOBODY, Provenance
from copydesk.core.simhash import distance
from copydesk.core.thresholds import DEFAULT, Thresholds
from copydesk.models import Change, Evidence, Match, Verdict
from copydesk.ports import TEXT_BITS, Fingerprinted, Known, Previous

MAX_MATCHES = 200
MAX_SOURCES = 16
UNSTATED = Provenance()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and its evidence.

    Attributes:
        revision: Number of the document's revision, from 1.
        cluster: Id of the original of its cluster, its own where it is one.
        founded: Number of that original; None where it is the document itself.
        joins: Ids of younger clusters that it shows to be the same story.
        lead: Whether it is the evident source of its cluster, which came late.
        led_by: Owner of its cluster's lead.
    """

    verdict: Verdict
    revision: int
    cluster: str
    founded: int | None
    copy_of: str | None
    joins: tuple[str, ...]
    novelty: float
    evidence: Evidence
    lead: bool = False
    led_by: int = NOBODY


def judge(
    document: str,
    prints: Fingerprinted,
    candidates: Sequence[Known],
    *,
    previous: Previous | None = None,
    fetched: float = math.inf,
    provenance: Provenance = UNSTATED,
    thresholds: Thresholds = DEFAULT,
) -> Judgement:
    """Return the verdict on a document.

    Args:
        document: Its id.
        prints: Its fingerprints.
        candidates: Earlier documents that may share text with it; its own earlier revisions among them are left out.
        previous: Its last revision, where there is one.
        fetched: Unix time of its fetch: what was overtaken by a later one on its way is no revision of that.
        provenance: Where it says that it comes from.
        thresholds: Where the line is drawn.
    """
    others = [known for known in candidates if known.id != document]
    pairs = [Pair(prints, known, thresholds) for known in others]
    discount_common(pairs, prints, thresholds)
    novelty, sources, matches = _shared(pairs, prints, thresholds)
    nearest = max(pairs, key=lambda pair: pair.merit, default=None)
    copied = [pair for pair in pairs if pair.copied]
    # The nearest decides which copy is shown as evidence, the oldest cluster which story it belongs to.
    shown = max(copied, key=lambda pair: pair.merit, default=nearest)
    found: dict[str, object] = {"sources": sources, "matches": matches}
    if shown is not None and (shown.containment > 0 or shown.contained > 0):
        found |= {
            "nearest": shown.known.id,
            "distance": distance(prints.document, shown.known.prints.document),
            "containment": round(shown.containment, 4),
            "contained": round(shown.contained, 4),
            "similarity": round(shown.similarity, 4),
        }
    evidence = Evidence.model_validate(found)
    if previous is not None:
        return _again(
            document,
            prints,
            previous,
            fetched=fetched,
            novelty=novelty,
            evidence=evidence,
            provenance=provenance,
            thresholds=thresholds,
        )
    if copied and shown is not None:
        return _copy(
            document, pairs, shown, novelty=novelty, evidence=evidence, provenance=provenance, thresholds=thresholds
        )
    return _original(document, pairs, novelty=novelty, evidence=evidence, provenance=provenance, thresholds=thresholds)


def _shared(
    pairs: Sequence[Pair], prints: Fingerprinted, thresholds: Thresholds
) -> tuple[float, list[str], list[Match]]:
    """Return novelty, sources and matched passages, against all earlier documents together."""
    repeated = [pair for pair in pairs if pair.same or pair.repeated]
    if repeated and not len(prints.passages):
        most = max(pair.containment for pair in repeated)
        return 1.0 - most, [pair.known.id for pair in repeated][:MAX_SOURCES], []
    if not pairs or not len(prints.passages):
        return 1.0, [], []
    here = np.stack([pair.here for pair in pairs])
    best = here.argmin(axis=0)
    closest = here.min(axis=0)
    words = prints.words.astype(np.float64)
    novelty = 1.0 - share(surviving(closest, prints.words), words)
    given: dict[str, float] = defaultdict(float)
    matches = []
    for passage in np.flatnonzero((closest <= thresholds.match) & (words > 0)):
        pair = pairs[best[passage]]
        given[pair.known.id] += words[passage]
        there = int(pair.counterpart[passage])
        match = Match(passage=int(passage), document=pair.known.id, there=there, distance=int(closest[passage]))
        matches.append(match)
    sources = sorted(given, key=lambda id_: -given[id_])
    return min(max(novelty, 0.0), 1.0), sources[:MAX_SOURCES], matches[:MAX_MATCHES]


def _again(
    document: str,
    prints: Fingerprinted,
    previous: Previous,
    *,
    fetched: float,
    novelty: float,
    evidence: Evidence,
    provenance: Provenance,
    thresholds: Thresholds,
) -> Judgement:
    known = previous.known
    update: dict[str, object] = {}
    same = previous.text == prints.text & ((1 << TEXT_BITS) - 1)
    is_old = math.floor(fetched) < previous.fetched if math.isfinite(fetched) else False
    if is_old and not same:
        reason = f"It was fetched before revision {previous.revision} was, and came later."
    elif same:
        reason = f"It was here before, with the same text as in revision {previous.revision}."
    elif known is None:
        reason = f"It was here before, with another text than in revision {previous.revision}."
    else:
        change = _change(Pair(prints, known, thresholds), thresholds)
        update["change"] = change
        parts = {"new": change.added, "edited": change.edited, "gone": change.gone}
        told = ", ".join(f"{len(passages)} {name}" for name, passages in parts.items() if passages)
        told = told or "none, but their order, or short lines"
        reason = f"It was here before; of its passages since revision {previous.revision}: {told}."
    update["lead"] = known.lead if known is not None and known.lead != document else None
    return Judgement(
        verdict=Verdict.UNCHANGED if same or is_old else Verdict.REVISION,
        revision=previous.revision if same or is_old else previous.revision + 1,
        cluster=known.cluster if known is not None else document,
        founded=known.founded if known is not None else None,
        copy_of=None,
        joins=(),
        novelty=novelty,
        evidence=evidence.model_copy(update=update | {"reason": reason}),
        led_by=known.led_by if known is not None else provenance.owner,
    )


def _change(pair: Pair, thresholds: Thresholds) -> Change:
    """Return what a document changed since its last revision."""
    # A passage that repeats an earlier one of its document has no words of its own.
    here, there = pair.here[pair.own.words > 0], pair.there
    numbers = np.flatnonzero(pair.own.words > 0)
    added = numbers[here > thresholds.rewrite_passage]
    edited = numbers[(here > 0) & (here <= thresholds.rewrite_passage)]
    gone = np.flatnonzero((there > thresholds.rewrite_passage) & (pair.known.prints.words > 0))
    return Change(
        added=[int(passage) for passage in added[:MAX_MATCHES]],
        edited=[int(passage) for passage in edited[:MAX_MATCHES]],
        gone=[int(passage) for passage in gone[:MAX_MATCHES]],
    )


def _copy(
    document: str,
    pairs: Sequence[Pair],
    shown: Pair,
    *,
    novelty: float,
    evidence: Evidence,
    provenance: Provenance,
    thresholds: Thresholds,
) -> Judgement:
    # A story that runs for days has several clusters, each much like the next: the older one counts only where this
    # document stands in it as well as in the nearest. It may be one that stands whole in this document.
    told = [pair for pair in pairs if pair.copied or (pair.contained >= thresholds.contained and not pair.short)]
    close = [pair for pair in told if pair.similarity >= thresholds.bridge * shown.similarity]
    oldest = min(close, key=lambda pair: pair.known.founded).known
    here, there = f"{shown.containment:.0%}", f"{shown.contained:.0%}"
    if shown.same:
        reason = "It has the words of an earlier document."
    elif shown.containment >= shown.contained:
        reason = f"{here} of it stands in an earlier document, and makes up {there} of that."
    else:
        reason = f"It has {there} of an earlier document, which makes up {here} of it."
    if shown.rewritten and not shown.same and shown.similarity < thresholds.contained:
        reason = f"A light rewrite: nearly every passage has its counterpart, {here} of the wording is the same."
    joins = sorted({pair.known.cluster for pair in close} - {oldest.cluster})
    returned = oldest.cluster == document
    if returned:
        reason = "It opened this story: what it said then is out of the window, copies of it are not."
    # The source that the copies name, on its own site, where none of those that came before is from there.
    credited = {pair.known.credit for pair in close if pair.known.cluster == oldest.cluster}
    lead = not returned and oldest.led_by not in provenance.owners and not credited.isdisjoint(provenance.owners)
    if lead:
        reason += " It is the source that earlier ones credit."
    return Judgement(
        verdict=Verdict.REVISION if returned else Verdict.COPY,
        revision=2 if returned else 1,
        cluster=oldest.cluster,
        founded=oldest.founded,
        copy_of=None if returned else oldest.cluster,
        joins=tuple(joins),
        novelty=novelty,
        evidence=evidence.model_copy(update={"reason": reason, "lead": None if lead else oldest.lead, "joins": joins}),
        lead=lead,
        led_by=provenance.owner if lead else oldest.led_by,
    )


def _original(
    document: str,
    pairs: Sequence[Pair],
    *,
    novelty: float,
    evidence: Evidence,
    provenance: Provenance,
    thresholds: Thresholds,
) -> Judgement:
    brief = any(pair.own.words.sum() < thresholds.short_words for pair in pairs)
    extended = None if brief else max(pairs, key=lambda pair: pair.contained, default=None)
    update: dict[str, object] = {}
    if extended is not None and extended.contained >= max(thresholds.contained, extended.containment):
        update["extends"] = extended.known.id
        reason = f"It extends an earlier document: {extended.contained:.0%} of that stands in it, {novelty:.0%} is new."
    elif len(evidence.sources) > 1:
        reason = f"It shares passages with {len(evidence.sources)} earlier documents, {novelty:.0%} of it is new."
    elif evidence.nearest is not None and brief:
        reason = "It is like an earlier document, but so short a text is a copy only of one that says the same."
    elif evidence.nearest is not None:
        reason = f"It shares {evidence.containment:.0%} with an earlier document, too little for a copy."
    elif evidence.sources:
        reason = "It shares with earlier documents only what many different stories carry."
    else:
        reason = "No earlier document in the window shares a passage with it."
    return Judgement(
        verdict=Verdict.ORIGINAL,
        revision=1,
        cluster=document,
        founded=None,
        copy_of=None,
        joins=(),
        novelty=novelty,
        evidence=evidence.model_copy(update=update | {"reason": reason}),
        led_by=provenance.owner,
    )
