"""Cost of the whole pipeline on one machine, beside the least that does the same work: ``make bench-pipeline``.

A site of real-sized pages on many hosts of loopback (``pipeline_site.py``) goes through all services and Redis, as they run in
production; beside them a bare loop of download and ``trafilatura.bare_extraction`` over the same pages (``bare_loop.py``)
takes turns with them. What is compared is CPU, of all processes and their children, dead ones
included (``processes.py``): the machine's cores are shared with the site.
"""

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import processes
from fetch import wait_until
from pipeline_site import host, story_url
from tables import show

from copydesk.runtime import keys
from copydesk.runtime.queue import Stages
from copydesk.runtime.redis import open_store
from copydesk.runtime.settings import load_settings
from copydesk.runtime.sources import Sources, new_source
from copydesk_services.supervisor import SERVICES

ROOT = Path(__file__).parents[1]
HOSTS = 200
IDLE_SECONDS = 5.0
ENVIRONMENT = {
    "COPYDESK_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
    "COPYDESK_FETCH_HOST_DELAY": "0",
    "COPYDESK_USER_AGENT": "copydesk-bench/1 (loopback)",
    "COPYDESK_LOG_FORMAT": "json",
}
STREAMS = (keys.DOCUMENTS, keys.COPIES, keys.REJECTED)


class Site:
    """The site, in a process of its own."""

    def __init__(self, shared, pages, hosts):
        command = [sys.executable, ROOT / "bench/pipeline_site.py", shared, str(pages), str(hosts)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.hosts = hosts
        self.told = self._process.stdout.readline().strip()
        self.port = int(self._process.stdout.readline())

    def url(self, n):
        return story_url(n, self.hosts, self.port)

    def feeds(self, path="/feed.xml"):
        return [f"http://{host(n)}:{self.port}{path}" for n in range(self.hosts)]

    def publish(self, numbers):
        """Let these pages stand in their feeds; the unix time from which on they did."""
        return self._ask("/_publish", json.dumps(list(numbers)).encode())

    def subscribers(self):
        return self._ask("/_subscribers")

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def _ask(self, path, body=None):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", body) as answer:
            return json.loads(answer.read())


class Bare:
    """The bare loop, in a process of its own."""

    def __init__(self):
        command = [sys.executable, ROOT / "bench/bare_loop.py"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, urls):
        self._process.stdin.write(json.dumps(urls) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def stop(self):
        self._process.stdin.close()
        self._process.wait()


class Pipeline:
    """All services on an embedded Redis server, each a process that was started here."""

    def __init__(self, folder, workers=1, **settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings |= {"websub_callback": f"http://127.0.0.1:{port}/", "websub_port": port}
        environment = {f"COPYDESK_{name.upper()}": str(value) for name, value in settings.items()}
        os.environ.update(ENVIRONMENT, COPYDESK_DATA_DIR=str(folder))
        self.settings = load_settings()
        self.store = open_store(self.settings)
        self.client = self.store.client
        self.stages = Stages(self.client, self.settings)
        self.registry = Sources(self.client)
        self._log = (folder / "log").open("w")
        self._services = {}
        for name in SERVICES:
            command = [sys.executable, "-m", "copydesk_services", name]
            command += ["--workers", str(workers)] if name == "extractor" else []
            self._services[name] = subprocess.Popen(command, stderr=self._log, env={**os.environ, **environment})

    def stop(self):
        for process in self._services.values():
            process.terminate()
        for process in self._services.values():
            process.wait()
        self.store.close()
        self._log.close()

    def rest(self, taken):
        """Wait until so many pages were ever taken, all are settled, and the workers' children have ended."""

        def settled():
            time.sleep(0.05)
            is_taken = self.stages.counts().get("fetch:taken", 0) >= taken
            return is_taken and not any(self.stages.in_flight().values())

        wait_until(settled, f"{taken} pages")
        wait_until(lambda: not self._jobs(), "the workers' children")

    def cpu(self):
        """CPU seconds so far, by who used them."""
        found = {}
        for name, process in self._services.items():
            used = processes.by_depth(process.pid)
            if name in {"extractor", "deduper"}:
                found[f"{name}: service"] = used[0]
                found[f"{name}: RQ workers"] = used[1]
                found[f"{name}: jobs"] = used.total() - used[0] - used[1]
            elif name == "fetcher":
                found["fetcher"] = used[0]
                found["fetcher: feed readers"] = used.total() - used[0]
            else:
                found[name] = used.total()
        server = self.client.info("server")["process_id"]
        found["Redis"] = processes.by_depth(server).total()
        return found

    def memory(self):
        """Bytes of memory (PSS) by service."""
        found = {
            name: sum(map(processes.resident, processes.family(process.pid)))
            for name, process in self._services.items()
        }
        found["Redis"] = processes.resident(self.client.info("server")["process_id"])
        return found

    def _jobs(self):
        """Children of the stages' workers."""
        services = [self._services[name].pid for name in ("extractor", "deduper")]
        return [job for pid in services for worker in processes.children(pid) for job in processes.children(worker)]


@contextmanager
def pipeline(workers=1, **settings):
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as folder:
        running = Pipeline(Path(folder), workers, **settings)
        try:
            yield running
        finally:
            running.stop()


def through(system, site, numbers, ids, taken):
    """Let pages through the pipeline: seconds, and CPU seconds by process."""
    before, started = system.cpu(), time.perf_counter()
    site.publish(numbers)
    system.registry.make_due(ids)
    system.rest(taken)
    seconds, after = time.perf_counter() - started, system.cpu()
    return seconds, {name: after[name] - before[name] for name in after}


def warm_up(system, site, numbers):
    """Sources, robots.txt, connections, and what is loaded when it is first used."""
    sources = [new_source(url) for url in site.feeds()]
    system.registry.add(sources, due=time.time() + 86_400)
    ids = [source.id for source in sources]
    through(system, site, numbers, ids, len(numbers))
    return ids


def cost(shared, pages, rounds, workers=1):
    """A round of the bare loop, then one of the pipeline over the same pages, and so on; the order changes."""
    hosts = min(HOSTS, pages // 4)
    site = Site(shared, pages, hosts)
    print(f"\n{site.told}, on {hosts} hosts; {workers} extractor worker{'s' * (workers > 1)}", flush=True)
    bare, taken, ratios = Bare(), hosts, []
    bare_cpu, bare_seconds, seconds, used = 0.0, 0.0, 0.0, dict.fromkeys(("",), 0.0)
    try:
        with pipeline(workers) as system:
            ids = warm_up(system, site, range(pages, pages + hosts))
            # Real pages: what only some of them need is loaded by none of the others.
            bare.run([site.url(n) for n in (*range(pages, pages + hosts), *range(min(100, pages)))])
            idle, began = system.cpu(), time.perf_counter()
            time.sleep(IDLE_SECONDS)
            idle = {name: (value - idle[name]) / (time.perf_counter() - began) for name, value in system.cpu().items()}
            for number in range(rounds):
                part = range(number * pages // rounds, (number + 1) * pages // rounds)
                urls = [site.url(n) for n in part]
                taken += len(part)
                alone = bare.run(urls) if number % 2 == 0 else None
                took, parts = through(system, site, part, ids, taken)
                alone = alone or bare.run(urls)
                bare_cpu, bare_seconds = bare_cpu + alone["cpu"], bare_seconds + alone["seconds"]
                seconds += took
                used = {name: used.get(name, 0.0) + value for name, value in parts.items()}
                ratios.append(sum(parts.values()) / alone["cpu"])
                print(f"  round {number + 1}: {ratios[-1]:.2f}x", flush=True)
            counts, memory = system.stages.counts(), system.memory()
    finally:
        bare.stop()
        site.stop()
    rows = [
        [
            name,
            f"{1e3 * value / pages:.2f}",
            f"{value / bare_cpu:.2f}x",
            f"{100 * idle[name]:.1f}",
            f"{memory[name] / 1e6:.0f}" if name in memory else "",
        ]
        for name, value in used.items()
    ]
    total = sum(used.values())
    rows.append(
        [
            "all",
            f"{1e3 * total / pages:.2f}",
            f"{total / bare_cpu:.2f}x",
            f"{100 * sum(idle.values()):.1f}",
            f"{sum(memory.values()) / 1e6:.0f}",
        ]
    )
    rows.append(["bare loop", f"{1e3 * bare_cpu / pages:.2f}", "1.00x", "", ""])
    show("CPU of a page", ["", "CPU, ms", "of bare loop", "idle, % of a core", "memory, MB"], rows)
    outcomes = {
        name: number for name, number in sorted(counts.items()) if name.startswith(("dedup:", "extract:", "fetch:rej"))
    }
    print(f"\npages a second: {pages / seconds:.1f}; the bare loop {pages / bare_seconds:.1f}, in one process")
    print(
        f"ratio, median of the rounds: {statistics.median(ratios):.2f}x; outcomes: {json.dumps(outcomes)}", flush=True
    )
    return total / bare_cpu, pages / seconds


class Consumer(threading.Thread):
    """Reads the output streams as a consumer does, and keeps when each document came into its hands."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.came = {}
        self.stopped = threading.Event()
        self._url = url

    def run(self):
        import redis  # noqa: PLC0415

        client = redis.Redis.from_url(self._url)
        places = dict.fromkeys(STREAMS, "0")
        while not self.stopped.is_set():
            for stream, entries in client.xread(places, block=200, count=100) or ():
                now = time.time()
                for id_, fields in entries:
                    document = json.loads(fields[b"document"])
                    emitted = int(id_.partition(b"-")[0]) / 1e3
                    self.came[document["url"]] = now, emitted, document.get("fetched_at")
                    places[stream.decode()] = id_


def latency(shared, number, a_second, *, push):
    """Seconds from "the item is in the feed" to "the document is in the consumer's hands", items coming at random moments."""
    hosts = 40
    site = Site(shared, number, hosts)
    try:
        # Where a hub tells what is new, polls come late enough to bring nothing here.
        with pipeline(poll_interval=3600) as system:
            consumer = Consumer(system.store.url)
            consumer.start()
            interval = 3600.0 if push else 2.0
            sources = [new_source(url, interval=interval) for url in site.feeds("/pushed.xml" if push else "/feed.xml")]
            site.publish(range(number, number + hosts))
            system.registry.add(sources)
            system.rest(hosts)
            if push:
                wait_until(lambda: site.subscribers() == hosts, "the hub's subscribers")
            rng, published, before = random.Random(3), {}, system.cpu()
            began = time.perf_counter()
            for n in range(number):
                published[site.url(n)] = site.publish([n])
                time.sleep(rng.expovariate(a_second))
            system.rest(number + hosts)
            pace = number / (time.perf_counter() - began)
            used = sum(system.cpu().values()) - sum(before.values())
            wait_until(lambda: published.keys() <= consumer.came.keys(), "the consumer")
            consumer.stopped.set()
            consumer.join()
    finally:
        site.stop()
    took = sorted(consumer.came[url][0] - at for url, at in published.items())
    emission = sorted(consumer.came[url][0] - consumer.came[url][1] for url in published)
    quantiles = [f"{took[int(share * len(took))]:.2f}" for share in (0.5, 0.99)]
    return [*quantiles, f"{1e3 * emission[len(emission) // 2]:.1f}", f"{pace:.1f}", f"{1e3 * used / number:.1f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--items", type=int, default=300, help="items whose latency is measured, each way")
    parser.add_argument("--only", default="cost,two,latency", help="parts, comma-separated")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if "cost" in wanted:
        _, one = cost(options.shared, options.pages, options.rounds)
    if "two" in wanted:
        _, two = cost(options.shared, options.pages, options.rounds, workers=2)
    if {"cost", "two"} <= set(wanted):
        print(f"\ntwo workers, pages a second by one's: {two / one:.2f}x")
    if "latency" in wanted:
        rows = [
            [name, *latency(options.shared, options.items, 8, push=push)]
            for name, push in (("polled every 2 s", False), ("WebSub", True))
        ]
        head = ["", "p50, s", "p99, s", "of it from the stream, ms", "pages/s", "CPU a page, ms"]
        show("From the feed to the consumer's hands", head, rows)


if __name__ == "__main__":
    main()
