"""Cost of delivery on one machine, beside plain redis-py: ``make bench-delivery``.

Documents with the texts of real pages are admitted as the deduper does it, on the embedded server; consumer groups read and
acknowledge them in a process of their own (``readers.py``). The two kinds of consumers take turns.
"""

import argparse
import gzip
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import zstandard
from pipeline_pages import pages
from tables import show

from copydesk.core.copies import Done, Draft, Task, judge_and_admit_all
from copydesk.core.extract import extract
from copydesk.core.fingerprint import fingerprint
from copydesk.models import Block, Item, PageRef
from copydesk.runtime import keys
from copydesk.runtime.embedded import EmbeddedServer
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.queue import pack, pack_extraction
from copydesk.runtime.redis import connect
from copydesk.runtime.redis_index import RedisIndex

ROOT = Path(__file__).parents[1]
NOW = datetime.now(UTC)
BATCH = 32
# Admitted together where the pace counts: what a deduper finishes in a moment.
FEW = 8


def stock(shared, number):
    """Extractions of pages, and the pages."""
    found, said = pages(shared / "data", number)
    bodies = [gzip.decompress(body) for _, body, _ in found]
    kinds = [kind for kind, _, _ in found]
    url = "https://news.example/story"
    extracted = [extract(body, url, content_type=kind, now=NOW) for kind, body in zip(kinds, bodies, strict=True)]
    return [one for one in extracted if one.rejected is None and one.blocks], bodies, said


def drafts(extractions, number, seed=0):
    """So many documents, no two of which share a passage: each has the words of a real one, in another order."""
    made = []
    for n in range(number):
        of = extractions[n % len(extractions)]
        rng = random.Random(1_000_003 * seed + n)
        words = [word for block in of.blocks for word in block.text.split()]
        rng.shuffle(words)
        blocks, start = [], 0
        for block in of.blocks:
            end = start + len(block.text.split())
            blocks.append(Block(text=" ".join(words[start:end])))
            start = end
        made.append(
            Draft(
                id=f"{seed:06x}{n:018x}", url=f"https://news.example/{seed}/{n}.html", host="news.example",
                source="0123456789ab", title=of.title, blocks=blocks, language=of.language, removed=of.removed,
                published_at=of.published_at, published_from=of.published_from, fetched_at=NOW, authors=of.authors,
                site_name=of.site_name, section=of.section, tags=of.tags, image=of.image, description=of.description,
            )
        )  # fmt: skip
    return made


class Desk:
    """A server of its own, and the index on it."""

    def __init__(self, server, cap=1_000_000):
        self.url = server.url
        self.client = connect(server.url)
        self.cap = cap
        self.fresh()

    def fresh(self):
        """Nothing is there any more."""
        self.client.execute_command("FLUSHALL", "SYNC")
        self.index = RedisIndex(self.client, outputs=Outputs(cap=self.cap))

    def admit(self, tasks):
        outcomes = judge_and_admit_all(self.index, tasks, now=time.time())
        if not all(isinstance(outcome, Done) for outcome in outcomes):
            sys.exit(f"not admitted: {outcomes}")
        return outcomes

    def admit_all(self, tasks):
        return [o for n in range(0, len(tasks), BATCH) for o in self.admit(tasks[n : n + BATCH])]

    def scripts(self):
        """Calls of scripts so far, and the microseconds that the server spent on them."""
        stats = self.client.info("commandstats").get("cmdstat_evalsha", {"calls": 0, "usec": 0})
        return stats["calls"], stats["usec"]


@contextmanager
def readers(kind, groups, entries, url, within=100):
    """Consumers that wait; what they say in the end is the answer of what is yielded."""
    command = [
        sys.executable,
        ROOT / "bench/readers.py",
        kind,
        str(groups),
        str(entries),
        keys.DOCUMENTS,
        url,
        str(within),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    try:
        yield lambda: json.loads(process.stdout.readline())
    finally:
        process.wait()


def with_prints(made):
    return [Task(draft, prints=fingerprint(block.text for block in draft.blocks)) for draft in made]


def throughput(desk, made, rounds):
    """Documents a second, from the first admission to the last acknowledgement, and what is read of a stream that is full."""
    tasks = with_prints(made)
    rows = []
    for groups in (1, 4, 16):
        whole, drained, cpu = {}, {}, {}
        for number in range(rounds):
            for kind in ("copydesk", "plain") if number % 2 else ("plain", "copydesk"):
                desk.fresh()
                with readers(kind, groups, len(tasks), desk.url) as told:
                    started = time.perf_counter()
                    desk.admit_all(tasks)
                    told()
                    whole.setdefault(kind, []).append(len(tasks) / (time.perf_counter() - started))
                for group in desk.client.xinfo_groups(keys.DOCUMENTS):
                    desk.client.xgroup_destroy(keys.DOCUMENTS, group["name"])
                with readers(kind, groups, len(tasks), desk.url) as told:
                    said = told()
                    drained.setdefault(kind, []).append(groups * len(tasks) / said["seconds"])
                    cpu.setdefault(kind, []).append(1e6 * said["cpu"] / groups / len(tasks))
        middle = {name: {kind: statistics.median(of[kind]) for kind in of} for name, of in
                  (("whole", whole), ("drained", drained), ("cpu", cpu))}  # fmt: skip
        rows.append(
            [
                str(groups),
                *(f"{middle['whole'][kind]:.0f}" for kind in ("copydesk", "plain")),
                *(f"{middle['drained'][kind]:.0f}" for kind in ("copydesk", "plain")),
                f"{middle['drained']['copydesk'] / middle['drained']['plain']:.2f}x",
                *(f"{middle['cpu'][kind]:.0f}" for kind in ("copydesk", "plain")),
            ]
        )
    head = ["groups", "admit to ack/s", "plain", "read and acked/s", "plain", "ratio", "CPU, us each", "plain"]
    show("Documents", head, rows)


def latency(desk, made, a_second, rounds):
    """Milliseconds from the admission (the time in the id of its entry) to a consumer that waits, at a steady pace."""
    tasks = with_prints(made)
    rows = []
    for number in range(rounds):
        for kind in ("copydesk", "plain") if number % 2 else ("plain", "copydesk"):
            desk.fresh()
            with readers(kind, 1, len(tasks), desk.url) as told:
                began = time.perf_counter()
                for n in range(0, len(tasks), FEW):
                    time.sleep(max(0.0, began + n / a_second - time.perf_counter()))
                    desk.admit(tasks[n : n + FEW])
                pace = len(tasks) / (time.perf_counter() - began)
                said = told()
            took = sorted(1e3 * at - int(id_.partition("-")[0]) for id_, at in said["came"])
            quantiles = (f"{took[int(share * len(took))]:.1f}" for share in (0.5, 0.99))
            rows.append([kind, f"{pace:.0f}", *quantiles, f"{1e3 * said['late_p99']:.1f}"])
    show(
        "From the admission to a waiting consumer",
        ["", "documents/s", "p50, ms", "p99, ms", "its loop late, p99, ms"],
        rows,
    )


def memory(desk, extractions, bodies):
    """Bytes that Redis takes for what is kept, of pages with their real texts."""
    desk.fresh()
    made = drafts(extractions, 1_000, seed=7)
    before = desk.client.info("memory")["used_memory"]
    done = desk.admit_all(with_prints(made))
    grown = (desk.client.info("memory")["used_memory"] - before) / len(done)
    stream = desk.client.memory_usage(keys.DOCUMENTS, samples=0) / len(done)
    lines = b"".join(outcome.document.model_dump_json().encode() + b"\n" for outcome in done)
    text = sum(len(outcome.document.text.encode()) for outcome in done) / len(done)
    rows = [
        ["a document's text", f"{text:.0f}"],
        ["entry of the stream", f"{stream:.0f}"],
        ["copy index, 1,000 documents in it", f"{grown - stream:.0f}"],
        ["JSON line of the files by day, as it is", f"{len(lines) / len(done):.0f}"],
        ["the same, zstd", f"{len(zstandard.compress(lines)) / len(done):.0f}"],
    ]
    sizes = []
    for n, (body, of) in enumerate(zip(bodies, extractions, strict=False)):
        item = Item(
            url=f"https://news.example/{n}",
            canonical_url=f"https://news.example/{n}",
            source="0123456789ab",
            title=of.title,
        )
        ref = PageRef(id=f"{n:024x}", item=item, final_url=item.url, status=200, fetched_at=NOW, bytes=len(body))
        desk.client.set(keys.body(ref.id), pack(body), ex=60)
        fields = {
            "ref": ref.model_dump_json(),
            "item": item.model_dump_json(),
            "owner": "0" * 32,
            "outcome": "original",
        }
        desk.client.hset(keys.page(ref.id), mapping=fields)
        desk.client.set(keys.extraction(ref.id), pack_extraction(of))
        names = (keys.body(ref.id), keys.page(ref.id), keys.extraction(ref.id))
        sizes.append([len(body), *(desk.client.memory_usage(name) for name in names)])
    raw, body, page, extraction = (statistics.mean(column) for column in zip(*sizes, strict=True))
    rows += [
        [f"body of a page ({raw:.0f} as it came)", f"{body:.0f}"],
        ["page, beside its body", f"{page:.0f}"],
        ["extraction, until the verdict", f"{extraction:.0f}"],
    ]
    show("Bytes each, on the average", ["", "bytes"], rows)


def at_the_cap(desk, made):
    """What an admission costs the server when its stream is full: nothing is read, so that each drop tells who misses it."""
    tasks = with_prints(made)
    cap = len(tasks) // 2
    rows = []
    for groups in (0, 4, 16):
        desk.cap = cap
        desk.fresh()
        for n in range(groups):
            desk.client.xgroup_create(keys.DOCUMENTS, f"slow-{n}", id="0", mkstream=True)
        costs = []
        for part in (tasks[:cap], tasks[cap:]):
            calls, spent = desk.scripts()
            desk.admit_all(part)
            now_calls, now_spent = desk.scripts()
            costs.append((now_spent - spent) / (now_calls - calls))
        gaps = int(desk.client.hget(keys.COUNTS, "stream:dropped") or 0)
        rows.append([str(groups), *(f"{cost:.0f}" for cost in costs), str(gaps)])
    desk.cap = 1_000_000
    show(
        "Microseconds of an admission's script",
        ["groups behind", "below the cap", "at the cap", "dropped unread"],
        rows,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="throughput,latency,memory,cap", help="parts, comma-separated")
    options = parser.parse_args()
    wanted = options.only.split(",")
    extractions, bodies, said = stock(options.shared, min(200, options.documents))
    print(f"{len(extractions)} texts of {said}")
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as folder:
        with EmbeddedServer(Path(folder)) as server:
            desk = Desk(server)
            if "throughput" in wanted:
                throughput(desk, drafts(extractions, options.documents), options.rounds)
            if "latency" in wanted:
                latency(desk, drafts(extractions, options.documents, seed=1), 200, options.rounds)
            if "memory" in wanted:
                memory(desk, extractions, bodies)
            if "cap" in wanted:
                at_the_cap(desk, drafts(extractions, options.documents, seed=2))
        server.wait_until_stopped(30)


if __name__ == "__main__":
    main()
