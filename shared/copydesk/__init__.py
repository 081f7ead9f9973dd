"""copydesk: clean, deduplicated news documents, and why each is what it is."""

from typing import TYPE_CHECKING, Any

from copydesk.models import (
    Block,
    Document,
    Evidence,
    Extraction,
    Gap,
    Item,
    Match,
    PageRef,
    Rejected,
    RemovedBlock,
    Retraction,
    Verdict,
)

if TYPE_CHECKING:
    from copydesk.subscription import AsyncSubscription, Subscription

__all__ = [
    "AsyncSubscription",
    "Block",
    "Document",
    "Evidence",
    "Extraction",
    "Gap",
    "Item",
    "Match",
    "PageRef",
    "Rejected",
    "RemovedBlock",
    "Retraction",
    "Subscription",
    "Verdict",
]


def __getattr__(name: str) -> Any:
    # Who only reads documents needs no Redis client.
    if name in ("AsyncSubscription", "Subscription"):
        from copydesk import subscription  # noqa: PLC0415 -- only when it is asked for

        return getattr(subscription, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
