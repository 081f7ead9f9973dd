"""Metadata on the pages that have it labelled, beside trafilatura's own, in one run: ``make bench-metadata``."""

from __future__ import annotations

import argparse
import base64
import json
import logging
import lzma
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tables import show
from trafilatura.metadata import extract_metadata

from copydesk.core import metadata
from copydesk.core.limits import MAX_PAGE_BYTES
from copydesk.core.markup import Unfit, parse

ROOT = Path(__file__).parents[1]
SETS = ("trafilatura-eval", "wcxb-dev-articles")
UNLABELLED = ("scrapinghub-A", "newspaper3k-tests", "mediacloud-fixtures.nogold")
NOW = datetime.now(UTC)

_AUTHORS = re.compile(r"\s*(?:[;,|/&\n]|\b(?:and|und|et|y|e|en|og|och)\b)\s*")
OURS, THEIRS = "copydesk", "trafilatura"
FIELDS = (
    "title", "authors", "published_at", "modified_at", "site_name", "section", "tags", "image", "description", "canonical_url",
    "is_free",
)  # fmt: skip


def records(path: Path) -> Iterator[dict[str, object]]:
    """The pages of a set."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def tree_of(record):
    """The tree of a page, or None."""
    body = record.get("html") or base64.b64decode(record["html_b64"])
    tree = parse(body, None, MAX_PAGE_BYTES)
    return None if isinstance(tree, Unfit) else tree


def label(value) -> str:
    """A label; several are a list."""
    return "; ".join(value) if isinstance(value, list) else value if isinstance(value, str) else ""


def folded(text: str) -> str:
    """Letters and digits only: quotation marks and dashes are written in many ways."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def names(text: str) -> frozenset[str]:
    """The names in a list of authors."""
    return frozenset(name for part in _AUTHORS.split(text) if (name := folded(part)))


LABELLED: dict[str, Callable[[str], object]] = {"title": folded, "author": names, "date": lambda day: day[:10]}


def read(tree, url):
    """What copydesk reads."""
    return metadata.read(tree, url, now=NOW)


def ours(found):
    """What copydesk read, as the labels are written: a day is that of the page's own zone."""
    return {
        "title": found.title,
        "author": "; ".join(found.authors),
        "date": found.published_at and found.published_at.date().isoformat(),
        "date_from": found.published_from,
    }


def theirs(found):
    """What trafilatura read."""
    return {"title": found.title, "author": found.author, "date": found.date}


READERS = (OURS, THEIRS)
OUTCOMES = ("right", "wrong", "missing")


class Scores:
    """Outcomes by field and reader, of one set; and what the dates come from."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.sources: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, reader: str, gold, found) -> None:
        """Compare what a reader found on a page with the labels."""
        for field, fold in LABELLED.items():
            if not gold.get(field):
                self.counts[reader, field]["unlabelled"] += bool(found[field])
                continue
            outcome = "missing"
            if found[field]:
                outcome = "right" if fold(gold[field]) == fold(found[field]) else "wrong"
            self.counts[reader, field][outcome] += 1
            if field == "date" and found.get("date_from"):
                self.sources[found["date_from"]][outcome] += 1

    def rows(self, name: str):
        """Rows of the table."""
        for field in LABELLED:
            for reader in READERS:
                count = self.counts[reader, field]
                total = sum(count[outcome] for outcome in OUTCOMES)
                shares = [f"{count[outcome] / total:.3f}" for outcome in OUTCOMES]
                yield [f"{name}: {field}", str(total), reader, *shares, str(count["unlabelled"])]


def timed(seconds, step, call, *arguments):
    """Call, and note the CPU time that it takes."""
    start = time.process_time()
    result = call(*arguments)
    seconds[step].append(time.process_time() - start)
    return result


def main() -> int:
    """Score, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    data = options.parse_args().shared / "data/pages"
    if not data.is_dir():
        print(f"{data}: the labelled data is not here; nothing was scored")
        return 0
    logging.disable(logging.CRITICAL)
    rows, sources, filled, seconds = [], defaultdict(Counter), defaultdict(Counter), defaultdict(list)
    for name in (*SETS, *UNLABELLED):
        scores = Scores()
        for record in records(data / f"{name}.jsonl.xz"):
            url = record["url"] or ""
            tree = timed(seconds, "parse", tree_of, record)
            if tree is None:
                continue
            about = timed(seconds, "metadata, copydesk", read, tree, url)
            filled[name].update(field for field in FIELDS if getattr(about, field) not in (None, []))
            filled[name]["pages"] += 1
            if name in SETS:
                gold = {key: label(value) for key, value in (record.get("gold_meta") or {}).items()}
                scores.add(OURS, gold, ours(about))
                scores.add(THEIRS, gold, theirs(timed(seconds, "metadata, trafilatura", extract_metadata, tree, url)))
        if name in SETS:
            rows += scores.rows(name)
            for source, count in scores.sources.items():
                sources[source] += count
    show("labelled fields", ("field", "labelled", "by", *OUTCOMES, "given without label"), rows)
    show(
        "copydesk's dates of publication by what says so",
        ("source", "labelled", "right"),
        [[name, str(count.total()), f"{count['right'] / count.total():.3f}"] for name, count in sources.items()],
    )
    show(
        "share of pages on which copydesk gives a field",
        ("set", "pages", *FIELDS),
        [[name, str(n["pages"]), *(f"{n[field] / n['pages']:.2f}" for field in FIELDS)] for name, n in filled.items()],
    )
    show(
        "milliseconds of CPU a page",
        ("step", "pages", "median", "mean"),
        [
            [step, str(len(times)), f"{statistics.median(times) * 1e3:.2f}", f"{statistics.mean(times) * 1e3:.2f}"]
            for step, times in seconds.items()
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
