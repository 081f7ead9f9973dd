"""What a running system archives comes out the same in another one; stored pages go through the extractor again."""

import json

import pytest
from blackbox import Copydesk, article, words
from warcs import story, write

PAGES = 5
RULES = """
[[rule]]
id = "lighthouse"
reason = "contact"
pattern = 'the lighthouse keeper writes to us'
yes = ["The lighthouse keeper writes to us."]
"""


def told(done):
    return json.loads(done.stdout)


def by_id(documents):
    return {document["id"]: document for document in documents}


@pytest.mark.slow
def test_documents_come_out_of_a_file_once(copydesk, tmp_path):
    path = write(tmp_path / "CC-NEWS-1.warc.gz", *(story(n) for n in range(PAGES)))
    said = told(copydesk("backfill", path, "--label", "origin=cc-news"))
    assert (said["outcomes"], said["complete"]) == ({"original": PAGES}, True)
    documents = copydesk.entries("documents")
    assert sorted(document["url"] for document in documents) == [f"https://paper.example/a/{n}" for n in range(PAGES)]
    assert {document["fetched_at"] for document in documents} == {"2026-09-01T10:00:00Z"}
    assert all(document["labels"] == {"origin": "cc-news"} for document in documents)
    said = told(copydesk("backfill", "--no-run", "--wait", path))
    assert (said["taken"], said["known"], said["outcomes"]) == (0, PAGES, {})


@pytest.mark.slow
def test_an_archive_is_taken_in_by_a_fresh_system_and_reprocessed(copydesk, make_site, tmp_path):
    site = make_site()
    texts = [words(n) for n in range(PAGES)]
    texts[2].insert(3, "The lighthouse keeper writes to us.")
    for n, text in enumerate(texts):
        site.page(f"/a/{n}", article(f"Story {n}", text))
    site.redirect("/short", f"{site.url}/a/0")
    site.page("/empty", "<html><body></body></html>")
    links = [f"{site.url}/short", *(f"{site.url}/a/{n}" for n in range(1, PAGES)), f"{site.url}/empty"]
    archive = tmp_path / "archive"
    copydesk("run", "--once", site.feed("/feed.xml", links), env={"COPYDESK_ARCHIVE": str(archive)})
    documents = copydesk.entries("documents")
    assert len(documents) == PAGES
    files = [str(path) for path in archive.iterdir()]
    assert all(name.endswith(".warc.gz") for name in files)
    asked = sum(site.asked.values())

    (tmp_path / "fresh").mkdir()
    fresh = Copydesk(tmp_path / "fresh")
    said = told(fresh("backfill", *files))
    assert said["outcomes"] == {"original": PAGES, "rejected:empty": 1}
    assert by_id(fresh.entries("documents")) == by_id(documents)
    assert told(fresh("backfill", "--no-run", *files))["known"] == PAGES + 1
    (tmp_path / "rules.toml").write_text(RULES)
    env = {"COPYDESK_ARCHIVE": str(archive), "COPYDESK_RULES_FILE": str(tmp_path / "rules.toml")}
    said = told(fresh("reprocess", "--since", "1h", env=env))
    assert said["outcomes"] == {"rejected:empty": 1, "revision": 1, "unchanged": PAGES - 1}
    [*_, last] = fresh.entries("documents")
    assert (last["verdict"], last["revision"], last["url"]) == ("revision", 2, f"{site.url}/a/2")
    assert "lighthouse" not in last["text"]
    assert sum(site.asked.values()) == asked
