"""Why a document got its verdict: from the evidence that it carries, or by judging it beside another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from copydesk.core.comparison import Pair
from copydesk.core.simhash import distance
from copydesk.core.thresholds import Thresholds
from copydesk.core.urls import shown_url
from copydesk.core.verdicts import Judgement, judge
from copydesk.models import Document, Evidence, Verdict
from copydesk.ports import Known
from copydesk_services.commands.passage_rows import Link, Row, Text, backwards, link, rows
from copydesk_services.commands.side_by_side import LABELS, Explanation, Shown

if TYPE_CHECKING:
    from copydesk_services.commands.explain import Subject


def comparison(first: Subject, second: Subject, thresholds: Thresholds) -> Explanation:
    """Two texts: what the first would be, had the second come before it."""
    judgement, turned = _judge(first, second, thresholds), _judge(second, first, thresholds)
    sentences = [_would_be("A", judgement, "B")]
    if turned.verdict is not judgement.verdict:
        sentences.append(f"The other way round: {_would_be('B', turned, 'A')}")
    documents = [_shown(first), _shown(second)]
    evidence = judgement.evidence
    return Explanation(
        verdict=judgement.verdict.value,
        sentences=sentences,
        shares=(evidence.containment, evidence.contained),
        similarity=evidence.similarity,
        distance=_bits(first, second),
        documents=documents,
        rows=_rows(_text(first), [second.text], Evidence(), [second.name], thresholds)[0],
    )


def recorded(subject: Subject, others: Sequence[Subject], thresholds: Thresholds) -> Explanation:
    """A document as it was judged when it came, beside what it was compared with."""
    document = subject.document
    if document is None:
        raise ValueError(f"{subject.name} has no verdict")
    evidence = document.evidence
    sentences = [evidence.reason, *_surroundings(document, others)]
    shares: tuple[float, float] | None = None
    similarity: float | None = None
    bits: int | None = None
    if document.revision > 1:
        if others:
            pair = Pair(_text(subject).prints, _known(others[0]), thresholds)
            shares, similarity = (round(pair.containment, 4), round(pair.contained, 4)), round(pair.similarity, 4)
            bits = _bits(subject, others[0])
    elif evidence.nearest is not None:
        shares, similarity, bits = (evidence.containment, evidence.contained), evidence.similarity, evidence.distance
    texts, names = [other.text for other in others], [other.name for other in others]
    told, used = _rows(_text(subject), texts, evidence, names, thresholds)
    if document.revision > 1 and not others:
        told = _marked_as_changed(told, evidence)
    return Explanation(
        verdict=document.verdict.value,
        sentences=sentences,
        shares=shares,
        similarity=similarity,
        distance=bits,
        documents=[_shown(subject), *(_shown(others[n]) for n in used)],
        rows=told,
        revision=document.revision > 1,
    )


def _surroundings(document: Document, others: Sequence[Subject]) -> list[str]:
    """What else there is to say of a document's place."""
    parts = [f"novelty {document.novelty:.0%}"]
    if document.copy_of:
        parts.append(f"original of its cluster {document.copy_of}")
    if document.evidence.extends:
        parts.append(f"extends {document.evidence.extends}")
    if document.revision > 1 and document.evidence.nearest:
        parts.append(f"nearest other document {document.evidence.nearest}")
    if document.lead:
        parts.append("the evident source of its story")
    elif document.evidence.lead:
        parts.append(f"evident source of the story {document.evidence.lead}")
    if document.agency:
        parts.append(f"credited to {document.agency}")
    if document.publisher:
        parts.append(f"first published by {document.publisher}")
    sentences = [" · ".join(parts)]
    if document.revision > 1 and not others:
        gone = len(document.evidence.change.gone) if document.evidence.change else 0
        told = f"; {gone} of its passages are gone" if gone else ""
        sentences.append(f"The revision before it is no longer stored{told}.")
    missing = [other.name for other in others if other.text is None]
    if missing:
        sentences.append(
            f"No longer stored: {', '.join(missing)}; --from FILE explains from what `copydesk tail` printed."
        )
    return sentences


def _would_be(one: str, judgement: Judgement, other: str) -> str:
    what = "a copy of" if judgement.verdict is Verdict.COPY else "an original beside"
    reason = judgement.evidence.reason
    return f"{one} would be {what} {other}, had that come first: {reason[:1].lower()}{reason[1:]}"


def _judge(first: Subject, second: Subject, thresholds: Thresholds) -> Judgement:
    # Two revisions of one document are compared as what they are: two texts.
    return judge("first", _text(first).prints, [_known(second)], thresholds=thresholds)


def _known(subject: Subject) -> Known:
    return Known(number=0, id="second", cluster="second", founded=0, prints=_text(subject).prints)


def _bits(first: Subject, second: Subject) -> int:
    return distance(_text(first).prints.document, _text(second).prints.document)


def _text(subject: Subject) -> Text:
    if subject.text is None:
        raise ValueError(f"{subject.name} is no longer stored")
    return subject.text


def _rows(
    text: Text, others: Sequence[Text | None], evidence: Evidence, names: Sequence[str], thresholds: Thresholds
) -> tuple[list[Row], list[int]]:
    """The rows, and which of the others they need: the first, and whoever else has a passage; rows count among those."""
    links = link(text, others, thresholds.match)
    missing = {name: n for n, name in enumerate(names) if others[n] is None}
    linked = {found.here for found in links}
    links += [
        Link(match.passage, missing[match.document], match.there, match.distance)
        for match in evidence.matches
        if match.document in missing and match.passage < len(text.passages) and match.passage not in linked
    ]
    used = sorted({found.other for found in links} | ({0} if others else set()))[: len(LABELS) - 1]
    place = {n: k for k, n in enumerate(used)}
    kept = [
        Link(found.here, place[found.other], found.there, found.distance) for found in links if found.other in place
    ]
    first = others[0] if others else None
    back = [] if first is None else backwards(text, first)
    return rows(len(text.passages), 0 if first is None else len(first.passages), kept, back), used


def _marked_as_changed(told: Sequence[Row], evidence: Evidence) -> list[Row]:
    """Of a revision whose predecessor is gone: what the evidence says of each passage."""
    change = evidence.change
    if change is None:
        return list(told)
    edited, added = set(change.edited), set(change.added)
    return [row if row.here in added else Row("edited" if row.here in edited else "same", row.here) for row in told]


def _shown(subject: Subject) -> Shown:
    document = subject.document
    if document is None:
        about = () if subject.text is not None else ("no longer stored",)
        identity = {"id": subject.name, "revision": None, "url": None, "title": None}
        return Shown(name=subject.name, title=subject.name, about=about, text=subject.text, identity=identity)
    came = document.published_at or document.fetched_at
    told = [
        f"{came:%Y-%m-%d %H:%M} UTC" if came else "",
        f"revision {document.revision}" if document.revision > 1 else document.verdict.value,
        document.id if document.title else "",
    ]
    return Shown(
        name=document.id,
        title=document.title or document.id,
        about=(
            shown_url(document.url).removeprefix("https://").removeprefix("http://"),
            " · ".join(filter(None, told)),
        ),
        text=subject.text,
        identity={"id": document.id, "revision": document.revision, "url": document.url, "title": document.title},
    )
