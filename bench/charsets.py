"""Share of pages whose encoding is read right: ``python bench/charsets.py PAGES.jsonl.xz``.

Right: of letters and digits no more than 1 % differ from those of the labelled encoding.
"""

import base64
import json
import lzma
import re
import sys
from collections import Counter

from copydesk.core.decode import decode

# The labels' spelling, where Python has another one; the browsers' readings of SHIFT_JIS, GB2312 and EUC-KR are wider.
CODECS = {"SHIFT_JIS": "cp932", "EUC-JP": "euc_jp", "GB2312": "gb18030", "EUC-KR": "cp949", "KOI8-R": "koi8_r"}


def letters(text):
    return re.sub(r"[\W_]", "", text)


def main():
    all_, right, unknown = Counter(), Counter(), Counter()
    with lzma.open(sys.argv[1], "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            label = row["encoding"]
            body = base64.b64decode(row["b64"])
            try:
                true = letters(body.decode(CODECS.get(label) or re.sub(r"-[a-z]{4,}$", "", label), "replace"))
            except LookupError:
                unknown[label] += 1
                continue
            got = letters(decode(body))
            wrong = sum(a != b for a, b in zip(true, got, strict=False)) + abs(len(true) - len(got))
            all_[label] += 1
            right[label] += wrong <= 0.01 * len(true)
    for label, count in sorted(all_.items()):
        print(f"{label:26} {right[label]:4} of {count}")
    print(f"{'all':26} {right.total():4} of {all_.total()}: {right.total() / all_.total():.4f}")
    if unknown:
        print(f"labels that are no encoding of Python's: {dict(unknown)}")


if __name__ == "__main__":
    main()
