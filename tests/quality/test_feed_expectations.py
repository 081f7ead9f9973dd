"""What other projects' own tests expect of feeds holds of what copydesk reads, as far as it reads it.

A case concerns copydesk where it speaks of the link, title, id, date or content of an entry. These differ on purpose:

- A title is a line of plain text: without markup, with references decoded where it is HTML, without line breaks.
- Within HTML, a mark such as ``<![CDATA[`` or ``<!DOCTYPE`` is a comment, as for browsers; feedparser shows it.
- The id of an entry is text without elements, and stays as the feed gives it; a relative one is not resolved.
- Of an entry's dates the item has one: when it was published, else made, else changed.
- Content is text or HTML, and longer than a summary that differs.
- Content is neither sanitised nor are its links made absolute: the extractor reads its text, and so does the comparison.
"""

import ast
import base64
import io
import json
import lzma
import time
import warnings
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import feedparser
import pytest

from copydesk.core import fulltext
from copydesk.core.plaintext import plain_text, plain_title
from copydesk.core.urls import canonical_url
from copydesk.errors import SourceError
from copydesk.models import SourceKind
from copydesk_services.fetcher.sources import read_body

DATA = Path(__file__).parents[3] / "shared" / "data" / "feeds" / "feeds.jsonl.xz"
BASE = "http://127.0.0.1:8097/tests/feed.xml"
MOST_SECONDS = 5.0
DATES = ("published", "created", "updated")

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the reference feeds are not there: {DATA}")


def body_of(record):
    return record["text"].encode("utf-8", "surrogatepass") if "text" in record else base64.b64decode(record["b64"])


@pytest.fixture(scope="module")
def records():
    with lzma.open(DATA) as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture
def content_of_any_length(monkeypatch):
    monkeypatch.setattr(fulltext, "LEAST_FULL_TEXT", 1)


def reading(record):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_body(body_of(record), BASE, None, 10_000)


def test_every_file_is_read_or_fails_with_a_reason(records):
    kinds = Counter()
    reasons = []
    slowest = 0.0
    for record in records:
        start = time.process_time()
        try:
            kinds[reading(record).kind] += 1
        except SourceError as error:
            kinds["error"] += 1
            reasons.append(str(error))
        slowest = max(slowest, time.process_time() - start)
    assert all(5 < len(reason) < 300 for reason in reasons)
    assert slowest < MOST_SECONDS
    assert kinds[SourceKind.FEED] > 2_700
    assert kinds[SourceKind.SITEMAP] >= 14
    assert kinds[SourceKind.SITEMAP_INDEX] == 2


def chain(node):
    """The keys that lead to a value: ``entries[0]['content'][0]['value']``, ``feed['title']``; or None."""
    keys = []
    while not (isinstance(node, ast.Name) and node.id in ("entries", "feed")):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            keys.append(node.slice.value)
            node = node.value
        elif isinstance(node, ast.Attribute):
            keys.append(node.attr)
            node = node.value
        else:
            return None
    return (None, *reversed(keys)) if node.id == "feed" else tuple(reversed(keys))


FIELDS = {
    ("link",): "link",
    ("title",): "title",
    ("title_detail", "value"): "title",
    ("id",): "guid",
    ("guid",): "guid",
    ("content", 0, "value"): "content",
    **{(name,): "date" for name in DATES},
    **{(f"{name}_parsed",): "date" for name in DATES},
}


def expectations(expect):
    """(number of the entry, None for the feed, field, its name there, value) for each comparison that concerns copydesk."""
    for node in ast.walk(ast.parse(expect.strip(), mode="eval")):
        if not isinstance(node, ast.Compare) or not all(isinstance(op, ast.Eq) for op in node.ops):
            continue
        *sides, last = node.left, *node.comparators
        try:
            value = ast.literal_eval(last)
        except ValueError:
            continue
        for keys in filter(None, map(chain, sides)):
            field = FIELDS.get(keys[1:])
            if field and (field == "title" if keys[0] is None else isinstance(keys[0], int)):
                yield keys[0], field, keys[1], value


def moment(value):
    if isinstance(value, tuple):
        return datetime(*value[:6], tzinfo=UTC)
    if value[:4].isdigit():
        return datetime.fromisoformat(value).astimezone(UTC)
    return parsedate_to_datetime(value).astimezone(UTC)


def title_holds(entry, _name, value, theirs):
    is_html = (theirs.get("title_detail") or {}).get("type") != "text/plain"
    if is_html and "<!" in plain_text(value):
        return None
    return (entry.title or "") == (plain_title(value, is_html=is_html) or "")


def content_holds(entry, _name, value, theirs):
    kind = theirs["content"][0].get("type")
    is_short = theirs.get("summary") != value and len(theirs.get("summary", "")) >= len(value)
    if kind not in ("text/html", "application/xhtml+xml", "text/plain") or is_short or "<!" in plain_text(value):
        return None
    return plain_text(entry.content or "").split() == (value if kind == "text/plain" else plain_text(value)).split()


def date_holds(entry, name, value, theirs):
    first = next((known for known in DATES if dict.get(theirs, f"{known}_parsed")), None)
    return entry.published_at == moment(value) if name.removesuffix("_parsed") == first else None


def guid_holds(entry, _name, value, _theirs):
    return (canonical_url(entry.guid, BASE) if value.startswith(BASE[:21]) else entry.guid) == value


def link_holds(entry, _name, value, _theirs):
    return canonical_url(entry.link or "", BASE) == canonical_url(value, BASE)


# Whether an entry is as expected, by the rules above; None: what is expected is not about what an item has.
HOLDS = {"title": title_holds, "content": content_holds, "date": date_holds, "guid": guid_holds, "link": link_holds}


def test_feedparsers_expectations(records, content_of_any_length):
    counts = Counter()
    wrong = []
    for record in records:
        concerns = list(expectations(record["expect"])) if record.get("expect") else []
        if not concerns:
            continue
        headers = {"content-type": "application/xml", "content-location": BASE}
        theirs = feedparser.parse(io.BytesIO(body_of(record)), response_headers=headers)
        try:
            read = reading(record)
        except SourceError:
            # A feed that breaks off before its first entry.
            assert not theirs.entries
            assert theirs.bozo
            continue
        for number, field, name, value in concerns:
            ours, other = (read, theirs.feed) if number is None else (read.entries[number], theirs.entries[number])
            held = HOLDS[field](ours, name, value, other)
            counts[held] += 1
            if held is False:
                wrong.append((record["path"], field, value, ours))
    assert not wrong
    assert counts[True] >= 590
    assert counts[None] <= 6


def gofeed_pairs(records):
    """(the feed's record, the parse that gofeed expects of it)."""
    by_path = {record["path"]: record for record in records if record["source"] == "mmcdole/gofeed"}
    for path, record in by_path.items():
        feed = by_path.get(path.removesuffix(".json") + ".xml") or by_path.get(path.replace("_expected.json", ".json"))
        if path.endswith(".json") and feed is not None and feed is not record:
            yield feed, json.loads(record["text"])


def gofeeds_values(item):
    """What an expected item of gofeed says of the fields that an item has."""
    links = item.get("links") or []
    alternate = next(
        (x["href"] for x in links if isinstance(x, dict) and x.get("rel", "alternate") == "alternate" and "href" in x),
        None,
    )
    date = (
        item.get("publishedParsed")
        or item.get("pubDateParsed")
        or item.get("date_published")
        or item.get("updatedParsed")
    )
    yield "title", item.get("title")
    yield "link", item.get("link") or item.get("url") or alternate
    guid = item.get("guid")
    yield "guid", item.get("id") or (guid.get("value") if isinstance(guid, dict) else guid)
    yield "published_at", date and datetime.fromisoformat(date).astimezone(UTC)


def test_gofeeds_expectations(records):
    counts = Counter()
    wrong = []
    for record, expected in gofeed_pairs(records):
        items = expected.get("items") or expected.get("entries") or []
        if not items:
            continue
        try:
            entries = reading(record).entries
        except SourceError as error:
            wrong.append((record["path"], str(error)))
            continue
        for entry, item in zip(entries, items, strict=False):
            for field, value in gofeeds_values(item):
                if (
                    value is None
                    or (field == "guid" and "<" in value)
                    or (field == "link" and "<link uri=" in record["text"])
                ):
                    continue
                got = getattr(entry, field)
                held = (
                    got in (value, plain_title(value), plain_title(value, is_html=True))
                    if field == "title"
                    else got == value
                )
                counts[held] += 1
                if not held:
                    wrong.append((record["path"], field, value, entry))
    assert not wrong
    assert counts[True] >= 106
