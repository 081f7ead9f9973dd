"""Processes that admit the same documents at the same time, round after round, each time in other orders.

Arguments: URL of the server, number of documents, number of processes. A line on standard input is the number of a round;
a line on standard output has the exit codes of its processes.
"""

import multiprocessing
import sys
from pathlib import Path

import redis

sys.path.insert(0, str(Path(__file__).parent.parent))

from texts import corpus, generator

from copydesk.core.copies import Done, Task, judge_and_admit_all
from copydesk.core.fingerprint import fingerprint
from copydesk.runtime.redis_index import RedisIndex

BATCHES = (1, 16)


def admit(url, tasks, number, process):
    order = generator("round", number, process).sample(tasks, len(tasks))
    index = RedisIndex(redis.Redis.from_url(url))
    batch = BATCHES[process % len(BATCHES)]
    for at in range(0, len(order), batch):
        for outcome in judge_and_admit_all(index, order[at : at + batch], now=1_000_000.0):
            assert isinstance(outcome, Done), outcome


def main(url, count, processes):
    tasks = [Task(draft, prints=fingerprint(block.text for block in draft.blocks)) for draft in corpus(count)]
    fork = multiprocessing.get_context("fork")  # the children have the fingerprints already
    for number in sys.stdin:
        children = [fork.Process(target=admit, args=(url, tasks, number, at)) for at in range(processes)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        sys.stdout.write(" ".join(str(child.exitcode) for child in children) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
