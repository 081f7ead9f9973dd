"""``copydesk healthcheck``: what a container asks itself."""

from __future__ import annotations

import http.client
import os

import click

from copydesk.errors import CopydeskError

SECONDS = 4.0


@click.command("healthcheck", hidden=True)
def command() -> None:
    """Ask the service that listens on COPYDESK_HTTP_PORT of this machine whether it is ready; exit code 1 if not.

    \b
    Example:
      COPYDESK_HTTP_PORT=9100 copydesk healthcheck
    """
    # Not through Settings: this runs every few seconds, and the imports would be most of its cost.
    port = os.environ.get("COPYDESK_HTTP_PORT", "")
    if not port.isdecimal() or int(port) == 0:
        raise CopydeskError(f"COPYDESK_HTTP_PORT={port!r}: the check needs the fixed port that the service listens on")
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(1_000).decode(errors="replace").strip()
    except OSError as error:
        raise CopydeskError(f"nothing answers on port {port}: {error}") from None
    finally:
        connection.close()
    if answer.status != 200:
        raise CopydeskError(f"not ready: {body}")
