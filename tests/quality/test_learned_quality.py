"""What is learned of real sites, article by article, where ../shared is at hand; and what is learned of none."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def bench():
    """The replay of ``make bench-learned``."""
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        spec = importlib.util.spec_from_file_location("bench_learned", ROOT / "bench/learned.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(ROOT / "bench"))
        sys.modules.pop("bench_learned", None)


@pytest.fixture(scope="module")
def sites(bench):
    if not (DATA / "neardup/abp.docs.jsonl.xz").exists():
        pytest.skip("the labelled texts of ../shared are not here")
    return bench.streams(DATA)


def test_made_up_streams(bench):
    """A policy text is learned with these stories; the background of follow-ups never."""
    learned = [bench.made_up(*rest) for _, *rest in bench.scenarios()]
    assert learned == [16, 151, 35, 74, None, 55, 124, None, None, None, None, None, None]


def test_nothing_of_the_articles_is_learned(bench, sites):
    known = bench.labels(DATA)
    rows, unlabelled = bench.by_label(sites, known)
    learned = Counter({label: count for label, _, count, _, _ in rows})
    lines = {label: count for label, count, *_ in rows}
    assert lines[bench.CONTENT] >= 70
    assert learned[bench.CONTENT] == 0
    assert learned.total() >= 1
    assert len(unlabelled) <= 1
    assert all("SHARE THIS ARTICLE" in text for _, _, text in unlabelled)


def test_a_policy_text_goes_from_the_fourteenth_article_on_and_nothing_else_with_it(bench, sites):
    policy = bench.block_key(bench.POLICY)
    large = {site: articles for site, articles in sites.items() if 50 <= len(articles) < 300}
    assert len(large) >= 9
    for site, articles in large.items():
        alone, outcome = bench.replay(articles), bench.replay(articles, added=[bench.POLICY])
        assert outcome.first[policy] == 14, site
        assert outcome.removed.pop(policy) == len(articles) - 13, site
        assert outcome.removed.total() <= alone.removed.total(), site
