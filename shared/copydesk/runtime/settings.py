"""Settings: environment variables ``COPYDESK_*``, validated once, at the start.

Each is described in ``docs/settings.md``; a test fails when one is not.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from copydesk.core.durations import parse_duration
from copydesk.core.enough import DAYS_KEPT, Enough
from copydesk.core.enough import DEFAULT as ENOUGH
from copydesk.core.thresholds import DEFAULT, Thresholds
from copydesk.core.urls import absolute_url
from copydesk.errors import SettingsError
from copydesk.models import MAX_SETTLE
from copydesk.runtime.redis_url import checked

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

ENV_PREFIX = "COPYDESK_"
# Told from parent to child, and not for people to set.
INTERNAL = ("COPYDESK_LIFELINE_FD", "COPYDESK_REPORT_FD")
RESERVATIONS = ("noai", "noarchive", "noindex", "nosnippet", "tdm")
DEFAULT_USER_AGENT = "copydesk/0.1 (+https://copydesk.example/bot)"


class AppendFsync(StrEnum):
    """How often the embedded server writes its append-only file to the disk."""

    ALWAYS = "always"
    EVERYSEC = "everysec"


class Settings(BaseSettings):
    """All settings, with their defaults and bounds."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True, env_ignore_empty=True)

    redis_url: str | None = Field(None, description="Redis to use; without it an embedded server is started.")
    data_dir: Path = Field(Path("./var"), description="Where the embedded server keeps its data.")
    redis_fsync: AppendFsync = Field(AppendFsync.EVERYSEC, description="appendfsync of the embedded server.")

    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    http_bind: str = Field("127.0.0.1", description="Address on which metrics and health are served.")
    http_port: int = Field(0, ge=0, le=65535, description="Port for metrics and health; 0: one that is free.")

    user_agent: str = Field(DEFAULT_USER_AGENT, min_length=3, max_length=256)
    fetch_allow_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Private networks that the SSRF guard lets through."
    )
    fetch_resolve: Annotated[dict[str, Address], NoDecode] = Field(
        default_factory=dict, description="Names with a fixed address: host=address, comma-separated."
    )
    fetch_host_delay: float = Field(1.0, ge=0, le=3600, description="Seconds between two requests to one host.")
    fetch_host_concurrency: int = Field(1, ge=1, le=64, description="Requests at a time to one host.")
    fetch_crawl_delay_most: float = Field(
        60.0, ge=0, le=86_400, description="Seconds of a robots.txt's Crawl-delay that are honoured at most."
    )
    fetch_concurrency: int = Field(64, ge=1, le=4096, description="Requests at a time, over all hosts.")
    fetch_timeout: float = Field(30.0, gt=0, le=600, description="Seconds for one request.")
    fetch_connect_timeout: float = Field(10.0, gt=0, le=120)
    fetch_first_byte_timeout: float = Field(
        20.0, gt=0, le=600, description="Seconds from the request to the answer's first bytes."
    )
    fetch_proxy: str | None = Field(None, description="Proxy for all requests: http://[user:password@]host:port.")
    fetch_max_bytes: int = Field(
        10_000_000, ge=1_000, le=1_000_000_000, description="Bound of a page after decompression."
    )
    fetch_max_redirects: int = Field(5, ge=0, le=20)
    fetch_attempts: int = Field(3, ge=1, le=20, description="Tries of a page whose fetch fails for a passing reason.")
    fetch_retry_delay: float = Field(
        2.0, ge=0, le=3600, description="Seconds before the second try; doubles each time."
    )

    fetch_retry_most: float = Field(
        3600.0, ge=0, le=86_400, description="Seconds; a page that must wait longer for its next try is rejected."
    )

    poll_interval: float = Field(
        900.0, ge=1, le=604_800, description="Seconds between two polls of a source of which nothing is known yet."
    )
    poll_interval_least: float = Field(600.0, ge=1, le=604_800, description="Seconds; not more than poll_interval.")
    poll_interval_most: float = Field(86_400.0, ge=1, le=2_592_000, description="Seconds.")
    poll_concurrency: int = Field(128, ge=1, le=4096, description="Polls at a time.")
    poll_sitemaps: int = Field(50, ge=1, le=10_000, description="Sitemaps of one index that are polled.")
    poll_max_bytes: int = Field(20_000_000, ge=1_000, le=1_000_000_000)
    poll_max_items: int = Field(10_000, ge=1, le=1_000_000, description="Items taken from one answer of a source.")
    item_max_age: float = Field(
        0.0, ge=0, le=36_500, description="Days; an item older than this at first sight is not taken. 0: no bound."
    )
    websub_callback: str | None = Field(None, description="URL at which hubs reach websub_port; none: no WebSub.")
    websub_bind: str = Field("127.0.0.1", description="Address on which hubs' requests are served.")
    websub_port: int = Field(0, ge=0, le=65535)
    websub_lease: float = Field(864_000.0, ge=300, le=31_536_000, description="Seconds of a subscription.")
    frontier_host_pages: int = Field(
        10_000, ge=1, le=10_000_000, description="Pages of one host that may wait to be fetched."
    )
    intake_pages: int = Field(
        5_000, ge=1, le=10_000_000, description="Pages that may wait for one stage before fetching pauses."
    )
    seen_ttl: float = Field(
        30.0, gt=0, le=3_650, description="Days that an item is remembered after the last source offered it."
    )
    robots_ttl: float = Field(3600.0, ge=1, le=86_400)
    respect: Annotated[tuple[str, ...], NoDecode] = Field(
        ("noai", "tdm"), description="Reservations that reject a page: of noai, noarchive, noindex, nosnippet, tdm."
    )
    tdmrep: Literal["on", "off"] = Field("on", description="Whether a site's /.well-known/tdmrep.json is read.")
    recheck: Annotated[tuple[float, ...], NoDecode] = Field(
        (), description="Seconds after a page's fetch at which it is looked at again, each."
    )
    secrets_dir: Path | None = Field(None, description="Folder with a file for each secret that sources name.")

    archive: str | None = Field(None, description="Folder or fsspec URL to which fetched pages are written as WARC.")
    archive_bytes: int = Field(1_000_000_000, ge=10_000, le=100_000_000_000, description="Size of a WARC file.")
    archive_seconds: float = Field(3600.0, ge=1, le=604_800, description="Age at which a WARC file is closed.")

    batch_pages: int = Field(32, ge=1, le=1000, description="Pages in one job.")
    batch_seconds: float = Field(0.5, ge=0, le=60, description="A batch is sent after this time, full or not.")
    page_timeout: float = Field(10.0, gt=0, le=600, description="Seconds of CPU for one page in a worker.")
    page_memory: int = Field(
        1_000_000_000,
        ge=100_000_000,
        le=1_000_000_000_000,
        description="Bytes of address space that a worker's child may take.",
    )
    page_attempts: int = Field(3, ge=1, le=10, description="Tries of a page on which a worker dies.")
    reap_interval: float = Field(5.0, gt=0, le=3600, description="Seconds between two looks for work that nobody does.")
    rules_file: Path | None = Field(None, description="A user's own boilerplate rules.")
    body_ttl: float = Field(1.0, ge=0, le=365, description="Days that a page is kept after its outcome.")

    copy_window: float = Field(14.0, gt=0, le=365, description="Days over which copies are recognised.")
    copy_settle: float = Field(
        0.0, ge=0, le=MAX_SETTLE, description="Seconds from fetch to verdict, for sources without a time of their own."
    )
    # Where copy detection draws its lines: a setting for each of the thresholds, see copydesk.core.thresholds.
    copy_match: int = Field(DEFAULT.match, ge=0, le=20)
    copy_contained: float = Field(DEFAULT.contained, ge=0.5, le=1)
    copy_carried: float = Field(DEFAULT.carried, ge=0, le=1)
    copy_alike: float = Field(DEFAULT.alike, ge=0.2, le=1)
    copy_rewrite_distance: int = Field(DEFAULT.rewrite_distance, ge=0, le=32)
    copy_rewrite_passage: int = Field(DEFAULT.rewrite_passage, ge=0, le=24)
    copy_rewrite_coverage: float = Field(DEFAULT.rewrite_coverage, ge=0.3, le=1)
    copy_short_words: int = Field(DEFAULT.short_words, ge=0, le=60)
    copy_short_coverage: float = Field(DEFAULT.short_coverage, ge=0.5, le=1)
    copy_common_clusters: int = Field(DEFAULT.common_clusters, ge=2, le=32)
    copy_bridge: float = Field(DEFAULT.bridge, ge=0, le=1)

    learn: Literal["on", "off"] = Field("on", description="Whether what a site repeats is learned and removed.")
    learn_evidence: float = Field(ENOUGH.evidence, ge=3, le=100)
    learn_days: int = Field(ENOUGH.days, ge=1, le=DAYS_KEPT)
    learn_blocks: int = Field(ENOUGH.blocks, ge=16, le=10_000, description="Blocks watched of one host.")
    learn_ttl: float = Field(90.0, gt=0, le=3_650, description="Days that a host without new stories is remembered.")

    stream_keep: int = Field(
        10_000,
        ge=0,
        le=1_000_000_000,
        description="Entries of each output stream that stay although all have had them.",
    )
    stream_max_length: int = Field(
        100_000, ge=1_000, le=1_000_000_000, description="Entries of an output stream at which the oldest go."
    )
    stream_max_bytes: int = Field(
        1_000_000_000, ge=1_000_000, le=1_000_000_000_000, description="Memory of an output stream at which they go."
    )
    group_dead: float = Field(
        7.0, gt=0, le=365, description="Days without a sign of a consumer group after which nothing is kept for it."
    )
    memory_high: float = Field(
        0.8, gt=0.1, lt=1, description="Share of Redis's maxmemory from which on nothing new is fetched."
    )
    event_source: str = Field(
        "copydesk", min_length=1, max_length=256, pattern=r"^[!-~]+$", description="ce_source of what is emitted."
    )
    delivery_file: Path | None = Field(None, description="TOML file with selections and sinks.")
    emitted: str | None = Field(
        None,
        description="Folder or fsspec URL where what was emitted is kept by day; none: in data_dir; off: not kept.",
    )
    emitted_days: int = Field(30, ge=0, le=36_500, description="Days that those files are kept; 0: for ever.")
    drain_seconds: float = Field(
        25.0, gt=0, le=3600, description="Seconds after SIGTERM in which a service finishes what it has begun."
    )

    def thresholds(self) -> Thresholds:
        """Return where copy detection draws its lines."""
        return Thresholds(**{limit.name: getattr(self, f"copy_{limit.name}") for limit in fields(Thresholds)})

    def enough(self) -> Enough:
        """Return when there is enough evidence that a site repeats a block."""
        return Enough(self.learn_evidence, self.learn_days, self.learn_blocks)

    @field_validator("fetch_allow_networks", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("fetch_resolve", mode="before")
    @classmethod
    def _resolve(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        fixed = {}
        for part in filter(None, map(str.strip, value.split(","))):
            host, equals, address = part.partition("=")
            if not equals or not host:
                raise ValueError(f"{part!r} is not host=address")
            fixed[host.lower()] = ipaddress.ip_address(address)
        return fixed

    @field_validator("respect", mode="before")
    @classmethod
    def _known_reservations(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        named = tuple(part for part in map(str.strip, value.lower().split(",")) if part and part != "none")
        for name in named:
            if name not in RESERVATIONS:
                raise ValueError(f"{name!r} is none of: {', '.join(RESERVATIONS)}, or none")
        return named

    @field_validator("recheck", mode="before")
    @classmethod
    def _rising(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        times = tuple(parse_duration(part) for part in value.split(",") if part.strip())
        if list(times) != sorted(set(times)) or any(not 60 <= time <= 2_592_000 for time in times) or len(times) > 10:
            raise ValueError("must be up to ten rising times from 1m to 30d, as in 1h,6h,1d")
        return times

    @field_validator("fetch_proxy", "websub_callback")
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if value is not None and absolute_url(value) is None:
            raise ValueError("must be an http:// or https:// URL")
        return value

    @field_validator("user_agent")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be one line of printable characters")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: str | None) -> str | None:
        return None if value is None else checked(value)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; ``overrides`` go before it.

    Raises:
        SettingsError: naming each variable at fault, its value and what is allowed.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = ENV_PREFIX + "_".join(str(part) for part in problem["loc"][:1]).upper()
            lines.append(f"{name}={_shown(name, problem['input'])}: {problem['msg']}")
        raise SettingsError("; ".join(lines)) from None


def unknown_settings() -> dict[str, str | None]:
    """Variables in the environment that look like settings and are none, each with the one that was perhaps meant."""
    known = [ENV_PREFIX + name.upper() for name in Settings.model_fields]
    strange = [
        name for name in os.environ if name.startswith(ENV_PREFIX) and name not in known and name not in INTERNAL
    ]
    return {name: next(iter(difflib.get_close_matches(name, known, n=1)), None) for name in sorted(strange)}


def _shown(name: str, value: object) -> str:
    """A wrong value as a message shows it: short, and without the password that a URL may carry."""
    if name in (ENV_PREFIX + "REDIS_URL", ENV_PREFIX + "FETCH_PROXY") and ("@" in str(value) or "?" in str(value)):
        return "'***@" + str(value).partition("?")[0].rpartition("@")[2][:60] + "'"
    return repr(str(value)[:80])
