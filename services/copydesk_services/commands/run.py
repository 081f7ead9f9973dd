"""``copydesk run``."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from copydesk.core.urls import shown_url
from copydesk.errors import UsageError
from copydesk.runtime.settings import DEFAULT_USER_AGENT, ENV_PREFIX, Settings, load_settings, unknown_settings
from copydesk_services.commands.source_arguments import sources_of_opml, sources_of_urls

if TYPE_CHECKING:
    from copydesk_services.supervisor import OneRound

# A round must end: a page whose server asks to wait longer than this is rejected, not waited for.
ONCE_RETRY_MOST = 60


@click.command("run")
@click.option("--once", is_flag=True, help="Poll every source once, process everything, then exit.")
@click.option(
    "--feeds", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="OPML file of sources to add."
)
@click.argument("sources", nargs=-1, metavar="[SOURCE ...]")
def command(once: bool, feeds: Path | None, sources: tuple[str, ...]) -> int:
    """Run every service on this machine: fetcher, extractor, deduper, and Redis where none is named.

    SOURCEs (URLs of feeds, sitemaps or lists of URLs) and those of --feeds are added to the ones known from before; all
    state is kept in COPYDESK_DATA_DIR, so that a stop and a start go on where they were. Ctrl-C stops cleanly.

    With --once the exit code is 0 if every source could be polled, else 1.

    \b
    Examples:
      copydesk run --feeds my.opml
      copydesk run --once https://example.org/feed.xml
      copydesk tail documents --follow          # in another terminal
    """
    from copydesk.runtime.logs import get_log, set_up_logs
    from copydesk.runtime.processes import StopSignal
    from copydesk.runtime.queue import Stages
    from copydesk.runtime.redis import open_store
    from copydesk.runtime.sources import Sources
    from copydesk_services.supervisor import OneRound, System

    settings = _settings()
    wanted = sources_of_urls(sources)
    if feeds is not None:
        found, problems = sources_of_opml(feeds)
        wanted += found
        for problem in problems:
            click.echo(f"copydesk: left out: {problem}", err=True)
    set_up_logs(settings, "run")
    store = open_store(settings)
    try:
        registry = Sources(store.client)
        added = registry.add(wanted)
        known = registry.all()
        _warn(settings)
        # Whoever starts it again may have mended what made them fail.
        states = registry.states([source.id for source in known])
        registry.make_due([i for i, state in states.items() if state.failures])
        if not known:
            raise UsageError(
                "there is no source to poll: name some, or use --feeds FILE.opml or: copydesk sources add URL"
            )
        get_log().info("sources.known", known=len(known), added=len(added))
        stages = Stages(store.client, settings)
        one_round = None
        environment = {}
        if once:
            one_round = OneRound(registry, stages, [source.id for source in known], datetime.now(UTC))
            registry.make_due([source.id for source in known])
            environment[f"{ENV_PREFIX}FETCH_RETRY_MOST"] = str(min(ONCE_RETRY_MOST, settings.fetch_retry_most))
        counted = Counter(stages.counts())
        system = System(settings, environment=environment)
        with StopSignal() as stop:
            system.start()
            try:
                while not stop.wait(0.2 if once else 1.0):
                    system.look()
                    store.look_after()
                    if one_round is not None and _is_over(one_round):
                        break
            finally:
                system.stop()
        if one_round is None:
            return 0
        return _conclude(one_round, Counter(stages.counts()) - counted)
    finally:
        store.close()


def _settings() -> Settings:
    """The settings. A bad rule is told here, and not by an extractor that is started again and again; a bad sink likewise."""
    from copydesk.runtime.rules import load_rules
    from copydesk_services.delivery.sinks import configured

    settings = load_settings()
    load_rules(settings)
    list(configured(settings))
    return settings


def _warn(settings: Settings) -> None:
    """Say what is allowed, and probably not meant."""
    from copydesk.runtime.logs import get_log

    for name, meant in unknown_settings().items():
        get_log().warning("setting.unknown", name=name, did_you_mean=meant)
    if settings.user_agent == DEFAULT_USER_AGENT:
        get_log().warning("user_agent.anonymous", do="set COPYDESK_USER_AGENT to a name and an address of yours")


def _is_over(one_round: OneRound) -> bool:
    """Whether all is done; while Redis is away nobody knows, and the services say so."""
    from redis import RedisError

    try:
        return one_round.is_over()
    except RedisError:
        return False


def _conclude(one_round: OneRound, done: Counter[str]) -> int:
    """Say how the round went; the exit code."""
    failed = one_round.failed()
    polled = len(one_round.polled())
    missed = one_round.missed()
    for url, error in failed.items():
        click.echo(f"copydesk: {shown_url(url)} could not be polled: {error}", err=True)
    for url in missed.values():
        click.echo(f"copydesk: {shown_url(url)} was not polled", err=True)
    outcomes: Counter[str] = Counter()
    for name, number in done.items():
        stage, _, outcome = name.partition(":")
        if stage == "dedup" or outcome == "unchanged" or outcome.startswith("rejected:"):
            outcomes[outcome.partition(":")[0]] += number
    told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())) or "nothing new"
    click.echo(f"copydesk: {polled - len(failed)} of {polled + len(missed)} sources polled; {told}", err=True)
    return 1 if failed or missed else 0
