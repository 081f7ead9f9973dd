"""The demo's hosts and stories, as they are written down in ``hosts.toml`` and ``stories/*.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from copydesk.models import RejectReason, RemovalReason


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Strip(_Data):
    """A phrase in a host's article body area that is no part of the article, and what it may be removed as."""

    language: str
    phrase: str
    reasons: list[RemovalReason]


class Chrome(_Data):
    """Phrases around a host's articles."""

    language: str
    phrases: list[str]


class Feed(_Data):
    """One source: its address on the host, its format, and the ids of the stories that it offers."""

    path: str
    format: Literal["rss", "atom", "news-sitemap"]
    title: str
    entries: list[str]
    tracked: list[str] = []


class Host(_Data):
    """One outlet."""

    name: str
    title: str
    language: str
    templates: dict[str, str]
    robots: str
    feed: list[Feed]
    strip: list[Strip]
    chrome: list[Chrome]


class Story(_Data):
    """One address that a feed offers, and what stands there.

    ``text_of`` names another story whose text this one carries: its ``first_paragraphs``, behind ``front``, with
    ``edits``.
    """

    id: str
    host: str
    path: str
    language: str
    title: str
    author: str
    published: datetime
    section: str
    summary: str
    caption: str = ""
    credit: str = ""
    body: str = ""
    text_of: str | None = None
    first_paragraphs: int | None = None
    front: str = ""
    edits: list[tuple[str, str]] = []
    event: str | None = Field(None, description="Stories on the same event that are written independently share it.")
    answer: Literal["article", "consent", "gone"] = "article"
    rejected: RejectReason | None = None
    repeated: bool = Field(False, description="The page carries the whole text twice.")
    tracking: str = ""
    short_path: str | None = Field(None, description="Feeds offer this address, which redirects to the path.")
    keep: list[str] = []

    @property
    def paragraphs(self) -> list[str]:
        """The article's text."""
        return [paragraph.strip() for paragraph in self.body.split("\n\n") if paragraph.strip()]

    @property
    def offered_path(self) -> str:
        """The path that feeds offer, without tracking parameters."""
        return self.short_path or self.path


@dataclass(frozen=True)
class Content:
    """Everything that the site shows: hosts by name, stories by id."""

    hosts: dict[str, Host]
    stories: dict[str, Story]

    def of_host(self, host: str) -> list[Story]:
        """The host's stories, newest first."""
        mine = [story for story in self.stories.values() if story.host == host]
        return sorted(mine, key=lambda story: story.published, reverse=True)

    def group(self, story: Story) -> str | None:
        """Id of the syndication group that the story belongs to: that of the story whose text it is."""
        if story.text_of is not None:
            return story.text_of
        return story.id if any(other.text_of == story.id for other in self.stories.values()) else None


def load_content() -> Content:
    """Read the packaged data; a copy's text is made from the story that it copies."""
    folder = resources.files(__package__)
    hosts = [Host.model_validate(host) for host in tomllib.loads(_read("hosts.toml"))["host"]]
    raw = {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.joinpath("stories").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    written = {id_: Story.model_validate({"id": id_, **fields}) for id_, fields in raw.items()}
    stories = {id_: _with_text(story, written) for id_, story in written.items()}
    return Content({host.name: host for host in hosts}, stories)


def load_template(name: str) -> str:
    """The text of one page template."""
    return _read(f"templates/{name}")


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _with_text(story: Story, stories: dict[str, Story]) -> Story:
    if story.text_of is None:
        return story
    text = "\n\n".join(stories[story.text_of].paragraphs[: story.first_paragraphs])
    for old, new in story.edits:
        if text.count(old) != 1:
            raise ValueError(f"{story.id}: an edit must meet exactly one place, this meets {text.count(old)}: {old!r}")
        text = text.replace(old, new)
    return story.model_copy(update={"body": f"{story.front}\n\n{text}"})
