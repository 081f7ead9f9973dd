"""A page in, its article out: blocks, what was removed from them and why, and the page's metadata; or why there is none.

The text comes from trafilatura; what it leaves in is removed by ``copydesk.core.boilerplate``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lxml.etree import LxmlError
from lxml.html import HtmlElement

from copydesk.core import metadata, pagekind
from copydesk.core.boilerplate import clean
from copydesk.core.dates import utc
from copydesk.core.gaps import fill
from copydesk.core.language import language
from copydesk.core.learned import Learned
from copydesk.core.limits import MAX_PAGE_BYTES, Overgrown
from copydesk.core.markup import Unfit, is_bulky, parse
from copydesk.core.metadata import Metadata
from copydesk.core.outline import Outline, outline
from copydesk.core.passes import by_comparison, by_rules
from copydesk.core.reservations import of_page
from copydesk.core.rules.ruleset import BUILT_IN, RuleSet
from copydesk.core.selection import choose
from copydesk.core.structure import standings
from copydesk.models import Block, Extraction, Item, RejectReason

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
    rules: RuleSet = BUILT_IN,
    learned: Learned | None = None,
    agent: str = "copydesk",
    reserved: Iterable[str] = (),
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
        rules: The boilerplate rules.
        learned: What was learned of the page's site.
        agent: Product token under which the page may speak to us.
        reserved: What headers and the site's own file reserve.
    """
    try:
        tree = parse(body, content_type, max_bytes)
        if isinstance(tree, Unfit):
            return Extraction(rejected=tree.reason, detail=tree.detail)
        about = metadata.read(tree, url, now=now, offered_at=hint.published_at if hint else None)
        found = _extraction(tree, url, about, hint.title if hint else None, rules=rules, learned=learned)
        return found.model_copy(update={"reservations": of_page(about.meta, agent, reserved)})
    except Overgrown as error:
        return Extraction(rejected=RejectReason.TOO_LARGE, detail=str(error))
    except _UNEXPECTED as error:
        # Markup that the libraries below did not expect. What ends a process (memory, a signal) is not caught here.
        detail = f"{type(error).__name__}: {error}"[:MAX_DETAIL_CHARS]
        return Extraction(rejected=RejectReason.EXTRACT_FAILED, detail=detail)


def _extraction(
    tree: HtmlElement, url: str, about: Metadata, offered_title: str | None, *, rules: RuleSet, learned: Learned | None
) -> Extraction:
    page = outline(tree)
    extracted = fill(page, _chosen(tree, url, page))
    title = about.title or offered_title
    kept, removed = clean(
        extracted,
        title=title,
        description=about.description,
        url=url,
        standings=standings(page, extracted),
        rules=rules,
        learned=learned,
    )
    rejected = pagekind.judge(tree, about, title=title, text=_text(kept), url=url, removed=removed)
    if not kept:
        # All of it is boilerplate, so the page is rejected; the text shows why.
        kept, removed = extracted, []
    text = _text(kept)
    return Extraction(
        title=title,
        authors=about.authors,
        published_at=utc(about.published_at),
        published_from=about.published_from,
        modified_at=utc(about.modified_at),
        modified_from=about.modified_from,
        language=language(text, about.language_hint),
        site_name=about.site_name,
        section=about.section,
        tags=about.tags,
        image=about.image,
        description=about.description,
        canonical_url=about.canonical_url,
        paywalled=None if about.is_free is None else not about.is_free,
        blocks=kept,
        removed=removed,
        rejected=rejected.reason if rejected else None,
        detail=rejected.detail if rejected else None,
        learned=learned.touched(removed) if learned else None,
    )


def _text(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks)


def _chosen(tree: HtmlElement, url: str, page: Outline) -> list[Block]:
    return choose(page, by_rules(tree, url, page.names), lambda: by_comparison(tree, url, fast=is_bulky(tree)))
