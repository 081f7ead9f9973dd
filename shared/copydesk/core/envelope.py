"""An entry of an output stream: the record as JSON, and beside it flat fields to filter on and to route by.

The fields whose names begin with ``ce_`` are the context attributes of CloudEvents 1.0 (https://github.com/cloudevents/spec,
v1.0.2), named as its Kafka binding names them; the field ``document`` is the event's data.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from copydesk.models import Document, Rejected, Retraction, utc_text

CLOUDEVENTS_VERSION: Final = "1.0"


def event_id(record: Document | Rejected | Retraction) -> str:
    """What identifies a record among all of this installation: equal where the same record is delivered once more."""
    return f"{record.id}:{utc_text(record.rejected_at) if isinstance(record, Rejected) else record.revision}"


def entry_fields(record: Document | Rejected | Retraction, *, now: datetime, event_source: str) -> dict[str, str]:
    """Fields and values of the entry of a record that is emitted at ``now`` (with a time zone, UTC).

    ``event_source``: what this installation calls itself, as a URI reference.
    """
    fields = {
        "id": record.id,
        "schema": record.schema_,
        "source": record.source or "",
        "host": record.host,
        "language": record.language or "",
        "verdict": str(record.verdict),
        "cluster": record.cluster or "",
        "published_at": utc_text(record.published_at),
    }
    if isinstance(record, Rejected):
        fields |= {"reason": record.reason.value, "stage": record.stage}
    else:
        fields["revision"] = str(record.revision)
    return fields | {
        "ce_specversion": CLOUDEVENTS_VERSION,
        "ce_id": event_id(record),
        "ce_source": event_source,
        "ce_type": f"copydesk.{record.verdict}",
        "ce_time": utc_text(now),
        "ce_subject": record.id,
        "ce_datacontenttype": "application/json",
        "document": record.model_dump_json(),
    }
