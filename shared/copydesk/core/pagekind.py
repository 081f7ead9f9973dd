"""Pages that are no article: consent walls, bot challenges, error pages served as found, paywall stubs, home pages.

Each test asks for little text first: an article about cookies is an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from copydesk.core.metadata import Metadata
from copydesk.core.rules.model import fold
from copydesk.models import RejectReason, RemovalReason, RemovedBlock

SHORT_WORDS = 150
"""Words up to which a text may be that of a wall or an error page."""

STUB_WORDS = 80
"""Words up to which the text of a page that is not free is a stub."""

LEAST_WORDS = 12
"""Words below which a text is no article, whatever the page says."""

LISTED_SHARE = 0.6
"""Share of a front page's words that stand in links, from which it is a list and no article."""

MAX_SCANNED_CHARS = 20_000

_CHALLENGE_TITLE = re.compile(
    r"just a moment|attention required|access denied|access to this page has been denied|are you (?:a )?(?:robot|human)|"
    r"security check|verify(?:ing)? (?:that )?you are|human verification|checking your browser|ddos protection|"
    r"pardon our interruption|please wait|robot check|captcha|one moment|einen moment|un instant|un momento|um momento|"
    r"подождите|проверка браузера|bir dakika|請稍候|请稍候|安全验证|人机验证|しばらくお待ち|لحظة|التحقق"
)
_CHALLENGE_TEXT = re.compile(
    r"checking (?:if|your) (?:the site|browser|connection)|verify(?:ing)? (?:that )?you are (?:a )?human|unusual traffic|"
    r"enable (?:javascript and )?cookies to continue|complete the (?:security check|captcha)|you have been blocked|"
    r"prove (?:that )?you(?:'re| are) (?:not a robot|human)|why have i been blocked|ray id|bot detection|"
    r"kein roboter|pas un robot|no eres un robot|не робот|не робота|robot olmadığınızı|不是机器人|ロボットではありません"
)
_CHALLENGE_MARKUP = re.compile(
    r"_cf_chl_opt|cf-challenge|challenge-platform|px-captcha|_incapsula_resource|captcha-delivery|distil_r_captcha|h-captcha"
)
_MISSING = re.compile(
    r"(?:^|\W)(?:error )?404(?: |$|\W)|page (?:was |is )?(?:not|isn't|no longer) (?:be )?(?:found|available)|not found|"
    r"page (?:does not|doesn't) exist|(?:can't|cannot|couldn't|could not) (?:find|be found)|no longer (?:exists|available)|"
    r"(?:article|story|page) (?:has been |was )?(?:removed|deleted|expired)|"
    r"nicht gefunden|existiert nicht|nicht mehr verfügbar|introuvable|n'existe (?:pas|plus)|no encontrad[ao]|no existe|"
    r"non trovat[ao]|non esiste|não (?:foi )?encontrad[ao]|não existe|не найден[ао]?|не существует|bulunamadı|غير موجودة|"
    r"لم يتم العثور|不存在|找不到|未找到|見つかりません|存在しません"
)
_CONSENT_TITLE = re.compile(
    r"before you continue|cookie|consent|privacy (?:choices|settings|preferences)|your (?:privacy|choice)|datenschutz|"
    r"einwilligung|zustimmung|consentement|confidentialité|vos choix|privacidad|consentimiento|consenso|privacidade|"
    r"согласи|çerez|同意|クッキー|ملفات تعريف"
)
_CONSENT_WORDS = re.compile(
    r"\bcookies?\b|\bpartners?\b|\bconsent\b|\bpersonal data\b|\baccept all\b|\breject all\b|\bmanage (?:options|preferences|"
    r"settings)\b|\bvendors?\b|\blegitimate interest|\bprivacy policy\b|\bpersonali[sz]ed ads?\b|"
    r"\beinwilligung|\bzustimm|\bablehnen\b|\bpartnern?\b|\bdatenschutz|\bwerbung\b|\bdatenverarbeitung|"
    r"\baccepter\b|\brefuser\b|\bconsentement|\bpartenaires\b|\bdonnées personnelles|\bfinalités|"
    r"\baceptar\b|\brechazar\b|\bconsentimiento|\bsocios\b|\bdatos personales|\bacconsent|\baccetta\b|\brifiuta\b|\bconsenso\b|"
    r"\baceitar\b|\brejeitar\b|\bparceiros\b|\bdados pessoais|\bсогласи|\bфайл\w* cookie|\bпринять\b|\bçerez|\bkabul\b|"
    r"クッキー|同意する|同意します|隐私|接受|ملفات تعريف الارتباط|موافق"
)
_PAYWALL = re.compile(
    r"subscribe to (?:read|continue|unlock|access)|already (?:a )?(?:subscriber|member)|subscribers? only|for subscribers|"
    r"to (?:continue|keep) reading|create (?:a|your) (?:free )?account|start your (?:free )?trial|unlock this|"
    r"jetzt (?:weiterlesen|abonnieren|testen)|weiterlesen mit|nur für abonnenten|abo abschließen|réservé (?:à nos|aux) abonnés|"
    r"abonnez-vous|déjà abonné|suscríbe(?:te|ase)|solo para suscriptores|ya eres suscriptor|abbonati|contenuto riservato|assine|"
    r"exclusivo para assinantes|подпишитесь|только для подписчиков|abone ol|会員限定|有料会員|订阅|订户|اشترك"
)
_NEEDS_SCRIPT = re.compile(
    r"(?:enable|activate|turn on|requires?|needs?) javascript|javascript (?:is )?(?:disabled|required|must)|"
    r"javascript (?:aktivieren|ist deaktiviert)|activer javascript|habilit\w+ javascript|abilit\w+ javascript|включите javascript"
)

_FRONT = re.compile(r"/*(?:index\.\w{3,5}|home/?|[a-z]{2}/?)?")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a page is no article."""

    reason: RejectReason
    detail: str


@dataclass(frozen=True, slots=True)
class _Signals:
    """What of the whole page is looked at, in lower case."""

    title: str
    heading: str
    visible: str
    scripted: bool
    words: int
    linked_words: int


def _signals(tree: HtmlElement) -> _Signals:
    title, heading, body = tree.find(".//title"), tree.find(".//h1"), tree.find(".//body")
    parts: list[str] = []
    scripted = False
    size = 0
    for element in (body if body is not None else tree).iter():
        tag = element.tag
        if tag == "script":
            source = f"{element.get('src') or ''} {(element.text or '')[:2000]}".lower()
            scripted = scripted or bool(_CHALLENGE_MARKUP.search(source))
        elif isinstance(tag, str) and tag not in ("style", "template") and element.text and size < MAX_SCANNED_CHARS:
            parts.append(element.text)
            size += len(element.text)
        if element.tail and size < MAX_SCANNED_CHARS:
            parts.append(element.tail)
            size += len(element.tail)
    visible = " ".join(" ".join(parts).split())
    return _Signals(
        title=_lower(title),
        heading=_lower(heading),
        visible=visible.lower()[:MAX_SCANNED_CHARS],
        scripted=scripted,
        words=len(visible.split()),
        linked_words=sum(len("".join(link.itertext()).split()) for link in tree.iter("a")),
    )


def judge(
    tree: HtmlElement, about: Metadata, *, title: str | None, text: str, url: str, removed: Sequence[RemovedBlock]
) -> Judgement | None:
    """Why the page is no article, or None if it is one.

    Args:
        tree: The untouched page. It is only walked through where the text is short or the address a front page's.
        about: The page's metadata.
        title: The article's title.
        text: What stays of its text.
        url: Where it stands.
        removed: What was removed from the text.
    """
    words = _words(text)
    is_front = _is_front(url) and not about.is_article
    if words > SHORT_WORDS and not is_front:
        return None
    page = _signals(tree)
    judgement: Judgement | None = None
    if words <= SHORT_WORDS:
        judgement = _short(page, about, title, words, removed)
    if judgement is None and is_front and page.linked_words >= LISTED_SHARE * max(1, page.words):
        judgement = Judgement(RejectReason.NO_ARTICLE, "a front page: most of its words are links")
    return judgement


def _short(
    page: _Signals, about: Metadata, title: str | None, words: int, removed: Sequence[RemovedBlock]
) -> Judgement | None:
    names = f"{page.title} \n {page.heading} \n {(title or '').lower()}"
    judgement = _wall(page, names)
    if judgement is None and not about.is_article and _MISSING.search(names):
        judgement = Judgement(RejectReason.SOFT_404, "the title says that the page is not there")
    return judgement or _stub(page, about, words, removed) or _bare(page, words, removed)


def _bare(page: _Signals, words: int, removed: Sequence[RemovedBlock]) -> Judgement | None:
    if words >= LEAST_WORDS:
        return None
    if words == 0 and not removed:
        return Judgement(RejectReason.EMPTY, "no text was found on the page")
    if _NEEDS_SCRIPT.search(page.visible):
        return Judgement(RejectReason.NO_ARTICLE, "the page needs JavaScript to show anything")
    return Judgement(RejectReason.NO_ARTICLE, f"only {words} words of text")


def _wall(page: _Signals, names: str) -> Judgement | None:
    head = page.visible[:4_000]
    challenge = bool(_CHALLENGE_TITLE.search(names)) + bool(_CHALLENGE_TEXT.search(head)) + page.scripted
    if challenge >= 2 or (
        challenge and page.words <= SHORT_WORDS and (page.scripted or _CHALLENGE_TITLE.search(names))
    ):
        return Judgement(RejectReason.CHALLENGE, "the page asks whether a human reads it")
    marks = len({mark.group() for mark in _CONSENT_WORDS.finditer(head)})
    if page.words <= 4 * SHORT_WORDS and marks >= (2 if _CONSENT_TITLE.search(names) else 4):
        return Judgement(RejectReason.CONSENT, f"little text, and {marks} different words of consent dialogs")
    return None


def _stub(page: _Signals, about: Metadata, words: int, removed: Sequence[RemovedBlock]) -> Judgement | None:
    if words > STUB_WORDS:
        return None
    if about.is_free is False:
        return Judgement(RejectReason.PAYWALL, f"the page says that it is not free, and shows {words} words")
    sold = any(block.reason is RemovalReason.SUBSCRIPTION for block in removed)
    if _PAYWALL.search(page.visible) and (sold or words <= STUB_WORDS // 2):
        return Judgement(RejectReason.PAYWALL, f"an offer to subscribe, and {words} words")
    return None


def _is_front(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.netloc) and _FRONT.fullmatch(parts.path) is not None and not parts.query


def _words(text: str) -> int:
    return sum(line.words if (line := fold(part)) else len(part.split()) for part in text.split("\n"))


def _lower(element: HtmlElement | None) -> str:
    return " ".join(element.text_content().split())[:300].lower() if element is not None else ""
