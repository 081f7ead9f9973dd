"""A site that answers with everything a site should not: each page and each feed ends in one clear outcome."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

HOSTILE = Path(__file__).parents[1] / "hostile.py"


@pytest.fixture
def hostile():
    process = subprocess.Popen([sys.executable, HOSTILE, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_every_case_ends_in_its_outcome(copydesk, hostile):
    with urllib.request.urlopen(f"{hostile}/cases.json") as answer:
        cases = json.load(answer)
    pages = {case["path"]: case for case in cases if case["kind"] == "page"}
    feeds = {case["path"]: case for case in cases if case["kind"] == "feed"}
    settings = {"COPYDESK_FETCH_TIMEOUT": "8", "COPYDESK_FETCH_RETRY_DELAY": "0.1", "COPYDESK_FETCH_ATTEMPTS": "2"}
    sources = [f"{hostile}/feed.xml", *(hostile + path for path in feeds)]
    copydesk("run", "--once", *sources, env=settings, check=False, timeout=240)
    rows = [row for stream in ("documents", "copies", "rejected") for row in copydesk.entries(stream)]
    found = {}
    for row in rows:
        path = row["url"].removeprefix(hostile)
        assert path not in found, f"{path} has two outcomes"
        found[path] = row
    wrong = []
    for path, case in pages.items():
        row = found.get(path)
        outcome = None if row is None else row["reason"] if row["verdict"] == "rejected" else row["verdict"]
        if outcome not in case["outcomes"]:
            wrong.append(f"{path}: {outcome}, not {case['outcomes']} ({row and row.get('detail')})")
        elif case["phrase"] and row["verdict"] != "rejected" and case["phrase"] not in row["text"]:
            wrong.append(f"{path}: {case['phrase']!r} is not in its text")
    states = {source["url"]: source for source in map(json.loads, copydesk("sources", "list").stdout.splitlines())}
    for path, case in feeds.items():
        state = states[hostile + path]
        outcome = "failed" if state["error"] else "items"
        if outcome not in case["outcomes"] or state["polled_at"] is None:
            wrong.append(f"{path}: {outcome}, not {case['outcomes']} ({state['error']})")
    assert wrong == []
