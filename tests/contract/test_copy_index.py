"""The contract of ``CopyIndex``, on every implementation: in memory, the embedded Valkey, Debian's redis-server."""

import json
import struct
import threading
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import redis
from redis_servers import KINDS
from texts import corpus, draft, edited, generator, sentence, story

from copydesk.core import candidates
from copydesk.core.copies import Contended, Done, Failed, Task, judge_and_admit, judge_and_admit_all
from copydesk.core.fingerprint import fingerprint
from copydesk.core.verdicts import judge
from copydesk.models import Credit, Verdict
from copydesk.ports import Admission, Admitted, Conflict, Gone, Wanted
from copydesk.runtime import keys
from copydesk.runtime.memory_index import MemoryIndex
from copydesk.runtime.redis_index import RedisIndex

NOW = 1_700_000_000.0
DAY = 86_400.0


class Desk:
    """An empty index, and what comes out of it."""

    def __init__(self, index, emitted):
        self.index = index
        self.emitted = emitted

    def admit(self, url, blocks, now=NOW, **fields):
        outcome = judge_and_admit(self.index, draft(url, blocks, **fields), now=now)
        assert isinstance(outcome, Done)
        return outcome.document

    def prepare(self, url, blocks, now=NOW, **fields):
        """An admission as it is after the look-up."""
        item = draft(url, blocks)
        prints = fingerprint(blocks)
        looked_up = self.index.look_up([Wanted(item.id, prints)], now=now)[0]
        judgement = judge(item.id, prints, looked_up.candidates, previous=looked_up.previous)
        return Admission(
            item.document(judgement), prints, looked_up, judgement.founded, joins=judgement.joins, **fields
        )


def streams(client):
    """(stream, document) of all that was emitted."""
    return [
        (stream, json.loads(fields[b"document"]))
        for stream in (keys.DOCUMENTS, keys.COPIES)
        for _, fields in client.xrange(stream)
    ]


@pytest.fixture(params=["memory", *KINDS])
def desk(request, redis_servers):
    if request.param == "memory":
        emitted = []
        return Desk(MemoryIndex(emit=emitted.append), lambda: [document.id for document in emitted])
    server = redis_servers.get(request.param)
    if server is None:
        pytest.skip(f"{request.param} is not installed")
    server.flush()
    client = redis.Redis.from_url(server.url)
    return Desk(RedisIndex(client), lambda: [document["id"] for _, document in streams(client)])


def test_the_first_is_an_original_and_what_repeats_it_is_a_copy(desk):
    first = desk.admit("https://a.example/1", story(1))
    other = desk.admit("https://b.example/2", story(2))
    copy = desk.admit("https://c.example/3", [*story("lead", 2), *story(1)])

    assert (first.verdict, first.cluster, first.novelty) == (Verdict.ORIGINAL, first.id, 1.0)
    assert other.verdict is Verdict.ORIGINAL
    assert (copy.verdict, copy.copy_of, copy.cluster) == (Verdict.COPY, first.id, first.id)
    assert copy.evidence.nearest == first.id
    assert {match.document for match in copy.evidence.matches} == {first.id}
    assert sorted(desk.emitted()) == sorted([first.id, other.id, copy.id])


def test_a_copy_of_a_copy_names_the_original(desk):
    first = desk.admit("https://a.example/1", story(1))
    desk.admit("https://b.example/1", story(1)[:6])
    third = desk.admit("https://c.example/1", story(1)[:4])

    assert third.copy_of == first.id


def test_the_same_address_again(desk):
    first = desk.admit("https://a.example/1", story(1))
    copy = desk.admit("https://b.example/1", story(1))
    unchanged = desk.admit("https://b.example/1", [block.upper() for block in story(1)])
    revision = desk.admit("https://b.example/1", [*story(1), *story("more", 4)])
    third = desk.admit("https://b.example/1", [*story(1), *story("still more", 4)])

    assert (unchanged.verdict, unchanged.revision, unchanged.cluster) == (Verdict.UNCHANGED, 1, first.id)
    assert (revision.verdict, revision.revision, revision.cluster) == (Verdict.REVISION, 2, first.id)
    assert (third.verdict, third.revision, third.cluster) == (Verdict.REVISION, 3, first.id)
    assert revision.evidence.nearest == first.id, "an own earlier revision is no candidate"
    assert Counter(desk.emitted()) == {first.id: 1, copy.id: 3}


def test_what_a_revision_changed(desk):
    blocks = story(1, 8)
    desk.admit("https://a.example/1", blocks)
    third, rest = blocks[1].split(". ", 1)
    new = [*blocks[:1], f"{third} today. {rest}", *blocks[3:], *story("more", 2)]
    revision = desk.admit("https://a.example/1", new)

    assert revision.evidence.change.model_dump() == {"added": [6, 7], "edited": [2], "gone": [4, 5]}
    assert revision.evidence.reason == (
        "It was here before; of its passages since revision 1: 2 new, 1 edited, 2 gone."
    )


def credited(kind, name):
    return [Credit(kind=kind, name=name, rule="test", text=name)]


@pytest.mark.parametrize(
    ("credit", "source"),
    [(("publisher", "source.example"), "www.source.example"), (("agency", "Reuters"), "reuters.com")],
)
def test_the_evident_source_that_comes_late_leads_its_cluster(desk, credit, source):
    first = desk.admit("https://a.example/1", story(1), credits=credited(*credit))
    other = desk.admit("https://b.example/1", story(1), credits=credited(*credit))
    late = desk.admit(f"https://{source}/1", story(1))
    again = desk.admit(f"https://{source}/1?page=2", story(1))
    after = desk.admit("https://c.example/1", story(1), credits=credited(*credit))
    elsewhere = desk.admit("https://c.example/2", story(2), credits=credited(*credit))

    assert (late.verdict, late.copy_of, late.lead) == (Verdict.COPY, first.id, True)
    assert [document.lead for document in (first, other, again, after, elsewhere)] == [False] * 5
    assert (after.copy_of, after.evidence.lead) == (first.id, late.id)
    assert (other.evidence.lead, late.evidence.lead, again.evidence.lead) == (None, None, late.id)


def test_a_cluster_whose_original_is_the_source_has_no_other_lead(desk):
    desk.admit("https://reuters.com/1", story(1))
    desk.admit("https://a.example/1", story(1), credits=credited("agency", "Reuters"))
    update = desk.admit("https://reuters.com/2", story(1))

    assert (update.verdict, update.lead, update.evidence.lead) == (Verdict.COPY, False, None)


def test_a_text_without_passages_is_found_by_its_words(desk):
    first = desk.admit("https://a.example/1", ["Goal!", "Two to one."])
    copy = desk.admit("https://b.example/1", ["GOAL", "Two to one"])
    other = desk.admit("https://c.example/1", ["Goal!", "Three to one."])

    assert copy.copy_of == first.id
    assert copy.novelty == 0
    assert other.verdict is Verdict.ORIGINAL


def test_a_text_that_very_many_repeat_is_found_by_the_next(desk):
    """It has one key, or all that it has are hot."""
    for text in (["Video: goals of the week."], [sentence(generator("hot"), 25, 30)]):
        first = desk.admit("https://a.example/1", text)
        for at in range(60):
            assert desk.admit(f"https://b.example/{text[0][:1]}/{at}", text).copy_of == first.id


def test_a_text_in_one_pattern_with_another_belongs_to_its_own_cluster(desk):
    text = (
        "Police said that two men aged 23 and {} were arrested on Sunday night after a fight outside a bar in the port."
    )
    first = desk.admit("https://a.example/1", [text.format(31)])
    second = desk.admit("https://a.example/2", [text.format(37)])
    copy = desk.admit("https://b.example/2", [text.format(37)])

    assert (first.verdict, second.verdict) == (Verdict.ORIGINAL, Verdict.ORIGINAL)
    assert second.evidence.extends is None
    assert (copy.copy_of, copy.evidence.joins) == (second.id, [])


def test_a_document_whose_first_revision_is_forgotten_but_not_its_copies_is_a_revision(desk):
    first = desk.admit("https://a.example/1", story(1))
    desk.admit("https://b.example/1", story(1), now=NOW + 13 * DAY)
    again = desk.admit("https://a.example/1", [*story(1), *story("more", 2)], now=NOW + 26 * DAY)

    assert (again.verdict, again.revision, again.cluster, again.copy_of) == (Verdict.REVISION, 2, first.id, None)


def test_nothing_is_looked_up_for_nobody(desk):
    assert desk.index.look_up([], now=NOW) == []


def test_what_cannot_be_judged_does_not_take_the_rest_of_its_batch_with_it(desk):
    good = draft("https://a.example/1", story(1))
    bad = replace(draft("https://a.example/2", story(2)), published_at="yesterday")
    outcomes = judge_and_admit_all(
        desk.index, [Task(good), Task(bad), Task(draft("https://a.example/3", story(3)))], now=NOW
    )

    assert [type(outcome) for outcome in outcomes] == [Done, Failed, Done]
    assert len(desk.emitted()) == 2


def test_a_document_without_text(desk):
    documents = [desk.admit(f"https://a.example/{at}", blocks) for at, blocks in enumerate([[], [], ["—"]])]

    assert [document.verdict for document in documents] == [Verdict.ORIGINAL] * 3
    assert desk.admit("https://a.example/0", ["…"]).verdict is Verdict.UNCHANGED


def test_what_came_in_between_is_a_conflict_if_it_shares_text(desk):
    mine = desk.prepare("https://a.example/1", story(1))
    unrelated = desk.prepare("https://d.example/1", story(2))
    desk.admit("https://b.example/1", story(1))
    [conflict] = desk.index.admit([mine])
    [admitted] = desk.index.admit([unrelated])

    assert isinstance(conflict, Conflict)
    assert not conflict.stale
    assert [known.number for known in desk.index.load(conflict.numbers)] == [1]
    assert conflict.seen == 1
    assert admitted == Admitted(2)


def test_many_in_between_in_one_bucket_are_all_found(desk):
    mine = desk.prepare("https://a.example/mine", story(1))
    for at in range(20):
        desk.admit(f"https://b.example/{at}", story(1))
    [conflict] = desk.index.admit([mine])

    assert conflict.numbers == tuple(range(1, 21))


def test_the_same_address_in_between_makes_the_look_up_stale(desk):
    mine = desk.prepare("https://a.example/1", story(1))
    desk.admit("https://a.example/1", story(2))
    [conflict] = desk.index.admit([mine])

    assert conflict.stale
    assert desk.admit("https://a.example/1", story(1)).verdict is Verdict.REVISION


def test_a_slice_that_ended_in_between_makes_the_look_up_stale(desk):
    mine = desk.prepare("https://a.example/1", story(1))
    desk.admit("https://b.example/1", story(2), now=NOW + 5 * DAY)
    [conflict] = desk.index.admit([mine])

    assert conflict.stale
    # The clock of this process is behind: it goes with the latest.
    assert desk.admit("https://a.example/1", story(1)).verdict is Verdict.ORIGINAL
    assert desk.admit("https://c.example/1", story(1), now=NOW + 5 * DAY).verdict is Verdict.COPY


def test_a_batch_recognises_copies_within_itself(desk):
    tasks = [Task(draft(f"https://host{at}.example/", story(at % 3))) for at in range(12)]
    outcomes = judge_and_admit_all(desk.index, tasks, now=NOW)

    verdicts = [outcome.document.verdict for outcome in outcomes]
    assert verdicts == [Verdict.ORIGINAL] * 3 + [Verdict.COPY] * 9
    assert {outcome.document.copy_of for outcome in outcomes[3:]} == {task.draft.id for task in tasks[:3]}
    assert len(desk.emitted()) == 12


def test_tries_are_bounded(desk):
    tasks = [Task(draft(f"https://host{at}.example/", story(1))) for at in range(2)]
    outcomes = judge_and_admit_all(desk.index, tasks, now=NOW, tries=1)

    assert outcomes[1] == Contended(1)
    assert desk.emitted() == [tasks[0].draft.id]


def test_the_window_slides(desk):
    first = desk.admit("https://a.example/1", story(1))
    assert desk.admit("https://b.example/1", story(1), now=NOW + 13.9 * DAY).copy_of == first.id
    # The copy keeps the cluster alive; a story of which nothing came since is new again.
    assert desk.admit("https://c.example/1", story(1), now=NOW + 25 * DAY).copy_of == first.id
    desk.admit("https://a.example/2", story(2))
    assert desk.admit("https://b.example/2", story(2), now=NOW + 60 * DAY).verdict is Verdict.ORIGINAL
    assert desk.admit("https://a.example/1", story(1), now=NOW + 120 * DAY).verdict is Verdict.ORIGINAL


def test_a_document_that_bridges_two_clusters_joins_the_older_and_links_them(desk):
    halves = story(1, 24)
    older = desk.admit("https://a.example/1", [*halves[:8], *story("a", 4)])
    younger = desk.admit("https://b.example/1", [*story("b", 4), *halves[4:]])
    assert younger.verdict is Verdict.ORIGINAL
    bridge = desk.admit("https://c.example/1", halves)
    later = desk.admit("https://d.example/1", [*story("b", 4), *halves[8:]])

    assert bridge.copy_of == older.id
    assert later.evidence.nearest == younger.id
    assert later.copy_of == older.id, "what is nearest to the younger cluster belongs to the older from now on"


def test_linked_clusters_are_followed_together(desk):
    """Of the one pair both are looked up, of the other the younger alone."""
    originals = []
    for at in range(2):
        blocks = story(f"story {at}", 24)
        originals.append(desk.admit(f"https://a.example/{at}", [*blocks[:8], *story(f"a {at}", 4)]))
        desk.admit(f"https://b.example/{at}", [*story(f"b {at}", 4), *blocks[4:]])
        desk.admit(f"https://c.example/{at}", blocks)
    texts = [story("story 0", 24), story("b 1", 4)]
    found = desk.index.look_up([Wanted(f"{at:024x}", fingerprint(text)) for at, text in enumerate(texts)], now=NOW)

    assert [{known.cluster for known in one.candidates} for one in found] == [{first.id} for first in originals]


def test_what_very_many_documents_share_is_not_entered_any_more_and_candidates_are_bounded(desk):
    shared = sentence(generator("hot"), 25, 30)
    for at in range(8 * candidates.HOT):
        document = desk.admit(f"https://a.example/{at}", [*story(at, 2), shared])
        assert document.verdict is Verdict.ORIGINAL
    asked = desk.prepare("https://b.example/", [*story("new", 2), shared]).looked_up
    all_keys = {int(key) for key in candidates.sketch(fingerprint([*story("new", 2), shared])).keys}
    hot = {int(key) for key in candidates.sketch(fingerprint([shared])).keys}

    assert all_keys - set(asked.keys), "some of them are hot"
    assert all_keys - set(asked.keys) <= hot
    assert 1 + candidates.ENTERED >= asked.enters > candidates.ENTERED // 2, "others take their places"
    assert len(asked.candidates) <= candidates.MAX_CANDIDATES


def test_a_hot_key_finds_something_in_every_slice(desk):
    for day in range(0, 40, 4):
        for at in range(candidates.HOT // 2):
            document = desk.admit(f"https://a.example/{day}/{at}", story(1), now=NOW + day * DAY)
            assert document.verdict is (Verdict.COPY if day or at else Verdict.ORIGINAL)


def test_a_passage_that_many_stories_share_makes_no_copy(desk):
    rng = generator("common")
    shared = [sentence(rng, 25, 30) for _ in range(3)]
    for at in range(8):
        assert desk.admit(f"https://a.example/{at}", [*story(at), *shared]).verdict is Verdict.ORIGINAL
    mostly = desk.admit("https://a.example/short", [*story("short", 2), *shared])

    assert mostly.verdict is Verdict.ORIGINAL
    assert mostly.novelty < 0.5


def test_an_exact_copy_is_found_among_very_many_of_the_same_kind(desk):
    shared = [sentence(generator("common"), 25, 30)]
    for at in range(60):
        desk.admit(f"https://a.example/{at}", [f"Number {at} wins.", *shared])
    last = desk.admit("https://a.example/last", ["Number 1000 wins.", *shared])
    copy = desk.admit("https://b.example/last", ["Number 1000 wins.", *shared])

    assert copy.evidence.nearest == last.id


def test_threads_agree_on_one_original(desk):
    drafts = corpus(60)
    outcomes = defaultdict(list)

    def work(seed):
        mine = list(drafts)
        generator(seed).shuffle(mine)
        for item in mine:
            outcomes[seed].append(judge_and_admit(desk.index, item, now=NOW))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    documents = [outcome.document for part in outcomes.values() for outcome in part]
    assert len(documents) == 180
    assert Counter(document.verdict for document in documents) == {
        Verdict.ORIGINAL: 42,
        Verdict.COPY: 18,
        Verdict.UNCHANGED: 120,
    }
    assert Counter(desk.emitted()) == {item.id: 1 for item in drafts}


class TestStage:
    """What the script does for a page on its way through the stage ``dedup``; Redis only."""

    @pytest.fixture
    def client(self, redis_url):
        return redis.Redis.from_url(redis_url)

    @staticmethod
    def begin(client, page, owner):
        client.zadd(keys.stage("dedup"), {page: NOW})
        client.hset(keys.page(page), "owner", owner)
        client.set(keys.body(page), b"body")
        client.set(keys.extraction(page), b"extraction")

    def test_a_page_is_settled_with_the_admission(self, client):
        self.begin(client, "p1", "job")
        index = RedisIndex(client, page_ttl=100)
        outcome = judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW, page="p1", owner="job")

        assert isinstance(outcome, Done)
        assert client.zcard(keys.stage("dedup")) == 0
        assert client.hgetall(keys.COUNTS) == {b"dedup:original": b"1"}
        assert 0 < client.ttl(keys.page("p1")) <= 100
        assert 0 < client.ttl(keys.body("p1")) <= 100
        assert not client.exists(keys.extraction("p1"))

    def test_a_batch_that_runs_twice_emits_nothing_twice(self, client):
        self.begin(client, "p1", "job")
        index = RedisIndex(client)
        task = Task(draft("https://a.example/1", story(1)), "p1", "job")
        [first] = judge_and_admit_all(index, [task], now=NOW)
        [second] = judge_and_admit_all(index, [task], now=NOW)

        assert isinstance(first, Done)
        assert second == Gone()
        assert client.xlen(keys.DOCUMENTS) == 1

    def test_who_lost_the_page_writes_nothing(self, client):
        index = RedisIndex(client)
        index.look_up([Wanted("0" * 24, fingerprint(story(2)))], now=NOW)
        self.begin(client, "p1", "another job")
        before = {key: client.type(key) for key in client.keys("*")}
        [outcome] = judge_and_admit_all(index, [Task(draft("https://a.example/1", story(1)), "p1", "job")], now=NOW)

        assert outcome == Gone()
        assert {key: client.type(key) for key in client.keys("*")} == before

    def test_unchanged_is_settled_without_an_entry(self, client):
        index = RedisIndex(client)
        judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW)
        self.begin(client, "p2", "job")
        judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW, page="p2", owner="job")

        assert client.hgetall(keys.COUNTS) == {b"dedup:unchanged": b"1"}
        assert client.xlen(keys.DOCUMENTS) == 1

    def test_the_fields_of_an_entry(self, client):
        index = RedisIndex(client)
        item = draft("https://a.example/1", story(1), source="src", language="en", title="A title")
        judge_and_admit(index, item, now=NOW)
        [(_, fields)] = client.xrange(keys.DOCUMENTS)

        assert fields.pop(b"ce_time").startswith(b"20")
        assert {name: value for name, value in fields.items() if name != b"document"} == {
            b"id": item.id.encode(),
            b"revision": b"1",
            b"schema": b"copydesk.document/1",
            b"source": b"src",
            b"host": b"a.example",
            b"language": b"en",
            b"verdict": b"original",
            b"cluster": item.id.encode(),
            b"published_at": b"",
            b"ce_specversion": b"1.0",
            b"ce_id": item.id.encode() + b":1",
            b"ce_source": b"copydesk",
            b"ce_type": b"copydesk.original",
            b"ce_subject": item.id.encode(),
            b"ce_datacontenttype": b"application/json",
        }
        assert json.loads(fields[b"document"])["title"] == "A title"

    def test_every_key_of_the_index_but_two_expires(self, client):
        index = RedisIndex(client)
        judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW)
        judge_and_admit(index, draft("https://b.example/1", story(1)), now=NOW)
        lasting = {key for key in client.keys("*") if client.ttl(key) == -1}

        assert lasting == {
            b"copydesk:index:number",
            b"copydesk:index:period",
            keys.DOCUMENTS.encode(),
            keys.COPIES.encode(),
        }

    def test_a_bucket_stays_bounded(self, client):
        index = RedisIndex(client)
        judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW)
        [bucket, *_] = sorted(client.keys("copydesk:bucket:*"))
        entry = client.get(bucket)
        other = bytes([entry[0] ^ 1]) + entry[1:]  # another key of the same bucket
        client.set(bucket, other * 3999 + entry, keepttl=True)
        copy = judge_and_admit(index, draft("https://b.example/1", story(1)), now=NOW).document

        assert copy.verdict is Verdict.COPY
        assert client.strlen(bucket) == 12_000 + len(entry)
        assert client.get(bucket).endswith(entry[:2] + struct.pack("<I", 2))
        assert client.ttl(bucket) > 0

    def test_what_redis_lost_is_looked_up_again(self, client):
        index = RedisIndex(client)
        judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW)
        looked_up = index.look_up([Wanted("00" * 12, fingerprint(story(2)))], now=NOW)[0]
        client.flushall()
        item = draft("https://b.example/1", story(2))
        judgement = judge(item.id, fingerprint(story(2)), ())
        admission = Admission(item.document(judgement), fingerprint(story(2)), looked_up, None)

        assert index.admit([admission]) == [Conflict(0, stale=True)]

    def test_light_edits_survive_the_round_trip(self, client):
        index = RedisIndex(client)
        first = judge_and_admit(index, draft("https://a.example/1", story(1)), now=NOW)
        copy = judge_and_admit(index, draft("https://b.example/1", edited(story(1), 0.04)), now=NOW)

        assert copy.document.copy_of == first.document.id


def test_a_text_that_was_overtaken_on_its_way_is_no_revision(desk):
    """Its job died, and it came after what was fetched later: consumers must not end with the older text."""
    first, second, third = (story(n) for n in range(60, 63))
    at = [datetime(2026, 11, 22, 12, n, tzinfo=UTC) for n in range(4)]
    assert desk.admit("https://a.example/1", first, fetched_at=at[0]).revision == 1
    assert desk.admit("https://a.example/1", third, fetched_at=at[2]).revision == 2
    late = desk.admit("https://a.example/1", second, fetched_at=at[1])
    assert (late.verdict, late.revision) == (Verdict.UNCHANGED, 2)
    assert "fetched before revision 2" in late.evidence.reason
    assert desk.admit("https://a.example/1", third, fetched_at=at[3]).verdict is Verdict.UNCHANGED
    # What was found unchanged at a time counts as fetched then.
    assert desk.admit("https://a.example/1", second, fetched_at=at[2]).verdict is Verdict.UNCHANGED
    back = desk.admit("https://a.example/1", first, fetched_at=at[3])
    assert (back.verdict, back.revision) == (Verdict.REVISION, 3)
