"""``copydesk delivery``."""

from __future__ import annotations

import click

from copydesk.runtime.settings import load_settings


@click.command("delivery")
def command() -> None:
    """Look after the output streams, and run the sinks of COPYDESK_DELIVERY_FILE, until SIGTERM or Ctrl-C.

    Keeps what was emitted as files by day, too. Several share the sinks: each is run by one of them. Serves /metrics,
    /healthz and /readyz on COPYDESK_HTTP_PORT.

    \b
    Example:
      COPYDESK_REDIS_URL=redis://localhost:6379/0 COPYDESK_HTTP_PORT=9104 copydesk delivery
    """
    from copydesk_services.wiring import run_delivery

    run_delivery(load_settings())
