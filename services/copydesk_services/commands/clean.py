"""``copydesk clean``: text in, text without boilerplate out."""

from __future__ import annotations

import click

from copydesk_services.commands import block_diff, jsonl

MAX_TEXT_BYTES = 16 * 1024 * 1024


@click.command("clean")
@jsonl.file_argument
@jsonl.jsonl_option
@block_diff.diff_option
@click.option("--url", default=None, help="Where the text is from (for one text): rules may be for one site.")
@click.option("--learn", is_flag=True, help="With --jsonl: learn what the texts of a site repeat, and remove it.")
def command(file: str, *, as_jsonl: bool, as_diff: bool, url: str | None, learn: bool) -> None:
    """Strip boilerplate from text that is already extracted, a paragraph a line.

    Reads FILE, or standard input where it is - or left out, and writes {id, text, removed: [{text, reason, rule, index}]}, where
    index is the place among the lines that are not blank. With --jsonl, every line of the input is {id, url, text}.
    With --diff, the text is shown to people, what is removed in its place, with reason and rule. A file of rules of your
    own is named by COPYDESK_RULES_FILE, see docs/rules.md.

    With --learn, the records are the articles of a site (or of several, told apart by the host of url) in the order of
    their publication: what enough of the earlier ones repeat is removed from the later ones. A text that is a copy of an earlier
    one does not count. published_at gives the day of an article; where no article has one, it cannot be seen that a block
    stands there for days, so that twice the stories are asked for. Nothing is kept after the end.

    \b
    Examples:
      copydesk clean article.txt
      copydesk clean --diff article.txt
      copydesk clean --jsonl --learn site.jsonl
      printf '{"id": "1", "url": null, "text": "It rained.\\\\nShare this"}\\n' | copydesk clean --jsonl
    """
    from copydesk.core.boilerplate import clean_text
    from copydesk.core.decode import decode
    from copydesk.runtime.rules import load_rules
    from copydesk.runtime.settings import load_settings

    block_diff.refuse_jsonl(as_diff=as_diff, as_jsonl=as_jsonl)
    rules = load_rules(load_settings())

    def work(record: jsonl.Record) -> jsonl.Record:
        text, removed = clean_text(jsonl.string(record, "text"), jsonl.optional_string(record, "url"), rules=rules)
        return {"id": record["id"], "text": text, "removed": [block.model_dump(mode="json") for block in removed]}

    if learn and not as_jsonl:
        raise click.UsageError("--learn wants --jsonl: one text has nothing to learn from")
    if learn:
        from copydesk_services.commands.learning import LearningCleaner

        raise SystemExit(jsonl.serve(file, LearningCleaner(rules).answer))
    if as_jsonl:
        raise SystemExit(jsonl.serve(file, work))
    raw = jsonl.read_all(file, MAX_TEXT_BYTES)
    if len(raw) > MAX_TEXT_BYTES:
        raise click.ClickException(f"{file}: the text is larger than {MAX_TEXT_BYTES} bytes")
    answer = work({"id": None, "url": url, "text": decode(raw)})
    if as_diff:
        block_diff.show([], answer["text"].split("\n") if answer["text"] else [], answer["removed"])
        return
    with jsonl.quiet_broken_pipe():
        jsonl.write(answer)
