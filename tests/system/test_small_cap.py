"""A consumer stalls while a stream has a small cap: the intake waits for it, nothing is dropped; the books agree meanwhile."""

import json
import signal

import pytest
from blackbox import article, wait_for, words
from outside_redis import OutsideRedis

PAGES = 1_300
CAP = 1_000
STREAM, COPIES = "copydesk:documents", "copydesk:copies"


@pytest.fixture
def server(tmp_path):
    server = OutsideRedis(tmp_path / "redis")
    yield server
    server.close()


def site_with(make_site):
    site = make_site()
    for n in range(PAGES):
        site.page(f"/a/{n}", article(f"Story {n}", words(n, 4)))
    return site, site.feed("/feed.xml", [f"{site.url}/a/{n}" for n in range(PAGES)])


def read_all(client, got):
    """What a consumer does that has come back: reads and acknowledges until nothing is left."""
    answer = client.xreadgroup("stalled", "me", {STREAM: ">"}, count=100)
    entries = answer[0][1] if answer else []
    got.extend(fields for _, fields in entries)
    if entries:
        client.xack(STREAM, "stalled", *(entry for entry, _ in entries))
    return entries


@pytest.mark.slow
def test_a_stalled_consumer_of_a_small_stream_loses_nothing(copydesk, make_site, server):
    site, feed = site_with(make_site)
    client = server.client()
    client.xgroup_create(STREAM, "stalled", "0", mkstream=True)
    copydesk.env |= {"COPYDESK_REDIS_URL": server.url, "COPYDESK_STREAM_MAX_LENGTH": str(CAP)}
    run = copydesk.start("run", feed, env={"COPYDESK_FETCH_HOST_DELAY": "0"})
    got = []
    try:
        wait_for(lambda: copydesk.admitted >= 100, "the first articles")
        # Beside a system under load.
        for _ in range(10):
            audit = copydesk("audit", "--deep", check=False)
            assert audit.returncode == 0, (audit.stdout, audit.stderr)
        taken_out = f"{site.url}/a/{PAGES - 1}"
        retracted = copydesk("retract", taken_out, "--why", "a takedown while all runs")
        assert json.loads(retracted.stdout.splitlines()[0])
        wait_for(lambda: '"intake.paused"' in copydesk.log, "the intake to pause", 150)
        wait_for(
            lambda: not any(client.zcard(f"copydesk:{place}") for place in ("stage:extract", "stage:dedup")),
            "the rest to end",
        )
        assert 0.6 * CAP < client.xlen(STREAM) < CAP
        wait_for(lambda: [read_all(client, got), done(client)][-1], "the rest", 150)
        wait_for(lambda: '"intake.resumed"' in copydesk.log, "the intake to go on")
        while read_all(client, got):
            pass
        run.send_signal(signal.SIGTERM)
        assert run.wait(90) == 0
    finally:
        run.kill()
        run.stdout.close()
    counts = {name.decode(): int(number) for name, number in client.hgetall("copydesk:counts").items()}
    assert "stream:dropped" not in counts
    documents = [json.loads(fields[b"document"]) for fields in got if fields[b"verdict"] != b"gap"]
    assert len(documents) == len(got), "no gap"
    urls = [document["url"] for document in documents if document["verdict"] != "retracted"]
    assert len(urls) == len(set(urls))
    assert {f"{site.url}/a/{n}" for n in range(PAGES)} - set(urls) <= {taken_out}
    assert copydesk("audit", "--deep", check=False).returncode == 0


def done(client):
    counts = {name.decode(): int(number) for name, number in client.hgetall("copydesk:counts").items()}
    ended = sum(
        number for name, number in counts.items() if name.startswith(("dedup:", "extract:rejected", "fetch:rejected"))
    )
    return ended >= PAGES
