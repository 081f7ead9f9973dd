import time

import pytest

from copydesk.core.links import links_of_header

BASE = "https://paper.example/feed.xml"
HUB, TOPIC = "https://hub.example/", "https://paper.example/feed"


@pytest.mark.parametrize(
    "value",
    [
        f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"',
        f"<{TOPIC}>;rel=self,<{HUB}>;rel=hub",
        f'<{HUB}>; title="a, b; rel=self <x>"; REL="nofollow HUB" , </feed>; rel = self; type="x"',
        f'<https://paper.example/1,2>; rel="next", <{HUB}>; rel=hub, <{TOPIC}>; rel=self, <https://late.example/>; rel=self',
    ],
)
def test_hubs_and_topic(value):
    assert links_of_header(value, BASE) == ([HUB], TOPIC)


@pytest.mark.parametrize(
    "value", [None, "", "<", "hub", "<javascript:x>; rel=hub", f"<{HUB}>", f'<{HUB}>; rel="next"; rel="hub"']
)
def test_no_links(value):
    assert links_of_header(value, BASE) == ([], None)


def test_hostile_headers_are_bounded():
    start = time.process_time()
    for unit in ('<a>;rel="', "<a>;", "<a> ; ;", ';rel="\\', "<"):
        links_of_header(unit * 100_000, BASE)
    hubs, _ = links_of_header(",".join(f"<https://hub.example/{n}>; rel=hub" for n in range(100)), BASE)
    assert len(hubs) == 8
    assert time.process_time() - start < 1
