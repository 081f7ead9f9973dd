"""Two usual indexes at the same sizes, as far as they get: the simhash package's and datasketch's, both in memory."""

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import synthetic
from datasketch import MinHash, MinHashLSH
from simhash import Simhash, SimhashIndex

SECONDS, BYTES = 300, 6_000_000_000
QUERIES = 2_000
NAMES = {"simhash": "SimhashIndex, distance 3", "minhash": "MinHashLSH at 0.5, 128 permutations"}


def run(sizes, note):
    """Return the figures of each, one process a size; a size that takes too long or too much ends it."""
    rows = []
    for name in NAMES:
        for size in sizes:
            done = subprocess.run(
                [sys.executable, __file__, name, str(size)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                rows.append({"index": name, "documents": size, "stopped": (done.stderr.strip() or "killed")[-200:]})
                note(json.dumps(rows[-1]))
                break
            rows.append(json.loads(done.stdout))
            note(done.stdout.strip())
    return rows


def table(rows):
    """Print them."""
    for row in rows:
        title = f"{NAMES[row['index']]:36} {row['documents']:>11,} documents"
        if "stopped" in row:
            print(f"{title}: {row['stopped']}")
        else:
            print(
                f"{title}: {row['bytes_a_document']:,.0f} B/document, query and insert p50 {row['p50_ms']:.3f} ms, "
                f"p99 {row['p99_ms']:.3f} ms, {row['random_candidates']:.2f} random candidates"
            )


def resident():
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def simhash(values):
    """Insert and query of the simhash package's index."""
    logging.getLogger().setLevel(logging.CRITICAL)  # it warns of every large bucket
    index = SimhashIndex([], f=64, k=3)

    def use(number, queried):
        value = Simhash(int(values[number]))
        found = index.get_near_dups(value) if queried else ()
        index.add(str(number), value)
        return len(found)

    return use


def minhash(values):
    """Insert and query of datasketch's index; the signatures are random, as those of texts that share nothing are."""
    index = MinHashLSH(threshold=0.5, num_perm=128)
    random, scheme = np.random.default_rng(1), MinHash(num_perm=128).scheme

    def use(number, queried):
        values = random.integers(0, 1 << 32, 128, dtype=np.uint64)
        signature = MinHash(num_perm=128, hashvalues=values, scheme=scheme)
        found = index.query(signature) if queried else ()
        index.insert(str(number), signature)
        return len(found)

    return use


def main():
    name, size = sys.argv[1], int(sys.argv[2])
    values = synthetic.mixed(np.arange(size + QUERIES, dtype=np.uint64), 13)
    use = {"simhash": simhash, "minhash": minhash}[name](values)
    before, begin = resident(), time.perf_counter()
    for number in range(size):
        use(number, False)
        if number % 10_000 == 0 and (time.perf_counter() - begin > SECONDS or resident() > BYTES):
            sys.exit(
                f"stopped at {number:,} documents, after {time.perf_counter() - begin:.0f} s, "
                f"with {(resident() - before) / max(number, 1):,.0f} B/document"
            )
    grown = (resident() - before) / size
    seconds, found = [], 0
    for number in range(size, size + QUERIES):
        start = time.perf_counter()
        found += use(number, True)
        seconds.append(time.perf_counter() - start)
    p50, p99 = (float(np.percentile(seconds, part)) * 1e3 for part in (50, 99))
    row = {"index": name, "documents": size, "bytes_a_document": grown, "p50_ms": p50, "p99_ms": p99}
    print(json.dumps(row | {"random_candidates": found / QUERIES}))


if __name__ == "__main__":
    main()
