"""URLs: what makes two of them the same article, and what is safe to ask for.

Canonicalisation is conservative: it applies what the WHATWG URL standard says is the same address (case of scheme and
host, default ports, dot segments, percent-encoding, IDNA) and drops what never names content: the fragment, credentials
and tracking parameters. It does not touch ``www.``, trailing slashes, the scheme, or the order of parameters.
"""

from __future__ import annotations

import hashlib
import re

from ada_url import URL, check_url, join_url

from copydesk.models import PageRef

MAX_URL_LENGTH = 4096

# Parameters that click counters and campaign tools append; none of them selects content. A name ending in "*" is a prefix.
TRACKING_PARAMETERS = (
    "utm_*",
    "mtm_*",
    "pk_campaign",
    "pk_kwd",
    "pk_source",
    "pk_medium",
    "at_campaign",
    "at_custom*",
    "at_medium",
    "at_link_*",
    "at_ptr_name",
    "at_bbc_team",
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "_hsenc",
    "_hsmi",
    "hsctatracking",
    "vero_id",
    "oly_anon_id",
    "oly_enc_id",
    "wt_mc",
    "wt_zmc",
    "wtmc",
    "cmpid",
    "ncid",
    "ns_campaign",
    "ns_mchannel",
    "ns_source",
    "_ga",
    "_gl",
    "s_cid",
    "xtor",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "__twitter_impression",
    "ref_src",
    "ref_url",
)
_TRACKING = re.compile(
    "|".join(re.escape(name[:-1]) + ".*" if name.endswith("*") else re.escape(name) for name in TRACKING_PARAMETERS),
    re.IGNORECASE,
)


def absolute_url(url: str, base: str | None = None) -> str | None:
    """Return ``url`` resolved against ``base`` and normalised, or None where it is no http(s) URL.

    The bound on the length is copydesk's own: longer ones are session state, not addresses of articles.
    """
    url = url.strip()
    if not url or len(url) > MAX_URL_LENGTH:
        return None
    try:
        href: str = join_url(base, url) if base else URL(url).href
        parsed = URL(href)
    except (ValueError, UnicodeEncodeError):
        return None
    if parsed.protocol not in ("http:", "https:") or not parsed.hostname or len(href) > MAX_URL_LENGTH:
        return None
    return href


def canonical_url(url: str, base: str | None = None) -> str | None:
    """Return the canonical form of ``url``, or None where it is no http(s) URL.

    Idempotent: the canonical form of a canonical URL is itself.
    """
    href = absolute_url(url, base)
    if href is None:
        return None
    parsed = URL(href)
    parsed.hash = ""
    parsed.username = ""
    parsed.password = ""
    query = parsed.search[1:]
    if query:
        parts = query.split("&")
        kept = [part for part in parts if not _TRACKING.fullmatch(part.partition("=")[0])]
        if len(kept) < len(parts):
            joined = "&".join(kept)
            parsed.search = f"?{joined}" if joined else ""
    elif parsed.href.endswith("?"):
        parsed.search = ""
    result: str = parsed.href
    return result


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
