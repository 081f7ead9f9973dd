"""The language of a text: by its script where that is enough, else by py3langid, with the page's own word as a hint."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

SAMPLE_CHARS = 1_000
"""Characters at the beginning of a text that are looked at."""

MIN_LETTERS = 12
"""Below this many letters only the hint counts, if there is one."""

HINTED_SHARE = 0.02
"""The hinted language is taken where its probability is at least this: a wrong ``lang`` attribute gets far less."""

# Scripts that one living language of news writes, or nearly so. Han, Latin, Cyrillic, Arabic and Devanagari are shared.
_SCRIPTS = (
    ("ja", 0x3040, 0x30FF),
    ("ko", 0xAC00, 0xD7AF),
    ("ko", 0x1100, 0x11FF),
    ("th", 0x0E00, 0x0E7F),
    ("lo", 0x0E80, 0x0EFF),
    ("my", 0x1000, 0x109F),
    ("km", 0x1780, 0x17FF),
    ("ka", 0x10A0, 0x10FF),
    ("hy", 0x0530, 0x058F),
    ("el", 0x0370, 0x03FF),
    ("he", 0x0590, 0x05FF),
    ("bn", 0x0980, 0x09FF),
    ("pa", 0x0A00, 0x0A7F),
    ("gu", 0x0A80, 0x0AFF),
    ("or", 0x0B00, 0x0B7F),
    ("ta", 0x0B80, 0x0BFF),
    ("te", 0x0C00, 0x0C7F),
    ("kn", 0x0C80, 0x0CFF),
    ("ml", 0x0D00, 0x0D7F),
    ("si", 0x0D80, 0x0DFF),
    ("am", 0x1200, 0x137F),
    ("bo", 0x0F00, 0x0FFF),
    ("zh", 0x3400, 0x9FFF),
)
_SCRIPT_SHARE = 0.25
"""Share of the letters that a script needs to decide, where Latin names stand in between."""

_KANA_SHARE = 0.05
"""Japanese mixes kana with Han: few kana are enough, but a quoted name in a Chinese text is not."""

_TAG = re.compile(r"^\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,4}\s*$")
_ALIASES = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "jp": "ja", "cn": "zh", "ua": "uk", "gr": "el"}


def language(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the language that ``text`` is written in, or None where nothing tells.

    ``hint`` is what the page says of itself (``lang``, ``og:locale``): it decides for short texts and between
    languages that are alike.
    """
    hinted = hint_code(hint)
    sample = text[:SAMPLE_CHARS]
    letters = sum(1 for char in sample if char.isalpha())
    if letters == 0:
        return hinted
    if by_script := _by_script(sample, letters):
        return by_script
    if letters < MIN_LETTERS:
        return hinted
    return _by_statistics(sample, hinted)


def hint_code(tag: str | None) -> str | None:
    """``de-AT`` and ``de_AT.utf8`` to ``de``; None for what is no language tag."""
    found = _TAG.match(tag.split(".", 1)[0]) if tag else None
    if not found:
        return None
    code = found[1].lower()
    code = _ALIASES.get(code, code)
    return code if len(code) == 2 else None


def _by_script(sample: str, letters: int) -> str | None:
    counts: Counter[str] = Counter()
    for char in sample:
        point = ord(char)
        if point >= 0x0370:
            for code, first, last in _SCRIPTS:
                if first <= point <= last:
                    counts[code] += 1
                    break
    if not counts:
        return None
    east_asian = counts["ja"] + counts["zh"] >= _SCRIPT_SHARE * letters
    if east_asian and counts["ja"] >= _KANA_SHARE * letters:
        return "ja"
    code, count = counts.most_common(1)[0]
    return code if count >= _SCRIPT_SHARE * letters else None


def _by_statistics(sample: str, hinted: str | None) -> str | None:
    ranked: list[tuple[str, float]] = _identifier().rank(sample)
    shares = {str(code): float(share) for code, share in ranked}
    if hinted and shares.get(hinted, 0.0) >= HINTED_SHARE:
        return hinted
    # The model also knows regional languages by three-letter codes; each has its written standard close behind.
    return next((code for code in shares if len(code) == 2), hinted)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # Loading the model takes a third of a second: only where a text needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
