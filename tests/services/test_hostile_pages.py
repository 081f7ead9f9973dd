"""Every page of ``hostile_pages`` ends in one clear outcome, and the pages after it come out as if nothing had been."""

import base64
import json
import subprocess
import sys

import pytest
from hostile_pages import PAGES, around

from copydesk_services.commands.pool import ExtractPool

SMALL, LARGE = 6_000, 9_900_000
GOOD = around("")
STOPPED = {"stalled", "crashed", "extract_failed"}


def extracted(tmp_path, size):
    file = tmp_path / "pages.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for name, page in PAGES.items():
            body = page(size)
            held = {"html_b64": base64.b64encode(body).decode()} if isinstance(body, bytes) else {"html": body}
            lines.write(json.dumps({"id": name, "url": "https://paper.example/a", **held}) + "\n")
            lines.write(json.dumps({"id": f"after {name}", "url": "https://paper.example/b", "html": GOOD}) + "\n")
    command = [sys.executable, "-m", "copydesk_services", "extract", "--jsonl", "--timeout", "60", str(file)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    rows = {row["id"]: row for row in map(json.loads, done.stdout.decode("utf-8").splitlines())}
    assert list(rows) == [id_ for name in PAGES for id_ in (name, f"after {name}")]
    return rows


@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.slow)])
def test_each_ends_in_one_outcome(tmp_path, size):
    rows = extracted(tmp_path, size)
    good = rows[f"after {next(iter(PAGES))}"]["text"]

    assert good.count("\n") == 2
    for name in PAGES:
        row = rows[name]
        assert row["rejected"] not in STOPPED, f"{name}: {row['rejected']}: {row['detail']}"
        assert row["text"].strip() or row["detail"], f"{name}: neither a text nor a reason"
        assert rows[f"after {name}"]["text"] == good, name


def test_a_page_that_takes_too_long_or_too_much_ends_alone():
    # Both are let in by a bound of their own: below the usual one, no page is known to take so much.
    attributes = " ".join(f"a{n}=1" for n in range(9_900))
    slow = around(f"<div {attributes}></div>" * 400)
    large = PAGES["one long text"](60_000_000)
    for page, seconds, memory in ((slow, 10.0, 4_000_000_000), (large, 60.0, 400_000_000)):
        with ExtractPool(1, seconds=seconds, memory_bytes=memory) as pool:
            asked = [pool.submit(body, "https://paper.example/a", max_bytes=10**9) for body in (page, GOOD)]
            bad, good = [wait() for wait in asked]
        assert bad["rejected"] == "stalled" if page is slow else bad["rejected"] is not None
        assert good["rejected"] is None
