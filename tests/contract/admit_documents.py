"""One of several processes that admit the same documents: waits for a line, then goes through them in its own order.

Arguments: URL of the server, seed of the order, number of documents, documents a batch.
"""

import sys
from pathlib import Path

import redis

sys.path.insert(0, str(Path(__file__).parent.parent))

from texts import corpus, generator

from copydesk.core.copies import Done, Task, judge_and_admit_all
from copydesk.runtime.redis_index import RedisIndex


def main(url, seed, count, batch):
    drafts = corpus(count)
    generator(seed).shuffle(drafts)
    index = RedisIndex(redis.Redis.from_url(url))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for at in range(0, len(drafts), batch):
        tasks = [Task(draft) for draft in drafts[at : at + batch]]
        for outcome in judge_and_admit_all(index, tasks, now=1_000_000.0):
            assert isinstance(outcome, Done), outcome


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
