"""The kinds of sinks: a module each, with a ``KIND``; it is imported when a sink of that kind is there."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final

from copydesk.errors import UsageError
from copydesk.runtime.delivery_file import SinkOptions, load_delivery_file
from copydesk.runtime.settings import Settings
from copydesk_services.delivery.sink import SinkKind

MODULES: Final = {"rq": "rq_queue", "webhook": "webhook", "files": "files", "kafka": "kafka"}


def configured(settings: Settings) -> Iterator[tuple[str, SinkKind, SinkOptions]]:
    """Name, kind and options of each sink of the delivery file.

    Raises:
        SettingsError: an option is not allowed, or something that a sink needs is missing.
    """
    file = load_delivery_file(settings)
    for name, table in file.sinks.items():
        if table.get("kind") not in MODULES:
            said = repr(table.get("kind"))[:80]
            raise file.error(f"sink.{name}", f"kind={said}: must be one of: {', '.join(MODULES)}")
        kind: SinkKind = importlib.import_module(f"{__name__}.{MODULES[table['kind']]}").KIND
        options = file.options(name, kind.options)
        try:
            kind.check(options, settings)
        except (UsageError, ValueError) as error:
            raise file.error(f"sink.{name}", str(error)) from None
        yield name, kind, options
