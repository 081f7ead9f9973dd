"""What fuzzing (``make fuzz``) has found stays mended; and a few seconds' worth of new cases, the same in every run."""

import base64
import json
from pathlib import Path

import fuzz
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FOUND = Path(__file__).parents[1] / "data" / "hostile" / "found.jsonl"
CASES = [json.loads(line) for line in FOUND.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["was"][:60])
def test_found_once(case):
    check, _ = fuzz.INVARIANTS[case["check"]]
    check(*(base64.b64decode(part["b64"]) if isinstance(part, dict) else part for part in case["given"]))


@pytest.mark.parametrize("name", fuzz.INVARIANTS)
def test_invariants(name):
    check, strategies = fuzz.INVARIANTS[name]
    rule = settings(
        max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    rule(given(st.tuples(*strategies))(lambda parts: check(*parts)))()
