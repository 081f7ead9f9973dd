"""Selections, the delivery file that names them, and where that sends a document."""

import time
from datetime import UTC, datetime

import pytest

from copydesk.core.selections import Selection
from copydesk.core.urls import source_id
from copydesk.errors import SettingsError
from copydesk.models import Document
from copydesk.runtime import keys
from copydesk.runtime.delivery_file import SinkOptions, load_delivery_file
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.settings import load_settings

FEED = "https://paper.example/feed.xml"


def document(**fields):
    base = {
        "id": "a" * 24,
        "url": "https://www.paper.example/1",
        "host": "www.paper.example",
        "source": source_id(FEED),
        "title": "T",
        "text": "x",
        "language": "de",
        "verdict": "original",
        "copy_of": None,
        "cluster": "a" * 24,
        "novelty": 1.0,
        "removed": [],
        "published_at": datetime(2026, 9, 1, tzinfo=UTC),
        "agency": "dpa",
        "labels": {"country": "de", "beat": "city"},
    }
    return Document(**{**base, **fields})


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"language": "de"},
        {"language": ["fr", "de"], "agency": ["dpa", "AFP"]},
        {"source": FEED},
        {"source": [source_id(FEED)]},
        {"host": "www.paper.example"},
        {"host": "WWW.Paper.example."},
        {"host": ["other.example", "*.paper.example"]},
        {"host": "*.example"},
        {"label": "country=de"},
        {"label": ["country=at", "beat=city"]},
    ],
)
def test_a_document_is_in(rule):
    assert Selection.model_validate(rule).matches(document())


@pytest.mark.parametrize(
    "rule",
    [
        {"language": "fr"},
        {"language": "de", "agency": "AFP"},
        {"source": "https://paper.example/other.xml"},
        {"host": "paper.example"},
        {"host": "*.www.paper.example"},
        {"host": "*.aper.example"},
        {"label": "country=at"},
        {"label": "beat=country"},
        {"verdict": "copy"},
        {"verdict": ["revision"]},
    ],
)
def test_a_document_is_not_in(rule):
    assert not Selection.model_validate(rule).matches(document())


def test_copies_are_in_only_where_they_are_asked_for():
    copy = document(verdict="copy", copy_of="b" * 24)
    assert not Selection.model_validate({"language": "de"}).matches(copy)
    assert Selection.model_validate({"verdict": ["copy", "original"]}).matches(copy)
    # What a document does not say, no value matches.
    assert not Selection.model_validate({"language": "de"}).matches(document(language=None))
    assert not Selection.model_validate({"agency": "dpa"}).matches(document(agency=None))


def test_a_hundred_selections_cost_less_than_a_tenth_of_an_admit():
    outputs = Outputs(
        selections={
            f"s{n}": Selection.model_validate(
                {"host": [f"*.h{n}.example", "x.example"], "language": ["de", "fr"], "label": "a=b"}
            )
            for n in range(100)
        }
    )  # fmt: skip
    one = document()
    best = min(_seconds(lambda: outputs.streams(one)) for _ in range(20))
    assert best < 0.001, "a hundred selections take too long for each document"


def _seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "delivery.toml"
        path.write_text(text)
        return load_delivery_file(load_settings(delivery_file=path))

    return load


def test_streams_of_a_document(tmp_path):
    path = tmp_path / "delivery.toml"
    path.write_text('[selection.german]\nlanguage = "de"\n[selection.wire]\nagency = ["AFP"]\nverdict = ["copy"]\n')
    outputs = Outputs.of(load_settings(delivery_file=path))
    assert outputs.streams(document()) == [keys.DOCUMENTS, "copydesk:selection:german"]
    assert outputs.streams(document(verdict="copy", agency="AFP")) == [keys.COPIES, "copydesk:selection:wire"]
    assert outputs.streams(document(verdict="unchanged")) == []
    every = [keys.DOCUMENTS, keys.COPIES, "copydesk:selection:german", "copydesk:selection:wire"]
    assert outputs.all_streams() == every
    assert Outputs.of(load_settings()).all_streams() == every[:2]


def test_options_that_all_sinks_have(load):
    file = load('[selection.g]\n[sink.a]\nkind = "x"\n[sink.b]\nkind = "x"\nfrom = ["g", "copies"]\ntries = 3\n')
    assert file.options("a", SinkOptions) == SinkOptions(kind="x", tries=5, batch=100)
    assert file.options("a", SinkOptions).streams == ("documents",)
    assert file.options("b", SinkOptions).streams == ("g", "copies")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[selection.a]\nlang = 'de'\n", "[selection.a] lang: there is no such key; there are: agency, host, label, language"),
        ("[selection.a]\nverdict = 'unchanged'\n", "[selection.a] verdict.0='unchanged': Input should be 'original'"),
        ("[selection.a]\nverdict = []\n", "[selection.a] verdict"),
        ("[selection.a]\nlabel = 'de'\n", "[selection.a] label.0='de': Value error, must be KEY=VALUE, as in country=de"),
        ("[selection.a]\nhost = 'a.*.example'\n", "must be a host, as in paper.example"),
        ("[selection.Upper]\n", "[selection.Upper]: a name has lower-case letters"),
        ("[selection.documents]\n", "[selection.documents]: a name has"),
        ("[selections.a]\n", "[selections]: there are only [selection.NAME] and [sink.NAME]"),
        ("selection = 3\n", "[selection]: must hold tables, as in [selection.mine]"),
        ("[sink.a]\nfrom = 'german'\n", "[sink.a] from='german': there is no such stream; there are: documents, copies"),
        ("[sink.a\n", "is no TOML: Expected ']'"),
        ("".join(f"[sink.s{n}]\n" for n in range(101)), "[sink]: 101 tables; at most 100 are allowed"),
    ],
)  # fmt: skip
def test_a_bad_file_says_where_and_what(load, text, told):
    with pytest.raises(SettingsError) as error:
        load(text)
    assert told in str(error.value)
    assert "COPYDESK_DELIVERY_FILE: " in str(error.value)
    assert "\n" not in str(error.value).replace("\\n", "")


def test_a_bad_option_of_a_sink(load):
    file = load(
        "[sink.a]\nkind = 'x'\ntries = 0\n[sink.b]\n[sink.c]\nkind = 'redis://:geheim@host'\nbatch = 'user:geheim@host'\n"
    )
    for name, told in (
        ("a", "[sink.a] tries=0: Input should be greater than or equal to 1"),
        ("b", "[sink.b] kind: Field required"),
    ):
        with pytest.raises(SettingsError) as error:
            file.options(name, SinkOptions)
        assert told in str(error.value)
    with pytest.raises(SettingsError) as error:
        file.options("c", SinkOptions)
    assert "geheim" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load_delivery_file(load_settings(delivery_file=tmp_path / "none.toml"))
