"""copydesk: clean, deduplicated news documents, and why each is what it is."""

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

__all__ = [
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
    "Verdict",
]
