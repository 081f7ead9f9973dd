"""What the copy index costs at each size, as a picture."""

import re
from io import StringIO

import matplotlib as mpl
from matplotlib import pyplot as plt

mpl.use("svg")

INK = "#7a828e"
"""Readable on white and on black."""
COLOURS = {"copydesk": "#2f81f7", "simhash": "#d1603d", "minhash": "#2da44e"}
NAMES = {"copydesk": "copydesk, in Redis", "simhash": "SimhashIndex, in memory", "minhash": "MinHashLSH, in memory"}


def index(rows, others, path):
    """Draw bytes a document, and the time of an admission, over the number of documents.

    Args:
        rows: Figures of copydesk, a dict a size.
        others: Figures of the other indexes; those that were stopped have no figures.
        path: The SVG file.
    """
    style = {"svg.hashsalt": "copydesk", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
    style |= dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK)
    with mpl.rc_context(style):
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
            axes.spines[["top", "right"]].set_visible(False)
            axes.patch.set_alpha(0)
        figure.patch.set_alpha(0)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    # Coordinates with six places say no more than with two.
    drawn = re.sub(r"(\d+\.\d\d)\d+", r"\1", text.getvalue())
    path.write_text(re.sub(r"[ \t]+\n", "\n", drawn), encoding="utf-8")
