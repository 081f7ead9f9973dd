"""A copy of the append-only file, made while all runs, is a backup: what was emitted by then is there, and work goes on."""

import json
import shutil

import pytest
from blackbox import Copydesk, article, wait_for, words

PAGES = 12


@pytest.mark.slow
def test_a_copy_of_the_append_only_file_is_restored_without_loss(copydesk, make_site, tmp_path):
    site = make_site()
    for n in range(2 * PAGES):
        site.page(f"/a/{n}", article(f"Story {n}", words(n)))
    feed = site.feed("/feed.xml", [f"{site.url}/a/{n}" for n in range(PAGES)])
    system = copydesk.start("run", feed, env={"COPYDESK_REDIS_FSYNC": "always"})
    try:
        wait_for(lambda: copydesk.admitted >= PAGES, "the documents")
        (tmp_path / "restored/var/redis").mkdir(parents=True)
        shutil.copytree(copydesk.folder / "var/redis/appendonlydir", tmp_path / "restored/var/redis/appendonlydir")
    finally:
        system.kill()
        system.wait()
    restored = Copydesk(tmp_path / "restored")
    assert len(restored.entries("documents")) == PAGES
    done = restored("audit", "--deep", "--wait", "0")
    assert json.loads(done.stdout)["agrees"]
    # It goes on where it was: what is new comes, and nothing comes twice.
    site.feed("/feed.xml", [f"{site.url}/a/{n}" for n in range(2 * PAGES)])
    restored("run", "--once", feed)
    urls = [document["url"] for document in restored.entries("documents")]
    assert sorted(urls) == sorted(f"{site.url}/a/{n}" for n in range(2 * PAGES))
    assert json.loads(restored("audit", "--deep").stdout)["agrees"]
