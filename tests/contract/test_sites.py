"""The contract of ``Sites``, in memory and on every server; and what stands in Redis."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
import zstandard
from redis_servers import KINDS
from structlog.testing import capture_logs

from copydesk.core.enough import Enough
from copydesk.core.learned import Place
from copydesk.core.sites import Sighting, Site, State, Story
from copydesk.errors import SiteContended
from copydesk.runtime import keys
from copydesk.runtime.memory_sites import MemorySites
from copydesk.runtime.redis_sites import RedisSites, pack_site, read_site

HOST = "site.example"
POLICY = 0xFEED_0000_0000_0001
TEXT = "The policy of the site, as it stands below each of its stories — «in words»."


def story(number, *, carries=True, own=6, per_day=5):
    rng = random.Random(number)
    sightings = [Sighting(rng.getrandbits(64), Place.HEAD, True, "something of its own") for _ in range(own)]
    if carries:
        sightings.append(Sighting(POLICY, Place.TAIL, True, TEXT))
    return Story(number + 1, 20_000 + number // per_day, tuple(sightings))


def seeing(*stories, enough=Enough()):  # noqa: B008 -- frozen
    return lambda site: [change for one in stories for change in site.observe(one, enough)]


@pytest.fixture(params=["memory", *KINDS])
def sites(request, redis_servers):
    if request.param == "memory":
        return MemorySites()
    server = redis_servers.get(request.param)
    if server is None:
        pytest.skip(f"{request.param} is not installed")
    server.flush()
    return RedisSites(redis.Redis.from_url(server.url))


def test_what_enough_stories_carry_is_learned_and_told(sites):
    assert sites.learned([HOST, "other.example"]) == {}
    assert sites.learned([]) == {}
    assert sites.site(HOST) is None
    changes = [sites.update({HOST: seeing(story(n))})[HOST] for n in range(20)]
    [(number, [change])] = [(n, found) for n, found in enumerate(changes, 1) if found]
    assert number == 16
    assert (change.key, change.learned, change.text, change.stories, change.days) == (POLICY, True, TEXT, 16, 4)
    assert sites.learned([HOST, "other.example", HOST]).keys() == {HOST}
    learned = sites.learned([HOST])[HOST]
    assert (learned.version, dict(learned.blocks)) == (1, {POLICY: Place.TAIL})


def test_it_is_the_same_site_wherever_it_is_kept(sites):
    """All that is known comes back as it went in: a site that was never packed is the measure."""
    alone = Site()
    for n in range(60):
        one = story(n, carries=n % 4 != 0)
        assert sites.update({HOST: seeing(one)})[HOST] == alone.observe(one)
    kept = sites.site(HOST)
    assert kept == alone
    assert kept.learned() == sites.learned([HOST])[HOST]


def test_a_batch_that_comes_again_counts_once(sites):
    batch = [story(n) for n in range(15)]
    for _ in range(5):
        assert sites.update({HOST: seeing(*batch)})[HOST] == []
    assert sites.site(HOST).stories == 15


def test_hosts_are_apart(sites):
    results = sites.update({f"h{n}.example": seeing(*map(story, range(n, n + 16))) for n in range(3)})
    assert [len(results[f"h{n}.example"]) for n in range(3)] == [1, 1, 1]
    assert sites.update({"h0.example": lambda site: site.forget()}) == {"h0.example": None}
    assert sites.learned(["h0.example", "h1.example"]).keys() == {"h1.example"}
    assert sites.site("h1.example").stories == 16
    assert sites.update({}) == {}


def test_the_users_word_is_kept_and_undone(sites):
    sites.update({HOST: seeing(*map(story, range(16)))})
    sites.update({HOST: lambda site: site.decide(POLICY, State.VETOED)})
    assert sites.learned([HOST]) == {}
    sites.update({HOST: seeing(*map(story, range(16, 40)))})
    assert sites.learned([HOST]) == {}
    sites.update({HOST: lambda site: site.decide(POLICY, State.PINNED)})
    assert sites.learned([HOST])[HOST].blocks == {POLICY: None}
    assert sites.site(HOST).version == 3
    with pytest.raises(KeyError):
        sites.update({HOST: lambda site: site.decide(1, State.PINNED)})
    assert sites.site(HOST).version == 3


def test_what_is_no_longer_shown_lapses(sites):
    sites.update({HOST: seeing(*map(story, range(16)))})
    [change] = sites.update({HOST: seeing(*(story(n, carries=False) for n in range(16, 400)))})[HOST]
    assert (change.key, change.learned) == (POLICY, False)
    assert sites.learned([HOST]) == {}


def test_many_threads_lose_no_story(sites):
    def work(first):
        for n in range(first, 200, 4):
            sites.update({HOST: seeing(story(n)), "other.example": seeing(story(n + 1_000))})

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sites.site(HOST).stories, sites.site("other.example").stories) == (200, 200)
    [block] = [block for block in sites.site(HOST).blocks.values() if block.key == POLICY]
    assert block.stories == 200
    assert sites.learned([HOST])[HOST].version == 1


def test_writers_with_clients_of_their_own_learn_a_block_once(redis_url):
    """Each is told what its own stories changed, and nobody is told of the same twice."""

    def work(numbers):
        with redis.Redis.from_url(redis_url) as client:
            return sum(len(RedisSites(client).update({HOST: seeing(story(n))})[HOST]) for n in numbers)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, [range(first, 120, 4) for first in range(4)])) == 1
    with redis.Redis.from_url(redis_url) as client:
        assert RedisSites(client).site(HOST).stories == 120


def test_a_write_in_between_is_seen_and_the_change_done_again(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        sites, other = RedisSites(client), RedisSites(client)
        calls = []

        def change(site):
            calls.append(site.stories)
            if len(calls) == 1:
                other.update({HOST: seeing(story(1))})
            site.observe(story(2))

        sites.update({HOST: change})
        assert calls == [0, 1]
        assert sites.site(HOST).stories == 2
        with pytest.raises(SiteContended, match=r"site\.example was changed by others"):
            sites.update({HOST: lambda site: other.update({HOST: seeing(story(site.stories + 10))})})


def test_keys_and_their_bounds(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        sites = RedisSites(client, ttl=1_000)
        for n in range(0, 3_000, 30):
            sites.update({HOST: seeing(*(story(at, own=40) for at in range(n, n + 30)))})
        assert {name.decode() for name in client.scan_iter()} == {keys.site(HOST), keys.learned(HOST)}
        assert 900 < client.ttl(keys.site(HOST)) <= 1_000
        assert 900 < client.ttl(keys.learned(HOST)) <= 1_000
        assert client.strlen(keys.site(HOST)) < 12_000
        assert client.strlen(keys.learned(HOST)) == 4 + 9
        assert len(sites.site(HOST).blocks) <= Enough().blocks
        sites.update({HOST: lambda site: site.decide(POLICY, State.VETOED)})
        assert client.ttl(keys.site(HOST)) == -1, "what the user said is not forgotten"
        assert not client.exists(keys.learned(HOST))


def test_the_fullest_site_stays_within_its_bytes():
    """All its blocks recur, in characters of four bytes each."""
    rng = random.Random(5)
    site = Site()
    texts = ["".join(chr(0x20000 + rng.randrange(20_000)) for _ in range(160)) for _ in range(128)]
    for n in range(70):
        site.observe(Story(n, n, tuple(Sighting(k, Place.TAIL, True, text) for k, text in enumerate(texts))))
    packed = pack_site(site)
    assert read_site(packed) == site
    assert len(site.blocks) == 128
    assert len(packed) < 95_000


@pytest.mark.parametrize(
    "value", [b"", b"12345678", b"\x01" * 7, b"\0" * 8 + zstandard.compress(b"\x07" * 99), b"\xff" * 500]
)
def test_what_cannot_be_read_is_learned_anew(redis_url, value):
    with redis.Redis.from_url(redis_url) as client:
        client.set(keys.site(HOST), value)
        sites = RedisSites(client)
        with capture_logs() as logs:
            assert sites.site(HOST).stories == 0
        assert [line["event"] for line in logs] == ["site.unreadable"]
        sites.update({HOST: seeing(story(1))})
        assert sites.site(HOST).stories == 1
