"""Cost of polling and fetching on one machine, side by side with a bare loop and other fetchers: ``make bench-fetch``.

All in one run, against a site on loopback that costs next to nothing (``fetch_site.py``), each of its hosts an address of its
own. What is measured is the real ``copydesk fetcher``, a process of its own on the embedded Redis server; the ratios are of CPU,
since the machine's two cores are shared with the site and with Redis.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from tables import show

from copydesk.core.urls import canonical_url
from copydesk.models import Item
from copydesk.runtime import keys
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.queue import Stages
from copydesk.runtime.redis import open_store
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Sources, new_source

ROOT = Path(__file__).parents[1]
RIVALS = ROOT / ".venv-bench/bin/python"
PATIENCE = 600.0
TICKS = os.sysconf("SC_CLK_TCK")
ENVIRONMENT = {
    "COPYDESK_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
    "COPYDESK_FETCH_HOST_DELAY": "0",
    "COPYDESK_INTAKE_PAGES": "10000000",
    "COPYDESK_POLL_INTERVAL": "3600",
    "COPYDESK_USER_AGENT": "copydesk-bench/1 (loopback)",
    "COPYDESK_LOG_FORMAT": "json",
}


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited {PATIENCE:g} s for {what}")
        time.sleep(0.02)


def host(n):
    """The n-th address of loopback, none of them 127.0.0.1."""
    return f"127.{1 + (n >> 14)}.{(n >> 7) & 127}.{1 + (n & 127)}"


class Site:
    """The site, in a process of its own."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, ROOT / "bench/fetch_site.py"], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self._process.stdout.readline())

    def url(self, n, path):
        return f"http://{host(n)}:{self.port}{path}"

    @property
    def count(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_count") as answer:
            return int(answer.read())

    def stop(self):
        self._process.terminate()
        self._process.wait()


class System:
    """An embedded Redis server and fetchers on it."""

    def __init__(self, folder):
        os.environ.update(ENVIRONMENT, COPYDESK_DATA_DIR=str(folder))
        self.folder = folder
        self.settings = load_settings()
        self.store = open_store(self.settings)
        self.client = self.store.client
        self.stages = Stages(self.client, self.settings)

    @contextmanager
    def fetchers(self, number=1, **settings):
        started = []
        try:
            for n in range(number):
                with (self.folder / f"fetcher-{n}.log").open("w") as log:
                    environment = {**os.environ, **{f"COPYDESK_{k.upper()}": str(v) for k, v in settings.items()}}
                    process = subprocess.Popen(
                        [sys.executable, "-m", "copydesk_services", "fetcher"], stderr=log, env=environment
                    )
                started.append(Fetcher(process, Path(log.name)))
            for fetcher in started:
                fetcher.wait()
            yield started
        finally:
            for fetcher in started:
                fetcher.stop()

    def offer(self, urls):
        """Put URLs into the frontier."""

        async def run():
            client = self.store.asynchronous()
            frontier = Frontier(client, self.settings)
            for start in range(0, len(urls), 500):
                items = [
                    Item(
                        url=url,
                        canonical_url=canonical_url(url),
                        source="000000000000",
                        guid=url,
                        title="A title of a story",
                    )
                    for url in urls[start : start + 500]
                ]
                new, _ = await frontier.offer(items)
                if len(new) < len(items):
                    sys.exit("some URLs were not taken")
            await client.aclose()

        asyncio.run(run())

    def flush(self):
        # At once: what a server frees in the background would count as memory of what comes next.
        self.client.execute_command("FLUSHALL", "SYNC")

    def fetched(self):
        flight = self.stages.in_flight()
        return flight["frontier"] == 0 and flight["fetch"] == 0

    def redis_cpu(self):
        info = self.client.info("cpu")
        return info["used_cpu_user"] + info["used_cpu_sys"]

    @property
    def memory(self):
        return self.client.info("memory")["used_memory"]


class Fetcher:
    """One process of the fetcher."""

    def __init__(self, process, log):
        self._process = process
        self._log = log
        self._port = 0

    def wait(self):
        def started():
            found = re.search(
                r'"port": ?(\d+).*service\.started|service\.started.*"port": ?(\d+)', self._log.read_text()
            )
            if self._process.poll() is not None:
                sys.exit(f"the fetcher ended: {self._log.read_text()[-500:]}")
            self._port = int(found[1] or found[2]) if found else 0
            return found

        wait_until(started, "the fetcher")

    def cpu(self):
        """CPU seconds of the process and of those that read feeds for it."""
        return sum(self._stat(pid) for pid in self._family())

    def peak(self):
        """The most memory that the process held, and its parsers now, in bytes."""
        held = 0
        for pid in self._family():
            field = "VmHWM" if pid == self._process.pid else "VmRSS"
            held += int(re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) * 1024
        own = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self._process.pid}/status").read_text())[1]) * 1024
        return own, held

    def lag(self):
        """Buckets of the event loop's lateness: upper bound to count, cumulative."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics") as answer:
            text = answer.read().decode()
        found = re.findall(r'copydesk_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
        return {float(bound): float(count) for bound, count in found}

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def _family(self):
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [self._process.pid, *map(int, children.read_text().split())]

    @staticmethod
    def _stat(pid):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS


def p99(before, after):
    """The bucket's bound under which 99 of 100 looks at the event loop were."""
    counts = {bound: count - before.get(bound, 0) for bound, count in after.items()}
    most = max(counts.values())
    return min(bound for bound, count in counts.items() if count >= 0.99 * most)


def rival(name, urls, concurrency, python=sys.executable):
    """What ``fetchers.py`` prints, or why it could not."""
    if not Path(python).exists():
        return {"missing": f"{python} is not there: make bench-fetch installs it"}
    done = subprocess.run(
        [str(python), ROOT / "bench/fetchers.py", name, str(concurrency)],
        input="\n".join(urls), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def timed(system, fetchers, begin, done, what):
    """Begin something and wait until it is done: seconds, CPU of the fetchers and of Redis, and the worst loop's lateness."""
    before, redis, lags = sum(f.cpu() for f in fetchers), system.redis_cpu(), [f.lag() for f in fetchers]
    started = time.perf_counter()
    begin()
    wait_until(done, what)
    return {
        "seconds": time.perf_counter() - started,
        "cpu": sum(f.cpu() for f in fetchers) - before,
        "redis": system.redis_cpu() - redis,
        "lag": max(p99(old, fetcher.lag()) for old, fetcher in zip(lags, fetchers, strict=True)),
    }


def row(name, number, took, base):
    """A line of a table; ``base`` is the CPU of one request of the bare loop."""
    redis, lag = took.get("redis"), took.get("lag")
    cpu = took["cpu"] / number
    return [
        name,
        f"{number / took['seconds']:.0f}",
        f"{1e3 * cpu:.2f}",
        f"{cpu / base:.2f}x",
        "" if redis is None else f"{1e3 * redis / number:.2f}",
        "" if lag is None else f"{1e3 * lag:g}",
    ]


def polls(system, site, number):
    sources = [new_source(site.url(n, "/feed")) for n in range(number)]
    urls = [source.url for source in sources]
    ids = [source.id for source in sources]
    registry = Sources(system.client)
    before = system.memory
    registry.add(sources, due=time.time() + 86_400)
    bare = [rival("bare_304", urls, 128)]
    with system.fetchers() as fetchers:

        def polled():
            return system.client.zcount(keys.SOURCES_HOSTS, "-inf", time.time() + 60) == 0

        first = timed(system, fetchers, lambda: registry.make_due(ids), polled, "the first polls")
        size = (system.memory - before) / number
        again = timed(system, fetchers, lambda: registry.make_due(ids), polled, "polls of what did not change")
    bare.append(rival("bare_304", urls, 128))
    base = sum(run["cpu"] for run in bare) / 2 / number
    rows = [row(name, number, run, base) for name, run in (("first polls, 200", first), ("nothing new, 304", again))]
    rows += [row("bare loop, 304", number, run, base) for run in bare]
    print(f"\nRedis: {size:.0f} bytes a source, with its state")
    return rows


def pages(system, site, hosts, rounds):
    warm = [site.url(n, "/a/0") for n in range(hosts)]
    urls = [site.url(n, f"/a/{k}") for k in range(1, rounds + 1) for n in range(hosts)]
    bare = [rival("bare", urls, 64)]
    with system.fetchers() as fetchers:
        first = timed(system, fetchers, lambda: system.offer(warm), system.fetched, "the first pages")
        run = timed(system, fetchers, lambda: system.offer(urls), system.fetched, "pages")
    bare.append(rival("bare", urls, 64))
    base = sum(run["cpu"] for run in bare) / 2 / len(urls)
    rows = [row("first of a host", hosts, first, base), row("more of it", len(urls), run, base)]
    rows += [row("bare loop", len(urls), run, base) for run in bare]
    for name, python in (("trafilatura", sys.executable), ("newspaper4k", RIVALS), ("scrapy", RIVALS)):
        run = rival(name, urls[: 2 * hosts], 64, python)
        if "missing" in run:
            print(f"{name} is left out: {run['missing']}")
        else:
            rows.append(row(name, run["answered"], run, base))
    return rows


def side_by_side(system, site, hosts):
    """Pages a second of one process and of two, where the site's 200 ms are the limit and not this machine."""
    rates = []
    for number in (1, 2):
        with system.fetchers(number, fetch_concurrency=24) as fetchers:
            system.offer([site.url(n, f"/a/{10 + number}") for n in range(hosts)])  # robots.txt and the like
            wait_until(system.fetched, "the first pages")
            urls = [site.url(n, f"/slow/{number}") for n in range(hosts)]
            took = timed(system, fetchers, lambda urls=urls: system.offer(urls), system.fetched, "slow pages")
        rates.append(len(urls) / took["seconds"])
    return rates


def under_load(system, site, hosts):
    """The event loop's 99th percentile while feeds of 1,000 entries, new each time, are read beside pages."""
    registry = Sources(system.client)
    sources = [new_source(site.url(n, f"/big/{n}")).model_copy(update={"interval": 2.0}) for n in range(20)]
    with system.fetchers(frontier_host_pages=2_000) as fetchers:
        system.offer([site.url(n, f"/a/{k}") for k in range(20, 23) for n in range(hosts)])
        registry.add(sources)
        began = time.monotonic()
        run = timed(system, fetchers, lambda: None, lambda: time.monotonic() - began > 20, "twenty seconds")
    return run["lag"]


def memory(system, site, sources, pending):
    registry = Sources(system.client)
    empty = system.memory
    registry.add([new_source(site.url(n % 16_000, f"/feed?{n}")) for n in range(sources)])
    with_sources = system.memory
    system.offer([site.url(n % 2_000, f"/a/{n // 2_000}?story={n}") for n in range(pending)])
    with_pending = system.memory
    marks = 100_000
    with system.client.pipeline(transaction=False) as pipe:
        for n in range(marks):
            pipe.set(keys.seen(f"{n:024x}"), "1", ex=86_400)
        pipe.execute()
    with_seen = system.memory
    with system.fetchers() as [fetcher]:
        counted = site.count
        wait_until(lambda: site.count - counted > 10_000, "requests among all those")
        peak = fetcher.peak()
    return (
        peak,
        (with_sources - empty) / sources,
        (with_pending - with_sources) / pending,
        (with_seen - with_pending) / marks,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--only", help="polls, pages, two, load or memory; comma-separated")
    arguments = parser.parse_args()
    part = 10 if arguments.quick else 1
    wanted = arguments.only.split(",") if arguments.only else ["polls", "pages", "two", "load", "memory"]
    site = Site()
    head = ["", "a second", "CPU, ms", "of bare loop", "Redis, ms", "loop p99, ms"]
    try:
        with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as folder:
            system = System(Path(folder))
            try:
                if "polls" in wanted:
                    show("Polls of one process", head, polls(system, site, 10_000 // part))
                    system.flush()
                if "pages" in wanted:
                    show("Pages of one process, 60 kB each", head, pages(system, site, 2_000 // part, 5))
                    system.flush()
                if "two" in wanted:
                    one, two = side_by_side(system, site, 2_000 // part)
                    print(
                        f"\nPages that take 200 ms: {one:.0f} a second of one process, {two:.0f} of two: {two / one:.2f}x"
                    )
                    system.flush()
                if "load" in wanted:
                    lag = under_load(system, site, 2_000 // part)
                    print(f"\nFeeds of 1,000 entries, new each time, beside pages: loop p99 at most {1e3 * lag:g} ms")
                    system.flush()
                if "memory" in wanted:
                    (own, all_), source, pending, seen = memory(system, site, 100_000 // part, 1_000_000 // part)
                    print(f"\n{100_000 // part:,} sources and {1_000_000 // part:,} pending URLs: a fetcher takes")
                    print(f"{own / 1e6:.0f} MB, {all_ / 1e6:.0f} MB with the processes that read feeds")
                    print(f"Redis: {source:.0f} bytes a source, {pending:.0f} a pending URL, {seen:.0f} a seen one")
            finally:
                system.store.close()
    finally:
        site.stop()


if __name__ == "__main__":
    main()
