"""Quality and cost on the labelled data, beside the usual choices, in one run: ``make bench``."""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPYDESK = ROOT / ".venv/bin/copydesk"
BASELINES = f"{sys.executable} {ROOT / 'bench/baselines.py'}"

PAGES = ("scrapinghub-A", "newspaper3k-tests")
COPIES = ("wire-copies",)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the labelled data")
    options.add_argument("--all", action="store_true", help="the large sets too")
    options = options.parse_args()
    score, data = options.shared / "score", options.shared / "data"
    if not score.is_dir():
        print(f"{options.shared}: the labelled data is not here; nothing was scored")
        return 0
    pages = PAGES + (("trafilatura-eval", "wcxb-dev-articles") if options.all else ())
    copies = COPIES + (("abp",) if options.all else ())

    def run(title, program, *arguments, command=None):
        print(f"\n== {title}", flush=True)
        given = ["--with", command] if command else []
        done = subprocess.run([sys.executable, score / program, *given, *arguments], cwd=ROOT, check=False)
        return done.returncode

    page_files = [str(data / "pages" / f"{name}.jsonl.xz") for name in pages]
    copy_sets = [str(data / "neardup" / name) for name in copies]
    lines = [str(data / "boilerplate/recurring-lines.jsonl.xz"), str(data / "neardup/abp.docs.jsonl.xz")]
    return max(
        run("cleaning the five seeds: copydesk", "score_cleaning.py", command=f"{COPYDESK} clean --jsonl"),
        run("cleaning recurring lines: copydesk", "score_lines.py", *lines, command=f"{COPYDESK} clean --jsonl"),
        run("extraction: copydesk", "score_extraction.py", *page_files, command=f"{COPYDESK} extract --jsonl"),
        run("extraction: trafilatura alone", "score_extraction.py", *page_files, command=f"{BASELINES} trafilatura"),
        run("charsets: copydesk", ROOT / "bench/charsets.py", str(data / "charset/chardet-pages.jsonl.xz")),
        run("copies: copydesk", "score_copies.py", *copy_sets, command=f"{COPYDESK} dedup --jsonl"),
        run("copies: a SimHash a document, distance 3", "score_copies.py", *copy_sets, command=f"{BASELINES} simhash"),
    )


if __name__ == "__main__":
    sys.exit(main())
