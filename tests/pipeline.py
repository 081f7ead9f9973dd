"""The stages after the fetch, run within the test: pages in, what the jobs make of them on a real Redis, step by step."""

import asyncio
from datetime import UTC, datetime

import redis
from blackbox import article, words

from copydesk.core.rules.ruleset import BUILT_IN
from copydesk.core.urls import document_id
from copydesk.models import Item, PageRef
from copydesk.runtime.frontier import Frontier
from copydesk.runtime.queue import Stages
from copydesk.runtime.settings import load_settings
from copydesk_services.deduper.job import Deduper
from copydesk_services.extractor.job import Extractor


def page_item(url, **fields):
    return Item(url=url, canonical_url=url, source="s" * 12, **fields)


class Pipeline:
    """Stages on a server."""

    def __init__(self, url, **settings):
        self.url = url
        self.client = redis.Redis.from_url(url)
        self.settings = load_settings(fetch_host_delay=0.0, **settings)
        self.stages = Stages(self.client, self.settings)

    def frontier(self, step):
        """Run a step with a frontier; what it answered."""

        async def run():
            client = redis.asyncio.Redis.from_url(self.url)
            try:
                return await step(Frontier(client, self.settings))
            finally:
                await client.aclose()

        return asyncio.run(run())

    def take(self, url, html=None, *, final_url=None, again=False, **fields):
        """A page enters the extract stage, and is in a job; its id."""
        item = page_item(url, **fields)
        body = (html or article("Story", words(url))).encode()
        ref = PageRef(
            id=document_id(url), item=item, final_url=final_url or url, status=200, content_type="text/html",
            fetched_at=datetime.now(UTC), bytes=len(body),
        )  # fmt: skip
        if self.frontier(lambda frontier: frontier.take_page(ref, body, again=again)):
            self.stages.submit("extract", [ref.id])
        return ref.id

    def extract(self):
        self._work("extract", Extractor.on_redis(self.stages, self.client, self.settings, BUILT_IN))

    def dedup(self):
        self._work("dedup", Deduper.on_redis(self.stages, self.client, self.settings))

    def through(self, url, html=None, **fields):
        """A page from its fetch to its outcome; its id."""
        page_id = self.take(url, html, **fields)
        self.extract()
        self.dedup()
        return page_id

    def outcome(self, page_id):
        return self.stages.outcomes([page_id]).get(page_id)

    def _work(self, stage, service):
        queue = self.stages.queue(stage)
        jobs = [(job.id, job.args[0]) for job in queue.jobs]
        queue.empty()
        for job_id, pages in jobs:
            service.run(job_id, pages)
