"""Processes that admit the same documents at the same time: one original a cluster, everything emitted once."""

import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import redis
from texts import corpus

from copydesk.runtime import keys

WORKERS = Path(__file__).parent / "admit_rounds.py"
PROCESSES = 4
COPIES = 0.3


def emitted(client):
    """(stream, id, verdict, cluster) of every entry."""
    return [
        (stream, *(fields[name].decode() for name in (b"id", b"verdict", b"cluster")))
        for stream in (keys.DOCUMENTS, keys.COPIES)
        for _, fields in client.xrange(stream)
    ]


def check(entries, story_of):
    """One original a story, which is the cluster of all its documents; each document on its stream, once."""
    assert Counter(id_ for _, id_, _, _ in entries) == dict.fromkeys(story_of, 1)
    originals = defaultdict(list)
    for _, id_, verdict, _ in entries:
        if verdict == "original":
            originals[story_of[id_]].append(id_)
    assert [of for of in originals.values() if len(of) > 1] == []
    assert originals.keys() == set(story_of.values())
    for stream, id_, verdict, cluster in entries:
        assert cluster == originals[story_of[id_]][0]
        assert (verdict, stream) in {("original", keys.DOCUMENTS), ("copy", keys.COPIES)}


@pytest.mark.parametrize(
    ("count", "rounds"), [(150, 3), pytest.param(2000, 50, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_four_processes_agree_on_one_original_a_cluster(redis_url, count, rounds):
    stories = round(count * (1 - COPIES))
    story_of = {draft.id: at % stories for at, draft in enumerate(corpus(count, COPIES))}
    command = [sys.executable, WORKERS, redis_url, str(count), str(PROCESSES)]
    with (
        redis.Redis.from_url(redis_url) as client,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as workers,
    ):
        for number in range(rounds):
            client.flushdb()
            workers.stdin.write(f"{number}\n")
            workers.stdin.flush()
            assert workers.stdout.readline().split() == ["0"] * PROCESSES
            check(emitted(client), story_of)
