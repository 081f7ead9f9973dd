"""A line of plain text from what feeds give as a title: text, or HTML."""

from __future__ import annotations

import html
import re
from typing import Final

MAX_TITLE: Final = 1_000
_MOST_MARKUP: Final = 10_000

# Each of these runs in linear time: none looks beyond the next "<", unless it consumes what it looked at.
_HIDDEN: Final = re.compile(r"<(script|style)\b[^<>]*+>.*?(?:</\1\b[^<>]*+>|\Z)", re.DOTALL | re.IGNORECASE)
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG: Final = re.compile(
    r"</?([a-z][a-z0-9]*+)(?:[\s/](?:\"[^\"]{0,500}+\"|'[^']{0,500}+'|[^<>\"']){0,2000}+)?>", re.IGNORECASE
)
# Tags whose quotes do not pair, and what browsers read as comments.
_ODD_TAG: Final = re.compile(r"</?[a-z!?][^<>]*+(?:>|\Z)", re.IGNORECASE)
# The text on either side of these is apart; other elements, such as b, may begin within a word.
_BREAKS: Final = frozenset(
    [
        "p",
        "br",
        "div",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "td",
        "th",
        "tr",
        "blockquote",
        "hr",
        "img",
    ]
)


def plain_title(value: object, *, is_html: bool = False) -> str | None:
    """The text on one line, without markup and its references decoded where it is HTML; None where there is none."""
    if not isinstance(value, str):
        return None
    return one_line(plain_text(value[:_MOST_MARKUP]) if is_html else value, MAX_TITLE)


def plain_text(markup: str) -> str:
    """The text of a piece of HTML, its references decoded once; white space is left as it is."""
    if "<" in markup:
        closed = markup.rfind("-->") + 3  # a comment that nobody ends is but its tag
        markup = _COMMENT.sub("", markup[:closed]) + markup[closed:] if closed > 2 else markup
        markup = _TAG.sub(lambda tag: " " if tag[1].lower() in _BREAKS else "", _HIDDEN.sub("", markup))
        markup = _ODD_TAG.sub("", markup)
    return html.unescape(markup) if "&" in markup else markup


def one_line(text: str, most: int) -> str | None:
    """A text without line breaks and double spaces, at most so many characters; None where nothing is left."""
    return carried(" ".join(text[: 10 * most].split())[:most]) or None


def carried(text: str) -> str:
    """The text as UTF-8 can carry it: half a surrogate pair, which JSON can write, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
