"""Pages for ``pipeline.py``: the labelled ones where they are, made-up ones of the same sizes elsewhere."""

import base64
import gzip
import lzma
import random
from json import loads

SETS = ("trafilatura-eval", "wcxb-dev-articles", "newspaper3k-tests", "scrapinghub-A", "mediacloud-fixtures.nogold")
# Of the labelled pages: the median of their bytes, how far they spread around it (of the logarithm), and the largest.
MEDIAN_BYTES, SPREAD, MOST_BYTES = 100_000, 0.9, 1_800_000


def pages(data, number):
    """So many pages as (type, compressed body), in an order that is always the same, and where they come from."""
    files = [data / "pages" / f"{name}.jsonl.xz" for name in SETS]
    if not all(path.is_file() for path in files):
        return [compressed(*made_up(n)) for n in range(number)], "made-up pages: the labelled ones are not there"
    found = [compressed(*record_of(line)) for path in files for line in lines(path)]
    random.Random(1).shuffle(found)
    return [found[n % len(found)] for n in range(number)], "real pages of the labelled data"


def compressed(kind, body):
    return kind, gzip.compress(body, 1), len(body)


def lines(path):
    with lzma.open(path, "rt", encoding="utf-8") as file:
        yield from file


def record_of(line):
    page = loads(line)
    if page.get("html") is not None:
        return "text/html; charset=utf-8", page["html"].encode("utf-8", "replace")
    return "text/html", base64.b64decode(page["html_b64"])


def made_up(number):
    """A page as news sites send it: paragraphs of an article within menus and teasers, and data for scripts."""
    rng = random.Random(number)
    size = min(MOST_BYTES, rng.lognormvariate(0, SPREAD) * MEDIAN_BYTES)
    words = ["".join(rng.choices("abcdefghilmnoprstuv", k=rng.randint(2, 9))) for _ in range(400)]

    def sentence(most=24):
        return " ".join(rng.choices(words, k=rng.randint(6, most))).capitalize() + "."

    paragraphs = "".join(f"<p>{' '.join(sentence() for _ in range(4))}</p>\n" for _ in range(rng.randint(5, 25)))
    title = sentence(12)
    menu, data = [], []
    while sum(map(len, menu)) + len(paragraphs) < size / 2:
        menu.append(
            f'<li class="item-{rng.randint(1, 99)}"><a href="/{rng.choice(words)}">{rng.choice(words)}</a></li>\n'
        )
        if rng.random() < 0.05:
            menu.append(f'<div class="teaser"><h3><a href="/{rng.choice(words)}">{sentence(9)}</a></h3></div>\n')
    while sum(map(len, data)) < size / 2:
        data.append(f'"{rng.choice(words)}": "{sentence()}",\n')
    head = f'<title>{title}</title><meta charset="utf-8"><meta property="og:title" content="{title}">'
    head += f'<meta property="article:published_time" content="2026-10-{1 + number % 28:02d}T08:00:00Z">'
    nav, script = "".join(menu), "".join(data)
    body = f"<nav><ul>{nav}</ul></nav><main><article><h1>{title}</h1>\n{paragraphs}</article></main><script>{{{script}}}</script>"
    return "text/html; charset=utf-8", f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()
