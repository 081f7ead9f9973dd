"""What people call a stream, and the key that it has in Redis."""

from __future__ import annotations

import re
from typing import Final

from copydesk.errors import UsageError
from copydesk.runtime import keys

STREAMS: Final = {"documents": keys.DOCUMENTS, "copies": keys.COPIES, "rejected": keys.REJECTED}
"""Those that every installation has; no selection has one of these names."""
_KINDS: Final = {"replay": keys.replay, "dead": keys.dead, "own": keys.own}
_NAME: Final = re.compile(r"(?:(replay|dead|own):)?([A-Za-z0-9][A-Za-z0-9._-]{0,99})", re.ASCII)


def stream_key(name: str) -> str:
    """The key of the stream of this name.

    ``documents``, ``copies`` and ``rejected``; ``replay:NAME``; ``dead:GROUP``, a group's dead letters; ``own:GROUP``, what is
    delivered once more to a group alone; any other is the name of a selection.

    Raises:
        UsageError: no stream can have this name.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise UsageError(
            f"no stream can be called {name[:80]!r}: there are {', '.join(STREAMS)}, the names of selections, replay:NAME, "
            "dead:GROUP and own:GROUP"
        )
    kind, rest = match.groups()
    if kind:
        return _KINDS[kind](rest)
    return STREAMS.get(rest) or keys.selection(rest)


def stream_name(key: str) -> str:
    """The name of the stream with this key: ``stream_key`` the other way round."""
    return key.removeprefix(keys.PREFIX).removeprefix("selection:")
