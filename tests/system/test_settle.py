"""A settling time: an outlet's page waits, so that the agency's own text comes first."""

import threading

import pytest
from blackbox import article, wait_for, words

# Longer than the agency's page takes from its feed to its verdict, on a busy machine too.
SETTLE = "8"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outlet_has", "agency_has", "setting"),
    [(["--settle", SETTLE], [], ""), ([], ["--settle", "0"], SETTLE)],
    ids=["its own time", "the setting's"],
)
def test_the_agency_that_comes_later_is_the_original(copydesk, make_site, outlet_has, agency_has, setting):
    outlet, agency = make_site(), make_site()
    # Two hosts: of one, nothing else would be asked for while the agency's feed keeps its slot.
    outlet.url = outlet.url.replace("127.0.0.1", "outlet.example")
    agency.url = agency.url.replace("127.0.0.1", "agency.example")
    copydesk.env["COPYDESK_FETCH_RESOLVE"] = "outlet.example=127.0.0.1,agency.example=127.0.0.1"
    text = words(1)
    outlet.page("/carried", article("As carried by the outlet", [*text, *words(2, paragraphs=1)]))
    agency.page("/wire", article("The wire's own text", text))
    outlet_feed = outlet.feed("/feed.xml", [f"{outlet.url}/carried"])
    agency_feed = agency.feed("/feed.xml", [f"{agency.url}/wire"])
    agency.held["/feed.xml"] = threading.Event()
    copydesk("sources", "add", "--no-check", *outlet_has, outlet_feed)
    copydesk("sources", "add", "--no-check", *agency_has, agency_feed)
    run = copydesk.start("run", "--once", env={"COPYDESK_COPY_SETTLE": setting, "COPYDESK_REAP_INTERVAL": "0.5"})
    try:
        wait_for(lambda: '"document.held"' in copydesk.log, "the outlet's page to be held back")
        agency.held["/feed.xml"].set()
        assert run.wait(60) == 0
    finally:
        run.kill()
        run.stdout.close()
    [original], [copy] = copydesk.entries("documents"), copydesk.entries("copies")
    assert original["url"] == f"{agency.url}/wire"
    assert copy["url"] == f"{outlet.url}/carried"
    assert copy["copy_of"] == original["id"]
    assert copydesk.log.count('"document.held"') == 1, "it comes once its time has come, and is not looked at before"
    assert '"pages.reaped"' not in copydesk.log
    assert copydesk.entries("rejected") == []
