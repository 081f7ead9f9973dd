"""What copydesk must make of the demo's site, and the check of what it made.

Feeds are polled at the same time, so which page of a syndication group comes first is open: exactly one of a group is
an original, and all others are copies of it.

As a command it reads lines of ``copydesk demo --json`` and writes what is wrong with them, one problem a line::

    copydesk demo --json | python -m copydesk_services.demo.expected
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from copydesk.models import RejectReason, RemovalReason, Verdict
from copydesk_services.demo.content import Content, Story, Strip
from copydesk_services.demo.site import SITE, home_of

Row = Mapping[str, Any]
REJECTED = "rejected"


@dataclass(frozen=True)
class Expected:
    """The outcome of one item.

    ``group`` names the syndication group, None for a story that stands alone; ``rejected`` is None for an article.
    ``paths`` are all paths on the host under which a result may name the page: the one offered and the one it leads to.
    """

    id: str
    host: str
    paths: tuple[str, ...]
    language: str
    rejected: RejectReason | None
    group: str | None
    repeated: bool
    keep: tuple[str, ...]
    strip: tuple[Strip, ...]
    chrome: tuple[str, ...]

    def url(self, base_port: int) -> str:
        """The address that a source offers."""
        return home_of(self.host, base_port) + self.paths[0]


def expected_items(content: Content = SITE.content) -> list[Expected]:
    """Every item that the sources offer."""
    return [_expected(content, story) for story in content.stories.values()]


def check(rows: Iterable[Row], content: Content = SITE.content) -> list[str]:
    """Compare results with what is expected.

    Args:
        rows: ``{url, verdict, reason, copy_of, language, removed}`` for every page, as ``copydesk demo --json`` writes
            them. ``copy_of`` is a URL or an id (of a row that has an ``id``); ``removed`` is a list of
            ``{text, reason, ...}``; where a row has ``text``, it is checked too.
        content: The site that was ingested.

    Returns:
        The problems, in words; none when all is right.
    """
    items = {(item.host, path): item for item in expected_items(content) for path in item.paths}
    found: dict[str, Row] = {}
    problems = []
    ids: dict[str, str] = {}
    for row in rows:
        item = items.get(_place(str(row["url"])))
        if item is None:
            problems.append(f"{row['url']}: no source offers this")
        elif item.id in found:
            problems.append(f"{row['url']}: a second result for {item.id}")
        else:
            found[item.id] = row
            ids[str(row.get("id"))] = item.id
    for item in expected_items(content):
        if item.id not in found:
            problems.append(f"{item.id}: no result for {item.host}{item.paths[0]}")
        else:
            problems += [f"{item.id}: {problem}" for problem in _check_row(item, found[item.id])]
    groups = sorted({item.group for item in items.values() if item.group is not None})
    for group in groups:
        members = {id_: row for id_, row in found.items() if content.group(content.stories[id_]) == group}
        problems += _check_group(group, members, items, ids)
    return problems


def check_log(log: Sequence[Mapping[str, Any]], content: Content = SITE.content) -> list[str]:
    """Compare the server's access log of one round over all sources with what may be asked for.

    Every page is to be fetched exactly once, those that robots.txt closes never, and robots.txt before any page.
    """
    asked = Counter((str(entry["host"]), urlsplit(str(entry["path"])).path) for entry in log)
    problems = []
    for item in expected_items(content):
        wanted = 0 if item.rejected is RejectReason.ROBOTS else 1
        for path in item.paths:
            times = asked[item.host, path]
            if times != wanted:
                problems.append(f"{item.id}: {item.host}{path} was asked for {times} times, not {wanted}")
    pages = {(item.host, path) for item in expected_items(content) for path in item.paths}
    allowed: set[str] = set()
    for entry in log:
        host, path = str(entry["host"]), urlsplit(str(entry["path"])).path
        if path == "/robots.txt":
            allowed.add(host)
        elif (host, path) in pages and host not in allowed:
            problems.append(f"{host}{path} was asked for before the host's robots.txt")
    return problems


def _expected(content: Content, story: Story) -> Expected:
    host = content.hosts[story.host]
    paths = (story.path,) if story.short_path is None else (story.short_path, story.path)
    article = story.rejected is None
    return Expected(
        id=story.id,
        host=story.host,
        paths=paths,
        language=story.language,
        rejected=story.rejected,
        group=content.group(story),
        repeated=story.repeated,
        keep=tuple(story.keep),
        strip=tuple(strip for strip in host.strip if article and strip.language == story.language),
        chrome=tuple(
            phrase
            for chrome in host.chrome
            if article and chrome.language == story.language
            for phrase in chrome.phrases
        ),
    )


def _check_row(item: Expected, row: Row) -> list[str]:
    verdict, reason = row.get("verdict"), row.get("reason")
    if item.rejected is not None:
        if verdict != REJECTED or reason != item.rejected:
            return [f"is {verdict} ({reason}), should be rejected ({item.rejected})"]
        return []
    allowed = {Verdict.ORIGINAL} if item.group is None else {Verdict.ORIGINAL, Verdict.COPY}
    if verdict not in allowed:
        return [f"is {verdict} ({reason}), should be {' or '.join(sorted(allowed))}"]
    problems = []
    if verdict == Verdict.ORIGINAL and row.get("copy_of") is not None:
        problems.append("is an original, but names what it is a copy of")
    if row.get("language") != item.language:
        problems.append(f"has language {row.get('language')}, should be {item.language}")
    return problems + _check_removed(item, row) + _check_text(item, row)


def _check_removed(item: Expected, row: Row) -> list[str]:
    removed = [(_squeeze(str(block["text"])), block["reason"]) for block in row.get("removed") or []]
    problems = []
    for strip in item.strip:
        reasons = {reason for text, reason in removed if strip.phrase in text}
        if not reasons:
            problems.append(f"was not removed: {strip.phrase!r}")
        elif reasons.isdisjoint(strip.reasons):
            problems.append(f"{strip.phrase!r} was removed as {_list(reasons)}, should be {_list(strip.reasons)}")
    repeats = [text for text, reason in removed if reason == RemovalReason.REPEAT]
    if item.repeated and not repeats:
        problems.append("carries its text twice, but no repeat was removed")
    for phrase in item.keep:
        lost = [text for text, reason in removed if phrase in text and reason != RemovalReason.REPEAT]
        # In a page that carries its text twice, one of the two must stay.
        if lost or sum(phrase in text for text in repeats) > item.repeated:
            problems.append(f"was removed, should stay: {phrase!r}")
    return problems


def _check_text(item: Expected, row: Row) -> list[str]:
    if "text" not in row:
        return []
    text = _squeeze(str(row["text"]))
    problems = [f"is missing in the text: {phrase!r}" for phrase in item.keep if phrase not in text]
    problems += [f"stands twice in the text: {phrase!r}" for phrase in item.keep if text.count(phrase) > 1]
    unwanted = [strip.phrase for strip in item.strip] + list(item.chrome)
    return problems + [f"still stands in the text: {phrase!r}" for phrase in unwanted if phrase in text]


def _check_group(
    group: str, members: Mapping[str, Row], items: Mapping[tuple[str, str], Expected], ids: Mapping[str, str]
) -> list[str]:
    originals = [id_ for id_, row in members.items() if row.get("verdict") == Verdict.ORIGINAL]
    if len(originals) != 1:
        return [f"group {group}: {len(originals)} originals ({_list(originals)}), should be one"]
    problems = []
    for id_, row in members.items():
        if row.get("verdict") != Verdict.COPY:
            continue
        copy_of = str(row.get("copy_of"))
        place = items.get(_place(copy_of))
        target = ids.get(copy_of) if place is None else place.id
        if target != originals[0]:
            problems.append(f"{id_}: is a copy of {target or copy_of}, should be one of {originals[0]}")
    return problems


def _place(url: str) -> tuple[str, str]:
    """Host and path: the port is free, and a query is only tracking."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.path


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _list(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))


def main() -> int:
    """Check the JSON lines on standard input."""
    problems = check(json.loads(line) for line in sys.stdin if line.strip())
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
