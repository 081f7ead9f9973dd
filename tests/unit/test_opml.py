import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.core.opml import MAX_OPML_BYTES, read_opml, write_opml
from copydesk.core.urls import source_id
from copydesk.errors import InputError
from copydesk.models import MAX_SETTLE, Source
from copydesk_services.commands.source_arguments import sources_of_opml

REFERENCE = Path(__file__).parents[3] / "shared" / "data" / "feeds" / "opml"

words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=20
)
label = words.filter(bool)
sources = st.builds(
    lambda name, **options: Source(
        id=source_id(f"https://paper.example/{name}"), url=f"https://paper.example/{name}", **options
    ),
    st.text(string.ascii_lowercase, min_size=1, max_size=8),
    title=st.none() | label,
    settle=st.none() | st.floats(0, MAX_SETTLE),
    labels=st.dictionaries(label, label, max_size=3),
    interval=st.none() | st.floats(1, 604_800),
    paused=st.booleans(),
    secret=st.none() | st.text(string.ascii_letters, min_size=1, max_size=8),
    max_age=st.none() | st.floats(0, 36_500),
    full_text=st.booleans(),
    conditional=st.booleans(),
)


def outline(attributes):
    return f'<opml><body><outline text="A" xmlUrl="https://a.example/f" {attributes}/></body></opml>'.encode()


@given(st.lists(sources, min_size=1, max_size=4, unique_by=lambda source: source.id))
def test_what_is_written_is_read_again_with_nothing_lost(tmp_path_factory, written):
    file = tmp_path_factory.getbasetemp() / "sources.opml"
    file.write_bytes(write_opml(written))
    assert sources_of_opml(file) == (written, [])


def test_sources_that_others_bring_are_not_written():
    child = Source(id="2", url="https://b.example/", parent="1")
    assert [feed.url for feed in read_opml(write_opml([Source(id="1", url="https://a.example/"), child]))] == [
        "https://a.example/"
    ]


def test_nested_folders_odd_case_and_duplicates():
    data = b"""<opml version="1.1"><body><outline text="News"><outline text="A" xmlurl="https://a.example/f"/>
      <outline text="A2" xmlUrl=" https://a.example/f "/><outline text="no feed"/></outline></body></opml>"""
    assert read_opml(data) == [("https://a.example/f", "A", {})]


@pytest.mark.parametrize(
    ("attributes", "options"),
    [
        ('interval="10m" maxAge="7d" settle="2m"', {"interval": 600.0, "max_age": 7.0, "settle": 120.0}),
        ('labels=\'{"desk": "wire"}\' FULLTEXT="True"', {"labels": {"desk": "wire"}, "full_text": True}),
        ('paused="" category="/News"', {}),
    ],
)
def test_options_as_people_write_them(attributes, options):
    [feed] = read_opml(outline(attributes))
    assert feed.options() == options


@pytest.mark.parametrize(
    "attributes",
    [
        'interval="soon"',
        'interval="0"',
        'settle="nan"',
        'maxAge="-1"',
        'paused="maybe"',
        'labels="desk=wire"',
        'labels="[1]"',
        'secret="../passwd"',
        f'labels="{"[" * 100_000}"',
        f'labels=\'{{"desk": "{"x" * 101}"}}\'',
    ],
)
def test_an_option_that_is_not_allowed_is_named(attributes, tmp_path):
    [feed] = read_opml(outline(attributes))
    with pytest.raises(InputError, match=attributes.partition("=")[0]):
        feed.options()
    file = tmp_path / "sources.opml"
    file.write_bytes(outline(attributes))
    known, [problem] = sources_of_opml(file)
    assert known == []
    assert "https://a.example/f" in problem


@pytest.mark.parametrize("data", [b"", b"{}", b"<opml><body/></opml>", b"\0\1\2", b"x" * (MAX_OPML_BYTES + 1)])
def test_what_is_no_opml_says_so(data):
    with pytest.raises(InputError, match="OPML"):
        read_opml(data)


def test_external_entities_are_not_read():
    data = b'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/hostname">]><opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>'
    [feed] = read_opml(data)
    assert feed.url == "https://a.example/"
    assert not feed.title


def test_titles_that_xml_cannot_carry_are_cleaned():
    written = write_opml([Source(id="1", url="https://a.example/", title="A\x00\x1b \ud800B")])
    assert read_opml(written)[0].title == "A B"


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference OPML files of ../shared are not here")
def test_lists_of_others():
    files = sorted(REFERENCE.glob("*.opml"))
    read = [sources_of_opml(file) for file in files]
    assert len(read) >= 26
    assert sum(len(known) for known, _ in read) > 250
    assert [problem for _, problems in read for problem in problems] == []
