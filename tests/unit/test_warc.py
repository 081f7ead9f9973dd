"""WARC records to pages, and pages to records."""

import contextlib
import gzip
import io
import zlib
from datetime import UTC, datetime, timedelta

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from copydesk.core.urls import document_id
from copydesk.core.warc import (
    MAX_HEADER_BYTES,
    Record,
    Skip,
    Skipped,
    decoded,
    page_id_of,
    page_of,
    parse_headers,
    response_record,
    warcinfo_record,
)
from copydesk.models import MAX_LABELS, Item, PageOrigin
from copydesk.runtime.warc import Damage, WarcReader

AT = datetime(2026, 9, 1, 12, 30, 15, 250_000, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
URL = "https://paper.example/a/1"
HTML = b"<!doctype html><html><body><p>" + b"The ferry left at noon. " * 200 + b"</p></body></html>"


def record(http, headers=None, **kwargs):
    own = {"warc-type": "response", "warc-target-uri": URL, "warc-date": "2026-09-01T12:30:15Z", **(headers or {})}
    return Record(0, own, http, **kwargs)


def answer(body=HTML, content_type="text/html", status="200 OK", **headers):
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    return f"HTTP/1.1 {status}\r\n{kind}{head}\r\n".encode() + body


def taken(http, headers=None, max_bytes=1_000_000, **kwargs):
    return page_of(record(http, headers), now=NOW, max_bytes=max_bytes, default_source="d", **kwargs)


def skipped(*args, **kwargs):
    with pytest.raises(Skipped) as caught:
        taken(*args, **kwargs)
    return caught.value.reason


def warc(*records, compress=True):
    """A file, by hand: of (type, url, block) or (type, url, block, headers)."""
    out = b""
    for kind, url, block, *more in records:
        fields = {
            "WARC-Type": kind,
            "WARC-Date": "2026-09-01T12:30:15Z",
            **({"WARC-Target-URI": url} if url else {}),
            "Content-Length": len(block),
            **(more[0] if more else {}),
        }
        head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        data = head.encode() + b"\r\n" + block + b"\r\n\r\n"
        out += gzip.compress(data) if compress else data
    return out


def read(data, max_block=1_000_000, **kwargs):
    return list(WarcReader(io.BytesIO(data), max_block=max_block, **kwargs))


def test_what_the_headers_of_a_stored_page_reserve():
    both = "noarchive\r\nX-Robots-Tag: copydesk: noai\r\nX-Robots-Tag: other: noindex"
    assert taken(answer(X_Robots_Tag=both), agent="copydesk")[0].reservations == ["noai", "noarchive"]
    assert taken(answer(), agent="copydesk")[0].reservations == []


def test_a_response_is_a_page():
    ref, body = taken(answer(content_type="text/html; charset=utf-8"))
    assert (ref.final_url, ref.status, ref.content_type) == (URL, 200, "text/html; charset=utf-8")
    assert (ref.id, ref.item.source, ref.origin, ref.bytes) == (document_id(URL), "d", PageOrigin.ARCHIVE, len(HTML))
    assert ref.fetched_at == AT.replace(microsecond=0)
    assert body == HTML
    # Tracking parameters and brackets, as Wget 1.19 writes them, are no part of the address.
    ref, _ = taken(answer(), {"warc-target-uri": f"<{URL}?utm_source=x>"}, source="own", labels={"a": "b"})
    assert (ref.id, ref.item.source, ref.item.labels) == (document_id(URL), "own", {"a": "b"})


def test_a_record_from_the_future_is_one_of_now():
    # Else a settling time, which counts from the fetch, would hold it back until then.
    assert taken(answer(), {"warc-date": "2099-01-01T00:00:00Z"})[0].fetched_at == NOW


@pytest.mark.parametrize(
    ("reason", "http", "headers"),
    [
        (Skip.NO_RESPONSE, answer(), {"warc-type": "request"}),
        (Skip.NO_RESPONSE, answer(), {"warc-type": "revisit"}),
        (Skip.NO_RESPONSE, b"20260901123015\npaper.example. 60 IN A 1.2.3.4", {"warc-target-uri": "dns:paper.example"}),
        (Skip.STATUS, answer(status="404 Not Found"), {}),
        (Skip.STATUS, answer(status="304 Not Modified"), {}),
        (Skip.NOT_HTML, answer(content_type="application/pdf"), {}),
        (Skip.NOT_HTML, answer(b"User-agent: *\n", content_type="text/plain"), {}),
        (Skip.NOT_HTML, answer(b"<rss/>", content_type=None), {}),
        (Skip.BAD_RECORD, answer(), {"warc-date": "yesterday"}),
        (Skip.BAD_RECORD, answer(), {"warc-date": "0001-01-01T00:00:00+14:00"}),
        (Skip.BAD_RECORD, answer(), {"warc-target-uri": "http://"}),
        (Skip.BAD_RECORD, b"no answer", {}),
        (Skip.BAD_RECORD, b"HTTP/1.1 OK\r\n\r\n", {}),
        (Skip.BAD_RECORD, b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEADER_BYTES + b"\r\n\r\n" + HTML, {}),
        (Skip.BAD_ENCODING, answer(Content_Encoding="exi"), {}),
        (Skip.BAD_ENCODING, answer(gzip.compress(HTML)[:50], Content_Encoding="gzip"), {}),
        (Skip.BAD_ENCODING, answer(zlib.compress(HTML)[:50], Content_Encoding="deflate"), {}),
        (Skip.BAD_ENCODING, answer(brotli.compress(HTML)[:30], Content_Encoding="br"), {}),
        (Skip.BAD_ENCODING, answer(zstandard.compress(HTML)[:30], Content_Encoding="zstd"), {}),
        (Skip.BAD_ENCODING, answer(Content_Encoding="gzip, gzip, gzip, gzip"), {}),
    ],
)
def test_what_is_no_page(reason, http, headers):
    assert skipped(http, headers) is reason


def test_html_is_recognised_where_the_type_does_not_say():
    for content_type in (None, "text/plain", "application/octet-stream"):
        assert taken(answer(content_type=content_type))[1] == HTML
    assert taken(answer("<!doctype html><p>x".encode("utf-16"), content_type=None))
    assert taken(answer(b"<?xml version='1.0'?>\n<!-- x --><html>", content_type="application/xml"))
    assert skipped(answer(b"<?xml version='1.0'?>\n<rss>", content_type="text/xml")) is Skip.NOT_HTML
    assert skipped(answer(b"%PDF-1.7", content_type="text/html")) is Skip.NOT_HTML


def test_what_the_fetcher_took_for_a_page_is_one():
    for content_type in (None, "text/plain", "foo/bar"):
        own = answer(b"Noon ferry.\n<p>It left.", content_type=content_type)
        assert taken(own, {"x-copydesk-page": "0" * 24})
        assert skipped(own) is Skip.NOT_HTML


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda body: gzip.compress(body[:99]) + gzip.compress(body[99:])),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("zstd", lambda body: zstandard.compress(body[:99]) + zstandard.compress(body[99:])),
        ("identity", bytes),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
    ],
)
def test_bodies_are_decoded_within_their_bound(name, compress):
    stored = compress(HTML)
    assert taken(answer(stored, Content_Encoding=name))[1] == HTML
    chunks = b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in (stored[:60], stored[60:]) if part)
    chunked = answer(chunks + b"0\r\n\r\n", Content_Encoding=name, Transfer_Encoding="chunked")
    assert taken(chunked)[1] == HTML
    # As CC-NEWS stood until May 2019: the headers of what came, with a body that is decoded already.
    assert taken(answer(Content_Encoding=name, Transfer_Encoding="chunked"))[1] == HTML
    bomb = compress(HTML[:40] + bytes(20_000_000))
    assert skipped(answer(bomb, Content_Encoding=name), max_bytes=100_000) is Skip.TOO_LARGE


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]), st.booleans())
def test_no_body_breaks_decoding(body, encoding, chunked):
    headers = {"content-encoding": encoding, "transfer-encoding": "chunked" if chunked else ""}
    with contextlib.suppress(Skipped):
        assert len(decoded(body, headers, 10_000)) <= 10_000


def test_headers_are_read_as_they_come():
    first, fields = parse_headers(b"HTTP/1.1 200 OK\r\nA: 1\r\n  more\r\na: 2\r\nno colon\r\nB:\xe9\r\n")
    assert (first, fields) == ("HTTP/1.1 200 OK", {"a": "1 more", "b": "é"})


ITEM = Item(
    url="http://paper.example/short", canonical_url="http://paper.example/short", source="abc", guid="g", title="Föhn",
    published_at=AT, labels={"desk": "sport"}, secret="token", content="<p>whole</p>",  # noqa: S106 -- its name
)  # fmt: skip


def written(**kwargs):
    headers = {
        "Content-Type": "text/html", "content-encoding": "gzip", "Transfer-Encoding": "chunked", "Content-Length": "7",
        "X-Bad": "a\udcff\r\nInjected: 1", "Set-Cookie": "kö=1",
    }  # fmt: skip
    return response_record(
        url=URL, status=200, headers=headers, body=HTML, at=AT, page_id="0" * 24, warcinfo="<urn:x>", **kwargs
    )


def test_what_is_written_warcio_reads():
    found = next(iter(ArchiveIterator(io.BytesIO(written(item=ITEM)), check_digests="raise")))
    own, http = found.rec_headers, found.http_headers
    assert own.protocol == "WARC/1.1"
    assert own.get_header("WARC-Target-URI") == URL
    assert own.get_header("WARC-Date") == "2026-09-01T12:30:15.250000Z"
    assert own.get_header("WARC-Payload-Digest").startswith("sha1:")
    assert own.get_header("X-Copydesk-Page") == "0" * 24
    assert own.get_header("WARC-Warcinfo-ID") == "<urn:x>"
    assert found.content_stream().read() == HTML
    assert http.get_header("Content-Length") == str(len(HTML))
    assert http.get_header("X-Copydesk-Orig-Content-Length") == "7"
    assert http.get_header("X-Copydesk-Orig-content-encoding") == "gzip"
    assert http.get_header("Content-Encoding") is None
    assert http.get_header("Transfer-Encoding") is None
    assert http.get_header("Injected") is None
    assert "token" not in str(own)
    assert "whole" not in str(own)


def test_what_is_written_is_read_as_the_page_that_it_was():
    [found] = read(written(item=ITEM))
    ref, body = page_of(found, now=NOW, max_bytes=len(HTML))
    assert body == HTML
    assert ref.fetched_at == AT
    assert ref.item == ITEM.model_copy(update={"secret": None, "content": None})
    assert ref.id == page_id_of(found) == document_id(ITEM.canonical_url)
    assert ref.final_url == URL
    for title in ("long" * 5_000, "\N{PARTY POPPER}" * 8_000):  # twelve bytes each where it is written
        [long] = read(written(item=ITEM.model_copy(update={"title": title})))
        assert page_of(long, now=NOW, max_bytes=len(HTML))[0].item.url == URL


def test_what_a_file_of_the_site_reserved_stays_reserved():
    [found] = read(written(item=ITEM, reservations=["noindex", "tdm"]))
    assert page_of(found, now=NOW, max_bytes=len(HTML))[0].reservations == ["noindex", "tdm"]
    assert taken(answer(), {"x-copydesk-reserved": "tdm, all, "})[0].reservations == ["tdm"]


def test_labels_stay_within_their_number():
    item = ITEM.model_copy(update={"labels": {f"l{n}": "x" for n in range(MAX_LABELS)}})
    [found] = read(written(item=item))
    labels = page_of(found, now=NOW, max_bytes=len(HTML), labels={"mine": "y"})[0].item.labels
    assert len(labels) == MAX_LABELS
    assert labels["mine"] == "y"


def test_a_stranger_cannot_give_an_item_that_is_none():
    for item in (
        '{"url": "x"}',
        "[",
        '{"url":"http://a.example/","canonical_url":"http://A.example:80/#x","source":""}',
    ):
        ref, _ = taken(answer(), {"x-copydesk-item": item})
        assert ref.item.url == URL


PAGES = [("response", f"https://paper.example/{n}", answer(HTML + b"%d" % n)) for n in range(4)]


def numbers(found):
    return [entry.url[-1] if isinstance(entry, Record) else "-" for entry in found]


@pytest.mark.parametrize("compress", [True, False], ids=["gzip", "plain"])
def test_records_are_read_one_after_the_other(compress):
    found = read(warc(("warcinfo", None, b"software: x"), *PAGES, compress=compress))
    assert [entry.url for entry in found[1:]] == [url for _, url, _ in PAGES]
    assert [entry.block for entry in found[1:]] == [block for _, _, block in PAGES]
    theirs = ArchiveIterator(io.BytesIO(warc(*PAGES, compress=compress)))
    offsets = []
    for entry in theirs:
        entry.content_stream().read()
        offsets.append(theirs.get_record_offset())
    assert [entry.offset for entry in read(warc(*PAGES, compress=compress))] == offsets


def test_one_gzip_member_may_hold_all():
    assert numbers(read(gzip.compress(warc(*PAGES, compress=False)))) == ["0", "1", "2", "3"]


def test_blocks_that_are_not_wanted_and_those_that_are_too_long():
    found = read(warc(*PAGES), max_block=100, wanted=lambda entry: entry.url.endswith("2"))
    assert [len(entry.block) for entry in found] == [0, 0, 100, 0]
    assert all(entry.is_cut for entry in found)
    with pytest.raises(Skipped, match="too_large"):
        page_of(found[2], now=NOW, max_bytes=1_000)


@pytest.mark.parametrize("compress", [True, False], ids=["gzip", "plain"])
def test_a_file_that_ends_too_early(compress):
    whole = warc(*PAGES, compress=compress)
    last = read(whole)[-1].offset
    for cut in (1, 9, (len(whole) - last) // 2, len(whole) - last - 5):
        *good, damage = read(whole[:-cut])
        if compress or cut > 4:  # the empty lines at the very end say nothing
            assert numbers(good) == ["0", "1", "2"]
            assert damage.offset == last
    assert numbers(read(whole[:last])) == ["0", "1", "2"]


def test_damage_in_the_middle_costs_only_what_is_damaged():
    members = [warc(page) for page in PAGES]
    broken = bytearray(members[1])
    broken[len(broken) // 2] ^= 0xFF
    for bad in (bytes(broken), members[1][:-9], members[1][:-8] + bytes(8), b"\x1f\x8b\x08 none", b"x" * 200_000):
        found = read(members[0] + bad + members[2] + members[3])
        assert numbers(found) == ["0", "-", "2", "3"], bad[:40]
        assert found[1].offset == len(members[0])
        assert found[2].offset == len(members[0]) + len(bad)


def test_damage_in_a_plain_file():
    records = [warc(page, compress=False) for page in PAGES]
    for bad in (
        b"garbage\r\n",
        records[1].replace(b"Content-Length: ", b"Content-Length: -"),
        records[1][:60] + b"X: " + b"y" * 300_000 + b"\r\n" + records[1][60:],
    ):
        found = read(records[0] + bad + b"\r\n" + records[2] + records[3])
        assert numbers(found) == ["0", "-", "2", "3"]
        assert found[1].offset == len(records[0])


def test_endless_headers_take_no_memory():
    bomb = gzip.compress(b"WARC/1.0\r\nX: " + bytes(30_000_000))
    reader = WarcReader(io.BytesIO(bomb + warc(PAGES[0])), max_block=1_000)
    found = list(reader)
    assert isinstance(found[0], Damage)
    assert f"more than {MAX_HEADER_BYTES} bytes of headers" in found[0].problem
    assert numbers(found) == ["-", "0"]
    assert len(reader._data) < 1_000_000


@given(st.binary(max_size=400), st.integers(0, 3), st.booleans())
def test_no_file_breaks_the_reader(junk, place, compress):
    parts = [warc(page, compress=compress) for page in PAGES]
    found = read(b"".join(parts[:place]) + junk + b"".join(parts[place:]))
    assert numbers(found)[:place] == list("0123")[:place]


def test_a_file_begins_with_what_wrote_it():
    name, data = warcinfo_record("f.warc.gz", {"software": "copydesk/1"}, at=AT + timedelta(seconds=1))
    info = next(iter(ArchiveIterator(io.BytesIO(data))))
    assert info.rec_headers.get_header("WARC-Filename") == "f.warc.gz"
    assert info.rec_headers.get_header("WARC-Record-ID") == name
    assert b"software: copydesk/1\r\n" in info.content_stream().read()
