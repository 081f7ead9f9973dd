"""The verbs ``extract`` and ``clean`` as a user runs them, and the JSON lines that they share."""

import base64
import json
import subprocess
import sys
import time

import pytest

PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down in the winter.",
    "Fishermen who had waited for the decision since March said that they were relieved, although work will only begin later.",
    "The mayor promised that the new pier would stand on pillars of stone, and that it would carry a second crane for the boats.",
]


def copydesk(*arguments, stdin=b"", timeout=60):
    command = [sys.executable, "-m", "copydesk_services", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, check=False)


def page(*texts, title="Town rebuilds its pier"):
    body = "".join(f"<p>{text}</p>" for text in texts or PROSE)
    return f"<html lang=en><head><title>{title}</title></head><body><article>{body}</article></body></html>"


def lines(*records):
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records).encode()


def rows(done):
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_one_page():
    done = copydesk("extract", "--url", "https://paper.example/a", stdin=page(*PROSE, "Share this article").encode())
    [row] = rows(done)

    assert (done.returncode, done.stderr) == (0, b"")
    assert row["text"] == "\n".join(PROSE)
    assert row["removed"][0]["reason"] == "share"
    assert row["host"] == "paper.example"
    assert row["rejected"] is None
    assert {
        "id",
        "url",
        "source",
        "title",
        "language",
        "verdict",
        "copy_of",
        "cluster",
        "novelty",
        "published_at",
    } <= row.keys()


def test_many_pages_in_order_whatever_they_are(tmp_path):
    attributes = (
        "<p " + " ".join(f"a{n}='1'" for n in range(300_000)) + ">many attributes would take the parser minutes</p>"
    )
    deep = "<div>" * 100_000 + "deep"
    records = [
        {"id": "a", "url": "https://paper.example/a", "html": page()},
        {"id": "b", "url": None, "html_b64": base64.b64encode(page().encode("utf-16")).decode()},
        {"id": "c", "url": "https://paper.example/c", "html": attributes},
        "this is no JSON",
        {"id": "d", "html": page()},
        {"id": "e", "url": "https://paper.example/e", "html": deep},
        {"id": "f", "url": "https://paper.example/f", "html": ""},
        {"id": "g", "url": "https://paper.example/g"},
        {"id": "h", "url": "https://paper.example/h", "html": "x" * 10_000_001},
        {"id": "i", "url": "https://paper.example/i", "html": "\ud800" + page()},
    ]
    file = tmp_path / "pages.jsonl"
    file.write_bytes(lines(*records))

    done = copydesk("extract", "--jsonl", file)
    found = rows(done)

    assert done.returncode == 1
    assert [row["id"] for row in found] == ["a", "b", "c", None, "d", "e", "f", "g", "h", "i"]
    assert [row.get("rejected", "error") for row in found] == [
        None, None, "too_large", "error", None, "too_large", "empty", "error", "too_large", None,
    ]  # fmt: skip
    assert found[1]["text"] == "\n".join(PROSE)
    assert found[3]["line"] == 4
    assert found[7] == {"id": "g", "error": "html and html_b64 are missing", "line": 8}


def test_answers_come_while_the_input_is_open():
    command = [sys.executable, "-m", "copydesk_services", "extract", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for id_ in ("one", "two"):
            process.stdin.write(lines({"id": id_, "html": page()}))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == id_
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize("verb", ["extract", "clean"])
def test_help_has_an_example(verb):
    done = copydesk(verb, "--help")

    assert done.returncode == 0
    assert f"copydesk {verb}".encode() in done.stdout.split(b"Examples:")[1]


@pytest.mark.parametrize("verb", ["extract", "clean"])
def test_a_missing_file_is_a_usage_error(verb):
    done = copydesk(verb, "--jsonl", "/nowhere/at-all.jsonl")

    assert done.returncode == 2
    assert b"/nowhere/at-all.jsonl" in done.stderr
    assert b"Traceback" not in done.stderr


def test_clean_of_one_text():
    done = copydesk("clean", stdin="\n\n".join([*PROSE, "Photo: Jane Doe", "Share"]).encode())
    [row] = rows(done)

    assert done.returncode == 0
    assert row["text"] == "\n".join(PROSE)
    assert [(block["reason"], block["index"]) for block in row["removed"]] == [("caption", 3), ("share", 4)]


def test_clean_of_many_texts_and_bad_lines():
    text = "\n".join([*PROSE, "Advertisement"])
    records = [
        {"id": "a", "url": "https://a.example/", "text": text},
        "",
        "[1]",
        "{",
        {"id": "b", "text": 1},
        {"text": "x"},
        {"id": True, "text": ""},
        {"id": 7, "text": text},
        {"id": "s", "text": "\ud800 lone"},
        '{"id": "n", "text": NaN}',
        "[" * 100_000,
        {"id": "e", "text": ""},
    ]
    done = copydesk(
        "clean", "--jsonl", stdin=lines(*records) + b'{"id": "\xff"}\n{"id": "last", "text": "no line end"}'
    )
    found = rows(done)

    assert done.returncode == 1
    assert [row["id"] for row in found] == ["a", None, None, "b", None, None, 7, "s", None, None, "e", None, "last"]
    assert [row.get("line") for row in found] == [None, 3, 4, 5, 6, 7, None, None, 10, 11, None, 13, None]
    assert found[3]["error"] == "text is a number, not a string"
    assert found[0]["text"] == found[6]["text"] == "\n".join(PROSE)
    assert found[7]["text"] == "\ud800 lone"
    assert found[10]["text"] == ""


def test_all_good_lines_give_exit_code_0():
    assert copydesk("clean", "--jsonl", stdin=lines({"id": "a", "text": "x"})).returncode == 0
    assert copydesk("clean", "--jsonl").returncode == 0


def test_a_reader_that_goes_away_is_no_traceback():
    command = [sys.executable, "-m", "copydesk_services", "clean", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        process.stdin.write(lines({"id": "a", "text": "x"}) * 10)
        process.stdin.close()
        assert process.wait(30) == 1
        assert process.stderr.read() == b""


def test_clean_is_fast_to_start():
    start = time.monotonic()
    copydesk("clean", stdin=b"one line")

    assert time.monotonic() - start < 10
