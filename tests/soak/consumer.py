"""A consumer as any team could write it: plain redis-py, a group, and a file of what it got, before it acknowledges.

Run as ``python -m soak.consumer URL GROUP NAME FILE``. It keeps everything that it gets, also what it had before.
"""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import redis

STREAMS = ("copydesk:documents", "copydesk:copies", "copydesk:rejected")
IDLE = 5_000  # milliseconds after which what another consumer read and did not acknowledge is taken over


def record(stream, entry, fields):
    """What is kept of an entry."""
    document = json.loads(fields[b"document"])
    text = document.get("text") or ""
    kept = {name: document.get(name) for name in ("id", "revision", "url", "verdict", "cluster", "copy_of", "reason")}
    if stream == STREAMS[-1]:
        kept["verdict"] = None
    mark = text[at : text.index(".", at) + 1] if (at := text.find("This is edition ")) >= 0 else ""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"stream": stream, "entry": entry.decode(), **kept, "mark": mark, "text": digest}


def read(client, group, name):
    """Entries that wait for this consumer: first what others left."""
    found = []
    for stream in STREAMS:
        entries = client.xautoclaim(stream, group, name, IDLE, "0-0", count=100)[1]
        found += [(stream, entries)] if entries else []
    if not found:
        for stream, entries in client.xreadgroup(group, name, dict.fromkeys(STREAMS, ">"), count=100, block=1000) or []:
            found.append((stream.decode(), entries))
    return found


def consume(client, group, name, file):
    """Keep what is there, then acknowledge it."""
    for stream, entries in read(client, group, name):
        # What is pending and trimmed comes as None; nothing is trimmed here, so that it would be seen as lost.
        kept = [(entry, fields) for entry, fields in entries if fields]
        file.writelines(
            json.dumps(record(stream, entry, fields)) + "\n" for entry, fields in kept if b"document" in fields
        )
        file.flush()
        os.fsync(file.fileno())
        if kept:
            client.xack(stream, group, *(entry for entry, _ in kept))


def make_group(client, group):
    for stream in STREAMS:
        try:
            client.xgroup_create(stream, group, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def main(url, group, name, path):
    client = redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2)
    with Path(path).open("a", encoding="utf-8") as file:
        # A line that was cut off by a kill is no line.
        if file.tell():
            file.write("\n")
        has_group = False
        while True:
            try:
                if not has_group:
                    make_group(client, group)
                    has_group = True
                consume(client, group, name, file)
            except redis.ResponseError:  # Redis has lost the group, or has no room
                has_group = False
                time.sleep(0.2)
            except redis.RedisError:
                time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
