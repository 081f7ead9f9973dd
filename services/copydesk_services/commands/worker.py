"""``copydesk worker``: one RQ worker of a stage; the services start it, people have no need to."""

from __future__ import annotations

import click

from copydesk.runtime.queue import STAGES, Stage
from copydesk.runtime.settings import load_settings


@click.command("worker", hidden=True)
@click.argument("stage", type=click.Choice(STAGES))
def command(stage: Stage) -> None:
    """Run one RQ worker of a stage.

    \b
    Example:
      copydesk worker extract
    """
    from copydesk_services.wiring import run_worker

    run_worker(load_settings(), stage)
