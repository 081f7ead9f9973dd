import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.core.decode import decode

RUSSIAN = "Совет небольшого портового города решил во вторник восстановить старый причал, который разрушил шторм."
GERMAN = "Über die Brücke führt ein schöner Weg, größer als der alte, für müde Füße."
JAPANESE = "港町の議会は火曜日、嵐で壊れた古い桟橋を再建することを決めた。漁師たちは喜んでいる。"


def page(text, head=""):
    return f"<html><head>{head}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (page(GERMAN).encode("utf-8-sig"), None),
        (page(GERMAN).encode("utf-16"), None),
        (page(GERMAN).encode("utf-16-le"), None),
        (page(GERMAN).encode("utf-16-be"), None),
        (page(GERMAN).encode(), "text/html; charset=iso-8859-1"),
        (page(GERMAN).encode("latin-1"), "text/html; charset=ISO-8859-1"),
        (page(GERMAN, "<meta charset=windows-1252>").encode("cp1252"), None),
    ],
)
def test_mark_utf8_header_and_meta(body, content_type):
    assert GERMAN in decode(body, content_type)


def test_a_header_stands_above_the_meta_element():
    body = page(RUSSIAN, '<meta charset="koi8-r">').encode("cp1251")

    assert RUSSIAN in decode(body, "text/html; charset=windows-1251")


def test_a_wrong_declaration_gives_way_to_valid_utf8():
    assert RUSSIAN in decode(page(RUSSIAN, '<meta charset="windows-1251">').encode())


@pytest.mark.parametrize("encoding", ["koi8-r", "cp1251"])
def test_detected_russian(encoding):
    assert RUSSIAN in decode(page(" ".join([RUSSIAN] * 5)).encode(encoding))


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "iso2022_jp"])
def test_detected_japanese(encoding):
    assert JAPANESE in decode(page(" ".join([JAPANESE] * 5)).encode(encoding))


def test_utf8_that_is_cut_in_a_character():
    body = page(" ".join([RUSSIAN] * 20)).encode()[:-21]

    assert decode(body).startswith(page(RUSSIAN)[:60])


@pytest.mark.parametrize("content_type", ["text/html; charset=nonsense", "charset=", ";;;", "text/html; charset=utf-7"])
def test_odd_headers(content_type):
    assert GERMAN in decode(page(GERMAN).encode(), content_type)


@settings(deadline=None)
@given(st.binary(max_size=500), st.none() | st.text(max_size=40))
def test_never_fails(body, content_type):
    decode(body, content_type).encode()
