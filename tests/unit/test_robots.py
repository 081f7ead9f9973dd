"""What a robots.txt says to us."""

import time

import pytest

from copydesk.core.robots import MAX_ROBOTS_BYTES, RobotsRules, product_token

SITE = "https://paper.example"


def allows(robots, path, agent="copydesk"):
    data = robots if isinstance(robots, bytes) else robots.encode()
    return RobotsRules(data, agent).allows(SITE + path)


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("copydesk/0.1 (+https://copydesk.example/bot)", "copydesk"),
        ("Mozilla/5.0 (compatible; PaperDesk/2.0; +https://paper.example/bot)", "PaperDesk"),
        ("paper-desk", "paper-desk"),
        ("/", "copydesk"),
    ],
)
def test_the_name_under_which_a_file_speaks_of_us(user_agent, token):
    assert product_token(user_agent) == token


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("", "/", True),
        ("User-agent: *\nDisallow:", "/", True),
        ("User-agent: *\nDisallow: /\nUser-agent: copydesk\nAllow: /", "/a", True),
        ("User-agent: COPYDESK\nDisallow: /", "/a", False),
        ("User-agent: copydesk/1.0\nDisallow: /", "/a", False),
        ("User-agent: copydeskbot\nDisallow: /", "/a", True),
        ("User-agent: desk\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: copydesk\nDisallow: /a", "/a", False),
        ("User-agent: copydesk\nDisallow: /a\n\nUser-agent: copydesk\nDisallow: /b", "/a", False),
        ("User-agent: copydesk\nSitemap: https://x.example/s\nUser-agent: other\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?page=2", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?x=1&print=1", True),
        ("User-agent: *\nDisallow: /*?*print=", "/a?x=1&print=1", False),
        ("User-agent: *\nDisallow: /caf\u00e9", "/caf%C3%A9/menu", False),
        ("User-agent: *\nDisallow: /caf%c3%a9", "/caf%C3%A9/menu", False),
        ("User-agent: *\nDisallow: /%70rivate", "/private", False),
        ("\ufeffUser-agent: *\rDisallow: /\r", "/a", False),
        ("user agent: *\ndisalow: /a # not this", "/a", False),
        ("User-agent: *\nDisallow /a", "/a", False),
        ("Disallow: /\nUser-agent: *\nAllow: /", "/a", True),
        ("<!doctype html><html><body>User-agent: not here</body></html>", "/a", True),
        (b"User-agent: *\nDisallow: /\xff\xfe\nDisallow: /b\x00", "/a", True),
    ],
)
def test_what_it_lets_be_fetched(robots, path, allowed):
    assert allows(robots, path) is allowed


@pytest.mark.parametrize(
    ("robots", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 2.5\nDisallow: /a", 2.5),
        ("User-agent: copydesk\nCrawl-delay: 10\nUser-agent: other\nDisallow: /", 10.0),
        ("User-agent: other\nCrawl-delay: 10\nUser-agent: *\nAllow: /", None),
        ("User-agent: *\nCrawl-delay: 5\nUser-agent: copydesk\nAllow: /", None),
        ("User-agent: *\nCrawl-delay: 3 seconds\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: soon\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: 99999999999", 86_400.0),
    ],
)
def test_the_pace_that_it_asks_for(robots, seconds):
    assert RobotsRules(robots.encode(), "copydesk").crawl_delay == seconds


@pytest.mark.parametrize(
    "lines",
    [
        b"Disallow: /%d\n",
        b"Disallow: /*%dz\n",
        b"Disallow: /" + b"*a" * 8_000 + b"%d\n",
        b"Disallow: /" + b"*a*b" * 40 + b"%dz\n",
        b"Allow: /%d/index.html\n",
        b"Disallow: /$$$$%d$\n",
        b"User-agent: a%d\n",
    ],
    ids=lambda line: line[:18].decode(),
)
def test_a_hostile_file_takes_bounded_time(lines):
    data = b"User-agent: *\n" + b"".join(lines % n for n in range(MAX_ROBOTS_BYTES // len(lines)))
    url = f"{SITE}/{'ab/' * 1_300}"
    started = time.process_time()
    RobotsRules(data[:MAX_ROBOTS_BYTES], "copydesk").allows(url)
    # 0.4 s at most on a slow machine; what is quadratic takes minutes.
    assert time.process_time() - started < 3


def test_what_has_more_wildcards_than_are_read_closes_no_less():
    pattern = "/a" + "*b" * 150
    assert not allows(f"User-agent: *\nDisallow: {pattern}", "/a" + "b" * 150)
    assert not allows(f"User-agent: *\nDisallow: /\nAllow: {pattern}", "/a" + "b" * 149)
