"""Processes are killed in the middle of their work: nothing is lost, nothing comes out twice."""

import os
import signal
import subprocess
from collections import Counter

import pytest
from blackbox import article, wait_for, words

HOSTS = 6
PAGES = 96


def processes():
    """Process id to parent and command line, of everything that runs."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(None, 2) for line in listing.splitlines())
    return {int(row[0]): (int(row[1]), row[2] if len(row) > 2 else "") for row in rows}


def below(root):
    """Process ids under a process, with their command lines."""
    running = processes()
    found, frontier = {}, {root}
    while frontier:
        frontier = {pid for pid, (parent, _) in running.items() if parent in frontier and pid not in found}
        found.update({pid: running[pid][1] for pid in frontier})
    return found


def find(root, what):
    """A process under ``root`` whose command line ends so."""
    return next((pid for pid, command in below(root).items() if command.endswith(what)), None)


def serve(make_site):
    sites = [make_site() for _ in range(HOSTS)]
    links = []
    for n in range(PAGES):
        site = sites[n % HOSTS]
        site.page(f"/a/{n}", article(f"Story {n}", words(n, 4)))
        links.append(f"{site.url}/a/{n}")
    return sites, links, sites[0].feed("/feed.xml", links)


def emitted(copydesk):
    return [d for stream in ("documents", "copies", "rejected") for d in copydesk.entries(stream)]


def check(documents, links, sites, kills):
    urls = Counter(document["url"] for document in documents)
    assert set(urls) == set(links)
    assert set(urls.values()) == {1}
    assert {document["verdict"] for document in documents} == {"original"}
    asked = Counter(
        {f"{site.url}{path}": n for site in sites for path, n in site.asked.items() if path.startswith("/a/")}
    )
    assert all(1 <= asked[link] <= 1 + kills for link in links)
    assert sum(asked.values()) <= PAGES + kills * HOSTS, "at most one more GET for each request in flight at a kill"


@pytest.mark.slow
def test_any_service_may_be_killed(copydesk, make_site):
    sites, links, feed = serve(make_site)
    run = copydesk.start("run", feed, env={"COPYDESK_FETCH_HOST_DELAY": "0.4", "COPYDESK_BATCH_PAGES": "4"})
    try:
        victims = [" fetcher", " extractor", " worker extract", " deduper", " worker dedup", "redis-server-of-this-run"]
        for n, victim in enumerate(victims):
            asked = (n + 1) * PAGES // (len(victims) + 2)
            wait_for(lambda asked=asked: sum(sum(site.asked.values()) for site in sites) >= asked, f"{asked} requests")
            if victim.startswith("redis"):
                pid = int((copydesk.folder / "var/redis/server.pid").read_text())
            else:
                pid = wait_for(lambda victim=victim: find(run.pid, victim), victim)
            os.kill(pid, signal.SIGKILL)
        # A deduper that is killed may have emitted a batch without saying so.
        wait_for(lambda: copydesk.admitted >= PAGES - 8, "nearly every article")
        wait_for(lambda: len(emitted(copydesk)) >= PAGES, "every article")
        run.send_signal(signal.SIGTERM)
        assert run.wait(90) == 0
    finally:
        run.kill()
        run.stdout.close()
    check(emitted(copydesk), links, sites, kills=2)


def test_all_of_it_may_be_killed_and_started_again(copydesk, make_site):
    sites, links, feed = serve(make_site)
    run = copydesk.start("run", feed, env={"COPYDESK_FETCH_HOST_DELAY": "0.2", "COPYDESK_BATCH_PAGES": "4"})
    try:
        wait_for(lambda: sum(sum(site.asked.values()) for site in sites) >= PAGES // 2, "half of the requests")
        services = below(run.pid)
    finally:
        run.kill()
        run.wait()
        run.stdout.close()
    wait_for(lambda: not set(services) & set(processes()), "the services to follow their parent")
    copydesk("run", "--once")
    check(emitted(copydesk), links, sites, kills=1)
