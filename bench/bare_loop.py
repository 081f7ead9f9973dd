"""What copydesk is measured beside: download (aiohttp) and ``trafilatura.bare_extraction``, one page after the other.

Each line of the input is a list of URLs; it is answered by ``{answered, texts, cpu, seconds}``.
"""

import asyncio
import json
import logging
import sys
import time

import aiohttp
from trafilatura import bare_extraction

CONCURRENCY = 16


async def run(session, urls):
    """Load them all; so many were answered, and so many had a text."""
    answered = texts = 0
    queue = iter(urls)

    async def work():
        nonlocal answered, texts
        for url in queue:
            async with session.get(url) as response:
                body = await response.read()
                answered += response.status == 200
            try:
                found = bare_extraction(body, url=url, with_metadata=True)
            except Exception:  # noqa: BLE001  what it does not bear is its own affair
                found = None
            texts += bool(found and found.text)

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return answered, texts


async def main():
    logging.disable(logging.CRITICAL)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as session:
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            started, used = time.perf_counter(), time.process_time()
            answered, texts = await run(session, json.loads(line))
            figures = {"cpu": time.process_time() - used, "seconds": time.perf_counter() - started}
            print(json.dumps({"answered": answered, "texts": texts, **figures}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
