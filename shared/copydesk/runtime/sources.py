"""The registry of sources in Redis: what is polled, and how that goes.

Which source is due stands in a queue a host, so that a host with a thousand feeds holds up no other's; ``polls`` takes
sources from them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

import redis

from copydesk.core.urls import absolute_url, host_of, origin_of, source_id
from copydesk.errors import StoreUnavailable, UsageError
from copydesk.models import Source, SourceKind, SourceState, SourceStatus
from copydesk.runtime import keys
from copydesk.runtime.scripts import script

AT_ONCE: Final = 1_000
CHANGE_TRIES: Final = 20


def new_source(url: str, title: str | None = None, **options: Any) -> Source:
    """A source for a URL that a user gave; ``options`` are fields of Source.

    Raises:
        UsageError: it is no http(s) URL.
    """
    href = absolute_url(url)
    if href is None:
        raise UsageError(f"{url[:200]!r} is no http:// or https:// URL of a source")
    href = href.partition("#")[0]
    return Source(id=source_id(href), url=href, title=title, **options)


def put_arguments(
    source: Source, *, raw: bytes | None, due: float | None = None, status: SourceStatus | None = None
) -> list[str | bytes | float]:
    """What ``put_source.lua`` takes to add a source, or to change one.

    ``raw`` is how it was read from Redis (None: there is none yet), perhaps as another release wrote it; ``due`` the unix
    time of its next poll (None: as it is), ``status`` what it is from now on (None: as it is).
    """
    before = source if raw is None else Source.model_validate_json(raw)
    return [
        *(source.id, raw or b"", source.model_dump_json(), host_of(before.url), host_of(source.url)),
        "-" if source.paused else "" if due is None else due,
        SourceStatus.PAUSED.value if source.paused else status.value if status else "",
    ]


def remove_arguments(source: str, raw: bytes) -> list[str | bytes | float]:
    """What ``put_source.lua`` takes to remove one."""
    host = host_of(Source.model_validate_json(raw).url)
    return [source, raw, "", host, host, "-", ""]


@dataclass(frozen=True)
class Listed:
    """A source, as it is shown."""

    source: Source
    state: SourceState
    next_poll: datetime | None
    sitemaps: int
    """Number of sitemaps that are watched, of an index."""

    @property
    def status(self) -> SourceStatus:
        """What it is; states written before there was one are told by what they say."""
        if self.source.paused:
            return SourceStatus.PAUSED
        if self.state.status is SourceStatus.WAITING and self.state.polled_at:
            return SourceStatus.FAILING if self.state.error else SourceStatus.OK
        return self.state.status


class Sources:
    """The registry, for the command line."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._put = script(client, "life", "due_sources", "put_source")

    def add(self, sources: Sequence[Source], *, due: float | None = None) -> list[Source]:
        """Add sources that are not there yet, due at once; returns those.

        One that is there takes a settling time that is given; all else stays as it was.
        """
        at = time.time() if due is None else due
        added = []
        for start in range(0, len(sources), AT_ONCE):
            some = sources[start : start + AT_ONCE]
            with self._client.pipeline(transaction=False) as pipe:
                for source in some:
                    self._put(args=put_arguments(source, raw=None, due=at, status=SourceStatus.WAITING), client=pipe)
                answers = pipe.execute()
            added += [source for source, answer in zip(some, answers, strict=True) if answer]
            for source, answer in zip(some, answers, strict=True):
                if not answer and source.settle is not None:
                    self.change(source.id, {"settle": source.settle})
        return added

    def change(self, source: str, changes: Mapping[str, object]) -> Source | None:
        """Change options of a source, and those of the sitemaps that it names; None where it is not known.

        Whoever is no longer paused is due at once.

        Raises:
            pydantic.ValidationError: a value is not allowed.
            StoreUnavailable: others always came in between.
        """
        changed = self._change(source, changes)
        if changed is not None:
            inherited = {name: value for name, value in changes.items() if name != "interval"}
            for child in self._sitemaps(source):
                # The secret is for the origin of the index alone.
                own = {"secret": None} if origin_of(child.url) != origin_of(changed.url) else {}
                self._change(child.id, {**inherited, **own})
        return changed

    def _change(self, source: str, changes: Mapping[str, object]) -> Source | None:
        for _ in range(CHANGE_TRIES):
            raw = cast("bytes | None", self._client.hget(keys.SOURCES, source))
            if raw is None:
                return None
            before = Source.model_validate_json(raw)
            after = Source.model_validate({**before.model_dump(), **changes})
            resumed = before.paused and not after.paused
            arguments = put_arguments(
                after,
                raw=raw,
                due=time.time() if resumed or "interval" in changes else None,
                status=self.states([source])[source].status if resumed else None,
            )
            if self._put(args=arguments):
                return after
        raise StoreUnavailable(f"the source {source} could not be changed: others always came in between")

    def settles(self, ids: Collection[str]) -> dict[str, float]:
        """Settling times, in seconds, of those sources that have one of their own."""
        known = self.get(ids)
        return {source.id: source.settle for source in known.values() if source.settle is not None}

    def get(self, ids: Collection[str]) -> dict[str, Source]:
        """Those of these sources that are known."""
        asked, known = list(ids), {}
        for start in range(0, len(asked), AT_ONCE):
            for value in self._client.hmget(keys.SOURCES, asked[start : start + AT_ONCE]):
                if value is not None:
                    source = Source.model_validate_json(value)
                    known[source.id] = source
        return known

    def find(self, name: str) -> str | None:
        """Id of the source with this id or URL, be it the one that was added or the one that it has moved to."""
        href = (absolute_url(name) or "").partition("#")[0]
        candidate = source_id(href) if href else name
        if self.get([candidate]):
            return candidate
        return next((i for top, url, i in self._places() if (url or top) == href), None) if href else None

    def make_due(self, ids: Sequence[str]) -> None:
        """Let sources be polled now, but for those that are paused."""
        now = time.time()
        for start in range(0, len(ids), AT_ONCE):
            with self._client.pipeline(transaction=False) as pipe:
                for source in self.get(ids[start : start + AT_ONCE]).values():
                    host = host_of(source.url)
                    pipe.zadd(keys.sources_due(host), {source.id: now}, xx=True)
                    pipe.zadd(keys.SOURCES_HOSTS, {host: now}, lt=True)
                pipe.execute()

    def remove(self, ids: Sequence[str]) -> int:
        """Remove sources and the sitemaps that they name; returns how many of ``ids`` there were."""
        removed = 0
        for source in ids:
            # Paused first: a poll that is under way adds no more sitemaps from then on.
            if self.change(source, {"paused": True}) is None:
                continue
            children = [child.id for child in self._sitemaps(source)]
            removed += self._remove(source)
            for child in children:
                self._remove(child)
        return removed

    def _remove(self, source: str) -> bool:
        while (raw := cast("bytes | None", self._client.hget(keys.SOURCES, source))) is not None:
            if self._put(args=remove_arguments(source, raw)):
                return True
        return False

    def _sitemaps(self, index: str) -> Iterator[Source]:
        """The sitemaps that an index names, and those that they name, each before its own; not those that the user added.

        Of what is changed as it comes, nothing is missed that a poll adds meanwhile. Indexes may name each other.
        """
        found, waiting = {index}, [index]
        while waiting:
            named = cast("list[bytes]", self._client.hkeys(keys.source_sitemaps(waiting.pop())))
            for child in self.get([i.decode() for i in named]).values():
                if child.parent and child.id not in found:
                    found.add(child.id)
                    waiting.append(child.id)
                    yield child

    def all(self) -> list[Source]:
        """All sources, by URL."""
        values = self._client.hvals(keys.SOURCES)
        return sorted((Source.model_validate_json(value) for value in values), key=lambda source: source.url)

    def listing(self) -> Iterator[Listed]:
        """All sources, by URL and sitemaps after their index, a thousand in memory at a time."""
        places = sorted(self._places(), key=lambda place: place[:2])
        for start in range(0, len(places), AT_ONCE):
            some = [place[2] for place in places[start : start + AT_ONCE]]
            sources = self.get(some)
            states = self.states(some)
            dues = self.next_polls(list(sources.values()))
            sitemaps = self._sitemap_counts([i for i in some if states[i].kind is SourceKind.SITEMAP_INDEX])
            yield from (Listed(sources[i], states[i], dues[i], sitemaps.get(i, 0)) for i in some if i in sources)

    def _sitemap_counts(self, indexes: Sequence[str]) -> dict[str, int]:
        with self._client.pipeline(transaction=False) as pipe:
            for index in indexes:
                pipe.hlen(keys.source_sitemaps(index))
            return dict(zip(indexes, map(int, pipe.execute()), strict=True))

    def _places(self) -> list[tuple[str, str, str]]:
        """URL of the index or of the source itself, URL where it is a sitemap of an index, and id, of all sources."""
        tops: dict[str, str] = {}
        children = []
        for raw in self._client.hscan_iter(keys.SOURCES, count=AT_ONCE):
            source = Source.model_validate_json(raw[1])
            if source.parent:
                children.append((source.parent, source.url, source.id))
            else:
                tops[source.id] = source.url
        return [(url, "", i) for i, url in tops.items()] + [
            (tops.get(parent, url), url, i) for parent, url, i in children
        ]

    def states(self, ids: Sequence[str]) -> dict[str, SourceState]:
        """What is known of the last polls."""
        states = {}
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            values = self._client.mget([keys.source_state(i) for i in some])
            for i, value in zip(some, values, strict=True):
                states[i] = SourceState() if value is None else SourceState.model_validate_json(value)
        return states

    def next_polls(self, sources: Sequence[Source]) -> dict[str, datetime | None]:
        """When each source is due; None: never, as it is paused."""
        with self._client.pipeline(transaction=False) as pipe:
            for source in sources:
                pipe.zscore(keys.sources_due(host_of(source.url)), source.id)
            scores = pipe.execute()
        due = [None if score is None else datetime.fromtimestamp(float(score), UTC) for score in scores]
        return {source.id: at for source, at in zip(sources, due, strict=True)}

    def counts(self) -> dict[SourceStatus, int]:
        """Number of sources by how they are."""
        with self._client.pipeline(transaction=False) as pipe:
            pipe.hlen(keys.SOURCES)
            pipe.hgetall(keys.SOURCES_COUNTS)
            number, counted = pipe.execute()
        return status_counts(number, counted)


def status_counts(number: int, counted: Mapping[bytes, bytes]) -> dict[SourceStatus, int]:
    """Number of sources by how they are, of ``number`` in all; what ``keys.SOURCES_COUNTS`` does not hold is ok."""
    counts = {status: int(counted.get(status.value.encode(), 0)) for status in SourceStatus}
    counts[SourceStatus.OK] = max(0, number - sum(counts.values()))
    return counts
