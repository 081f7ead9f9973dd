"""Whether what a feed carries of an article is all of it."""

from __future__ import annotations

import html
from typing import Final

from copydesk.core.plaintext import carried, plain_text

LEAST_FULL_TEXT: Final = 800
"""Characters without markup from which on the content of an entry is taken for the whole article."""

MAX_FULL_TEXT_BYTES: Final = 500_000
"""Largest content of an entry that is taken instead of its page, in bytes of UTF-8."""

_CUT: Final = ("…", "...", "[…]", "[...]", "&hellip;")


def full_text(content: str | None, summary: str | None) -> str | None:
    """The content of an entry, as HTML, if it is the whole article as far as can be told; else None: its page is fetched.

    It is long enough, says more than the summary, and does not end as teasers do.
    """
    if content is None or not LEAST_FULL_TEXT <= len(content) <= MAX_FULL_TEXT_BYTES:
        return None
    text = " ".join(plain_text(content).split())
    if len(text) < LEAST_FULL_TEXT or text.endswith(_CUT):
        return None
    if summary and len(text) <= len(" ".join(plain_text(summary[:MAX_FULL_TEXT_BYTES]).split())):
        return None
    content = carried(content)
    return content if len(content.encode()) <= MAX_FULL_TEXT_BYTES else None


def paragraphs(text: str) -> str:
    """Plain text as HTML, a paragraph for each that an empty line ends."""
    blocks = (block.strip() for block in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{html.escape(block, quote=False)}</p>" for block in blocks if block)
