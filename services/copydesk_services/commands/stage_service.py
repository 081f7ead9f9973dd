"""What the verbs ``extractor`` and ``deduper`` share: the service of a stage, with its workers."""

from __future__ import annotations

from collections.abc import Callable

import click

from copydesk.runtime.queue import Stage
from copydesk.runtime.settings import load_settings

workers_option: Callable[[Callable[[int], None]], Callable[[int], None]] = click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Worker processes."
)


def serve(stage: Stage, workers: int) -> None:
    """Run the service of a stage in the foreground."""
    from copydesk_services.wiring import run_service

    run_service(load_settings(), stage, workers)
