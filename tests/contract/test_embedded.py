"""The embedded server belongs to its data directory, whatever is killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from copydesk.errors import StoreUnavailable
from copydesk.runtime.embedded import EmbeddedServer, guard_runs, socket_path
from copydesk.runtime.redis import open_store
from copydesk.runtime.settings import load_settings

USER = Path(__file__).parents[1] / "embedded_user.py"


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pid_of(server):
    return int((server.directory / "server.pid").read_text())


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"  # a zombie is gone


def running(part):
    """Ids of processes whose command line has this part."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if part in (entry / "cmdline").read_bytes() and alive(int(entry.name)):
                    found.append(int(entry.name))
    return found


def guard_of(path):
    [guard] = running(f"guard\0{path}\0".encode())
    return guard


def servers_of(path):
    return running(f"--dir\0{path}/redis\0".encode()) or running(f"{path}/redis/redis.sock".encode())


def start_user(path):
    return subprocess.Popen([sys.executable, USER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_it_starts_once_serves_many_and_stops_with_the_last(tmp_path):
    first, second = EmbeddedServer(tmp_path), EmbeddedServer(tmp_path)
    url = first.attach()
    pid = pid_of(first)
    assert second.attach() == url
    first.detach()
    assert redis.Redis.from_url(url).set("k", "v")
    second.detach()
    wait_for(lambda: not alive(pid))
    wait_for(lambda: not guard_runs(first.directory))
    with EmbeddedServer(tmp_path) as again:
        assert redis.Redis.from_url(again.url).get("k") == b"v", "its data was kept"


def test_processes_share_it_and_a_killed_one_lets_go(tmp_path):
    with start_user(tmp_path) as user:
        assert user.stdout.readline() == "ready\n"
        with EmbeddedServer(tmp_path) as server:
            assert redis.Redis.from_url(server.url).get("users") == b"1"
            pid = pid_of(server)
        assert alive(pid), "the other process uses it"
        user.kill()
    wait_for(lambda: not alive(pid))


def test_many_that_start_at_once_get_one_server(tmp_path):
    users = [start_user(tmp_path) for _ in range(4)]
    assert [user.stdout.readline() for user in users] == ["ready\n"] * 4
    with EmbeddedServer(tmp_path) as server:
        assert redis.Redis.from_url(server.url).get("users") == b"4"
    for user in users:
        user.communicate(timeout=30)
        assert user.returncode == 0


def test_a_killed_server_comes_back_with_its_data(tmp_path):
    with EmbeddedServer(tmp_path, fsync="always") as server:
        client = redis.Redis.from_url(server.url)
        client.set("k", "v")
        os.kill(pid_of(server), signal.SIGKILL)

        def is_back():
            try:
                return client.get("k") == b"v"
            except redis.RedisError:
                return False

        wait_for(is_back)


def test_a_killed_guard_is_replaced_and_the_server_goes_on(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        pid = pid_of(server)
        os.kill(guard_of(tmp_path), signal.SIGKILL)
        wait_for(lambda: not guard_runs(server.directory))
        assert alive(pid)
        with EmbeddedServer(tmp_path) as second:
            assert pid_of(second) == pid
            wait_for(lambda: guard_runs(second.directory))
    wait_for(lambda: not alive(pid))


def test_a_long_path_is_no_obstacle(tmp_path):
    deep = tmp_path / ("x" * 120)
    assert len(str(socket_path(deep))) <= 100
    with EmbeddedServer(deep) as server:
        assert redis.Redis.from_url(server.url).ping()


def test_a_directory_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match=r"COPYDESK_DATA_DIR='.*file'"):
        EmbeddedServer(tmp_path / "file").attach()


def test_a_named_redis_is_used_and_nothing_is_started(redis_url, tmp_path):
    store = open_store(load_settings(redis_url=redis_url, data_dir=tmp_path))
    assert store.embedded is None
    assert store.client.ping()
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_a_redis_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(StoreUnavailable, match=r"redis://127\.0\.0\.1:1/0") as caught:
        open_store(load_settings(redis_url="redis://:hunter2@127.0.0.1:1/0"))
    assert "hunter2" not in str(caught.value)


def test_a_server_that_does_not_answer_for_a_while_is_waited_for_and_never_doubled(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        pid = pid_of(server)
        redis.Redis.from_url(server.url).set("k", "v")
        os.kill(guard_of(tmp_path), signal.SIGKILL)
        wait_for(lambda: not guard_runs(server.directory))
        os.kill(pid, signal.SIGSTOP)
        with start_user(tmp_path) as user:
            wait_for(lambda: guard_runs(server.directory))
            os.kill(pid, signal.SIGCONT)
            assert user.stdout.readline() == "ready\n"
            assert pid_of(server) == pid
            assert len(servers_of(tmp_path)) == 1
            user.communicate(timeout=30)
        busy = "local n = 0 for i = 1, 3e8 do n = n + i end return 1"
        redis.Redis.from_url(server.url).eval(busy, 0)
        assert pid_of(server) == pid
        assert redis.Redis.from_url(server.url).get("k") == b"v"
    wait_for(lambda: not alive(pid))
