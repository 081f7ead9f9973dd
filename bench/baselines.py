"""The usual choices, behind the same JSON lines as copydesk's verbs: ``python bench/baselines.py NAME < in > out``."""

import base64
import json
import sys

from simhash import Simhash, SimhashIndex
from trafilatura import bare_extraction


def records():
    return (json.loads(line) for line in sys.stdin.buffer if line.strip())


def trafilatura():
    """trafilatura's own extraction, comments off."""
    for record in records():
        html = record.get("html") or base64.b64decode(record["html_b64"])
        found = bare_extraction(html, url=record["url"], include_comments=False, with_metadata=True)
        yield {"id": record["id"], "text": (found and found.text) or ""}


def simhash():
    """The simhash package's index as its documentation uses it: a fingerprint a document, distance 3."""
    index = SimhashIndex([], k=3)
    for record in records():
        fingerprint = Simhash(record["text"])
        near = index.get_near_dups(fingerprint)
        copy_of = near[0] if near else None
        yield {
            "id": record["id"],
            "verdict": "copy" if near else "original",
            "copy_of": copy_of,
            "cluster": copy_of or record["id"],
        }
        index.add(record["id"], fingerprint)


if __name__ == "__main__":
    for row in {"trafilatura": trafilatura, "simhash": simhash}[sys.argv[1]]():
        sys.stdout.write(json.dumps(row) + "\n")
