import json
from subprocess import CompletedProcess

from forked import copydesk
from texts import story


def dedup(*arguments, stdin=""):
    done = copydesk("dedup", *arguments, stdin=stdin.encode())
    return CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def lines(*records):
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)


TEXT, OTHER = "\n".join(story(1)), "\n\n".join(story(2))


def test_one_line_a_document_in_the_order_of_the_input():
    done = dedup(
        "--jsonl",
        stdin=lines(
            {"id": "a", "url": "https://one.example/a", "text": TEXT},
            {"id": "b", "url": "https://two.example/b", "text": OTHER},
            {"id": "c", "url": "https://three.example/c", "text": TEXT},
            {"id": "d", "url": "https://three.example/c?utm_source=x#top", "text": TEXT},
            {"id": "e", "url": "https://three.example/c", "text": OTHER},
        ),
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert [(row["id"], row["verdict"], row["copy_of"], row["cluster"]) for row in rows] == [
        ("a", "original", None, "a"),
        ("b", "original", None, "b"),
        ("c", "copy", "a", "a"),
        ("d", "unchanged", None, "a"),
        ("e", "revision", None, "a"),
    ]
    assert (rows[2]["similarity"], rows[2]["containment"], rows[2]["novelty"]) == (1.0, 1.0, 0.0)
    assert rows[2]["evidence"]["nearest"] == "a"
    assert {match["document"] for match in rows[2]["evidence"]["matches"]} == {"a"}
    required = {"id", "url", "host", "source", "title", "language", "verdict", "copy_of", "cluster", "novelty"}
    assert all(required | {"removed", "published_at"} <= row.keys() for row in rows)


def test_the_agency_that_the_others_credit_leads_its_story():
    text = f"LONDON (Reuters) - {TEXT}"
    done = dedup(
        "--jsonl",
        stdin=lines(
            {"id": "paper", "url": "https://paper.example/1", "text": text},
            {"id": "agency", "url": "https://www.reuters.com/1", "text": text},
            {"id": "third", "url": "https://third.example/1", "text": text},
        ),
    )
    rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}

    assert {id_: (row["copy_of"], row["agency"], row["lead"]) for id_, row in rows.items()} == {
        "paper": (None, "Reuters", False),
        "agency": ("paper", "Reuters", True),
        "third": ("paper", "Reuters", False),
    }
    assert rows["third"]["evidence"]["lead"] == "agency"


def test_documents_without_a_usable_url():
    done = dedup(
        "--jsonl",
        stdin=lines(
            {"id": 1, "text": TEXT},
            {"id": 2, "url": "no url at all", "text": TEXT},
            {"id": 1, "url": None, "text": TEXT},
        ),
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert [(row["id"], row["verdict"], row["copy_of"]) for row in rows] == [
        (1, "original", None),
        (2, "copy", 1),
        (1, "unchanged", None),
    ]


def test_a_line_that_is_not_valid_is_answered_and_the_rest_goes_on(tmp_path):
    file = tmp_path / "input.jsonl"
    file.write_text(lines({"id": "a"}, "{", {"id": "b", "url": 5, "text": TEXT}, {"id": "c", "text": TEXT}))
    done = dedup("--jsonl", file)
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 1
    assert ["error" in row for row in rows] == [True, True, True, False]
    assert rows[3]["verdict"] == "original"


def test_files_are_documents(tmp_path):
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text(TEXT)
    second.write_text(TEXT)
    done = dedup(first, second)

    assert done.returncode == 0
    assert f"{first}: original" in done.stdout
    assert f"{second}: copy of {first}, 0% new" in done.stdout


def test_usage_errors(tmp_path):
    assert dedup("--jsonl", "no such file").returncode == 2
    file = tmp_path / "a"
    file.touch()
    assert dedup("--jsonl", file, file).returncode == 2
