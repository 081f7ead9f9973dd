"""Print what comes out, with asyncio. Usage: python consumer_async.py [GROUP]."""

import asyncio
import signal
import sys

from copydesk import AsyncSubscription, Document, Rejected, Retraction


async def handle(document: Document | Retraction | Rejected) -> None:
    """What raises here is tried five times, then put with the group's dead letters."""
    if isinstance(document, Document):
        print("document", document.id, document.revision, document.title, flush=True)
    elif isinstance(document, Retraction):
        print("retraction", document.id, document.revision, document.title, flush=True)


async def main(group: str) -> None:
    async with AsyncSubscription("documents", group=group) as documents:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, documents.stop)
        await documents.run(handle)


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "example"))
