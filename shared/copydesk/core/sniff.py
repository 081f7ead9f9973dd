"""What a body is, told by its content type and its first bytes (after the WHATWG's MIME Sniffing, as far as it concerns pages).

The fetcher asks while a page comes in, and drops what is certainly none; the extractor asks again for bodies from anywhere.
"""

from __future__ import annotations

import re

SNIFF_BYTES = 1_445
"""Bytes that are enough to tell; MIME Sniffing 5.2 calls them the resource header."""

_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"RIFF", "RIFF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"ID3", "MP3"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"wOF", "font"),
    (b"\x00\x01\x00\x00\x00", "font"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
    (b"{\\rtf", "RTF"),
    (b"\xd0\xcf\x11\xe0", "Office"),
)
_OTHER_TYPES = re.compile(
    r"\s*(?:image|audio|video|font|model)/|\s*application/(?:pdf|zip|gzip|json|ld\+json|rss|atom|msword|vnd|epub|"
    r"javascript|wasm|x-(?:tar|gzip|bzip|7z|rar|shockwave))|\s*text/(?:css|csv|javascript|calendar)",
    re.IGNORECASE,
)
# Types that servers give what they know nothing about: what begins like HTML is taken for it, and nothing else.
_UNKNOWN_TYPES = re.compile(
    r"\s*(?:application/(?:octet-stream|unknown|x-unknown)|unknown/unknown|binary/)", re.IGNORECASE
)
# MIME Sniffing 7.1, step 1, and an XML declaration, with which XHTML begins.
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]*+<(?:(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)"
    rb"[ >\t\n\f\r/]|!--|\?xml)",
    re.IGNORECASE,
)

# With these XML begins as well: then the root element decides.
_PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]*+<(?:!--|\?xml)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)


def not_a_page(content_type: str | None, head: bytes) -> str | None:
    """Say what a body is that certainly is no page, in a few words; None where it may be one.

    ``head`` is its beginning, ``SNIFF_BYTES`` or all of it, or nothing while only the headers are known.
    """
    if kind := _magic(head):
        return kind
    if content_type and _OTHER_TYPES.match(content_type):
        return content_type[:100]
    if content_type and head and _UNKNOWN_TYPES.match(content_type) and not _HTML.match(head):
        return content_type[:100]
    return "binary" if _is_binary(head[:SNIFF_BYTES]) else None


# Control characters that stand in no text; ESC does, in ISO-2022-JP.
_ODD = bytes(byte for byte in range(32) if byte < 9 or 13 < byte != 27)


def begins_like_html(head: bytes) -> bool:
    """Whether a body of which its type says nothing begins as HTML does; what is XML beside it (a feed) does not."""
    # UTF-16 looks like ASCII without its NULs.
    text = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    if not _HTML.match(text):
        return False
    return not _PROLOGUE.match(text) or _ROOT.search(text) is not None


def _magic(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return "MP4"
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return False
    nuls = head.count(0)
    # UTF-16 without a mark: nearly every second byte is a NUL, always on the same side.
    if nuls and max(head[::2].count(0), head[1::2].count(0)) > 0.4 * len(head) / 2 and b"<" in head:
        return False
    return len(head) - len(head.translate(None, _ODD)) > 0.1 * len(head)
