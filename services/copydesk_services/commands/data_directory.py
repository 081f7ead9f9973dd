"""A word for those who look where nothing ever was: into an empty directory, or a stream by a wrong name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from copydesk.runtime.settings import Settings
from copydesk.runtime.stream_names import STREAMS, stream_name

if TYPE_CHECKING:
    import redis


def note_missing_data(settings: Settings) -> None:
    """Say on standard error that there is nothing yet, where an embedded server has no data to start with."""
    if settings.redis_url is None and not (settings.data_dir / "redis").is_dir():
        click.echo(f"copydesk: no data in {settings.data_dir.absolute()}; is COPYDESK_DATA_DIR right?", err=True)


def note_missing_stream(client: redis.Redis, key: str) -> None:
    """Say on standard error that a stream is not there; those that every system has may be empty yet.

    Raises:
        redis.RedisError: it does not answer.
    """
    if key not in STREAMS.values() and not client.exists(key):
        click.echo(f"copydesk: the stream {stream_name(key)} holds nothing; is that its name?", err=True)
