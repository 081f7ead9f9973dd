"""Pages made to harm whoever reads them, by name: each is small to write down and as large as it is asked to be.

``PAGES[name](size)`` gives about ``size`` bytes (or characters) of such a page.
"""

from __future__ import annotations

from collections.abc import Callable

PROSE = (
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down.",
    "Fishermen who had waited for the decision since March said that they were relieved, although work begins later.",
    "The mayor promised that the new pier would stand on pillars of stone, and carry a second crane for the boats.",
)
ARTICLE = "<article><h1>Town rebuilds its pier</h1>" + "".join(f"<p>{text}</p>" for text in PROSE) + "</article>"

Page = Callable[[int], bytes | str]


def around(trap: str) -> str:
    """A good article with a trap in front of it."""
    return f"<!DOCTYPE html><html lang=en><head><title>Town rebuilds its pier</title></head><body>{trap}{ARTICLE}</body></html>"


def times(part: str) -> Page:
    """One part over and over, before an article."""
    return lambda size: around(part * (size // len(part)))


def inside(start: str, part: str, end: str) -> Page:
    """One part over and over between two others, before an article."""
    return lambda size: around(start + part * (size // len(part)) + end)


def head(start: str, part: str, end: str) -> Page:
    """The same in the head."""

    def page(size: int) -> str:
        return around("").replace("<head>", f"<head>{start}{part * (size // len(part))}{end}")

    return page


def numbered(start: str, part: str, end: str) -> Page:
    """The same with a number in each part."""

    def page(size: int) -> str:
        count = size // (len(part) + 5)
        return around(start + "".join(part.replace("#", str(number)) for number in range(count)) + end)

    return page


def nested(start: str, end: str = "", most: int = 10**9) -> Page:
    """One element in the other, with a text at the bottom."""

    def page(size: int) -> str:
        depth = min(most, size // len(start + end))
        return around(start * depth + "The text at the bottom of it all." + end * depth)

    return page


def encoded(codec: str) -> Page:
    """An article in an encoding that nothing declares."""
    return lambda size: around("<p>Grüße, мир, 世界</p>" * (size // 60)).encode(codec, "replace")


def json_ld(value: str) -> str:
    """A script of linked data."""
    return f'<script type="application/ld+json">{value}</script>'


PAGES: dict[str, Page] = {
    # Depth
    "nested div": nested("<div>", "</div>"),
    "nested div, never closed": nested("<div>"),
    "nested lists": nested("<ul><li>", "</li></ul>"),
    "nested tables": nested("<table><tr><td>", "</td></tr></table>"),
    "nested spans": nested("<span>", "</span>"),
    "nested bold": nested("<b><i>"),
    "nested fonts, never closed": nested("<p><font>"),
    "nested quotes": nested("<blockquote>", "</blockquote>"),
    "nested links": nested("<a href=/x>"),
    "nested forms": nested("<form><fieldset>"),
    "nested articles": nested("<article><p>Some words that stand here. "),
    "nested unknown": nested("<x-y>", "</x-y>"),
    "nested svg": nested("<svg><g>", "</g></svg>"),
    "nested templates": nested("<template>", "</template>"),
    "nested objects": nested("<object><noscript>"),
    "depth 200, over and over": lambda size: around(("<div>" * 200 + "x" + "</div>" * 200) * (size // 2201)),
    # Numbers
    "many paragraphs": times("<p>It rained in the night."),
    "many equal paragraphs": times(f"<p>{PROSE[0]}</p>"),
    "many different paragraphs": numbered(
        "", "<p>The # boats of the town left the harbour at noon and came back late.</p>", ""
    ),
    "many short paragraphs": times("<p>a"),
    "many empty elements": times("<i></i>"),
    "many br": times("<br>"),
    "many br in one paragraph": inside("<p>", "word<br>", "</p>"),
    "many links": times('<a href="/a">read</a> '),
    "many different links": numbered("", '<a href="/a#">The # boats of the town left</a> ', ""),
    "many headings": times("<h2>What?</h2>"),
    "many h1": numbered("", "<h1>Town rebuilds its pier #</h1>", ""),
    "many titles": times("<title>Town rebuilds its pier</title>"),
    "many list items": inside("<ul>", "<li>one", "</ul>"),
    "many cells": inside("<table><tr>", "<td>1", "</table>"),
    "many rows": inside("<table>", "<tr><td>1<td>2", "</table>"),
    "many images": times('<figure><img src="/a.jpg"><figcaption>A pier</figcaption></figure>'),
    "many scripts": times("<script>x()</script>"),
    "many comments": times("<!-- x -->"),
    "many processing instructions": times("<?x y?>"),
    "many meta": head("", '<meta property="og:title" content="Town rebuilds its pier">', ""),
    "many different meta": lambda size: around("").replace(
        "<head>", "<head>" + "".join(f'<meta name="n{number}" content="x">' for number in range(size // 34))
    ),
    "many times": times('<time datetime="2021-05-03">3 May 2021</time> '),
    "many dates": times("<p>Published on 3 May 2021, updated 04/05/2021.</p>"),
    "many inline marks": inside("<p>", "<b>a</b><i>b</i>", "</p>"),
    "many inputs": times("<input value=x>"),
    "many options": inside("<select>", "<option>x", "</select>"),
    # Attributes
    "many attributes": numbered("<div ", "a#=1 ", "></div>"),
    "many equal attributes": inside("<div ", "a=1 ", "></div>"),
    "many data attributes": times("<p data-a=1 data-b=2 data-c=3 class=d>x"),
    "one long attribute": inside('<p title="', "x", '">'),
    "one long class": inside('<p class="', "a ", '">'),
    "one long id": inside('<div id="', "comment-", f'">{PROSE[0]}</div>'),
    "one long style": inside('<p style="', "display:none;", '">'),
    "one long href": inside('<a href="', "../", '">x</a>'),
    "one long base": head('<base href="http://', "a.", 'b/">'),
    "one long tag name": inside("<", "a", ">"),
    "attribute that is never closed": inside('<p title="', "x ", ""),
    "long meta": head('<meta name="author" content="', "Ann Bee, ", '">'),
    "long date": head('<meta property="article:published_time" content="', "2021-", '">'),
    "long lang": inside('<p lang="', "en-", '">'),
    # Text
    "one long text": inside("<p>", "word ", "</p>"),
    "one long word": inside("<p>", "x", "</p>"),
    "one long line of sentences": inside("<p>", PROSE[0] + " ", "</p>"),
    "one long title": head("<title>", "Pier | ", "</title>"),
    "one long heading": inside("<h1>", "pier - ", "</h1>"),
    "text without markup": lambda size: "<p>" + "word " * (size // 5),
    "many spaces": inside("<p>", " ", "</p>"),
    "many line ends": inside("<p>", "\n", "</p>"),
    "many line ends in a pre": inside("<pre>", "\n", "</pre>"),
    "one long pre": inside("<pre>", "x = 1\n", "</pre>"),
    "one long code": inside("<p>a<pre><code>", "x = 1\n", "</code></pre>"),
    "many tabs and spaces": inside("<p>a", " \t", "b</p>"),
    "many no-break spaces": inside("<p>", "\xa0", "</p>"),
    "many NULs": inside("<p>", "\0", "</p>"),
    "NULs in names": times("<\0p\0 a\0b=\0c>\0</p\0>"),
    "lone surrogates": lambda size: around("<p>\ud800 x \udfff</p>" * (size // 14)),
    "references to surrogates": times("<p>&#xD800;&#0;&#xFFFF;&#x110000;</p>"),
    "many references": inside("<p>", "&amp;", "</p>"),
    "many unknown references": inside("<p>", "&nosuch;", "</p>"),
    "references of references": inside("<p>", "&amp;amp;", "</p>"),
    "references without an end": inside("<p>", "&#x1", "</p>"),
    "combining marks": inside("<p>a", "\u0301", "</p>"),
    "characters that expand": inside("<p>", "\ufdfa", "</p>"),
    "characters that expand, a line each": times("<p>\ufdfa\ufdfa\ufdfa</p>"),
    "lines that expand": times("<p>" + "\ufdfa " * 1_400 + "</p>"),
    "directions": inside("<p>", "\u202e\u2066", "</p>"),
    "brackets": inside("<p>", "[", "</p>"),
    "markdown links": inside("<p>", "[a](b", "</p>"),
    "markdown marks": times("<p>" + "*_" * 900 + "</p>"),
    "marks of quotation": times("<p>" + "> " * 900 + "</p>"),
    "dashes and bars": inside("<p>", "- | ", "</p>"),
    "dots": inside("<p>", ". ", "</p>"),
    "at signs": inside("<p>", "a@", "</p>"),
    "addresses": inside("<p>", "http://", "</p>"),
    "digits": inside("<p>", "1", "</p>"),
    "dates in one line": inside("<p>", "2021-05-03 ", "</p>"),
    "digits and points": inside("<p>", "1.2.", "</p>"),
    "copyright signs": inside("<p>", "© 20", "</p>"),
    "share lines": times("<p>Share this article on"),
    "boilerplate lines": times("<p>All rights reserved.</p><p>Read more:</p><p>Subscribe to our newsletter</p>"),
    # What never ends
    "comment that is never closed": inside("<!--", "x", ""),
    "comment of dashes": inside("<!", "-", ""),
    "comments within comments": times("<!--"),
    "cdata that is never closed": inside("<![CDATA[", "x", ""),
    "cdata over and over": times("<![CDATA[]]>"),
    "script that is never closed": inside("<script>", "x", ""),
    "scripts within scripts": times("<script>"),
    "style that is never closed": inside("<style>", "p{}", ""),
    "title that is never closed": inside("<title>", "x", ""),
    "textarea that is never closed": inside("<textarea>", "x", ""),
    "tags that are never closed": times("<p "),
    "angle brackets": times("<"),
    "closing angle brackets": times(">"),
    "end tags": times("</p></div>"),
    "doctypes": times("<!DOCTYPE html>"),
    "bodies": times("<body>"),
    "heads and bodies": times("<head></head><body class=a>"),
    "htmls": times("<html lang=en>"),
    "instruction that is never closed": inside("<?", "x ", ""),
    "feed behind comments": lambda size: "<!-- -->" * (size // 8) + around(""),
    "feed behind one comment": lambda size: "<!--" + "-- >" * (size // 4) + around(""),
    "spaces before the page": lambda size: " " * size + around(""),
    "xml declarations": lambda size: "<?xml version='1.0'?>" * (size // 21) + around(""),
    # What a document type may do
    "entity bomb": lambda size: (
        '<!DOCTYPE html [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
        + "]>"
        + around("<p>&j;</p>" * (size // 10))
    ),
    "external entity": lambda size: (
        '<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + around("<p>&a;</p>" * (size // 10))
    ),
    "xhtml": lambda size: (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
        '"http://127.0.0.1:1/x.dtd">' + around("<p>x</p>" * (size // 8))
    ),
    # Linked data
    "json-ld arrays": lambda size: around(json_ld("[" * min(size, 190_000) + "]" * min(size, 190_000))),
    "json-ld objects": lambda size: around(json_ld('{"@graph":' * (min(size, 400_000) // 10))),
    "json-ld of many nodes": lambda size: around(json_ld("[" + '{"@type":"x"},' * (min(size, 400_000) // 14) + "{}]")),
    "json-ld of many authors": lambda size: around(
        json_ld(
            '{"@type":"NewsArticle","author":[' + '{"name":"Ann"},' * (min(size, 400_000) // 15) + '{"name":"Bee"}]}'
        )
    ),
    "json-ld authors in authors": lambda size: around(
        json_ld('{"@type":"NewsArticle","author":' + "[" * 900 + '"x"' + "]" * 900 + "}")
    ),
    "json-ld numbers": lambda size: around(
        json_ld('{"@type":"NewsArticle","datePublished":' + "9" * min(size, 400_000) + "}")
    ),
    "json-ld scripts": times(json_ld('{"@type":"Thing"}')),
    "json-ld large scripts": times(json_ld("[" + "[]," * 30_000 + "[]]")),
    "json-ld text": lambda size: around(
        json_ld('{"@type":"NewsArticle","articleBody":"' + "x " * (min(size, 800_000) // 2) + '"}')
    ),
    "json-ld references": lambda size: around(
        json_ld('{"@type":"NewsArticle","headline":"' + "&amp;" * (min(size, 400_000) // 5) + '"}')
    ),
    # Encodings
    "utf-7": lambda size: (
        "<html><head><meta charset=utf-7></head><body>+ADw-script+AD4-"
        + "+ADw-p+AD4-x" * (size // 12)
        + ARTICLE
        + "</body></html>"
    ).encode(),
    "utf-16 without a mark": encoded("utf-16-le"),
    "utf-32": encoded("utf-32"),
    "utf-8 with a mark of utf-16": lambda size: b"\xff\xfe" + around("<p>x</p>" * (size // 8)).encode(),
    "cut utf-8": lambda size: around("<p>" + "\u4e16\u754c" * (size // 6) + "</p>").encode()[: size - 1],
    "bytes beyond ascii": lambda size: around("").encode() + bytes(range(128, 256)) * (size // 128),
    "random bytes behind markup": lambda size: around("").encode() + bytes((n * n + 7 * n) % 251 for n in range(size)),
    "iso-2022 escapes": lambda size: around("").encode() + b"\x1b$B\x1b(B" * (size // 6),
    "hz escapes": lambda size: b"<meta charset=hz-gb-2312>" + around("").encode() + b"~{~}" * (size // 4),
    "many charsets": head("", "<meta charset=utf-7>", ""),
    "unknown charset": lambda size: (
        around("<meta charset=" + "x" * min(size, 100_000) + ">").encode("latin-1") + b"\xff" * 10
    ),
    "codec that is no charset": lambda size: b"<meta charset=rot13>" + around("").encode() + b"\xff" * size,
    "compression as charset": lambda size: b"<meta charset=zlib>" + around("").encode() + b"\xff" * size,
    "idna as charset": lambda size: b"<meta charset=punycode>" + around("").encode() + b"\xff" * size,
}
