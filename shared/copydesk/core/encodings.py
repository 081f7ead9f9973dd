"""Content codings of an answer (RFC 9110, 8.4), undone piece by piece, so that a bomb is never held.

aiohttp's own decompression is not used: it knows one coding an answer, and lets a zstd frame ask for a window of 128 MB.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

ACCEPTED: Final = "gzip, deflate, br, zstd"
MAX_CODINGS: Final = 3
"""Codings within each other that are undone."""
MAX_MEMBERS: Final = 1_024
"""Gzip members or zstd frames in a row: each costs, also where nothing is in it."""
PIECE_BYTES: Final = 65_536
MAX_WINDOW_LOG: Final = 23
"""Power of two of bytes that a zstd frame may have its receiver hold: 8 MB (RFC 9659)."""


class CodingError(Exception):
    """A coding that is not known, or a body that is not in the coding that it is said to be in."""


class _Decoder(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most about ``PIECE_BYTES`` of what comes out for ``data``; made as they are asked for."""

    def ended(self) -> bool:
        """Whether what came in so far is complete."""


class Decoding:
    """All codings of one answer.

    Args:
        codings: The values of its Content-Encoding headers, outermost coding last.

    Raises:
        CodingError: one of them is unknown, or there are too many.
    """

    def __init__(self, codings: Iterable[str]) -> None:
        names = [name for value in codings for part in value.split(",") if (name := part.strip().lower())]
        names = [name for name in names if name != "identity"]
        if len(names) > MAX_CODINGS:
            raise CodingError(f"{len(names)} content encodings within each other")
        for name in names:
            if name not in _DECODERS:
                raise CodingError(f"content encoding {name[:40]!r} is not known")
        self._decoders = [_DECODERS[name]() for name in reversed(names)]

    def __bool__(self) -> bool:
        return bool(self._decoders)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What comes out for the next bytes of the body, in pieces, each made when it is asked for.

        Raises:
            CodingError: the bytes are not in their coding.
        """
        try:
            yield from self._through(0, data)
        except (zlib.error, brotli.error, ZstdError) as error:
            raise CodingError(f"the body is not in its content encoding: {str(error)[:100]}") from None

    def end(self) -> None:
        """Say that the body is at its end.

        Raises:
            CodingError: there should have been more.
        """
        if not all(decoder.ended() for decoder in self._decoders):
            raise CodingError("the body ends within its content encoding")

    def _through(self, at: int, data: bytes) -> Iterator[bytes]:
        if at == len(self._decoders):
            yield data
            return
        for piece in self._decoders[at].feed(data):
            yield from self._through(at + 1, piece)


class _Gzip:
    """Gzip (RFC 1952): members in a row; what follows them and is none is left out, as browsers do."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(31)
        self._members = 1
        self._rest = b""
        self._is_fresh = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        data = self._rest + data
        self._rest = b""
        while data:
            if self._member.eof:
                if len(data) == 1 and data == b"\x1f":
                    self._rest = data
                    return
                if data[:2] != b"\x1f\x8b":
                    return
                self._next()
            self._is_fresh = False
            yield from _inflated(self._member, data)
            data = self._member.unused_data

    def ended(self) -> bool:
        return self._member.eof or self._is_fresh

    def _next(self) -> None:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise CodingError(f"more than {MAX_MEMBERS} gzip members")
        self._member = zlib.decompressobj(31)


class _Deflate:
    """Deflate: zlib's format (RFC 1950), or the bare one that some servers send (RFC 9110, 8.4.1.2)."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None and data:
            # The low half of zlib's first byte is its method: 8.
            self._stream = zlib.decompressobj(15 if data[0] & 15 == 8 else -15)
        if self._stream is not None and not self._stream.eof:
            yield from _inflated(self._stream, data)

    def ended(self) -> bool:
        return self._stream is None or self._stream.eof


class _Brotli:
    """Brotli (RFC 7932); its window is at most 16 MB."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._is_fresh = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not data or self._stream.is_finished():
            return
        self._is_fresh = False
        piece = self._stream.process(data, output_buffer_limit=PIECE_BYTES)
        # It may have more to give although it would take more as well.
        while piece:
            yield piece
            piece = self._stream.process(b"", output_buffer_limit=PIECE_BYTES)

    def ended(self) -> bool:
        return self._is_fresh or bool(self._stream.is_finished())


class _Zstd:
    """Zstandard (RFC 8878): frames in a row, with no larger window than RFC 9659 lets a coding have."""

    def __init__(self) -> None:
        self._frame = self._new()
        self._frames = 1
        self._is_fresh = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._frame.needs_input or self._frame.eof):
            if self._frame.eof:
                self._frames += 1
                if self._frames > MAX_MEMBERS:
                    raise CodingError(f"more than {MAX_MEMBERS} zstd frames")
                self._frame = self._new()
            self._is_fresh = False
            piece = self._frame.decompress(data, PIECE_BYTES)
            data = self._frame.unused_data if self._frame.eof else b""
            if piece:
                yield piece

    def ended(self) -> bool:
        return self._is_fresh or self._frame.eof

    @staticmethod
    def _new() -> ZstdDecompressor:
        return ZstdDecompressor(options={DecompressionParameter.window_log_max: MAX_WINDOW_LOG})


def _inflated(stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    piece = stream.decompress(data, PIECE_BYTES)
    # A full piece may leave more behind although no input is left over.
    while len(piece) == PIECE_BYTES and not stream.eof:
        yield piece
        piece = stream.decompress(stream.unconsumed_tail, PIECE_BYTES)
    if piece:
        yield piece


_DECODERS: Final[dict[str, type[_Decoder]]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
