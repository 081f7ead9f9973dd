"""How a site's boilerplate is learned, and what never is."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from texts import draft, generator, sentence

from copydesk.core.enough import DAYS_KEPT, DEFAULT, Enough
from copydesk.core.learned import Place, block_key
from copydesk.core.sites import (
    RECENT,
    SHOWN_CHARACTERS,
    Sighting,
    Site,
    State,
    Story,
    day_of,
    observe,
    story_of,
)  # fmt: skip
from copydesk.models import Block, BlockKind, Document, RemovalReason, RemovedBlock
from copydesk.runtime.memory_sites import MemorySites

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = (
    "Varnholt Media takes part in the ledger programme of the northern guild, which audits its bookkeeping each spring."
)


def document(number, texts, *, published=START, removed=(), kinds=None):
    kinds = kinds or {}
    blocks = [Block(text=text, kind=kinds.get(text, BlockKind.PARAGRAPH)) for text in texts]
    return Document(
        id=f"{number + 1:024x}"[::-1], url="", host="site.example", source=None, title=None, text="", language=None,
        verdict="original", copy_of=None, cluster="", novelty=1, removed=list(removed), published_at=published, blocks=blocks,
    )  # fmt: skip


def own(number, sentences=12):
    rng = generator("own", number)
    return [sentence(rng) for _ in range(sentences)]


class Press:
    """A site that publishes: stories one after the other, so many a day, each perhaps with something more."""

    def __init__(self, per_day=10, enough=DEFAULT, dated=True):
        self.site, self.number, self.per_day, self.enough, self.dated = Site(), 0, per_day, enough, dated

    def publish(self, *tail, head=(), middle=(), kinds=None):
        published = START + timedelta(days=self.number // self.per_day) if self.dated else None
        text = own(self.number)
        texts = [*head, *text[:6], *middle, *text[6:], *tail]
        story = story_of(document(self.number, texts, published=published, kinds=kinds))
        self.number += 1
        return self.site.observe(story, self.enough)

    def until_learned(self, *tail, most=400, **more):
        """How many stories it took; None: it was never learned."""
        return next((n for n in range(1, most + 1) if any(c.learned for c in self.publish(*tail, **more))), None)


def test_a_policy_text_is_learned_once_there_is_enough():
    # On 12.3 recent stories rests what 13 in a row weigh; at 5 a day, the fourth day begins with the 16th.
    assert Press(per_day=50, enough=Enough(days=1)).until_learned(POLICY) == 13
    assert Press(per_day=5).until_learned(POLICY) == 16
    press = Press(per_day=50)
    assert press.until_learned(POLICY) == 151
    learned = press.site.learned()
    assert learned.blocks == {block_key(POLICY): Place.TAIL}
    assert learned.version == 1
    [block] = [b for b in press.site.blocks.values() if b.state is State.LEARNED]
    assert (block.text, block.stories, block.day_count, block.since) == (POLICY, 151, 4, 1)


def test_at_the_head_too_but_not_in_the_middle():
    press = Press()
    assert press.until_learned(head=[POLICY]) == 31
    assert press.site.learned().blocks == {block_key(POLICY): Place.HEAD}
    assert Press().until_learned(middle=[POLICY]) is None


def test_not_where_the_place_changes():
    press = Press()
    for n in range(200):
        press.publish(*([POLICY] if n % 2 else []), head=[] if n % 2 else [POLICY])
    assert not press.site.learned().blocks


def test_the_share_decides_how_many_it_takes():
    half, fifth = Press(), Press()
    for n in range(600):
        half.publish(*([POLICY] if n % 2 == 0 else []))
        fifth.publish(*([POLICY] if n % 5 == 0 else []))
        if n == 30:
            assert not half.site.learned().blocks
    assert half.site.learned().blocks
    assert not fifth.site.learned().blocks


def test_a_site_with_a_history_takes_longer():
    press = Press()
    for _ in range(500):
        press.publish()
    assert press.until_learned(POLICY) == 55


@pytest.mark.parametrize(
    ("history", "per_day", "carried"),
    [(0, 3, [1] * 12), (500, 3, [1] * 12), (0, 5, [1, 1, 0] * 6), (500, 10, [1, 0, 0] * 12), (500, 5, [1, 1, 0] * 10)],
)
def test_the_background_paragraph_of_follow_ups_is_not(history, per_day, carried):
    press = Press(per_day)
    for _ in range(history):
        press.publish()
    for carries in [*carried, *[0] * 100]:
        assert press.publish(*([POLICY] if carries else [])) == []


def test_nothing_is_learned_from_one_day_or_of_one_story():
    press = Press(per_day=1_000)
    assert press.until_learned(POLICY, most=300) is None
    site, story = Site(), story_of(document(1, [*own(1), POLICY]))
    for _ in range(100):
        assert site.observe(story) == []
    assert site.stories == 1


def test_without_dates_twice_the_evidence_is_asked_for():
    assert Press(dated=False).until_learned(POLICY) == 26


def test_short_lines_headings_tables_and_code_never():
    heading = "What we know by now about this matter and what we do not know"
    table = "| one | two | three | four | five | six | seven | eight | nine | ten |"
    code = "print the sum of all the numbers that are in this list of them"
    kinds = {heading: BlockKind.HEADING, table: BlockKind.TABLE, code: BlockKind.CODE}
    press = Press()
    short = [
        "What we know",
        "Anna Berg:",
        "— And then what happened there?",
        "(LAUGHTER)",
        "Read more about this here",
        "详细报道请看本站",
    ]
    for _ in range(200):
        press.publish(heading, table, head=short[:3], kinds=kinds)
        press.publish(*short[3:], code, kinds=kinds)
    assert press.site.learned().blocks == {}


def test_words_are_counted_without_numbers_and_in_any_script():
    draws = "Drawn: 3, 17, 22, 31, 40, 44, 5, 9, 11"
    chinese = "本报社参加北方行会的账簿审查计划，每年春季由行会对账簿进行审查。"
    press = Press()
    for _ in range(60):
        press.publish(draws, chinese)
    assert press.site.learned().blocks == {block_key(chinese): Place.TAIL}


def test_what_was_removed_as_learned_goes_on_counting():
    press = Press()
    press.until_learned(POLICY)
    version = press.site.version
    for n in range(1_000):
        removed = [RemovedBlock(text=POLICY, reason=RemovalReason.RECURRING, rule="learned:0", index=12)]
        story = story_of(document(5_000 + n, own(5_000 + n), removed=removed))
        assert story.sightings[-1].place is Place.TAIL
        assert press.site.observe(story) == []
    assert (press.site.version, len(press.site.learned().blocks)) == (version, 1)


def test_what_the_site_shows_no_longer_lapses():
    press = Press()
    press.until_learned(POLICY)
    changes = [(n, change) for n in range(600) for change in press.publish()]
    [(after, change)] = changes
    assert not change.learned
    assert 20 < after < 400
    assert press.site.learned().blocks == {}
    assert press.site.version == 2
    assert press.until_learned(POLICY) is not None, "it may come back"


def test_it_does_not_come_and_go_with_each_story():
    press = Press(per_day=50, enough=Enough(days=1))
    press.until_learned(POLICY)
    for n in range(30):
        assert press.publish(*([POLICY] if n % 3 else [])) == []


def test_the_users_word_stands_above_the_evidence():
    press = Press()
    press.until_learned(POLICY)
    key = block_key(POLICY)
    press.site.decide(key, State.VETOED)
    for _ in range(50):
        assert press.publish(POLICY) == []
    assert press.site.learned().blocks == {}
    press.site.decide(key, State.PINNED)
    for _ in range(600):
        assert press.publish() == []
    assert press.site.learned().blocks == {key: None}
    press.site.decide(key, State.PINNED)
    assert press.site.version == 3, "what is said twice changes nothing"
    press.site.forget(key)
    assert press.site.learned().blocks == {}
    with pytest.raises(KeyError):
        press.site.decide(key, State.PINNED)
    press.site.forget()
    assert (press.site.blocks, press.site.stories, press.site.version) == ({}, 0, 5)


def test_blocks_are_named_by_the_beginning_of_their_keys():
    press = Press()
    press.publish(POLICY)
    assert press.site.named("") == [], "what was seen once is nobody's business"
    press.publish(POLICY)
    assert [block.text for block in press.site.named(f"{block_key(POLICY):016x}"[:6])] == [POLICY]
    assert press.site.named("zz") == []


def test_a_million_different_blocks_of_one_host_take_no_more_room():
    rng = random.Random(3)
    site = Site()
    for number in range(20_000):
        sightings = tuple(Sighting(rng.getrandbits(64), Place.TAIL, True, "x" * SHOWN_CHARACTERS) for _ in range(50))
        site.observe(Story(number, number, sightings), Enough(blocks=64))
        assert len(site.blocks) <= 64
    assert len(site.recent) == RECENT
    assert site.learned().blocks == {}


def test_a_story_of_a_hundred_thousand_blocks_is_bounded_too():
    texts = [f"{word} is one of the many words that stand in this list of words" for word in map(str, range(100_000))]
    texts = [text.replace("0", "o").replace("1", "l") for text in texts]
    site = Site()
    site.observe(story_of(document(1, texts)), Enough(blocks=16))
    assert 0 < len(site.blocks) <= 16


def test_the_boilerplate_is_found_among_much_that_never_comes_again():
    press = Press(enough=Enough(blocks=32))
    carried = 0
    for n in range(400):
        carried += n % 3 == 0
        if press.publish(*([POLICY] if n % 3 == 0 else [])):
            break
    assert press.site.learned().blocks, "in one of three stories, with room for the blocks of four"


def test_what_was_seen_twice_outlasts_what_was_seen_once():
    press = Press(enough=Enough(blocks=32))
    for carries in (1, 1, 0, 0, 0, 0, 0, 0):
        press.publish(*([POLICY] if carries else []))
    assert block_key(POLICY) in press.site.blocks, "some fifty blocks came after it"
    assert block_key(own(2)[-1]) not in press.site.blocks


def test_days_are_kept_within_bounds():
    block = Site()
    for number, day in enumerate([*range(20_000, 20_030), 20_029, 19_990]):
        block.observe(Story(number, day, (Sighting(1, Place.TAIL, True, "x"),)))
    [watched] = block.blocks.values()
    assert (watched.day_count, watched.first_day, watched.last_day, len(watched.days)) == (
        31,
        19_990,
        20_029,
        DAYS_KEPT,
    )
    assert day_of(None) is None
    assert day_of(datetime(1, 1, 1, tzinfo=UTC)) == 0
    assert day_of(datetime(9999, 12, 31, tzinfo=UTC)) == 0xFFFF


def test_a_story_of_a_document_has_its_blocks_in_their_places():
    removed = [
        RemovedBlock(text="Share this", reason=RemovalReason.SHARE, rule="r", index=0),
        RemovedBlock(text=POLICY, reason=RemovalReason.RECURRING, rule="learned:0", index=13),
    ]
    story = story_of(document(1, own(1), removed=removed))
    assert [s.key for s in story.sightings] == [block_key(text) for text in [*own(1), POLICY]]
    assert [s.place for s in story.sightings] == [Place.HEAD] * 3 + [Place.MIDDLE] * 5 + [Place.TAIL] * 5
    assert story.day == day_of(START)


def test_observing_documents_reaches_each_ones_own_site():
    sites = MemorySites()
    documents = [document(n, [*own(n), POLICY]) for n in range(3)]
    documents.append(documents[0].model_copy(update={"host": "other.example"}))
    assert observe(sites, documents) == []
    assert (sites.site("site.example").stories, sites.site("other.example").stories) == (3, 1)
    assert draft("https://site.example/1", own(1)).host == "site.example"


def test_hosts_in_memory_are_bounded():
    sites = MemorySites(hosts=3)
    for n in range(10):
        observe(sites, [document(n, own(n)).model_copy(update={"host": f"h{n}.example"})])
    assert [sites.site(f"h{n}.example") is not None for n in range(10)] == [False] * 7 + [True] * 3
