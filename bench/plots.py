"""What was measured, as pictures: the cost of the copy index at each size, extractors' quality against their cost."""

import re
from io import StringIO

import matplotlib as mpl
from matplotlib import pyplot as plt

mpl.use("svg")

INK = "#7a828e"
"""Readable on white and on black."""
COLOURS = {"copydesk": "#2f81f7", "simhash": "#d1603d", "minhash": "#2da44e"}
NAMES = {"copydesk": "copydesk, in Redis", "simhash": "SimhashIndex, in memory", "minhash": "MinHashLSH, in memory"}
SIDES = {
    "copydesk": ((0, 7), "center"),
    "readability-lxml": ((-5, -3), "right"),
    "trafilatura fast": ((-5, -2), "right"),
    "trafilatura recall": ((-5, -9), "right"),
    "trafilatura precision": ((5, -9), "left"),
}
STYLE = {"svg.hashsalt": "copydesk", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
STYLE |= dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK)


def index(rows, others, path):
    """Draw bytes a document, and the time of an admission, over the number of documents.

    Args:
        rows: Figures of copydesk, a dict a size.
        others: Figures of the other indexes; those that were stopped have no figures.
        path: The SVG file.
    """
    with mpl.rc_context(STYLE):
        figure, (memory, time) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
        series = {"copydesk": rows}
        for name in ("simhash", "minhash"):
            series[name] = [row for row in others if row["index"] == name and "stopped" not in row]
        for name, of in series.items():
            sizes = [row["documents"] for row in of]
            memory.plot(sizes, [row["bytes_a_document"] for row in of], "o-", color=COLOURS[name], label=NAMES[name])
        sizes = [row["documents"] for row in rows]
        for key, line, label in (("admit_p50_ms", "-", "half of them"), ("admit_p99_ms", "--", "99 of 100")):
            time.plot(sizes, [row[key] for row in rows], "o", linestyle=line, color=COLOURS["copydesk"], label=label)
        memory.axhline(500, color=INK, linewidth=0.6, linestyle=":")
        for axes, title in ((memory, "bytes a document"), (time, "milliseconds until one document is admitted")):
            axes.set(xscale="log", xlabel="documents in the window", title=title, ylim=(0, None))
            axes.legend(frameon=False)
        _write(figure, path)


def extraction(rows, path):
    """Draw the quality of each extractor over its cost, a panel a set.

    Args:
        rows: Figures, a dict a set and extractor.
        path: The SVG file.
    """
    sets = list(dict.fromkeys(row["set"] for row in rows))
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots((len(sets) + 1) // 2, 2, figsize=(9, 6.4), layout="constrained", squeeze=False)
        for axes in panels.flat[len(sets) :]:
            axes.set_visible(False)
        for axes, set_ in zip(panels.flat, sets, strict=False):
            of = [row for row in rows if row["set"] == set_]
            key = "f1" if of[0]["f1"] is not None else "seg_f1"
            for row in of:
                ours = row["extractor"] == "copydesk"
                colour = (
                    COLOURS["copydesk"] if ours else COLOURS["simhash"] if "trafilatura" in row["extractor"] else INK
                )
                axes.plot(row["of_base"], row[key], "o", color=colour, markersize=6 if ours else 4)
                # The modes of one extractor lie close together: each has a side of its own for its name.
                offset, side = SIDES.get(row["extractor"], ((5, -3), "left"))
                place = {"xytext": offset, "ha": side, "textcoords": "offset points", "fontsize": 7, "color": colour}
                axes.annotate(row["extractor"], (row["of_base"], row[key]), **place)
            axes.set(xscale="log", xlim=(None, 12), title=f"{set_}: {'F1' if key == 'f1' else 'segF1'}")
            axes.set_xlabel("CPU, trafilatura with metadata = 1")
            axes.xaxis.set_major_formatter("{x:g}")
        _write(figure, path)


def _write(figure, path):
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.patch.set_alpha(0)
    figure.patch.set_alpha(0)
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    # Coordinates with six places say no more than with two.
    drawn = re.sub(r"(\d+\.\d\d)\d+", r"\1", text.getvalue())
    path.write_text(re.sub(r"[ \t]+\n", "\n", drawn), encoding="utf-8")
