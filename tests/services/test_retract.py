"""``copydesk retract``: nothing of a text is left in any store, and it does not come back."""

import contextlib
import json
import zlib
from datetime import UTC, datetime

import fsspec
import pytest
import zstandard
from blackbox import article, words
from pipeline import page_item
from warcio.archiveiterator import ArchiveIterator

from copydesk.core.urls import document_id
from copydesk.core.warc import response_record
from copydesk.models import Retraction
from copydesk.runtime import keys
from copydesk.runtime.archive_files import RotatedFile
from copydesk.runtime.archive_purge import filler
from copydesk_services.retracting import Retracting

URL, OTHER, COPY = "https://paper.example/1", "https://paper.example/2", "https://third.example/1"
AT = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def retract(run_verb, desk, tmp_path, capsys):
    """Run the verb; gives exit code, what it says as JSON lines, and standard error."""

    def call(*arguments, **env):
        env = {"REDIS_URL": desk.url, "DATA_DIR": str(tmp_path / "var"), **env}
        capsys.readouterr()  # what the stages have logged
        code, out, err = run_verb("retract", *arguments, **env)
        return code, [json.loads(line) for line in out.splitlines()], err

    return call


def sentences(name):
    """Of a text, what must not be found anywhere."""
    return [sentence.encode() for paragraph in words(name) for sentence in paragraph.split(". ")][:12]


def unpacked(value):
    """A value, and what stands in it compressed."""
    yield value
    if (place := value.find(b"\x28\xb5\x2f\xfd")) >= 0:
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(value[place:])
        except zstandard.ZstdError:
            return


def all_values(client):
    """Every value in Redis, by key."""
    for key in client.scan_iter(count=1000):
        kind = client.type(key).decode()
        if kind == "string":
            yield key, client.get(key)
        elif kind == "hash":
            yield from ((key, part) for pair in client.hgetall(key).items() for part in pair)
        elif kind == "stream":
            yield from ((key, part) for _, fields in client.xrange(key) for part in fields.values())
        elif kind == "zset":
            yield from ((key, member) for member in client.zrange(key, 0, -1))
        elif kind == "list":
            yield from ((key, member) for member in client.lrange(key, 0, -1))
        elif kind == "set":
            yield from ((key, member) for member in client.smembers(key))
        yield key, client.dump(key)


def inflated(data):
    """What the gzip members of a file hold, those too that stand behind a damaged place."""
    place = 0
    while (place := data.find(b"\x1f\x8b\x08", place)) >= 0:
        member = zlib.decompressobj(31)
        with contextlib.suppress(zlib.error):
            yield member.decompress(data[place:])
        place += 1


def where(client, folder, needles):
    """Every place where one of these can be found: keys, and files."""
    found = set()
    for key, value in all_values(client):
        if any(needle in text for text in unpacked(value) for needle in needles):
            found.add(key.decode())
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            texts = [*unpacked(data), *(inflated(data) if ".warc" in path.name else ())]
            if any(needle in text for text in texts for needle in needles):
                found.add(path.name)
    return found


def filed(folder, client, *, packed=False):
    """What stands in the streams, as the files of a day have it."""
    day = folder / "2026-11-22"
    day.mkdir(parents=True)
    for stream in (keys.DOCUMENTS, keys.COPIES, keys.REJECTED):
        name = stream.removeprefix(keys.PREFIX)
        lines = b"".join(
            b'{"entry":"%b/%b",%b\n' % (name.encode(), at, fields[b"document"][1:])
            for at, fields in client.xrange(stream)
        )
        path = day / f"{name}-host-1.jsonl"
        if packed:
            path = path.with_name(path.name + ".zst")
            lines = zstandard.compress(lines)
        path.write_bytes(lines)
    return day


def archived(folder, *urls, is_open=False):
    """A file of the archive with a page of each URL."""
    file = RotatedFile(folder, most_bytes=10**9, most_seconds=1e9, user_agent="ua", clock=AT.timestamp)
    for url in urls:
        file.write(
            lambda warcinfo, url=url: response_record(
                url=url, status=200, headers={"Content-Type": "text/html"}, body=article("S", words(url)).encode(), at=AT,
                page_id=document_id(url), item=page_item(url), warcinfo=warcinfo,
            )
        )  # fmt: skip
    if not is_open:
        file.close()
    return file


def test_nothing_is_left_in_any_store(desk, retract, tmp_path):
    client = desk.client
    text = article("A title of its own", words(URL))
    page_id = desk.through(URL, text, title="A title of its own")
    other = desk.through(OTHER)
    desk.through(URL, article("A title of its own", [*words(URL), *words("more")]), again=True)
    copy = desk.through(COPY, text)
    entry = client.xrange(keys.DOCUMENTS)[0][1]
    for stream in (keys.selection("english"), keys.replay("new"), keys.own("team"), keys.dead("team")):
        client.xadd(stream, entry)
    client.xadd(
        keys.REJECTED,
        {"id": page_id, "document": json.dumps({"id": page_id, "text": words(URL)[0]}, separators=(",", ":"))},
    )
    client.hset(
        keys.failures("team"), f"{keys.DOCUMENTS}/{client.xrange(keys.DOCUMENTS)[0][0].decode()}", words(URL)[0]
    )
    client.set(keys.body(page_id), zstandard.compress(text.encode()))
    client.set(keys.extraction(page_id), zstandard.compress(" ".join(words(URL)).encode()))
    client.zadd(keys.RECHECKS, {page_id: 1.0})
    client.set(
        keys.recheck(page_id),
        json.dumps({"item": "{}", "host": "paper.example", "url": URL, "body_hash": "", "t": words(URL)[0]}),
    )
    filed(tmp_path / "var/emitted", client)
    archive = tmp_path / "archive"
    archived(archive, URL, OTHER)
    still_open = archived(archive, OTHER, URL, OTHER, is_open=True)
    needles = [*sentences(URL), b"A title of its own"]
    assert len(where(client, tmp_path, needles)) > 10

    code, [said], err = retract(page_id, "--why", "notice 17", ARCHIVE=str(archive))

    assert (code, err) == (0, "")
    assert said["complete"]
    assert said["purged"] == {
        "entries": 7, "pages": 1, "in_work": 0, "index_records": 2, "files_lines": 3, "archive_records": 2,
    }  # fmt: skip
    copies = {keys.COPIES, "copies-host-1.jsonl", keys.body(copy)}
    assert where(client, tmp_path, needles) == copies, "the copy is another document: it stays"
    [told] = [fields for _, fields in client.xrange(keys.DOCUMENTS) if fields[b"verdict"] == b"retracted"]
    event = Retraction.model_validate_json(told[b"document"])
    assert (event.id, event.revision, event.url, event.why) == (page_id, 3, URL, "notice 17")
    assert client.xrevrange(keys.selection("english"), count=1)[0][1][b"verdict"] == b"retracted"
    # What is another document's is as it was.
    assert [fields[b"id"].decode() for _, fields in client.xrange(keys.DOCUMENTS)] == [other, page_id]
    still_open.write(lambda warcinfo: b"")
    still_open.close()
    for path in archive.iterdir():
        with path.open("rb") as file:
            urls = [
                found.rec_headers.get_header("WARC-Target-URI")
                for found in ArchiveIterator(file, check_digests="raise")
            ]
        assert [url for url in urls if url] in ([OTHER], [OTHER, OTHER])
    # It is no candidate any more, and the other document of its chunk still is.
    again = desk.through("https://fourth.example/1", text)
    assert json.loads(client.xrevrange(keys.COPIES, count=1)[0][1][b"document"])["copy_of"] == page_id
    evidence = json.loads(client.xrevrange(keys.COPIES, count=1)[0][1][b"document"])["evidence"]
    assert (again != page_id, evidence["nearest"]) == (True, copy)
    desk.through("https://fifth.example/2", article("S", words(OTHER)))
    assert json.loads(client.xrevrange(keys.COPIES, count=1)[0][1][b"document"])["copy_of"] == other

    # Once more does nothing more, and tells nobody twice.
    length = client.xlen(keys.DOCUMENTS)
    code, [said], _ = retract(URL, "--why", "notice 17", ARCHIVE=str(archive))
    assert (code, sum(said["purged"].values()), client.xlen(keys.DOCUMENTS)) == (0, 1, length)


def test_a_cluster_goes_as_a_whole_and_compressed_files_are_written_anew(desk, retract, tmp_path):
    page_id, copy = desk.through(URL), desk.through(COPY, article("Story", words(URL)))
    other = desk.through(OTHER)
    filed(tmp_path / "emitted", desk.client, packed=True)
    code, [said], _ = retract(copy, "--why", "x", "--cluster", EMITTED=str(tmp_path / "emitted"))
    assert code == 0
    assert sorted(row["id"] for row in said["retracted"]) == sorted([page_id, copy])
    assert said["purged"]["files_lines"] == 2
    assert where(desk.client, tmp_path, sentences(URL)) == set()
    assert where(desk.client, tmp_path, sentences(OTHER))
    assert [fields[b"verdict"] for _, fields in desk.client.xrange(keys.COPIES)] == [b"retracted"]
    assert {fields[b"id"].decode() for _, fields in desk.client.xrange(keys.DOCUMENTS)} == {page_id, copy, other}


def test_it_does_not_come_back_until_that_is_undone(desk, retract):
    page_id = desk.through(URL)
    assert retract(URL, "--why", "x")[0] == 0
    taken = desk.client.hget(keys.COUNTS, "fetch:taken")
    assert desk.frontier(lambda frontier: frontier.offer([page_item(URL)])) == ([], set())
    desk.take(URL)
    desk.take(URL, again=True)
    assert desk.client.hget(keys.COUNTS, "fetch:taken") == taken
    # From another address that leads there: the admission refuses it.
    moved = desk.through("https://paper.example/short", article("Story", words(URL)), final_url=URL)
    assert desk.outcome(moved) == "rejected:retracted"
    assert where(desk.client, desk.settings.data_dir / "none", sentences(URL)) == set()
    assert [row["id"] for row in retract("--list")[1]] == [page_id]

    assert retract("--undo", page_id)[0] == 0
    assert retract("--list")[1] == []
    desk.through(URL)
    [*_, last] = [json.loads(fields[b"document"]) for _, fields in desk.client.xrange(keys.DOCUMENTS)]
    assert (last["id"], last["verdict"], last["revision"]) == (page_id, "revision", 3), "numbers go on"


def test_what_is_in_work_ends_rejected(desk, retract):
    urls = [f"https://paper.example/{name}" for name in ("frontier", "leased", "extract", "dedup")]
    desk.frontier(lambda frontier: frontier.offer([page_item(urls[1])]))

    async def claim(frontier):
        [held] = await frontier.claim(1)
        return held

    held = desk.frontier(claim)
    desk.frontier(lambda frontier: frontier.offer([page_item(urls[0])]))
    desk.take(urls[3])
    desk.extract()
    desk.take(urls[2])
    assert desk.stages.in_flight() == {"frontier": 1, "fetch": 1, "extract": 1, "dedup": 1}
    for url in urls:
        code, [said], _ = retract(url, "--why", "x")
        assert (code, said["purged"]["in_work"]) == (0, 1)
    assert set(desk.stages.in_flight().values()) == {0}
    assert not desk.frontier(lambda frontier: frontier.retry(held, 0.0)), "its lease is gone"
    desk.extract()
    desk.dedup()
    rejected = [json.loads(fields[b"document"]) for _, fields in desk.client.xrange(keys.REJECTED)]
    assert [(row["stage"], row["reason"], row["text"]) for row in rejected] == [
        ("fetch", "retracted", ""), ("fetch", "retracted", ""), ("extract", "retracted", ""), ("dedup", "retracted", ""),
    ]  # fmt: skip
    assert where(desk.client, desk.settings.data_dir / "none", [s for url in urls for s in sentences(url)]) == set()
    assert set(desk.stages.in_flight().values()) == {0}


def test_a_kill_in_between_loses_nothing_of_it(desk, retract, tmp_path, monkeypatch):
    page_id = desk.through(URL)
    filed(tmp_path / "var/emitted", desk.client)
    work = Retracting(desk.client, desk.settings, lambda text: None)
    found = work.find(URL, "x")

    class Killed(Exception):
        pass

    def die(*_):
        raise Killed

    monkeypatch.setattr("copydesk_services.retracting.purge_redis", die)
    with pytest.raises(Killed):
        work.run([found])
    monkeypatch.undo()
    assert desk.frontier(lambda frontier: frontier.is_retracted(page_id)), "the mark comes first"
    assert [mark.purged for mark in work.marks.all()] == [False]
    code, [said], _ = retract(page_id, "--why", "x")
    assert (code, said["purged"]["entries"], said["purged"]["files_lines"]) == (0, 1, 1)
    assert where(desk.client, tmp_path, sentences(URL)) == set()
    assert sum(fields[b"verdict"] == b"retracted" for _, fields in desk.client.xrange(keys.DOCUMENTS)) == 1
    assert [mark.purged for mark in work.marks.all()] == [True]


def test_files_in_an_object_store(desk, retract):
    fs = fsspec.filesystem("memory")
    fs.pipe_file("/purge/archive/x", b"")
    desk.through(URL)
    path = "/purge/emitted/2026-11-22/documents-a.jsonl"
    [(at, fields)] = desk.client.xrange(keys.DOCUMENTS)
    fs.pipe_file(path, b'{"entry":"documents/%b",%b\n' % (at, fields[b"document"][1:]))
    code, [said], err = retract(URL, "--why", "x", EMITTED="memory://purge/emitted", ARCHIVE="memory://purge/archive")
    assert (code, said["purged"]["files_lines"], err) == (0, 1, "")
    [line] = fs.cat_file(path).splitlines()
    assert json.loads(line) == {"entry": f"documents/{at.decode()}", "purged": True}
    fs.rm("/purge", recursive=True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["f" * 24, "--why", "x"], 1, "nothing is known of"),
        (["nonsense", "--why", "x"], 2, "no id of a document"),
        ([URL], 2, "--why is missing"),
        ([], 2, "name one document"),
        (["--undo", URL], 1, "was not taken out"),
    ],
)
def test_mistakes(retract, arguments, code, said):
    got, rows, err = retract(*arguments)
    assert (got, rows) == (code, [])
    assert said in err


def test_what_is_not_there_yet_never_comes(desk, retract):
    assert retract(URL, "--why", "x", "--dry-run")[1][0]["documents"][0]["id"] == document_id(URL)
    assert not desk.client.exists(keys.RETRACTED)
    code, [said], _ = retract(URL, "--why", "x")
    assert (code, said["retracted"][0]["revision"]) == (0, 2), "its first revision may have come out long ago"
    assert desk.frontier(lambda frontier: frontier.offer([page_item(URL)])) == ([], set())


@pytest.mark.parametrize("length", [40, 250, 300, 5_000, 700_000])
def test_a_filler_is_a_gzip_member_of_its_length(length):
    made = filler(length)
    assert len(made) == length
    member = zlib.decompressobj(31)
    text = member.decompress(made)
    assert member.eof
    assert not member.unused_data
    assert text == b"" or text.startswith(b"WARC/1.1\r\nWARC-Type: metadata")
