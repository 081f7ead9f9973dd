"""Fixtures of the black-box tests. Nothing in this folder imports copydesk."""

import contextlib
import os
import signal

import pytest
from blackbox import SHARED, Copydesk, Site


@pytest.fixture
def copydesk(tmp_path):
    desk = Copydesk(tmp_path)
    yield desk
    # Whatever a failed test left running ends with its data directory.
    with contextlib.suppress(ProcessLookupError, FileNotFoundError, ValueError):
        os.kill(int((tmp_path / "var/redis/server.pid").read_text()), signal.SIGTERM)


@pytest.fixture
def make_site():
    sites = []

    def make():
        sites.append(Site())
        return sites[-1]

    yield make
    for site in sites:
        site.close()


@pytest.fixture
def shared():
    """The folder of labelled data beside the checkout."""
    if not (SHARED / "seeds").is_dir():
        pytest.skip("the labelled data (../shared) is not beside this checkout")
    return SHARED
