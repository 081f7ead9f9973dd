"""``copydesk clean --learn``: texts in their order, each cleaned by what the earlier ones of its site repeat."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from copydesk.core.boilerplate import clean, text_blocks
from copydesk.core.copies import Done, Draft, Failed, judge_and_admit
from copydesk.core.learned import Learned
from copydesk.core.rules.ruleset import RuleSet
from copydesk.core.sites import observe
from copydesk.core.urls import canonical_url, document_id, host_of
from copydesk.models import Verdict
from copydesk.runtime.memory_index import MemoryIndex
from copydesk.runtime.memory_sites import MemorySites
from copydesk.runtime.settings import load_settings
from copydesk_services.commands import jsonl


class LearningCleaner:
    """The pipeline's way of a text, in memory: clean it, tell whether it is a new story, let its site's memory see it."""

    def __init__(self, rules: RuleSet) -> None:
        """Clean with these rules, and what is learned."""
        settings = load_settings()
        self._thresholds = settings.thresholds()
        self._enough = settings.enough()
        self._rules = rules
        self._index = MemoryIndex()
        self._sites = MemorySites()
        # What stands in one input belongs together: nothing is forgotten while it is read.
        self._now = time.time()

    def answer(self, record: jsonl.Record) -> jsonl.Record:
        """Return a record's text without boilerplate.

        Raises:
            BadRecordError: a field is missing or of the wrong type.
        """
        text, url = jsonl.string(record, "text"), jsonl.optional_string(record, "url")
        published = _time(jsonl.optional_string(record, "published_at"))
        canonical = canonical_url(url) if url else None
        host = host_of(canonical) if canonical else ""
        learned = self._sites.learned([host]).get(host, Learned())
        kept, removed = clean(text_blocks(text), url=url, rules=self._rules, learned=learned)
        draft = Draft(
            id=document_id(canonical or f"id:{record['id']}"),
            url=canonical or "",
            host=host,
            blocks=kept,
            removed=removed,
            published_at=published,
        )
        match judge_and_admit(self._index, draft, now=self._now, thresholds=self._thresholds):
            case Done(document=document) if document.verdict is Verdict.ORIGINAL:
                observe(self._sites, [document], self._enough)
            case Failed(error=error):
                raise error
        return {
            "id": record["id"],
            "text": "\n".join(block.text for block in kept),
            "removed": [block.model_dump(mode="json") for block in removed],
            "learned": learned.touched(removed),
        }


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time_ = datetime.fromisoformat(text)
    except ValueError:
        raise jsonl.BadRecordError(f"published_at is no date or time in ISO 8601: {text[:40]!r}") from None
    return time_ if time_.tzinfo else time_.replace(tzinfo=UTC)
