"""Version 1 of what comes out, as it was published with each release: today's records are still of it, and it is still read.

``docs/schema/published/RELEASE/`` is never changed once it is released; a release adds a folder.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from copydesk.models import Document, Gap, Rejected, RejectReason, Retraction, Verdict
from copydesk.schema import PUBLISHED, file_name, json_schema

RELEASES = sorted((Path(__file__).parents[2] / "docs/schema/published").iterdir())
SAMPLES = (Path(__file__).parents[1] / "data/published.jsonl").read_text(encoding="utf-8").splitlines()
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def published(release, schema):
    return json.loads((release / file_name(schema)).read_text(encoding="utf-8"))


CASES = [
    pytest.param(release, schema, id=f"{release.name}-{schema}")
    for release in RELEASES
    for schema in PUBLISHED
    if (release / file_name(schema)).exists()
]


def full(**fields):
    known = {
        "id": "0" * 24, "url": "https://a.example/1", "host": "a.example", "source": "s", "title": "T", "text": "A story.",
        "language": "en", "verdict": "original", "copy_of": None, "cluster": "0" * 24, "novelty": 0.5, "lead": True,
        "removed": [{"text": "Share", "reason": "share", "rule": "share.words", "index": 1}],
        "published_at": NOW, "published_from": "json-ld", "modified_at": NOW, "modified_from": "meta", "fetched_at": NOW,
        "authors": ["A"], "site_name": "S", "section": "X", "tags": ["t"], "image": "https://a.example/i", "description": "D",
        "canonical_url": "https://b.example/1", "paywalled": False, "agency": "dpa", "publisher": "b.example",
        "labels": {"country": "de"}, "reservations": ["noai"], "learned": 3,
        "credits": [{"kind": "agency", "name": "dpa", "rule": "r", "text": "(dpa)"}],
        "blocks": [{"text": "A story.", "kind": "paragraph"}],
        "evidence": {
            "nearest": "1" * 24, "distance": 3, "containment": 0.5, "contained": 0.25, "similarity": 0.3, "extends": "2" * 24,
            "sources": ["1" * 24], "matches": [{"passage": 0, "document": "1" * 24, "there": 2, "distance": 1}],
            "change": {"added": [0], "edited": [1], "gone": [2]}, "joins": ["3" * 24], "lead": "4" * 24, "reason": "R",
        },
    }  # fmt: skip
    return Document(**known | fields)


RECORDS = [
    full(),
    full(verdict="copy", copy_of="1" * 24, cluster="1" * 24),
    full(verdict="revision", revision=2),
    Document(
        id="0" * 24, url="https://a.example/1", host="a.example", source=None, title=None, text="", language=None,
        verdict="original", copy_of=None, cluster="0" * 24, novelty=1, removed=[], published_at=None,
    ),
    *(
        Rejected(
            id="0" * 24, url="https://a.example/1", host="a.example", source=None, stage="fetch", reason=reason, detail="",
            rejected_at=NOW,
        )
        for reason in RejectReason
    ),
    Retraction(id="0" * 24, revision=2, url="https://a.example/1", host="a.example", why="w", retracted_at=NOW),
    Gap(id="5-0", first="1-0", last="5-0", entries=5, groups=["g"]),
]  # fmt: skip


@pytest.mark.parametrize(("release", "schema"), CASES)
def test_todays_records_are_of_every_version_that_was_published(release, schema):
    validator = jsonschema.Draft202012Validator(opened(published(release, schema)))
    records = [json.loads(record.model_dump_json()) for record in RECORDS if record.schema_ == schema]
    assert records
    for record in records:
        validator.validate(record)
        # A later release adds a field, and one to an object within.
        validator.validate(record | {"of_tomorrow": [{}]})


def test_all_verdicts_are_among_those_records():
    told = {record.verdict for record in RECORDS}
    assert told == {*Verdict, "rejected", "retracted", "gap"} - {Verdict.UNCHANGED}


@pytest.mark.parametrize(("release", "schema"), CASES)
def test_today_only_adds_optional_fields(release, schema):
    then, now = published(release, schema), json.loads(json_schema(schema))
    assert complaints(then, now) == []


def test_samples_of_the_first_release_are_read():
    seen = set()
    for line in SAMPLES:
        sample = json.loads(line)
        record = PUBLISHED[sample["schema"]].model_validate_json(line)
        seen.add(sample["verdict"])
        again = json.loads(record.model_dump_json())
        assert {name: again[name] for name in sample} == sample, "what it said is still said"
        assert PUBLISHED[sample["schema"]].model_validate(sample | {"of_tomorrow": 1}) == record
    assert seen == {"original", "copy", "revision", "rejected", "retracted", "gap"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda s: s["properties"].pop("title"), "title: dropped"),
        (lambda s: s["properties"]["text"].update(type="integer"), "text: type string is now integer"),
        (lambda s: s["properties"].update(new={"type": "string"}) or s["required"].append("new"), "new: required"),
        (lambda s: s["required"].remove("url"), "url: no longer required"),
        (lambda s: s["$defs"]["Verdict"]["enum"].append("other"), "Verdict: 'other' is a new verdict"),
        (lambda s: s["$defs"]["RemovedBlock"]["properties"].pop("rule"), "RemovedBlock.rule: dropped"),
    ],
)
def test_each_kind_of_break_is_seen(change, complaint):
    schema = json.loads(json_schema("copydesk.document/1"))
    then = json.loads(json.dumps(schema))
    change(schema)
    assert complaint in complaints(then, schema)


def opened(schema):
    """Sets of values other than the verdict may grow: a reason that a consumer does not know is a reason."""
    for name, definition in schema.get("$defs", {}).items():
        if name != "Verdict":
            definition.pop("enum", None)
    return schema


def complaints(then, now):
    """What a consumer of ``then`` would find broken in ``now``."""
    found = objects("", then, now)
    for name, definition in then.get("$defs", {}).items():
        if name not in now.get("$defs", {}):
            found.append(f"{name}: dropped")
            continue
        today = now["$defs"][name]
        found += objects(f"{name}.", definition, today)
        if name == "Verdict":
            found += [
                f"Verdict: {value!r} is a new verdict" for value in today["enum"] if value not in definition["enum"]
            ]
        found += [f"{name}: {value!r} is gone" for value in definition.get("enum", []) if value not in today["enum"]]
    return found


def objects(prefix, then, now):
    found = []
    properties = now.get("properties", {})
    for name, was in then.get("properties", {}).items():
        if name not in properties:
            found.append(f"{prefix}{name}: dropped")
        elif shape(was) != shape(properties[name]):
            found.append(f"{prefix}{name}: type {shape(was)} is now {shape(properties[name])}")
    required, today = set(then.get("required", [])), set(now.get("required", []))
    found += [f"{prefix}{name}: no longer required" for name in required - today]
    found += [f"{prefix}{name}: required" for name in today - required]
    return found


def shape(described):
    """The type of a property, without its words and its default."""
    if "anyOf" in described:
        return sorted(str(shape(part)) for part in described["anyOf"])
    if "$ref" in described:
        return described["$ref"]
    if described.get("type") == "array":
        return ["array of", shape(described.get("items", {}))]
    if "const" in described:
        return f"{described.get('type')} {described['const']!r}"
    return described.get("type")
