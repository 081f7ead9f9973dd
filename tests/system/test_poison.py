"""A page that takes its worker down ends alone, and takes nothing with it."""

import pytest
from blackbox import article, words


@pytest.mark.slow
def test_a_page_that_never_ends_is_stalled_and_its_batch_comes_out(copydesk, make_site):
    site = make_site()
    links = []
    for n in range(4):
        site.page(f"/a/{n}", article(f"Story {n}", words(n)))
        links.append(f"{site.url}/a/{n}")
    # libxml2 compares every attribute of an element with all before it: C code that no Python signal ends. One element may
    # not have more of them than this; many may.
    attributes = " ".join(f"a{n}=1" for n in range(9_900))
    site.page("/poison", f"<html><body>{f'<div {attributes}></div>' * 120}{article('Poison', words(9))}</body></html>")
    links.insert(2, f"{site.url}/poison")
    settings = {"COPYDESK_PAGE_TIMEOUT": "0.1", "COPYDESK_PAGE_ATTEMPTS": "1", "COPYDESK_BATCH_SECONDS": "2"}
    done = copydesk("run", "--once", site.feed("/feed.xml", links), env=settings)
    assert "1 of 1 sources polled; 4 original, 1 rejected" in done.stderr
    [rejected] = copydesk.entries("rejected")
    assert (rejected["url"], rejected["reason"], rejected["stage"]) == (f"{site.url}/poison", "stalled", "extract")
    assert {document["url"] for document in copydesk.entries("documents")} == set(links) - {f"{site.url}/poison"}
