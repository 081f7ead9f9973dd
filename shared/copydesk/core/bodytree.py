"""From trafilatura's body tree to blocks: the text as trafilatura writes it, each line with what it was on the page."""

from __future__ import annotations

import re

from lxml.etree import _Element
from trafilatura.xml import xmltotxt

from copydesk.core.limits import MAX_LINES, Overgrown
from copydesk.models import Block, BlockKind

# trafilatura renders the tree as a whole; a mark that is put before an element's text shows where it came out. The
# mark is a printable character that is no letter, followed by one that says the kind: a page that contains it
# itself only loses the mark.
_MARK = "\ufffc"
_KINDS = {
    "h": BlockKind.HEADING,
    "i": BlockKind.LIST_ITEM,
    "q": BlockKind.QUOTE,
    "c": BlockKind.CODE,
    "p": BlockKind.PARAGRAPH,
}
_ELEMENTS = {"head": "h", "item": "i", "quote": "q", "code": "c"}
_MARKS = re.compile(rf"{_MARK}[{''.join(_KINDS)}]? ?")
_BULLET = re.compile(r"^(?:[-–•*·]|\d{1,3}[.)]) +")
_SPACES = re.compile(r"[^\S\n]+")


def blocks_of(body: _Element) -> list[Block]:
    """The blocks of a body as trafilatura's ``bare_extraction`` gives it. The tree is changed on the way.

    Raises:
        Overgrown: There are more than ``MAX_LINES`` lines.
    """
    _mark(body)
    lines = xmltotxt(body, include_formatting=False).split("\n")
    if len(lines) > MAX_LINES:
        raise Overgrown(f"{len(lines)} lines of text are more than {MAX_LINES}")
    blocks: list[tuple[BlockKind, list[str]]] = []
    kind, in_code = BlockKind.PARAGRAPH, False
    for line in lines:
        marks = [found[1] for found in re.findall(rf"({_MARK}([{''.join(_KINDS)}]))", line)]
        if marks:
            kind = _KINDS[marks[0]]
            in_code = kind is BlockKind.CODE
        elif not in_code:
            kind = BlockKind.PARAGRAPH
        text = _SPACES.sub(" ", _MARKS.sub("", line)).strip()
        _add(blocks, text, BlockKind.TABLE if text.startswith("|") else kind)
    return [Block(text="\n".join(texts), kind=kind) for kind, texts in blocks]


def _mark(body: _Element) -> None:
    for element in body.iter("head", "item", "quote", "code"):
        element.text = f"{_MARK}{_ELEMENTS[str(element.tag)]}{(element.text or '').lstrip()}"
    for code in body.iter("code"):
        # What comes after code on lines of its own is a paragraph again.
        following = code.getnext()
        if following is not None and following.tag == "p":
            following.text = f"{_MARK}p{(following.text or '').lstrip()}"


def _add(blocks: list[tuple[BlockKind, list[str]]], text: str, kind: BlockKind) -> None:
    if kind is BlockKind.LIST_ITEM:
        text = _BULLET.sub("", text)
    if not text:
        return
    if kind in (BlockKind.TABLE, BlockKind.CODE) and blocks and blocks[-1][0] is kind:
        blocks[-1][1].append(text)
    else:
        blocks.append((kind, [text]))
