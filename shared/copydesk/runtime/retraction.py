"""Documents that somebody took out: marked for good, told on the streams, and not taken again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final, cast

import redis
from pydantic import ValidationError

from copydesk.models import Model, Retraction
from copydesk.runtime import keys
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.scripts import script

TAKEN_OUT: Final = "it was taken out with copydesk retract"


class Mark(Model):
    """What is kept of a document that was taken out: nothing of its text."""

    id: str
    url: str = ""
    host: str = ""
    source: str | None = None
    cluster: str | None = None
    copy_of: str | None = None
    revision: int = 1
    """Of the retraction: one more than the last that was emitted, as far as that is known."""
    why: str
    retracted_at: datetime
    pages: tuple[str, ...] = ()
    """Ids of the pages that it came from, where they are not its own."""
    purged: bool = False
    """Everything that was stored of it is gone; otherwise whoever purged it was interrupted."""

    def retraction(self) -> Retraction:
        """What the streams are told."""
        return Retraction(
            id=self.id,
            revision=self.revision,
            url=self.url,
            host=self.host,
            source=self.source,
            copy_of=self.copy_of,
            cluster=self.cluster,
            why=self.why,
            retracted_at=self.retracted_at,
        )


class _PageMark(Model):
    """What stands under the id of a page whose document has another one."""

    document: str


class Marks:
    """The documents that were taken out."""

    def __init__(self, client: redis.Redis, outputs: Outputs) -> None:
        self._client = client
        self._outputs = outputs
        self._retract = script(client, "emit", "retract")

    def get(self, id_: str) -> Mark | None:
        """The mark of a document, by its own id or that of a page of it."""
        value = self._client.hget(keys.RETRACTED, id_)
        if value is None:
            return None
        try:
            return Mark.model_validate_json(value)
        except ValidationError:
            document = _PageMark.model_validate_json(value).document
            value = self._client.hget(keys.RETRACTED, document) if document != id_ else None
            return Mark.model_validate_json(value) if value is not None else None

    def all(self) -> Iterator[Mark]:
        """Every mark of a document, in no order."""
        for _, value in self._client.hscan_iter(keys.RETRACTED, count=1000):
            try:
                yield Mark.model_validate_json(value)
            except ValidationError:
                continue  # that of a page

    def put(self, mark: Mark, selections: Sequence[str]) -> bool:
        """Mark a document and tell the streams, those of selections too, at once; False where that was done before."""
        wanted = dict.fromkeys([*self._outputs.all_streams(), *selections])
        streams = [stream for stream in wanted if stream != keys.COPIES or mark.copy_of]
        entry = self._outputs.entry(mark.retraction())
        return bool(self._retract(args=[mark.id, mark.model_dump_json(), self._outputs.cap, " ".join(streams), *entry]))

    def complete(self, mark: Mark, pages: Collection[str]) -> None:
        """Note that everything of it is purged, and under which ids its pages were."""
        done = mark.model_copy(update={"pages": tuple(sorted({*mark.pages, *pages} - {mark.id})), "purged": True})
        self._client.hset(keys.RETRACTED, mark.id, done.model_dump_json())

    def undo(self, mark: Mark) -> None:
        """Let a document come back when a source offers it; what was purged stays gone."""
        ids = [mark.id, *mark.pages]
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hdel(keys.RETRACTED, *ids)
            pipe.delete(*map(keys.seen, ids))
            pipe.execute()

    def among(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that are marked."""
        values = cast("list[bytes | None]", self._client.hmget(keys.RETRACTED, ids)) if ids else []
        return {id_ for id_, value in zip(ids, values, strict=True) if value is not None}


def page_mark(document: str) -> str:
    """What stands under the id of a page of a document that was taken out."""
    return _PageMark(document=document).model_dump_json()
