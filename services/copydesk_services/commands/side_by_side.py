"""Documents side by side: coloured columns on a terminal, plain lines elsewhere. No text reaches it with control characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from copydesk_services.commands.passage_rows import Kind, Piece, Row, Text, changed, runs
from copydesk_services.printable import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

MATCHES: Final = ("cyan", "green", "magenta", "yellow", "bright_blue", "bright_red")
VERDICTS: Final = {"original": "green", "copy": "yellow", "revision": "cyan"}
# Wider lines are hard to read; what is longer than a passage should be is cut.
MOST_COLUMNS: Final = 200
MOST_CHARACTERS: Final = 4_000
# Of so many rows in a row that nobody needs, the first is shown and the others are counted.
COLLAPSE: Final = 3
BAR: Final = 30
# Where less of two passages is the same, to mark what differs would mark nearly everything.
LEAST_ALIKE: Final = 0.4
LABELS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as it is shown.

    Attributes:
        name: Its id, or that of a file.
        about: Where it is from; when it came and what it is.
        text: None where it is no longer stored.
        identity: What JSON says of it.
    """

    name: str
    title: str
    about: Sequence[str]
    text: Text | None
    identity: Mapping[str, object]

    def passage(self, number: int | None) -> str | None:
        """The text of a passage, where it is stored."""
        if number is None or self.text is None or number >= len(self.text.passages):
            return None
        return self.text.passages[number]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is shown.

    Attributes:
        verdict: Of the document.
        sentences: Why, and what else there is to say.
        shares: Share of the document that stands in the first of the others, and of that in the document; None where
            nothing was compared.
        similarity: Of both, from 0 to 1.
        distance: Of the document fingerprints, in bits.
        documents: The document, then those that it is shown beside.
        rows: Its passages, and theirs.
        revision: Whether what changed is of interest, and not what is the same.
    """

    verdict: str
    sentences: Sequence[str]
    shares: tuple[float, float] | None
    similarity: float | None
    distance: int | None
    documents: Sequence[Shown]
    rows: Sequence[Row]
    revision: bool = False

    @property
    def quiet(self) -> frozenset[Kind]:
        """Rows that are dimmed, and counted where there are many."""
        return frozenset({"same"} if self.revision else {"here", "there"})

    def passage(self, document: int, passage: int | None) -> str:
        """The text of a passage, as it can be shown."""
        if passage is None:
            return ""
        text = self.documents[document].passage(passage)
        if text is None:
            return f"(passage {passage} of {LABELS[document]}, which is no longer stored)"
        return printable(text[:MOST_CHARACTERS])

    def texts(self, row: Row) -> tuple[str, str]:
        """The two texts of a row."""
        return self.passage(0, row.here), self.passage(row.other + 1, row.there)


def plain(what: Explanation, *, full: bool) -> Iterator[str]:
    """The lines of an explanation without colours and columns."""
    yield f"{what.verdict}: {' '.join(printable(sentence) for sentence in what.sentences)}"
    if what.shares is not None:
        here, there = what.shares
        bits = "" if what.distance is None else f"; document fingerprints {what.distance} of 64 bits apart"
        yield f"{here:.1%} of A stands in B, {there:.1%} of B stands in A{bits}"
    for label, document in zip(LABELS, what.documents, strict=False):
        yield " ".join(
            filter(None, (f"{label}: {printable(document.title)}", " · ".join(map(printable, document.about))))
        )
    yield ""
    for run in runs(what.rows, what.quiet):
        kept = run.rows if full or not run.quiet or len(run.rows) <= COLLAPSE else run.rows[:1]
        for row in kept:
            yield from _plain_row(what, row)
        if len(kept) < len(run.rows):
            which = "that are the same" if what.revision else "that stand in one of them only"
            yield f"           ({len(run.rows) - len(kept)} more passages {which})"


def _plain_row(what: Explanation, row: Row) -> Iterator[str]:
    here, there = what.texts(row)
    label = LABELS[row.other + 1]
    if row.kind == "here":
        yield f"   only A: {here}"
    elif row.kind == "there":
        yield f"   only {label}: {there}"
    elif row.here is not None:
        yield f"{row.number or '':4} {_mark(row):>4}  A: {here}"
        if there not in ("", here):
            yield f"           {label}: {there}"
    else:
        yield f"{row.number:4} {_mark(row):>4}  {label}: {there}"


def _mark(row: Row) -> str:
    if row.kind in ("here", "there"):
        return ""
    return "=" if row.kind == "same" else f"≈{row.distance or ''}"


def show(console: Console, what: Explanation, *, full: bool) -> None:
    """Show an explanation on a terminal."""
    console.width = min(console.width, MOST_COLUMNS)
    _show_verdict(console, what)
    console.print(_columns(console, what, full=full))
    _show_legend(console, what)


def _show_verdict(console: Console, what: Explanation) -> None:
    from rich.text import Text as RichText

    colour = VERDICTS.get(what.verdict, "white")
    line = RichText.assemble((f" {what.verdict} ", f"bold black on {colour}"), "  ")
    line.append(printable(what.sentences[0]), "bold")
    console.print()
    console.print(line)
    for sentence in what.sentences[1:]:
        console.print(RichText(printable(sentence), "dim"))
    if what.shares is not None:
        console.print()
        for share, told in zip(what.shares, ("of A stands in B", "of B stands in A"), strict=True):
            console.print(_bar(share, colour).append(f" {share:6.1%} ", "bold").append(told))
        if what.distance is not None:
            console.print(RichText(f" document fingerprints {what.distance} of 64 bits apart", "dim"))
    console.print()


def _bar(share: float, colour: str) -> RichText:
    from rich.text import Text as RichText

    filled = round(share * BAR)
    return RichText.assemble(" ", ("━" * filled, colour), ("─" * (BAR - filled), "bright_black"))


def _columns(console: Console, what: Explanation, *, full: bool) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1), header_style="")
    table.add_column(_heading(what, 0), ratio=1, overflow="fold")
    # A column without a second document beside it would take half of the width for nothing.
    alone = len(what.documents) == 1
    table.add_column("", justify="center", no_wrap=True, style="dim")
    if not alone:
        table.add_column(_heading(what, 1), ratio=1, overflow="fold")
    for run in runs(what.rows, what.quiet):
        for cells in _quiet_rows(what, run.rows, full=full) if run.quiet else _rows(what, run.rows):
            table.add_row(*cells[: 2 if alone else 3])
    return table


def _heading(what: Explanation, number: int) -> RichText:
    from rich.text import Text as RichText

    document = what.documents[number]
    heading = RichText.assemble((f"{LABELS[number]}  ", "bold"))
    heading.append(printable(document.title), "bold")
    for line in document.about:
        heading.append(f"\n{printable(line)}", "dim not bold")
    return heading


Cells = tuple["RichText", "RichText", "RichText"]


def _rows(what: Explanation, rows: Sequence[Row]) -> Iterator[Cells]:
    from rich.text import Text as RichText

    for row in rows:
        here, there = what.texts(row)
        if row.kind == "here":
            yield RichText(here, "green"), RichText("+", "bold green"), RichText()
        elif row.kind == "there":
            yield RichText(), RichText("-", "bold red"), RichText(there, "red")
        else:
            colour = MATCHES[(row.number - 1) % len(MATCHES)]
            tag = "" if row.other == 0 else f" {LABELS[row.other + 1]}"
            mark = RichText(f"{row.number or ''} {_mark(row)}{tag}".strip(), colour)
            own, other = _pieces(here, there)
            yield _marked(own, colour), mark, _marked(other, colour)


def _pieces(here: str, there: str) -> tuple[list[Piece], list[Piece]]:
    own, other = changed(here, there)
    total = len(here) + len(there)
    alike = sum(len(text) for text, differs in (*own, *other) if not differs)
    if not here or not there or not total or alike < LEAST_ALIKE * total:
        return [(here, False)], [(there, False)]
    return own, other


def _marked(pieces: Sequence[Piece], colour: str) -> RichText:
    from rich.text import Text as RichText

    text = RichText()
    for piece, differs in pieces:
        text.append(piece, f"bold black on {colour}" if differs and piece.strip() else colour)
    return text


def _quiet_rows(what: Explanation, rows: Sequence[Row], *, full: bool) -> Iterator[Cells]:
    """Left and right side by side, since nothing belongs together, except where both are the same."""
    from rich.text import Text as RichText

    texts = [what.texts(row) for row in rows]
    if what.revision:
        left, right = (_collapsed([pair[side] for pair in texts], full=full) for side in (0, 1))
    else:
        left = _collapsed([here for row, (here, _) in zip(rows, texts, strict=True) if row.kind == "here"], full=full)
        right = _collapsed(
            [there for row, (_, there) in zip(rows, texts, strict=True) if row.kind == "there"], full=full
        )
    for n in range(max(len(left), len(right))):
        cells = [RichText(side[n] if n < len(side) else "", "dim") for side in (left, right)]
        yield cells[0], RichText("=" if what.revision else "", "dim"), cells[1]


def _collapsed(texts: list[str], *, full: bool) -> list[str]:
    if full or len(texts) <= COLLAPSE:
        return texts
    return [texts[0], f"⋮ {len(texts) - 1} more passages"]


def _show_legend(console: Console, what: Explanation) -> None:
    from rich.text import Text as RichText

    for label, document in list(zip(LABELS, what.documents, strict=False))[2:]:
        line = RichText.assemble((f" {label}  ", "bold"), printable(document.title))
        console.print(line.append(f"  {' · '.join(map(printable, document.about))}", "dim"))
    kinds = {row.kind for row in what.rows}
    told = []
    if "same" in kinds:
        told.append("= the same words")
    if "edited" in kinds:
        told.append("≈ n: edited, n of 64 bits apart; what differs is marked")
    if what.revision:
        told += ["+ new", "- gone"]
    elif len(what.documents) > 1 and kinds & {"here", "there"}:
        told.append("dim: in one of them only")
    if told:
        console.print(RichText(" " + " · ".join(told), "dim"))
    console.print()
