"""``copydesk clean --jsonl --learn``: the same learning, without Redis."""

import json
from datetime import date, timedelta

from forked import copydesk
from texts import story

POLICY = (
    "Varnholt Media takes part in the ledger programme of the northern guild, which audits its bookkeeping each spring."
)


def clean(*arguments, records=(), check=True):
    lines = "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)
    done = copydesk("clean", *arguments, stdin=lines.encode())
    assert not check or done.returncode == 0, done.stderr
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def article(number, *tail, text=None, host="site.example", dated=True):
    record = {
        "id": number,
        "url": f"https://{host}/{number}",
        "text": "\n".join([*story(text or f"article {number}"), *tail]),
    }
    day = date(2026, 3, 1) + timedelta(days=number // 5)
    return record | ({"published_at": day.isoformat()} if dated else {})


def gone(rows):
    """Numbers, from 1, of the texts from which the policy was removed."""
    return [n for n, row in enumerate(rows, 1) if any(block["reason"] == "recurring" for block in row["removed"])]


def test_it_goes_from_the_seventeenth_on():
    _, rows = clean("--jsonl", "--learn", records=[article(n, POLICY) for n in range(24)])
    assert gone(rows) == list(range(17, 25))
    assert [row["learned"] for row in rows] == [None] * 16 + [1] * 8
    for n, row in enumerate(rows):
        assert row["text"].split("\n") == [*story(f"article {n}"), *([] if n >= 16 else [POLICY])]


def test_without_dates_it_takes_twice_the_evidence():
    _, rows = clean("--jsonl", "--learn", records=[article(n, POLICY, dated=False) for n in range(30)])
    assert gone(rows) == list(range(27, 31))


def test_without_the_option_nothing_is_learned():
    _, rows = clean("--jsonl", records=[article(n, POLICY) for n in range(24)])
    assert gone(rows) == []
    assert all("learned" not in row for row in rows)


def test_sites_are_apart_and_copies_do_not_count():
    two = [article(n, POLICY, host=f"{n % 2}.example") for n in range(24)]
    assert gone(clean("--jsonl", "--learn", records=two)[1]) == []
    same = [article(n, POLICY, text="the one report") for n in range(40)]
    assert gone(clean("--jsonl", "--learn", records=same)[1]) == []


def test_what_is_wrong_is_told():
    bad = article(1) | {"published_at": "yesterday"}
    done, rows = clean("--jsonl", "--learn", records=[bad, article(2) | {"published_at": 5}, article(3)], check=False)
    assert done.returncode == 1
    assert rows[0]["error"] == "published_at is no date or time in ISO 8601: 'yesterday'"
    assert rows[1]["error"] == "published_at is a number, not a string"
    assert rows[2]["learned"] is None
    done, _ = clean("--learn", check=False)
    assert done.returncode == 2
    assert "--learn wants --jsonl" in done.stderr.decode()
