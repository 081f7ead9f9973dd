"""The whole system with a user of Redis for each of its parts, over TLS: each may do its work, and no more."""

import json
import signal

import pytest
import redis.exceptions
from blackbox import article, wait_for, words
from outside_redis import OutsideRedis, free_port
from secured_redis import PASSWORD, ROOT, secured_redis, url_for

SERVICES = ("fetcher", "extractor", "deduper", "delivery")
PAGES = 12


@pytest.fixture
def server(tmp_path):
    server = secured_redis(tmp_path)
    yield server
    server.close()


@pytest.fixture
def url(server):
    return lambda user: url_for(server, user)


@pytest.fixture
def sentinel(tmp_path, server):
    """A Sentinel under TLS that watches the server as the user root, with a password of its own."""
    c = tmp_path
    config = (
        f"port 0\ntls-port {{port}}\ntls-replication yes\ntls-cert-file {c}/server.pem\ntls-key-file {c}/server.key\n"
        f"tls-ca-cert-file {c}/ca.pem\nsentinel monitor desk 127.0.0.1 {server.port} 1\nsentinel auth-user desk root\n"
        "sentinel auth-pass desk root\nrequirepass watch&see\n"
    )
    port = free_port()
    watching = OutsideRedis(
        tmp_path / "sentinel", sentinel=config.format(port=port), port=port, tls={**server.tls, "password": "watch&see"}
    )
    yield watching
    watching.close()


def site_with(make_site):
    site = make_site()
    for n in range(PAGES):
        site.page(f"/a/{n}", article(f"Story {n}", words(n, 4)))
    site.page("/a/copy", article("Story 0", words(0, 4)))
    site.page("/a/none", "<html><body><p>Nothing.</p></body></html>")
    return site.feed("/feed.xml", [f"{site.url}/a/{n}" for n in (*range(PAGES), "copy", "none")])


def operate(copydesk, operator, feed):
    """What an operator does beside the running services."""
    copydesk("audit", "--deep", env=operator)
    copydesk("rejected", "list", env=operator)
    copydesk("rejected", "retry", "--reason", "empty", env=operator)
    copydesk("retract", feed.replace("/feed.xml", "/a/1"), "--why", "a takedown", env=operator)
    copydesk("replay", "--to", "again", env=operator)
    copydesk("replay", "--to", "group:readers", env=operator)
    copydesk("explain", feed.replace("/feed.xml", "/a/2"), env=operator)


@pytest.mark.slow
def test_each_part_works_as_a_user_of_its_own(copydesk, make_site, server, url, sentinel):
    feed = site_with(make_site)
    query = url("x").partition("?")[2]
    through_sentinel = (
        url("operator").replace("rediss://", "sentinel://").replace(f":{server.port}/0?", f":{sentinel.port}/desk?")
    )
    operator = {"COPYDESK_REDIS_URL": f"{through_sentinel}&sentinel_password=watch%26see"}
    assert query in operator["COPYDESK_REDIS_URL"]
    consumer = {"COPYDESK_REDIS_URL": url("consumer")}
    copydesk("sources", "add", feed, env=operator)
    running = [copydesk.start(name, env={"COPYDESK_REDIS_URL": url(name)}) for name in SERVICES]
    try:
        wait_for(lambda: copydesk.admitted >= PAGES + 1, "every article")
        groups = ("tail", "documents", "--group", "readers")
        assert len(copydesk(*groups, env=consumer).stdout.splitlines()) >= PAGES
        assert copydesk(*groups, env=consumer).stdout == ""
        assert len(copydesk("tail", "copies", env=operator).stdout.splitlines()) == 1
        assert len(copydesk("tail", "rejected", env=operator).stdout.splitlines()) == 1
        operate(copydesk, operator, feed)
        assert copydesk("tail", "replay:again", "--group", "readers", env=consumer).stdout
        copydesk("sources", "list", env=operator)
        copydesk("doctor", env=operator, check=False)
        # Each look of delivery, of the reapers and of RQ's maintenance comes round once more.
        with server.client(**ROOT) as root:
            wait_for(lambda: root.get("copydesk:streams:full") is not None, "delivery")
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(60) for process in running] == [0] * len(running)
        for process in running:
            process.stdout.close()
    with server.client(**ROOT) as root:
        refused = {(entry["username"], entry["reason"], entry["object"], entry["context"]) for entry in root.acl_log()}
        assert refused == set()
        assert "secret" not in copydesk.log
        for name in (*SERVICES, "operator", "consumer"):
            with server.client(username=name, password=PASSWORD) as user:
                for command in ("FLUSHALL", "CONFIG GET *", "KEYS *", "SHUTDOWN", "ACL LIST", "MONITOR",
                                "REPLICAOF NO ONE", "CLIENT LIST", "SET elsewhere 1", "GET elsewhere"):  # fmt: skip
                    with pytest.raises(redis.exceptions.NoPermissionError):
                        user.execute_command(*command.split())
        not_theirs = {
            "fetcher": "XADD copydesk:documents * a b", "extractor": "GET copydesk:sources",
            "deduper": "HGET copydesk:source:1 x", "delivery": "GET copydesk:page:1",
            "consumer": "HGET copydesk:page:1 x",
        }  # fmt: skip
        for name, command in not_theirs.items():
            with (
                server.client(username=name, password=PASSWORD) as user,
                pytest.raises(redis.exceptions.NoPermissionError),
            ):
                user.execute_command(*command.split())


def test_a_certificate_that_is_no_file_is_told_before_anything_is_tried(copydesk):
    done = copydesk(
        "tail", env={"COPYDESK_REDIS_URL": "rediss://a:hush@127.0.0.1:1/0?ssl_ca_certs=/nowhere.pem"}, check=False
    )
    assert done.returncode == 2
    assert "ssl_ca_certs=/nowhere.pem is no file" in done.stderr
    assert "hush" not in done.stderr
    assert json.dumps(done.stdout) == '""'
