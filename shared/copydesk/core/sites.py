"""How a site's boilerplate is learned: blocks that many different stories of one host carry, over days, at the same end.

A story is a document whose verdict is original, so that copies and revisions of one text count once. Of each host a
bounded number of blocks is watched; one becomes boilerplate when there is enough evidence, and ceases to be it when the
site no longer shows it. Everything here is arithmetic on what was seen; where it is kept is another matter, see ``Sites``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from copydesk.core.enough import DAYS_KEPT, DEFAULT, Enough
from copydesk.core.learned import MAX_CHARACTERS, Learned, Place, block_key, ends, key_text, without_numbers
from copydesk.core.rules import fold
from copydesk.models import Block, BlockKind, Document, RemovalReason

LEAST_WORDS = 8
"""Words, numbers not counted, of the shortest block that is learned: headings, labels and turns of an interview recur too."""

SAME_END = 0.8
"""Share of a block's sightings that have to be at one end of the text."""

FADE = 1 - 1 / 200
"""What a sighting counts after one more story of the host: about the last 200 stories say what a site does now."""

LAPSE = 0.25
"""A block is learned until its evidence falls below this share of what it took, so that it does not come and go."""

DATELESS = 2.0
"""So many times the evidence is asked for where no story has a date, since nothing shows that days lie between them."""

RECENT = 64
"""Stories of a host that are remembered by their ids, so that none counts twice."""

SHOWN_CHARACTERS = 160
_LAST_DAY = 0xFFFF
_EPOCH = date(1970, 1, 1).toordinal()
_UNFIT = (BlockKind.HEADING, BlockKind.CODE, BlockKind.TABLE)


class State(StrEnum):
    """What is made of a block: the first two by evidence, the others by the user."""

    WATCHING = "watching"
    LEARNED = "learned"
    PINNED = "pinned"
    VETOED = "vetoed"


_REMOVED = (State.LEARNED, State.PINNED)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A block of a story. ``fit`` says whether it may be learned at all; others only count for a block that is known."""

    key: int
    place: Place
    fit: bool
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """An original, as its site's memory sees it.

    Attributes:
        id: 64 bits that tell it from the host's other stories.
        day: Days from 1 January 1970 to its publication, or else its fetch; None: nothing is known.
        sightings: Its blocks, those that were removed as learned among them; each key once.
    """

    id: int
    day: int | None
    sightings: tuple[Sighting, ...]


@dataclass(slots=True)
class Watched:
    """A block of a host, and what speaks for it being boilerplate.

    Attributes:
        text: Its beginning, once it was seen twice.
        stories: Stories that carried it.
        ends: What they count by now, by ``Place``: each 1 when it was seen, and less with every story of the host.
        at: Number of the host's story that carried it last.
        days: The latest of its different days; ``day_count`` is how many there were, ``first_day`` and ``last_day`` the
            ends of their span.
        since: Version since which it is what it is.
    """

    key: int
    state: State = State.WATCHING
    text: str = ""
    stories: int = 0
    ends: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    at: int = 0
    days: list[int] = field(default_factory=list)
    day_count: int = 0
    first_day: int = 0
    last_day: int = 0
    since: int = 0

    def weight(self, number: int) -> float:
        """Return how many recent stories carried it, as of the host's story with this number."""
        return float(sum(self.ends) * FADE ** (number - self.at))

    @property
    def place(self) -> Place:
        """Where it stands most often."""
        return Place(self.ends.index(max(self.ends)))

    @property
    def steadiness(self) -> float:
        """Share of the sightings at that place."""
        return max(self.ends) / (sum(self.ends) or 1.0)

    def see(self, place: Place, day: int | None, number: int) -> None:
        """Count one more story, the host's story with this number."""
        faded = FADE ** (number - self.at)
        self.ends = [end * faded for end in self.ends]
        self.ends[place] += 1
        self.stories += 1
        self.at = number
        if day is not None and day not in self.days:
            self.first_day = min(self.first_day, day) if self.day_count else day
            self.last_day = max(self.last_day, day)
            self.day_count += 1
            self.days = [*self.days, day][-DAYS_KEPT:]


@dataclass(frozen=True, slots=True)
class Change:
    """A block became boilerplate of its site, or ceased to be it."""

    key: int
    learned: bool
    text: str
    stories: int
    days: int


@dataclass(slots=True)
class Site:
    """What is known of a host.

    Attributes:
        version: Of what is removed, and of the user's word on it.
        stories: Stories seen; ``weight`` is what they count by now, see ``FADE``.
        recent: Ids of the last of them.
        blocks: Its blocks by key.
    """

    version: int = 0
    stories: int = 0
    weight: float = 0.0
    recent: list[int] = field(default_factory=list)
    blocks: dict[int, Watched] = field(default_factory=dict)

    def share(self, block: Watched) -> float:
        """Return the share of the recent stories that carried a block."""
        return min(1.0, block.weight(self.stories) / self.weight) if self.weight else 0.0

    def learned(self) -> Learned:
        """Return what is removed."""
        return Learned(
            self.version,
            {
                block.key: None if block.state is State.PINNED else block.place
                for block in self.blocks.values()
                if block.state in _REMOVED
            },
        )

    def observe(self, story: Story, enough: Enough = DEFAULT) -> list[Change]:
        """Count a story, once however often it comes; return what changed by it."""
        if story.id in self.recent:
            return []
        self.recent = [*self.recent, story.id][-RECENT:]
        self.stories += 1
        self.weight = self.weight * FADE + 1
        before = self.learned().blocks
        seen = set()
        for sighting in story.sightings:
            block = self.blocks.get(sighting.key)
            if block is None:
                if not sighting.fit or sighting.place is Place.MIDDLE:
                    continue
                block = self.blocks[sighting.key] = Watched(sighting.key)
            elif not block.text:
                block.text = sighting.text
            block.see(sighting.place, story.day, self.stories)
            seen.add(block.key)
        changed = [
            block
            for block in self.blocks.values()
            if (block.state is State.WATCHING and block.key in seen and self._is_enough(block, enough))
            or (block.state is State.LEARNED and not self._is_still_enough(block, enough))
        ]
        for block in changed:
            block.state = State.WATCHING if block.state is State.LEARNED else State.LEARNED
            block.since = self.version + 1
        # It may also be that a block has moved to the other end.
        self.version += self.learned().blocks != before
        self._evict(enough.blocks, seen)
        return [
            Change(block.key, block.state is State.LEARNED, block.text, block.stories, block.day_count)
            for block in changed
        ]

    def decide(self, key: int, state: State) -> None:
        """Let the user say what a block is.

        Raises:
            KeyError: The host has no such block.
        """
        block = self.blocks[key]
        if block.state is not state:
            self.version += 1
            block.state, block.since = state, self.version

    def forget(self, key: int | None = None) -> None:
        """Forget a block, or everything but the version.

        Raises:
            KeyError: The host has no such block.
        """
        if key is not None:
            del self.blocks[key]
        else:
            self.blocks.clear()
            self.stories, self.weight = 0, 0.0
        self.version += 1

    def named(self, prefix: str) -> list[Watched]:
        """Return the blocks whose keys, as ``key_text`` writes them, begin so."""
        return [block for block in self.blocks.values() if block.text and key_text(block.key).startswith(prefix)]

    def _is_enough(self, block: Watched, enough: Enough) -> bool:
        asked = enough.evidence * (1.0 if block.day_count else DATELESS)
        return (
            block.weight(self.stories) * self.share(block) >= asked
            and (block.day_count >= enough.days or not block.day_count)
            and block.place is not Place.MIDDLE
            and block.steadiness >= SAME_END
        )

    def _is_still_enough(self, block: Watched, enough: Enough) -> bool:
        asked = LAPSE * enough.evidence * (1.0 if block.day_count else DATELESS)
        return block.weight(self.stories) * self.share(block) >= asked and block.place is not Place.MIDDLE

    def _evict(self, most: int, seen: set[int]) -> None:
        """Where there are too many, forget the weakest quarter of what is only watched; what was just seen goes last."""
        if len(self.blocks) <= most:
            return
        watched = [block for block in self.blocks.values() if block.state is State.WATCHING]
        watched.sort(key=lambda block: (block.key in seen, block.weight(self.stories)))
        for block in watched[: len(self.blocks) - most + most // 4]:
            del self.blocks[block.key]


class Sites(Protocol):
    """Memory of what hosts repeat; safe for many threads and processes."""

    def learned(self, hosts: Iterable[str]) -> dict[str, Learned]:
        """Return what is removed from the texts of each host; one of which nothing was learned is left out."""
        ...

    def site(self, host: str) -> Site | None:
        """Return all that is known of a host."""
        ...

    def update(self, changes: Mapping[str, Callable[[Site], Any]]) -> dict[str, Any]:
        """Change what is known of hosts, each on its own and wholly or not at all.

        A change may be called several times, each time with a site as it is then; it must not leave one half changed.

        Returns:
            What the change of each host returned the last time.
        """
        ...


def observe(sites: Sites, documents: Iterable[Document], enough: Enough = DEFAULT) -> list[tuple[str, Change]]:
    """Let the memory of their sites see originals; returns the hosts' changes."""
    stories: dict[str, list[Story]] = defaultdict(list)
    for document in documents:
        stories[document.host].append(story_of(document))
    changes = sites.update({host: partial(_observe, stories=few, enough=enough) for host, few in stories.items()})
    return [(host, change) for host, changed in changes.items() for change in changed]


def _observe(site: Site, stories: list[Story], enough: Enough) -> list[Change]:
    return [change for story in stories for change in site.observe(story, enough)]


def day_of(time: datetime | None) -> int | None:
    """Return the days from 1 January 1970 to a time, within what can be kept."""
    return None if time is None else max(0, min(_LAST_DAY, time.toordinal() - _EPOCH))


def date_of(day: int) -> date:
    """Return the date of a day."""
    return date.fromordinal(_EPOCH + day)


def story_of(document: Document) -> Story:
    """Return what a site's memory sees of one of its documents."""
    ordered = _in_order(document)
    sightings: dict[int, Sighting] = {}
    for position, block in enumerate(ordered):
        key = block_key(block.text)
        place = next(iter(ends(position, len(ordered))), Place.MIDDLE)
        # Of a block that stands there twice the last counts: footers come at the end.
        sightings[key] = Sighting(
            key, place, place is not Place.MIDDLE and _is_fit(block), block.text[:SHOWN_CHARACTERS]
        )
    day = day_of(document.published_at or document.fetched_at)
    return Story(int(document.id[:16], 16), day, tuple(sightings.values()))


def _in_order(document: Document) -> list[Block]:
    """The blocks of a document and those that were removed as learned, as they stood on the page."""
    removed = {block.index: block for block in document.removed}
    blocks: list[Block] = []
    kept = iter(document.blocks)
    for index in range(len(document.blocks) + len(removed)):
        if index not in removed:
            blocks += [block for block in (next(kept, None),) if block]
        elif removed[index].reason is RemovalReason.RECURRING:
            blocks.append(Block(text=removed[index].text))
    return blocks


def _is_fit(block: Block) -> bool:
    if block.kind in _UNFIT or len(block.text) > MAX_CHARACTERS:
        return False
    line = fold(without_numbers(block.text).replace("0", ""))
    return line is None or line.words >= LEAST_WORDS
