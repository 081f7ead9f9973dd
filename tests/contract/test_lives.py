"""What is begun in one life of the server and ended in the next, which may have lost the last second of the one before."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis_servers import KINDS, Server, binary
from texts import draft, story

from copydesk.core.copies import judge_and_admit
from copydesk.core.fingerprint import fingerprint
from copydesk.core.verdicts import judge
from copydesk.models import Verdict
from copydesk.ports import Admission, Admitted, Conflict, Wanted
from copydesk.runtime.redis_index import RedisIndex

NOW = 1_700_000_000.0


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_that_were_given_once_more_are_not_taken_for_those_that_were_seen(kind, tmp_path):
    """Two copies must not both become originals because Redis counted to the same number twice."""
    if binary(kind) is None:
        pytest.skip(f"{kind} is not installed")
    server = Server(kind, binary(kind), appendonly=tmp_path)
    client = redis.Redis.from_url(server.url, retry=Retry(NoBackoff(), 1))
    try:
        index = RedisIndex(client)
        # All of it is lost: what the look-up has seen, and how far the numbers had come.
        judge_and_admit(index, draft("https://a.example/lost", story(1)), now=NOW)
        blocks = story(2)
        item, prints = draft("https://a.example/2", blocks), fingerprint(blocks)
        looked_up = index.look_up([Wanted(item.id, prints)], now=NOW)[0]
        judgement = judge(item.id, prints, looked_up.candidates)
        admission = Admission(item.document(judgement), prints, looked_up, judgement.founded)
        assert judgement.verdict is Verdict.ORIGINAL
        client.flushall()
        server.kill_and_restart()
        # The same number is another document's now: the very story that waits to come in.
        other = judge_and_admit(index, draft("https://b.example/2", blocks), now=NOW)
        assert other.number == looked_up.seen
        assert index.admit([admission]) == [Conflict(other.number, stale=True)]
        late = judge_and_admit(index, item, now=NOW)
        assert (late.document.verdict, late.document.copy_of) == (Verdict.COPY, other.document.id)
    finally:
        client.close()
        server.stop()


def test_in_one_life_nothing_is_stale(tmp_path):
    server = Server(KINDS[0], binary(KINDS[0]))
    try:
        with redis.Redis.from_url(server.url) as client:
            index = RedisIndex(client)
            item, prints = draft("https://a.example/1", story(1)), fingerprint(story(1))
            looked_up = index.look_up([Wanted(item.id, prints)], now=NOW)[0]
            judgement = judge(item.id, prints, ())
            admission = Admission(item.document(judgement), prints, looked_up, judgement.founded)
            assert index.admit([admission]) == [Admitted(1)]
    finally:
        server.stop()
