"""URLs: what makes two of them the same article, and what is safe to ask for.

Canonicalisation is conservative: it applies what the WHATWG URL standard says is the same address (case of scheme and
host, default ports, dot segments, IDNA) and what RFC 3986 says of percent-encoding (6.2.2), and drops what never names
content: the fragment, credentials and tracking parameters. It does not touch ``www.``, trailing slashes, the scheme, or
the order of parameters.
"""

from __future__ import annotations

import hashlib
import re

from ada_url import URL, check_url, join_url

from copydesk.core.tracking import without_tracking
from copydesk.models import PageRef

MAX_URL_LENGTH = 4096

# Most addresses: nothing in them is encoded or could be dropped.
_PLAIN = re.compile(r"[^%?#@]*+")
# Unreserved characters need no encoding (RFC 3986, 2.3), and the digits of one are written large (6.2.2.1).
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def absolute_url(url: str, base: str | None = None) -> str | None:
    """Return ``url`` resolved against ``base`` and normalised, or None where it is no http(s) URL.

    The bound on the length is copydesk's own: longer ones are session state, not addresses of articles.
    """
    url = url.strip()
    if not url or len(url) > MAX_URL_LENGTH:
        return None
    try:
        href: str = join_url(base, url) if base else URL(url).href
    except (ValueError, UnicodeEncodeError):
        return None
    # An address of these schemes has a host, or it would not have been parsed.
    return href if href.startswith(("http://", "https://")) and len(href) <= MAX_URL_LENGTH else None


def canonical_url(url: str, base: str | None = None) -> str | None:
    """Return the canonical form of ``url``, or None where it is no http(s) URL.

    Idempotent: the canonical form of a canonical URL is itself.
    """
    href = absolute_url(url, base)
    if href is None or _PLAIN.fullmatch(href):
        return href
    parsed = URL(href)
    parsed.hash = ""
    parsed.username = ""
    parsed.password = ""
    if query := parsed.search[1:]:
        kept = without_tracking(parsed.hostname, _normal_escapes(query))
        if kept != query:
            parsed.search = f"?{kept}" if kept else ""
    elif parsed.href.endswith("?"):
        parsed.search = ""
    if "%" in parsed.pathname:
        parsed.pathname = _normal_escapes(parsed.pathname)
    result: str = parsed.href
    return result


def _normal_escapes(text: str) -> str:
    """Percent-encoding in its normal form; a text in which it is broken stays as it is, for it would not be stable."""
    if "%" not in text or _STRAY_PERCENT.search(text):
        return text
    return _ENCODED.sub(_normal_escape, text)


def _normal_escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def document_url(page: PageRef) -> str:
    """Return the address by which a page's document is known: the one at which the page was found in the end."""
    return canonical_url(page.final_url) or page.item.canonical_url


def document_id(canonical: str) -> str:
    """Return the id of the article at a canonical URL: 24 hexadecimal digits (96 bits of BLAKE2b).

    It depends on the URL alone, so that what is fetched again after a loss has the id that it had before.
    """
    return hashlib.blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def source_id(url: str) -> str:
    """Return the id of a source: 12 hexadecimal digits (48 bits of BLAKE2b) of its URL."""
    return hashlib.blake2b(url.encode(), digest_size=6).hexdigest()


def host_of(url: str) -> str:
    """Return the host of an http(s) URL, lower case, with a port that is not the scheme's; the empty string for no URL."""
    if not check_url(url):
        return ""
    host: str = URL(url).host
    return host


def shown_url(url: str) -> str:
    """A URL as it may be shown and logged: without user and password."""
    if "@" not in url or not check_url(url):
        return url
    parsed = URL(url)
    try:
        parsed.username = ""
        parsed.password = ""
    except ValueError:  # an address without a host, which has no place for a user either
        return url
    href: str = parsed.href
    return href


def origin_of(url: str) -> str:
    """Return scheme, host and port of an http(s) URL, as robots.txt is scoped (RFC 9309, 2.3)."""
    origin: str = URL(url).origin
    return origin
