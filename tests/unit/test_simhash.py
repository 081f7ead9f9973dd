import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simhash import Simhash

from copydesk.core.simhash import (
    BITS,
    distance,
    distances,
    document_fingerprint,
    feature_hash,
    features,
    passage_fingerprints,
)
from copydesk.core.tokens import MAX_CACHED, MAX_TOKENS, token_hash

token = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=8)
passage = st.lists(token, min_size=1, max_size=MAX_TOKENS)


@given(st.lists(passage, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_passages_agree_with_the_package_bit_for_bit(passages):
    expected = [Simhash(features(tokens), f=BITS, hashfunc=feature_hash).value for tokens in passages]

    assert passage_fingerprints(passages).tolist() == expected


@given(st.lists(passage, max_size=4))
@settings(max_examples=50, deadline=None)
def test_the_document_agrees_with_the_package(passages):
    distinct = list(dict.fromkeys(token for tokens in passages for token in tokens))
    expected = Simhash(distinct, f=BITS, hashfunc=feature_hash).value if distinct else 0

    assert document_fingerprint(passages) == expected


def test_the_longest_passage_of_one_repeated_token_does_not_overflow():
    tokens = ["same"] * MAX_TOKENS

    assert passage_fingerprints([tokens]).tolist() == [Simhash(features(tokens), hashfunc=feature_hash).value]


@pytest.mark.parametrize("tokens", [[], ["word"] * (MAX_TOKENS + 1)])
def test_a_passage_out_of_bounds_is_refused(tokens):
    with pytest.raises(ValueError, match="tokens"):
        passage_fingerprints([["fine"], tokens])


def test_no_passages():
    assert passage_fingerprints([]).shape == (0,)
    assert document_fingerprint([]) == 0


def test_features_are_tokens_and_neighbours():
    assert features(["a", "b", "c"]) == ["a", "b", "c", "a b", "b c"]


def test_a_pair_depends_on_the_order():
    assert feature_hash(b"a b") != feature_hash(b"b a")


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5), st.lists(st.integers(0, 2**64 - 1), max_size=5))
def test_distances_of_all_to_all(left, right):
    table = distances(np.array(left, dtype=np.uint64), np.array(right, dtype=np.uint64))

    assert table.tolist() == [[distance(a, b) for b in right] for a in left]


def test_the_memory_of_hashes_is_bounded():
    first = token_hash("first")
    for number in range(MAX_CACHED + 10):
        token_hash(f"word{number}")

    assert token_hash("first") == first
    assert len(token_hash.__globals__["_HASHES"]) <= MAX_CACHED
