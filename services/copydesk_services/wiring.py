"""The composition root: where the processes of the services are put together from settings, Redis and their parts."""

from __future__ import annotations

import asyncio
import gc

from copydesk.runtime.logs import set_up_logs
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.queue import Stage, Stages
from copydesk.runtime.redis import open_store
from copydesk.runtime.rules import load_rules
from copydesk.runtime.settings import Settings

SERVICE_NAMES: dict[Stage, str] = {"extract": "extractor", "dedup": "deduper"}


def run_fetcher(settings: Settings) -> None:
    """The fetcher in the foreground, until it is told to stop."""
    from copydesk_services.fetcher.service import FetcherService

    Outputs.of(settings)  # a bad delivery file stops the service at its start
    set_up_logs(settings, "fetcher")
    store = open_store(settings)
    try:
        stages = Stages(store.client, settings)
        # What is there from the start stays: a full collection need not walk through it while requests wait.
        gc.freeze()

        async def main() -> None:
            client = store.asynchronous()
            try:
                await FetcherService(client=client, stages=stages, settings=settings).run()
            finally:
                await client.aclose()

        asyncio.run(main())
    finally:
        store.close()


def run_delivery(settings: Settings) -> None:
    """Delivery in the foreground, until it is told to stop."""
    from copydesk_services.delivery.service import DeliveryService

    set_up_logs(settings, "delivery")
    store = open_store(settings)
    try:
        asyncio.run(DeliveryService(connect=store.asynchronous, settings=settings).run())
    finally:
        store.close()


def run_service(settings: Settings, stage: Stage, workers: int) -> None:
    """The service of a stage, with its workers, in the foreground, until it is told to stop."""
    from copydesk.runtime.workers import Service

    name = SERVICE_NAMES[stage]
    # A bad rule or a bad delivery file stops the service, not its workers one after the other.
    Outputs.of(settings)
    if stage == "extract":
        load_rules(settings)
    set_up_logs(settings, name)
    store = open_store(settings)
    try:
        stages = Stages(store.client, settings)
        Service(stage, name, workers=workers, stages=stages, client=store.client, settings=settings).run()
    finally:
        store.close()


def run_worker(settings: Settings, stage: Stage) -> None:
    """One RQ worker of a stage. What its jobs need is imported here, once, before it forks."""
    from copydesk.runtime.workers import StageWorker

    set_up_logs(settings, SERVICE_NAMES[stage])
    rules = load_rules(settings) if stage == "extract" else None
    store = open_store(settings)
    try:
        stages = Stages(store.client, settings)
        if rules is not None:
            from copydesk_services.extractor import job as extractor_job

            extractor_job.prepare(extractor_job.Extractor.on_redis(stages, store.client, settings, rules))
        else:
            from copydesk_services.deduper import job as deduper_job

            deduper_job.prepare(deduper_job.Deduper.on_redis(stages, store.client, settings))
        # The children share this process's memory pages as long as nobody writes to them; a collection would.
        gc.freeze()
        StageWorker(stage, stages, store.client, settings).work(logging_level="ERROR")
    finally:
        store.close()
