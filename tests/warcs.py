"""WARC files as warcio writes them, for the tests."""

import io

from blackbox import article, words
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

DATE = "2026-09-01T10:00:00Z"


def response(url, body, *, date=DATE, status="200 OK", content_type="text/html; charset=utf-8", kind="response"):
    """Arguments of a record for ``write``."""
    return url, body.encode() if isinstance(body, str) else body, date, status, content_type, kind


def story(n, host="paper.example", **kwargs):
    return response(f"https://{host}/a/{n}", article(f"Story {n}", words(n)), **kwargs)


def write(path, *records, compress=True):
    """A file of these records behind a warcinfo record; its path as text."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=compress)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "tests"}))
        for url, body, date, status, content_type, kind in records:
            http = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
            if kind == "request":
                http = StatusAndHeaders("GET / HTTP/1.1", [], is_http_request=True)
            writer.write_record(
                writer.create_warc_record(
                    url, kind, payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": date}
                )
            )
    return str(path)
