"""Pages that are no article: walls, bot challenges, error pages served as found, stubs, lists, videos, empty shells.

Structure first, words second. Each test asks for little text, or for text that stands in a list of teasers: an article
about cookies is an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from copydesk.core import pagewords as words_of
from copydesk.core.metadata import Metadata
from copydesk.core.outline import squeeze, word_count
from copydesk.core.teasers import lines_outside, teaser_share
from copydesk.models import RejectReason, RemovalReason, RemovedBlock

SHORT_WORDS = 150
"""Words up to which a text may be that of a wall or an error page."""

STUB_WORDS = 80
"""Words up to which the text of a page that is not free is a stub."""

BRIEF_WORDS = 30
"""Words up to which the text beside a video is its caption, and a text may be all that an error page says."""

LEAST_WORDS = 12
"""Words below which a text is no article, unless the page says that it is one."""

LEAST_FLASH_WORDS = 6
"""Words below which a text is no article, whatever the page says."""

BUTTON_WORDS = 4
"""Words up to which a line may be that of a button."""

DIALOG_SHARE = 0.8
"""Share of a page's words that stand in a dialog's box, from which the page is the dialog, whatever it says."""

NAME_WORDS = 7
"""Words up to which a title may be that of a wall or an error page: a headline that speaks of one says more."""

LISTED_SHARE = 0.6
"""Share of a front page's words that stand in links, from which it is a list and no article."""

TEASED_SHARE = 0.8
"""Share of a text that stands in boxes of linked headlines, from which a page is a list and no article."""

LONGEST_LIST = 3_000
"""Words from which a text is not looked at as a list."""

PROSE_WORDS = 25
"""Words from which a line is running text."""

MAX_SCANNED_CHARS = 20_000

_FRONT = re.compile(r"/*(?:index\.\w{3,5}|home/?|[a-z]{2}/?)?")
_TYPE = re.compile(r'"@type"\s*:\s*(?:\[\s*)?"(?:https?://schema\.org/)?(\w{1,40})"')
_LISTS: Final = frozenset({"collectionpage", "searchresultspage"})
_SHELL_IDS: Final = frozenset({"root", "app", "__next", "__nuxt", "___gatsby", "svelte", "main-app", "app-root"})
_WALL_MARKS = re.compile(
    r"paywall|regwall|subscri(?:be|ption|ber)[-_]?(?:wall|only)|metered|piano-|premium-(?:wall|teaser)"
)
_DIALOG_BOX = re.compile(
    r"\b(?:cmp|consent|gdpr|onetrust|didomi|usercentrics|sp_message|cookie[-_]?(?:wall|banner|notice|dialog|consent))"
)
_PLAYERS = re.compile(
    r"youtube(?:-nocookie)?\.com/embed|player\.|vimeo\.com/video|dailymotion\.com/embed|/video[-_]?player|jwplayer|brightcove"
)
_TITLE_PARTS = re.compile(r"\s+[|·•»›:–—-]+\s+")
_LETTER = re.compile(r"[^\W_]")
_QUOTE = re.compile(r"[\"“”„«»「」]")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a page is no article."""

    reason: RejectReason
    detail: str


@dataclass(frozen=True, slots=True)
class _Signals:
    """What of the whole page is looked at, in lower case."""

    names: tuple[str, ...]
    visible: str
    boxed: int
    """Words in the first box that is called a consent dialog's."""
    challenged: bool
    walled: bool
    played: bool
    shell: bool
    words: int


def judge(
    tree: HtmlElement, about: Metadata, *, title: str | None, text: str, url: str, removed: Sequence[RemovedBlock]
) -> Judgement | None:
    """Why the page is no article, or None if it is one.

    Args:
        tree: The untouched page. It is only walked through where the text is short, or the page does not say that it is
            an article.
        about: The page's metadata.
        title: The article's title.
        text: What stays of its text.
        url: Where it stands.
        removed: What was removed from the text.
    """
    words = _words(text)
    kinds = _kinds(tree) if words <= LONGEST_LIST else frozenset()
    is_list = bool(kinds & _LISTS)
    judgement: Judgement | None = None
    page: _Signals | None = None
    if words <= SHORT_WORDS:
        page = _signals(tree, title)
        judgement = _short(_Text(page, about, words, text, removed), kinds)
    if judgement is None and words <= LONGEST_LIST and (is_list or not about.is_article):
        judgement = _list(tree, page, text, url, title) or (_declared_list(tree, text) if is_list else None)
    return judgement


@dataclass(frozen=True, slots=True)
class _Text:
    """A page with little text."""

    page: _Signals
    about: Metadata
    words: int
    text: str
    removed: Sequence[RemovedBlock]

    @property
    def extracted(self) -> str:
        """All that was extracted, in lower case."""
        return _lower("\n".join([self.text, *(block.text for block in self.removed)]))

    @property
    def least(self) -> int:
        """Words below which it is no article."""
        return LEAST_FLASH_WORDS if self.about.is_article else LEAST_WORDS

    def is_called(self, *patterns: re.Pattern[str]) -> bool:
        """Whether a part of the page's name says one of these things and nothing else: a headline says more."""
        return any(_says_only(pattern, name) for pattern in patterns for name in self.page.names)


def _short(it: _Text, kinds: frozenset[str]) -> Judgement | None:
    return _challenge(it) or _consent(it) or _missing(it) or _stub(it) or _video(it, kinds) or _bare(it)


def _challenge(it: _Text) -> Judgement | None:
    named = it.is_called(words_of.CHALLENGE_TITLE)
    told = bool(words_of.CHALLENGE_TEXT.search(it.page.visible[:4_000]))
    # Many a page has a captcha in its comment form, and "Access denied" is a headline too: one mark alone says nothing.
    asked = told and (named or it.page.challenged) and it.words <= STUB_WORDS
    alone = (named or it.page.challenged) and it.words < LEAST_WORDS and it.page.words <= SHORT_WORDS
    if not it.about.is_article and (asked or alone):
        return Judgement(RejectReason.CHALLENGE, "the page asks whether a human reads it")
    return None


def _consent(it: _Text) -> Judgement | None:
    if it.is_called(words_of.BLOCKER_TITLE) and words_of.BLOCKER_TEXT.search(it.extracted) and not it.about.is_article:
        return Judgement(RejectReason.CONSENT, "the page asks the reader to switch an ad blocker off")
    marks = _marks(it.page.visible[:4_000])
    named = any(words_of.CONSENT_TITLE.search(name) for name in it.page.names)
    if it.page.words > 4 * SHORT_WORDS or marks < (2 if named else 4):
        return None
    # A banner stands on articles too: what was extracted must be the dialog, or next to nothing.
    other = sum(_words(line) for line in it.text.split("\n") if not _is_of_dialog(_lower(line)))
    is_box = it.page.boxed >= DIALOG_SHARE * it.page.words
    if it.about.is_article:
        is_dialog = other == 0 and it.words > 0 and is_box
    else:
        is_dialog = is_box or other < LEAST_WORDS or it.words >= (2 if named else 3) * other
    if is_dialog:
        return Judgement(RejectReason.CONSENT, f"little text, and {marks} different words of consent dialogs")
    return None


def _marks(text: str) -> int:
    return len({mark.group() for mark in words_of.CONSENT_WORDS.finditer(text)})


def _is_of_dialog(line: str) -> bool:
    """Whether a line with words of consent dialogs is a button's, or speaks to the reader; news speak of others."""
    if not _marks(line):
        return False
    return _words(line) <= BUTTON_WORDS or (words_of.CONSENT_VOICE.search(line) is not None and not _QUOTE.search(line))


def _missing(it: _Text) -> Judgement | None:
    if it.about.is_article:
        return None
    if it.is_called(words_of.MISSING_PAGE, words_of.ERROR_TITLE):
        return Judgement(RejectReason.SOFT_404, "the title is that of an error page")
    extracted = it.extracted
    told = bool(words_of.MISSING_PAGE.search(extracted) or words_of.MISSING_PAGE.search(it.page.visible[:1_000]))
    named = it.is_called(words_of.MISSING)
    # News tell of what is not there as well; they do not tell the reader where to go on.
    helped = it.words < LEAST_WORDS or bool(words_of.MISSING_HELP.search(extracted))
    hinted = named or any(words_of.MISSING.search(name) for name in it.page.names)
    if (named and (told or helped)) or (told and helped and (hinted or it.words <= BRIEF_WORDS)):
        return Judgement(RejectReason.SOFT_404, "the text says that the page is not there")
    return None


def _stub(it: _Text) -> Judgement | None:
    if it.words > STUB_WORDS:
        return None
    if it.about.is_free is False:
        return Judgement(RejectReason.PAYWALL, f"the page says that it is not free, and shows {it.words} words")
    offered = words_of.PAYWALL_OFFER.search(it.page.visible)
    sold = any(block.reason is RemovalReason.SUBSCRIPTION for block in it.removed)
    if offered and (sold or it.page.walled or words_of.PAYWALL_OFFER.search(it.extracted)):
        return Judgement(RejectReason.PAYWALL, f"an offer to subscribe, and {it.words} words")
    return None


def _video(it: _Text, kinds: frozenset[str]) -> Judgement | None:
    if it.words > BRIEF_WORDS:
        return None
    is_video = "videoobject" in kinds or "og:video" in kinds
    # An article may have a video in it: without being called one, a page is one where the player's words are nearly all.
    caption = sum(_words(line) for line in it.text.split("\n") if not words_of.PLAYER.search(_lower(line)))
    is_player = caption < it.least and words_of.PLAYER.search(it.page.visible)
    if (it.page.played or "og:video" in kinds) and (is_video or is_player):
        return Judgement(RejectReason.VIDEO, f"a video, and {it.words} words")
    return None


def _bare(it: _Text) -> Judgement | None:
    asks = it.words < LEAST_WORDS and words_of.NEEDS_SCRIPT.search(it.extracted)
    if it.words >= it.least and not asks:
        return None
    if words_of.NEEDS_SCRIPT.search(it.page.visible) or (it.page.shell and it.page.words < SHORT_WORDS):
        return Judgement(RejectReason.NEEDS_JAVASCRIPT, "the page needs JavaScript to show anything")
    if it.words == 0 and not it.removed:
        return Judgement(RejectReason.EMPTY, "no text was found on the page")
    return Judgement(RejectReason.NO_ARTICLE, f"only {it.words} words of text")


def _list(tree: HtmlElement, page: _Signals | None, text: str, url: str, title: str | None) -> Judgement | None:
    if _is_front(url) or _is_front(_own_address(tree)):
        page = page or _signals(tree, title)
        linked = sum(_words("".join(link.itertext())) for link in tree.iter("a"))
        if linked >= LISTED_SHARE * max(1, page.words):
            return Judgement(RejectReason.LISTING, "a front page: most of its words are links")
    share = teaser_share(tree, text)
    if share >= TEASED_SHARE:
        return Judgement(RejectReason.LISTING, f"{share:.0%} of its text stands in a list of linked headlines")
    return None


def _declared_list(tree: HtmlElement, text: str) -> Judgement | None:
    lines = text.split("\n")
    if any(_words(line) >= PROSE_WORDS for line in lines_outside(tree, lines)):
        return None
    return Judgement(RejectReason.LISTING, "the page says that it is a collection, and has no text of its own")


def _signals(tree: HtmlElement, title: str | None) -> _Signals:
    body = tree.find(".//body")
    body = body if body is not None else tree
    parts: list[str] = []
    size = scripts = boxed = 0
    challenged = walled = played = rooted = False
    for element in body.iter():
        tag = element.tag
        if tag == "script":
            scripts += 1
            source = f"{element.get('src') or ''} {(element.text or '')[:2000]}".lower()
            challenged = challenged or bool(words_of.CHALLENGE_MARKUP.search(source))
        elif isinstance(tag, str) and tag not in ("style", "template"):
            named = f"{element.get('id') or ''} {element.get('class') or ''}".lower()
            walled = walled or bool(_WALL_MARKS.search(named))
            if not boxed and tag != "body" and _DIALOG_BOX.search(named):
                boxed = _box_words(element)
            played = played or tag == "video" or (tag == "iframe" and bool(_PLAYERS.search(element.get("src") or "")))
            played = played or "video-player" in named or "videoplayer" in named or "player-" in named
            rooted = rooted or (element.get("id") or "").lower() in _SHELL_IDS
            if element.text and size < MAX_SCANNED_CHARS:
                parts.append(element.text)
                size += len(element.text)
        if element.tail and size < MAX_SCANNED_CHARS:
            parts.append(element.tail)
            size += len(element.tail)
    visible = " ".join(" ".join(parts).split())
    return _Signals(
        names=_names(tree, title),
        visible=_lower(visible)[:MAX_SCANNED_CHARS],
        boxed=boxed,
        challenged=challenged,
        walled=walled,
        played=played,
        shell=rooted and (scripts > 0 or next(tree.iter("script"), None) is not None),
        words=_words(visible),
    )


def _box_words(box: HtmlElement) -> int:
    texts = (str(text) for text in box.xpath(".//text()[not(parent::script or parent::style)]"))
    return _words(" ".join(texts))


def _names(tree: HtmlElement, title: str | None) -> tuple[str, ...]:
    """What the page is called, part by part, as far as it is short."""
    called = [tree.find(".//title"), tree.find(".//h1")]
    texts = [
        *(" ".join(element.text_content().split())[:300] for element in called if element is not None),
        title or "",
    ]
    parts = [part for text in texts for part in (text, *_TITLE_PARTS.split(text))]
    return tuple(dict.fromkeys(_lower(part) for part in parts if 0 < _words(part) <= NAME_WORDS))


def _kinds(tree: HtmlElement) -> frozenset[str]:
    """What the page says that it is: the types of its JSON-LD in lower case, and ``og:video``."""
    found: set[str] = set()
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            found.update(kind.lower() for kind in _TYPE.findall((script.text or "")[:MAX_SCANNED_CHARS]))
    for meta in tree.iter("meta"):
        if meta.get("property") == "og:type" and (meta.get("content") or "").lower().startswith("video"):
            found.add("og:video")
    return frozenset(found)


def _own_address(tree: HtmlElement) -> str:
    """The address that the page gives as its own."""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href"))
    metas = (meta.get("content") for meta in tree.iter("meta") if meta.get("property") == "og:url")
    return next((content for content in metas if content), "")


def _is_front(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.netloc) and _FRONT.fullmatch(parts.path) is not None and not parts.query


def _words(text: str) -> int:
    return word_count(squeeze(text))


def _lower(text: str) -> str:
    return text.lower().replace("’", "'")


def _says_only(pattern: re.Pattern[str], name: str) -> bool:
    rest, count = pattern.subn(" ", name)
    return count > 0 and _LETTER.search(words_of.FILLERS.sub(" ", rest)) is None
