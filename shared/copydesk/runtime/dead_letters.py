"""Dead letters: what became of no document, and what a consumer group could not do; shown, retried, dropped."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

import redis

from copydesk.core.urls import canonical_url, host_of
from copydesk.models import Item, RejectReason
from copydesk.runtime import keys
from copydesk.runtime.queue import LOOK_SECONDS, Stages, unpack
from copydesk.runtime.scripts import script
from copydesk.runtime.settings import Settings

BATCH: Final = 100
MAX_OWN: Final = 10_000
"""Entries that may wait in a group's own stream."""


@dataclass(frozen=True)
class Filter:
    """Which dead letters are meant; what is None or empty is any."""

    id: str | None = None
    reason: str | None = None
    host: str | None = None
    stage: str | None = None
    since: datetime | None = None

    def wants(self, fields: dict[bytes, bytes]) -> bool:
        """Whether an entry is one of them."""
        host = fields.get(b"host", b"").decode().partition(":")[0]
        return (
            (self.id is None or fields.get(b"id", b"").decode() == self.id)
            and (self.reason is None or fields.get(b"reason", b"").decode() == self.reason)
            and (self.stage is None or fields.get(b"stage", b"").decode() == self.stage)
            and (self.host is None or host == self.host or host.endswith(f".{self.host}"))
        )

    @property
    def is_any(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Filter()


@dataclass(frozen=True)
class Letter:
    """A dead letter.

    Attributes:
        entry: Its id in the stream of dead letters.
        record: Its ``Rejected``, or the record that a group could not work on, as JSON had it.
        dead: Of a group's: the stream and id that it was, the number of tries and the error.
        kept: Unix time until which the page's body is kept; None: it is not, 0: for as long as the page is in work.
    """

    entry: str
    record: dict[str, Any]
    dead: dict[str, str]
    kept: float | None = None

    @property
    def id(self) -> str:
        """Of the page, or of the document."""
        return str(self.record.get("id", ""))

    def row(self, *, full: bool = False) -> dict[str, Any]:
        """As fields of JSON: with ``full``, all of the record."""
        names = ("id", "url", "source", "stage", "reason", "detail", "rejected_at", "title", "verdict", "revision")
        record = self.record if full else {name: self.record[name] for name in names if name in self.record}
        until = datetime.fromtimestamp(self.kept, UTC).isoformat(timespec="seconds") if self.kept else None
        kept = {} if self.dead else {"body_kept": self.kept is not None, "body_kept_until": until}
        return {"entry": self.entry, **self.dead, **kept, **record}


class DeadLetters:
    """Those of the pipeline, or of a consumer group."""

    def __init__(self, client: redis.Redis, settings: Settings, group: str | None = None) -> None:
        self._client = client
        self._settings = settings
        self._stages = Stages(client, settings)
        self._group = group
        self._stream = keys.REJECTED if group is None else keys.dead(group)
        self._retry = script(client, "slots", "retry")
        self._retry_dead = script(client, "retry_dead")

    def newest_first(self, wanted: Filter) -> Iterator[Letter]:
        """The dead letters that are wanted, the newest first, read in bounded batches."""
        first = f"{int(wanted.since.timestamp() * 1000)}" if wanted.since else "-"
        last = "+"
        while batch := self._batch(first, last):
            chosen = [(entry, fields) for entry, fields in batch if wanted.wants(fields) and b"document" in fields]
            yield from self._letters([(entry, fields) for entry, fields in chosen if fields.get(b"verdict") != b"gap"])
            last = f"({batch[-1][0].decode()}"

    def body(self, page_id: str) -> bytes | None:
        """The body of a page, where it is still kept."""
        value = cast("bytes | None", self._client.get(keys.body(page_id)))
        return None if value is None else unpack(value, self._settings.fetch_max_bytes)

    def retry(self, letters: list[Letter], *, fetch: bool = False) -> dict[str, str]:
        """Work on these once more: what came of each page (or entry, of a group), see ``retry.lua``.

        What was rejected at the fetch is fetched again; all else is extracted again from what is kept, or, with ``fetch``,
        fetched where it is not kept.
        """
        if self._group is not None:
            own = keys.own(self._group)
            return {x.entry: self._retry_dead(args=[self._stream, x.entry, own, MAX_OWN]).decode() for x in letters}
        by_page: dict[str, list[Letter]] = {}
        for letter in letters:
            by_page.setdefault(letter.id, []).append(letter)
        answers = {page_id: self._retry_page(page_id, own, fetch=fetch) for page_id, own in by_page.items()}
        again = [page_id for page_id, answer in answers.items() if answer == "extract"]
        for start in range(0, len(again), self._settings.batch_pages):
            self._stages.submit("extract", again[start : start + self._settings.batch_pages])
        return {page_id: "retried" if answer in ("extract", "fetch") else answer for page_id, answer in answers.items()}

    def drop(self, letters: list[Letter]) -> int:
        """Delete dead letters; how many there were. What is kept of their pages goes when its time is over."""
        return sum(int(self._client.xdel(self._stream, letter.entry)) for letter in letters)

    def _retry_page(self, page_id: str, letters: list[Letter], *, fetch: bool) -> str:
        newest = letters[0]
        if newest.record.get("reason") == RejectReason.RETRACTED:
            return "retracted"
        entries = [letter.entry for letter in letters]
        ways = ["fetch"] if newest.record.get("stage") == "fetch" else ["extract", *(["fetch"] if fetch else [])]
        answer = "not_kept"
        for way in ways:
            item = self._item(page_id, newest.record) if way == "fetch" else None
            if way == "fetch" and item is None:
                return "not_kept"
            host = host_of(item.canonical_url) if item else ""
            said = item.model_dump_json(exclude_defaults=True) if item else ""
            answer = self._retry(args=[page_id, way, LOOK_SECONDS, host, said, *entries]).decode()
            if answer != "not_kept":
                return way if answer == "retried" else answer
        return answer

    def _item(self, page_id: str, record: dict[str, Any]) -> Item | None:
        """What a page was fetched for: as it is kept, or else as its dead letter tells."""
        value = self._client.hget(keys.page(page_id), "item")
        if value is not None:
            return Item.model_validate_json(value)
        url = canonical_url(str(record.get("url") or ""))
        if url is None:
            return None
        told = {name: record.get(name) for name in ("title", "published_at")}
        return Item.model_validate(
            {"url": record["url"], "canonical_url": url, "source": record.get("source") or "", **told}
        )

    def _batch(self, first: str, last: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        answer = self._client.xrevrange(self._stream, max=last, min=first, count=BATCH)
        return cast("list[tuple[bytes, dict[bytes, bytes]]]", answer)

    def _letters(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> Iterator[Letter]:
        with self._client.pipeline(transaction=False) as pipe:
            for _, fields in entries:
                pipe.ttl(keys.body(fields.get(b"id", b"").decode()))
            ttls = pipe.execute()
        now = time.time()
        for (entry, fields), ttl in zip(entries, ttls, strict=True):
            dead = {
                name.decode(): value.decode("utf-8", "replace")
                for name, value in fields.items()
                if name.startswith(b"dead_")
            }
            kept = None if ttl == -2 else 0.0 if ttl == -1 else now + ttl
            yield Letter(entry.decode(), json.loads(fields[b"document"]), dead, kept)
