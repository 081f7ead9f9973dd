"""Later looks at articles that were fetched: when, and what their answers are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from copydesk.core.conditional import validators
from copydesk.core.urls import host_of
from copydesk.models import Item, Model

# As many articles may wait for their next look; about 1 kB each. Beyond it, some are not looked at again.
MAX_WAITING: Final = 200_000
# A look that is due waits while its host has so many pages waiting, for so long at a time: new pages go first.
BUSY_SECONDS: Final = 15
# What is known of an article is kept for so long after its time: a host that is always busy is not looked at again.
KEPT_SECONDS: Final = 7 * 86_400


class Before(Model):
    """What an article was like when it was last fetched."""

    item: str
    """The item, as JSON."""
    host: str
    url: str
    """Where it was found, after redirects."""
    looks: int = 0
    """How often it was looked at again, the coming time not included."""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str

    def headers(self) -> dict[str, str]:
        """What makes a request for it conditional (RFC 9110, 13.1)."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


class Recheck(Model):
    """The next look at an article."""

    after: float
    """Seconds from now."""
    before: Before


def first(item: Item, url: str, *, body_hash: str, headers: Mapping[str, str]) -> Before:
    """What a page that was just fetched from ``url`` is like; ``headers`` by name in small letters, or in any."""
    return Before(
        item=item.model_dump_json(exclude_defaults=True),
        host=host_of(url),
        url=url,
        body_hash=body_hash,
        **validators(headers),
    )


def next_look(schedule: Sequence[float], before: Before, looks: int) -> Recheck | None:
    """The look after so many; None where the schedule, rising seconds from the first fetch, ends."""
    if looks >= len(schedule):
        return None
    after = schedule[looks] - (schedule[looks - 1] if looks else 0.0)
    return Recheck(after=after, before=before.model_copy(update={"looks": looks}))
