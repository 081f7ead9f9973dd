"""The benchmarks of the whole pipeline and of delivery run from end to end, at a tiny size, without the labelled data."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(program, *arguments):
    command = [sys.executable, ROOT / "bench" / program, "--shared", ROOT / "not-there", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_pipeline():
    told = run("pipeline.py", "--pages", "16", "--rounds", "2", "--items", "4", "--only", "cost,latency")
    assert "16 pages, " in told
    assert "made-up pages" in told
    assert told.count("round ") == 2
    assert '"dedup:original": 20' in told
    assert "WebSub" in told


@pytest.mark.slow
def test_delivery():
    told = run("delivery.py", "--documents", "40", "--rounds", "1", "--only", "latency,memory,cap")
    assert "copy index" in told
    # All that were dropped at the cap, of 40 documents, were read by nobody.
    assert told.splitlines()[-1].split()[0] == "16"
