"""Whether a source has changed: conditional requests (RFC 9110, 13), and servers that answer them wrongly.

Some servers say 304 Not Modified for ever. So a source is asked without conditions now and then; if that brings new items,
the old validators are sent once more: whoever says 304 to those of an older text is wrong, and is asked without conditions
from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from copydesk.errors import SourceError
from copydesk.models import Source, SourceState

# After so many answers 304 in a row, or so many seconds without a body, a source is asked once without conditions.
UNCONDITIONAL_POLLS: Final = 100
UNCONDITIONAL_SECONDS: Final = 86_400.0
MAX_VALIDATOR: Final = 1_000
STUCK_NOTE: Final = "it says 304 Not Modified although it has new items: asked without conditions"


def conditions(source: Source, state: SourceState, now: datetime) -> dict[str, str]:
    """Headers that make the next request conditional; none where it is to be answered in full."""
    if not (source.conditional and not state.stuck) or (_is_stale(state, now) and not state.suspect):
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def _is_stale(state: SourceState, now: datetime) -> bool:
    """Whether nothing but 304 has come for so long that it is time for a look."""
    waited = now.timestamp() - state.full_at >= UNCONDITIONAL_SECONDS
    return state.not_modified >= UNCONDITIONAL_POLLS or (state.not_modified > 0 and waited)


def validators(headers: Mapping[str, str]) -> dict[str, Any]:
    """What the next request can be made conditional with; names of headers in lower case.

    Bytes beyond ASCII, which headers may have, are half surrogate pairs by now: no text that could be kept.
    """
    values = {"etag": headers.get("etag"), "last_modified": headers.get("last-modified")}
    return {
        name: value if value and value.isascii() and len(value) <= MAX_VALIDATOR else None
        for name, value in values.items()
    }


def after_304(state: SourceState, *, asked: bool) -> dict[str, Any]:
    """Changes of the state after an answer 304; ``asked``: the request was conditional.

    Raises:
        SourceError: nothing is known of the source that could have stayed as it was.
    """
    if not asked and state.body_hash is None:
        raise SourceError("it says 304 Not Modified to a request without conditions")
    return stuck() if state.suspect and asked else {"not_modified": state.not_modified + 1}


def after_body(headers: Mapping[str, str], body_hash: str, now: datetime) -> dict[str, Any]:
    """Changes of the state after an answer with a body; names of headers in lower case."""
    full = {"full_at": now.timestamp(), "not_modified": 0, "suspect": False, "body_hash": body_hash}
    return {**full, **validators(headers)}


def after_news(state: SourceState, headers: Mapping[str, str], *, asked: bool) -> dict[str, Any]:
    """Further changes where an answer with a body brought new items; ``asked``: the request was conditional."""
    before = {"etag": state.etag, "last_modified": state.last_modified}
    if asked or not state.not_modified or not any(before.values()):
        return {}
    return stuck() if validators(headers) == before else {"suspect": True, **before}


def stuck() -> dict[str, Any]:
    """Changes of the state of a source whose server says 304 wrongly."""
    return {
        "stuck": True,
        "suspect": False,
        "not_modified": 0,
        "etag": None,
        "last_modified": None,
        "note": STUCK_NOTE,
    }
