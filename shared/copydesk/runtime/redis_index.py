"""The copy index in Redis.

Layout, all of it bounded by the window. A *period* is a slice of the window, counted from the epoch; look-ups see the
current one and the ``slices`` before it, whose keys expire by TTL.

``copydesk:index:number``
    String: number of the last document admitted.
``copydesk:index:period``
    String: the latest period in which one was admitted, so that clocks that differ write to one slice.
``copydesk:bucket:PERIOD:NNNN``
    String of entries of 6 bytes: low 16 bits of a key, low 32 bits of a document's number, in the order of the numbers.
    NNNN is the rest of the key, 16 bits. Cut to its newer half when it grows beyond 24,000 bytes.
``copydesk:chunk:N``
    String: the records of the documents 8 N to 8 N + 7, see ``_RECORD``. One key for eight saves 100 bytes a document.
``copydesk:known:PERIOD:XXXX``
    Hash: rest of a document's id, whose first four digits are XXXX, to number, revision and text hash, see ``_KNOWN``.
    Small hashes are stored compactly: 40 bytes an entry instead of 130.
``copydesk:link:ID``
    String: the older cluster that the cluster ID turned out to belong to, see ``_LINK``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
import redis

from copydesk.core.candidates import Sketch, best, sketch
from copydesk.models import DOCUMENT_SCHEMA, Verdict, utc_text
from copydesk.ports import Admission, Admitted, Conflict, Fingerprinted, Gone, Known, LookedUp, Previous, Wanted
from copydesk.runtime import keys, scripts

DAY = 86_400.0
_HOUR = 3_600
_CYCLE = 1 << 32
_CHUNK = 8
_TAG_BITS = 16
_ENTRY = np.dtype([("tag", "<u2"), ("number", "<u4")])
# Length with these six bytes, number: the script writes them. Then text hash, document fingerprint, id, founded
# (0: the document itself), passages; a byte and as many of the cluster's id, none where it is the document's; the
# fingerprints of the passages (8 bytes each), and their lengths in words (1 byte each).
_HEAD = struct.Struct("<HI")
_RECORD = struct.Struct("<QQ12sIH")
_KNOWN = struct.Struct("<HQ")
_LINK = struct.Struct("<I12s")

Numbers = npt.NDArray[np.int64]


class RedisIndex:
    """A ``CopyIndex`` for any number of processes.

    Args:
        client: A client that does not decode responses.
        window: Seconds over which copies are recognised.
        slices: Slices that a window has.
        page_ttl: Seconds for which a page is kept after its outcome.
        stream_bound: Entries of a stream from which on its oldest go; 0: no bound.
    """

    def __init__(
        self,
        client: redis.Redis,
        *,
        window: float = 14 * DAY,
        slices: int = 3,
        page_ttl: int = _HOUR,
        stream_bound: int = 0,
    ) -> None:
        self._client = client
        self._length = window / slices
        self._slices = slices
        self._page_ttl = page_ttl
        self._stream_bound = stream_bound
        # What is written at the start of a period is looked up until the end of the last that sees it.
        self._ttl = int(self._length * (slices + 1)) + _HOUR
        self._script = scripts.script(client, "settle", "admit")

    def look_up(self, wanted: Sequence[Wanted], *, now: float) -> list[LookedUp]:
        """Return what is known about each document, in four round trips."""
        sketches = [sketch(document.prints) for document in wanted]
        period = int(now // self._length)
        while True:
            seen, latest, answers = self._ask(wanted, sketches, period)
            if latest <= period:
                break
            period = latest
        known = [self._previous(answer[1], seen) for answer in answers]
        found = [self._found(sketch_, answer[0], seen) for sketch_, answer in zip(sketches, answers, strict=True)]
        promising = [best(list(numbers.values())) for numbers in found]
        wanted_numbers = {number for numbers in promising for number in numbers}
        wanted_numbers.update(previous.number for previous in known if previous)
        loaded = {document.number: document for document in self.load(wanted_numbers)}
        results = []
        for sketch_, numbers, chosen, previous in zip(sketches, found, promising, known, strict=True):
            ordered, enters = sketch_.enter({key: len(documents) for key, documents in numbers.items()})
            results.append(
                LookedUp(
                    seen=seen,
                    period=period,
                    previous=_with_cluster(previous, loaded),
                    candidates=tuple(loaded[number] for number in chosen if number in loaded),
                    keys=ordered,
                    enters=enters,
                )
            )
        return results

    def load(self, numbers: Iterable[int]) -> list[Known]:
        """Return the documents with these numbers, as far as they are still in the window, in two round trips."""
        numbers = set(numbers)
        if not numbers:
            return []
        chunks = sorted({number // _CHUNK for number in numbers})
        values = cast("list[bytes | None]", self._client.mget([f"{keys.PREFIX}chunk:{chunk}" for chunk in chunks]))
        documents = [
            known
            for chunk, value in zip(chunks, values, strict=True)
            for known in _records(chunk, value or b"")
            if known.number in numbers
        ]
        return self._linked(documents)

    def admit(self, admissions: Sequence[Admission]) -> list[Admitted | Conflict | Gone]:
        """Write and emit each document, one after the other, in one round trip."""
        if len(admissions) == 1:
            return [_answer(cast("list[int]", self._script(args=self._arguments(admissions[0]))))]
        with self._client.pipeline(transaction=False) as pipeline:
            for admission in admissions:
                self._script(args=self._arguments(admission), client=pipeline)
            return [_answer(answer) for answer in cast("list[list[int]]", pipeline.execute())]

    def _ask(
        self, wanted: Sequence[Wanted], sketches: Sequence[Sketch], period: int
    ) -> tuple[int, int, list[tuple[list[list[bytes | None]], list[bytes | None]]]]:
        """Return the last number, the latest period and, for each document, its buckets and itself by period."""
        periods = range(period - self._slices, period + 1)
        with self._client.pipeline(transaction=False) as pipeline:
            # The number first: whatever comes in behind it is a conflict at admission, or is seen already.
            pipeline.get(f"{keys.PREFIX}index:number")
            pipeline.get(f"{keys.PREFIX}index:period")
            for document, sketch_ in zip(wanted, sketches, strict=True):
                buckets = [f"{int(key) >> _TAG_BITS:04x}" for key in sketch_.all()]
                for part in periods:
                    pipeline.mget([f"{keys.PREFIX}bucket:{part}:{bucket}" for bucket in buckets])
                    pipeline.hget(f"{keys.PREFIX}known:{part}:{document.id[:4]}", document.id[4:])
            number, latest, *rest = pipeline.execute()
        step = 2 * len(periods)
        answers = [(rest[at : at + step : 2], rest[at + 1 : at + step : 2]) for at in range(0, len(rest), step)]
        return int(number or 0), int(latest or 0), answers

    @staticmethod
    def _found(sketch_: Sketch, by_period: Sequence[Sequence[bytes | None]], seen: int) -> dict[int, Numbers]:
        """Return the numbers of the documents that each key finds."""
        all_keys = sketch_.all()
        buckets = [(at, value) for values in by_period for at, value in enumerate(values) if value]
        if not buckets:
            return {}
        entries = np.frombuffer(b"".join(value for _, value in buckets), dtype=_ENTRY)
        lengths = np.array([len(value) // _ENTRY.itemsize for _, value in buckets])
        of_key = np.repeat(np.array([at for at, _ in buckets]), lengths)
        right = entries["tag"] == (all_keys[of_key] & ((1 << _TAG_BITS) - 1))
        of_key, lows = of_key[right], entries["number"][right].astype(np.int64)
        # A document that came in since the last number was read stands up to half a cycle above it, never below.
        ahead = seen + _CYCLE // 2
        numbers = ahead - (ahead - lows) % _CYCLE
        return {int(all_keys[at]): numbers[of_key == at] for at in np.unique(of_key)}

    @staticmethod
    def _previous(by_period: Sequence[bytes | None], seen: int) -> Previous | None:
        value = next((value for value in reversed(by_period) if value), None)
        if value is None:
            return None
        low = int.from_bytes(value[:4], "little")
        revision, text = _KNOWN.unpack(value[4:])
        ahead = seen + _CYCLE // 2
        return Previous(ahead - (ahead - low) % _CYCLE, revision, text, None, None)

    def _linked(self, documents: list[Known]) -> list[Known]:
        """Return the documents with their clusters' links followed."""
        older: dict[str, tuple[str, int]] = {}
        unknown = {known.cluster for known in documents}
        while unknown:
            asked = sorted(unknown)
            values = cast("list[bytes | None]", self._client.mget([f"{keys.PREFIX}link:{id_}" for id_ in asked]))
            links = {id_: _LINK.unpack(value) for id_, value in zip(asked, values, strict=True) if value}
            older |= {id_: (raw.hex(), founded) for id_, (founded, raw) in links.items()}
            unknown = {cluster for cluster, _ in older.values()} - set(older) - unknown
        return [_follow(known, older) for known in documents] if older else documents

    def _arguments(self, admission: Admission) -> list[bytes | str | int | float]:
        document, looked_up = admission.document, admission.looked_up
        unchanged = document.verdict is Verdict.UNCHANGED
        previous = looked_up.previous.number if looked_up.previous else 0
        founded = (admission.founded or 0) % _CYCLE
        stream = "" if unchanged else keys.COPIES if document.verdict is Verdict.COPY else keys.DOCUMENTS
        fields: dict[str, str] = {}
        if stream:
            fields = {
                "id": document.id,
                "revision": str(document.revision),
                "schema": DOCUMENT_SCHEMA,
                "source": document.source or "",
                "host": document.host,
                "language": document.language or "",
                "verdict": document.verdict.value,
                "cluster": document.cluster,
                "published_at": utc_text(document.published_at),
                "document": document.model_dump_json(),
            }
        return [
            admission.page,
            admission.owner,
            self._page_ttl,
            document.verdict.value,
            looked_up.period,
            looked_up.seen,
            self._ttl,
            document.id,
            previous,
            _KNOWN.pack(min(document.revision, 0xFFFF), admission.prints.text),
            b"" if unchanged else _pack(admission, founded),
            np.array(looked_up.keys, dtype="<u4").tobytes(),
            looked_up.enters,
            " ".join(admission.joins),
            _LINK.pack(founded, bytes.fromhex(document.cluster)),
            stream,
            self._stream_bound,
            *(part for field in fields.items() for part in field),
        ]


def _answer(answer: Sequence[int]) -> Admitted | Conflict | Gone:
    match answer:
        case [1, number]:
            return Admitted(number)
        case [2, last, *numbers]:
            return Conflict(last, tuple(sorted(numbers)))
        case [3, last]:
            return Conflict(last, stale=True)
        case _:
            return Gone()


def _pack(admission: Admission, founded: int) -> bytes:
    document, prints = admission.document, admission.prints
    own = document.cluster == document.id
    cluster = b"" if own else bytes.fromhex(document.cluster)
    head = _RECORD.pack(prints.text, prints.document, bytes.fromhex(document.id), founded, len(prints.passages))
    passages, words = prints.passages.astype("<u8").tobytes(), prints.words.astype("u1").tobytes()
    return b"".join([head, bytes([len(cluster)]), cluster, passages, words])


def _records(chunk: int, value: bytes) -> Iterable[Known]:
    """Yield the documents whose records stand in a chunk."""
    at = 0
    while at < len(value):
        length, low = _HEAD.unpack_from(value, at)
        text, document, id_, founded, count = _RECORD.unpack_from(value, at + _HEAD.size)
        # A chunk holds eight numbers in a row, so that the low bits tell which one it is.
        number = chunk * _CHUNK + low % _CHUNK
        start = at + _HEAD.size + _RECORD.size
        cluster = value[start + 1 : start + 1 + value[start]]
        start += 1 + value[start]
        prints = Fingerprinted(
            passages=np.frombuffer(value, dtype="<u8", count=count, offset=start).astype(np.uint64),
            words=np.frombuffer(value, dtype="u1", count=count, offset=start + 8 * count).astype(np.uint16),
            document=document,
            text=text,
        )
        founded = number - (number - founded) % _CYCLE if founded else number
        yield Known(number, id_.hex(), (cluster or id_).hex(), founded, prints)
        at += length


def _follow(known: Known, older: dict[str, tuple[str, int]]) -> Known:
    cluster, founded = known.cluster, known.founded
    while cluster in older:
        cluster, founded = older[cluster]
    return Known(known.number, known.id, cluster, founded, known.prints)


def _with_cluster(previous: Previous | None, loaded: dict[int, Known]) -> Previous | None:
    if previous is None or previous.number not in loaded:
        return previous
    known = loaded[previous.number]
    return Previous(previous.number, previous.revision, previous.text, known.cluster, known.founded)
