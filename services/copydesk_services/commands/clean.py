"""``copydesk clean``: text in, text without boilerplate out."""

from __future__ import annotations

import click

from copydesk_services.commands import jsonl

MAX_TEXT_BYTES = 16 * 1024 * 1024


@click.command("clean")
@jsonl.file_argument
@jsonl.jsonl_option
@click.option("--learn", is_flag=True, help="With --jsonl: learn what the texts of a site repeat, and remove it.")
def command(file: str, as_jsonl: bool, learn: bool) -> None:
    """Strip boilerplate from text that is already extracted, a paragraph a line.

    Reads FILE, or standard input where it is - or left out, and writes {id, text, removed: [{text, reason, rule, index}]}, where
    index is the place among the lines that are not blank. With --jsonl, every line of the input is {id, url, text}.

    With --learn, the records are the articles of a site (or of several, told apart by the host of url) in the order of
    their publication: what enough of the earlier ones repeat is removed from the later ones. A text that is a copy of an earlier
    one does not count. published_at gives the day of an article; where no article has one, it cannot be seen that a block
    stands there for days, so that twice the stories are asked for. Nothing is kept after the end.

    \b
    Examples:
      copydesk clean article.txt
      copydesk clean --jsonl --learn site.jsonl
      printf '{"id": "1", "url": null, "text": "It rained.\\\\nShare this"}\\n' | copydesk clean --jsonl
    """
    from copydesk.core.boilerplate import clean_text
    from copydesk.core.decode import decode

    def work(record: jsonl.Record) -> jsonl.Record:
        text, removed = clean_text(jsonl.string(record, "text"), jsonl.optional_string(record, "url"))
        return {"id": record["id"], "text": text, "removed": [block.model_dump(mode="json") for block in removed]}

    if learn and not as_jsonl:
        raise click.UsageError("--learn wants --jsonl: one text has nothing to learn from")
    if learn:
        from copydesk_services.commands.learning import LearningCleaner

        raise SystemExit(jsonl.serve(file, LearningCleaner().answer))
    if as_jsonl:
        raise SystemExit(jsonl.serve(file, work))
    raw = jsonl.read_all(file, MAX_TEXT_BYTES)
    if len(raw) > MAX_TEXT_BYTES:
        raise click.ClickException(f"{file}: the text is larger than {MAX_TEXT_BYTES} bytes")
    with jsonl.quiet_broken_pipe():
        jsonl.write(work({"id": None, "text": decode(raw)}))
