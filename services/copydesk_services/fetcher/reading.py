"""What an answer of a source says, read in a process of its own, in a form that costs the event loop little."""

from __future__ import annotations

from dataclasses import dataclass

from copydesk.core.urls import document_id
from copydesk.models import Offer, Source
from copydesk_services.fetcher.sources import read_offer


@dataclass(frozen=True)
class Reading:
    """An offer whose items are still JSON: of ten thousand only those that are new are ever looked at."""

    offer: Offer
    """Without its items."""
    items: dict[str, bytes]
    """Each item as JSON, by the id of its document, in the order of the offer."""


def read_answer(body: bytes, url: str, content_type: str | None, source: Source, most: int) -> Reading:
    """Read at most ``most`` items.

    Raises:
        SourceError: it is of no kind that copydesk knows, or cannot be read.
    """
    offer = read_offer(body, url, content_type, source, most)
    items = {document_id(item.canonical_url): item.model_dump_json().encode() for item in offer.items}
    return Reading(offer.model_copy(update={"items": []}), items)


def warm_up() -> None:
    """Import what reads answers, before the first one waits for it."""
    read_answer(b"<rss version='2.0'><channel/></rss>", "https://copydesk.example/", None, _NOBODY, 1)


_NOBODY = Source(id="", url="https://copydesk.example/")
