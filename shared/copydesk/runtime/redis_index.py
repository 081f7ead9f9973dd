"""The copy index in Redis; ``index_layout`` describes its keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import redis
from redis.exceptions import NoScriptError

from copydesk.core.candidates import Numbers, Sketch, promising, sketch
from copydesk.models import Verdict
from copydesk.ports import (
    Admission,
    Admitted,
    Conflict,
    Gone,
    Known,
    LookedUp,
    Previous,
    Retracted,
    Wanted,
)
from copydesk.runtime import index_layout as layout
from copydesk.runtime import scripts
from copydesk.runtime.commands import Commands
from copydesk.runtime.outputs import Outputs

DAY = 86_400.0
_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class _Found:
    """What one round trip has found.

    Attributes:
        seen: Number of the last document admitted when it began.
        period: The current time slice.
        hits: Keys, numbered through all documents that look, under which something was found.
        numbers: What was found: the number of a document for each of ``hits``.
        counts: Documents that each key finds, and ``recent``: of those, the ones in the current slice.
        known: For each document, what each slice has of its id, the latest last.
        life: Of the server, as ``life.lua`` has it.
    """

    seen: int
    period: int
    hits: Numbers
    numbers: Numbers
    counts: Numbers
    recent: Numbers
    known: list[list[bytes | None]]
    life: str


class RedisIndex:
    """A ``CopyIndex`` for any number of processes.

    Args:
        client: A client that does not decode responses.
        window: Seconds over which copies are recognised.
        slices: Slices that a window has.
        page_ttl: Seconds for which a page is kept after its outcome.
        outputs: Where documents are emitted.
    """

    def __init__(
        self,
        client: redis.Redis,
        *,
        window: float = 14 * DAY,
        slices: int = 2,
        page_ttl: int = _HOUR,
        outputs: Outputs | None = None,
    ) -> None:
        self._client = client
        self._length = window / slices
        self._slices = slices
        self._page_ttl = page_ttl
        self._outputs = outputs or Outputs()
        # What is written at the start of a period is looked up until the end of the last that sees it.
        self._ttl = int(self._length * (slices + 1)) + _HOUR
        self._script = scripts.script(client, "settle", "emit", "life", "admit")
        self._open = scripts.script(client, "open_slice")
        self._bits: dict[int, int] = {}

    def look_up(self, wanted: Sequence[Wanted], *, now: float) -> list[LookedUp]:
        """Return what is known about each document, in three round trips."""
        if not wanted:
            return []
        sketches = [sketch(document.prints) for document in wanted]
        found = self._find(wanted, sketches, int(now // self._length))
        known = [_last_revision(values, found.seen) for values in found.known]
        ends = np.cumsum([len(sketch_.keys) for sketch_ in sketches])
        seekers = np.repeat(np.arange(len(sketches)), [len(sketch_.keys) for sketch_ in sketches])
        chosen = promising(found.hits, found.numbers, seekers)
        chosen += [[] for _ in range(len(wanted) - len(chosen))]
        numbers = {number for few in chosen for number in few}
        numbers.update(previous.number for previous in known if previous)
        loaded = {document.number: document for document in self.load(numbers)}
        results = []
        for sketch_, end, few, last in zip(sketches, ends, chosen, known, strict=True):
            own = slice(int(end) - len(sketch_.keys), int(end))
            ordered, enters = sketch_.enter(found.counts[own].tolist(), found.recent[own].tolist())
            previous = None if last is None else replace(last, known=loaded.get(last.number))
            candidates = tuple(loaded[number] for number in few if number in loaded)
            results.append(LookedUp(found.seen, found.period, previous, candidates, ordered, enters, found.life))
        return results

    def load(self, numbers: Iterable[int]) -> list[Known]:
        """Return the documents with these numbers, as far as they are still in the window, in two round trips."""
        chunks: dict[int, set[int]] = defaultdict(set)
        for number in numbers:
            chunks[number // layout.CHUNK].add(number)
        if not chunks:
            return []
        values = cast("list[bytes | None]", self._client.mget(list(map(layout.chunk_key, chunks))))
        documents = [
            known
            for (chunk, wanted), value in zip(chunks.items(), values, strict=True)
            for known in layout.records(chunk, value or b"", wanted)
        ]
        return self._linked(documents)

    def admit(self, admissions: Iterable[Admission]) -> list[Admitted | Conflict | Gone | Retracted]:
        """Write and emit each document, one after the other, in one round trip.

        Each is sent as soon as it is there: the server works on one while the next is still being judged.
        """
        all_arguments: list[list[bytes | str | float]] = []
        with Commands(self._client) as commands:
            for admission in admissions:
                all_arguments.append(self._arguments(admission))
                commands.send("EVALSHA", self._script.sha, 0, *all_arguments[-1])
            answers = commands.answers()
        for place, answer in enumerate(answers):
            if isinstance(answer, NoScriptError):
                answers[place] = self._script(args=all_arguments[place])
            elif isinstance(answer, Exception):
                raise answer
        return [_answer(cast("list[int]", answer)) for answer in answers]

    def _find(self, wanted: Sequence[Wanted], sketches: Sequence[Sketch], period: int) -> _Found:
        """Ask every live slice for every key and every id."""
        while True:
            bits = self._bits
            slices = sorted((part, few) for part, few in bits.items() if part >= period - self._slices)
            life, number, current, buckets, known = self._ask(wanted, sketches, slices)
            if max(current, default=-1) < period:
                self._open(args=[period, period - self._slices, self._ttl])
                continue
            period = max(current)
            if current == bits:
                return _hits(sketches, slices, buckets, known=known, seen=number, period=period, life=life)
            self._bits = current

    def _ask(
        self, wanted: Sequence[Wanted], sketches: Sequence[Sketch], slices: Sequence[tuple[int, int]]
    ) -> tuple[str, int, dict[int, int], list[bytes | None], list[list[bytes | None]]]:
        """Return the server's life, the last number, the bits of slices, the buckets (by slice and key), ids (by document)."""
        all_keys = np.concatenate([sketch_.keys for sketch_ in sketches])
        names = [name for part, bits in slices for name in layout.bucket_keys(part, all_keys, bits)]
        with Commands(self._client) as commands:
            # The number first: whatever comes in behind it is a conflict at admission, or is seen already.
            commands.send("INFO", "server")
            commands.send("GET", layout.NUMBER)
            commands.send("HGETALL", layout.SLICES)
            if names:
                commands.send("MGET", *names)
            for document in wanted:
                for part, bits in slices:
                    commands.send("HGET", layout.known_key(document.id, part, bits), layout.known_field(document.id))
            answers = commands.answers()
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        info, number, current, *rest = cast("list[Any]", answers)
        buckets = rest.pop(0) if names else []
        step = len(slices)
        known = [rest[at * step : (at + 1) * step] for at in range(len(wanted))]
        return _life(info), int(number or 0), _bits(current), buckets, known

    def _linked(self, documents: list[Known]) -> list[Known]:
        """Return the documents with their clusters' links followed, and their clusters' leads."""
        older: dict[str, tuple[str, int]] = {}
        leads: dict[str, tuple[str, int]] = {}
        ever_asked: set[str] = set()
        last = max((known.number for known in documents), default=0)
        unknown = {known.cluster for known in documents}
        while unknown:
            asked = sorted(unknown)
            ever_asked |= unknown
            names = [name(id_) for name in (layout.link_key, layout.lead_key) for id_ in asked]
            values = cast("list[bytes | None]", self._client.mget(names))
            for id_, value in zip(asked, values[: len(asked)], strict=True):
                if value:
                    older[id_] = layout.read_link(value, last)
            for id_, value in zip(asked, values[len(asked) :], strict=True):
                if value:
                    leads[id_] = layout.read_lead(value)
            unknown = {cluster for cluster, _ in older.values()} - ever_asked
        return [_follow(known, older, leads) for known in documents] if older or leads else documents

    def _arguments(self, admission: Admission) -> list[bytes | str | float]:
        document, looked_up = admission.document, admission.looked_up
        unchanged = document.verdict is Verdict.UNCHANGED
        previous = looked_up.previous or Previous(0, 0, 0, None)
        # What is unchanged may be an older text that was overtaken on its way.
        text = previous.text if unchanged else admission.prints.text
        founded = admission.founded or 0
        # A period that is not known any more is stale: the script will say so.
        bits = self._bits.get(looked_up.period, layout.FIRST_BITS)
        streams = self._outputs.streams(document)
        record = b""
        if not unchanged:
            record = layout.pack_record(
                document.id,
                document.cluster,
                founded,
                admission.prints,
                credit=admission.credit,
                led_by=admission.led_by,
            )
        return [
            admission.page,
            admission.owner,
            self._page_ttl,
            document.verdict.value,
            looked_up.period,
            f"{looked_up.seen} {looked_up.life}",
            self._ttl,
            layout.known_key(document.id, looked_up.period, bits),
            layout.known_field(document.id),
            previous.number,
            # The script puts the number before it.
            layout.pack_known(0, document.revision, text, previous.later(document))[4:],
            record,
            layout.places(looked_up.keys, bits),
            looked_up.enters,
            " ".join(admission.joins),
            layout.pack_link(founded, document.cluster),
            document.cluster,
            layout.pack_lead(document.id, admission.led_by) if document.lead else b"",
            document.id,
            " ".join(streams),
            self._outputs.cap,
            *(self._outputs.entry(document) if streams else ()),
        ]


def _hits(
    sketches: Sequence[Sketch],
    slices: Sequence[tuple[int, int]],
    buckets: Sequence[bytes | None],
    *,
    known: list[list[bytes | None]],
    seen: int,
    period: int,
    life: str,
) -> _Found:
    all_keys = np.concatenate([sketch_.keys for sketch_ in sketches])
    values = [value or b"" for value in buckets]
    lengths = np.fromiter(map(len, values), np.int64, len(values)) // layout.ENTRY.itemsize
    entries = np.frombuffer(b"".join(values), dtype=layout.ENTRY)
    tags = np.tile(layout.tags(all_keys), len(slices))
    right = np.flatnonzero(entries["tag"] == np.repeat(tags, lengths))
    place = np.searchsorted(np.cumsum(lengths), right, side="right")
    hits = place % max(len(all_keys), 1)
    # As layout.whole does for one.
    ahead = seen + layout.CYCLE // 2
    numbers = ahead - (ahead - entries["number"][right].astype(np.int64)) % layout.CYCLE
    last = [part for part, _ in slices].index(period) * len(all_keys)
    return _Found(
        seen=seen,
        period=period,
        hits=hits,
        numbers=numbers,
        counts=np.bincount(hits, minlength=len(all_keys)),
        recent=np.bincount(hits[place >= last], minlength=len(all_keys)),
        known=known,
        life=life,
    )


def _life(info: bytes) -> str:
    """What the server calls this run of itself; the third version of the protocol puts a mark before the text."""
    _, _, rest = info.partition(b"run_id:")
    return rest.split(maxsplit=1)[0].decode()


def _last_revision(by_period: Sequence[bytes | None], seen: int) -> Previous | None:
    value = next((value for value in reversed(by_period) if value), None)
    return layout.read_known(value, seen) if value else None


def _bits(answer: dict[bytes, bytes] | list[bytes]) -> dict[int, int]:
    """Return the bits of each slice; the third version of the protocol has a form for hashes, the second has none."""
    slices = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2], strict=True))
    return {int(part): int(value.split()[0]) for part, value in slices.items()}


def _answer(answer: Sequence[int]) -> Admitted | Conflict | Gone | Retracted:
    match answer:
        case [1, number]:
            return Admitted(number)
        case [2, last, *numbers]:
            return Conflict(last, tuple(sorted(numbers)))
        case [3, last]:
            return Conflict(last, stale=True)
        case [4]:
            return Retracted()
        case _:
            return Gone()


def _follow(known: Known, older: dict[str, tuple[str, int]], leads: dict[str, tuple[str, int]]) -> Known:
    cluster, founded = known.cluster, known.founded
    while cluster in older:
        cluster, founded = older[cluster]
    lead, led_by = leads.get(cluster, (None, known.led_by))
    return replace(known, cluster=cluster, founded=founded, lead=lead, led_by=led_by)
