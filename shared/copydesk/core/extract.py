"""A page in, its article out: blocks, what was removed from them and why, and the page's metadata; or why there is none.

The text comes from trafilatura; what it leaves in is removed by ``copydesk.core.boilerplate``.
"""

from __future__ import annotations

from datetime import datetime

from lxml.etree import LxmlError
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import DEFAULT_CONFIG, Extractor

from copydesk.core import metadata, pagekind
from copydesk.core.bodytree import blocks_of
from copydesk.core.boilerplate import clean, squeeze
from copydesk.core.language import language
from copydesk.core.learned import Learned
from copydesk.core.limits import MAX_PAGE_BYTES
from copydesk.core.markup import Unfit, parse
from copydesk.models import Block, Extraction, Item, RejectReason

MAX_LINKS = 5_000
MAX_DETAIL_CHARS = 300

_UNEXPECTED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    LxmlError,
    RecursionError,
    TypeError,
    ValueError,
)


def extract(
    body: bytes | str,
    url: str,
    *,
    content_type: str | None = None,
    hint: Item | None = None,
    now: datetime | None = None,
    max_bytes: int = MAX_PAGE_BYTES,
    learned: Learned | None = None,
) -> Extraction:
    """Extract the article of a page.

    Never fails on bad input: a page that is no article, or that cannot be read, comes back with ``rejected`` set,
    and with the text that there is.

    Args:
        body: The page as it came, or already decoded.
        url: Where it stands.
        content_type: The HTTP header, for the character encoding.
        hint: What the source said of the page; it fills in what the page does not say.
        now: The time, aware; no date after it is believed.
        max_bytes: Bound of the body's size.
        learned: What was learned of the page's site.
    """
    try:
        tree = parse(body, content_type, max_bytes)
        if isinstance(tree, Unfit):
            return Extraction(rejected=tree.reason, detail=tree.detail)
        return _extraction(tree, url, hint, now, learned)
    except _UNEXPECTED as error:
        # Markup that the libraries below did not expect. What ends a process (memory, a signal) is not caught here.
        detail = f"{type(error).__name__}: {error}"[:MAX_DETAIL_CHARS]
        return Extraction(rejected=RejectReason.EXTRACT_FAILED, detail=detail)


def _extraction(
    tree: HtmlElement, url: str, hint: Item | None, now: datetime | None, learned: Learned | None
) -> Extraction:
    about = metadata.read(tree, url, now=now)
    links = _link_texts(tree)
    extracted = _blocks(tree, url)
    title = about.title or (hint.title if hint else None)
    kept, removed = clean(extracted, title=title, url=url, links=links, learned=learned)
    rejected = pagekind.judge(tree, about, title=title, text=_text(kept), url=url, removed=removed)
    if not kept:
        # All of it is boilerplate, so the page is rejected; the text shows why.
        kept, removed = extracted, []
    text = _text(kept)
    published = about.published_at or (hint.published_at if hint else None)
    return Extraction(
        title=title,
        authors=about.authors,
        published_at=published if not (now and published and published > now) else None,
        modified_at=about.modified_at,
        language=language(text, about.language_hint),
        site_name=about.site_name,
        description=about.description,
        canonical_url=about.canonical_url,
        blocks=kept,
        removed=removed,
        rejected=rejected.reason if rejected else None,
        detail=rejected.detail if rejected else None,
        learned=learned.touched(removed) if learned else None,
    )


def _text(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks)


def _blocks(tree: HtmlElement, url: str) -> list[Block]:
    options = Extractor(config=DEFAULT_CONFIG, output_format="txt", comments=False, dedup=False, url=url)
    document = bare_extraction(tree, options=options)
    if document is None or document.body is None:  # type: ignore[union-attr]
        return []
    return blocks_of(document.body)  # type: ignore[union-attr]


def _link_texts(tree: HtmlElement) -> frozenset[str]:
    texts = set()
    for count, link in enumerate(tree.iter("a")):
        if count >= MAX_LINKS:
            break
        if text := squeeze("".join(link.itertext())):
            texts.add(text)
    return frozenset(texts)
