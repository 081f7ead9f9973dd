"""Copy detection beside the usual choices, on the same data in the same run: ``make bench-copies``."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import baselines
import minhashes
from baselines import Detector
from desk import Copydesk
from suite import COPY, ENGLISH, OTHERS, ROUND_UP, Suite, build
from tables import show

ROOT = Path(__file__).parents[1]
COPYDESK, ORACLE = "copydesk", "oracle"
TITLES = {
    COPYDESK: "copydesk",
    "simhash": "SimHash d3",
    "minhash-0.5": "MinHash .5",
    "minhash-0.8": "MinHash .8",
    "rensa-r": "rensa R",
    "rensa-c": "rensa C",
    ORACLE: "5-grams",
}
NOTES = """\
copydesk    MemoryIndex and default thresholds; on the labelled sets `copydesk dedup --jsonl`
SimHash d3  the simhash package's SimhashIndex as its documentation uses it: a fingerprint a document
            (of 3-grams of characters), distance 3
MinHash     datasketch's MinHashLSH at .5 and at .8, 128 permutations over word 3-grams (of characters where no spaces are)
rensa R, C  RMinHashDeduplicator (with LSH) and CMinHashDeduplicator as in its README: text.split(), 128 permutations, .8
5-grams     exact word 5-grams in an inverted index, by the lines that label the sets: there an oracle, no contender

Shares are of cases. A form is looked up for itself among all articles; found: a copy, of the cluster that its article is in.
Cost: milliseconds of CPU a document, in one process."""
SCORES = ("recall", "precision", "lenient", "copy_of", "B3")
NOVEL = 0.3
"""Novelty up to which a round-up counts as known."""
KNOWN = "novelty <= .3"
FLAGGED = "flagged"
FOUND = "found, {}"
NEVER_COMPARED = "never compared"
TABLES = {
    FOUND.format(ENGLISH): "Rewritten forms, share found: English articles",
    FOUND.format(OTHERS): "Rewritten forms, share found: beginnings of articles (1,000 characters) in other languages",
    FLAGGED: "No copies, share flagged as copies (the lower the better)",
    KNOWN: "Round-ups stitched from three articles, share with a novelty of at most .3",
}

Table = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        sets: By labelled set, contender, score.
        forms: By table, form, contender: shares of cases.
        copydesk: By language, form: share found by copydesk; and the share never compared with the article.
        cost: By step, contender: milliseconds of CPU a document.
    """

    sets: dict[str, Table]
    forms: dict[str, Table]
    copydesk: Table
    cost: Table


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    options.add_argument("--quick", action="store_true", help="wire-copies and a fifth of the forms")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = options.parse_args()
    data = options.shared / "data" / "neardup"
    if not data.is_dir():
        print(f"{options.shared}: the labelled data is not here; nothing was measured")
        return
    figures = measure(data, options.shared / "score" / "score_copies.py", quick=options.quick)
    if options.json:
        options.json.write_text(json.dumps(vars(figures), indent=1) + "\n")
    report(figures)


def measure(data: Path, scorer: Path, *, quick: bool) -> Figures:
    """Return all figures."""
    sets: dict[str, Table] = {}
    for name in ("wire-copies",) if quick else ("wire-copies", "abp"):
        sets[name] = {}
        for contender in TITLES:
            progress(f"{name}: {contender}")
            sets[name][contender] = labelled(contender, data / name, scorer)
    progress("rewriting")
    suite = build(data, quick=quick)
    forms: dict[str, Table] = defaultdict(lambda: defaultdict(dict))
    own: Table = defaultdict(dict)
    cost: Table = defaultdict(dict)
    for contender in TITLES:
        progress(f"{len(suite.cases)} forms among {len(suite.articles)} articles: {contender}")
        for (table, row), value in look_up(contender, suite, cost).items():
            if table in TABLES:
                forms[table][row][contender] = value
            else:
                own[table][row] = value
    return Figures(sets, forms, own, cost)


def progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def labelled(contender: str, path: Path, scorer: Path) -> dict[str, float]:
    """Return a contender's scores on a labelled set, by the program that came with it."""
    module = minhashes if contender in minhashes.DETECTORS else baselines
    baseline = f"{sys.executable} {module.__file__} {contender}"
    command = f"{ROOT / '.venv/bin/copydesk'} dedup --jsonl" if contender == COPYDESK else baseline
    call = [sys.executable, scorer, "--with", command, path]
    done = subprocess.run(call, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found = dict(re.findall(r"(\w+) \(?([\d.]+)", done.stdout.replace("(lenient", "lenient")))
    return {score: float(found[score]) for score in SCORES}


def look_up(contender: str, suite: Suite, cost: Table) -> dict[tuple[str, str], float]:
    """Return what a contender says to the forms, by table and row; enter what it costs."""
    detector = new(contender)
    start = time.process_time()
    clusters = {a.id: detector.look_up_and_add(a.id, a.blocks).cluster for a in suite.articles}
    cost["look up and add"][contender] = 1000 * (time.process_time() - start) / len(suite.articles)
    # Later documents may have shown two clusters to be one story: what counts is where an article is now.
    wanted = {id_ for case in suite.cases for id_ in case.of}
    for article in (article for article in suite.articles if article.id in wanted):
        found = detector.look_up(f"again/{article.id}", article.blocks)
        clusters[article.id] = found.cluster if found.copy else clusters[article.id]
    start = time.process_time()
    counts: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for case in suite.cases:
        found = detector.look_up(f"case/{case.id}", case.blocks)
        if case.expect == COPY:
            right = found.copy and found.cluster == clusters[case.of[0]]
            counts[FOUND.format(case.group), case.form][right] += 1
            if isinstance(detector, Copydesk):
                counts[f"in {case.language}", case.form][right] += 1
                near = any(clusters[id_] == clusters[case.of[0]] for id_ in detector.compared)
                counts[NEVER_COMPARED, f"{case.form}, {case.group}"][not near] += 1
            continue
        counts[FLAGGED, f"{case.form}, {case.group}"][found.copy] += 1
        if case.expect == ROUND_UP and found.novelty is not None:
            counts[KNOWN, case.form][found.novelty <= NOVEL] += 1
    cost["look up"][contender] = 1000 * (time.process_time() - start) / len(suite.cases)
    return {key: count[True] / count.total() for key, count in counts.items()}


def new(contender: str) -> Detector:
    """Return a detector without a document."""
    return {COPYDESK: Copydesk, **baselines.DETECTORS, **minhashes.DETECTORS}[contender]()


def report(figures: Figures) -> None:
    """Print all tables, and where copydesk loses."""
    print(NOTES, flush=True)
    for name, table in figures.sets.items():
        rows = [
            [TITLES[contender], *(f"{scores[score]:.4f}" for score in SCORES)] for contender, scores in table.items()
        ]
        show(f"The set {name}", ["", *SCORES], rows)
    for name, title in TABLES.items():
        rows = [
            [form, *(f"{values[contender]:.3f}" if contender in values else "" for contender in TITLES)]
            for form, values in figures.forms[name].items()
        ]
        show(title, ["", *TITLES.values()], rows)
    languages = {name: shares for name, shares in figures.copydesk.items() if name not in (NEVER_COMPARED, "in en")}
    rows = [
        [form, *(f"{of[form]:.3f}" if form in of else "" for of in languages.values())]
        for form in figures.forms[FOUND.format(OTHERS)]
    ]
    show("Rewritten forms, share found by copydesk", ["", *(name.removeprefix("in ") for name in languages)], rows)
    rows = [[form, f"{share:.4f}"] for form, share in figures.copydesk[NEVER_COMPARED].items() if share]
    show(
        "Rewritten forms, share that copydesk never compared with the article: misses of the index", ["", "share"], rows
    )
    cost = figures.cost
    rows = []
    for step, values in cost.items():
        rows.append([f"{step}, ms", *(f"{values[contender]:.2f}" for contender in TITLES)])
        rows.append(["  by copydesk's", *(f"{values[contender] / values[COPYDESK]:.2f}" for contender in TITLES)])
    show("Cost a document", ["", *TITLES.values()], rows)
    print("\nWhere copydesk loses:")
    print("\n".join(losses(figures)) or "nowhere")


def losses(figures: Figures) -> list[str]:
    """Return the rows in which another one does better, with the best of them."""
    lines = []
    for name, table in figures.sets.items():
        for score in SCORES:
            of = {contender: scores[score] for contender, scores in table.items() if contender != ORACLE}
            lines += _loss(f"{name}, {score}", of, higher=True)
    for name, table in figures.forms.items():
        for form, of in table.items():
            lines += _loss(f"{name}, {form}", of, higher=name != FLAGGED)
    for step, of in figures.cost.items():
        lines += _loss(f"cost, {step}", of, higher=False)
    return lines


def _loss(name: str, of: dict[str, float], *, higher: bool) -> list[str]:
    best = (max if higher else min)(of, key=lambda contender: of[contender])
    worse = of[best] > of[COPYDESK] if higher else of[best] < of[COPYDESK]
    return [f"  {name}: {of[COPYDESK]:.4g}, {TITLES[best]} {of[best]:.4g}"] if worse else []


if __name__ == "__main__":
    main()
