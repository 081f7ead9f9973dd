"""``copydesk extract``: HTML in, the clean article out."""

from __future__ import annotations

from collections.abc import Callable

import click

from copydesk_services.commands import block_diff, jsonl

LOOK_AHEAD = 4
"""Pages that may wait, a worker."""


@click.command("extract")
@jsonl.file_argument
@jsonl.jsonl_option
@block_diff.diff_option
@click.option("--url", default=None, help="Where the page stands (for one page).")
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Worker processes. Default: one a core.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 3600), default=20.0, show_default=True, help="Seconds a page may take."
)
def command(file: str, *, as_jsonl: bool, as_diff: bool, url: str | None, workers: int | None, timeout: float) -> None:
    """Extract the article of a page, without boilerplate.

    Reads one page of HTML from FILE, or from standard input where it is - or left out; with --jsonl one page a line:
    {id, url, html} or {id, url, html_b64}, with the raw bytes in Base64. Writes one JSON document a line, in the order
    of the input, with id, url, host, title, authors, published_at and what says so, section, tags, image, agency, language,
    text, removed (each block with reason and rule), rejected (null, or why the page is no article) and more. No Redis is
    needed.

    With --diff, the blocks of the page are shown to people, what is removed in its place, with reason and rule. A file
    of rules of your own is named by COPYDESK_RULES_FILE, see docs/rules.md.

    A page that takes longer than --timeout, or too much memory, is rejected as "stalled"; the rest goes on.

    \b
    Examples:
      curl -s https://example.org/a.html | copydesk extract --url https://example.org/a.html
      copydesk extract --diff saved.html
      copydesk extract --jsonl pages.jsonl | jq -r .title
    """
    from copydesk.core.limits import MAX_PAGE_BYTES
    from copydesk.runtime.rules import load_rules
    from copydesk.runtime.settings import load_settings
    from copydesk_services.commands.pool import ExtractPool

    block_diff.refuse_jsonl(as_diff=as_diff, as_jsonl=as_jsonl)
    rules = load_rules(load_settings())

    def submit(record: jsonl.Record) -> Callable[[], jsonl.Record]:
        where = jsonl.optional_string(record, "url")
        wait = pool.submit(_body(record), where or "", max_bytes=MAX_PAGE_BYTES)
        return lambda: _document(record["id"], where, wait())

    if as_jsonl:
        with ExtractPool(workers or 0, seconds=timeout, rules=rules) as pool:
            raise SystemExit(jsonl.serve_ahead(file, submit, ahead=LOOK_AHEAD * pool.workers))
    page = jsonl.read_all(file, MAX_PAGE_BYTES)
    with ExtractPool(1, seconds=timeout, rules=rules) as pool:
        extraction = pool.submit(page, url or "", max_bytes=MAX_PAGE_BYTES)()
    if as_diff:
        rejected = f"no article: {extraction['rejected']}: {extraction['detail']}" if extraction["rejected"] else None
        about = [line for line in (extraction["title"], url, rejected) if line]
        block_diff.show(about, [block["text"] for block in extraction["blocks"]], extraction["removed"])
        return
    with jsonl.quiet_broken_pipe():
        jsonl.write(_document(None, url, extraction))


def _body(record: jsonl.Record) -> bytes | str:
    if record.get("html") is not None:
        return jsonl.string(record, "html")
    if record.get("html_b64") is None:
        raise jsonl.BadRecordError("html and html_b64 are missing")
    return jsonl.base64_bytes(record, "html_b64")


def _document(id_: str | int | None, url: str | None, extraction: jsonl.Record) -> jsonl.Record:
    """The fields that a document always has at its top level stand first; what is not known yet is null."""
    from copydesk.core.urls import host_of

    return {
        "id": id_,
        "url": url,
        "host": host_of(url or "") or None,
        "source": None,
        "title": extraction["title"],
        "text": extraction["text"],
        "language": extraction["language"],
        "verdict": None,
        "copy_of": None,
        "cluster": None,
        "novelty": None,
        "removed": extraction["removed"],
        "published_at": extraction["published_at"],
        **extraction,
    }
