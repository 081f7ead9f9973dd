"""What is public is documented: a test fails when it is not."""

import importlib
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from copydesk.models import Document, Gap, Rejected, RejectReason, Retraction
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import Settings
from copydesk.schema import PUBLISHED, file_name, json_schema
from copydesk_services.__main__ import VERBS, cli

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def read(name):
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text):
    """First cells of a document's table rows, without their backquotes, and the rows."""
    return {match[1]: match[0] for match in re.finditer(r"^\| `([^`]+)`.*$", text, re.MULTILINE)}


def test_every_setting_is_documented_with_its_default():
    documented = rows(read("settings.md"))
    assert set(documented) == {f"COPYDESK_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if default is None or default in ((), {}):
            told = "none"
        elif isinstance(default, tuple):
            told = f"`{','.join(default)}`"
        elif isinstance(default, float):
            told = f"`{default:g}`"
        elif isinstance(default, Path):
            told = f"`./{default}`"
        else:
            told = f"`{getattr(default, 'value', default)}`"
        assert f"| {told} |" in documented[f"COPYDESK_{name.upper()}"], name


def test_every_metric_is_documented_with_its_type_and_labels():
    documented = rows(read("metrics.md"))
    for collector, names in Metrics("test").registry._collector_to_names.items():
        name = getattr(collector, "_name", None)
        if name is None:
            continue  # process and platform metrics, the client's own
        public = name + ("_total" if collector._type == "counter" else "")
        assert public in documented, f"{names} is not in docs/metrics.md"
        _, kind, labels = (cell.strip() for cell in documented[public].split("|")[1:4])
        assert kind == collector._type
        assert set(re.findall(r"`([a-z]+)`", labels.partition(":")[0])) == set(collector._labelnames), name


def test_every_reason_of_a_rejection_is_documented():
    told = set(re.findall(r"`([a-z0-9_]+)`", read("metrics.md").partition("## The reasons of a rejection")[2]))
    assert {reason.value for reason in RejectReason} <= told


def test_every_verb_is_in_the_readme_and_has_help_with_an_example():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert re.search(rf"`{verb}[` ]", readme), f"{verb} is not in README.md"


@pytest.mark.parametrize("verb", VERBS)
def test_help(verb):
    done = CliRunner().invoke(cli, [verb, "--help"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "Example" in done.output
    assert f"copydesk {verb}" in done.output
    assert "\\b" not in done.output, "the docstring must not be raw: click reads the character \\b"


@pytest.mark.parametrize("schema", PUBLISHED)
def test_the_published_schemas_are_the_models(schema):
    published = (DOCS / "schema" / file_name(schema)).read_text(encoding="utf-8")
    assert published == json_schema(schema), "run `make schema`"


def test_every_field_of_a_document_is_documented():
    told = read("documents.md")
    for model in (Document, Rejected, Retraction, Gap):
        for name, field in model.model_fields.items():
            assert f"`{field.alias or name}`" in told, f"{name} of {model.__name__} is not in docs/documents.md"
    assert json.loads(json_schema("copydesk.document/1"))["properties"]["schema"]["const"] == "copydesk.document/1"


def test_links_in_the_documentation_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:")):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_black_box_tests_import_nothing_of_ours():
    for path in (ROOT / "tests" / "system").glob("*.py"):
        assert not re.search(r"^\s*(from|import) copydesk", path.read_text(encoding="utf-8"), re.MULTILINE), path.name


def test_every_bound_in_the_security_page_is_what_holds_it():
    bounds = re.findall(r"^\| [^|]+ \| (\d+) \| `([\w.]+)` \|$", read("security.md"), re.MULTILINE)
    assert len(bounds) > 20
    for value, name in bounds:
        if name.startswith("COPYDESK_"):
            held = Settings.model_fields[name.removeprefix("COPYDESK_").lower()].default
        else:
            module, _, constant = name.rpartition(".")
            held = getattr(importlib.import_module(module), constant)
        assert held == int(value), name
