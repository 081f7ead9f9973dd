"""The command line: ``copydesk VERB``. A verb is a module of ``commands`` with a click command named ``command``."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
from importlib.metadata import version
from typing import NoReturn

import click

from copydesk.errors import CopydeskError
from copydesk_services.printable import printable

# The order in which the help shows them.
VERBS = {
    "demo": "Run the whole system on a bundled news site and show what comes out.",
    "run": "Run every service on this machine.",
    "sources": "List, add, remove, import and export what is polled.",
    "items": "Show what a feed, a sitemap or a list of URLs offers.",
    "tail": "Show a stream's entries as JSON lines.",
    "backfill": "WARC files in, documents out.",
    "reprocess": "Stored pages through today's extractor again.",
    "extract": "HTML in, clean document out.",
    "clean": "Text in, text without boilerplate out.",
    "dedup": "Texts in, verdicts out.",
    "rules": "What is stripped from the pages of a site: check rules, show what was learned, change it.",
    "explain": "Two documents side by side, and the reason of a verdict.",
    "doctor": "Check settings and Redis, and say what to change.",
    "fetcher": "One service: poll sources and fetch pages.",
    "extractor": "One service: turn pages into documents.",
    "deduper": "One service: recognise copies and emit.",
    "delivery": "One service: run sinks, look after the output streams.",
}
# They write nothing to standard output.
SERVICES = {"run", "fetcher", "extractor", "deduper", "delivery", "worker", "healthcheck"}
HIDDEN = ("worker", "healthcheck")


class _Verbs(click.Group):
    """Imports a verb's module only when it is asked for, so that every start is fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS and cmd_name not in HIDDEN:
            return None
        command: click.Command = importlib.import_module(f"copydesk_services.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = click.utils.make_str(args[0])
        if name not in VERBS and name not in HIDDEN and not name.startswith("-"):
            ctx.fail(f"no verb {name!r}; there are: {', '.join(VERBS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("copydesk"), prog_name="copydesk")
def cli() -> None:
    """Clean, deduplicated news documents on a queue, every copy flagged and explained.

    \b
    Examples:
      copydesk demo
      copydesk run --feeds my.opml
      copydesk tail documents --follow

    Settings are environment variables, COPYDESK_*; see docs/settings.md.
    """


def _is_redis_error(error: Exception) -> bool:
    """Whether Redis is at fault; without importing its client into commands that never use it."""
    redis = sys.modules.get("redis")
    return redis is not None and isinstance(error, redis.RedisError)


def _fail(message: str, code: int) -> NoReturn:
    # It may quote what others wrote.
    click.echo(f"copydesk: {printable(message)}", err=True)
    if sys.stdout is not None:
        # What is still buffered cannot be written either; Python would complain about it once more at its end.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def main() -> None:
    """Entry point: errors that are meant for people end with their message and exit code, not with a traceback."""
    if sys.stdout is None and not set(sys.argv) & SERVICES:
        _fail("standard output is closed", 1)
    try:
        code = cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2 if isinstance(error, click.UsageError) else error.exit_code)
    except CopydeskError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EBADF, errno.EIO):
            raise
        _fail(f"cannot read or write: {error.strerror}", 1)
    except Exception as error:
        if not _is_redis_error(error):
            raise
        _fail(f"Redis: {error}", 1)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
