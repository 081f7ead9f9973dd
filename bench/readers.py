"""Consumers for ``delivery.py``, in a process of their own: ``python bench/readers.py KIND GROUPS ENTRIES STREAM URL WITHIN``.

Each group has one consumer, which reads and acknowledges so many entries, ``WITHIN`` at once at most; KIND is ``copydesk``
(``GroupReader``, which ``Subscription`` and the sinks are made of), or ``plain``: redis-py alone, without what makes a group
survive a crash. One line says that they wait; the last is JSON: seconds and CPU from the first entry to the last, how late the
event loop was, and when each entry came to the first group.
"""

import argparse
import asyncio
import json
import time

import redis.asyncio

from copydesk.runtime.groups import GroupReader

LOOK_SECONDS = 0.002


async def through_copydesk(client, group, options, took):
    reader = GroupReader(client, [options.stream], group, start="oldest")
    left = options.entries
    while left > 0:
        found = await reader.read(options.within, 1.0)
        now = time.time()
        took.extend((entry.id, now) for entry in found)
        await reader.ack(found)
        left -= len(found)
    await reader.close()


async def plain(client, group, options, took):
    await client.xgroup_create(options.stream, group, id="0", mkstream=True)
    left = options.entries
    while left > 0:
        answer = await client.xreadgroup(group, "only", {options.stream: ">"}, count=options.within, block=1000)
        now = time.time()
        found = [entry for _, rows in (answer.items() if isinstance(answer, dict) else answer) for entry in rows]
        found = found[0] if found and isinstance(found[0], list) else found
        took.extend((id_.decode(), now) for id_, _ in found)
        if found:
            await client.xack(options.stream, group, *(id_ for id_, _ in found))
        left -= len(found)


async def lateness(late):
    """How much later than it wanted the event loop comes back, again and again."""
    while True:
        due = time.perf_counter() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        late.append(time.perf_counter() - due)


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, kind in {"kind": str, "groups": int, "entries": int, "stream": str, "url": str, "within": int}.items():
        parser.add_argument(name, type=kind)
    options = parser.parse_args()
    read = through_copydesk if options.kind == "copydesk" else plain
    took = [[] for _ in range(options.groups)]
    late = []
    client = redis.asyncio.Redis.from_url(options.url, max_connections=200)
    await client.ping()
    looking = asyncio.create_task(lateness(late))
    print("waiting", flush=True)
    used, started = time.process_time(), time.perf_counter()
    names = [f"{options.kind}-{n}" for n in range(len(took))]
    await asyncio.gather(*(read(client, name, options, into) for name, into in zip(names, took, strict=True)))
    figures = {"cpu": time.process_time() - used, "seconds": time.perf_counter() - started}
    looking.cancel()
    late.sort()
    print(
        json.dumps({**figures, "late_p99": late[int(0.99 * len(late))] if late else 0.0, "came": took[0]}), flush=True
    )
    await client.aclose()


if __name__ == "__main__":
    asyncio.run(main())
