"""``copydesk replay``: what was emitted comes once more, in order, each once, from files and streams; ``explain`` finds it."""

import json
import threading
from datetime import UTC, datetime

import pytest
import redis
import zstandard
from blackbox import wait_for

from copydesk.models import Document, Retraction, Verdict
from copydesk.runtime import keys
from copydesk.runtime.groups import BlockingGroupReader
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.retraction import Mark, Marks

# 2026-11-20T00:00Z, in milliseconds.
START = 1_795_132_800_000
DAY = 86_400_000


@pytest.fixture
def replay(run_verb, client, tmp_path):
    def call(*arguments, verb="replay"):
        code, out, err = run_verb(verb, *arguments, REDIS_URL=client.url, DATA_DIR=str(tmp_path))
        return code, [json.loads(line) for line in out.splitlines()], err

    return call


def document(n, *, language="en", verdict=Verdict.ORIGINAL, revision=1):
    return Document(
        id=f"{n:024x}", revision=revision, url=f"https://paper.example/{n}", host="paper.example", source="s" * 12,
        title=f"Story {n}", text=f"Text {n}", language=language, verdict=verdict, copy_of=None, cluster=f"{n:024x}",
        novelty=1.0, removed=[], published_at=None,
    )  # fmt: skip


class History:
    """Documents emitted an hour apart, and where they still stand."""

    def __init__(self, client, folder):
        self.client, self.folder = client, folder / "emitted"

    def at(self, n):
        return START + n * 3_600_000

    def streamed(self, n, name="documents", **fields):
        entry = Outputs().entry(document(n, **fields))
        pairs = dict(zip(entry[::2], entry[1::2], strict=True))
        self.client.xadd(keys.PREFIX + name, pairs, id=f"{self.at(n)}-0")

    def filed(self, numbers, name="documents", *, packed=False, suffix="a", **fields):
        by_day = {}
        for n in numbers:
            line = b'{"entry":"%s/%d-0",%s\n' % (
                name.encode(), self.at(n), document(n, **fields).model_dump_json().encode()[1:],
            )  # fmt: skip
            by_day.setdefault(f"{datetime.fromtimestamp(self.at(n) / 1000, UTC):%F}", []).append(line)
        for day, lines in by_day.items():
            (self.folder / day).mkdir(parents=True, exist_ok=True)
            path = self.folder / day / f"{name}-{suffix}.jsonl"
            data = b"".join(lines)
            if packed:
                path, data = path.with_name(path.name + ".zst"), zstandard.compress(data)
            path.write_bytes(data)


@pytest.fixture
def history(client, tmp_path):
    return History(client, tmp_path)


def numbers(rows):
    return [int(row["id"], 16) for row in rows]


def test_files_and_streams_in_one_order_each_once(history, replay):
    history.filed([1, 0, 3], packed=True)  # one was delivered to the writer again, and stands late
    history.filed([2], name="copies", verdict=Verdict.COPY)
    history.filed([30, 31], suffix="b")
    (history.folder / "2026-11-21/documents-b.jsonl").open("ab").write(b'{"entry":"documents/1-0","id":"torn')
    for n in (31, 32, 33):
        history.streamed(n)
    code, rows, err = replay("--to", "-")
    assert (code, err) == (0, "")
    assert numbers(rows) == [0, 1, 2, 3, 30, 31, 32, 33]
    assert rows[0] == json.loads(document(0).model_dump_json())
    assert numbers(replay("--to", "-", "--since", "2026-11-20T03:00", "--until", "2026-11-21T07:00")[1]) == [3, 30, 31]
    assert numbers(replay("--to", "-", "--from", "copies")[1]) == [2]
    assert numbers(replay("--to", "-", "--verdict", "copy")[1]) == [2]


def test_the_same_in_two_streams_comes_once(history, replay):
    history.streamed(0)
    history.streamed(0, "selection:mine")
    history.streamed(1, "selection:mine", language="de")
    assert numbers(replay("--to", "-", "--from", "documents", "--from", "mine")[1]) == [0, 1]
    assert numbers(replay("--to", "-", "--from", "mine", "--language", "de")[1]) == [1]


def test_what_was_taken_out_never_comes_but_the_word_of_it_does(history, replay, client):
    history.filed([0, 1])
    mark = Mark(
        id=f"{0:024x}",
        url="https://paper.example/0",
        host="paper.example",
        why="x",
        revision=2,
        retracted_at=datetime.now(UTC),
    )
    assert Marks(client, Outputs()).put(mark, [])
    rows = replay("--to", "-")[1]
    assert [(row["id"][-1], row["verdict"]) for row in rows] == [("1", "original"), ("0", "retracted")]
    assert Retraction.model_validate(rows[1]).why == "x"


def test_into_a_stream_of_its_own(history, replay, client):
    history.filed(range(3))
    history.streamed(3)
    code, [said], _ = replay("--to", "new")
    assert (code, said) == (0, {"replayed": 4, "to": keys.replay("new"), "resumed": False, "complete": True})
    entries = client.xrange(keys.replay("new"))
    assert [fields[b"replayed"].decode() for _, fields in entries] == [f"documents/{history.at(n)}-0" for n in range(4)]
    assert entries[0][1][b"ce_time"] == b"2026-11-20T00:00:00Z"
    assert Document.model_validate_json(entries[0][1][b"document"]) == document(0)
    assert 0 < client.ttl(keys.replay("new")) <= 7 * 86_400
    assert client.smembers(keys.STREAMS) == {keys.replay("new").encode()}, "delivery trims it and tells of it"


def test_a_group_gets_it_beside_what_is_new(history, replay, client):
    history.streamed(0)
    with BlockingReader(client, "team") as reader:
        assert [entry.fields[b"id"] for entry in reader.read(10, 5.0)] == [f"{0:024x}".encode()]
        assert replay("--to", "group:team")[1][0]["replayed"] == 1
        [again] = reader.read(10, 5.0)
        assert (again.stream, again.fields[b"replayed"]) == (keys.own("team"), f"documents/{history.at(0)}-0".encode())
        reader.ack([again])
    assert client.xlen(keys.own("team")) == 0


def test_a_sink_gets_it_by_its_name(history, replay, client, tmp_path, monkeypatch):
    (tmp_path / "delivery.toml").write_text('[sink.mine]\nkind = "files"\nfrom = "documents"\nto = "x"\n')
    monkeypatch.setenv("COPYDESK_DELIVERY_FILE", str(tmp_path / "delivery.toml"))
    history.streamed(0)
    assert replay("--to", "mine")[1][0]["to"] == keys.own("sink.mine")
    assert client.xlen(keys.own("sink.mine")) == 1


def test_it_waits_for_readers_and_goes_on_where_it_was_stopped(history, replay, client, monkeypatch):
    monkeypatch.setattr("copydesk.runtime.replays.BATCH", 2)
    monkeypatch.setattr("copydesk.runtime.replays.StreamTarget.__init__.__kwdefaults__", {"most": 4})
    history.filed(range(10))
    stopped = threading.Event()
    monkeypatch.setattr(
        "copydesk.runtime.processes.StopSignal.wait", lambda self, seconds, *_: stopped.wait(min(seconds, 0.01))
    )
    stop = threading.Thread(
        target=lambda: (wait_for(lambda: client.xlen(keys.replay("new")) == 4, "a full stream"), stopped.set())
    )
    stop.start()
    code, [said], err = replay("--to", "new")
    stop.join()
    assert (code, said["replayed"], said["complete"]) == (1, 4, False)
    assert "goes on from here" in err
    got = []

    def consume():
        with redis.Redis.from_url(client.url) as own, BlockingReader(own, "team", keys.replay("new")) as reader:
            while len(got) < 10:
                entries = reader.read(3, 0.2)
                got.extend(int(entry.fields[b"id"], 16) for entry in entries)
                reader.ack(entries)

    stopped.clear()
    consumer = threading.Thread(target=consume)
    consumer.start()
    code, [said], _ = replay("--to", "new")
    consumer.join(30)
    assert (code, said["replayed"], said["resumed"], said["complete"]) == (0, 6, True, True)
    assert got == list(range(10))
    assert client.xlen(keys.replay("new")) <= 4
    assert not client.exists(keys.replay_place(keys.replay("new")))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "documents"], "name a new one"),
        (["--to", "-", "--host", "a/b"], "--host: "),
        (["--to", "-", "--since", "soon"], "is no time"),
        (["--to", "a b"], "no stream can be called"),
        (["--to", "replay:x", "--from", "replay:x"], "to itself"),
    ],
)
def test_mistakes(replay, arguments, said):
    code, rows, err = replay(*arguments)
    assert (code, rows) == (2, [])
    assert said in err


def test_explain_finds_what_the_streams_no_longer_have(history, replay, client):
    history.filed([0, 1, 2], packed=True)
    history.filed([30, 31])
    history.streamed(31)
    for n in (1, 30, 31):
        code, [said], _ = replay(f"{n:024x}", "--json", verb="explain")
        assert (code, said["a"]["id"]) == (0, f"{n:024x}")
    assert replay(f"{99:024x}", verb="explain")[0] == 1


class BlockingReader:
    """A consumer, as a context."""

    def __init__(self, client, group, stream=keys.DOCUMENTS):
        self._reader = BlockingGroupReader(client, [stream], group)

    def __enter__(self):
        return self._reader

    def __exit__(self, *_):
        self._reader.close()
