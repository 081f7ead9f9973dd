"""WebSub (W3C Recommendation of 23 January 2018), the subscriber's side: what is decided without asking anybody."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from typing import Final

from copydesk.core.urls import absolute_url

MAX_HUBS: Final = 4
LEASE_LEAST: Final = 60.0
LEASE_MOST: Final = 31_536_000.0
# A lease is renewed when this share of it is over: what is left is for the tries that fail.
RENEWED_AT: Final = 0.75
RETRY_FIRST: Final = 600.0
RETRY_MOST: Final = 86_400.0

_SIGNATURE: Final = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9a-f]{40,128})", re.IGNORECASE | re.ASCII)


def usable_hubs(hubs: Sequence[str], topic: str) -> list[str]:
    """The hubs that may be asked, in their order, each once: https, or http where the topic is no better protected.

    A subscription carries a secret, which is to be sent over https alone (section 5.1).
    """
    found: dict[str, None] = {}
    for hub in hubs:
        href = absolute_url(hub, topic)
        if href is not None and (href.startswith("https:") or topic.startswith("http:")):
            found[href] = None
    return list(found)[:MAX_HUBS]


def is_signed(header: str | None, secret: str, body: bytes) -> bool:
    """Whether ``X-Hub-Signature`` is that of the body under the secret (section 7.1): ``method=hexadecimal HMAC``."""
    match = _SIGNATURE.fullmatch((header or "").strip())
    if match is None:
        return False
    right = hmac.new(secret.encode(), body, match[1].lower()).hexdigest()
    return hmac.compare_digest(right, match[2].lower())


def granted_lease(text: str | None, asked: float) -> float:
    """Seconds for which a hub says that a subscription holds; what was asked for where it does not say so (section 5.3)."""
    seconds = float(text) if text is not None and re.fullmatch(r"[0-9]{1,12}", text) else asked
    return min(max(seconds, LEASE_LEAST), LEASE_MOST)


def retry_pause(failures: int) -> float:
    """Seconds to the next try after so many in a row that came to nothing: ten minutes, doubled up to a day."""
    return min(RETRY_FIRST * 2.0 ** max(0, min(failures, 16) - 1), RETRY_MOST)
