"""Redis goes away in the middle of the work: all wait, say so once, and go on by themselves; nothing is lost."""

import json
import signal
import time
import urllib.request
from collections import Counter

import pytest
import redis.sentinel
from blackbox import article, wait_for, words
from outside_redis import OutsideRedis, free_port

PAGES = 40
SLOWLY = {"COPYDESK_FETCH_HOST_DELAY": "0.2", "COPYDESK_BATCH_PAGES": "4"}


@pytest.fixture
def outside(tmp_path):
    servers = []

    def start(name, *options, **how):
        servers.append(OutsideRedis(tmp_path / name, *options, **how))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def feed(make_site):
    site = make_site()
    for n in range(PAGES):
        site.page(f"/a/{n}", article(f"Story {n}", words(n, 4)))
    return site.feed("/feed.xml", [f"{site.url}/a/{n}" for n in range(PAGES)])


def events(copydesk):
    return [json.loads(line) for line in copydesk.log.splitlines() if line.startswith("{")]


def ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def finish(copydesk, run, *, noticed):
    """Wait until everything is out, and stop: each article is there once, and who noticed that Redis was away said so once.

    ``noticed``: how often the fetcher did at least, which asks all the time; the others may have had nothing to ask.
    """
    try:
        wait_for(lambda: copydesk.admitted >= PAGES, "every article")
        run.send_signal(signal.SIGTERM)
        assert run.wait(90) == 0
    finally:
        run.kill()
        run.stdout.close()
    urls = Counter(document["url"] for document in copydesk.entries("documents"))
    assert (len(urls), set(urls.values())) == (PAGES, {1}), "each once"
    assert "Traceback" not in copydesk.log
    changes = Counter(
        (event.get("service"), event["event"]) for event in events(copydesk) if "redis." in event["event"]
    )
    for service in ("fetcher", "extractor", "deduper"):
        # A service and its worker each say it once, and once more where a connection broke again right after.
        assert changes[service, "redis.away"] <= 4, changes
        assert changes[service, "redis.away"] == changes[service, "redis.back"], changes
    assert changes["fetcher", "redis.away"] >= noticed, changes
    assert not [event for event in events(copydesk) if event["event"] in ("service.died", "worker.died")]


def away(server, how):
    """Take the server away; what brings it back."""
    if how == "killed":
        server.kill()
        return server.start
    if how == "silent":
        server.signal(signal.SIGSTOP)
        return lambda: server.signal(signal.SIGCONT)
    setting = {"full": ("maxmemory", 100_000), "demoted": None}[how]
    client = server.client()
    if setting is None:
        client.replicaof("127.0.0.1", free_port())
        return lambda: client.replicaof("NO", "ONE")
    client.config_set(*setting)
    return lambda: client.config_set("maxmemory", 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("killed", "Redis does not answer"),
        ("silent", "Redis does not answer"),
        ("full", "Redis has no memory left"),
        ("demoted", "Redis is a replica"),
    ],
)
def test_redis_may_go_away(copydesk, feed, outside, how, problem):
    server = outside("redis")
    copydesk.env["COPYDESK_REDIS_URL"] = server.url
    port = free_port()
    run = copydesk.start("run", feed, env={**SLOWLY, "COPYDESK_HTTP_PORT": str(port)})
    try:
        wait_for(lambda: copydesk.admitted >= 8, "the first articles")
        bring_back = away(server, how)
        wait_for(lambda: ready(port)["problem"] == problem, "/readyz to say so")
        told = len(copydesk.log)
        time.sleep(3)  # in which nothing is to be told again, or done without end
        assert copydesk.log[told:].count("\n") < 20
        bring_back()
        wait_for(lambda: ready(port)["ok"], "/readyz to say that it is back")
    except BaseException:
        run.kill()
        raise
    finish(copydesk, run, noticed=1)


@pytest.mark.slow
def test_a_failover_loses_nothing_that_was_replicated(copydesk, feed, outside):
    first = outside("first")
    second = outside("second", "--replicaof", "127.0.0.1", first.port)
    watched = f"sentinel monitor desk 127.0.0.1 {first.port} 1\nsentinel down-after-milliseconds desk 1000\n"
    sentinel = outside("sentinel", sentinel=watched + "sentinel failover-timeout desk 5000\n")
    wait_for(lambda: sentinel.client().execute_command("SENTINEL", "REPLICAS", "desk"), "the replica to be found")
    wait_for(lambda: second.client().info("replication")["master_link_status"] == "up", "the replica")
    nobody = free_port()  # a Sentinel that is down is passed over
    copydesk.env["COPYDESK_REDIS_URL"] = f"sentinel://127.0.0.1:{nobody},127.0.0.1:{sentinel.port}/desk/0"
    run = copydesk.start("run", feed, env=SLOWLY)
    try:
        wait_for(lambda: copydesk.admitted >= 8, "the first articles")
        first.kill()
        wait_for(lambda: second.client().info("replication")["role"] == "master", "the replica to take over")
    except BaseException:
        run.kill()
        raise
    finish(copydesk, run, noticed=0)  # it may be over before somebody asks
    [(host, port)] = [redis.sentinel.Sentinel([("127.0.0.1", sentinel.port)]).discover_master("desk")]
    assert (host, port) == ("127.0.0.1", second.port)


@pytest.mark.slow
@pytest.mark.parametrize("cause", ["memory", "streams"])
def test_the_intake_gives_way_before_a_bound_and_nothing_is_refused(copydesk, feed, outside, cause):
    server = outside("redis")
    client = server.client()
    copydesk.env["COPYDESK_REDIS_URL"] = server.url
    if cause == "streams":
        client.xgroup_create("copydesk:documents", "stalled", "0", mkstream=True)
    else:
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 200_000_000)
    run = copydesk.start("run", feed, env={**SLOWLY, "COPYDESK_FETCH_HOST_DELAY": "0.8"})
    try:
        wait_for(lambda: copydesk.admitted >= 4, "the first articles")
        if cause == "streams":
            client.set("copydesk:lock:streams", "another", ex=600)  # so that what is said here stays
            full = {"settled": 0, "streams": {"documents": [800, 1_000]}}
            wait_for(lambda: client.set("copydesk:streams:full", json.dumps(full)), "it to be said")
        else:
            client.setrange("filler", 164_000_000, "x")
        wait_for(lambda: '"intake.paused"' in copydesk.log, "the intake to pause")
        wait_for(
            lambda: not any(client.zcard(f"copydesk:stage:{stage}") for stage in ("extract", "dedup")),
            "the rest to end",
        )
        assert copydesk.admitted < PAGES
        assert "redis.away" not in copydesk.log
        client.delete("filler", "copydesk:streams:full")
        wait_for(lambda: '"intake.resumed"' in copydesk.log, "the intake to go on")
    except BaseException:
        run.kill()
        raise
    finish(copydesk, run, noticed=0)
