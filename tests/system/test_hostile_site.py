"""A site that answers with everything a site should not: each page and each feed ends in one clear outcome."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

HOSTILE = Path(__file__).parents[1] / "hostile.py"
REBINDING = Path(__file__).parents[1] / "rebinding"


@pytest.fixture
def hostile():
    process = subprocess.Popen([sys.executable, HOSTILE, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.mark.slow
def test_every_case_ends_in_its_outcome(copydesk, hostile, tmp_path):
    with urllib.request.urlopen(f"{hostile}/cases.json") as answer:
        cases = json.load(answer)
    with urllib.request.urlopen(f"{hostile}/ca.pem") as answer:
        (tmp_path / "ca.pem").write_bytes(answer.read())
    pages = {case["path"]: case for case in cases if case["kind"] == "page"}
    feeds = {case["path"]: case for case in cases if case["kind"] == "feed"}
    settings = {
        "COPYDESK_FETCH_TIMEOUT": "3",
        "COPYDESK_FETCH_FIRST_BYTE_TIMEOUT": "2",
        "COPYDESK_FETCH_RETRY_DELAY": "0.1",
        "COPYDESK_FETCH_ATTEMPTS": "2",
        "COPYDESK_ITEM_MAX_AGE": "30",
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(REBINDING), os.environ.get("PYTHONPATH")])),
    }
    sources = [f"{hostile}/feed.xml", *(hostile + path for path in feeds)]
    copydesk("run", "--once", *sources, env=settings, check=False, timeout=240)
    rows = [row for stream in ("documents", "copies", "rejected") for row in copydesk.entries(stream)]
    found = {}
    for row in rows:
        path = urlsplit(row["url"]).path
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
    assert set(found) <= set(pages)
    for path, case in feeds.items():
        state = states[hostile + path]
        outcome = "failed" if state["error"] else "items"
        if outcome not in case["outcomes"] or state["polled_at"] is None:
            wrong.append(f"{path}: {outcome}, not {case['outcomes']} ({state['error']})")
    assert wrong == []
