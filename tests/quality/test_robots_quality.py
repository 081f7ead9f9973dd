"""robots.txt: Google's own cases, and files as they are in the world. A floor, not a target."""

import base64
import json
import lzma
import time
from pathlib import Path

import pytest

from copydesk.core.robots import RobotsRules

DATA = Path(__file__).parents[3] / "shared" / "data" / "robots"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the labelled data (../shared) is not beside this checkout")


def test_googles_own_cases():
    cases = json.loads((DATA / "google-robotstxt-vectors.json").read_text(encoding="utf-8"))
    wrong = [
        case
        for case in cases
        if RobotsRules(case["robots_txt"].encode(), case["user_agent"]).allows(case["url"]) != case["allowed"]
    ]
    print(f"{len(cases) - len(wrong)} of {len(cases)}")  # noqa: T201 -- a figure
    assert wrong == []


def test_files_of_the_world_are_read_in_no_time():
    files = json.loads((DATA / "crawler-commons-robots.json").read_text(encoding="utf-8"))
    with lzma.open(DATA / "real-robots.jsonl.xz") as lines:
        files += map(json.loads, lines)
    longest = 0.0
    for file in files:
        data = file["text"].encode() if "text" in file else base64.b64decode(file["b64"])
        started = time.process_time()
        rules = RobotsRules(data, "copydesk")
        rules.allows("https://paper.example/2026/10/01/a-story-of-the-day.html?page=2")
        longest = max(longest, time.process_time() - started)
    print(f"{len(files)} files, the slowest in {1000 * longest:.1f} ms")  # noqa: T201 -- a figure
    assert longest < 0.25
