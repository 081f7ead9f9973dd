"""Names of authors: told from what else stands in bylines, and found on pages that state none for machines."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from copydesk.core.agencies import AGENCIES
from copydesk.core.dates import is_month, month_of
from copydesk.core.pagehead import fold, marks

MAX_AUTHORS = 20
MAX_NAME_CHARS = 60
MAX_NAME_WORDS = 7
MAX_BYLINE_CHARS = 160
MAX_TEXT_CHARS = 2_000
MAX_LINES = 20
MAX_ELEMENTS = 20_000
"""Elements of a page that are looked at."""
MAX_CLASS_CHARS = 300
"""Characters of a class that are looked at."""

MAX_CANDIDATES = 300
"""Elements of a page that may be bylines, at most."""
WORST = 3
"""Rank of what is least likely a byline."""
MAX_DEPTH = 12
"""Elements above a byline that are looked at."""

_TAG = re.compile(r"<[^<>]{1,200}>")
_SPACES = re.compile(r"[^\S\n]+|[\u200b\ufeff]")
_SPLIT = re.compile(r"\s*(?:[;|•·\n]|,(?!\s*(?:Jr|Sr)\b)|\s/\s)\s*")
_JOINED = re.compile(r"(?<=\w)[.)]?\s+(?:and|und|et|y|e|en|og|och|with|mit|&|и)\s+(?=\w)", re.IGNORECASE)
_SURNAME_FIRST = re.compile(r"\s*([^\W\d_]+),\s*([^\W\d_]+)\s*")
_BY = r"(?:by|von|por|par|di|da|od|af|av)"
_PREFIX = re.compile(
    rf"^(?:(?:\w+\s){{0,3}}(?:written|posted|words|story|text|reported|published|reviewed|submitted|created|articles?|posts?|"
    rf"veröffentlicht|geschrieben|verfasst|erstellt|beiträge|beitrag|artikel|autor(?:in)?|mitteilung|"
    r"pressemitteilung|escrito|publicado|"
    rf"écrit|publié|rédigé|scritto|pubblicato|geschreven|skrevet)\s+{_BY}\b|(?:by|von|par|por|vom|автор|yazan)\b)\s*:?\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[^\W\d_]{2,14}(?:\s[^\W\d_]{2,14})?\s*[:：]\s*")
_TAIL = re.compile(
    r"\s*(?:\(.{0,60}\)|\[.{0,60}\]|\s[-–—]\s?.*|[—|].*|\bfor\b.{0,60}|\b(?:updated|published|"
    r"posted|last|sponsored|follow|reviewed)\b.*|"
    r"\b(?:on|am|le|el|il)\s+\d.*|(?:^|\s)\d.*)$",
    re.IGNORECASE | re.DOTALL,
)
_DEGREE = re.compile(
    r"(?:Ph\.?\s?D|M\.?D|M\.?Sc?|B\.?Sc?|B\.?S\.?N|M\.?A|B\.?A|MBA|R\.?D\.?N?|J\.?D|R\.?N|CPA|"
    r"CFA|CFP|Esq|L\.?D|C\.?S\.?C\.?S|MPH|FAND|"
    r"DDS|D\.?O|L[CM]SW|Pharm\.?D|NASM|C\.?P\.?T|OTR|Psy\.?D|Ed\.?D|LL\.?[BM]|CDN?|FACP|FAAP|PMP|CISSP)[.®]?"
)
_ROLE = re.compile(
    r"\b(?:editors?|reporters?|correspondents?|writers?|contributors?|contributing|columnists?|"
    r"journalists?|producers?|manager|director|staff|"
    r"founder|ceo|cto|president|analyst|senior|experts?|specialist|coordinator|consultant|strategist|"
    r"team|editorial|desk|newsdesk|"
    r"newsroom|redaktion|redaktionsteam|redakteur(?:in)?|korrespondent(?:in)?|chefredakteur(?:in)?|"
    r"journaliste?|rédaction|rédacteur|rédactrice|"
    r"redacción|redactora?|periodista|redazione|giornalista|redattore|redação|redakcja|редакция|редактор|корреспондент|muhabir|"
    r"gmbh|inc|llc|ltd|e\.\s?v|ag)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:(?:web|site|super|wordpress)?admin(?:istrator)?|web(?:master|editor)|no author|unknown|anonymous|null|none|undefined|"
    r"n/?a|default|test|(?:the )?(?:staff|editors?|authors?|users?|guests?|contributors?)|author archives?|"
    r"(?:guest|contributing|post) (?:author|writer|contributor)|(?:all|alle|zeige alle|view all|more|see all) "
    r"(?:posts|beiträge|articles|stories)|posts?|read more|more|share|comments?|follow|about(?: .*)?|bio|full bio|profile|"
    r"website|by|von|par|por|facebook|twitter|instagram|linkedin|youtube|rss|e-?mail|print|"
    r"drucken|teilen|kommentare?|contact|home|"
    r"archiv|autor(?:en|in)?|auteure?|autore|text|beitrag|über .*|(?:written|reviewed|edited) by|fact.checked.*|"
    r"medically reviewed.*|advertisement|anzeige|gesponserte .*|sponsored.*|image|photo|video|"
    r"news|blog|\d+ min(?:ute)?s?(?: read)?)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"https?:|www\.|//|@|\d{5}|[<>{}=\\\[\]?!$]|^\W+$")
_MACHINE = re.compile(r"(?:[\w-]+\.)+[a-z]{2,7}|\w+(?:\.\w+){3,}")
"""A domain, or a field of a template that was not filled in."""
_AROUND = " .,-–—:*\"“”„'’_\n"
_DATED = re.compile(
    r"[\d(\[|—]|\s[-–]\s|\b(?:for|updated|published|posted|last|sponsored|follow|reviewed)\b", re.IGNORECASE
)
_PROFILE = re.compile(r"/(?:authors?|autor|auteur)/[^/]")
_ARTICLE = re.compile(r"^(?:the|der|die|das|la|le|el|il|de|het)\s+", re.IGNORECASE)
_CONNECTORS = frozenset(
    [
        "von",
        "van",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "do",
        "la",
        "le",
        "les",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "zu",
        "zum",
        "y",
        "e",
        "ter",
        "ten",
        "of",
        "the",
        "and",
        "für",
        "und",
        "af",
        "av",
    ]
)
_AGENCIES = frozenset(text.casefold() for agency in AGENCIES for text in (agency.name, *agency.names, *agency.codes))

_TAGS = (
    "a", "span", "div", "p", "address", "cite", "em", "strong", "b", "i", "small", "li", "h3", "h4", "h5", "section", "td", "dd",
    "author", "button", "header", "ul", "link",
)  # fmt: skip
_BYLINE = re.compile(
    r"uthor|yline|vcard|writer|journalist|redakt|contributor|creator|aut(?:or|eur)|(?:^|\s)(?:fn|username)(?:$|\s)"
)
_ELSEWHERE = re.compile(
    r"comment|kommentar|respond(?:$|[\s_-])|\brepl(?:y|ies)|related|sidebar|side-bar|(?<!elementor-)widget|"
    r"recommend|teaser|promo|"
    r"recent|popular|trending|(?<!post-)(?<!entry-)(?<!article-)footer|newsletter|"
    r"(?:^|[\s_-])(?:cards?|nav|menu|latest|more|carousel|slider|reviewer|quote|testimonial|share)(?:$|[\s_-])",
    re.IGNORECASE,
)
_OF_THE_ARTICLE = re.compile(r"post|entry|article|meta|author|byline", re.IGNORECASE)
_NOT_NAME_CLASS = re.compile(
    r"bio|desc|about|social|image|img|avatar|photo|title|role|position|date|time|count|link-list|"
    r"box|job|twitter|email|caption|credit",
    re.IGNORECASE,
)
_NAME_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author|byline|by-line|writer|autor|auteur|username)s?(?:[\s_-]*(?:name|link))?(?:$|[\s_-])|\bfn\b",
    re.IGNORECASE,
)


def people(texts: Iterable[str], *, own: Iterable[str] = (), weak: bool = False) -> list[str]:
    """The names in what a page states as its authors, each once, at most ``MAX_AUTHORS``.

    Args:
        texts: One or several names each, with whatever stands around them.
        own: What the site is called.
        weak: Take the site's own name and those of desks and teams too, which are no people's.
    """
    site = {folded for name in own if (folded := fold(name))}
    found: dict[str, str] = {}
    for text in texts:
        first: str | None = None
        for part in _parts(text):
            name = _name(part)
            if name is None or (not weak and (_ROLE.search(name) or is_own(name, site))):
                continue
            if first is not None and not _stands_beside(name, first):
                continue
            first = first or name
            found.setdefault(name.casefold(), name)
        if len(found) >= MAX_AUTHORS:
            break
    return list(found.values())[:MAX_AUTHORS]


def is_agency(name: str) -> bool:
    """Whether a name is that of a news agency."""
    return name.casefold() in _AGENCIES


def is_own(name: str, site: Container[str]) -> bool:
    """Whether a name is that of the site, given folded."""
    return fold(name) in site or fold(_ARTICLE.sub("", name)) in site


def _stands_beside(name: str, first: str) -> bool:
    """Whether what stands behind a name is another one: a lone word behind a full name is a place or a title."""
    words = name.split()
    return (len(words) >= min(2, len(first.split())) and not name[0].islower()) or is_agency(name)


def _parts(text: str) -> Iterator[str]:
    text = _SPACES.sub(" ", _TAG.sub(" ", html.unescape(text[:MAX_TEXT_CHARS]))).strip()
    if swapped := _SURNAME_FIRST.fullmatch(text):
        yield f"{swapped[2]} {swapped[1]}"
        return
    for part in _SPLIT.split(text):
        yield from _JOINED.split(part)


def _name(text: str) -> str | None:
    """The name in a part of a byline, or None where there is none."""
    name, before = text.strip(_AROUND), ""
    if _NO_NAME.search(name) or _MACHINE.fullmatch(name):
        return None
    while before != name:
        before = name
        name = _LABEL.sub("", _PREFIX.sub("", name)).strip(_AROUND)
    if _DATED.search(name):
        name = _TAIL.sub("", name).strip(_AROUND)
        words = name.split()
        if len(words) > 1 and month_of(words[-1]):
            words.pop()
        name = " ".join(words)
    if not 2 <= len(name) <= MAX_NAME_CHARS or len(name.split()) > MAX_NAME_WORDS:
        return None
    if _NOBODY.fullmatch(name) or _DEGREE.fullmatch(name) or is_month(name):
        return None
    return name


def bylines(tree: HtmlElement) -> list[tuple[int, HtmlElement]]:
    """The elements of a page that are marked as its byline, each with its rank: the lower, the surer."""
    found = []
    marked = (element for element in islice(tree.iter(*_TAGS), MAX_ELEMENTS) if _may_be_byline(element))
    for element in islice(marked, MAX_CANDIDATES):
        rank = _rank(element)
        if rank <= WORST:
            found.append((rank, element))
    return found


def shown(ranked: Iterable[tuple[int, HtmlElement]], *, own: Iterable[str] = (), weak: bool = False) -> list[str]:
    """The authors that the surest of the bylines name; empty where none does.

    Args:
        ranked: As ``bylines`` finds them.
        own: What the site is called.
        weak: As for ``people``.
    """
    own = list(own)
    best: list[str] = []
    best_rank = WORST + 1
    chosen: HtmlElement | None = None
    for rank, element in ranked:
        if rank > best_rank or (rank == best_rank and not _beside(chosen, element)):
            continue
        names = next((names for line in _lines(element) if (names := _people(line, own, weak=weak))), [])
        if names and rank == best_rank:
            best += [name for name in names if name not in best]
        elif names:
            best, best_rank, chosen = names, rank, element
    return best[:MAX_AUTHORS]


@lru_cache(maxsize=2048)
def _is_byline_name(name: str) -> bool:
    """Whether a class is one of bylines; a page has the same few on hundreds of elements."""
    return _BYLINE.search(name) is not None


def _may_be_byline(element: HtmlElement) -> bool:
    if (theme := element.get("class")) and _is_byline_name(theme[:MAX_CLASS_CHARS]):
        return True
    if element.tag == "a" and (element.get("rel") == "author" or _PROFILE.search(element.get("href") or "")):
        return True
    other = element.get("itemprop") or element.get("id")
    return bool(other) and _BYLINE.search(other or "") is not None


def _people(line: str, own: list[str], weak: bool) -> list[str]:
    return [name for name in people([line], own=own, weak=weak) if _is_capitalised(name)]


def _beside(chosen: HtmlElement | None, element: HtmlElement) -> bool:
    """Whether an element is one more of the same byline: the same markup, within the same parent or the next."""
    if chosen is None or chosen.tag != element.tag or chosen.get("class") != element.get("class"):
        return False
    first, second = chosen.getparent(), element.getparent()
    if first is None or second is None:
        return False
    return first is second or (first.getparent() is second.getparent() and first.tag == second.tag)


def _rank(element: HtmlElement) -> int:
    """How surely an element is the byline, the lower the surer; more than ``WORST`` where it is another's or none."""
    own_marks = marks(element)
    if _ELSEWHERE.search(own_marks) or (
        _NOT_NAME_CLASS.search(own_marks) and "name" not in own_marks and not _is_marked(element)
    ):
        return WORST + 1
    above = element.getparent()
    for _ in range(MAX_DEPTH):
        if above is None or not isinstance(above.tag, str) or above.tag in {"body", "html", "main"}:
            break
        marks_above = marks(above)
        aside = above.tag in {"aside", "footer"} and not _OF_THE_ARTICLE.search(marks_above)
        if aside or above.tag in {"nav", "blockquote", "form"} or _ELSEWHERE.search(marks_above):
            return WORST + 1
        above = above.getparent()
    if _is_marked(element):
        return 0
    if _NAME_CLASS.search(own_marks):
        return 1
    return 2 if _PROFILE.search(element.get("href") or "") else WORST


def _is_marked(element: HtmlElement) -> bool:
    return "author" in (element.get("rel") or "").split() or "author" in (element.get("itemprop") or "")


def _lines(element: HtmlElement) -> list[str]:
    """The texts of a byline, each of which may have names: what stands in several elements is several things."""
    named = element.find(".//*[@itemprop='name']")
    element = element if named is None else named
    if content := element.get("content"):
        return [content]
    texts = [text.strip() for text in islice(element.itertext(), MAX_LINES) if text.strip()]
    if sum(map(len, texts)) > MAX_BYLINE_CHARS:
        return []
    links = [text for link in element.iter("a") if (text := " ".join(link.itertext()).strip())]
    if element.tag != "a" and len(links) > 1 and len(texts) <= 3 * len(links):
        return [";".join(links)]
    return texts


def _is_capitalised(name: str) -> bool:
    words = name.split()
    return len(words) == 1 or all(not word[0].islower() or word.lower() in _CONNECTORS for word in words)
