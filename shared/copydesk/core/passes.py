"""trafilatura in two ways: its rules alone, which is cheap, and all that it has, which compares them with other extractors.

The cheap pass takes trafilatura's own steps one by one. Its entry point would also try, for every short article, to find
more text elsewhere on the page; here ``copydesk.core.selection`` sees when that is worth it.
"""

from __future__ import annotations

import re
from copy import copy

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.htmlprocessing import convert_tags, prune_unwanted_nodes, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import DEFAULT_CONFIG, Extractor
from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_AND_LISTS_XPATH

from copydesk.core.bodytree import blocks_of
from copydesk.models import Block

# Each matches whatever the XPath expressions that it stands for do.
_APPENDED = re.compile(r"mvp-post-add|infinite-?scroll|elementor-share-buttons")
_COMMENTS = re.compile(r"comment|comol|disqus|dsq")


def by_rules(tree: HtmlElement, url: str, names: str) -> list[Block]:
    """The blocks that trafilatura's rules find. The tree is not changed.

    Args:
        tree: The page.
        url: Where it stands.
        names: The classes and ids of its blocks, in lower case. What to cut out before is told by them: where none fits, the
            search is left out, which takes as long as a third of the rest.
    """
    options = _options(url, fast=True)
    page = copy(tree)
    if _APPENDED.search(names):
        page = prune_unwanted_nodes(page, RAW_TREE_PRUNE_XPATH)
    if _COMMENTS.search(names):
        page = prune_unwanted_nodes(page, REMOVE_COMMENTS_AND_LISTS_XPATH)
    body, _ = extract_content(convert_tags(tree_cleaning(page, options), options, url), options)
    return blocks_of(body)


def by_comparison(tree: HtmlElement, url: str, *, fast: bool) -> list[Block]:
    """The blocks that trafilatura's whole cascade finds; ``fast``: without other extractors. The tree is not changed."""
    document = bare_extraction(tree, options=_options(url, fast=fast))
    if document is None or document.body is None:  # type: ignore[union-attr]
        return []
    return blocks_of(document.body)  # type: ignore[union-attr]


def _options(url: str, *, fast: bool) -> Extractor:
    return Extractor(config=DEFAULT_CONFIG, output_format="txt", fast=fast, comments=False, dedup=False, url=url)
