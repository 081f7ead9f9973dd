"""What a site repeats goes from its pages once enough stories have shown it; what else recurs stays."""

import json
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from blackbox import article, wait_for, words

# No rule knows these; they are of no real site.
POLICY = (
    "Varnholt Media takes part in the ledger programme of the northern guild, which audits its bookkeeping each spring."
)
BANNER = "The harbour edition gathers voices from both banks of the river, and each of them speaks for itself alone."
HEADING = "What the council has decided so far about it"
TURN = "Anna Berg:"
BACKGROUND = (
    "The lock gates of the old canal gave way eleven years ago, and the town has argued about their repair ever since."
)
PER_DAY = 5
# Learned with the first story of the fourth day (four different days, by default, and 13 stories or more).
LEARNED_WITH = 16
STORIES = 24


def page(number):
    published = (datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(days=number // PER_DAY)).isoformat()
    paragraphs = words(number, paragraphs=8)
    body = [BANNER, *paragraphs[:3], TURN, paragraphs[3], *paragraphs[4:]]
    if number % 5 == 2:
        body.append(BACKGROUND)
    html = article(f"Story {number} of the harbour", [*body, POLICY])
    meta = f"<meta property='article:published_time' content='{published}'>"
    return html.replace("<title>", f"{meta}<title>").replace(f"<p>{TURN}</p>", f"<h2>{HEADING}</h2><p>{TURN}</p>")


class Stream:
    """A site whose feed grows when all that it had has come out."""

    def __init__(self, copydesk, site):
        self.copydesk, self.site, self.links = copydesk, site, []
        # A page's host is its site's address without a port: what is learned is known by it.
        self.host = site.url.removeprefix("http://")

    def publish(self, *pages):
        """The documents of these pages, which come at once."""
        new = [f"/news/{len(self.links) + n}.html" for n in range(len(pages))]
        for path, html in zip(new, pages, strict=True):
            self.site.page(path, html)
        self.links += [self.site.url + path for path in new]
        self.site.feed("/feed.xml", self.links)
        wait_for(lambda: self.copydesk.admitted == len(self.links), f"{len(self.links)} documents")
        documents = {d["url"]: d for d in self.copydesk.entries("documents")}
        return [documents[self.site.url + path] for path in new]


@pytest.fixture
def stream(copydesk, make_site):
    site = make_site()
    stream = Stream(copydesk, site)
    run = copydesk.start("run", site.feed("/feed.xml", []), env={"COPYDESK_POLL_INTERVAL": "1"})
    yield stream
    run.terminate()
    run.wait(60)
    run.stdout.close()


def rows(copydesk, host):
    return [json.loads(line) for line in copydesk("rules", "learned", host).stdout.splitlines()]


@pytest.mark.slow
def test_a_policy_text_that_no_rule_knows_goes_once_it_is_learned(copydesk, stream):
    documents = []
    # Those up to the one with which there is enough come at once, and what comes in the same job is cleaned alike.
    for first, after in ((0, LEARNED_WITH - 1), (LEARNED_WITH - 1, LEARNED_WITH), (LEARNED_WITH, STORIES)):
        documents += stream.publish(*map(page, range(first, after)))

    assert {d["verdict"] for d in documents} == {"original"}
    for number, document in enumerate(documents, 1):
        lines = document["text"].split("\n")
        gone = {block["text"]: block for block in document["removed"] if block["reason"] == "recurring"}
        learned = number > LEARNED_WITH
        assert gone.keys() == ({POLICY, BANNER} if learned else set()), number
        assert (POLICY in lines, BANNER in lines) == (not learned, not learned)
        assert HEADING in lines
        assert TURN in lines
        assert (BACKGROUND in lines) == ((number - 1) % 5 == 2)
        assert (document["learned"] is not None) == learned
        assert all(block["rule"].startswith("learned:") for block in gone.values())
    log = [json.loads(line) for line in copydesk.log.splitlines() if '"block.learned"' in line]
    assert {(line["text"], line["stories"], line["days"]) for line in log} == {(POLICY, 16, 4), (BANNER, 16, 4)}

    known = {row["text"]: row for row in rows(copydesk, stream.host)}
    assert known[POLICY].items() >= {
        "state": "learned", "stories": STORIES, "share": 1.0, "days": 5, "first_day": "2026-03-01",
        "last_day": str(date(2026, 3, 5)), "place": "tail", "host_stories": STORIES,
    }.items()  # fmt: skip
    assert (known[BANNER]["state"], known[BANNER]["place"]) == ("learned", "head")
    assert known[BACKGROUND]["state"] == "watching"
    assert not {HEADING, TURN} & known.keys()
    assert documents[-1]["learned"] == known[POLICY]["version"]

    # The user's word: a running system heeds it from the next page on.
    key, banner, background = (known[text]["key"] for text in (POLICY, BANNER, BACKGROUND))
    for wrong in ("", "zz", key + "0"):
        done = copydesk("rules", "veto", stream.host, wrong, check=False)
        assert (done.returncode, f"{wrong!r} is no key" in done.stderr) == (1, True)
    assert f"vetoed {key}" in copydesk("rules", "veto", stream.host, key[:8]).stderr
    [document] = stream.publish(page(STORIES + 3))
    assert (POLICY in document["text"], BANNER in document["text"]) == (True, False)
    copydesk("rules", "pin", f"{stream.site.url}/news/1.html", background)
    [document] = stream.publish(page(37))
    assert (POLICY in document["text"], BACKGROUND in document["text"]) == (True, False)
    copydesk("rules", "forget", stream.host, banner)
    [document] = stream.publish(page(43))
    assert BANNER in document["text"]
    copydesk("rules", "forget", stream.host)
    assert rows(copydesk, stream.host) == []


@pytest.mark.slow
def test_copies_of_one_story_teach_nothing(copydesk, stream):
    """Twenty times the same report under another address is one story."""
    text = words(1, paragraphs=8)
    rng = random.Random(4)
    site = stream.site
    links = []
    for number in range(20):
        day = datetime(2026, 3, 1 + number, tzinfo=UTC).isoformat()
        html = article("The same report once more", [*text, POLICY, f"Seen by {rng.randint(10, 99)} readers."])
        meta = f"<meta property='article:published_time' content='{day}'>"
        site.page(f"/copy/{number}.html", html.replace("<title>", f"{meta}<title>"))
        links.append(f"{site.url}/copy/{number}.html")
    site.feed("/feed.xml", links)
    wait_for(lambda: copydesk.admitted == 20, "20 documents")
    assert (len(copydesk.entries("documents")), len(copydesk.entries("copies"))) == (1, 19)
    assert rows(copydesk, stream.host) == [], "what one story carries was seen once"
    assert '"block.learned"' not in copydesk.log
