"""JSON Schemas of what consumers read: ``python -m copydesk.schema FOLDER`` writes them; a test holds them to the models."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from copydesk.models import (
    DOCUMENT_SCHEMA,
    GAP_SCHEMA,
    REJECTED_SCHEMA,
    RETRACTION_SCHEMA,
    Document,
    Gap,
    Rejected,
    Retraction,
)

PUBLISHED: Final[dict[str, type[BaseModel]]] = {
    DOCUMENT_SCHEMA: Document,
    REJECTED_SCHEMA: Rejected,
    RETRACTION_SCHEMA: Retraction,
    GAP_SCHEMA: Gap,
}


def file_name(schema: str) -> str:
    """Name of the file of a schema: ``copydesk.document/1`` is ``copydesk.document.1.json``."""
    return schema.replace("/", ".") + ".json"


def json_schema(schema: str) -> str:
    """The JSON Schema (draft 2020-12) of an entry as it stands in a stream, as text."""
    described = PUBLISHED[schema].model_json_schema(mode="serialization", by_alias=True)
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **described, "title": schema}
    return json.dumps(described, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(folder: Path) -> None:
    """Write every schema into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for schema in PUBLISHED:
        (folder / file_name(schema)).write_text(json_schema(schema), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
