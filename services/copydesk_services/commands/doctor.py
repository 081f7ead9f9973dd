"""``copydesk doctor``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from copydesk.errors import SettingsError, StoreUnavailable, UsageError
from copydesk.runtime.settings import DEFAULT_USER_AGENT, Settings, load_settings, unknown_settings

if TYPE_CHECKING:
    from copydesk.runtime.redis import Store

# level (ok, warn, fail), what was looked at, what was found, what to do
Finding = tuple[str, str, str, str]


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def command(as_json: bool) -> int:
    """Check settings, files, the Redis connection, its version, persistence and eviction policy; say what to change.

    The exit code is 1 if something must be changed.

    \b
    Example:
      COPYDESK_REDIS_URL=redis://localhost:6379/0 copydesk doctor
    """
    settings = load_settings()
    findings = [
        *_settings(settings),
        *_rules(settings),
        *_archive(settings),
        *_delivery(settings),
        *_redis(settings),
    ]
    marks = {
        "ok": click.style("ok  ", fg="green"),
        "warn": click.style("warn", fg="yellow"),
        "fail": click.style("fail", fg="red"),
    }
    for level, what, found, advice in findings:
        if as_json:
            click.echo(json.dumps({"level": level, "check": what, "found": found, "advice": advice or None}))
        else:
            click.echo(f"{marks[level]}  {what}: {found}" + (f"\n      {advice}" if advice else ""))
    return 1 if any(level == "fail" for level, *_ in findings) else 0


def _settings(settings: Settings) -> Iterator[Finding]:
    yield "ok", "settings", "all values are allowed", ""
    for name, meant in unknown_settings().items():
        yield (
            "warn",
            "unknown setting",
            name,
            f"did you mean {meant}?" if meant else "no setting has this name; see docs/settings.md",
        )
    if settings.user_agent == DEFAULT_USER_AGENT:
        yield (
            "warn",
            "user agent",
            settings.user_agent,
            "set COPYDESK_USER_AGENT to a name with an address where sites can reach you",
        )
    if settings.fetch_allow_networks:
        networks = ", ".join(map(str, settings.fetch_allow_networks))
        yield "warn", "private networks", networks, "pages may be fetched from there: COPYDESK_FETCH_ALLOW_NETWORKS"


def _rules(settings: Settings) -> Iterator[Finding]:
    from copydesk.runtime.rules import load_rules

    if settings.rules_file is None:
        return
    try:
        rules = load_rules(settings)
    except SettingsError as error:
        yield (
            "fail",
            "rules",
            str(error),
            "mend the rule, or unset COPYDESK_RULES_FILE: extractors do not start with it",
        )
        return
    switched_off = f", {len(rules.disabled)} built-in ones switched off" if rules.disabled else ""
    yield "ok", "rules", f"{len(rules.user)} of {settings.rules_file}{switched_off}", ""


def _archive(settings: Settings) -> Iterator[Finding]:
    from copydesk.runtime.archive_files import ArchivePlace
    from copydesk.runtime.warc import shown

    if settings.archive is None:
        return
    try:
        place = ArchivePlace.of(settings)
        if place is not None:
            place.try_writing()
    except UsageError as error:
        yield "fail", "archive", str(error), "mend or unset COPYDESK_ARCHIVE: fetchers do not start with it"
    except Exception as error:  # noqa: BLE001 -- each kind of store has errors of its own
        said = f"{shown(settings.archive)}: {str(error) or type(error).__name__}"
        yield "fail", "archive", said, "pages would go on without being archived"
    else:
        yield "ok", "archive", f"{shown(settings.archive)} can be written", ""


def _delivery(settings: Settings) -> Iterator[Finding]:
    from copydesk.runtime.delivery_file import load_delivery_file
    from copydesk.runtime.spool import place_of
    from copydesk_services.delivery.sinks import configured
    from copydesk_services.delivery.sinks.files import emitted

    if settings.delivery_file is not None:
        try:
            sinks = list(configured(settings))
        except SettingsError as error:
            yield "fail", "delivery file", str(error), "mend or unset COPYDESK_DELIVERY_FILE: no service starts with it"
        else:
            selections = len(load_delivery_file(settings).selections)
            yield "ok", "delivery file", f"{selections} selections, {len(sinks)} sinks of {settings.delivery_file}", ""
    try:
        kept = emitted(settings)
        if kept is None:
            yield "warn", "emitted files", "off", "what is trimmed from the streams cannot be replayed or explained"
            return
        place_of(kept.to, settings.data_dir / "spool", settings).try_writing()
    except UsageError as error:
        yield "fail", "emitted files", str(error), "mend or unset COPYDESK_EMITTED: delivery does not start with it"
    except Exception as error:  # noqa: BLE001 -- each kind of store has errors of its own
        yield "fail", "emitted files", str(error) or type(error).__name__, "what is emitted waits in the streams"
    else:
        yield "ok", "emitted files", f"{_place(kept.to)} can be written", ""


def _place(target: str) -> str:
    from copydesk.runtime.warc import shown

    return shown(target) if "://" in target else target


def _redis(settings: Settings) -> Iterator[Finding]:
    from copydesk.runtime.redis import open_store, shown

    try:
        store = open_store(settings)
    except StoreUnavailable as error:
        yield (
            "fail",
            "redis",
            str(error),
            "start it, or mend COPYDESK_REDIS_URL; without that setting copydesk starts its own",
        )
        return
    try:
        kind = "embedded" if store.embedded else "from COPYDESK_REDIS_URL"
        yield "ok", "redis", f"{shown(store.url)} answers ({kind})", ""
        yield from _server(store)
    finally:
        store.close()


def _server(store: Store) -> Iterator[Finding]:
    info: dict[str, Any] = store.client.info()
    name = "Valkey" if "valkey_version" in info else "Redis"
    yield "ok", "version", f"{name} {info.get('valkey_version', info['redis_version'])}", ""
    if info.get("cluster_enabled"):
        yield (
            "fail",
            "cluster",
            "cluster mode is on",
            "RQ workers and copydesk's scripts need one primary; use replicas and Sentinel instead",
        )
    if info.get("role") != "master":
        yield "fail", "role", str(info.get("role")), "this server is a replica: connect to the primary"
    policy = info.get("maxmemory_policy", "unknown")
    if policy == "noeviction":
        yield "ok", "eviction policy", policy, ""
    else:
        yield (
            "fail",
            "eviction policy",
            policy,
            "Redis would throw away work in progress: CONFIG SET maxmemory-policy noeviction",
        )
    if info.get("aof_enabled"):
        yield "ok", "persistence", "append-only file", ""
    else:
        saves = "snapshots only" if info.get("rdb_last_save_time") else "none"
        yield "warn", "persistence", saves, "a crash loses what came since the last snapshot: CONFIG SET appendonly yes"
    if info.get("aof_last_write_status", "ok") != "ok" or info.get("rdb_last_bgsave_status", "ok") != "ok":
        yield "fail", "writing to disk", "the last write failed", "look at the server's log and the space on its disk"
    limit, used = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    if limit and used > 0.8 * limit:
        yield "warn", "memory", f"{used / limit:.0%} of {limit} bytes", "raise maxmemory, or shorten COPYDESK_BODY_TTL"
    else:
        yield (
            "ok",
            "memory",
            f"{used / 1e6:.1f} MB used" + (f" of {limit / 1e6:.0f} MB" if limit else ", no limit set"),
            "",
        )
