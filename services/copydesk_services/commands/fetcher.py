"""``copydesk fetcher``."""

from __future__ import annotations

import click

from copydesk.runtime.settings import load_settings


@click.command("fetcher")
def command() -> None:
    """Poll sources and fetch pages, in the foreground, until SIGTERM or Ctrl-C.

    Any number of them share the work. Serves /metrics, /healthz and /readyz on COPYDESK_HTTP_PORT.

    \b
    Example:
      COPYDESK_REDIS_URL=redis://localhost:6379/0 COPYDESK_HTTP_PORT=9101 copydesk fetcher
    """
    from copydesk_services.wiring import run_fetcher

    run_fetcher(load_settings())
