"""Metrics and health of running services, as Prometheus and a container see them."""

import json
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

from blackbox import article, wait_for, words

PAGES = 5


def free_ports():
    """The first of three ports in a row that are free."""
    for _ in range(50):
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
        try:
            for n in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + n))
        except OSError:
            continue
        return port
    raise AssertionError("no three free ports in a row")


def scrape(port, path="/metrics"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def value(text, name, **labels):
    total = 0.0
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match and match[1] == name and all(f'{key}="{want}"' in (match[2] or "") for key, want in labels.items()):
            total += float(match[3])
    return total


def test_what_forked_children_do_is_counted(copydesk, make_site):
    site = make_site()
    for n in range(PAGES):
        site.page(
            f"/a/{n}", article(f"Story {n}", [*words(n), "Subscribe to our newsletter for more stories like this."])
        )
    site.page("/empty", "<html><body></body></html>")
    links = [f"{site.url}/a/{n}" for n in range(PAGES)] + [f"{site.url}/empty", f"{site.url}/gone"]
    port = free_ports()
    run = copydesk.start("run", site.feed("/feed.xml", links), env={"COPYDESK_HTTP_PORT": str(port)})
    try:
        wait_for(lambda: copydesk.admitted == PAGES and copydesk.log.count('"page.rejected"') == 2, "the documents")
        fetcher, extractor, deduper = (port + n for n in range(3))
        name = "copydesk_stage_outcomes_total"
        wait_for(
            lambda: value(scrape(deduper), name, stage="dedup", outcome="original") == PAGES, "the deduper's count"
        )
        wait_for(
            lambda: value(scrape(extractor), name, stage="extract", outcome="document") == PAGES,
            "the extractor's count",
        )
        text = scrape(extractor)
        assert value(text, name, stage="extract", outcome="rejected", reason="empty") == 1
        assert value(text, "copydesk_stage_seconds_count", stage="extract") == PAGES + 1
        assert value(text, "copydesk_removed_blocks_total", reason="newsletter") == PAGES
        text = scrape(fetcher)
        assert value(text, name, stage="fetch", outcome="page") == PAGES + 1
        assert value(text, name, stage="fetch", outcome="rejected", reason="http_4xx") == 1
        assert value(text, "copydesk_polls_total", outcome="new") == 1
        assert value(text, "copydesk_items_total") == PAGES + 2
        for service in (fetcher, extractor, deduper):
            assert json.loads(scrape(service, "/healthz"))["ok"]
            assert json.loads(scrape(service, "/readyz"))["ok"]
            assert site.url not in scrape(service), "no URL is a label"
            if shutil.which("promtool"):
                done = subprocess.run(
                    ["promtool", "check", "metrics"], check=False, input=scrape(service), capture_output=True, text=True
                )
                assert done.returncode == 0, done.stdout + done.stderr
        assert copydesk("healthcheck", env={"COPYDESK_HTTP_PORT": str(fetcher)}).returncode == 0
        assert copydesk("healthcheck", env={"COPYDESK_HTTP_PORT": "1"}, check=False).returncode == 1
    finally:
        run.terminate()
        run.wait(90)
        run.stdout.close()
