"""On the PYTHONPATH of a service: extraction of a page that says so takes longer than anybody waits."""

import time

from copydesk.core import extract as module

_extract = module.extract


def extract(body, *arguments, **options):
    if b"takes its time" in (body if isinstance(body, bytes) else b""):
        time.sleep(600)
    return _extract(body, *arguments, **options)


module.extract = extract
