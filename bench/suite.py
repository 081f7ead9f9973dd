"""Real articles and rewritten forms of them, each with what a detector should say to it; from the labelled data."""

from __future__ import annotations

import json
import lzma
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import rewrites
from grams import containment, grams

COPY, NONE, ROUND_UP = "copy", "none", "round-up"
ENGLISH, OTHERS = "English", "other languages"
MIN_WORDS = 150
SHORT_MIN_WORDS = 80
"""For languages of which there are only beginnings of articles, cut at 1,000 characters."""
UNRELATED = 0.3
"""Share of the smaller text's 5-grams from which on two texts are a partial copy: what passes it is no negative."""


@dataclass(frozen=True)
class Article:
    """An article; ``group`` names those that copy each other."""

    id: str
    blocks: tuple[str, ...]
    language: str
    origin: str
    date: str = ""
    group: str = ""


@dataclass(frozen=True)
class Case:
    """A text to be looked up: ``copy`` of the one article in ``of``, no copy, or a round-up of those in ``of``."""

    id: str
    form: str
    language: str
    expect: str
    blocks: tuple[str, ...]
    of: tuple[str, ...]

    @property
    def group(self) -> str:
        return ENGLISH if self.language == "en" else OTHERS


@dataclass
class Suite:
    """Articles in their order of arrival, and the cases that are looked up among them."""

    articles: list[Article] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)


def read(path: Path):
    """Return the records of a file of JSON lines."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _blocks(text):
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _length(article):
    return len(rewrites.words(article.blocks))


def build(data: Path, *, quick: bool = False) -> Suite:
    """Return the suite over the sets in ``data``; ``quick``: a fifth of the cases."""
    take = 5 if quick else 1
    wire, wire_bands = _wire(data)
    abp, paired = _abp(data)
    firsts, pairs = _semeval(data)
    lonely = [a for a in abp if a.id not in paired and 250 <= _length(a) <= 1200]
    hosts, leads = lonely[:200:take], lonely[200:240]
    topical = [a for a in wire if wire_bands[a.id] <= {"weak"} and "weak" in wire_bands[a.id]]
    elsewhere = {
        language: [a for a in firsts if a.language == language]
        for language in sorted({a.language for a in firsts} - {"en"})
    }
    held = {a.id for a in (*lonely[:240], *topical, *(a for of in elsewhere.values() for a in of[-5:]))}
    known = [a for a in (*wire, *abp[::2], *firsts) if a.id not in held]
    suite = Suite(articles=sorted(known, key=lambda a: (a.date, a.id)))
    vocabulary = defaultdict(list)
    for article in suite.articles:
        vocabulary[article.language] += rewrites.words(article.blocks)[:400]

    clear = [a for a in known if a.origin == "wire" and not wire_bands[a.id] & {"partial", "crossing"}][::take]
    clear += [a for a in known if a.origin == "abp" and a.id not in paired][: 260 // take]
    for number, article in enumerate(clear):
        suite.cases += _forms(article, vocabulary[article.language], leads[number % len(leads)])
    for language, of in elsewhere.items():
        for number, article in enumerate(of[: 30 // take]):
            suite.cases += _forms(article, vocabulary[language], of[-1 - number % 5])

    negatives = []
    for number, host in enumerate(hosts):
        quoted = clear[number % len(clear)]
        blocks = rewrites.with_quotation(host.blocks, quoted.blocks, host.id)
        negatives.append((host, _negative(host, "shared quotation", blocks, quoted)))
    short, wide = [a for a in clear if _length(a) <= 300], [a for a in hosts if _length(a) >= 800]
    for inner, host in zip(short, wide, strict=False):
        blocks = rewrites.within(host.blocks, inner.blocks)
        negatives.append((host, _negative(host, "extends a short one", blocks, inner)))
    negatives += [(article, _negative(article, "same event (wire)", article.blocks)) for article in topical]
    told_twice = [(second, first) for second, first in pairs if first.id not in held]
    for number, (second, first) in enumerate(told_twice[::take]):
        negatives.append((second, _negative(second, "same event", second.blocks, first)))
        if second.language != "en":
            quoted = elsewhere[second.language][number % 20]
            blocks = rewrites.with_quotation(second.blocks, quoted.blocks, second.id)
            # Some sentences there are nearly as long as a text.
            if len(rewrites.words(blocks)) <= 4 / 3 * _length(second):
                negatives.append((second, _negative(second, "shared quotation", blocks, quoted)))
    suite.cases += _unrelated(negatives, suite.articles)
    suite.cases += _round_ups([a for a in clear if _length(a) >= 250])
    return suite


def _round_ups(articles):
    for number in range(0, len(articles) - 2, 3):
        parts = articles[number : number + 3]
        if len({a.group or a.id for a in parts}) == 3:
            blocks = rewrites.round_up([a.blocks for a in parts], 110)
            of = tuple(a.id for a in parts)
            yield Case(f"round-up-{number}", "round-up of three", "en", ROUND_UP, tuple(blocks), of)


def _negative(article, form, blocks, *of):
    return Case(f"{article.id}/{form}", form, article.language, NONE, tuple(blocks), tuple(a.id for a in of))


def _forms(article, vocabulary, other):
    blocks, seed = list(article.blocks), article.id
    edited = partial(rewrites.edited, blocks, seed=seed, vocabulary=vocabulary)
    forms = {
        "as it is": blocks,
        "footer": rewrites.footer(blocks, seed) if article.language == "en" else rewrites.tail(blocks, other.blocks),
        "lead-in": rewrites.lead_in(blocks, other.blocks),
        "cut to 70 %": rewrites.cut(blocks, 0.7),
        "cut to 40 %": rewrites.cut(blocks, 0.4),
        "reordered": rewrites.reordered(blocks, seed),
        "quotes, dashes": rewrites.quotes_and_dashes(blocks),
        "one paragraph": rewrites.one_paragraph(blocks),
        **{f"{share} % edited": edited(share=share / 100) for share in (2, 5, 10, 15, 20)},
        **{
            f"{share} % {kind}": edited(share=share / 100, kind=kind)
            for share in (10, 15)
            for kind in rewrites.KINDS[:3]
        },
        "OCR 1 %": rewrites.scanned(blocks, 0.01, seed),
        "OCR 2 %": rewrites.scanned(blocks, 0.02, seed),
    }
    if article.language not in {"de", "zh", "ar"}:  # All nouns are capitalised, or nothing is.
        forms["names respelt"] = rewrites.names_respelt(blocks)
    if article.language in {"zh", "ar"}:  # The confusions are of Latin and Cyrillic letters.
        del forms["OCR 1 %"], forms["OCR 2 %"]
    return [
        Case(f"{article.id}/{form}", form, article.language, COPY, tuple(filter(str.strip, text)), (article.id,))
        for form, text in forms.items()
    ]


def _unrelated(negatives, articles):
    """Those cases whose text (as it was before another came in) is no partial copy of any article."""
    having = defaultdict(set)
    sets = []
    for number, article in enumerate(articles):
        sets.append(grams(article.blocks))
        for gram in sets[-1]:
            having[gram].add(number)
    kept = []
    for before, case in negatives:
        own = grams(before.blocks)
        near = set().union(*(having.get(gram, ()) for gram in own))
        if all(containment(own, sets[number]) < UNRELATED for number in near):
            kept.append(case)
    return kept


def _wire(data):
    docs = read(data / "wire-copies.docs.jsonl.xz")
    cluster = {d["id"]: d["cluster"] for d in docs}
    bands = defaultdict(set)
    for pair in read(data / "wire-copies.pairs.jsonl.xz"):
        a, b = pair["a"], pair["b"]
        for one in (a, b):
            bands[one].add(pair["band"])
            if pair["band"] == "dup" and cluster[a] != cluster[b]:
                bands[one].add("crossing")
    articles = [
        Article(
            d["id"],
            tuple(p for p in d["paragraphs"] if p.strip()),
            "en",
            "wire",
            d["scrape_time"],
            str(d["cluster"] or ""),
        )
        for d in docs
    ]
    return [a for a in articles if _length(a) >= MIN_WORDS], bands


def _abp(data):
    paired = {id_ for pair in read(data / "abp.pairs.jsonl.xz") for id_ in (pair["a"], pair["b"])}
    articles = [
        Article(d["id"], _blocks(d["text"]), "en", "abp", d["date"] or "", "") for d in read(data / "abp.docs.jsonl.xz")
    ]
    return [a for a in articles if MIN_WORDS <= _length(a) <= 2000], paired


def _semeval(data):
    """First texts of all pairs; and second texts on the same event in other words, each with its pair's first."""
    firsts, seconds = {}, []
    # The set has some pairs twice, translated in two ways: the id is the line's number.
    for number, pair in enumerate(read(data / "semeval2022-t8.jsonl.xz")):
        id_ = f"semeval-{number}"
        first = Article(f"{id_}-1", _blocks(pair["text1"]), pair["lang1"], "semeval")
        if _length(first) < SHORT_MIN_WORDS:
            continue
        first = firsts.setdefault(first.blocks, first)
        if pair["lang1"] == pair["lang2"] and pair["overall"] <= 2:
            second = Article(f"{id_}-2", _blocks(pair["text2"]), pair["lang2"], "semeval")
            if _length(second) >= SHORT_MIN_WORDS:
                seconds.append((second, first))
    return list(firsts.values()), seconds
