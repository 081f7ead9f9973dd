"""The five texts that the project was made for, served as pages of five hosts."""

import html
import itertools
import json
import re

import pytest
from blackbox import article, wait_for

FIRST_FIVE = range(5)


def seeds(shared):
    with (shared / "seeds" / "labels.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def squeeze(text):
    return re.sub(r"\W+", " ", re.sub(r"\]\([^)]*\)", "]", text)).strip().lower()


def page(seed):
    titles = [line["text"] for line in seed["lines"] if line["label"] == "title"]
    return article(html.escape(titles[0] if titles else "News"), [html.escape(line["text"]) for line in seed["lines"]])


def serve(make_site, texts):
    sites = [make_site() for _ in texts]
    links = []
    for n, (site, seed) in enumerate(zip(sites, texts, strict=True)):
        site.page(f"/news/{n}.html", page(seed))
        links.append(f"{site.url}/news/{n}.html")
    return sites, links


def check(copydesk, texts, links):
    documents, copies, rejected = (copydesk.entries(stream) for stream in ("documents", "copies", "rejected"))
    assert rejected == []
    assert {d["verdict"] for d in documents} == {"original"}
    assert len(documents) == 4
    [copy] = copies
    ids = {d["url"]: d["id"] for d in documents}
    pair = {links[0], links[1]}
    assert copy["url"] in pair
    assert copy["copy_of"] == ids[(pair - {copy["url"]}).pop()]
    assert copy["cluster"] == copy["copy_of"]
    for document in documents + copies:
        seed = texts[links.index(document["url"])]
        text = {squeeze(line) for line in document["text"].split("\n")}
        left = [
            x["text"]
            for x in seed["lines"]
            if x["label"] == "boilerplate" and squeeze(x["text"]) and squeeze(x["text"]) in text
        ]
        lost = [x["text"] for x in seed["lines"] if x["label"] == "content" and squeeze(x["text"]) not in text]
        assert left == []
        assert lost == []


def test_all_at_once(copydesk, make_site, shared):
    texts = seeds(shared)
    sites, links = serve(make_site, texts)
    copydesk("run", "--once", sites[0].feed("/feed.xml", links))
    check(copydesk, texts, links)


@pytest.mark.slow
@pytest.mark.parametrize("order", [(1, 4, 0, 2, 3)], ids=str)
def test_one_after_the_other(copydesk, make_site, shared, order):
    """One system runs, and the feed grows by one item each time the last has come out."""
    texts = seeds(shared)
    sites, links = serve(make_site, texts)
    feed = sites[0].feed("/feed.xml", [links[order[0]]])
    run = copydesk.start("run", feed, env={"COPYDESK_POLL_INTERVAL": "1"})
    try:
        for number in range(1, len(order) + 1):
            sites[0].feed("/feed.xml", [links[n] for n in order[:number]])
            wait_for(lambda number=number: copydesk.admitted == number, f"{number} documents")
    finally:
        run.terminate()
        run.wait(90)
        run.stdout.close()
    check(copydesk, texts, links)


@pytest.mark.slow
@pytest.mark.parametrize("order", [o for n, o in enumerate(itertools.permutations(FIRST_FIVE)) if n % 17 == 0], ids=str)
def test_a_round_for_each_in_many_orders(copydesk, make_site, shared, order):
    texts = seeds(shared)
    sites, links = serve(make_site, texts)
    for number in range(1, len(order) + 1):
        copydesk("run", "--once", sites[0].feed("/feed.xml", [links[n] for n in order[:number]]))
    check(copydesk, texts, links)
    assert all(site.asked[f"/news/{n}.html"] == 1 for n, site in enumerate(sites))
