"""What was learned of a site, as it is removed from a text."""

import pytest
from texts import generator, sentence

from copydesk.core.boilerplate import clean
from copydesk.core.extract import extract
from copydesk.core.learned import HEAD_BLOCKS, TAIL_BLOCKS, Learned, Place, block_key, ends
from copydesk.models import Block, RemovalReason

POLICY = (
    "Varnholt Media takes part in the ledger programme of the northern guild, which audits its bookkeeping each spring."
)


def story(number, sentences=12):
    rng = generator("page", number)
    return [sentence(rng) for _ in range(sentences)]


def learned(text=POLICY, place=Place.TAIL, version=7):
    return Learned(version, {block_key(text): place})


def cleaned(texts, known):
    return clean([Block(text=text) for text in texts], learned=known)


def test_a_learned_block_goes_with_its_key_as_the_rule():
    kept, removed = cleaned([*story(1), POLICY], learned())
    assert [block.text for block in kept] == story(1)
    [block] = removed
    assert (block.reason, block.text, block.index) == (RemovalReason.RECURRING, POLICY, 12)
    assert block.rule == f"learned:{block_key(POLICY):016x}"


def test_nothing_goes_where_nothing_was_learned():
    for known in (None, Learned(), learned("Another text of the site that is not on this page at all.")):
        kept, removed = cleaned([*story(1), POLICY], known)
        assert (len(kept), removed) == (13, [])


@pytest.mark.parametrize(
    "variant",
    [
        POLICY.upper(),
        POLICY.replace(",", " -"),
        f"  {POLICY}\u00a0",
    ],
)
def test_case_punctuation_and_spaces_make_no_other_block(variant):
    assert block_key(variant) == block_key(POLICY)


def test_numbers_are_all_alike():
    assert block_key("Last changed on 3 May 2025 at 12:30") == block_key("Last changed on 17 May 2026 at 9:05")
    assert block_key("Last changed on 3 May 2025") != block_key("Last changed on 3 June 2025")


@pytest.mark.parametrize("text", ["", "***", "\ud800", "🦀🦀", "नमस्ते दुनिया", "x" * 1_000_000, "\x00"])
def test_any_text_has_a_key(text):
    assert 0 <= block_key(text) < 1 << 64


def test_it_goes_at_its_end_of_the_text_only():
    texts = story(1, 20)
    for at, goes in ((20, True), (20 - TAIL_BLOCKS + 1, True), (20 - TAIL_BLOCKS, False), (10, False), (0, False)):
        _, removed = cleaned([*texts[:at], POLICY, *texts[at:]], learned())
        assert bool(removed) is goes, at
    _, removed = cleaned([*texts[:10], POLICY, *texts[10:]], learned(place=None))
    assert removed, "what the user has pinned goes wherever it stands"


def test_the_place_does_not_see_what_other_rules_removed():
    chrome = [
        "Share this",
        "Read more:",
        "All rights reserved.",
        "Advertisement",
        "Sign up for our newsletter",
        "Share on Facebook",
    ]
    _, removed = cleaned([*story(1), POLICY, *chrome], learned())
    assert RemovalReason.RECURRING in {block.reason for block in removed}
    assert len(removed) > 1


def test_a_text_that_would_shrink_to_little_keeps_all():
    short = ["Sunny in the north, with a light wind from the sea.", POLICY]
    kept, removed = cleaned(short, learned())
    assert ([block.text for block in kept], removed) == (short, [])
    kept, removed = cleaned([POLICY], learned())
    assert ([block.text for block in kept], removed) == ([POLICY], [])


def test_the_ends_of_a_text():
    assert [ends(at, 20) for at in (0, HEAD_BLOCKS - 1, HEAD_BLOCKS, 19, 20 - TAIL_BLOCKS, 19 - TAIL_BLOCKS)] == [
        [Place.HEAD], [Place.HEAD], [], [Place.TAIL], [Place.TAIL], [],
    ]  # fmt: skip
    assert ends(0, 2) == [Place.HEAD, Place.TAIL]
    assert ends(1, 2) == [Place.TAIL, Place.HEAD]


def test_an_extraction_names_the_version_that_touched_it():
    paragraphs = "".join(f"<p>{text}</p>" for text in story(1))
    page = f"<html><title>T</title><body><article><h1>T</h1>{paragraphs}<p>{POLICY}</p></article></body></html>"
    touched = extract(page, "https://site.example/1", learned=learned())
    assert (touched.learned, POLICY in touched.text) == (7, False)
    assert [block.text for block in touched.removed if block.reason is RemovalReason.RECURRING] == [POLICY]
    for known in (None, learned("Another text of the site that is not on this page at all.")):
        untouched = extract(page, "https://site.example/1", learned=known)
        assert (untouched.learned, POLICY in untouched.text) == (None, True)
