"""``copydesk extractor``."""

from __future__ import annotations

import click

from copydesk_services.commands.stage_service import serve, workers_option


@click.command("extractor")
@workers_option
def command(workers: int) -> None:
    """Turn pages into documents, in the foreground, until SIGTERM or Ctrl-C.

    Any number of them share the work. Serves /metrics, /healthz and /readyz on COPYDESK_HTTP_PORT.

    \b
    Example:
      COPYDESK_REDIS_URL=redis://localhost:6379/0 COPYDESK_HTTP_PORT=9102 copydesk extractor --workers 4
    """
    serve("extract", workers)
