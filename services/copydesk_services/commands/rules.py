"""``copydesk rules``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from copydesk.core.rules.userfile import REASONS as RULE_REASONS
from copydesk_services.commands import jsonl, learned_blocks
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from copydesk.core.rules import Rule

KEEP = "keep"
"""What stands for the reason of a rule by which a line stays."""

REASONS = [*(reason.value for reason in RULE_REASONS), KEEP]


@click.group("rules")
def command() -> None:
    """Say what is stripped from pages: the rules in force, those of your own, and what was learned of a site.

    \b
    Examples:
      copydesk rules check my-rules.toml
      copydesk rules list --reason newsletter --language de
      copydesk rules learned www.example.org
      copydesk rules veto www.example.org 3f0c1a
    """


for _subcommand in (learned_blocks.learned, learned_blocks.veto, learned_blocks.pin, learned_blocks.forget):
    command.add_command(_subcommand)


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(file: Path) -> int:
    """Check a file of rules of your own: its fields, its patterns and its examples.

    Every problem is told with its line. The exit code is 1 if there is one. What a file looks like: docs/rules.md.

    \b
    Example:
      copydesk rules check my-rules.toml && COPYDESK_RULES_FILE=my-rules.toml copydesk clean --diff article.txt
    """
    from copydesk.runtime.rules import read_rules

    found = read_rules(file)
    for problem in found.problems:
        click.echo(printable(f"{file}:{problem.line}: {problem.message}"), err=True)
    if found.problems:
        count = "1 problem" if len(found.problems) == 1 else f"{len(found.problems)} problems"
        click.echo(f"copydesk: {count}; nothing that cleans starts with this file", err=True)
        return 1
    for line, rule in found.rules:
        what = "stays" if rule.reason is None else rule.reason.value
        where = f" on {', '.join(rule.hosts)}" if rule.hosts else ""
        examples = f"examples: {len(rule.yes)} yes, {len(rule.no)} no"
        click.echo(printable(f"{file}:{line}: {rule.id}: {what}{where}; {examples}"), err=True)
    for id_ in sorted(found.disabled):
        click.echo(f"{file}: {id_} is switched off", err=True)
    count = "1 rule is" if len(found.rules) == 1 else f"{len(found.rules)} rules are"
    click.echo(f"copydesk: {count} good", err=True)
    return 0


@command.command("list")
@click.option(
    "--reason",
    type=click.Choice(REASONS),
    help="Only those that remove for this reason.",
)
@click.option("--language", help="Only those that are tried on pages in this language, as in: de.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines, also on a terminal.")
def list_(reason: str | None, language: str | None, as_json: bool) -> None:
    """Show the rules in force, in the order in which they are tried: a table on a terminal, JSON lines elsewhere.

    Those of the file that COPYDESK_RULES_FILE names come first; their ids begin with user.

    \b
    Examples:
      copydesk rules list --reason newsletter --language de
      copydesk rules list --json | jq -r 'select(.id == "en.share") | .pattern[]'
    """
    from copydesk.core.rules.select import LANGUAGES
    from copydesk.runtime.rules import load_rules
    from copydesk.runtime.settings import load_settings

    language = None if language is None else language.lower()
    if language is not None and language not in LANGUAGES:
        raise click.UsageError(f"no rule is in language {language!r}; there are: {', '.join(sorted(LANGUAGES))}")
    chosen = [
        rule
        for rule in load_rules(load_settings()).rules
        if (reason is None or _reason(rule) == reason)
        and (language is None or {language, "*"}.intersection(rule.languages))
    ]
    if not as_json and sys.stdout.isatty():
        _show_table(chosen)
        return
    with jsonl.quiet_broken_pipe():
        for rule in chosen:
            jsonl.write(_record(rule))


def _reason(rule: Rule) -> str:
    return KEEP if rule.reason is None else rule.reason.value


def _record(rule: Rule) -> jsonl.Record:
    """A rule as JSON, with the names that it has in a file."""
    return {
        "id": rule.id,
        "reason": None if rule.reason is None else rule.reason.value,
        KEEP: rule.reason is None,
        "languages": rule.languages,
        "hosts": rule.hosts,
        "pattern": rule.pattern,
        "how": rule.how.value,
        "where": rule.where.value,
        "max_words": rule.max_words,
        "needs": rule.needs,
        "cased": rule.cased,
        "opens": rule.opens,
        "yes": rule.yes,
        "no": rule.no,
    }


def _show_table(rules: Sequence[Rule]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "reason", "languages", "where", "words")
    table.add_column("matches", overflow="fold", ratio=1)
    for rule in rules:
        examples = " · ".join(printable(text) for text in rule.yes[:3])
        about = Text(f"{examples}\non {', '.join(map(printable, rule.hosts))}" if rule.hosts else examples)
        cells = (rule.id, _reason(rule), " ".join(rule.languages), rule.where.value, f"≤ {rule.max_words}")
        table.add_row(*cells, about)
    Console().print(table)
