"""What each threshold trades for what, as a plot: ``python bench/tradeoff.py --shared ../shared [--svg FILE]``.

One threshold is moved at a time, the others keep their defaults. Candidates do not depend on thresholds, so that they are
looked up once; the clusters that they had by the defaults are kept.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import asdict, dataclass, replace
from io import StringIO
from pathlib import Path

import matplotlib as mpl
from desk import ReadOnly, judged
from grams import grams
from matplotlib import pyplot as plt
from suite import COPY, build, read

from copydesk.core.thresholds import DEFAULT, Thresholds
from copydesk.models import Verdict
from copydesk.runtime.memory_index import MemoryIndex

mpl.use("svg")

ROOT = Path(__file__).parents[1]
SWEPT = {
    "alike": (0.26, 0.31, 0.36, 0.41, 0.46, 0.51, 0.56, 0.61, 0.66),
    "contained": (0.54, 0.64, 0.74, 0.79, 0.84, 0.89, 0.94, 0.98),
    "carried": (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75),
    "rewrite_distance": (0, 8, 12, 14, 16, 18, 20, 22, 24),
}
COLOURS = {"alike": "#2f81f7", "contained": "#d1603d", "carried": "#2da44e", "rewrite_distance": "#a475f9"}
INK = "#7a828e"
"""Readable on white and on black."""
LINES = {"recall": "-", "strict": "--", "forms": "-.", "spared": ":"}
TITLES = {"recall": "recall", "strict": "precision", "forms": "hard forms found", "spared": "no copies, not flagged"}
HARD = {"cut to 40 %", "10 % edited", "15 % edited", "20 % edited", "OCR 2 %", "names respelt", "lead-in"}
"""Forms that are not found whatever the thresholds are."""


@dataclass(frozen=True)
class Point:
    """What came out with one threshold changed; all of them shares."""

    name: str
    value: float
    recall: float
    strict: float
    lenient: float
    forms: float
    spared: float


class Wire:
    """The set wire-copies, and its labels as score_copies.py reads them."""

    def __init__(self, data: Path) -> None:
        docs = sorted(read(data / "wire-copies.docs.jsonl.xz"), key=lambda doc: doc["scrape_time"])
        self.texts = [(doc["id"], doc["paragraphs"]) for doc in docs]
        order = {id_: number for number, (id_, _) in enumerate(self.texts)}
        sets = {id_: grams(blocks) for id_, blocks in self.texts}
        self.copies, self.dups, self.partials = set(), set(), set()
        for pair in read(data / "wire-copies.pairs.jsonl.xz"):
            early, late = sorted((pair["a"], pair["b"]), key=order.__getitem__)
            if pair["band"] == "dup":
                self.dups.add(late)
                if sets[late] and len(sets[late] & sets[early]) >= len(sets[late]) / 2:
                    self.copies.add(late)
            elif pair["band"] == "partial":
                self.partials.add(late)

    def scores(self, thresholds: Thresholds) -> tuple[float, float, float]:
        """Return recall, precision, lenient precision."""
        index = MemoryIndex()
        documents = [judged(index, id_, blocks, thresholds) for id_, blocks in self.texts]
        flagged = {document.id for document in documents if document.verdict is not Verdict.ORIGINAL}
        right, lenient = flagged & self.dups, flagged & (self.dups | self.partials)
        return len(flagged & self.copies) / len(self.copies), len(right) / len(flagged), len(lenient) / len(flagged)


class Forms:
    """Rewritten forms of articles, and texts that are no copies, among the same articles."""

    def __init__(self, data: Path) -> None:
        suite, whole = build(data, quick=True), build(data)
        index = MemoryIndex()
        for article in whole.articles:
            judged(index, article.id, article.blocks)
        self._index = ReadOnly(index)
        self._copies = [(case.id, case.blocks) for case in suite.cases if case.expect == COPY and case.form in HARD]
        self._others = [(case.id, case.blocks) for case in whole.cases if case.expect != COPY]

    def scores(self, thresholds: Thresholds) -> tuple[float, float]:
        """Return the share of the forms that is flagged, and the share of the others that is not."""
        return self._flagged(self._copies, thresholds), 1 - self._flagged(self._others, thresholds)

    def _flagged(self, texts, thresholds):
        found = [judged(self._index, id_, blocks, thresholds).verdict is Verdict.COPY for id_, blocks in texts]
        return sum(found) / len(found)


def sweep(data: Path) -> list[Point]:
    """Return a point for each value of each threshold, the default among them."""
    wire, forms = Wire(data), Forms(data)
    points = []
    for name, values in SWEPT.items():
        print(f"sweeping {name}", file=sys.stderr, flush=True)
        for value in sorted({*values, getattr(DEFAULT, name)}):
            thresholds = replace(DEFAULT, **{name: value})
            points.append(Point(name, value, *wire.scores(thresholds), *forms.scores(thresholds)))
    return points


def plot(points: list[Point], path: Path) -> None:
    """Draw the curves; the file is the same for the same points."""
    mpl.rcParams.update({
        "svg.hashsalt": "copydesk", "svg.fonttype": "none", "font.sans-serif": ["DejaVu Sans"], "font.size": 9,
        "axes.titlesize": 9, "axes.titlecolor": INK,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    })  # fmt: skip
    figure, panels = plt.subplot_mosaic(
        [["all", *list(SWEPT)[:2]], ["all", *list(SWEPT)[2:]]],
        figsize=(11, 5.2),
        width_ratios=(1.5, 1, 1),
        layout="constrained",
    )
    for name, colour in COLOURS.items():
        curve = [point for point in points if point.name == name]
        default = next(point for point in curve if point.value == getattr(DEFAULT, name))
        _against(panels["all"], curve, default, colour)
        _along(panels[name], curve, default, colour)
    panels["all"].set(title="wire-copies, one threshold moved", xlabel="recall", ylabel="precision (dotted: lenient)")
    panels["all"].legend(frameon=False, loc="lower left")
    for panel in panels.values():
        panel.grid(color=INK, alpha=0.25, linewidth=0.5)
    figure.legend(*panels["alike"].get_legend_handles_labels(), loc="outside lower right", ncols=4, frameon=False)
    drawn = StringIO()
    figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    path.write_text(_smaller(drawn.getvalue()))


def _smaller(svg: str) -> str:
    """Without indents, turns by nothing, and decimals that tell nothing."""
    svg = re.sub(r' transform="rotate\(-0 [^)]*\)"|^ +', "", svg, flags=re.MULTILINE)
    svg = re.sub(r" ?\n(?=[LMCz\"])", " ", svg)
    return re.sub(r"(?<![>\d.])\d+\.\d{3,}", lambda found: f"{float(found[0]):.1f}", svg)


def _against(panel, curve, default, colour):
    """Precision against recall, the values of the threshold beside their points."""
    recall = [point.recall for point in curve]
    panel.plot(recall, [point.strict for point in curve], ".-", color=colour, label=default.name)
    panel.plot(recall, [point.lenient for point in curve], ":", color=colour)
    panel.plot(default.recall, default.strict, "o", ms=12, mfc="none", mec=INK, mew=1.5)
    for point in (curve[0], curve[-1]):
        at = point.recall, point.strict
        if at == (default.recall, default.strict):
            continue
        panel.annotate(f"{point.value:g}", at, (4, 4), textcoords="offset points", color=colour, fontsize=8)


def _along(panel, curve, default, colour):
    """All shares along the values of one threshold."""
    values = [point.value for point in curve]
    for share, style in LINES.items():
        panel.plot(
            values,
            [getattr(point, share) for point in curve],
            style,
            color=INK if style == ":" else colour,
            label=TITLES[share],
        )
    panel.axvline(default.value, color=INK, linewidth=1)
    panel.set(title=f"{default.name}, default {default.value:g}", ylim=(0.57, 1.01))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    options.add_argument("--svg", type=Path, default=ROOT / "docs" / "copies-tradeoff.svg", metavar="FILE")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the points there")
    options = options.parse_args()
    data = options.shared / "data" / "neardup"
    if not data.is_dir():
        print(f"{options.shared}: the labelled data is not here; nothing was measured")
        return
    points = sweep(data)
    if options.json:
        options.json.write_text(json.dumps([asdict(point) for point in points], indent=1) + "\n")
    plot(points, options.svg)
    print(f"{options.svg} is drawn")


if __name__ == "__main__":
    main()
