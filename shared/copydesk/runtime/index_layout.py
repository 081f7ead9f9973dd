"""How the copy index stands in Redis: names of its keys, and the bytes in them.

Layout, all of it bounded by the window. A *period* is a slice of the window, counted from the epoch; look-ups see the
current one and the ``slices`` before it, whose keys expire by TTL.

``copydesk:index:number``
    String: number of the last document admitted.
``copydesk:index:period``
    String: the latest period, so that clocks that differ write to one slice.
``copydesk:index:slices``
    Hash: period to the bits by which its buckets are numbered, and the number of its first document. A slice has as many
    buckets as suits the documents that the fullest one before it took, so that a look-up reads about as much at any size.
``copydesk:bucket:PERIOD:NNNN``
    String of entries of 6 bytes: 16 bits of a key, low 32 bits of a document's number, in the order of the numbers.
    NNNN is taken from the rest of the key. Cut to its newer half when it grows beyond 24,000 bytes.
``copydesk:chunk:N``
    String: the records of the documents 16 N to 16 N + 15, see ``_RECORD``: a key for each would cost 100 bytes more.
``copydesk:known:PERIOD:NNNN``
    Hash: a document's id, but for its first byte, to number, revision, text hash and time of fetch, see ``_KNOWN``. NNNN is
    taken from the id. Small hashes are stored compactly: 34 bytes an entry instead of 120.
``copydesk:link:ID``
    String: the older cluster that the cluster ID turned out to belong to, see ``_LINK``.
``copydesk:lead:ID``
    String: the evident source of the cluster ID, where it came later than its original, see ``_LEAD``.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from copydesk.core.shingles import Hashes
from copydesk.ports import TEXT_BITS, Fingerprinted, Known, Previous
from copydesk.runtime.keys import PREFIX

NUMBER = PREFIX + "index:number"
SLICES = PREFIX + "index:slices"

CYCLE = 1 << 32
"""Of a document's number, the low 32 bits are kept."""
CHUNK = 16
"""Documents whose records share a key."""
FIRST_BITS = 16
ENTRY = np.dtype([("tag", "<u2"), ("number", "<u4")])
PLACE = np.dtype([("bucket", "<u4"), ("tag", "<u2")])
"""Where an entry goes, as the script is told."""

_TAG_BITS = 16
# Hashes of known documents are fewer than buckets by this many bits, since a document has some sixteen keys.
_FEWER_BITS = 4
# Length with these six bytes, number. Then text hash, document fingerprint, id, founded (0: the document itself), credit,
# owner of the cluster's lead, passages; a byte and as many of the cluster's id, none where it is the document's; the
# fingerprints of the passages (8 bytes each), their lengths in words (1 byte each), and the wording of a short text (2
# bytes a token).
_HEAD = struct.Struct("<HI")
_RECORD = struct.Struct("<QQ12sIIIH")
# Number, revision, text hash; then the unix time of its fetch, which earlier releases did not write.
_KNOWN = struct.Struct("<IH6s")
_FETCHED = struct.Struct("<I")
# Founded, id.
_LINK = struct.Struct("<I12s")
# Owner, id.
_LEAD = struct.Struct("<I12s")


def bucket_key(period: int, bucket: int) -> str:
    """Key of a bucket."""
    return f"{PREFIX}bucket:{period}:{bucket:x}"


def bucket_keys(period: int, sketched: Hashes, bits: int) -> list[str]:
    """Keys of the buckets in which these keys of documents stand."""
    prefix = bucket_key(period, 0)[:-1]
    return [f"{prefix}{bucket:x}" for bucket in buckets(sketched, bits).tolist()]


def buckets(sketched: Hashes, bits: int) -> Hashes:
    """Return the numbers of the buckets in which keys stand, in a slice whose buckets are numbered with ``bits`` bits."""
    return (sketched >> np.uint64(_TAG_BITS)) & np.uint64((1 << bits) - 1)


def tags(sketched: Hashes) -> npt.NDArray[np.uint16]:
    """Return what tells keys in one bucket apart."""
    return sketched.astype(np.uint16)


def places(sketched: Sequence[int], bits: int) -> bytes:
    """Return where entries under these keys go."""
    keys = np.array(sketched, dtype=np.uint64)
    found = np.empty(len(keys), dtype=PLACE)
    found["bucket"], found["tag"] = buckets(keys, bits), tags(keys)
    return found.tobytes()


def known_key(document: str, period: int, bits: int) -> str:
    """Key of the hash in which a document's id is known."""
    return f"{PREFIX}known:{period}:{int(document[:8], 16) >> (32 - bits + _FEWER_BITS):x}"


def known_field(document: str) -> bytes:
    """Field of that hash."""
    return bytes.fromhex(document[2:])


def pack_known(number: int, revision: int, text: int, fetched: int = 0) -> bytes:
    """Return what a field of that hash says."""
    text &= (1 << TEXT_BITS) - 1
    head = _KNOWN.pack(number % CYCLE, min(revision, 0xFFFF), text.to_bytes(TEXT_BITS // 8, "little"))
    return head + _FETCHED.pack(min(max(fetched, 0), CYCLE - 1))


def read_known(value: bytes, seen: int) -> Previous:
    """Return what a field of that hash says."""
    low, revision, text = _KNOWN.unpack_from(value)
    fetched = _FETCHED.unpack_from(value, _KNOWN.size)[0] if len(value) > _KNOWN.size else 0
    return Previous(whole(low, seen), revision, int.from_bytes(text, "little"), None, fetched)


def whole(low: int, seen: int) -> int:
    """Return a document's number by its low bits.

    One that came in since the last number ``seen`` was read stands up to half a cycle above that, never below.
    """
    ahead = seen + CYCLE // 2
    return ahead - (ahead - low) % CYCLE


def chunk_key(chunk: int) -> str:
    """Key of a chunk of records."""
    return f"{PREFIX}chunk:{chunk}"


def pack_record(
    document: str, cluster: str, founded: int, prints: Fingerprinted, *, credit: int = 0, led_by: int = 0
) -> bytes:
    """Return a record without its head.

    Args:
        document: Its id.
        cluster: Id of its cluster's original.
        founded: Number of that; 0 where it is the document itself.
        prints: Its fingerprints.
        credit: Whom it is credited to.
        led_by: Owner of its cluster's lead.
    """
    other = b"" if cluster == document else bytes.fromhex(cluster)
    count = len(prints.passages)
    head = _RECORD.pack(prints.text, prints.document, bytes.fromhex(document), founded % CYCLE, credit, led_by, count)
    passages, words = prints.passages.astype("<u8").tobytes(), prints.words.astype("u1").tobytes()
    return b"".join([head, bytes([len(other)]), other, passages, words, prints.wording.astype("<u2").tobytes()])


def with_head(number: int, record: bytes) -> bytes:
    """Return a record as it stands in its chunk, as the script makes it; for tools that fill an index without it."""
    return _HEAD.pack(len(record) + _HEAD.size, number % CYCLE) + record


def records(chunk: int, value: bytes, wanted: Collection[int]) -> Iterator[Known]:
    """Yield those of the documents in a chunk that are wanted."""
    at, left = 0, len(wanted)
    while left and at < len(value):
        length, low = _HEAD.unpack_from(value, at)
        # A chunk holds sixteen numbers in a row, so that the low bits tell which one it is.
        number = chunk * CHUNK + low % CHUNK
        if number in wanted:
            yield _record(number, value[at + _HEAD.size : at + length])
            left -= 1
        at += length


def _record(number: int, value: bytes) -> Known:
    text, document, id_, founded, credit, led_by, count = _RECORD.unpack_from(value)
    start = _RECORD.size
    cluster = value[start + 1 : start + 1 + value[start]]
    start += 1 + value[start]
    prints = Fingerprinted(
        passages=np.frombuffer(value, dtype="<u8", count=count, offset=start).astype(np.uint64),
        words=np.frombuffer(value, dtype="u1", count=count, offset=start + 8 * count).astype(np.uint16),
        document=document,
        text=text,
        wording=np.frombuffer(value, dtype="<u2", offset=start + 9 * count).astype(np.uint16),
    )
    founded = number - (number - founded) % CYCLE if founded else number
    return Known(number, id_.hex(), (cluster or id_).hex(), founded, prints, credit, led_by)


def link_key(cluster: str) -> str:
    """Key that says which older cluster this one belongs to."""
    return f"{PREFIX}link:{cluster}"


def pack_link(founded: int, cluster: str) -> bytes:
    """Return what it says."""
    return _LINK.pack(founded % CYCLE, bytes.fromhex(cluster))


def read_link(value: bytes, later: int) -> tuple[str, int]:
    """Return the older cluster, and the number of its original; ``later`` is that of a document that came after it."""
    founded, cluster = _LINK.unpack(value)
    return cluster.hex(), later - (later - founded) % CYCLE


def lead_key(cluster: str) -> str:
    """Key that says which document leads a cluster that its original does not lead."""
    return f"{PREFIX}lead:{cluster}"


def pack_lead(document: str, owner: int) -> bytes:
    """Return what it says."""
    return _LEAD.pack(owner, bytes.fromhex(document))


def read_lead(value: bytes) -> tuple[str, int]:
    """Return the lead, and its owner."""
    owner, document = _LEAD.unpack(value)
    return document.hex(), owner
