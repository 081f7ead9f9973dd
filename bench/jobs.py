"""What a job costs: RQ's forking worker with nothing to do, copydesk's with a page and with a batch. ``python bench/jobs.py``."""

import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from copydesk.models import Item, PageRef
from copydesk.runtime import keys
from copydesk.runtime.embedded import EmbeddedServer
from copydesk.runtime.logs import set_up_logs
from copydesk.runtime.queue import Stages, pack
from copydesk.runtime.redis import connect
from copydesk.runtime.settings import load_settings
from copydesk.runtime.workers import StageWorker
from copydesk_services.demo.site import SITE
from copydesk_services.extractor import job as extractor_job

JOBS = 40
BATCH = 32


def timed(name, work, jobs, pages):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    own = time.process_time()
    work()
    wall, own = time.perf_counter() - start, time.process_time() - own
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own + after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    per_page = f"{1000 * wall / pages:8.1f} {1000 * cpu / pages:8.1f}" if pages else f"{'':8} {'':8}"
    print(f"{name:<34} {1000 * wall / jobs:8.1f} {1000 * cpu / jobs:8.1f} {per_page}")


def store_pages(client, number):
    """Real-looking pages in the extract stage."""
    pages = [article(n) for n in range(number)]
    for ref, body in pages:
        client.set(keys.body(ref.id), pack(body))
        client.hset(
            keys.page(ref.id), mapping={"ref": ref.model_dump_json(), "item": ref.item.model_dump_json(), "owner": ""}
        )
        client.zadd(keys.stage("extract"), {ref.id: time.time() + 600})
    return [ref.id for ref, _ in pages]


def article(n):
    paths = [story for story in SITE.content.stories.values() if story.rejected is None]
    story = paths[n % len(paths)]
    host = SITE.content.hosts[story.host]
    url = f"http://{host.name}{story.path}?n={n}"
    item = Item(url=url, canonical_url=url, source="s")
    body = SITE.answer(host.name, story.path).body
    ref = PageRef(id=f"{n:024x}", item=item, final_url=url, status=200, fetched_at=datetime.now(UTC), bytes=len(body))
    return ref, body


def main():
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder)) as server:
        client: redis.Redis = connect(server.url)
        settings = load_settings(log_level="error", log_format="json")
        set_up_logs(settings, "bench")
        stages = Stages(client, settings)
        extractor_job.prepare(extractor_job.Extractor(stages, client, settings))
        print(
            f"{'':34} {'a job':>17} {'a page':>17}\n{'':34} {'ms wall':>8} {'ms CPU':>8} {'ms wall':>8} {'ms CPU':>8}"
        )

        queue = Queue("nothing", connection=client, serializer=JSONSerializer)
        for _ in range(JOBS):
            queue.enqueue("time.time", result_ttl=0)
        worker = Worker([queue], connection=client, serializer=JSONSerializer)
        timed("RQ, nothing to do", lambda: worker.work(burst=True, logging_level="ERROR"), JOBS, 0)

        for size, name in ((1, "copydesk extract, a page a job"), (BATCH, f"copydesk extract, {BATCH} pages a job")):
            ids = store_pages(client, JOBS * size if size == 1 else 4 * BATCH)
            jobs = [ids[start : start + size] for start in range(0, len(ids), size)]
            for job in jobs:
                stages.submit("extract", job)
            stage_worker = StageWorker("extract", stages, client, settings)
            timed(name, lambda worker=stage_worker: worker.work(burst=True, logging_level="ERROR"), len(jobs), len(ids))


if __name__ == "__main__":
    main()
