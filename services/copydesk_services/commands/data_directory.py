"""A word for those who look into a directory in which nothing ever ran."""

from __future__ import annotations

import click

from copydesk.runtime.settings import Settings


def note_missing_data(settings: Settings) -> None:
    """Say on standard error that there is nothing yet, where an embedded server has no data to start with."""
    if settings.redis_url is None and not (settings.data_dir / "redis").is_dir():
        click.echo(f"copydesk: no data in {settings.data_dir.absolute()}; is COPYDESK_DATA_DIR right?", err=True)
