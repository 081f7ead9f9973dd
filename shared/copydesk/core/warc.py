"""Pages as WARC records and back: WARC 1.1 (ISO 28500:2017).

copydesk keeps bodies as they are after decompression. A record says so as those of Common Crawl's crawlers do: the
headers that speak of what came over the wire are kept under another name, and ``Content-Length`` is that of the body
as it stands. Records of others are read as they come, also those that say ``gzip`` of a body that no longer is.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from pydantic import ValidationError
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from copydesk.core.encodings import MAX_CODINGS, CodingError, Decoding
from copydesk.core.reservations import NAMES, of_headers
from copydesk.core.sniff import SNIFF_BYTES, begins_like_html, not_a_page
from copydesk.core.urls import absolute_url, canonical_url, document_id
from copydesk.models import MAX_LABELS, Item, Labels, PageOrigin, PageRef

VERSION: Final = "WARC/1.1"
STANDARD: Final = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
PAGE_HEADER: Final = "X-Copydesk-Page"
ITEM_HEADER: Final = "X-Copydesk-Item"
RESERVED_HEADER: Final = "X-Copydesk-Reserved"
WIRE_PREFIX: Final = "X-Copydesk-Orig-"
# They describe what came over the wire, which is not what is stored.
WIRE_HEADERS: Final = ("content-encoding", "transfer-encoding", "content-length")
# Longer ones (of a feed's endless title) are left out: readers bound a record's headers.
MAX_ITEM_BYTES: Final = 16_384
GZIP_LEVEL: Final = 6

MAX_HEADER_BYTES: Final = 65_536
"""Headers of one record, and those of the HTTP answer in it; what has more is no WARC."""

PAGE_STATUSES: Final = frozenset({200, 203})
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")
# What servers say when they do not know: the body decides.
_VAGUE_TYPES: Final = ("", "text/plain", "application/octet-stream", "application/xml", "text/xml", "unk")


class Skip(StrEnum):
    """Why a record of a WARC file is no page. A closed set."""

    NO_RESPONSE = "no_response"  # a request, metadata, revisit or DNS record
    FILTERED = "filtered"  # not of the hosts or the time that was asked for
    STATUS = "status"
    NOT_HTML = "not_html"
    TOO_LARGE = "too_large"
    BAD_RECORD = "bad_record"  # no URL, no date, no HTTP answer
    BAD_ENCODING = "bad_encoding"  # the body cannot be decompressed


class Skipped(Exception):
    """A record is no page, or none that can be taken."""

    def __init__(self, reason: Skip, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a WARC file.

    Attributes:
        offset: Of the record in its file, in bytes; of its gzip member, where the file is compressed.
        headers: The record's own, by their names in lower case.
        block: What it holds: for a response the HTTP answer. Empty where it was not asked for.
        is_cut: The block is longer than what was read of it.
    """

    offset: int
    headers: Mapping[str, str]
    block: bytes = b""
    is_cut: bool = False

    @property
    def url(self) -> str:
        """What it is of; empty where it is of nothing."""
        return self.headers.get("warc-target-uri", "").strip("<>")  # old releases of Wget put it in brackets

    @property
    def is_response(self) -> bool:
        """Whether it holds a server's answer to a request over HTTP."""
        return self.headers.get("warc-type") == "response" and self.url.startswith(("http:", "https:"))

    @property
    def date(self) -> datetime | None:
        """When the server answered."""
        try:
            date = datetime.fromisoformat(self.headers.get("warc-date", ""))
            return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
        except (ValueError, OverflowError):  # the first hours of the year 1, elsewhere
            return None


def parse_headers(block: bytes) -> tuple[str, dict[str, str]]:
    """First line of a head, and its fields by their names in lower case; of a field that comes twice the first.

    Continued lines are joined (RFC 9112, 5.2). Never fails.
    """
    text = _text(block)
    first, _, rest = text.partition("\n")
    fields: dict[str, str] = {}
    name = ""
    for line in rest.split("\n"):
        if line[:1] in (" ", "\t") and name:
            fields[name] += " " + line.strip()
            continue
        key, colon, value = line.partition(":")
        name = key.strip().lower() if colon else ""
        if name in fields and name == "x-robots-tag":
            fields[name] += ", " + value.strip()  # each of them counts (RFC 9110, 5.3)
        elif name in fields:
            name = ""
        elif name:
            fields[name] = value.strip()
    return first.strip(), fields


def page_of(
    record: Record,
    *,
    now: datetime,
    max_bytes: int,
    agent: str = "",
    source: str | None = None,
    default_source: str = "",
    labels: Labels | None = None,
) -> tuple[PageRef, bytes]:
    """The page that a response record holds, and its body, decompressed.

    Args:
        record: With its block.
        now: The time, aware; a record from the future counts as one of now.
        max_bytes: Bound of the body.
        agent: Our product token, for reservations that name an agent.
        source: Id of the source that the page's document names, whatever the record says.
        default_source: Id where neither ``source`` nor the record names one.
        labels: Those that its document carries, beside those that the record names.

    Raises:
        Skipped: it holds none.
    """
    if not record.is_response:
        raise Skipped(Skip.NO_RESPONSE)
    date, url = record.date, absolute_url(record.url)
    if date is None or url is None:
        raise Skipped(Skip.BAD_RECORD, "no date" if date is None else "no http(s) URL")
    status, headers, body = _answer(record.block)
    if status not in PAGE_STATUSES:
        raise Skipped(Skip.STATUS, f"status {status}")
    if record.is_cut:
        raise Skipped(Skip.TOO_LARGE)
    content_type = headers.get("content-type")
    if not _may_be_html(record, content_type):
        raise Skipped(Skip.NOT_HTML, f"content type {str(content_type)[:80]!r}")
    body = decoded(body, headers, max_bytes)
    if not _is_html(record, content_type, body):
        raise Skipped(Skip.NOT_HTML)
    item = _item(record, url)
    all_labels = [
        *(labels or {}).items(),
        *((name, item.labels[name]) for name in item.labels if name not in (labels or {})),
    ]
    item = item.model_copy(
        update={"source": source or item.source or default_source, "labels": dict(all_labels[:MAX_LABELS])}
    )
    ref = PageRef(
        id=document_id(item.canonical_url),
        item=item,
        final_url=url,
        status=status,
        content_type=content_type,
        fetched_at=min(date, now),
        bytes=len(body),
        origin=PageOrigin.ARCHIVE,
        reservations=sorted({*of_headers(headers.items(), agent), *_reserved(record)}),
    )
    return ref, body


def may_be_page(record: Record) -> bool:
    """Whether a response record may hold a page, by its status and content type; the beginning of its block is enough."""
    try:
        status, headers, _ = _answer(record.block)
    except Skipped:
        return False
    return record.is_response and status in PAGE_STATUSES and _may_be_html(record, headers.get("content-type"))


def page_id_of(record: Record) -> str | None:
    """Id of the page that a response record holds, from its headers alone."""
    url = absolute_url(record.url)
    return document_id(_item(record, url).canonical_url) if url else None


def decoded(body: bytes, headers: Mapping[str, str], max_bytes: int) -> bytes:
    """An HTTP body without its transfer and content encodings (RFC 9110, 8.4; RFC 9112, 7.1), at most ``max_bytes``.

    A body that is not what its headers say is taken for one that was decoded before it was stored.

    Raises:
        Skipped: it breaks off or is of an unknown encoding, or is larger than the bound.
    """
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    names = [name.strip().lower() for name in headers.get("content-encoding", "").split(",") if name.strip()]
    if len(names) > MAX_CODINGS:
        raise Skipped(Skip.BAD_ENCODING, f"{len(names)} encodings")
    for name in reversed(names):
        body = _decompressed(body, name, max_bytes)
    if len(body) > max_bytes:
        raise Skipped(Skip.TOO_LARGE)
    return body


def warcinfo_record(name: str, fields: Mapping[str, str], *, at: datetime) -> tuple[str, bytes]:
    """The record that a file begins with, as a gzip member, and its id."""
    writer = _writer()
    record = writer.create_warcinfo_record(name, {"format": "WARC File Format 1.1", "conformsTo": STANDARD, **fields})
    record.rec_headers.replace_header("WARC-Date", _date(at))
    writer.write_record(record)
    return record.rec_headers.get_header("WARC-Record-ID"), _member(writer)


def response_record(
    *,
    url: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
    page_id: str,
    item: Item | None = None,
    reservations: Sequence[str] = (),
    warcinfo: str | None = None,
) -> bytes:
    """A fetched page as a response record, a gzip member of its own.

    Args:
        url: Where it was found in the end.
        status: Of the answer.
        headers: Of the answer, as they came.
        body: After decompression.
        at: When it came, aware.
        page_id: copydesk's id of the page.
        item: What it was fetched for.
        reservations: Of the page, by its headers and its site's own file.
        warcinfo: Id of the file's first record.
    """
    own = {"WARC-Date": _date(at), PAGE_HEADER: page_id}
    if warcinfo:
        own["WARC-Warcinfo-ID"] = warcinfo
    # The name of a secret and a text that stands in a feed are not the archive's.
    kept = item.model_dump(mode="json", exclude={"secret", "content"}, exclude_none=True) if item else {}
    text = json.dumps(kept, separators=(",", ":"))
    if kept and len(text) <= MAX_ITEM_BYTES:
        own[ITEM_HEADER] = text
    if reservations:
        own[RESERVED_HEADER] = ", ".join(reservations)
    fields = [_stored(name, value) for name, value in headers.items()]
    fields.append(("Content-Length", str(len(body))))
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    writer = _writer()
    record = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        length=len(body),
        warc_headers_dict=own,
        http_headers=StatusAndHeaders(f"{status} {phrase}".strip(), fields, protocol="HTTP/1.1"),
    )
    writer.write_record(record)
    return _member(writer)


def _writer() -> WARCWriter:
    return WARCWriter(io.BytesIO(), gzip=False, warc_version=VERSION)


def _member(writer: WARCWriter) -> bytes:
    return gzip.compress(writer.out.getbuffer(), GZIP_LEVEL, mtime=0)


def _date(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _stored(name: str, value: str) -> tuple[str, str]:
    """A header as it is stored: on one line, and not with bytes that are no text."""
    value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    value = value.replace("\r", " ").replace("\n", " ")
    return (WIRE_PREFIX + name if name.lower() in WIRE_HEADERS else name), value


def _text(head: bytes) -> str:
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _answer(block: bytes) -> tuple[int, dict[str, str], bytes]:
    ends = [
        (place, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (place := block.find(mark, 0, MAX_HEADER_BYTES)) >= 0
    ]
    if not ends:
        raise Skipped(Skip.BAD_RECORD, "no HTTP answer")
    place, length = min(ends)
    first, headers = parse_headers(block[:place])
    version, _, rest = first.partition(" ")
    code = rest.strip()[:3]
    if not version.upper().startswith("HTTP/") or not (code.isascii() and code.isdigit()):
        raise Skipped(Skip.BAD_RECORD, "no HTTP answer")
    return int(code), headers, block[place + length :]


def _item(record: Record, url: str) -> Item:
    """What the page was fetched for, as an archive of copydesk's says; else its URL."""
    kept = record.headers.get(ITEM_HEADER.lower())
    if kept:
        try:
            item = Item.model_validate_json(kept)
        except ValidationError:
            item = None
        # The id of a page is that of its URL, whoever wrote the file.
        if item is not None and canonical_url(item.canonical_url) == item.canonical_url:
            return item.model_copy(update={"secret": None, "content": None})
    return Item(url=url, canonical_url=canonical_url(url) or url, source="")


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _is_own(record: Record) -> bool:
    """Whether copydesk archived it, and only what the fetcher took for a page."""
    return PAGE_HEADER.lower() in record.headers


def _may_be_html(record: Record, content_type: str | None) -> bool:
    return _is_own(record) or _media_type(content_type) in _HTML_TYPES + _VAGUE_TYPES


def _is_html(record: Record, content_type: str | None, body: bytes) -> bool:
    start = body[:SNIFF_BYTES]
    if _is_own(record) or _media_type(content_type) in _HTML_TYPES:
        return not not_a_page(content_type, start)
    return begins_like_html(start)


def _reserved(record: Record) -> Iterator[str]:
    """What copydesk knew to be reserved, beside the page's headers: by a file of its site's."""
    told = record.headers.get(RESERVED_HEADER.lower(), "").split(",")
    return (name for part in told if (name := part.strip()) in NAMES)


def _unchunked(body: bytes) -> bytes:
    """The chunks of a body, put together; the body itself where it is not in chunks."""
    parts: list[bytes] = []
    place = 0
    while True:
        end = body.find(b"\r\n", place, place + 1_024)
        size_text = body[place:end].partition(b";")[0].strip() if end >= 0 else b""
        if not size_text or len(size_text) > 8 or not all(byte in b"0123456789abcdefABCDEF" for byte in size_text):
            # What comes after a chunk is none: it broke off. What comes first is none: stored without them.
            return b"".join(parts) if parts else body
        size = int(size_text, 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        place = end + 2 + size + 2


def _decompressed(body: bytes, name: str, max_bytes: int) -> bytes:
    if _is_plain(body, name):
        return body
    parts: list[bytes] = []
    size = 0
    try:
        decoding = Decoding([name])
        for piece in decoding.feed(body):
            size += len(piece)
            if size > max_bytes:
                raise Skipped(Skip.TOO_LARGE)
            parts.append(piece)
        decoding.end()
    except CodingError as error:
        raise Skipped(Skip.BAD_ENCODING, str(error)[:200]) from None
    return b"".join(parts)


def _is_plain(body: bytes, name: str) -> bool:
    """Whether a body is not in the encoding that its headers name.

    Files of CC-NEWS until May 2019, and of others, say gzip of what no longer is.
    """
    if name in ("gzip", "x-gzip"):
        return not body.startswith(b"\x1f\x8b")
    if name == "zstd":
        return not body.startswith(b"\x28\xb5\x2f\xfd")
    return name in ("deflate", "br") and _looks_like_text(body)  # which have no mark of their own


def _looks_like_text(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf\t\r\n ").startswith(b"<")
