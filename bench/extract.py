"""Quality and CPU of article extractors, side by side in one run: ``make bench-extract``.

Each extractor is a process of its own (``extractors.py``), of which one works at a time. They take turns every few pages,
so that a machine whose clock wanders is no slower for one than for another.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from extractors import EXTRACTORS
from tables import show

ROOT = Path(__file__).parents[1]
RIVALS = ROOT / ".venv-bench/bin/python"
SETS = ("scrapinghub-A", "trafilatura-eval", "newspaper3k-tests", "wcxb-dev-articles")
OURS, BASE = "copydesk", "trafilatura"
TURN = 5
"""Pages of one turn: few against the drift of the clock, enough for warm caches."""
LIMIT = 20.0
"""Seconds that a page may take; one that takes more is lost, and counts with this."""
NOTES = """\
F1, P, R  word 4-grams shared with the text that people marked, a mean of pages; segF1: of segments that belong, or do not
lost      pages without a text, among them those that ended in an error or took more than {limit:g} s (in brackets, where any)
CPU       milliseconds of a page in one warm process, decoding, parsing and metadata included where the extractor has them;
          those that give HTML (readability-lxml, magic-html) with lxml's conversion to text. Half of the pages take less
          than "median"; "of base": the sum of all pages by that of trafilatura with metadata, comments off, same pages"""


@dataclass
class Score:
    """What one extractor did on one set."""

    precisions: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)
    right: int = 0
    wrong: int = 0
    missed: int = 0
    lost: int = 0
    failed: int = 0
    seconds: list[float] = field(default_factory=list)


class Child:
    """An extractor's process; one that dies on a page is started anew with the next."""

    def __init__(self, name, python):
        self.name = name
        self._command = [str(python), str(ROOT / "bench/extractors.py"), name, str(LIMIT)]
        self.missing = None
        self._process = None

    def start(self):
        """Start, and wait until it is warm."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        first = json.loads(self._process.stdout.readline() or '{"missing": "it does not start"}')
        self.missing = first.get("missing")

    def extract(self, page):
        """Return the answer on a page."""
        if self._process is None:
            self.start()
        try:
            self._process.stdin.write(json.dumps({k: page.get(k) for k in ("url", "html", "html_b64")}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            status = self._end()
            return {"text": "", "seconds": LIMIT, "error": f"the process ended with status {status}"}
        return json.loads(line)

    def _end(self):
        self._process.stdin.close()
        self._process.stdout.close()
        status, self._process = self._process.wait(), None
        return status

    def stop(self):
        """End the process."""
        if self._process is not None:
            self._end()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    options.add_argument("--sets", nargs="+", default=SETS, choices=SETS, metavar="SET", help=", ".join(SETS))
    options.add_argument("--only", nargs="+", default=list(EXTRACTORS), choices=EXTRACTORS, metavar="EXTRACTOR")
    options.add_argument("--sample", type=int, default=1, metavar="N", help="every Nth page only")
    options.add_argument("--python", type=Path, default=RIVALS, help="Python of the environment with the others")
    options.add_argument("--plot", type=Path, metavar="FILE", help="draw quality against cost as SVG")
    options.add_argument("--jsonl", type=Path, metavar="FILE", help="write the figures, one line a set and extractor")
    options = options.parse_args()
    if not (options.shared / "score").is_dir():
        print(f"{options.shared}: the labelled data is not here; nothing was measured")
        return 0
    scorer = load(options.shared / "score/score_extraction.py")
    children = started([name for name in EXTRACTORS if name in {*options.only, BASE}], options.python)
    rows = []
    try:
        for set_ in options.sets:
            pages = labelled(scorer.read(options.shared / "data/pages" / f"{set_}.jsonl.xz"))[:: options.sample]
            scores = measure(set_, pages, children, scorer)
            for name, score in scores.items():
                about = {"set": set_, "extractor": name, "pages": len(pages)}
                rows.append(about | figures(score, scores[BASE], scorer))
    finally:
        for child in children:
            child.stop()
    report(rows)
    if options.jsonl:
        options.jsonl.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if options.plot:
        import plots  # noqa: PLC0415 -- matplotlib is needed for this alone

        plots.extraction(rows, options.plot)
    return 0


def load(path):
    """The scorer that came with the data."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def labelled(pages):
    """Those that the scorer scores."""
    return [page for page in pages if (page.get("gold_text") or "").strip() or page.get("with") or page.get("without")]


def started(names, rivals):
    """The extractors that are installed; of the others it is said why they are left out."""
    children = []
    for name in names:
        ours = name == OURS or name.startswith(BASE)
        if not ours and not rivals.exists():
            note(f"{name} is left out: there is no {rivals}; `make bench-extract` makes it")
            continue
        child = Child(name, sys.executable if ours else rivals)
        child.start()
        if child.missing:
            note(f"{name} is left out: {child.missing}")
            child.stop()
        else:
            children.append(child)
    return children


def measure(set_, pages, children, scorer):
    """Scores by extractor's name."""
    scores = {child.name: Score() for child in children}
    for start in range(0, len(pages), TURN):
        # Another one begins each time.
        first = start // TURN % len(children)
        for child in children[first:] + children[:first]:
            for page in pages[start : start + TURN]:
                found = child.extract(page)
                if found["error"]:
                    note(f"{set_}: {child.name}: page {page['id']}: {found['error']}")
                add(scores[child.name], page, found, scorer)
        if start // TURN % 10 == 9:
            note(f"{set_}: {start + TURN} of {len(pages)} pages")
    return scores


def add(score, page, found, scorer):
    """Count a page as the scorer's own ``main`` does."""
    text = found["text"]
    score.seconds.append(found["seconds"])
    score.failed += found["error"] is not None
    score.lost += not text.strip()
    if (page.get("gold_text") or "").strip():
        precision, recall = scorer.page_precision_recall(page["gold_text"], text)
        score.precisions += [] if precision is None else [precision]
        score.recalls += [] if recall is None else [recall]
    flat = scorer.SPACE.sub(" ", text)
    standing = [part in text or scorer.SPACE.sub(" ", part) in flat for part in page.get("with") or []]
    score.right += sum(standing)
    score.missed += len(standing) - sum(standing)
    score.wrong += sum(part in text or scorer.SPACE.sub(" ", part) in flat for part in page.get("without") or [])


def figures(score, base, scorer):
    """What a row says of a score, beside that of the base."""
    precision, recall = (statistics.fmean(values) if values else None for values in (score.precisions, score.recalls))
    right, wrong, missed = score.right, score.wrong, score.missed
    return {
        "f1": scorer.f1(precision, recall) if precision is not None and recall is not None else None,
        "precision": precision,
        "recall": recall,
        "seg_f1": scorer.f1(right / max(1, right + wrong), right / (right + missed)) if right + missed else None,
        "lost": score.lost,
        "failed": score.failed,
        "ms_median": 1000 * statistics.median(score.seconds),
        "ms_mean": 1000 * statistics.fmean(score.seconds),
        "seconds": sum(score.seconds),
        "of_base": sum(score.seconds) / sum(base.seconds),
    }


def report(rows):
    """Print them, a table a set."""
    by_set = defaultdict(list)
    for row in rows:
        by_set[row["set"]].append(row)
    columns = ("extractor", "F1", "P", "R", "segF1", "lost", "CPU median", "mean", "total s", "of base")
    for set_, of in by_set.items():
        cells = [
            [
                row["extractor"],
                *(told(row[key]) for key in ("f1", "precision", "recall", "seg_f1")),
                f"{row['lost']}" + (f" ({row['failed']})" if row["failed"] else ""),
                f"{row['ms_median']:.1f}",
                f"{row['ms_mean']:.1f}",
                f"{row['seconds']:.1f}",
                f"{row['of_base']:.2f}",
            ]
            for row in of
        ]
        show(f"{set_}, {of[0]['pages']} pages", columns, cells)
    print("\n" + NOTES.format(limit=LIMIT))


def told(share):
    """A share as the tables have it."""
    return "" if share is None else f"{share:.4f}"


def note(message):
    """Tell those who wait."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
