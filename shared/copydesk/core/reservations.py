"""What a publisher reserves of a page: in headers, in meta elements, and in the site's ``tdmrep.json``.

The names are a closed set, ``NAMES``:

- ``noai``: no use for machine learning (X-Robots-Tag and meta robots). ``noimageai`` speaks of images, which are not fetched.
- ``noarchive``, ``noindex``, ``nosnippet``: as Google and Bing document them, with ``none``, ``nocache`` and ``max-snippet:0``.
- ``tdm``: text and data mining (TDM Reservation Protocol, W3C community report of 2024-05-10). What a header says goes
  before the site's file, and what the page says before both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from copydesk.core.robots import RobotsRules

NAMES: Final = ("noai", "noarchive", "noindex", "nosnippet", "tdm")
MAX_TDMREP_BYTES: Final = 512_000
MAX_TDMREP_RULES: Final = 500
MAX_VALUES: Final = 20
"""Headers or meta elements of one name that are read."""
MAX_CHARS: Final = 2_000
"""Characters of one of them that are read."""

_SAYS: Final = {
    **{name: name for name in NAMES if name != "tdm"},
    "none": "noindex",
    "nocache": "noarchive",
    "max-snippet:0": "nosnippet",
}
# Directives that have a value, and are no names of agents.
_VALUED: Final = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
_HEADERS: Final = ("x-robots-tag", "tdm-reservation")
_AGENT: Final = re.compile(r"\s*([A-Za-z][\w.-]{0,99})\s*:")


class TdmRules:
    """The rules of a site's ``/.well-known/tdmrep.json``; of a file that is none, none."""

    def __init__(self, data: bytes) -> None:
        """Read a file, up to MAX_TDMREP_BYTES and MAX_TDMREP_RULES; what is no rule is left out."""
        self._rules: list[tuple[RobotsRules, bool]] = []
        try:
            rules = json.loads(data[: MAX_TDMREP_BYTES + 1])
        except (ValueError, RecursionError):
            return
        for rule in rules[:MAX_TDMREP_RULES] if isinstance(rules, list) else ():
            if not isinstance(rule, dict):
                continue
            location, value = rule.get("location"), _tdm(rule.get("tdm-reservation"))
            if isinstance(location, str) and location.startswith(("/", "*")) and value is not None:
                self._rules.append((RobotsRules.closing(location[:MAX_CHARS]), value))

    def reserve(self, url: str) -> bool | None:
        """Whether a URL is reserved, by the first rule that matches; None where none does."""
        return next((value for pattern, value in self._rules if not pattern.allows(url)), None)


def of_headers(headers: Iterable[tuple[str, str]], agent: str, site: bool | None = None) -> list[str]:
    """What an answer reserves.

    Args:
        headers: Names and values.
        agent: Our product token, for directives that name an agent.
        site: What the site's file says of the URL.
    """
    kept = [(name, value[:MAX_CHARS]) for key, value in headers if (name := key.lower()) in _HEADERS][:MAX_VALUES]
    if not kept and not site:
        return []
    found = {name for key, value in kept if key == "x-robots-tag" for name in _header(value, agent)}
    return sorted(found | _reserved([value for key, value in kept if key == "tdm-reservation"], site))


def of_page(meta: Mapping[str, list[str]], agent: str, before: Iterable[str] = ()) -> list[str]:
    """What a page reserves in the end.

    Args:
        meta: Contents of its meta elements by name, in small letters.
        agent: Our product token.
        before: What headers and the site's file reserve.
    """
    known = set(before)
    values = [*meta.get("robots", ())[:MAX_VALUES], *meta.get(agent.lower(), ())[:MAX_VALUES]]
    found = {name for value in values for part in _parts(value[:MAX_CHARS]) if (name := _SAYS.get(part))}
    return sorted(found | (known - {"tdm"}) | _reserved(meta.get("tdm-reservation", []), "tdm" in known))


def _header(value: str, agent: str) -> Iterable[str]:
    """Names in one X-Robots-Tag; an agent's name with a colon begins what is said to it alone."""
    is_ours = True
    for part in value.split(","):
        named = _AGENT.match(part)
        if named and named[1].lower() not in _VALUED:
            is_ours = named[1].lower() == agent.lower()
            part = part[named.end() :]  # noqa: PLW2901 -- the rest of it
        name = _SAYS.get("".join(part.lower().split()))
        if name and is_ours:
            yield name


def _parts(value: str) -> Iterable[str]:
    return ("".join(part.split()) for part in value.lower().split(","))


def _reserved(values: list[str], before: bool | None) -> set[str]:
    """Whether the last of the values that says anything reserves mining; else what was said before it."""
    said = [stated for value in values[:MAX_VALUES] if (stated := _tdm(value)) is not None]
    return {"tdm"} if (any(said) if said else before) else set()


def _tdm(value: object) -> bool | None:
    """0 or 1; anything else says nothing."""
    return {"0": False, "1": True}.get(str(value).strip()) if isinstance(value, str | int) else None
