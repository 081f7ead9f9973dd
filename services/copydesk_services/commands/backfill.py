"""``copydesk backfill``."""

from __future__ import annotations

from typing import Any

import click

from copydesk.runtime.settings import load_settings
from copydesk_services.commands.stored import chosen, options, take_in, tell_problem


@click.command("backfill")
@click.argument("files", nargs=-1, required=True, metavar="FILE|URL|- ...")
@options
def command(files: tuple[str, ...], **given: Any) -> int:
    """Take the pages of WARC files, such as those of CC-NEWS, through the pipeline, as though they had just been fetched.

    A FILE is a path or any URL that fsspec reads: http, s3 (with s3fs installed), and so on; compressed or not. Pages that
    were taken before are left alone, so that it can be run again after an interruption. What came out is in the streams:
    copydesk tail documents.

    Without COPYDESK_REDIS_URL, extractor and deduper are started for it, and it ends when everything is through; with
    it, or with --no-run, the pages are queued for the services that run elsewhere.

    A JSON line of counts goes to standard output. The exit code is 1 if a file could not be read to its end, or was damaged.

    \b
    Examples:
      copydesk backfill CC-NEWS-20260901012345-00042.warc.gz
      copydesk backfill --dry-run --host example.org https://data.commoncrawl.org/crawl-data/CC-NEWS/2026/09/CC-NEWS-20260901012345-00042.warc.gz
      copydesk backfill --source cc-news --label origin=cc-news --since 2026-09-01 *.warc.gz
    """
    from copydesk_services.stored_pages import StoredPages, check_names

    settings = load_settings()
    choice, how = chosen(**given)
    check_names(files, settings)
    return take_in(StoredPages(choice, settings, tell_problem), files, settings, how, again=False)
