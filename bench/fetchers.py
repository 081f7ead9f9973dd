"""Other ways to fetch, each a process of its own: ``python bench/fetchers.py NAME CONCURRENCY < urls``.

Prints one line of JSON: requests that were answered, seconds, CPU seconds, and the most memory that it held; or
``{"missing": why}``. A fetcher is imported when it is asked for: no environment has all of them.
"""

import asyncio
import json
import os
import resource
import sys
import time


def bare(urls, concurrency, headers=None):
    """The least that a fetcher in this language does: aiohttp, a few tasks, each body read."""
    import aiohttp

    async def run():
        answered = 0
        queue = iter(urls)
        connector = aiohttp.TCPConnector(limit=concurrency * 2, keepalive_timeout=5)

        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def work():
                nonlocal answered
                for url in queue:
                    async with session.get(url) as response:
                        await response.read()
                        answered += response.status in (200, 304)

            await asyncio.gather(*(work() for _ in range(concurrency)))
        return answered

    return asyncio.run(run())


def bare_304(urls, concurrency):
    return bare(urls, concurrency, {"If-None-Match": '"one"'})


def trafilatura(urls, concurrency):
    from concurrent.futures import ThreadPoolExecutor

    from trafilatura import fetch_url
    from trafilatura.settings import DEFAULT_CONFIG

    DEFAULT_CONFIG["DEFAULT"]["SSRF_PROTECTION"] = "off"  # the site is on loopback

    with ThreadPoolExecutor(concurrency) as pool:  # what its buffered_downloads does, which takes no IP addresses
        return sum(bool(html) for html in pool.map(fetch_url, urls))


def newspaper4k(urls, concurrency):
    from newspaper.configuration import Configuration
    from newspaper.network import multithread_request

    config = Configuration()
    config.number_threads = concurrency
    return sum(bool(answer and answer.ok) for answer in multithread_request(urls, config))


def scrapy(urls, concurrency):
    from scrapy import Spider
    from scrapy.crawler import CrawlerProcess

    answered = 0

    class All(Spider):
        name = "all"
        start_urls = urls

        def parse(self, response):
            nonlocal answered
            answered += 1

    settings = {
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
    }
    process = CrawlerProcess(settings)
    process.crawl(All)
    process.start()
    return answered


FETCHERS = {f.__name__: f for f in (bare, bare_304, trafilatura, newspaper4k, scrapy)}


def main():
    name, concurrency = sys.argv[1], int(sys.argv[2])
    urls = sys.stdin.read().split()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is not the answer
    started, used = time.perf_counter(), time.process_time()
    try:
        answered = FETCHERS[name](urls, concurrency)
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=out)
        return
    print(
        json.dumps({
            "answered": answered,
            "seconds": time.perf_counter() - started,
            "cpu": time.process_time() - used,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }),
        file=out,
        flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
