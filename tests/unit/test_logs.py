"""Log lines of processes that share one standard error."""

import io
import json
import logging

import pytest
import structlog

from copydesk.runtime.logs import get_log, set_up_logs
from copydesk.runtime.settings import load_settings


class Writes(io.StringIO):
    """Keeps what comes in one write apart."""

    def __init__(self):
        super().__init__()
        self.parts = []

    def write(self, text):
        self.parts.append(text)
        return len(text)


@pytest.fixture
def root():
    """The root logger, as it was before in the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


def test_a_line_and_its_end_are_one_write(root, monkeypatch):
    written = Writes()
    monkeypatch.setattr("sys.stderr", written)
    set_up_logs(load_settings(log_format="json"), "fetcher")
    get_log().info("page.fetched", id="1")
    root.error("gone")
    assert [json.loads(part)["event"] for part in written.parts] == ["page.fetched", "gone"]
    assert all(part.endswith("}\n") for part in written.parts)
