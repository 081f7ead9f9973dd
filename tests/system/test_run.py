"""``copydesk run`` and its neighbours, as a user meets them."""

import json
import os
import signal
import threading
import time

from blackbox import article, wait_for, words


def serve_articles(site, number, start=0):
    links = []
    for n in range(start, start + number):
        site.page(f"/a/{n}", article(f"Story {n}", words(n)))
        links.append(f"{site.url}/a/{n}")
    return links


def test_once_then_again_then_something_new(copydesk, make_site):
    site = make_site()
    links = serve_articles(site, 3)
    feed = site.feed("/feed.xml", links)
    done = copydesk("run", "--once", feed)
    assert "1 of 1 sources polled; 3 original" in done.stderr
    assert sorted(d["url"] for d in copydesk.entries("documents")) == sorted(links)
    # Another feed offers the same, and one more; one link differs only in what does not matter.
    more = serve_articles(site, 1, start=3)
    other = site.feed("/other.xml", [links[0] + "?utm_source=other#top", links[1], *more])
    done = copydesk("run", "--once", other)
    assert "2 of 2 sources polled; 1 original" in done.stderr
    assert all(site.asked[f"/a/{n}"] == 1 for n in range(4))
    documents = copydesk.entries("documents")
    assert len(documents) == len({d["id"] for d in documents}) == 4
    document = documents[0]
    assert document["schema"] == "copydesk.document/1"
    expected = {
        "id",
        "url",
        "host",
        "source",
        "title",
        "text",
        "language",
        "verdict",
        "copy_of",
        "cluster",
        "novelty",
        "removed",
        "published_at",
    }
    assert expected <= set(document)
    # Read as a group: each entry once, remembered.
    assert len(copydesk("tail", "documents", "--group", "g").stdout.splitlines()) == 4
    assert copydesk("tail", "documents", "--group", "g").stdout == ""
    wait_for(lambda: not (copydesk.folder / "var/redis/server.pid").exists(), "the embedded server to stop")


def test_a_source_that_cannot_be_reached_is_a_clear_line(copydesk, make_site):
    site = make_site()
    good = site.feed("/feed.xml", serve_articles(site, 1))
    gone = make_site()
    gone.close()
    done = copydesk("run", "--once", good, f"{gone.url}/feed.xml", f"{site.url}/nothing.xml", check=False)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("copydesk: ")]
    assert any(f"{gone.url}/feed.xml could not be polled" in line for line in lines)
    assert any(f"{site.url}/nothing.xml could not be polled: status 404" in line for line in lines)
    assert "1 of 3 sources polled; 1 original" in lines[-1]
    assert "Traceback" not in done.stderr


def test_a_private_address_is_not_fetched_unless_allowed(copydesk, make_site):
    site = make_site()
    feed = site.feed("/feed.xml", serve_articles(site, 1))
    done = copydesk("run", "--once", feed, check=False, env={"COPYDESK_FETCH_ALLOW_NETWORKS": ""})
    assert done.returncode == 1
    assert "COPYDESK_FETCH_ALLOW_NETWORKS can allow it" in done.stderr
    assert not site.asked


def test_run_goes_on_until_it_is_stopped_and_where_it_was(copydesk, make_site):
    site = make_site()
    feed = site.feed("/feed.xml", serve_articles(site, 2))
    process = copydesk.start("run", feed, env={"COPYDESK_POLL_INTERVAL": "1"})
    try:
        follower = copydesk.start("tail", "documents", "--follow")
        first = [json.loads(follower.stdout.readline()) for _ in range(2)]
        site.feed("/feed.xml", serve_articles(site, 3))
        third = json.loads(follower.stdout.readline())
        assert third["id"] not in {d["id"] for d in first}
        # Sources can be added beside it.
        copydesk("sources", "add", site.feed("/second.xml", serve_articles(site, 1, start=9)))
        assert json.loads(follower.stdout.readline())["url"] == f"{site.url}/a/9"
        follower.send_signal(signal.SIGINT)
        follower.communicate(timeout=30)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.stdout.close()
    assert "Traceback" not in copydesk.log
    assert len(copydesk.entries("documents")) == 4
    assert copydesk("run", "--once").returncode == 0
    assert len(copydesk.entries("documents")) == 4
    assert all(site.asked[f"/a/{n}"] == 1 for n in (0, 1, 2, 9))


def test_doctor(copydesk):
    done = copydesk("doctor", "--json")
    levels = {finding["check"]: finding["level"] for finding in map(json.loads, done.stdout.splitlines())}
    assert levels["redis"] == levels["eviction policy"] == levels["persistence"] == "ok"


def test_two_commands_share_the_embedded_server(copydesk):
    start = time.monotonic()
    follower = copydesk.start("tail", "documents", "--follow")
    pid_file = copydesk.folder / "var/redis/server.pid"
    wait_for(pid_file.exists, "the embedded server")
    pid = pid_file.read_text()
    copydesk("sources", "add", "https://a.example/feed.xml")
    assert pid_file.read_text() == pid
    follower.send_signal(signal.SIGTERM)
    follower.communicate(timeout=30)
    assert time.monotonic() - start < 60


def test_a_service_that_cannot_start_ends_the_run(copydesk, make_site):
    site = make_site()
    taken = site.url.rpartition(":")[2]
    feed = site.feed("/feed.xml", serve_articles(site, 1))
    done = copydesk("run", "--once", feed, check=False, env={"COPYDESK_HTTP_PORT": taken})
    assert done.returncode == 2
    assert f"COPYDESK_HTTP_PORT={taken}: cannot listen there" in done.stderr
    assert "copydesk: the fetcher cannot start" in done.stderr


def test_the_round_ends_though_a_source_goes_and_redis_pauses(copydesk, make_site):
    held, site = make_site(), make_site()
    feeds = [held.feed("/held.xml", serve_articles(held, 1)), site.feed("/feed.xml", serve_articles(site, 1, start=1))]
    held.held["/held.xml"] = threading.Event()
    # The held answer must not run into a time-out of its own on a busy machine.
    patient = {"COPYDESK_FETCH_TIMEOUT": "90", "COPYDESK_FETCH_FIRST_BYTE_TIMEOUT": "90"}
    run = copydesk.start("run", "--once", *feeds, env=patient)
    try:
        wait_for(lambda: copydesk.admitted == 1, "the first document")
        server = int((copydesk.folder / "var/redis/server.pid").read_text())
        os.kill(server, signal.SIGKILL)
        copydesk("sources", "remove", feeds[0])
        held.held["/held.xml"].set()
        assert run.wait(90) == 0
    finally:
        run.kill()
        run.stdout.close()
    assert "Traceback" not in copydesk.log
