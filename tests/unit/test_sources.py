"""What is decided about a source without asking anybody: conditions, health, sitemaps, pages made of feeds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.core import conditional
from copydesk.core.extract import extract
from copydesk.core.feedpage import feed_page
from copydesk.core.schedule import DEAD_SECONDS, Bounds
from copydesk.core.sitemap_choice import choose_sitemaps, same_site
from copydesk.core.source_health import (
    MOVED_POLLS,
    MOVED_SECONDS,
    Trouble,
    after_failure,
    after_redirect,
    after_success,
    has_moved,
)
from copydesk.errors import SourceError
from copydesk.models import Item, RejectReason, SitemapRef, Source, SourceState, SourceStatus

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Source(id="s", url="https://paper.example/feed")
BOUNDS = Bounds(900.0, 600.0, 86_400.0)


def known(**changes):
    state = SourceState(etag='"a"', last_modified="yesterday", body_hash="h", full_at=NOW.timestamp())
    return state.model_copy(update=changes)


def test_conditions_are_sent_unless_the_source_opts_out():
    assert conditional.conditions(SOURCE, known(), NOW) == {"If-None-Match": '"a"', "If-Modified-Since": "yesterday"}
    assert conditional.conditions(SOURCE.model_copy(update={"conditional": False}), known(), NOW) == {}
    assert conditional.conditions(SOURCE, known(stuck=True), NOW) == {}


def test_now_and_then_a_source_that_says_304_is_asked_without_conditions():
    day_old = NOW.timestamp() - conditional.UNCONDITIONAL_SECONDS
    assert conditional.conditions(SOURCE, known(not_modified=conditional.UNCONDITIONAL_POLLS - 1), NOW)
    assert conditional.conditions(SOURCE, known(not_modified=conditional.UNCONDITIONAL_POLLS), NOW) == {}
    assert conditional.conditions(SOURCE, known(not_modified=1, full_at=day_old), NOW) == {}
    assert conditional.conditions(SOURCE, known(not_modified=0, full_at=day_old), NOW), "it has just answered in full"
    assert conditional.conditions(SOURCE, known(not_modified=1, full_at=day_old, suspect=True), NOW)


def test_a_server_that_says_304_to_the_validators_of_an_older_text_is_not_believed_again():
    stuck = known(not_modified=100)
    # New items, and the validators are still the same: enough said.
    same = {"etag": '"a"', "last-modified": "yesterday"}
    assert conditional.after_news(stuck, same, asked=False)["stuck"]
    # Others: the old ones are sent once more.
    doubt = conditional.after_news(stuck, {"etag": '"b"'}, asked=False)
    assert doubt == {"suspect": True, "etag": '"a"', "last_modified": "yesterday"}
    assert conditional.after_304(stuck.model_copy(update=doubt), asked=True)["stuck"]
    # It answers in full: it was right all the time.
    assert not conditional.after_body({"etag": '"b"'}, "h2", NOW)["suspect"]
    # A conditional request that was answered in full shows nothing.
    assert conditional.after_news(stuck, same, asked=True) == {}


def test_304_to_a_request_without_conditions_is_an_error_unless_something_is_known():
    with pytest.raises(SourceError, match="304"):
        conditional.after_304(SourceState(), asked=False)
    assert conditional.after_304(known(not_modified=3), asked=False) == {"not_modified": 4}


def test_validators_that_are_too_long_are_not_kept():
    assert conditional.validators({"etag": "x" * 1_001, "last-modified": "y"}) == {"etag": None, "last_modified": "y"}


def test_bytes_that_are_no_text_are_not_kept():
    assert conditional.validators({"etag": '"\udcff"'})["etag"] is None
    state, _ = failure(SourceState(), Trouble("status 404 \udcff", RejectReason.HTTP_4XX, 404))
    assert state.error == "status 404 ?"
    assert state.model_dump_json()


def success(state, **changes):
    arguments = {"new": 0, "asked": 0.0, "pushed": False, "roll": 0.0, "changes": {}, **changes}
    return after_success(SOURCE, state, NOW, BOUNDS, **arguments)


def failure(state, trouble, now=NOW):
    return after_failure(SOURCE, state, now, BOUNDS, trouble, roll=0.0)


def test_a_source_falls_ill_dies_and_revives():
    down = Trouble("status 503", RejectReason.HTTP_5XX, 503)
    state, wait = failure(SourceState(), down)
    assert (state.status, state.failures, state.error_kind, wait) == (SourceStatus.FAILING, 1, "http_5xx", 1_800)
    state, wait = failure(state, down, NOW + timedelta(seconds=DEAD_SECONDS))
    assert (state.status, state.failing_since, wait) == (SourceStatus.DEAD, NOW, 86_400)
    state, wait = success(state, changes={"items": 3})
    assert (state.status, state.failures, state.error, state.failing_since) == (SourceStatus.OK, 0, None, None)
    assert (state.items, wait) == (3, 900)


def test_410_is_told_in_words_and_asked_once_a_day():
    state, wait = failure(SourceState(), Trouble("status 410 Gone", RejectReason.HTTP_4XX, 410))
    assert state.status is SourceStatus.GONE
    assert "gone for good" in state.error
    assert wait == 86_400


def test_what_a_hub_pushed_counts_as_brought():
    before = SourceState(succeeded_at=NOW - timedelta(hours=1), rate=1e-5, pushed=10)
    after, _ = success(before)
    assert (after.pushed, after.new_items, after.new_average) == (0, 0, 1.0)
    assert after.rate > before.rate


def test_a_permanent_redirect_is_believed_after_some_polls_over_a_day():
    to, state, now = "https://new.example/feed", SourceState(), NOW
    for poll in range(1, MOVED_POLLS + 1):
        changes = after_redirect(SOURCE, state, to, now)
        assert changes["moved_polls"] == poll
        assert not has_moved(state, changes, now)
        state, now = state.model_copy(update=changes), now + timedelta(minutes=10)
    later = NOW + timedelta(seconds=MOVED_SECONDS)
    assert has_moved(state, after_redirect(SOURCE, state, to, later), later)
    elsewhere = after_redirect(SOURCE, state, "https://third.example/", later)
    assert elsewhere["moved_polls"] == 1
    assert not has_moved(state, elsewhere, later)
    assert after_redirect(SOURCE, state, None, later)["moved_to"] is None
    assert after_redirect(SOURCE.model_copy(update={"parent": "i"}), state, to, later)["moved_polls"] == 0
    secret = SOURCE.model_copy(update={"secret": "paper"})
    stays = after_redirect(secret, state, to, later)
    assert stays["moved_polls"] == 0
    assert f"moved for good to {to}, where its secret does not go" in stays["note"]
    assert after_redirect(secret, SourceState(), SOURCE.url + "/new", later)["moved_polls"] == 1


def ref(n, day=None):
    return SitemapRef(
        url=f"https://paper.example/{n}.xml", modified_at=NOW - timedelta(days=day) if day is not None else None
    )


def test_the_newest_sitemaps_are_watched():
    named = [ref(n, day=n) for n in range(10)]
    assert choose_sitemaps(named[::-1], 3) == named[:3]
    assert choose_sitemaps(named, 10) == named


def test_of_sitemaps_without_a_date_those_at_both_ends_are_watched():
    named = [ref(n) for n in range(9)]
    assert choose_sitemaps(named, 4) == [named[0], named[8], named[1], named[7]]
    assert choose_sitemaps([*named, ref("dated", 1)], 4) == [named[0], named[8], named[1], ref("dated", 1)]
    assert choose_sitemaps([ref("news"), *(ref(n, n) for n in range(9))], 4) == [
        ref("news"),
        ref(0, 0),
        ref(1, 1),
        ref(2, 2),
    ]


@given(st.lists(st.integers(0, 100) | st.none(), max_size=60), st.integers(1, 50))
def test_no_more_sitemaps_than_the_bound_and_none_twice(days, most):
    named = [ref(n, day) for n, day in enumerate(days)]
    chosen = choose_sitemaps(named, most)
    assert len(chosen) == min(most, len(named)) == len({x.url for x in chosen})
    assert {x.url for x in chosen} <= {x.url for x in named}


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://paper.example/a.xml", True),
        ("https://news.paper.example/a.xml", True),
        ("http://www.paper.example:8080/a.xml", True),
        ("https://other.example/a.xml", False),
        ("https://notpaper.example/a.xml", False),
        ("https://example/a.xml", False),
    ],
)
def test_an_index_speaks_for_its_own_site_alone(url, is_ours):
    assert same_site(url, "https://www.paper.example/index.xml") is is_ours


def test_an_item_with_its_text_becomes_a_page_that_the_extractor_reads():
    text = "The council of the town met on Tuesday and decided, after a long debate, to mend the old bridge over the river."
    item = Item(
        url="https://paper.example/1", canonical_url="https://paper.example/1", source="s", title="A <bridge> & more",
        content=f"<p>{text}</p><p>{text[::-1]}</p><p>{text.upper()}</p>",
    )  # fmt: skip
    page = feed_page(item)
    assert b"<title>A &lt;bridge&gt; &amp; more</title>" in page
    found = extract(page, url=item.url)
    assert found.title == "A <bridge> & more"
    assert text in found.text
