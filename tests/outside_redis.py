"""A redis-server outside of copydesk, on a port, for tests that take it away: with a password, TLS, replicas, Sentinel."""

import contextlib
import shutil
import socket
import subprocess
import time

import redis


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OutsideRedis:
    """One redis-server (or, with ``sentinel``, a Sentinel) whose data and port outlive its process."""

    def __init__(self, folder, *options, sentinel=None, port=None, tls=None):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.tls = tls or {}
        self._options = [str(option) for option in options]
        self._sentinel = sentinel
        self._process = None
        self.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, **options):
        return redis.Redis("127.0.0.1", self.port, **{"socket_timeout": 5, **self.tls, **options})

    def start(self):
        if self._sentinel is None:
            port = ["--port", "0", "--tls-port", self.port] if self.tls else ["--port", self.port]
            command = ["redis-server", *map(str, port), "--dir", self.folder, "--save", "", "--appendonly", "yes"]
        else:
            config = self.folder / "sentinel.conf"
            if not config.exists():
                config.write_text(f"{'' if self.tls else f'port {self.port}'}\ndir {self.folder}\n{self._sentinel}\n")
            command = ["redis-server", config, "--sentinel"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*command, *self._options], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                with self.client() as client, contextlib.suppress(redis.AuthenticationError):
                    client.ping()
                break
            except redis.ConnectionError:
                assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
