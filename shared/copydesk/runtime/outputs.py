"""Where what is emitted goes: the streams of a record, and how its entry stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from copydesk.core.envelope import entry_fields
from copydesk.core.selections import Selection
from copydesk.models import Document, Rejected, Retraction, Verdict
from copydesk.runtime import keys
from copydesk.runtime.delivery_file import load_delivery_file
from copydesk.runtime.settings import Settings

DEFAULT_CAP: Final = 100_000


@dataclass(frozen=True, slots=True)
class Outputs:
    """The output streams.

    Attributes:
        cap: Entries of a stream at which its oldest go, whoever has not had them.
        event_source: What this installation calls itself in CloudEvents.
        selections: Streams of the user's own, by name.
    """

    cap: int = DEFAULT_CAP
    event_source: str = "copydesk"
    selections: Mapping[str, Selection] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Outputs:
        """As the settings and the delivery file say.

        Raises:
            SettingsError: something in the delivery file is wrong.
        """
        selections = load_delivery_file(settings).selections
        return cls(cap=settings.stream_max_length, event_source=settings.event_source, selections=selections)

    def streams(self, document: Document) -> list[str]:
        """Keys of the streams that a document goes to; none where it is unchanged."""
        if document.verdict is Verdict.UNCHANGED:
            return []
        selected = [keys.selection(name) for name, rule in self.selections.items() if rule.matches(document)]
        return [keys.COPIES if document.verdict is Verdict.COPY else keys.DOCUMENTS, *selected]

    def all_streams(self) -> list[str]:
        """Keys of all streams that documents go to: a retraction goes to each."""
        return [keys.DOCUMENTS, keys.COPIES, *map(keys.selection, self.selections)]

    def entry(self, record: Document | Rejected | Retraction) -> list[str]:
        """Fields and values of the entry of a record that is emitted now, one after the other."""
        fields = entry_fields(record, now=datetime.now(UTC), event_source=self.event_source)
        return [part for field in fields.items() for part in field]
