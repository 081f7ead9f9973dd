"""How an article names the source of its text: one table of rules, each with its examples.

What is credited is a text, not a fact in it or a picture: "told Reuters" and "AP Photo" credit nobody, nor does an agency
that only "contributed to this report". Patterns run in linear time: gaps are bounded, and so is the line.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from copydesk.core.agencies import AGENCIES, NAMED_HOSTS, Agency, Sign, bare, owner
from copydesk.models import Credit

MAX_CREDIT_CHARS = 200
"""Most characters of the words that are kept as evidence."""

LEAD_CHARS = 40
"""Characters that are kept from before them, where they stand at the end of a long line."""

MAX_NAME_WORDS = 6
MAX_NAME_CHARS = 60


class Place(StrEnum):
    """Where a rule looks."""

    AUTHOR = "author"  # the last of the authors
    UNSIGNED = "unsigned"  # short lines above the text, where none of them says by whom it is
    OPENING = "opening"  # how the first blocks begin
    TAIL = "tail"  # the last lines, and what was removed as a credit
    LAST = "last"  # how the last block of the text ends
    FINAL = "final"  # the last line
    END = "end"  # the last lines, and how the last block ends
    AROUND = "around"  # the short lines above the text, and the last lines
    ENDS = "ends"  # those, and how the first and the last block begin and end


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to name a source.

    Attributes:
        id: Unique; it stands in the document.
        place: Where it looks.
        pattern: A regular expression, searched in the line as ``plain`` makes it. ``AGENCY`` in it stands for the names of
            agencies, with what is combined by a slash; ``BARE`` for those names with no boundary around them, for scripts
            without spaces; ``LONG`` for names of several words; ``NAME`` for what may name a publisher, up to the end of
            the line; ``NEWSPAPER`` for what reads as the name of one.
        sign: The sign in which the codes of an agency have to count.
        needs: Strings of which one must stand in a line in lower case; where none does, nothing is searched.
        unless: What must not stand in the line.
        credits: The agency, where the pattern does not name it.
        yes: Lines that it must match, each with the name that they credit.
        no: Lines that it must not match.
    """

    id: str
    place: Place
    pattern: str
    sign: Sign
    needs: tuple[str, ...] = ()
    unless: str | None = None
    credits: str | None = None
    yes: tuple[tuple[str, str], ...]
    no: tuple[str, ...]
    compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)
    excluded: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns, so that a bad one fails at import."""
        object.__setattr__(self, "compiled", re.compile(_with_names(self.pattern, self.sign)))
        object.__setattr__(self, "excluded", re.compile(self.unless) if self.unless else None)

    def may_match(self, lowered: str) -> bool:
        """Whether lines, which stand here in lower case, are worth a search."""
        return not self.needs or any(need in lowered for need in self.needs)

    def find(self, line: str) -> list[Credit]:
        """Whom a line, as ``plain`` makes it, credits: several agencies where they are combined by a slash."""
        found = self.compiled.search(line)
        if found is None or (self.excluded is not None and self.excluded.search(line)):
            return []
        groups = found.groupdict()
        if self.sign is Sign.DATELINE and _spells(line[: found.start("agency")], groups["agency"]):
            return []
        agencies = _agencies(groups.get("agency") or self.credits or "", self.sign)
        name = None
        if not agencies and (named := groups.get("name") or groups.get("newspaper")):
            agencies, name = _source(named, self.sign)
        text = _around(line, found)
        if name:
            return [Credit(kind="publisher", name=name, rule=self.id, text=text)]
        return [Credit(kind="agency", name=agency.name, rule=self.id, text=text) for agency in agencies]


def plain(text: str) -> str:
    """A line as rules look at it: compatibility forms, dashes and quotation marks made plain, spaces single."""
    if not text.isascii():
        text = _ODD.sub(lambda char: _PLAIN[char[0]], unicodedata.normalize("NFKC", text))
    return " ".join(text.split())


_PLAIN = {
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "―": "-",
    "−": "-", "‐": "-", "‑": "-", "─": "-", "\u00ad": "", "\u200b": "", "\ufeff": "", "\u0640": "", "\u200e": "",
    "\u200f": "",
}  # fmt: skip
_ODD = re.compile(f"[{''.join(_PLAIN)}]")
_HOST = re.compile(r"(?:https?://)?(?P<host>(?:[\w-]{1,63}\.){1,4}[a-zA-Z]{2,18})(?:[:/?#]\S{0,300})?")


@cache
def _names(sign: Sign) -> dict[str, Agency]:
    """What names an agency in a sign; in capitals too."""
    found: dict[str, Agency] = {}
    for agency in AGENCIES:
        written = (*agency.names, *(agency.codes if sign in agency.codes_in else ()))
        for name in written:
            found.setdefault(plain(name), agency)
        for name in agency.names:
            found.setdefault(plain(name).upper(), agency)
    return found


def _with_names(pattern: str, sign: Sign) -> str:
    names = sorted(_names(sign), key=len, reverse=True)
    any_of = "|".join(map(re.escape, names))
    long = "|".join(re.escape(name) for name in names if " " in name)
    groups = {
        "AGENCY": rf"(?P<agency>(?<!\w)(?:{any_of})(?!\w)(?: ?[/=] ?[\w-]{{2,20}}){{0,3}})",
        "BARE": rf"(?P<agency>(?:{any_of})(?:[/=]\w{{2,20}})?)",
        "LONG": rf"(?P<agency>(?<!\w)(?:{long})(?!\w))",
        "NEWSPAPER": rf"(?P<newspaper>{_NEWSPAPER})",
        "NAME": r"(?P<name>\S.{0,120})",
    }
    return re.sub("|".join(groups), lambda word: groups[word[0]], pattern)


def _agencies(text: str, sign: Sign) -> list[Agency]:
    """The agencies of ``dpa``, ``APA/dpa`` or ``dpa/lhe``."""
    names = _names(sign)
    whole = names.get(text.strip())
    found = [whole] if whole else [names[part.strip()] for part in re.split("[/=]", text) if part.strip() in names]
    return list(dict.fromkeys(found))


_ARTICLE = re.compile(
    r"(?:the |our (?:sister|partner) (?:\w+ )?(?:site|publication|paper|magazine)s?,? |website |site |der |die |das |dem |el |"
    r"la |le |les |l'|o |a |os |il |lo |gli |i |сайте |сайт |журнале |газете |издании |изданием |موقع |صحيفة |مجلة )"
)
_NAME_END = re.compile(
    r"[.,;:!?](?:\s|$|[^\x00-\x7f])|[(){}\[\]|<>\"。、「」『』《》]|\s-\s|\s(?:on|in|at|by|under|with|as|here|where|via|"
    r"and (?:is|was|has|on|in|at)|newspaper|magazine|website|am|im|unter|und (?:ist|wurde)|mit|erschienen|veröffentlicht|"
    r"publiziert|el \d|bajo|con|sous|avec|le \d|em \d|sob|com|sotto|il \d|под|с лицензией)\b"
    r"|\s(?:\d{1,2}\.? |(?:19|20)\d\d\b|Jan|Feb|Mar(?:ch|\.)|April|May \d|June|July|Aug|Sept|Oct|Nov|Dec)"
)
_NEWSPAPER = (
    r"(?:[^\W\d_a-z][\w.'&-]{0,20} ){0,4}(?:[^\W\d_a-z][\w-]{0,20})?"
    r"(?:News|Times|Post|Herald|Tribune|Journal|Gazette|Guardian|Daily|Telegraph|Chronicle|Independent|Observer|Magazine|Radio|TV|"
    r"[Zz]eitung|[Aa]nzeiger|[Nn]achrichten|Rundschau|Diario|Noticias|Periódico|Jornal|Diário|Corriere|Gazzetta|Giornale|Presse|"
    r"Газета|Известия|Ведомости|Новости|日报|日報|晚报|晚報|新闻|新聞|网|網|周刊|時報|时报)(?: [A-Z][\w-]{0,20}){0,2}"
)
_NO_NAME = re.compile(
    r"(?:19|20)?\d\d\b|\d|(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|"
    r"Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|This|That|These|It|He|She|His|Her|Its|Our|My|Their|Here|Part|Page|"
    r"Print|Twitter|Facebook|YouTube|Instagram|Medium|LinkedIn|English|French|German|Spanish|Russian|Arabic|Chinese|"
    r"Google|Wikipedia|Section|Volume|Issue|Press Release)\b"
)


def _source(text: str, sign: Sign) -> tuple[list[Agency], str | None]:
    """What the words after ``originally published by`` name: agencies, or a publisher by host or name, or nothing."""
    text = text.lstrip("\"'*_[(《「『 :")
    for _ in range(2):
        text = _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text
    text = text.lstrip("\"'《「『 ")
    if (host := _HOST.match(text)) and "." in host["host"] and _is_host(host["host"]):
        named = bare(host["host"].lower())
        name = owner(named)
        return ([agency for agency in AGENCIES if agency.name == name], None) if name else ([], named)
    end = _NAME_END.search(text)
    name = (text[: end.start()] if end else text).strip(" .,'*_-")
    if agencies := _agencies(name.removeprefix("The "), sign):
        return agencies, None
    if name in NAMED_HOSTS:
        return [], NAMED_HOSTS[name]
    return [], name if _is_name(name) else None


def _is_name(name: str) -> bool:
    if not 2 <= len(name) <= MAX_NAME_CHARS or len(name.split()) > MAX_NAME_WORDS or _NO_NAME.match(name):
        return False
    return not name[0].islower() and any(char.isalpha() for char in name)


def _is_host(host: str) -> bool:
    """Whether a word with dots reads as a host: ``paper.com``, not ``U.S`` or ``Mr.Smith``."""
    labels = host.lower().split(".")
    return len(labels[-1]) >= 2 and any(len(label) > 1 for label in labels[:-1]) and labels[-1].isascii()


def _spells(words: str, code: str) -> bool:
    """Whether a sign in brackets only abbreviates what stands before it: Alcoholics Anonymous (AA)."""
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]{1,30}", words) if word[0].isupper())
    return len(code) > 1 and initials.endswith(code)


def _around(line: str, found: re.Match[str]) -> str:
    """The words that were found, with a little before them."""
    start = found.start() - LEAD_CHARS if found.end() > MAX_CREDIT_CHARS else 0
    return line[max(0, start) :][:MAX_CREDIT_CHARS]


_WORK = (
    r"(?:article|story|piece|post|report|column|essay|commentary|op-?ed|item|interview|analysis|opinion piece|blog post|blog|"
    r"editorial|content|text|review|excerpt|news item)"
)
_PLACE = r"[^\W\d_a-z][^()\[\]]{0,60}(?: ?\[[^()\[\]]{1,20}\][^()\[\]]{0,30})?"
_ROLE = (
    r"(?:(?: [A-Z&][\w&-]{0,20}){0,3} (?i:writers?|correspondents?|reporters?|editors?|columnist|analyst|bureau chief|staff|"
    r"staff writer|news agency))?"
)
_AFTER = (
    r"(?=\s?$|\s?[,|.;:•·*]|\s[-/]|\s(?i:staff|in|on|posted|published|updated|last|news|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|sunday|\d))"
)
_DATED = r"(?: ?[•·|,*-]? ?(?:(?i:published|updated|posted)\b.{0,60}|.{0,40}\b(?:19|20)\d\d\b.{0,40})| ?•)?"
_PICTURE = r"(?i:\b(?:photo|image|picture|getty|file|pool|illustration|graphic|video|via|courtesy)\b)"

RULES = (
    Rule(
        id="dateline.parenthesis",
        place=Place.OPENING,
        pattern=rf"^(?:{_PLACE}|[^()\[\]\x00-\x7f][^()\[\]]{{0,60}})??[(\[] ?(?:[^()\[\]=/A-Za-z]{{1,20}}[=/ ])?AGENCY ?[)\]]"
        r" ?[.,]? ?[-=]",
        sign=Sign.DATELINE,
        needs=("(", "["),
        unless=r"^[^(\[]{0,70}\b(?:said|told|says|reported|according|agency|agencia|agence|Agentur|agenzia|Press)\b",
        yes=(
            ("WASHINGTON (AP) - The outcome of the summit", "AP"),
            ("LONDON, July 16 (Reuters) - Shares rose", "Reuters"),
            ("(Reuters) - Shares rose", "Reuters"),
            ("TURNBERRY/GLASGOW, Scotland (Reuters) - He played golf", "Reuters"),
            ("Berlin (dpa/lbn) - Der Senat", "dpa"),
            ("ANKARA (AA) - Bakan", "Anadolu"),
            ("MOSCOW. July 16 (Interfax) - The minister", "Interfax"),
            ("BEIJING, July 16 (Xinhua) -- China", "Xinhua"),
            ("Madrid, 16 jul (EFE).- El Gobierno", "EFE"),
            ("(ANSA) - ROMA, 16 LUG - Il governo", "ANSA"),
            ("Lisboa, 16 jul 2018 (Lusa) - O governo", "Lusa"),
            ("NEW YORK (CNN) - The mayor", "CNN Wire"),
            ("واشنطن (رويترز) - قال", "Reuters"),
            ("[ロンドン 16日 ロイター] - 株価", "Reuters"),
        ),
        no=(
            "The Associated Press (AP) - founded in 1846 - said",
            "Pupils take Advanced Placement (AP) courses",
            "the summit (AP) - a meeting",
            "HARRISBURG (PA) - The governor",
            "The minister told the agency (Reuters) - and left",
            "Alcoholics Anonymous (AA) - a fellowship",
            "American Academy of Pediatrics (AAP): what to know",
            "Trump in Helsinki (Evan Vucci/AP) - and more",
        ),
    ),
    Rule(
        id="dateline.dated",
        place=Place.OPENING,
        pattern=rf"^{_PLACE}[,.\]] ?(?:[^\W\d_a-z][^\W\d_]{{1,8}}\.? \d{{1,2}}|"
        rf"\d{{1,2}}\.? (?:de )?[^\W\d_]{{2,9}}\.?)(?:,? \d{{4}})?"
        r" ?\(AGENCY\)[-:. ]{1,4}(?=\S.{10})",
        sign=Sign.DATELINE,
        needs=("(",),
        yes=(("New Delhi, Jul 16 (PTI) The minister said so", "PTI"), ("New Delhi [India], July 16 (ANI): The minister", "ANI"),
             ("BERLIN, 16. Juli (AFP). Der Minister sagte es", "AFP")),
        no=("In the garden, July 16, 2018 (AP)", "In Rome, July 16 (AP Photo) the pope walks",
            "In all, the 16 (AA) met in the hall")),
    Rule(
        id="dateline.equals",
        place=Place.OPENING,
        pattern=r"^[(\[][^()\[\]=A-Za-z]{1,20}=AGENCY[)\]]",
        sign=Sign.DATELINE,
        needs=("=",),
        unless=r"^.{0,12}(?:사진|출처|자료|제공|그래픽)",
        yes=(("(서울=연합뉴스) 김기자 = 정부는", "Yonhap"), ("[서울=뉴시스] 김기자", "Newsis")),
        no=("서울 연합뉴스 김기자", "(사진=연합뉴스) 정부는"),
    ),
    Rule(
        id="dateline.slash",
        place=Place.OPENING,
        pattern=rf"^{_PLACE}[.,]? ?(?:/|--? ?\()AGENCY ?(?:/|\)) ?[-.:]",
        sign=Sign.DATELINE,
        needs=("/", "--("),
        unless=r"^[^/]{0,60}\b[a-z]{2,20}\b[^/]{0,20} /",
        yes=(
            ("MOSCOW, July 16. /TASS/. The president", "TASS"),
            ("МОСКВА, 16 июля. /ТАСС/. Президент", "TASS"),
            ("NEW YORK, July 16, 2018 /PRNewswire/ -- A company", "PR Newswire"),
            ("NEW YORK--(BUSINESS WIRE)--A company", "Business Wire"),
        ),
        no=("He works for /TASS/. She does not", "and/or. The president"),
    ),
    Rule(
        id="dateline.dash",
        place=Place.OPENING,
        pattern=r"^[^\W\d_a-z][^\W\d_]{1,30}[^()\[\]]{0,40} ?[-.,] ?AGENCY(?:\.RU)? ?[-.]",
        sign=Sign.HEADING,
        unless=r"^[^-]{0,60}[a-z]{3} [a-z]{2}|\b(?:and|the|of|с|по|в)\b[^-]{0,40}-",
        yes=(
            ("МОСКВА, 16 июл - РИА Новости. Президент", "RIA Novosti"),
            ("Москва. 16 июля. INTERFAX.RU - Президент", "Interfax"),
            ("MOSCOW, Reuters - The president", "Reuters"),
            ("تهران - ایرنا - گفت", "IRNA"),
        ),
        no=("Wire services of the world, Reuters - and others", "He left the AP - and then"),
    ),
    Rule(
        id="dateline.cjk",
        place=Place.OPENING,
        pattern=r"^[(\[【]?BARE(?![A-Za-z])[^()\[\]【】]{0,40}(?:\d{1,2}|[一二三十]{1,3})日[^()\[\]【】]{0,6}[电電讯訊]",
        sign=Sign.DATELINE,
        needs=("日",),
        yes=(
            ("新华社北京7月16日电(记者王某)", "Xinhua"),
            ("(新华社北京7月16日电)国务院", "Xinhua"),
            ("中新社北京7月16日电 国务院", "China News Service"),
            ("(中央社記者王某台北16日電)總統", "CNA"),
            ("中新网7月16日电 据报道", "China News Service"),
        ),
        no=("新华社记者采访了他", "据新华社报道,7月16日"),
    ),
    Rule(
        id="dateline.brackets",
        place=Place.OPENING,
        pattern=r"^【[^【】]{0,20}?(?<![A-Za-z])BARE(?: ?[=/] ?\w{1,12}| \w{1,4})?】",
        sign=Sign.DATELINE,
        needs=("【",),
        unless=r"^【[^【】]{0,30}(?:写真|提供|撮影|图)",
        yes=(("【共同】政府は", "Kyodo"), ("【ワシントン共同】大統領は", "Kyodo"), ("【7月16日 AFP】大統領は", "AFP"),
             ("【ワシントン時事】大統領は", "Jiji")),
        no=("【写真提供・共同】", "【速報】共同で開発", "【日米共同声明】両国は", "【JAPAN】政府は"),
    ),
    Rule(
        id="author.agency",
        place=Place.AUTHOR,
        pattern=rf"^(?:by )?(?i:the )?AGENCY(?: (?:India|UK|Videos|Canada|World|Japan|Deutschland|Service|"
        rf"USA))?{_ROLE}$",
        sign=Sign.BYLINE,
        yes=(
            ("Associated Press", "AP"), ("The Associated Press", "AP"), ("Reuters Staff", "Reuters"),
            ("dpa/jus", "dpa"),
            ("AFP", "AFP"), ("Deutsche Presse-Agentur", "dpa"), ("AP Diplomatic Writer", "AP"),
            ("Associated Press Writer", "AP"),
            ("EFE", "EFE"), ("Agência Brasil", "Agência Brasil"), ("新华社", "Xinhua"),
        ),
        no=("Michael Bloomberg", "AP Photo", "Antara Haldar", "Hina Khan", "Le Monde avec AFP", "PA", "Staff and AP"),
    ),
    Rule(
        id="author.person",
        place=Place.AUTHOR,
        pattern=rf"^[^\W\d_][\w .,'&-]{{1,80}}(?:, | ?[|/(] ?| - | for )(?:the |The )?AGENCY{_ROLE}\)?$",
        sign=Sign.BYLINE,
        unless=rf"{_PICTURE}|\b(?:and|with|avec|und|mit) [^ ]{{1,20}}$",
        yes=(("JOHN SMITH, Associated Press", "AP"), ("Jane Doe | Reuters", "Reuters"),
             ("Jane Doe, AP Medical Writer", "AP"),
             ("Jane Doe (AFP)", "AFP")),
        no=("Jane Doe, PA", "John Smith, AP Biology", "Jane Doe with AFP", "Jane Doe, Getty Images via AP"),
    ),
    Rule(
        id="byline.agency",
        place=Place.AROUND,
        pattern=rf"^(?:(?i:posted|published|updated)\b.{{0,60}} )?(?i:by|von|par|por|di|from|od|av|af)[ :]{{1,2}}"
        rf"(?i:the |l'|la )?AGENCY{_ROLE}{_AFTER}",
        sign=Sign.BYLINE,
        unless=_PICTURE,
        yes=(
            ("By Reuters", "Reuters"), ("By The Associated Press", "AP"), ("By Reuters Staff", "Reuters"),
            ("Von dpa", "dpa"),
            ("Posted 3:57 pm, July 15, 2018, by Associated Press", "AP"), ("By Bloomberg News", "Bloomberg"),
            ("Par AFP", "AFP"), ("Por EFE", "EFE"), ("By Associated Press Monday, July 16, 2018", "AP"),
            ("From The Associated Press", "AP"),
        ),
        no=("By AP and staff", "By Bloomberg's account it fell", "By PA", "By Antara Haldar", "By AP standards",
            "By AP Photo"),
    ),
    Rule(
        id="byline.person",
        place=Place.AROUND,
        pattern=rf"^(?:[^()]{{0,30}} - )?(?i:by|von|par|por)[ :] ?[^|()]{{2,160}}?(?:[,|/] ?| - )(?:the |The "
        rf")?AGENCY{_ROLE}{_AFTER}",
        sign=Sign.BYLINE,
        needs=("by", "von", "par", "por"),
        unless=_PICTURE,
        yes=(
            ("By JOHN SMITH, Associated Press", "AP"), ("By MATTHEW LEE, AP Diplomatic Writer | on", "AP"),
            ("By Jane Doe and John Roe - Associated Press - Monday, July 16, 2018", "AP"),
            ("by JANE DOE & JOHN ROE , The Associated Press", "AP"),
            ("The Associated Press - By JANE DOE - Associated Press", "AP"),
        ),
        no=("By Jane Doe, Star Tribune, and AP", "By John Smith, PA", "By Jane Doe, AP Biology teacher",
            "By the way, she told Reuters that",
            "Photo by Jane Doe, AP"),
    ),
    Rule(
        id="byline.unmarked",
        place=Place.AROUND,
        pattern=rf"^(?i:by) [^|()]{{2,140}}?(?<!and)(?<!with)(?<!the) LONG{_ROLE}{_AFTER}",
        sign=Sign.BYLINE,
        unless=_PICTURE,
        yes=(("By JANE DOE Associated Press", "AP"), ("By JANE DOE and JOHN ROE Associated Press", "AP")),
        no=("By Jane Doe and Associated Press", "By Michael Bloomberg", "By staff with Associated Press"),
    ),
    Rule(
        id="heading.agency",
        place=Place.UNSIGNED,
        pattern=rf"^(?:[Tt]he |THE )?AGENCY(?: (?:India|UK|Canada|Staff|Videos))?{_DATED}$",
        sign=Sign.HEADING,
        unless=rf"{_PICTURE}|/",
        yes=(("The Associated Press", "AP"), ("Reuters•", "Reuters"), ("Reuters India•", "Reuters"),
             ("Associated Press", "AP"),
             ("The Associated Press | Monday, July 16, 2018, 7:24 a.m.", "AP"),
             ("Associated Press Published 7:50 a.m. ET July 16, 2018", "AP"), ("Europa Press", "Europa Press")),
        no=("AP", "Reuters / Lehtikuva", "Associated Press Photo 2018", "AFP",
            "Reuters reported it in 1999 to a world that did not "
            "want to hear it, and the year after that it was told so again"),
    ),
    Rule(
        id="heading.person",
        place=Place.UNSIGNED,
        pattern=rf"^[A-Z][\w.'-]{{0,20}}(?: [\w.'-]{{1,20}}){{1,3}}(?:,? (?:and )?[A-Z][\w.'-]{{0,20}}(?: "
        rf"[\w.'-]{{1,20}}){{1,2}}){{0,4}},? LONG"
        rf"{_ROLE}{_DATED}$",
        sign=Sign.HEADING,
        unless=rf"{_PICTURE}|\b(?:told|said|reported|by)\b",
        yes=(("Jane Doe, Associated Press", "AP"), ("Jane Doe, John Roe and Jack Poe, Associated Press", "AP"),
             ("Jane Doe, Associated Press Published 9:21 a.m. ET July 15, 2018", "AP")),
        no=("Jane Doe, AP", "She told the Associated Press", "Jane Doe, Pool via Associated Press"),
    ),
    Rule(
        id="credit.source",
        place=Place.AROUND,
        pattern=r"^(?:/ ?)?\(?(?i:news source|source|sources|quelle|fuente|fonte|bron|kilde|källa|источник|джерело|"
        r"źródło|kaynak|المصدر|"
        r"来源|來源|文章来源|稿件来源|出典|出所|配信元|提供元|"
        r"転載元|출처) ?:? ?: ?(?:[Tt]he )?AGENCY(?: ?/ ?\w[\w ]{0,20})?\.?\)?$",
        sign=Sign.ORIGIN,
        needs=(":",),
        yes=(("Source: Reuters", "Reuters"), ("/ Source: Associated Press", "AP"), ("Quelle: dpa", "dpa"),
             ("Fuente: EFE", "EFE"),
             ("Источник: ТАСС", "TASS"), ("来源:新华社", "Xinhua"), ("المصدر: رويترز", "Reuters"), ("(Fonte: ANSA)", "ANSA"),
             ("SOURCE: AFP", "AFP"), ("Source: PA", "PA Media"), ("配信元: 共同通信", "Kyodo"), ("Source : AFP", "AFP")),
        no=("Source: AP Photo", "Source: an official told Reuters", "Sources: Reuters reports, own research",
            "Source close to Reuters"),
    ),
    Rule(
        id="credit.desk",
        place=Place.END,
        pattern=r"(?:^|\(|[.!?\"] )(?:(?:Additional|Further) r|R)eporting(?: and writing)? by [^()]{2,250}?[;.,] ?"
        r"(?:[Ww]riting by [^()]{2,80}?[;.,] ?)?[Ee]diting by \w",
        sign=Sign.CREDIT,
        needs=("reporting",),
        credits="Reuters",
        yes=(("(Reporting by Jane Doe; Editing by John Roe)", "Reuters"),
             ("it said. (Reporting by Jane Doe in Moscow; Writing by Jack Poe; Editing by John Roe)", "Reuters"),
             ("Additional reporting by Jane Doe and Jack Poe; editing by John Roe", "Reuters")),
        no=("Reporting by Jane Doe", "He won a prize for reporting by radio; editing by hand was hard",
            "Edited by John Roe",
            "Additional reporting by Reuters"),
    ),
    Rule(
        id="credit.contact",
        place=Place.END,
        pattern=r"^To contact the (?:reporter|editor|author)s? .{2,250}@bloomberg\.net",
        sign=Sign.CREDIT,
        needs=("bloomberg.net",),
        credits="Bloomberg",
        yes=(("To contact the reporters on this story: Jane Doe in Moscow at jdoe@bloomberg.net", "Bloomberg"),),
        no=("To contact the author write to jdoe@paper.example", "He could be had at jdoe@bloomberg.net"),
    ),
    Rule(
        id="credit.distributed",
        place=Place.END,
        pattern=r"(?:^|[.;,\]|] ?)(?i:distributed by|provided by|delivered by) (?:the |The )?AGENCY,?(?: ?,? (?:LLC|"
        r"Inc))?\.?\)?$",
        sign=Sign.ORIGIN,
        needs=("distributed", "provided", "delivered"),
        unless=_PICTURE,
        yes=(("Distributed by Tribune Content Agency, LLC.", "Tribune Content Agency"),
             ("©2018 A Paper. Distributed by Tribune Content Agency, LLC", "Tribune Content Agency"),
             ("Provided by AFP", "AFP")),
        no=("The leaflets were distributed by Reuters", "Photo provided by AP", "Distributed by hand"),
    ),
    Rule(
        id="credit.feed",
        place=Place.END,
        pattern=r"(?i:auto-?generated|syndicated|news ?wire|newswire|automatisiert\w{0,2}|agency|wire)\b.{0,40} "
        r"(?i:feed|Veröffentlichung)\b"
        r"(?: ?[-:,(.] ?| der | from | of ){1,2}AGENCY(?: \(\w{2,5}\))?\.?\){0,2}$",
        sign=Sign.CREDIT,
        needs=(" feed", "veröffentlichung"),
        yes=(("(This story has not been edited by our staff and is auto-generated from a syndicated feed - PTI)",
             "PTI"),
             ("Diese Meldung ist Teil einer automatisierten Veröffentlichung der Deutschen Presse-Agentur (dpa).",
             "dpa")),
        no=("published from a syndicated feed.",
            "A syndicated feed of news from many agencies, PTI among them, is at hand"),
    ),
    Rule(
        id="credit.mark",
        place=Place.LAST,
        pattern=r"[.!?।\"'»”]\s?[-/]? ?(?:\((?:© ?)?AGENCY(?: \d{1,2}[./]\d{1,2}[./]\d{2,4})?\)|(?<=[ "
        r"/])/?(?-i:ritzau|TT|NTB|STT)/?)$",
        sign=Sign.CREDIT,
        yes=(('sagte er. (dpa)', "dpa"), ("ha detto. (ANSA)", "ANSA"), ("sagte sie. (APA/dpa)", "APA"),
             ("he said. (PTI)", "PTI"),
             ("powiedział. (PAP)", "PAP"), ("sagte er.\" (AFP)", "AFP"), ("he said. (Reuters)", "Reuters")),
        no=("by the American Academy of Pediatrics (AAP)", "he told the agency (AFP)", "it said. (AP Photo)",
            "it stood. (PA)"),
    ),
    Rule(
        id="credit.line",
        place=Place.FINAL,
        pattern=r"^[-/(©. ]{0,4}AGENCY[-/). ]{0,3}$",
        sign=Sign.CREDIT,
        yes=(("dpa", "dpa"), ("dpa/jus", "dpa"), ("AFP", "AFP"), ("- Reuters", "Reuters"), ("(ANSA)", "ANSA"),
             ("/ritzau/", "Ritzau"),
             ("Reuters/NAN", "Reuters"), ("(新华社)", "Xinhua")),
        no=("Jane Doe, AP", "AP Photo", "The AP", "PA", "Lehtikuva/AFP"),
    ),
    Rule(
        id="credit.writers",
        place=Place.END,
        pattern=r"(?:^|(?:\. |- ?))(?:Associated Press|AP)(?: [\w-]{2,12})? (?:writer|reporter|journalist|"
        r"correspondent|researcher)s? [^()]{1,300}?"
        r"\bcontributed\b",
        sign=Sign.CREDIT,
        needs=("contributed",),
        credits="AP",
        yes=(("Associated Press writers Jane Doe in Rome and John Roe contributed to this report.", "AP"),
             ("Doe reported from Rome. Associated Press writer Jack Poe contributed.", "AP"),
             ("AP data journalist Jane Doe contributed to this report.", "AP")),
        no=("The Associated Press contributed to this report.", "Reuters contributed to this report.",
            "Jane Doe of this paper and Associated Press writer John Roe contributed to this report.",
            "AP contributed")),
    Rule(
        id="copyright.agency",
        place=Place.END,
        pattern=r"(?:©|\([cC]\)|(?i:copyright))(?:[ ,]{0,2}(?:©|\([cC]\)|(?i:copyright|by|the|\d{4}))){0,5}[ "
        r",]{1,2}(?i:the |by )?"
        r"AGENCY,?(?=$|[.,;]|\s(?i:inc|l\.?p|all rights|alle rechte|tous droits|news|gmbh|limited|ltd|\d{4}|this "
        r"material)|\s?/ ?(?:dpa|AFP))",
        sign=Sign.COPYRIGHT,
        needs=("©", "copyright", "(c)"),
        unless=rf"^(?!.{{0,160}}(?:(?:19|20)\d\d|[Cc]opyright|[Rr]ights|[Rr]echte|droits)).|{_PICTURE}",
        yes=(("© 2018 The Associated Press. All rights reserved.", "AP"), ("Copyright 2018 Thomson Reuters", "Reuters"),
             ("© 2018 Thomson/Reuters. All rights reserved.", "Reuters"),
             ("(c) Copyright 2018 The Associated Press", "AP"),
             ("Copyright 2018 by CNN NewSource. All rights reserved.", "CNN Wire"), ("Copyright 2019 CNN", "CNN Wire"),
             ("TM & © 2018 Cable News Network, Inc., All rights reserved.", "CNN Wire"), ("© 2018 AFP", "AFP"),
             ("© 2018 Bloomberg L.P.", "Bloomberg"), ("Copyright dpa. Alle Rechte vorbehalten", "dpa"),
             ("Copyright (c) 2018 Reuters Limited", "Reuters")),
        no=("Copyright 2018 by A Station. The Associated Press contributed to this report. All rights reserved.",
            "© AFP",
            "© REUTERS / Jane Doe", "© AFP/Getty Images 2018", "Copyright 2018 AP Photo", "© 2018 A Paper"),
    ),
    Rule(
        id="copyright.dpa",
        place=Place.END,
        pattern=r"(?:^|© ?|\s)dpa-infocom(?:, dpa:\d|\b)",
        sign=Sign.COPYRIGHT,
        needs=("dpa-infocom",),
        credits="dpa",
        yes=(("© dpa-infocom, dpa:210101-99-12345/2", "dpa"), ("(c) dpa-infocom", "dpa")),
        no=("dpa:210101", "infocom"),
    ),
    Rule(
        id="copyright.visit",
        place=Place.END,
        pattern=r"(?:^Visit (?:the )?[A-Z][^()]{1,60}?\b(?:at|on)|^(?:Copyright|©)[^()]{2,60}\. To see more, visit) "
        r"(?P<name>(?:https?://)?(?:www\.)?[\w.-]{3,60}\.\w{2,6})",
        sign=Sign.ORIGIN,
        needs=("visit ",),
        yes=(("Visit the Chicago Tribune at www.chicagotribune.com", "chicagotribune.com"),
             ("Copyright 2018 NPR. To see more, visit http://www.npr.org/.", "npr.org")),
        no=("Visit the museum at noon", "Visit us at www.paper.example"),
    ),
    Rule(
        id="origin.published",
        place=Place.ENDS,
        pattern=rf"(?:^|[.!*] |\()(?:\W{{0,3}}Editor's note ?[:-] ?)?(?:(?i:an? (?:longer |shorter |slightly |"
        rf"different |edited |"
        rf"earlier |similar )?version of )?(?i:th(?:is|e following|e) (?:[\w-]{{1,20}} )?{_WORK}\b(?: below)?)(?: "
        rf"was| is| has| had)?(?: been)? (?:also )?)?"
        r"(?i:(?:originally|first|initially) (?:published|appeared|posted|ran|printed|written)|(?:published|"
        r"appeared|posted|ran) "
        r"(?:originally|first))(?: (?:as an? [\w -]{3,30}|online|today|here))? (?:by|in|on|at|with|for|via) NAME",
        sign=Sign.ORIGIN,
        needs=("originally", "first", "initially"),
        yes=(("This article was originally published by Grist.", "Grist"),
             ("This story first appeared on Mother Jones and is", "Mother Jones"),
             ("This story was originally published at washingtonpost.com. Read it here.", "washingtonpost.com"),
             ("Originally published in The New Yorker on May 3, 2018", "The New Yorker"),
             ("This article was first published by The Associated Press.", "AP"),
             ("A version of this article originally appeared in the Daily Sketch", "Daily Sketch"),
             ("This article originally appeared on USA TODAY: A headline", "USA TODAY"),
             ("This article was originally published on The Conversation. Read the original article.",
             "theconversation.com"),
             ("First published on https://www.paper.example/2018/x", "paper.example")),
        no=("This story was originally published in 2015.",
            "This story was originally published July 15, 2018 4:00 AM.",
            "The novel was originally published by a small press in Leeds", "His paper first appeared in Nature",
            "A version of this article appears in print on July 16", "This story was first published on Monday",
            "It first appeared on the coast")),
    Rule(
        id="origin.post",
        place=Place.ENDS,
        pattern=r"^(?:The post|Der Beitrag|La entrada|L'article|O post|L'articolo|Запись|Het bericht) .{1,220} "
        r"(?:appeared first on|first "
        r"appeared on|erschien zuerst auf|(?:se publicó|aparece) primero en|est apparu en premier sur|apareceu "
        r"primeiro em|proviene da|"
        r"впервые появилась(?: на)?|verscheen eerst op) NAME",
        sign=Sign.ORIGIN,
        needs=("first", "zuerst", "primero", "premier", "primeiro", "proviene", "впервые", "eerst"),
        yes=(("The post A headline appeared first on The Daily Sketch.", "The Daily Sketch"),
             ("Der Beitrag Ein Titel erschien zuerst auf Talbote.", "Talbote"),
             ("La entrada Un título se publicó primero en El Faro.", "El Faro"),
             ("L'articolo Un titolo proviene da Il Faro.", "Il Faro"),
             ("O post Um título apareceu primeiro em O Farol.", "O Farol")),
        no=("The post office appeared first on the list", "The post is first", "La entrada es gratis")),
    Rule(
        id="origin.source",
        place=Place.ENDS,
        pattern=r"(?i:the )?(?i:original source of (?:this|the) (?:article|story|post|text|report) is|"
        r"(?:^|\. )read the (?:original|full original|full) (?:article|story|post|report)?\s?(?:here )?(?:on|at)):? "
        r"NAME",
        sign=Sign.ORIGIN,
        needs=("original", "read the"),
        yes=(("The original source of this article is Global Research", "globalresearch.ca"),
             ("Read the original article on Business Insider.",
             "Business Insider"), ("The original source of this article is Reuters", "Reuters")),
        no=("The original source of this river is a lake", "Read the original at leisure")),
    Rule(
        id="origin.republished",
        place=Place.ENDS,
        pattern=rf"(?i:(?:^|th(?:is|e) {_WORK}\b[^.]{{0,40}} )(?:was |is |has been |been )?(?:republished|reprinted|"
        rf"reposted|reproduced|"
        r"cross-?posted|syndicated|shared)(?: here)?(?: with (?:the )?(?:kind )?permission)?(?: under [^.]{3,60}? "
        r"licen[cs]e)?) (?:from|of|by|courtesy of) NAME",
        sign=Sign.ORIGIN,
        needs=("republished", "reprinted", "reposted", "reproduced", "posted from", "syndicated", "shared"),
        yes=(("This article is republished from The Conversation under a Creative Commons license.",
             "theconversation.com"),
             ("Republished with permission from The Daily Sketch", "The Daily Sketch"),
             ("Reprinted with permission of Grist.", "Grist"),
             ("Cross-posted from openDemocracy", "opendemocracy.net"),
             ("This story was republished from The Daily Sketch under Creative Commons", "The Daily Sketch")),
        no=("The book was republished by popular demand", "This article may not be reproduced by anyone",
            "Republished from memory")),
    Rule(
        id="origin.de",
        place=Place.ENDS,
        pattern=r"(?:^|[.!] )(?=.{0,160}(?i:erschien|veröffentlicht|publiziert))(?:(?:Dieser?|Dieses|Der|Das|Die) "
        r"(?:Artikel|Beitrag|Text|Kommentar|Bericht|Interview|Gastbeitrag|Meldung|Essay|Kolumne)"
        r"(?: ist| wurde| erschien)?(?: [\wäöü-]{3,15})? ?)?(?i:zuerst|ursprünglich|erstmals|zunächst|im "
        r"Original)(?: erschienen)? (?:bei|in der|im|"
        r"in|auf|von|beim|vom) NAME",
        sign=Sign.ORIGIN,
        needs=("zuerst", "ursprünglich", "erstmals", "zunächst", "original"),
        unless=r"\b(?:Woche|Jahr|Jahre|Rahmen|Fall|Sommer|Winter)\b",
        yes=(("Dieser Artikel ist zuerst bei Telepolis erschienen.", "Telepolis"),
             ("Dieser Beitrag erschien zuerst auf talbote.example.",
             "talbote.example"), ("Zuerst erschienen in der Talzeitung", "Talzeitung"),
             ("Dieser Text wurde ursprünglich von Correctiv veröffentlicht",
             "Correctiv")),
        no=("Zuerst in der Stadt, dann auf dem Land", "Der Bericht war zuerst da",
            "Dieser Artikel erschien zuerst im Jahr 2015")),
    Rule(
        id="origin.es",
        place=Place.ENDS,
        pattern=r"(?:^|[.!] )(?i:(?:(?:este|esta|el|la) (?:artículo|texto|nota|reportaje|noticia|columna|"
        r"entrevista) )?(?:(?:fue|se|ha sido|es) )?"
        r"(?:originalmente (?:publicad[oa]|publicó|apareció)|(?:publicad[oa]|publicó|apareció) (?:originalmente|"
        r"originariamente|por primera vez|"
        r"primero))) (?:en|por|el) NAME",
        sign=Sign.ORIGIN,
        needs=("original", "primer"),
        yes=(("Este artículo fue publicado originalmente en El Faro.", "El Faro"),
             ("Publicado originalmente por Reuters", "Reuters"),
             ("Este artículo fue publicado originalmente en The Conversation. Lea el original.",
             "theconversation.com")),
        no=("Publicado originalmente en 2015", "El libro fue publicado por primera vez en una revista")),
    Rule(
        id="origin.fr",
        place=Place.ENDS,
        pattern=r"(?:^|[.!] )(?i:(?:cet|cette|l'|ce) ?(?:article|texte|tribune|entretien|reportage|billet|enquête) "
        r"(?:a (?:d'abord )?été|est|fut)? ?"
        r"(?:(?:initialement|originellement|d'abord) (?:publiée?|parue?)|(?:publiée?|parue?) (?:initialement|"
        r"originellement|d'abord|pour la première fois|"
        r"à l'origine)|republiée? à partir))"
        r" (?:par|sur|dans|de|chez|en) NAME",
        sign=Sign.ORIGIN,
        needs=("publié", "paru"),
        yes=(("Cet article est republié à partir de The Conversation sous licence Creative Commons.",
             "theconversation.com"),
             ("Cet article a été initialement publié sur Bastamag.", "Bastamag"),
             ("Ce texte a d'abord été publié initialement dans Le Phare", "Le Phare")),
        no=("Cet article est publié sur papier", "Le livre a été publié d'abord par un ami")),
    Rule(
        id="origin.pt",
        place=Place.ENDS,
        pattern=r"(?:^|[.!] )(?i:(?:(?:este|esta|o|a) (?:artigo|texto|reportagem|matéria|notícia|coluna|entrevista) "
        r")?(?:foi |é )?"
        r"(?:originalmente publicad[oa]|publicad[oa] (?:originalmente|primeiro|pela primeira vez))) (?:em|no|na|por|"
        r"pelo|pela) NAME",
        sign=Sign.ORIGIN,
        needs=("publicad",),
        yes=(("Este artigo foi publicado originalmente no Expresso.", "Expresso"),
             ("Publicado originalmente por Agência Brasil", "Agência Brasil")),
        no=("Publicado originalmente em 2015", "O livro foi publicado pela primeira vez na cidade")),
    Rule(
        id="origin.it",
        place=Place.ENDS,
        pattern=r"(?:^|[.!] )(?i:(?:quest[oa'] ?|l'|il )(?:articolo|testo|intervista|pezzo|post) (?:è )?(?:stato |"
        r"stata )?(?:(?:originariamente|originalmente|"
        r"inizialmente) (?:pubblicat[oa]|apparso)|(?:pubblicat[oa]|apparso|uscito) (?:originariamente|originalmente|"
        r"per la prima volta|inizialmente|in origine)|"
        r"tratt[oa])) (?:sull'|sulla|sul|su|dal|da|in|nel|nella) ?NAME",
        sign=Sign.ORIGIN,
        needs=("pubblicat", "apparso", "uscito", "tratt"),
        yes=(("Questo articolo è stato pubblicato originariamente su Internazionale.", "Internazionale"),
             ("Questo articolo è tratto da Il Faro", "Il Faro")),
        no=("Questo articolo è stato pubblicato originariamente nel 2015", "Il libro è tratto da una storia vera")),
    Rule(
        id="origin.ru",
        place=Place.ENDS,
        pattern=r"(?:^|[.!] )(?i:(?:(?:эта|этот|данная|данный) )?(?:статья|материал|текст|оригинал (?:статьи|"
        r"материала|текста))(?: был[аи]?)?"
        r"(?: (?:впервые|изначально|первоначально))? (?:опубликован[аы]?|вышел|вышла))(?: (?:впервые|изначально|"
        r"первоначально))? (?:на|в|изданием|сайтом) NAME",
        sign=Sign.ORIGIN,
        needs=("опубликован", "вышл", "вышел"),
        unless=r"\b(?:году|году|неделе)\b",
        yes=(("Этот материал впервые опубликован на сайте Медуза.", "Медуза"),
             ("Оригинал статьи опубликован на Meduza", "Meduza"),
             ("Статья была впервые опубликована изданием Рейтер", "Reuters")),
        no=("Статья была опубликована в 2015 году", "Книга впервые опубликована в Москве")),
    Rule(
        id="origin.ar",
        place=Place.ENDS,
        pattern=r"(?:نُ?شر(?:ت)? (?:هذا|هذه) (?:المقال|المقالة|التقرير|النص|المادة) (?:أولاً?|أصلاً?|لأول مرة|في "
        r"الأصل)) (?:في|على|من قبل|لدى) NAME",
        sign=Sign.ORIGIN,
        needs=("نشر", "نُشر"),
        yes=(("نُشر هذا المقال لأول مرة في موقع درج.", "درج"), ("نشر هذا التقرير أولا على رويترز", "Reuters")),
        no=("نشر الكتاب في القاهرة", "نشر هذا المقال في عام 2015")),
    Rule(
        id="origin.zh",
        place=Place.ENDS,
        pattern=r"(?:(?:本文|原文|此文)(?:最初|首次|首|原|最早)?(?:发表|發表|刊登|刊载|刊載|发布|發布|发|發|刊|载|載)(?:于|於|在)|"
        r"(?:^|本文|本稿)(?:转载|轉載|转|"
        r"轉|转发)自:?) ?NAME",
        sign=Sign.ORIGIN,
        needs=("文", "稿", "自"),
        yes=(("本文首发于《财新周刊》。", "财新周刊"), ("本文转载自澎湃新闻,作者王某", "澎湃新闻"),
             ("本文最初发表于路透社", "Reuters"), ("转自:新华社", "Xinhua")),
        no=("本文发表于2015年", "他转身自言自语")),
    Rule(
        id="origin.ja",
        place=Place.ENDS,
        pattern=r"(?:この|本)(?:記事|文章|論考)は[、,]?「?(?P<name>[^「」、。,.]{2,30}?)」?(?:に(?:最初に|初めて)?掲載され(?:た|ました)|(?:から|"
        r"より)(?:の)?転載|"
        r"で(?:最初に|初めて)公開され(?:た|ました)|から配信)",
        sign=Sign.ORIGIN,
        needs=("は",),
        yes=(("この記事は「潮風新聞」に掲載されたものです。", "潮風新聞"), ("本記事は潮風新聞からの転載です。", "潮風新聞"),
             ("この記事は共同通信から配信されました", "Kyodo")),
        no=("この記事は無料で公開されています", "記事は続く")),
    Rule(
        id="origin.line",
        place=Place.TAIL,
        pattern=r"^\(?(?i:source|quelle|fuente|fonte|источник|المصدر|来源|來源|文章来源|出典|転載元|引用元) ?: "
        r"?(?:(?P<name>(?:https?://)?"
        r"(?:[\w-]{1,40}\.){1,3}[a-zA-Z]{2,8})(?:/\S{0,200})?|NEWSPAPER)\)?\.?$",
        sign=Sign.ORIGIN,
        needs=(":",),
        yes=(("Source: www.paper.example", "paper.example"),
             ("Source: https://paper.example/2018/07/x.html", "paper.example"),
             ("Source: The Daily Sketch News", "The Daily Sketch News"), ("Quelle: Talzeitung", "Talzeitung"),
             ("来源:潮风日报", "潮风日报"),
             ("Fuente: Diario El Faro", "Diario El Faro")),
        no=("Source: U.S. Census Bureau", "Source: own research", "Source: Fox News poll of 1,007 registered voters",
            "Quelle: eigene Recherche")),
)  # fmt: skip
