"""What publishers reserve."""

import json

import pytest

from copydesk.core.extract import extract
from copydesk.core.reservations import MAX_TDMREP_RULES, TdmRules, of_headers, of_page


def header(*values, agent="copydesk", site=None):
    return of_headers([("x-robots-tag", value) for value in values], agent, site)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["noai"], ["noai"]),
        (["NoAI, noimageai"], ["noai"]),
        (["noimageai"], []),
        (["none"], ["noindex"]),
        (["noindex, nofollow", "nosnippet"], ["noindex", "nosnippet"]),
        (["max-snippet: 0, max-image-preview: large"], ["nosnippet"]),
        (["max-snippet: 10"], []),
        (["unavailable_after: 25 Jun 2030 15:00:00 PST, noarchive"], ["noarchive"]),
        (["nocache"], ["noarchive"]),
        (["googlebot: noindex"], []),
        (["copydesk: noindex"], ["noindex"]),
        (["googlebot: nofollow, noai, CopyDesk: noarchive"], ["noarchive"]),
        (["tdm"], []),
        (["", ",,:", "noai" * 10_000], []),
    ],
)
def test_x_robots_tag(values, found):
    assert header(*values) == found


@pytest.mark.parametrize(
    ("value", "site", "found"),
    [("1", None, ["tdm"]), ("0", True, []), ("2", True, ["tdm"]), ("yes", None, []), (None, True, ["tdm"])],
)
def test_a_header_goes_before_the_sites_file(value, site, found):
    headers = [("TDM-Reservation", value), ("tdm-policy", "https://paper.example/policy")] if value else []
    assert of_headers(headers, "copydesk", site) == found


@pytest.mark.parametrize(
    ("meta", "before", "found"),
    [
        ({"robots": ["noindex,noai"]}, [], ["noai", "noindex"]),
        ({"robots": ["index"], "copydesk": ["noarchive"]}, ["noai"], ["noai", "noarchive"]),
        ({"googlebot": ["noindex"]}, [], []),
        ({"tdm-reservation": ["1"]}, [], ["tdm"]),
        ({"tdm-reservation": ["0"]}, ["noai", "tdm"], ["noai"]),
        ({"tdm-reservation": ["perhaps"]}, ["tdm"], ["tdm"]),
        ({}, ["noindex", "tdm"], ["noindex", "tdm"]),
    ],
)
def test_a_page_goes_before_headers_and_the_sites_file_where_mining_is_concerned(meta, before, found):
    assert of_page(meta, "CopyDesk", before) == found


def test_the_sites_file():
    rules = [
        "no rule",
        {"location": "/", "tdm-policy": "https://paper.example/policy"},
        {"location": "/free/*.html$", "tdm-reservation": 0},
        {"location": "/free", "tdm-reservation": "1"},
        {"location": "elsewhere", "tdm-reservation": 1},
        {"location": "/news/caf\u00e9", "tdm-reservation": 1},
    ]
    known = TdmRules(json.dumps(rules, ensure_ascii=False).encode())
    said = {
        path: known.reserve(f"https://paper.example{path}")
        for path in ("/free/a.html", "/free/a.htm", "/", "/news/caf%C3%A9")
    }
    assert said == {"/free/a.html": False, "/free/a.htm": True, "/": None, "/news/caf%C3%A9": True}


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"{}", b"[[[[", b"[1, null]", b"\xff\xfe", b"[" * 100_000, b"1e999999"]
)
def test_a_file_that_is_none_reserves_nothing(data):
    assert TdmRules(data).reserve("https://paper.example/") is None


def test_so_many_rules_are_read_and_no_more():
    rules = [{"location": f"/{n}/", "tdm-reservation": 1} for n in range(MAX_TDMREP_RULES + 1)]
    known = TdmRules(json.dumps(rules).encode())
    assert known.reserve("https://paper.example/499/a") is True
    assert known.reserve("https://paper.example/500/a") is None


def test_a_page_says_it_in_its_head():
    body = "<p>The ferry left the harbour at noon, an hour late, and nobody seemed to mind the wait.</p>" * 5
    page = "<html><head>{}</head><body><article><h1>Ferry</h1>{}</article></body></html>"
    found = extract(
        page.format("<meta name='Robots' content='NOAI'>", body), "https://paper.example/", reserved=["tdm"]
    )
    assert found.reservations == ["noai", "tdm"]
    assert found.rejected is None, "whether it is respected is not the extraction's to say"
    head = "<meta name='tdm-reservation' content='0'><meta name='paperdesk' content='noarchive'>"
    found = extract(page.format(head, body), "https://paper.example/", agent="PaperDesk", reserved=["tdm"])
    assert found.reservations == ["noarchive"]
