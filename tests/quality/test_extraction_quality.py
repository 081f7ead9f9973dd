"""Floors of extraction and cleaning on labelled real texts, where ../shared is at hand; small samples, so that it is quick."""

import base64
import html
import importlib.util
import json
import lzma
import re
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import pytest

from copydesk.core.boilerplate import clean_text
from copydesk.core.decode import decode
from copydesk.core.extract import extract

SHARED = Path(__file__).parents[3] / "shared"
SEEDS, SCORE, DATA = SHARED / "seeds" / "labels.jsonl", SHARED / "score", SHARED / "data"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not SEEDS.exists(), reason="the labelled texts of ../shared are not here")


def scorer(name):
    spec = importlib.util.spec_from_file_location(name, SCORE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(path):
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def seeds():
    return [json.loads(line) for line in SEEDS.open(encoding="utf-8")] if SEEDS.exists() else []


def squeeze(text):
    return re.sub(r"\W+", " ", re.sub(r"\]\([^)]*\)", "]", text)).strip().lower()


def markup(text):
    """A line of a seed as HTML: its few markdown marks become elements."""
    text = html.escape(re.sub(r"^#+ ", "", text.strip()), quote=False)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r'<a href="/elsewhere">\1</a>', text)
    return re.sub(r"\*{1,2}([^*]+)\*{1,2}", r"<em>\1</em>", text)


def paragraphs(lines):
    return "".join(f"<p>{markup(line['text'])}</p>\n" for line in lines)


def breaks(lines):
    return "<div class='entry-content'>" + "<br>\n<br>\n".join(markup(line["text"]) for line in lines) + "</div>"


def divisions(lines):
    return "<div class='post-body'>" + "".join(f"<div>{markup(line['text'])}</div>\n" for line in lines) + "</div>"


def chrome(lines):
    """With the title as a heading, a menu above and a footer below."""
    title = next((markup(line["text"]) for line in lines if line["label"] == "title"), "A report from the front")
    rest = [line for line in lines if line["label"] != "title"]
    return (
        f"<header><nav><a href='/'>Home</a> <a href='/world'>World</a></nav></header><main><article><h1>{title}</h1>"
        f"{paragraphs(rest)}</article></main><footer><p>All about us</p></footer>"
    )


def page(form, lines):
    return f"<!DOCTYPE html><html lang='en'><head><title>A report</title></head><body>{form(lines)}</body></html>"


def wrong(lines, text):
    """Content lines that are missing, and boilerplate and second copies that are there."""
    kept = [squeeze(line) for line in text.split("\n")]
    lost = [line["text"] for line in lines if line["label"] == "content" and squeeze(line["text"]) not in kept]
    left = [
        line["text"]
        for line in lines
        if (line["label"] == "boilerplate" and squeeze(line["text"]) and squeeze(line["text"]) in kept)
        or (line["label"] == "repeat" and kept.count(squeeze(line["text"])) > 1)
    ]
    return lost, left


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed["file"][:3])
def test_seed_as_text(seed):
    lines = seed["lines"]

    text, _ = clean_text("\n".join(line["text"] for line in lines))

    assert wrong(lines, text) == ([], [])


@pytest.mark.parametrize("form", [paragraphs, breaks, divisions, chrome])
@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed["file"][:3])
def test_seed_as_a_page(seed, form):
    extraction = extract(page(form, seed["lines"]), "https://news.example/2017/06/24/report", now=NOW)

    assert extraction.rejected is None
    assert wrong(seed["lines"], extraction.text) == ([], [])


def test_recurring_lines_inside_articles():
    score = scorer("score_lines")
    lines = [line for line in rows(DATA / "boilerplate" / "recurring-lines.jsonl.xz") if score.squeeze(line["text"])]
    articles = []
    for document in rows(DATA / "neardup" / "abp.docs.jsonl.xz")[:300]:
        paragraphs_ = [part.strip() for part in document["text"].split("\n") if part.strip()]
        if 8 <= len(paragraphs_) <= 40:
            articles.append(paragraphs_)
    gone, asked, stay, headings, own, whole = [], 0, 0, 0, 0, 0
    for number, line in enumerate(lines[::3]):
        article = articles[number % len(articles)]
        at = round((line.get("mean_rel_position") or 0) * len(article))
        text, _ = clean_text("\n".join([*article[:at], line["text"], *article[at:]]))
        kept = {score.squeeze(part) for part in text.split("\n")}
        is_there = score.squeeze(line["text"]) in kept
        if line["label"] in score.BOILERPLATE:
            asked += 1
            gone += [] if is_there else [line]
        elif line["label"] == "content_or_heading" and len(line["text"].split()) >= 8:
            headings += 1
            stay += is_there
        long = [part for part in article if len(part.split()) >= 25]
        own += len(long)
        whole += sum(score.squeeze(part) in kept for part in long)

    assert len(gone) / asked >= 0.75
    assert stay == headings
    assert whole / own >= 0.997


def test_real_pages():
    score = scorer("score_extraction")
    precisions, recalls = [], []
    for row in rows(DATA / "pages" / "scrapinghub-A.jsonl.xz")[::3]:
        body = base64.b64decode(row["html_b64"]) if "html_b64" in row else row["html"]
        extraction = extract(body, row["url"], now=NOW)
        assert extraction.text.strip()
        assert extraction.rejected is None
        precision, recall = score.page_precision_recall(row["gold_text"], extraction.text)
        precisions.append(precision or 0.0)
        recalls.append(recall or 0.0)

    assert score.f1(fmean(precisions), fmean(recalls)) >= 0.97
    assert fmean(recalls) >= 0.97


def test_charsets():
    right = 0
    sample = [row for row in rows(DATA / "charset" / "chardet-pages.jsonl.xz") if row["encoding"] in CODECS]
    for row in sample:
        body = base64.b64decode(row["b64"])
        true = letters(body.decode(CODECS[row["encoding"]], "replace"))
        got = letters(decode(body))
        same = len(true) == len(got) and sum(a != b for a, b in zip(true, got, strict=True)) <= 0.01 * len(true)
        right += same

    assert right / len(sample) >= 0.97


def letters(text):
    return re.sub(r"[\W_]", "", text)


CODECS = {
    "utf-8": "utf-8",
    "SHIFT_JIS": "cp932",
    "EUC-JP": "euc_jp",
    "Big5": "big5",
    "GB2312": "gb18030",
    "EUC-KR": "cp949",
    "KOI8-R": "koi8_r",
    "windows-1251-russian": "cp1251",
    "windows-1255-hebrew": "cp1255",
    "iso-8859-7-greek": "iso8859_7",
    "windows-1250-hungarian": "cp1250",
}
