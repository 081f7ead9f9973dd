"""Article extractors behind one kind of answer, in a process of their own: ``python bench/extractors.py NAME SECONDS < in``.

The first line of the output says ``{"ready": true}``, or ``{"missing": why}``. Then each line of the input, ``{url, html |
html_b64}``, is answered by ``{text, seconds, error}``: the CPU that this process took for it, decoding and parsing included. One
that takes more than SECONDS ends the process: the kernel sees to it, in C code as well.

An extractor is imported when it is asked for: no environment has all of them.
"""

import base64
import contextlib
import json
import logging
import os
import signal
import sys
import time
import warnings
from datetime import UTC, datetime

from charset_normalizer import from_bytes
from lxml.html import fromstring

WARM_UP = {
    "url": "https://news.example/2021/05/03/ferry.html",
    "html": "<html><head><title>The ferry was late</title></head><body><article><h1>The ferry was late</h1>"
    + "<p>The ferry left the harbour at noon, an hour late, and nobody on the pier seemed to mind the wait.</p>" * 9
    + "<p>Published on 3 May 2021.</p></article></body></html>",
}
BLOCKS = ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "br", "tr", "blockquote", "pre", "section", "article")


def copydesk():
    from copydesk.core.extract import extract

    now = datetime.now(UTC)
    return lambda body, url: extract(body, url, now=now).text


def trafilatura(**options):
    from trafilatura import bare_extraction

    def text(body, url):
        found = bare_extraction(body, url=url, include_comments=False, with_metadata=True, **options)
        return found.text if found else ""

    return text


def readability():
    from readability import Document

    return lambda body, url: plain(Document(body, url=url).summary())


def newspaper():
    from newspaper import Article

    def text(body, url):
        article = Article(url or "https://unknown.example/", fetch_images=False)
        article.download(input_html=decoded(body))
        article.parse()
        return article.text

    return text


def resiliparse():
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    def text(body, url):
        html = bytes_to_str(body, detect_encoding(body)) if isinstance(body, bytes) else body
        return extract_plain_text(html, main_content=True, alt_texts=False)

    return text


def goose():
    from goose3 import Goose

    extractor = Goose({"enable_image_fetching": False})
    return lambda body, url: extractor.extract(url=url or None, raw_html=decoded(body)).cleaned_text


def magic_html():
    from magic_html import GeneralExtractor

    extractor = GeneralExtractor()
    return lambda body, url: plain(extractor.extract(decoded(body), base_url=url)["html"])


EXTRACTORS = {
    "copydesk": copydesk,
    "trafilatura": trafilatura,
    "trafilatura fast": lambda: trafilatura(fast=True),
    "trafilatura precision": lambda: trafilatura(favor_precision=True),
    "trafilatura recall": lambda: trafilatura(favor_recall=True),
    "readability-lxml": readability,
    "newspaper4k": newspaper,
    "resiliparse": resiliparse,
    "goose3": goose,
    "magic-html": magic_html,
}


def plain(html):
    """The text of an extractor that gives HTML, a line a block."""
    if not html.strip():
        return ""
    tree = fromstring(html)
    for element in tree.iter(*BLOCKS):
        element.tail = "\n" + (element.tail or "")
    return tree.text_content()


def decoded(body):
    """A page as text, for those that want it so."""
    return body if isinstance(body, str) else str(from_bytes(body).best() or body.decode("utf-8", "replace"))


def answer(extract, page):
    body = page["html"] if page.get("html") is not None else base64.b64decode(page["html_b64"])
    start = time.process_time()
    try:
        text, error = extract(body, page.get("url") or "") or "", None
    except Exception as raised:  # noqa: BLE001  what an extractor does not bear counts against it
        text, error = "", f"{type(raised).__name__}: {raised}"[:200]
    return {"text": text, "seconds": time.process_time() - start, "error": error}


def main():
    name, limit = sys.argv[1], float(sys.argv[2])
    # Some extractors print: their standard output is not ours.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")

    def write(record):
        with contextlib.suppress(BrokenPipeError):
            out.write(json.dumps(record) + "\n")
            out.flush()

    try:
        extract = EXTRACTORS[name]()
    except ImportError as error:
        write({"missing": str(error)})
        return
    answer(extract, WARM_UP)
    write({"ready": True})
    for line in sys.stdin:
        # Not a timer of CPU: with one, Linux counts CPU by ticks of some milliseconds.
        signal.setitimer(signal.ITIMER_REAL, limit)
        found = answer(extract, json.loads(line))
        signal.setitimer(signal.ITIMER_REAL, 0)
        write(found)


if __name__ == "__main__":
    main()
