"""Fixtures that several folders of tests share."""

import os
import sys
from pathlib import Path

import pytest
import structlog

sys.path.insert(0, str(Path(__file__).parent))  # --import-mode=importlib adds nothing: helpers beside this file

# Hundreds of processes are started. Where Python is told to keep no bytecode, each would compile all that it imports,
# which takes a second of CPU.
if sys.dont_write_bytecode:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")

from redis_servers import KINDS, Servers


@pytest.fixture(autouse=True)
def _logs_as_they_were():
    """A command that runs within a test sends the logs to that test's standard error, which is closed after it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def redis_servers():
    servers = Servers()
    yield servers
    servers.stop()


@pytest.fixture(params=KINDS)
def redis_url(request, redis_servers):
    """URL of an empty real server; the test runs once on each kind that is installed."""
    server = redis_servers.get(request.param)
    if server is None:
        pytest.skip(f"{request.param} is not installed")
    server.flush()
    return server.url
