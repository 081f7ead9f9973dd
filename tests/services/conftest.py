"""Fixtures of the tests of parts that run together."""

import sys

import pytest

from copydesk.runtime.settings import Settings
from copydesk_services.__main__ import main


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
