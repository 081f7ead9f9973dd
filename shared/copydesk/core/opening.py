"""What stands at the beginning of a source's answer: the packing is undone, the text decoded, the root element found.

A parser sees no more than the root element and what follows it, under a document type of copydesk's own making: neither
what a server put before it nor what a document type may do reaches it.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Final

from copydesk.core.decode import decode
from copydesk.errors import SourceError

MAX_UNPACKED_BYTES: Final = 52_428_800
"""Size of a source that comes gzip'ed, after unpacking: the most that a sitemap may have (sitemaps.org)."""

MAX_EXPANDED_CHARS: Final = 1_000_000
"""Characters that the entities which a document declares may come to, all their uses together."""

MAX_ODD_TAGS: Final = 200
"""Tags of other kinds that may stand before the root element, as in the warnings that a server writes into a feed."""

MAX_DOCTYPE_CHARS: Final = 1_000_000
"""Characters of a document type that are looked at."""

MAX_GZIP_MEMBERS: Final = 100
"""Files that one after the other may make up a gzip'ed source: each costs a copy of what follows it."""

MAX_ATTRIBUTES: Final = 1_000
"""Attributes that an element of a source may have, about: a parser compares each with all before it."""

ROOTS: Final = frozenset({"rss", "feed", "rdf", "channel", "entry", "urlset", "sitemapindex", "html", "opml"})

_TAIL_CHARS: Final = 1_000
_GZIP: Final = b"\x1f\x8b"
_TAG: Final = re.compile(r"<(?:[\w.-]{1,40}:)?([A-Za-z]\w{0,40})(?=[\s/>])")
# Shorter ones have no room for so many.
_LONG_TAG: Final = re.compile(r"<[A-Za-z][^<>]{5000,}+")
_DOCTYPE_MARK: Final = re.compile(r"<!--|[\"'\[\]>]")
_ENTITY: Final = re.compile(r"<!ENTITY\s+(\w{1,80})\s+(?:\"([^\"]*+)\"|'([^']*+)')\s*>")
# Text, or one character by its number: what refers to other entities is not carried on.
_SAFE_VALUE: Final = re.compile(r"&#x?\w{1,8};|[^&<%\"]*+")
_REFERENCE: Final = re.compile(r"&(\w{1,80});")
# What XML forbids, and lone surrogates: a parser would stop there.
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Opening:
    """An answer as text, and where its root element begins."""

    text: str
    """All of it, without what XML forbids."""
    root: str | None
    """Local name of the root element in lower case, one of ``ROOTS``; None: there is none that copydesk knows."""
    start: int = 0
    """Where the root element begins in the text."""
    entities: tuple[tuple[str, str], ...] = ()
    """Names and values of the entities that the document declares, as far as they are plain text."""

    @property
    def is_closed(self) -> bool:
        """Whether the root element ends: the answer did not break off."""
        return re.search(rf"</(?:[\w.-]{{1,40}}:)?{self.root}\s*>", self.text[-_TAIL_CHARS:], re.IGNORECASE) is not None

    def xml(self) -> bytes:
        """The root element and what follows, in UTF-8, with a declaration that says so.

        Raises:
            SourceError: its entities would come to more than the bound, or an element has too many attributes.
        """
        if any(tag[0].count("=") > MAX_ATTRIBUTES for tag in _LONG_TAG.finditer(self.text, self.start)):
            raise SourceError(f"an element has more than {MAX_ATTRIBUTES} attributes")
        declared = ""
        if self.entities:
            self._check_expansion()
            entities = "\n".join(f'<!ENTITY {name} "{value}">' for name, value in self.entities)
            declared = f"<!DOCTYPE feed [\n{entities}\n]>\n"
        return f'<?xml version="1.0" encoding="utf-8"?>\n{declared}{self.text[self.start :]}'.encode()

    def _check_expansion(self) -> None:
        sizes = {name: len(value) for name, value in self.entities}
        chars = sum(sizes.get(found[1], 0) for found in _REFERENCE.finditer(self.text, self.start))
        if chars > MAX_EXPANDED_CHARS:
            raise SourceError(
                f"the entities that it declares come to {chars} characters; the bound is {MAX_EXPANDED_CHARS}"
            )


def opening_of(body: bytes, content_type: str | None) -> Opening:
    """Undo gzip, decode, and find the root element past declarations, comments, document types, style sheets and junk.

    Raises:
        SourceError: it is packed and cannot be unpacked within the bound, or there is nothing in it.
    """
    if body.startswith(_GZIP):
        body = unpacked(body)
    text = _FORBIDDEN.sub("", decode(body, content_type))
    if not text.strip("\ufeff \t\r\n"):
        raise SourceError("the answer is empty")
    return _opening(text)


def unpacked(body: bytes) -> bytes:
    """The content of a gzip file, of all its members (RFC 1952); what follows the last one is left alone.

    Raises:
        SourceError: it is broken, or has more than ``MAX_UNPACKED_BYTES``.
    """
    parts: list[bytes] = []
    room = MAX_UNPACKED_BYTES + 1
    for _ in range(MAX_GZIP_MEMBERS):
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            parts.append(member.decompress(body, room))
        except zlib.error as error:
            raise SourceError(f"the gzip data is broken: {error}") from None
        room -= len(parts[-1])
        if not room:
            raise SourceError(f"the gzip data holds more than {MAX_UNPACKED_BYTES} bytes")
        if not member.eof:
            raise SourceError("the gzip data breaks off")
        body = member.unused_data
        if not body.startswith(_GZIP):
            return b"".join(parts)
    raise SourceError(f"the gzip data has more than {MAX_GZIP_MEMBERS} members")


def _opening(text: str) -> Opening:
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return Opening(text, None)  # JSON, which may carry markup
    at, odd = 0, 0
    entities: dict[str, str] | None = None
    missing: str | None = None
    while odd <= MAX_ODD_TAGS and (at := text.find("<", at)) >= 0:
        mark = "-->" if text.startswith("<!--", at) else "?>" if text.startswith("<?", at) else None
        if mark is not None and mark != missing:
            at, is_odd = _after(text, mark, at)
            missing = mark if is_odd else missing  # there is none further on either
        elif entities is None and text[at : at + 9].upper() == "<!DOCTYPE":
            end = _doctype_end(text, at)
            entities = _safe_entities(text[at:end])
            at, is_odd = end, False
        elif (tag := _TAG.match(text, at)) and (root := tag[1].lower()) in ROOTS:
            return Opening(text, root, at, tuple((entities or {}).items()))
        else:
            at, is_odd = at + 1, True
        odd += is_odd
    return Opening(text, None)


def _after(text: str, mark: str, at: int) -> tuple[int, bool]:
    """Behind the next such mark; where there is none, just behind what should have ended with it, and that this is odd."""
    end = text.find(mark, at + 2)
    return (end + len(mark), False) if end >= 0 else (at + 2, True)


def _doctype_end(text: str, at: int) -> int:
    """Behind a document type with its internal subset; where it does not end, behind the next ``>``."""
    most = at + MAX_DOCTYPE_CHARS
    inside = False
    here = at
    while mark := _DOCTYPE_MARK.search(text, here, most):
        found, here = mark[0], mark.end()
        if found == ">" and not inside:
            return here
        if found in "[]":
            inside = found == "["
        elif found != ">":
            here = text.find("-->" if found == "<!--" else found, here, most)
            if here < 0:
                break
            here += 3 if found == "<!--" else 1
    return _after(text, ">", at)[0]


def _safe_entities(doctype: str) -> dict[str, str]:
    found = ((match[1], match[2] if match[2] is not None else match[3]) for match in _ENTITY.finditer(doctype))
    return {name: value for name, value in found if _SAFE_VALUE.fullmatch(value)}
