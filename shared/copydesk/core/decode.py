"""Bytes of a page to text: byte order mark, valid UTF-8, HTTP header, meta element, detection, in this order.

UTF-8 stands before what is declared, since a body with other than ASCII that is valid UTF-8 practically never is
anything else, while its declaration often is wrong. Declared names are read as browsers read them (``latin-1`` is
``windows-1252``, and so on).
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

SAMPLE_BYTES = 12_000
"""Bytes that detection looks at: those around text in another script than Latin, since it takes longer with more."""

MAX_BAD_SHARE = 0.02
"""Share of characters that may be undecodable before a declared encoding is disbelieved."""

LEAST_KANA_SHARE = 0.2

_MARKUP = re.compile(rb"<(?:script|style)\b[^>]{0,2000}>[^<]*|<[^>]{0,2000}>", re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UTF16_UNITS = 400


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of ``body``, of which ``content_type`` is the HTTP header, if known.

    Never fails: what cannot be decoded becomes U+FFFD. Line ends and NULs are left as they are.
    """
    bom, marked = _byte_order_mark(body)
    if bom:
        return _decoded(marked, bom)
    declared = _declared(body, content_type)
    if certain := _utf16_without_mark(body) or _escaped_encoding(body, declared):
        return _decoded(body, certain)
    text = _believable(body, "utf-8", share=0.0)
    if text is None and declared:
        text = _believable(body, declared, tolerated=2)
    if text is None:
        # UTF-8 that was cut in the middle of a character, or has one foreign insertion.
        text = _believable(body, "utf-8")
    return _decoded(body, _detected(body) or declared or "utf-8") if text is None else text


def _byte_order_mark(body: bytes) -> tuple[str | None, bytes]:
    encoding, mark = read_bom(body)
    return (encoding, body[len(mark) :]) if encoding and mark else (None, body)


def _utf16_without_mark(body: bytes) -> str | None:
    """UTF-16 or UTF-32 shows in markup by its NULs: every second byte (or three of four) of ``<html`` is one."""
    head = body[:_UTF16_UNITS]
    if len(head) < 8 or head.count(0) < len(head) // 4:
        return None
    if head[:3] == b"\0\0\0" or (head[1:4] == b"\0\0\0"):
        return "utf-32-be" if head[0] == 0 else "utf-32-le"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 4:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _declared(body: bytes, content_type: str | None) -> str | None:
    header = http_content_type_encoding(content_type) if content_type else None
    return header or html_body_declared_encoding(body[:8192])


def _escaped_encoding(body: bytes, declared: str | None) -> str | None:
    """Encodings that are ASCII with escape sequences: they pass as UTF-8, but the sequences give them away."""
    if declared and declared.startswith("hz") and b"~{" in body:
        return "hz"
    if b"\x1b$)C" in body:
        return "iso2022_kr"
    return "iso2022_jp_2" if b"\x1b$" in body else None


def _believable(body: bytes, encoding: str, *, tolerated: int = 0, share: float = MAX_BAD_SHARE) -> str | None:
    """The text, if no more than ``tolerated`` characters, or ``share`` of those beyond ASCII, cannot be decoded."""
    name = resolve_encoding(encoding)
    if not name:
        return None
    text = _decoded(body, name)
    bad = text.count("\ufffd")
    # A replacement character that stands in the page as such is no error.
    bad -= body.count(b"\xef\xbf\xbd") if name == "utf-8" else 0
    believed = bad <= tolerated or bad <= len(_NOT_ASCII.findall(body)) * share
    return text if believed else None


def _detected(body: bytes) -> str | None:
    sample = _sample(body)
    if _is_euc_jp(sample):
        return "euc_jp"
    match = from_bytes(sample).best()
    return match.encoding if match else None


def _is_euc_jp(sample: bytes) -> bool:
    """Kana make up a good part of any Japanese text, and detection takes EUC-JP for Chinese."""
    # The sample may end in the middle of a character of up to three bytes.
    text = next(filter(None, (_strict(sample[: len(sample) - cut], "euc_jp") for cut in range(3))), "")
    others = [char for char in text if char > "\x7f"]
    kana = sum(1 for char in others if "\u3040" <= char <= "\u30ff")
    return kana >= LEAST_KANA_SHARE * len(others) > 0


def _strict(sample: bytes, encoding: str) -> str:
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _sample(body: bytes) -> bytes:
    """The part of the body that tells most: its text without markup, from the first byte that is not ASCII."""
    text = _MARKUP.sub(b" ", body[: 20 * SAMPLE_BYTES])
    if len(text) > SAMPLE_BYTES and (first := _NOT_ASCII.search(text)):
        start = max(0, min(first.start() - 200, len(text) - SAMPLE_BYTES))
        text = text[start:]
    return text[:SAMPLE_BYTES]


def _decoded(body: bytes, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
        return body.decode(encoding, "replace")
    except (LookupError, UnicodeError):
        return body.decode("utf-8", "replace")
