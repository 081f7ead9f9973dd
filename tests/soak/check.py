"""What consumers received, held against what was published. Pure: no clock, no I/O."""

import json
from collections import defaultdict
from dataclasses import dataclass, field

from soak.site import mark

EXCUSED = 3_000  # milliseconds around a cut in which an entry may be one that Redis has lost
COPY = "copy"


@dataclass
class Findings:
    """What is wrong, in words, each with the number of the article that it is about (0: none)."""

    received: int = 0
    lost: list = field(default_factory=list)
    twice: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    @property
    def clean(self):
        return not (self.lost or self.twice or self.wrong)


def read_lines(paths):
    """Records of the files that consumers wrote; a line that a kill cut off is none."""
    for path in paths:
        if not path.exists():
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue


def place(entry):
    """Time and number of a stream entry."""
    time, _, number = entry.partition("-")
    return int(time), int(number)


class Check:
    """The truth about a run.

    Args:
        seed: of the site.
        articles: as planned.
        address: what stands behind a host in a URL.
    """

    def __init__(self, seed, articles, address):
        self._seed = seed
        self._address = address
        self._articles = {article.number: article for article in articles}
        self._by_url = {f"http://{a.host}{address}{a.path}": a for a in articles}

    def article_of(self, record):
        """The article that an entry is about."""
        url = record["url"]
        if "/again/" in url:  # a page that never got to its article
            number = url.rpartition("/")[2].partition("-")[0]
            return self._articles.get(int(number))
        return self._by_url.get(url)

    def missing(self, published, received, end):
        """Articles that have not come out yet, by what one group received."""
        outcomes = defaultdict(list)
        for record in received:
            article = self.article_of(record)
            if article is not None:
                outcomes[article.number].append(record)
        return [a for a in published if not self._is_out(a, outcomes[a.number], end)]

    def _is_out(self, article, records, end):
        if article.kind == "gone":
            return any(record["reason"] for record in records)
        if article.kind == "poison":
            return bool(records)
        wanted = mark(article, article.version(end))
        return any(record["mark"] == wanted and record["verdict"] for record in records)

    def check(self, published, received, *, live, cuts, end):
        """Compare.

        Args:
            published: articles that were offered.
            received: what each group received: its name to records.
            live: records of what stands in the streams at the end, by (stream, entry).
            cuts: unix times in milliseconds, of deaths in which Redis lost something: (first, last) that may be lost.
            end: seconds after the start at which nothing changes any more.
        """
        found = Findings()
        self._streams(live, found)
        for group, records in received.items():
            entries = {(record["stream"], record["entry"]): record for record in records}
            found.received = max(found.received, len({(r["id"], r["revision"]) for r in entries.values()}))
            for key, record in live.items():
                if key not in entries:
                    found.lost.append((self._number(record), f"{group} never got {' '.join(key)}, {record['url']}"))
            for key, record in entries.items():
                if key not in live:
                    self._gone(group, key, record, live=live, cuts=cuts, found=found)
            # What Redis lost and emitted once more is later in its stream: the last of a key counts.
            last = {}
            for record in sorted(entries.values(), key=lambda r: place(r["entry"])):
                last[record["id"], record["revision"], record["reason"]] = record
            self._outcomes(group, published, list(last.values()), end=end, found=found)
        return found

    def _number(self, record):
        article = self.article_of(record)
        return article.number if article else 0

    def _streams(self, live, found):
        """One entry an id and revision, one revision a text."""
        keys, texts = defaultdict(list), defaultdict(set)
        for (stream, entry), record in live.items():
            keys[record["id"], record["revision"], record["reason"]].append(f"{stream} {entry}")
            if record["verdict"]:
                texts[record["id"], record["text"]].add(record["revision"])
        numbers = {record["id"]: self._number(record) for record in live.values()}
        for (id_, revision, reason), places in keys.items():
            if len(places) > 1:
                found.twice.append((numbers[id_], f"{id_} revision {revision} {reason or ''}: {', '.join(places)}"))
        for (id_, _), revisions in texts.items():
            if len(revisions) > 1:
                found.twice.append((numbers[id_], f"{id_}: one text as revisions {sorted(revisions)}"))

    def _gone(self, group, key, record, *, live, cuts, found):
        """An entry that a consumer had and Redis has not: lost with Redis, and then it came again."""
        at = place(key[1])[0]
        if not any(first - EXCUSED <= at <= last + EXCUSED for first, last in cuts):
            found.wrong.append((self._number(record), f"{group} got {' '.join(key)}, which is in no stream"))
        elif not any((r["id"], r["revision"]) == (record["id"], record["revision"]) for r in live.values()):
            text = f"{group} got {record['id']} revision {record['revision']}, which never came again"
            found.wrong.append((self._number(record), text))

    def _outcomes(self, group, published, records, *, end, found):
        missing = {article.number for article in self.missing(published, records, end)}
        found.lost += [(number, f"{group} got no article {number}") for number in sorted(missing)]
        clusters, documents = defaultdict(list), defaultdict(list)
        for record in records:
            article = self.article_of(record)
            if article is None:
                found.wrong.append((0, f"{group} got {record['url']}, which nobody published"))
            elif record["verdict"] is None:
                if article.kind not in ("gone", "poison"):
                    found.wrong.append((article.number, f"{group} got it rejected: {record['reason']}"))
            else:
                documents[article.number].append(record)
                if article.kind in ("story", "flaky"):
                    clusters[article.story].append(record)
        for number, several in documents.items():
            self._revisions(group, self._articles[number], several, found)
        for story, members in clusters.items():
            self._cluster(group, story, members, found)

    def _revisions(self, group, article, records, found):
        """Numbered from 1, each a later text than the one before."""
        records = sorted(records, key=lambda record: record["revision"])
        revisions = [record["revision"] for record in records]
        said = f"{group}: article {article.number}"
        if revisions != list(range(1, len(records) + 1)):
            found.wrong.append((article.number, f"{said} has revisions {revisions}"))
        if article.kind == "poison":
            return
        marks = [record["mark"] for record in records]
        known = {mark(article, n + 1): n for n in range(len(article.changes) + 1)}
        order = [known.get(one, -1) for one in marks]
        if order != sorted(set(order)) or -1 in order:
            found.wrong.append((article.number, f"{said} came as {marks}"))

    def _cluster(self, group, story, members, found):
        """One original, all others copies in its cluster."""
        originals = [record for record in members if record["verdict"] == "original"]
        number = self._number(members[0])
        if len(originals) != 1:
            told = ", ".join(f"{r['url']} {r['verdict']} of {r['cluster']} ({r['entry']})" for r in members)
            found.wrong.append((number, f"{group}: story {story} has {len(originals)} originals: {told}"))
            return
        for record in members:
            right = record["verdict"] in ("original", COPY) and record["cluster"] == originals[0]["id"]
            if not right:
                said = f"{record['verdict']} in {record['cluster']}, not a copy of {originals[0]['id']}"
                found.wrong.append((self._number(record), f"{group}: {record['url']} is {said}"))
