"""``copydesk clean``: text in, text without boilerplate out."""

from __future__ import annotations

import click

from copydesk_services.commands import jsonl

MAX_TEXT_BYTES = 16 * 1024 * 1024


@click.command("clean")
@jsonl.file_argument
@jsonl.jsonl_option
def command(file: str, as_jsonl: bool) -> None:
    """Strip boilerplate from text that is already extracted, a paragraph a line.

    Reads FILE, or standard input where it is - or left out, and writes {id, text, removed: [{text, reason, rule, index}]}, where
    index is the place among the lines that are not blank. With --jsonl, every line of the input is {id, url, text}.

    \b
    Examples:
      copydesk clean article.txt
      printf '{"id": "1", "url": null, "text": "It rained.\\\\nShare this"}\\n' | copydesk clean --jsonl
    """
    from copydesk.core.boilerplate import clean_text
    from copydesk.core.decode import decode

    def work(record: jsonl.Record) -> jsonl.Record:
        text, removed = clean_text(jsonl.string(record, "text"), jsonl.optional_string(record, "url"))
        return {"id": record["id"], "text": text, "removed": [block.model_dump(mode="json") for block in removed]}

    if as_jsonl:
        raise SystemExit(jsonl.serve(file, work))
    raw = jsonl.read_all(file, MAX_TEXT_BYTES)
    if len(raw) > MAX_TEXT_BYTES:
        raise click.ClickException(f"{file}: the text is larger than {MAX_TEXT_BYTES} bytes")
    with jsonl.quiet_broken_pipe():
        jsonl.write(work({"id": None, "text": decode(raw)}))
