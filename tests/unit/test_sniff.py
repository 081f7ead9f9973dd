import pytest

from copydesk.core.sniff import not_a_page

PAGE = b"<!DOCTYPE html>\n<html><head><title>T</title></head><body><p>Words.</p></body></html>"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
MP4 = b"\x00\x00\x00\x1cftypisom" + bytes(40)


@pytest.mark.parametrize(
    ("content_type", "head"),
    [
        ("text/html; charset=utf-8", PAGE),
        ("application/xhtml+xml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("text/plain", PAGE),
        ("application/octet-stream", PAGE),
        ("binary/octet-stream", b"\xef\xbb\xbf \n<HTML>"),
        ("application/octet-stream", b"<!-- saved from -->\n<html>"),
        ("nonsense", PAGE),
        ("", PAGE),
        (None, PAGE),
        (None, b""),
        ("text/html", b""),
        ("application/octet-stream", b""),
        ("text/html", b"\xff\xfe" + "<html>".encode("utf-16-le")),
        ("text/html", "<html><body>".encode("utf-16-le") * 20),
        ("text/html", "<p>Слово</p>".encode("koi8-r")),
    ],
)
def test_may_be_a_page(content_type, head):
    assert not_a_page(content_type, head) is None


@pytest.mark.parametrize(
    ("content_type", "head", "said"),
    [
        ("text/html", b"%PDF-1.7\n", "PDF"),
        ("text/html", PNG, "PNG"),
        ("text/html", b"RIFF\x24\x10\x00\x00WEBPVP8 ", "RIFF"),
        ("text/html", MP4, "MP4"),
        ("text/html", b"PK\x03\x04\x14\x00", "ZIP"),
        (None, b"\x1f\x8b\x08\x00", "gzip"),
        ("text/html", bytes(range(32)) * 40, "binary"),
        ("image/png", b"", "image/png"),
        ("Application/PDF; qs=1", b"", "Application/PDF; qs=1"),
        ("video/mp4", PAGE, "video/mp4"),
        ("application/json", b"", "application/json"),
        ("application/octet-stream", b"some words", "application/octet-stream"),
        ("unknown/unknown", b"<article", "unknown/unknown"),
    ],
)
def test_is_none(content_type, head, said):
    assert not_a_page(content_type, head) == said
