"""Where what is emitted goes: the streams of a record, and how its entry stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from copydesk.core.envelope import entry_fields
from copydesk.models import Document, Rejected, Retraction, Verdict
from copydesk.runtime import keys
from copydesk.runtime.settings import Settings

DEFAULT_CAP: Final = 100_000


@dataclass(frozen=True, slots=True)
class Outputs:
    """The output streams.

    Attributes:
        cap: Entries of a stream at which its oldest go, whoever has not had them.
        event_source: What this installation calls itself in CloudEvents.
    """

    cap: int = DEFAULT_CAP
    event_source: str = "copydesk"

    @classmethod
    def of(cls, settings: Settings) -> Outputs:
        """As the settings say."""
        return cls(cap=settings.stream_max_length, event_source=settings.event_source)

    def streams(self, document: Document) -> list[str]:
        """Keys of the streams that a document goes to; none where it is unchanged."""
        if document.verdict is Verdict.UNCHANGED:
            return []
        return [keys.COPIES if document.verdict is Verdict.COPY else keys.DOCUMENTS]

    def entry(self, record: Document | Rejected | Retraction) -> list[str]:
        """Fields and values of the entry of a record that is emitted now, one after the other."""
        fields = entry_fields(record, now=datetime.now(UTC), event_source=self.event_source)
        return [part for field in fields.items() for part in field]
