"""The things that copydesk hands from stage to stage, and the document that it hands to its consumers.

Everything here is a value: immutable, validated, and written to JSON as it stands. The document is a public contract
(``copydesk.document/1``): fields are added to a version, never renamed, retyped or dropped.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

DOCUMENT_SCHEMA = "copydesk.document/1"
REJECTED_SCHEMA = "copydesk.rejected/1"
RETRACTION_SCHEMA = "copydesk.retraction/1"
GAP_SCHEMA = "copydesk.gap/1"

MAX_SETTLE = 86_400.0
"""Longest settling time of a source, in seconds."""

MAX_INTERVAL = 604_800.0
"""Longest interval of a source that is its own, in seconds."""

STATE_VERSION = 1
"""Of what stands between the stages: jobs, ``PageRef``, ``Extraction``. One more wherever an earlier release would misread it."""

MAX_LABELS = 20
MAX_LABEL_CHARS = 100
# What a secret may be called, as a regular expression.
SECRET_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"  # noqa: S105 -- a name

LabelText = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_CHARS)]
Labels = Annotated[dict[LabelText, LabelText], Field(max_length=MAX_LABELS)]

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Model(BaseModel):
    """Base of all models: frozen, and deaf to fields that a later release adds, since two releases may run side by side."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def utc_text(time: datetime | None) -> str:
    """A time as it stands in the JSON of a document: ISO 8601 with Z; empty where there is none."""
    return time.isoformat().replace("+00:00", "Z") if time else ""


class Verdict(StrEnum):
    """What a document is in relation to all that came before it in the window."""

    ORIGINAL = "original"
    COPY = "copy"
    REVISION = "revision"
    UNCHANGED = "unchanged"


class RejectReason(StrEnum):
    """Why a page became no document. A closed set: it is a metric label and part of the stream's contract."""

    # The page was not asked for, or not got.
    ROBOTS = "robots"
    ADDRESS = "address"  # the host resolves to a network that the guard does not let through
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECTS = "redirects"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    TOO_LARGE = "too_large"
    BAD_URL = "bad_url"
    BROKEN = "broken"  # the answer broke off or is no valid HTTP
    RESERVED = "reserved"  # its publisher reserves it, and a setting respects that
    RETRACTED = "retracted"  # somebody has taken it out with ``copydesk retract``
    # The page was got, but it is no article.
    NOT_HTML = "not_html"
    EMPTY = "empty"  # no text at all
    NEEDS_JAVASCRIPT = "needs_javascript"  # a shell that a browser fills
    NO_ARTICLE = "no_article"  # text, but not of an article
    LISTING = "listing"  # a home page, a section, an archive, search results
    VIDEO = "video"  # a video with a caption
    CONSENT = "consent"
    CHALLENGE = "challenge"
    PAYWALL = "paywall"
    SOFT_404 = "soft_404"
    # The page could not be processed.
    EXTRACT_FAILED = "extract_failed"
    DEDUP_FAILED = "dedup_failed"
    CRASHED = "crashed"  # the process died on it, more than once
    STALLED = "stalled"  # it ran into its limit of time or memory, more than once


class RemovalReason(StrEnum):
    """Category of a removed block. A closed set: it is a metric label."""

    COMMENT_POLICY = "comment_policy"
    COMMENTS = "comments"
    DISCLAIMER = "disclaimer"
    COPYRIGHT = "copyright"
    RELATED = "related"
    NAVIGATION = "navigation"
    NEWSLETTER = "newsletter"
    SHARE = "share"
    ADVERTISEMENT = "advertisement"
    SUBSCRIPTION = "subscription"
    APP = "app"
    CAPTION = "caption"
    CREDIT = "credit"
    BYLINE = "byline"
    DATELINE = "dateline"
    CONTACT = "contact"
    COOKIE = "cookie"
    HEADLINE = "headline"  # the title, once more in the body
    REPEAT = "repeat"  # a paragraph that the page carries a second time
    RECURRING = "recurring"  # what its site repeats in story after story, as was learned
    SEPARATOR = "separator"


class DateSource(StrEnum):
    """What says when a page was published or changed, the surest first. A closed set."""

    JSON_LD = "json-ld"
    META = "meta"  # a meta element, or an element marked with itemprop or pubdate
    URL = "url"  # the day in its address
    FEED = "feed"  # what the source said
    TEXT = "text"  # what readers see: a time element, or a line by the headline


class BlockKind(StrEnum):
    """What a block is on the page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"


class Block(Model):
    """One paragraph-like unit of a page's text: a single line, without line breaks unless it is code or a table."""

    text: str
    kind: BlockKind = BlockKind.PARAGRAPH


class RemovedBlock(Model):
    """A block that was stripped, and why.

    ``index`` is its place among all extracted blocks, kept and removed, counted from 0.
    """

    text: str
    reason: RemovalReason
    rule: str = Field(description="Id of the rule, or the evidence, that decided.")
    index: int = Field(ge=0)


class Item(Model):
    """One entry that a source offers."""

    url: str = Field(description="As the source gives it, made absolute.")
    canonical_url: str
    source: str = Field(description="Id of the source.")
    guid: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    labels: Labels = Field({}, description="Those of its source when it was taken.")
    secret: str | None = Field(None, description="Name of the secret to send to its source's origin.")
    content: str | None = Field(None, description="Its full text as HTML, where its source's pages are not fetched.")


class PageOrigin(StrEnum):
    """Where the body of a page comes from."""

    FETCHED = "fetched"
    FEED = "feed"  # the full text in a feed, or in what a hub pushed
    ARCHIVE = "archive"  # a WARC file


class PageRef(Model):
    """One fetched article; its body stands elsewhere, under the same id."""

    id: str
    item: Item
    final_url: str
    status: int
    content_type: str | None = None
    fetched_at: datetime
    bytes: int = Field(ge=0, description="Size of the body after decompression.")
    origin: PageOrigin = PageOrigin.FETCHED
    reservations: list[str] = Field([], description="What headers and the site's own file reserve, in lower case.")
    version: int = STATE_VERSION


class Extraction(Model):
    """What one page says, before it is compared with any other."""

    title: str | None = None
    authors: list[str] = []
    published_at: datetime | None = None
    published_from: DateSource | None = None
    modified_at: datetime | None = None
    modified_from: DateSource | None = None
    language: str | None = Field(None, description="ISO 639-1 code.")
    site_name: str | None = None
    section: str | None = None
    tags: list[str] = []
    image: str | None = None
    description: str | None = None
    canonical_url: str | None = Field(
        None, description="Address that the page gives as the canonical one of its text, be it on another host."
    )
    paywalled: bool | None = Field(
        None, description="The page says that it is not free to read; null: it does not say."
    )
    blocks: list[Block] = []
    removed: list[RemovedBlock] = []
    rejected: RejectReason | None = None
    detail: str | None = Field(None, description="What was seen, where the page is rejected.")
    learned: int | None = Field(None, description="Version of what was learned of the site, where it removed a block.")
    reservations: list[str] = Field([], description="What its publisher reserves, all that says so taken together.")
    version: int = STATE_VERSION

    @property
    def text(self) -> str:
        """The blocks that stay, one a line."""
        return "\n".join(block.text for block in self.blocks)


class Match(Model):
    """One passage that stands in an earlier document too. Passages are counted from 0."""

    passage: int = Field(ge=0)
    document: str
    there: int = Field(ge=0)
    distance: int = Field(ge=0, le=64, description="Hamming distance of the two fingerprints.")


class Change(Model):
    """What a revision changed, in passages of the text, counted from 0."""

    added: list[int] = Field([], description="Passages of this revision that the last one did not have.")
    edited: list[int] = Field([], description="Passages of this revision whose wording changed a little.")
    gone: list[int] = Field([], description="Passages of the last revision that are no longer there.")


class Evidence(Model):
    """Why a verdict is what it is. Shares are of words."""

    nearest: str | None = Field(None, description="The earlier document that shares most.")
    distance: int | None = Field(None, ge=0, le=64, description="Hamming distance of the document fingerprints.")
    containment: Share = Field(0.0, description="Share of this document that stands in the nearest.")
    contained: Share = Field(0.0, description="Share of the nearest that stands in this document.")
    similarity: Share = Field(0.0, description="Harmonic mean of the two.")
    extends: str | None = Field(None, description="An earlier, shorter document that stands whole in this one.")
    sources: list[str] = Field([], description="Earlier documents that this one shares passages with.")
    matches: list[Match] = []
    change: Change | None = Field(None, description="What a revision changed since the last one, where that is known.")
    joins: list[str] = Field([], description="Clusters that turn out to be the same story as this document's.")
    lead: str | None = Field(
        None, description="The evident source of the story, where it came later than the cluster's original."
    )
    reason: str = Field("", description="One sentence for people.")


class Credit(Model):
    """Whom a document names as the source of its text."""

    kind: Literal["agency", "publisher"]
    name: str = Field(description="Short name of a news agency; host, or else name, of a publisher.")
    rule: str = Field(description="Id of the rule that found it.")
    text: str = Field(description="The words that say so.")


class Document(Model):
    """The clean result, as consumers read it: schema ``copydesk.document/1``."""

    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True, validate_by_name=True)

    schema_: Literal["copydesk.document/1"] = Field("copydesk.document/1", alias="schema")
    id: str
    revision: int = Field(1, ge=1)
    url: str
    host: str
    source: str | None = Field(description="Id of the source that offered it first.")
    title: str | None
    text: str
    language: str | None
    verdict: Verdict
    copy_of: str | None = Field(description="Id of the cluster's original, where the verdict is copy.")
    cluster: str
    novelty: Share = Field(description="Share of the words that no earlier document in the window has.")
    lead: bool = Field(False, description="The evident source of its story, which came after a copy of it.")
    removed: list[RemovedBlock]
    published_at: datetime | None
    published_from: DateSource | None = Field(None, description="What says so.")
    modified_at: datetime | None = None
    modified_from: DateSource | None = None
    fetched_at: datetime | None = None
    authors: list[str] = []
    site_name: str | None = None
    section: str | None = None
    tags: list[str] = []
    image: str | None = Field(None, description="URL of the lead image.")
    description: str | None = None
    canonical_url: str | None = Field(None, description="Address that the page gives as the canonical one of its text.")
    paywalled: bool | None = Field(
        None, description="The page says that it is not free to read; null: it does not say."
    )
    agency: str | None = Field(None, description="News agency that the text is credited to.")
    publisher: str | None = Field(None, description="Original publisher that the text is credited to: host, or name.")
    labels: Labels = Field({}, description="Labels of the source that offered it first.")
    reservations: list[str] = Field(
        [], description="What the publisher reserves, by header, meta element or tdmrep.json, such as noai or tdm."
    )
    credits: list[Credit] = []
    blocks: list[Block] = []
    evidence: Evidence = Evidence()
    learned: int | None = Field(None, description="Version of what was learned of the site, where it removed a block.")


class Rejected(Model):
    """A page that became no document: an entry of the stream ``copydesk:rejected``."""

    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True, validate_by_name=True)

    schema_: Literal["copydesk.rejected/1"] = Field("copydesk.rejected/1", alias="schema")
    id: str
    url: str
    host: str
    source: str | None
    stage: Literal["fetch", "extract", "dedup"]
    reason: RejectReason
    detail: str
    rejected_at: datetime
    title: str | None = None
    text: str = Field("", description="What text there was, where the extractor found any.")
    language: str | None = None
    verdict: Literal["rejected"] = "rejected"
    copy_of: None = None
    cluster: None = None
    novelty: None = None
    removed: list[RemovedBlock] = []
    published_at: datetime | None = None


class Retraction(Model):
    """A document was taken out (a takedown, an erasure): an entry of every stream that may have carried it.

    It has the fields of a document at its top, without a text: whoever keeps documents by ``id`` and writes this one over
    the earlier one has done what is asked.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True, validate_by_name=True)

    schema_: Literal["copydesk.retraction/1"] = Field("copydesk.retraction/1", alias="schema")
    id: str = Field(description="Of the document that is to be forgotten, all revisions of it.")
    revision: int = Field(ge=1, description="One more than the last that was emitted, as far as that is known.")
    url: str
    host: str
    source: str | None = None
    title: None = None
    text: Literal[""] = ""
    language: str | None = None
    verdict: Literal["retracted"] = "retracted"
    copy_of: str | None = None
    cluster: str | None = None
    novelty: None = None
    removed: list[RemovedBlock] = Field([], max_length=0)
    published_at: None = None
    why: str = Field(description="In the words of who retracted it.")
    retracted_at: datetime


class Gap(Model):
    """Entries were dropped before these groups had them: a marker in the stream that lost them, written by ``emit.lua``."""

    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True, validate_by_name=True)

    schema_: Literal["copydesk.gap/1"] = Field("copydesk.gap/1", alias="schema")
    id: str = Field(description="Of the marker.")
    verdict: Literal["gap"] = "gap"
    first: str = Field(description="Stream id of the first entry that was dropped.")
    last: str = Field(description="Stream id of the last one.")
    entries: int = Field(ge=1, description="How many were dropped, as read by nobody or not.")
    groups: list[str] = Field(
        description="Groups that had not acknowledged all of them; for the others nothing is missing."
    )


class SourceKind(StrEnum):
    """What a source turned out to be when it was read."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SITEMAP_INDEX = "sitemap_index"
    URL_LIST = "url_list"


class Source(Model):
    """Something that is polled for article URLs, and how."""

    id: str
    url: str
    title: str | None = None
    settle: float | None = Field(
        None, ge=0, le=MAX_SETTLE, description="Seconds from a page's fetch to its verdict; None: as the setting says."
    )
    labels: Labels = Field({}, description="Carried by every document that it brings.")
    interval: float | None = Field(
        None, ge=1, le=MAX_INTERVAL, description="Seconds between two polls; None: it adapts to what the source brings."
    )
    paused: bool = False
    secret: str | None = Field(None, description="Name of the secret with its credentials.")
    max_age: float | None = Field(
        None, ge=0, le=36_500, description="Days; older items are not taken at first sight. None: as the setting says."
    )
    full_text: bool = Field(False, description="An item whose full text stands in the feed is not fetched.")
    conditional: bool = Field(True, description="Ask with If-None-Match and If-Modified-Since.")
    parent: str | None = Field(None, description="Id of the sitemap index that names it.")


class SourceStatus(StrEnum):
    """How a source is. A closed set: it is a metric label."""

    WAITING = "waiting"  # not polled yet
    OK = "ok"
    FAILING = "failing"  # the last polls failed
    DEAD = "dead"  # they have failed for days: it is asked seldom, and revives by itself
    GONE = "gone"  # it said 410: asked once a day at most
    PAUSED = "paused"  # by its user


class SourceState(Model):
    """What the polls of a source have brought so far."""

    kind: SourceKind | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    touched_at: float = Field(
        0.0, description="Unix time at which the items on offer were last kept from being forgotten."
    )
    failures: int = Field(0, ge=0, description="Failed polls since the last that succeeded.")
    error: str | None = None
    items: int = Field(0, ge=0, description="Items on offer at the last successful poll.")
    new_items: int = Field(0, ge=0, description="Of those, new at that poll.")
    status: SourceStatus = SourceStatus.WAITING
    error_kind: str | None = Field(None, description="Reason of the last failure: a RejectReason, or unreadable.")
    failing_since: datetime | None = Field(None, description="First of the failures since the last success.")
    rate: float | None = Field(None, ge=0, description="New items a second, averaged over about two days.")
    new_average: float = Field(0.0, ge=0, description="New items a poll, averaged over about ten polls.")
    interval: float | None = Field(None, description="Seconds between two polls, as adapted or as its user says.")
    pushed: int = Field(0, ge=0, description="New items that a hub pushed since the last poll.")
    asked_interval: float | None = Field(None, description="Seconds between two updates, as its last answer says.")
    not_modified: int = Field(0, ge=0, description="Answers 304 in a row.")
    full_at: float = Field(0.0, description="Unix time of the last answer with a body.")
    stuck: bool = Field(False, description="It said 304 although it had new items: asked without conditions.")
    suspect: bool = Field(False, description="The validators kept are those of before new items: 304 would be wrong.")
    moved_to: str | None = Field(None, description="Where its last polls were sent on to for good.")
    moved_at: float = Field(0.0, description="Unix time of the first poll that was sent there.")
    moved_polls: int = Field(0, ge=0, description="Polls in a row that were sent there.")
    note: str | None = Field(None, description="What its user should know, in words.")


class SitemapRef(Model):
    """A sitemap that an index names."""

    url: str
    modified_at: datetime | None = None


class Offer(Model):
    """What a source offered in one answer."""

    kind: SourceKind
    items: list[Item] = []
    title: str | None = None
    sitemaps: list[SitemapRef] = Field([], description="Of an index.")
    interval: float | None = Field(None, description="Seconds between two updates, as ttl or sy:updatePeriod says.")
    hubs: list[str] = Field([], description="WebSub hubs that tell of its updates.")
    topic: str | None = Field(None, description="Its own address, under which hubs know it.")
