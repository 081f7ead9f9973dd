"""What is learned of sites: from real ones, article by article, and from made-up streams: ``make bench-learned``."""

import argparse
import json
import lzma
import random
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tables import show

from copydesk.core.boilerplate import text_blocks
from copydesk.core.enough import DEFAULT
from copydesk.core.learned import Place, block_key
from copydesk.core.sites import Sighting, Site, Story, story_of
from copydesk.models import Block, Document, RemovalReason, RemovedBlock

ROOT = Path(__file__).parents[1]
LEAST_ARTICLES = 8
LARGE = 50
CONTENT = "content_or_heading"
POLICY = (
    "Varnholt Media takes part in the ledger programme of the northern guild, which audits its bookkeeping each spring."
)


@dataclass
class Outcome:
    """What was learned of one site, by the keys of blocks.

    Attributes:
        articles: Articles of the site.
        carried: How many carry a block.
        removed: From how many it was removed.
        first: Number, from 1, of the first of those.
        text: Its text.
    """

    articles: int = 0
    carried: Counter = field(default_factory=Counter)
    removed: Counter = field(default_factory=Counter)
    first: dict = field(default_factory=dict)
    text: dict = field(default_factory=dict)


def rows(path):
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def streams(data):
    """The articles of each site of abp, in the order of their publication: (time or None, text)."""
    sites = defaultdict(list)
    for row in rows(data / "neardup/abp.docs.jsonl.xz"):
        sites[row["domain"]].append((time_of(row["date"]), row["text"]))
    late = datetime(9999, 1, 1, tzinfo=UTC)
    return {
        site: sorted(articles, key=lambda article: article[0] or late)
        for site, articles in sorted(sites.items())
        if len(articles) >= LEAST_ARTICLES
    }


def time_of(date):
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC) if date else None
    except ValueError:
        return None


def labels(data):
    """Label of each line that is known to recur, by site and key of the block."""
    return {
        (row["domain"], block_key(row["text"])): row["label"]
        for row in rows(data / "boilerplate/recurring-lines.jsonl.xz")
    }


def replay(articles, enough=DEFAULT, added=(), after=0):
    """Learn from articles in their order, each a story, without any rule.

    ``added`` are lines at the end of every article ``after`` so many.
    """
    site, outcome = Site(), Outcome(articles=len(articles))
    for number, (time, text) in enumerate(articles, 1):
        blocks = text_blocks(text) + [Block(text=line) for line in (added if number > after else ())]
        if not blocks:
            continue
        found = site.learned().find([block.text for block in blocks])
        for position, key in found.items():
            outcome.removed[key] += 1
            outcome.first.setdefault(key, number)
            outcome.text[key] = blocks[position].text
        outcome.carried.update({block_key(block.text) for block in blocks})
        site.observe(story_of(document(number, time, blocks, found)), enough)
    return outcome


def document(number, time, blocks, found):
    removed = [
        RemovedBlock(text=blocks[position].text, reason=RemovalReason.RECURRING, rule="learned", index=position)
        for position in sorted(found)
    ]
    kept = [block for position, block in enumerate(blocks) if position not in found]
    return Document(
        id=f"{number:016x}00000000", url="", host="", source=None, title=None, text="", language=None, verdict="original",
        copy_of=None, cluster="", novelty=1, removed=removed, published_at=time, blocks=kept,
    )  # fmt: skip


def by_label(sites, known, enough=DEFAULT):
    """Rows (label, lines, learned, their occurrences, removed) over all sites, and what was learned without a label."""
    lines, learned, seen, removed = Counter(), Counter(), Counter(), Counter()
    unlabelled = []
    for site, articles in sites.items():
        outcome = replay(articles, enough)
        for key, count in outcome.carried.items():
            if (label := known.get((site, key))) is not None:
                lines[label] += 1
                seen[label] += count
                learned[label] += key in outcome.removed
                removed[label] += outcome.removed[key]
        unlabelled += [
            (site, outcome.removed[key], text) for key, text in outcome.text.items() if (site, key) not in known
        ]
    return [(label, n, learned[label], seen[label], removed[label]) for label, n in lines.most_common()], unlabelled


def made_up(carried, per_day, history=0, enough=DEFAULT):
    """Number of the story, after ``history`` others, with which a block is learned that these stories carry; None: never."""
    rng, site = random.Random(1), Site()  # noqa: S311 -- nothing is secret here
    for number in range(history + len(carried)):
        sightings = [Sighting(rng.getrandbits(63), Place.TAIL, True, "") for _ in range(6)]
        if number >= history and carried[number - history]:
            sightings.append(Sighting(1 << 63, Place.TAIL, True, "block"))
        if site.observe(Story(number, 20_000 + number // per_day, tuple(sightings)), enough):
            return number - history + 1
    return None


def scenarios():
    """What a stream of stories may look like: (name, which of them carry the block, stories a day, stories before)."""
    rng = random.Random(7)  # noqa: S311 -- nothing is secret here

    def some(share, count):
        return [rng.random() < share for _ in range(count)]

    return [
        ("policy in all stories of a new site, 5 a day", [1] * 120, 5, 0),
        ("the same, 50 a day", [1] * 400, 50, 0),
        ("in half of them, 10 a day", some(0.5, 300), 10, 0),
        ("in a third", some(0.33, 400), 10, 0),
        ("in 15 %", some(0.15, 1_000), 10, 0),
        ("new policy of a site with 500 stories, 10 a day", [1] * 300, 10, 500),
        ("the same, in half of them", some(0.5, 400), 10, 500),
        ("background of follow-ups: 12 in a row, 3 a day, after 500", [1] * 12 + [0] * 100, 3, 500),
        ("12 of 40, after 500", some(0.3, 40) + [0] * 100, 10, 500),
        ("20 of 33 within a week, after 500", some(0.6, 33) + [0] * 100, 5, 500),
        ("the first 12 stories of a new site", [1] * 12 + [0] * 100, 3, 0),
        ("a tenth of 600 stories", some(0.1, 600), 7, 500),
        ("a quarter of 400 stories", some(0.25, 400), 13, 500),
    ]


def policy_row(site, articles):
    key, middle = block_key(POLICY), len(articles) // 2
    whole, half = replay(articles, added=[POLICY]), replay(articles, added=[POLICY], after=middle)
    late = half.first.get(key)
    return site, str(len(articles)), said(whole.first.get(key)), str(whole.removed[key]), said(late and late - middle)


def said(number):
    return str(number or "never")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    options = options.parse_args()
    show(
        "made-up streams",
        ["stream", "learned with story"],
        [(name, said(made_up(*rest))) for name, *rest in scenarios()],
    )
    data = options.shared / "data"
    if not data.is_dir():
        print(f"{options.shared}: the labelled data is not here; nothing more was measured")
        return 0
    sites, known = streams(data), labels(data)
    found, unlabelled = by_label(sites, known)
    title = f"{len(sites)} real sites, {sum(map(len, sites.values()))} articles, learning alone, no rules"
    show(title, ["label", "lines", "learned", "occurrences", "removed"], [tuple(map(str, row)) for row in found])
    for site, count, text in unlabelled:
        print(f"without a label: {site}, {count} times: {text[:90]}")
    show(
        "a policy text put below the articles of the larger sites, from the first on, or from the middle on",
        ["site", "articles", "goes from", "removed", "from the middle: goes after"],
        [policy_row(site, articles) for site, articles in sites.items() if len(articles) >= LARGE],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
