"""What a host sees: one request at a time, and a rest between two, whoever sends them its way."""

import itertools

from blackbox import article, words

DELAY = 0.4


def test_redirects_and_feeds_keep_to_the_hosts_pace(copydesk, make_site):
    target = make_site()
    senders = [make_site() for _ in range(4)]
    links = []
    for n, sender in enumerate(senders):
        target.page(f"/a/{n}", article(f"Story {n}", words(n)))
        sender.redirect(f"/r/{n}", f"{target.url}/a/{n}")
        links.append(f"{sender.url}/r/{n}")
    feeds = [target.feed("/one.xml", links[:2]), target.feed("/two.xml", links[2:]), target.feed("/three.xml", links)]
    copydesk("run", "--once", *feeds, env={"COPYDESK_FETCH_HOST_DELAY": str(DELAY)})
    assert len(copydesk.entries("documents")) == len(links)
    assert target.asked["/robots.txt"] == 1
    times = sorted(target.times)
    gaps = [round(later - earlier, 2) for earlier, later in itertools.pairwise(times)]
    assert min(gaps) >= DELAY * 0.95, gaps
