"""The books as metrics: pages by outcome over all time and all replicas, and whether what is there agrees with them."""

from __future__ import annotations

import asyncio
from typing import Final

from copydesk.core.accounting import checks
from copydesk.runtime.accounting import Books
from copydesk.runtime.metrics import Metrics

BOOKS_SECONDS: Final = 15.0


async def tell_books(books: Books, metrics: Metrics) -> float:
    """Read the books once; seconds until the next time."""
    snapshot = await asyncio.to_thread(books.snapshot)
    metrics.pages.counts = snapshot.counts
    for check in checks(snapshot):
        metrics.audit_difference.labels(check.name).set(check.difference)
    return BOOKS_SECONDS
