"""``copydesk explain`` as a user calls it: on what a deduper emitted, on files, on a terminal."""

import fcntl
import json
import os
import pty
import re
import struct
import termios
import time
from pathlib import Path

import pytest
from forked import copydesk, ended, start
from texts import draft, edited, story

from copydesk.core.copies import judge_and_admit
from copydesk.models import Document
from copydesk.runtime import keys
from copydesk.runtime.queue import Stages
from copydesk.runtime.redis import open_store
from copydesk.runtime.settings import load_settings
from copydesk_services.deduper.job import Deduper

ORIGINAL = story(1)
# Each of its first sentences has lost a word.
LIGHTLY_EDITED = [re.sub(r"^(\S+ \S+ )\S+ ", r"\1", block) for block in ORIGINAL]
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\x00\r\b"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("explain") / "var"


@pytest.fixture(scope="module")
def stopped(data_dir):
    """Documents by name, as a deduper emitted them into an embedded server, which has been stopped since."""
    settings = load_settings(data_dir=data_dir, redis_url=None)
    store = open_store(settings)
    index = Deduper.on_redis(Stages(store.client, settings), store.client, settings).index
    drafts = {
        "original": draft("https://wire.example/1", ORIGINAL, title=f"The {HOSTILE} wire"),
        "copy": draft("https://outlet.example/1", [*LIGHTLY_EDITED, " ".join(story("own", 2))], title="At the outlet"),
        "second": draft("https://wire.example/2", story(2)),
        "third": draft("https://wire.example/3", story(3)),
        "round-up": draft("https://outlet.example/round-up", [*story(2)[:3], *story(3)[:3], *story("round-up")[:3]]),
        "revised": draft("https://wire.example/2", [*story(2)[:-1], *edited(story(2)[-1:], 0.1), *story("more", 2)]),
        "alone": draft("https://wire.example/4", [f"{HOSTILE} {story(4)[0]}"]),
    }
    for one in drafts.values():
        judge_and_admit(index, one, now=time.time())
    entries = [
        Document.model_validate_json(fields[b"document"])
        for stream in (keys.DOCUMENTS, keys.COPIES)
        for _, fields in store.client.xrange(stream)
    ]
    store.close()
    assert store.embedded.wait_until_stopped(30)
    by_key = {(document.id, document.revision): document for document in entries}
    return {name: by_key[one.id, 2 if name == "revised" else 1] for name, one in drafts.items()}


@pytest.fixture(scope="module")
def emitted(stopped, data_dir):
    """The same, and the server runs again."""
    store = open_store(load_settings(data_dir=data_dir, redis_url=None))
    yield stopped
    store.close()
    assert store.embedded.wait_until_stopped(30)


@pytest.fixture
def explain(data_dir):
    def call(*arguments, env=None):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
        return copydesk("explain", *arguments, env={**clean, "COPYDESK_DATA_DIR": str(data_dir), **(env or {})})

    return call


def record(done):
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.decode().splitlines()
    return json.loads(line)


def on_terminal(data_dir, *arguments, columns):
    """What the command writes to a terminal of this width."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("COPYDESK_", "COLUMNS", "LINES"))
    }
    env = {**clean, "COPYDESK_DATA_DIR": str(data_dir), "TERM": "xterm-256color", "NO_COLOR": ""}
    with Path(os.devnull).open("r+b") as nothing:
        files = {"stdin": nothing.fileno(), "stdout": follower, "stderr": nothing.fileno()}
        process = start(["explain", *arguments], **files, env=env)
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 65_536):
            written += chunk
    except OSError:  # the other end is closed
        pass
    os.close(leader)
    assert ended(process) == 0
    return written.decode()


def test_it_works_after_the_system_was_stopped(explain, stopped):
    assert record(explain("--json", stopped["copy"].id))["b"]["id"] == stopped["original"].id


def test_a_copy_beside_what_it_was_copied_from(explain, emitted):
    copy, original = emitted["copy"], emitted["original"]
    assert copy.verdict.value == "copy"
    found = record(explain("--json", copy.id))
    assert set(found) == {
        "a", "b", "reason", "verdict", "containment", "contained", "similarity", "distance", "matches",
    }  # fmt: skip
    assert (found["a"]["id"], found["b"]["id"]) == (copy.id, original.id)
    assert found["reason"] == copy.evidence.reason
    assert (found["verdict"], found["containment"], found["contained"], found["similarity"], found["distance"]) == (
        "copy",
        copy.evidence.containment,
        copy.evidence.contained,
        copy.evidence.similarity,
        copy.evidence.distance,
    )
    assert [match["there"] for match in found["matches"]] == [match["here"] for match in found["matches"]]
    assert {match["document"] for match in found["matches"]} == {original.id}
    edits = [match for match in found["matches"] if match["distance"]]
    assert len(found["matches"]) == 16
    assert 4 <= len(edits) <= 8
    assert all(match["text_here"] != match["text_there"] for match in edits)

    told = explain(copy.id).stdout.decode()
    assert told.startswith(f"copy: {copy.evidence.reason}")
    assert "A: At the outlet outlet.example/1" in told
    assert told.count("\n   only A: ") == 2
    for match in edits:
        assert f"A: {match['text_here']}\n" in told
        assert f"B: {match['text_there']}\n" in told


def test_an_id_may_be_short_or_a_url_and_both_may_be_named(explain, emitted):
    copy, original = emitted["copy"], emitted["original"]
    whole = record(explain("--json", copy.id, original.id))
    assert record(explain("--json", copy.id[:8].upper(), "https://wire.example/1?utm_source=x#top")) == whole
    assert whole["verdict"] == "copy"
    assert whole["reason"].startswith("A would be a copy of B, had that come first: ")
    turned = record(explain("--json", original.id, copy.id))
    assert (turned["containment"], turned["contained"]) == (whole["contained"], whole["containment"])
    other = record(explain("--json", copy.id, emitted["third"].id))
    assert (other["verdict"], other["matches"]) == ("original", [])
    assert other["reason"].startswith("A would be an original beside B")


def test_passages_from_several_documents(explain, emitted):
    found = record(explain("--json", emitted["round-up"].id))
    assert found["verdict"] == "original"
    by_document = {}
    for match in found["matches"]:
        by_document.setdefault(match["document"], []).append(match["here"])
    # The second story was revised later: what counts is what there was when the round-up came.
    assert by_document == {emitted["second"].id: [0, 1, 2, 3, 4, 5], emitted["third"].id: [6, 7, 8, 9, 10, 11]}
    told = explain(emitted["round-up"].id).stdout.decode()
    assert "\nB: " in told
    assert "\nC: " in told


def test_what_a_revision_changed(explain, emitted):
    revised, before = emitted["revised"], emitted["second"]
    found = record(explain("--json", revised.id))
    assert found["verdict"] == "revision"
    assert (found["a"]["revision"], found["b"]["revision"]) == (2, 1)
    assert found["a"]["id"] == found["b"]["id"] == before.id
    told = explain(before.id).stdout.decode()
    assert "13 more passages that are the same" in told
    assert told.count("only A: ") == 2, "what is new"
    full = explain("--full", before.id).stdout.decode()
    assert "more passages" not in full
    assert story(2)[0].split(".")[0] in full


def test_what_was_trimmed_is_explained_from_a_file(explain, emitted, data_dir, tmp_path):
    copy = emitted["copy"]
    lines = [emitted[name].model_dump_json() for name in ("copy", "original", "second", "revised")]
    file = tmp_path / "archive.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    settings = load_settings(data_dir=data_dir, redis_url=None)
    store = open_store(settings)
    try:
        beside = record(explain("--json", copy.id))
        trimmed = store.client.copy(keys.DOCUMENTS, "kept")
        assert trimmed
        store.client.xtrim(keys.DOCUMENTS, maxlen=0, approximate=False)
        left = record(explain("--json", copy.id))
        told = explain(copy.id)
        gone = explain(emitted["original"].id)
        store.client.rename("kept", keys.DOCUMENTS)
    finally:
        store.close()
    assert record(explain("--json", "--from", file, copy.id)) == beside
    assert record(explain("--json", "--from", file, emitted["revised"].id))["b"]["revision"] == 1
    file.write_text(emitted["revised"].model_dump_json() + "\n")
    alone = explain("--from", file, emitted["revised"].id).stdout.decode()
    assert "The revision before it is no longer stored" in alone
    assert alone.count("only A: ") == 2
    assert alone.count("   ≈  A: ") == len(emitted["revised"].evidence.change.edited) > 0
    assert (left["reason"], left["containment"]) == (beside["reason"], beside["containment"])
    assert left["b"] == {"id": emitted["original"].id, "revision": None, "url": None, "title": None}
    assert left["matches"]
    assert {match["text_there"] for match in left["matches"]} == {None}
    assert f"No longer stored: {emitted['original'].id}" in told.stdout.decode()
    assert gone.returncode == 1
    assert "--from FILE" in gone.stderr.decode()


def test_files_need_no_redis(explain, tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("\n".join([*ORIGINAL, *story("more", 20)]))
    second.write_text("\n".join(ORIGINAL))
    nowhere = {"COPYDESK_REDIS_URL": "redis://127.0.0.1:1/0"}
    found = record(explain("--json", first, second, env=nowhere))
    assert (found["a"]["id"], found["b"]["id"]) == (str(first), str(second))
    told = explain(second, first, env=nowhere).stdout.decode()
    assert told.startswith("copy: A would be a copy of B, had that come first: ")


@pytest.mark.parametrize("columns", [60, 150])
def test_a_terminal_gets_columns_and_no_control_characters_of_the_texts(emitted, data_dir, columns):
    for name in ("copy", "round-up", "revised", "alone"):
        written = on_terminal(data_dir, emitted[name].id, columns=columns)
        assert "\x1b[" in written, "it is coloured"
        seen = re.sub(r"\x1b\[[0-9;]*m", "", written).replace("\r\n", "\n")
        assert not CONTROL.search(seen)
        assert max(map(len, seen.splitlines())) <= columns
        assert emitted[name].verdict.value in seen
    written = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(data_dir, emitted["copy"].id, columns=150))
    assert re.search(r"\S.* {2,}1 (=|≈\d+) {2,}\S", written), "both texts stand in one line"


def test_no_control_character_leaves_it_elsewhere_either(explain, emitted):
    for name in ("copy", "alone"):
        for arguments in ([emitted[name].id], ["--json", emitted[name].id]):
            assert not CONTROL.search(explain(*arguments).stdout.decode())
    assert HOSTILE in record(explain("--json", emitted["copy"].id))["b"]["title"], "JSON escapes, and loses nothing"


def test_unknown_and_ambiguous_documents(explain, emitted, tmp_path):
    done = explain("0123456789abcdef01234567")
    assert done.returncode == 1
    assert done.stderr.decode().startswith("copydesk: no document '0123456789abcdef01234567' in the streams or in")
    assert "copydesk rejected show" in done.stderr.decode()
    twins = [emitted["copy"].model_copy(update={"id": "abcdef" + end * 18}) for end in "12"]
    file = tmp_path / "twins.jsonl"
    file.write_text("".join(twin.model_dump_json() + "\n" for twin in twins))
    done = explain("--from", file, "abcdef")
    assert done.returncode == 1
    assert all(twin.id in done.stderr.decode() for twin in twins)
    assert explain("--from", file, "abcdef1").returncode == 0
    file.write_text("no document\n")
    done = explain("--from", file, "abcdef")
    assert done.returncode == 1
    assert "twins.jsonl: entry 1 is no document" in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "one or two IDs"),
        (["abcdef", "abcdef", "abcdef"], "one or two IDs"),
        (["abcde"], "'abcde' is no file, no URL, and no id"),
        (["ftp://x.example/"], "no http:// or https:// URL"),
        (["x" * 5000], "is no file, no URL, and no id"),
        (["--from", "nowhere.jsonl", "abcdef"], "nowhere.jsonl"),
        ([__file__], "a text without a verdict"),
    ],
)
def test_usage_errors(explain, arguments, told):
    done = explain(*arguments)
    assert done.returncode == 2
    assert told in done.stderr.decode()


def test_messages_about_what_cannot_be_read_show_nothing_that_moves_a_terminal(tmp_path):
    file = tmp_path / "evil.jsonl"
    id_ = f"aaaaaaaaaaaa{HOSTILE}"
    file.write_text(json.dumps({"schema": "copydesk.document/1", "id": id_}) + "\n")
    done = copydesk("explain", "--from", file, "aaaaaaaaaaaa")

    assert done.returncode == 1
    assert "cannot be read" in done.stderr.decode()
    assert not CONTROL.search(done.stderr.decode())
