"""Print what comes out. Usage: python consumer.py [GROUP]."""

import signal
import sys

from copydesk import Retraction, Subscription

with Subscription("documents", group=sys.argv[1] if len(sys.argv) > 1 else "example") as documents:
    signal.signal(signal.SIGTERM, lambda *_: documents.stop())
    for document in documents:  # acknowledged when the next one is asked for
        kind = "retraction" if isinstance(document, Retraction) else "document"
        print(kind, document.id, document.revision, document.title, flush=True)
