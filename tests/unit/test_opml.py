import pytest

from copydesk.core.opml import MAX_OPML_BYTES, read_opml, write_opml
from copydesk.errors import InputError
from copydesk.models import Source


def test_what_is_written_can_be_read():
    sources = [
        Source(id="1", url="https://a.example/f?x=1&y=2", title="A & B"),
        Source(id="2", url="https://b.example/", settle=90.0),
    ]
    assert read_opml(write_opml(sources)) == [
        ("https://a.example/f?x=1&y=2", "A & B", None),
        ("https://b.example/", "https://b.example/", "90"),
    ]


def test_nested_folders_odd_case_and_duplicates():
    data = b"""<opml version="1.1"><body><outline text="News"><outline text="A" xmlurl="https://a.example/f"/>
      <outline text="A2" xmlUrl=" https://a.example/f "/><outline text="no feed"/></outline></body></opml>"""
    assert read_opml(data) == [("https://a.example/f", "A", None)]


@pytest.mark.parametrize("data", [b"", b"{}", b"<opml><body/></opml>", b"\0\1\2", b"x" * (MAX_OPML_BYTES + 1)])
def test_what_is_no_opml_says_so(data):
    with pytest.raises(InputError, match="OPML"):
        read_opml(data)


def test_external_entities_are_not_read():
    data = b'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/hostname">]><opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>'
    [(url, title, _)] = read_opml(data)
    assert url == "https://a.example/"
    assert title in (None, "", "https://a.example/")
