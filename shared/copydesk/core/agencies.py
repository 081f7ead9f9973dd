"""The news agencies and wires whose texts others print: how a text that is credited to one says so, and where each is at home.

``names`` cannot be taken for anything else and count in every sign. ``codes`` are short and have other meanings (a state, a
company, a first name), so that each names the signs in which it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    """A place in which an article names its agency."""

    BYLINE = "byline"  # among the authors, or in a line that says who wrote it
    HEADING = "heading"  # alone in a line above the text, where the credit of a picture may stand as well
    DATELINE = "dateline"  # before the first sentence, with the place
    CREDIT = "credit"  # after the last sentence
    COPYRIGHT = "copyright"
    ORIGIN = "origin"  # after words that say where the text comes from


EVERYWHERE = frozenset(Sign) - {Sign.HEADING}
LABELLED = frozenset({Sign.DATELINE, Sign.CREDIT, Sign.COPYRIGHT, Sign.ORIGIN})
MARKED = frozenset({Sign.DATELINE, Sign.CREDIT, Sign.ORIGIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A news agency.

    Attributes:
        name: Short name, as it stands in a document.
        hosts: Hosts on which it publishes itself; their subdomains count too.
        names: What it is called, in the scripts in which it is credited; each also counts in capitals.
        codes: Its shorter signs, as they are written.
        codes_in: The signs in which the codes count.
    """

    name: str
    hosts: tuple[str, ...]
    names: tuple[str, ...]
    codes: tuple[str, ...] = ()
    codes_in: frozenset[Sign] = EVERYWHERE


AGENCIES = (
    # World-wide
    Agency(
        name="AP",
        hosts=("apnews.com", "ap.org"),
        names=("Associated Press", "Associated Press News", "美联社", "美聯社", "AP通信", "أسوشيتد برس", "أسوشييتد برس",
               "اسوشيتد برس", "Ассошиэйтед Пресс", "एसोसिएटेड प्रेस"),
        codes=("AP", "A.P.", "أ ب", "أ.ب"),
    ),
    Agency(
        name="Reuters",
        hosts=("reuters.com", "reutersagency.com", "reuters.co.uk", "reuters.de"),
        names=("Reuters", "Reuters News Agency", "Рейтер", "Рейтерс", "رويترز", "路透社",
               "路透", "ロイター", "ロイター通信", "로이터", "로이터통신", "रॉयटर्स"),
        codes=("Thomson Reuters", "Thomson/Reuters", "rtr"),
        codes_in=MARKED | {Sign.COPYRIGHT},
    ),
    Agency(
        name="AFP",
        hosts=("afp.com",),
        names=("Agence France-Presse", "Agence France Presse", "Agencia France-Presse", "Франс Пресс", "法新社", "AFP通信",
               "فرانس برس", "وكالة فرانس برس"),
        codes=("AFP", "afp", "AFPBB News", "أ ف ب", "أ.ف.ب", "ا ف ب", "АФП"),
    ),
    Agency(
        name="Bloomberg",
        hosts=("bloomberg.com", "bloomberg.net"),
        names=("Bloomberg News", "Bloomberg L.P.", "Bloomberg LP", "彭博社", "ブルームバーグ", "بلومبرغ"),
        codes=("Bloomberg", "BLOOMBERG"),
    ),
    Agency(
        name="UPI",
        hosts=("upi.com",),
        names=("United Press International",),
        codes=("UPI",),
    ),
    Agency(
        name="CNN Wire",
        hosts=("cnn.com", "cnnespanol.cnn.com"),
        names=("CNN Wire", "The-CNN-Wire", "CNN Newsource", "CNN NewSource", "Cable News Network"),
        codes=("CNN",),
        codes_in=frozenset({Sign.DATELINE, Sign.COPYRIGHT, Sign.ORIGIN}),
    ),
    Agency(
        name="Tribune Content Agency",
        hosts=("tribunecontentagency.com",),
        names=("Tribune Content Agency", "Tribune News Service", "McClatchy-Tribune Information Services"),
        codes=("TNS", "TCA"),
        codes_in=frozenset({Sign.DATELINE}),
    ),
    Agency(name="King Features", hosts=("kingfeatures.com",), names=("King Features Syndicate", "King Features")),
    Agency(name="Creators", hosts=("creators.com",), names=("Creators Syndicate", "Creators.com", "CREATORS.COM")),
    Agency(name="Inter Press Service", hosts=("ipsnews.net", "ipsnoticias.net"), names=("Inter Press Service",), codes=("IPS",),
           codes_in=frozenset({Sign.DATELINE, Sign.CREDIT})),
    Agency(name="PR Newswire", hosts=("prnewswire.com",), names=("PR Newswire", "PRNewswire", "PRNewswire-USNewswire")),
    Agency(name="Business Wire", hosts=("businesswire.com",), names=("Business Wire", "BUSINESS WIRE")),
    Agency(name="GlobeNewswire", hosts=("globenewswire.com",), names=("GlobeNewswire", "GLOBE NEWSWIRE", "Globe Newswire")),
    # Britain, Ireland, North America, Australia
    Agency(
        name="PA Media",
        hosts=("pa.media", "pressassociation.com"),
        names=("PA Media", "Press Association", "PA news agency"),
        codes=("PA",),
        codes_in=frozenset({Sign.ORIGIN}),
    ),
    Agency(
        name="The Canadian Press",
        hosts=("thecanadianpress.com",),
        names=("Canadian Press", "La Presse Canadienne", "La Presse canadienne"),
        codes=("CP",),
        codes_in=frozenset({Sign.ORIGIN}),
    ),
    Agency(name="AAP", hosts=("aap.com.au",), names=("Australian Associated Press", "AAP Newswire"), codes=("AAP",),
           codes_in=MARKED | {Sign.COPYRIGHT}),
    # German-speaking countries
    Agency(
        name="dpa",
        hosts=("dpa.com", "dpa-international.com"),
        names=("Deutsche Presse-Agentur", "Deutschen Presse-Agentur", "dpa-infocom", "dpa-AFX", "dpa international"),
        codes=("dpa", "DPA", "د ب أ", "د.ب.أ", "德新社"),
    ),
    Agency(name="APA", hosts=("apa.at",), names=("Austria Presse Agentur", "APA - Austria Presse Agentur"),
           codes=("APA", "apa"), codes_in=LABELLED),
    Agency(
        name="Keystone-SDA",
        hosts=("keystone-sda.ch",),
        names=("Keystone-SDA", "Keystone-ATS", "Schweizerische Depeschenagentur"),
        codes=("sda", "SDA", "ats", "ATS"),
        codes_in=MARKED,
    ),
    Agency(name="epd", hosts=("epd.de",), names=("Evangelischer Pressedienst",), codes=("epd",), codes_in=LABELLED),
    Agency(name="KNA", hosts=("kna.de",), names=("Katholische Nachrichten-Agentur",), codes=("KNA",), codes_in=LABELLED),
    # Latin countries and Latin America
    Agency(name="EFE", hosts=("efe.com",), names=("Agencia EFE", "EFE Noticias"), codes=("EFE", "Efe", "EFEUSA")),
    Agency(name="Europa Press", hosts=("europapress.es", "europapress.tv"), names=("Europa Press",)),
    Agency(name="ANSA", hosts=("ansa.it",), names=("Agenzia ANSA", "agenzia ANSA"), codes=("ANSA", "Ansa")),
    Agency(name="Adnkronos", hosts=("adnkronos.com",), names=("Adnkronos",)),
    Agency(name="AGI", hosts=("agi.it",), names=("Agenzia Italia",), codes=("AGI",), codes_in=MARKED),
    Agency(name="Lusa", hosts=("lusa.pt",), names=("Agência Lusa",), codes=("Lusa", "LUSA"),
           codes_in=LABELLED),
    Agency(name="Agência Brasil", hosts=("agenciabrasil.ebc.com.br",), names=("Agência Brasil", "Agencia Brasil")),
    Agency(name="Télam", hosts=("telam.com.ar",), names=("Télam",), codes=("Telam", "TELAM")),
    Agency(name="Notimex", hosts=("notimex.gob.mx",), names=("Notimex",)),
    Agency(name="Prensa Latina", hosts=("prensa-latina.cu", "plenglish.com"), names=("Prensa Latina",)),
    # Low Countries and the North
    Agency(name="Belga", hosts=("belga.be", "belganewsagency.eu"), names=("Agence Belga", "Belga News Agency"),
           codes=("Belga", "BELGA")),
    Agency(name="ANP", hosts=("anp.nl",), names=("Algemeen Nederlands Persbureau",), codes=("ANP",)),
    Agency(name="TT", hosts=("tt.se",), names=("TT Nyhetsbyrån", "Tidningarnas Telegrambyrå"), codes=("TT",),
           codes_in=MARKED),
    Agency(name="NTB", hosts=("ntb.no",), names=("Norsk Telegrambyrå",), codes=("NTB", "©NTB")),
    Agency(name="Ritzau", hosts=("ritzau.dk", "ritzau.com"), names=("Ritzaus Bureau",), codes=("Ritzau", "ritzau")),
    Agency(name="STT", hosts=("stt.fi",), names=("Suomen Tietotoimisto",), codes=("STT",), codes_in=LABELLED),
    # Central and eastern Europe
    Agency(name="PAP", hosts=("pap.pl",), names=("Polska Agencja Prasowa",), codes=("PAP",), codes_in=LABELLED),
    Agency(name="ČTK", hosts=("ctk.cz", "ceskenoviny.cz"), names=("Česká tisková kancelář",), codes=("ČTK", "CTK")),
    Agency(name="TASR", hosts=("tasr.sk", "teraz.sk"), names=("Tlačová agentúra Slovenskej republiky",), codes=("TASR",)),
    Agency(name="MTI", hosts=("mti.hu",), names=("Magyar Távirati Iroda",), codes=("MTI",), codes_in=LABELLED),
    Agency(name="Agerpres", hosts=("agerpres.ro",), names=("Agerpres",)),
    Agency(name="Tanjug", hosts=("tanjug.rs",), names=("Tanjug", "Танјуг")),
    Agency(name="HINA", hosts=("hina.hr",), names=("Hrvatska izvještajna novinska agencija",), codes=("Hina", "HINA"),
           codes_in=LABELLED),
    Agency(name="BTA", hosts=("bta.bg",), names=("Българска телеграфна агенция",), codes=("BTA", "БТА"), codes_in=MARKED),
    Agency(
        name="TASS",
        hosts=("tass.com", "tass.ru", "itar-tass.com"),
        names=("ТАСС", "ИТАР-ТАСС", "ITAR-TASS", "塔斯社", "タス通信"),
        codes=("TASS", "Tass", "تاس"),
    ),
    Agency(
        name="RIA Novosti",
        hosts=("ria.ru", "rian.ru"),
        names=("RIA Novosti", "РИА Новости", "俄新社"),
    ),
    Agency(
        name="Interfax",
        hosts=("interfax.ru", "interfax.com"),
        names=("Interfax", "Интерфакс"),
    ),
    Agency(
        name="Interfax-Ukraine",
        hosts=("interfax.com.ua",),
        names=("Interfax-Ukraine", "Интерфакс-Украина", "Інтерфакс-Україна"),
    ),
    Agency(
        name="Sputnik",
        hosts=("sputniknews.com", "sputnikglobe.com", "sputniknews.ru"),
        names=("Sputnik International", "卫星社"),
        codes=("Sputnik", "سبوتنيك"),
        codes_in=MARKED,
    ),
    Agency(name="Ukrinform", hosts=("ukrinform.net", "ukrinform.ua"), names=("Ukrinform", "Укринформ", "Укрінформ")),
    Agency(name="UNIAN", hosts=("unian.info", "unian.net", "unian.ua"), names=("УНИАН", "УНІАН"), codes=("UNIAN", "Unian")),
    # The Near East
    Agency(
        name="Anadolu",
        hosts=("aa.com.tr",),
        names=("Anadolu Agency", "Anadolu Ajansı", "Anadolu Ajansi", "Anadolu", "الأناضول", "وكالة الأناضول", "Анадолу"),
        codes=("AA",),
        codes_in=frozenset({Sign.DATELINE}),
    ),
    Agency(name="IRNA", hosts=("irna.ir",), names=("ایرنا", "إرنا"), codes=("IRNA",)),
    Agency(name="MENA", hosts=("mena.org.eg",), names=("وكالة أنباء الشرق الأوسط",), codes=("أ ش أ", "أ.ش.أ")),
    Agency(name="SPA", hosts=("spa.gov.sa",), names=("Saudi Press Agency", "وكالة الأنباء السعودية"), codes=("SPA", "واس"),
           codes_in=MARKED),
    Agency(name="WAM", hosts=("wam.ae",), names=("Emirates News Agency", "وكالة أنباء الإمارات"), codes=("WAM", "وام"),
           codes_in=MARKED),
    # Asia
    Agency(
        name="Xinhua",
        hosts=("xinhuanet.com", "news.cn", "xinhua.org"),
        names=("Xinhua", "Xinhua News Agency", "新华社", "新華社", "新华网", "新華網", "Синьхуа", "شينخوا", "신화통신",
               "新華社通信"),
    ),
    Agency(name="China News Service", hosts=("chinanews.com", "chinanews.com.cn"),
           names=("China News Service", "中新社", "中新网", "中国新闻社", "中新網")),
    Agency(name="CNA", hosts=("cna.com.tw", "focustaiwan.tw"), names=("Central News Agency", "中央社", "中央通訊社"),
           codes=("CNA",), codes_in=frozenset({Sign.DATELINE})),
    Agency(name="Kyodo", hosts=("kyodonews.net", "kyodonews.jp", "nordot.app", "kyodo.co.jp"),
           names=("Kyodo News", "共同通信", "共同通信社", "共同社", "교도통신"), codes=("Kyodo", "KYODO", "共同")),
    Agency(name="Jiji", hosts=("jiji.com", "jijipress.co.jp"), names=("Jiji Press", "時事通信", "時事通信社", "时事社"),
           codes=("Jiji", "時事"), codes_in=MARKED),
    Agency(name="Yonhap", hosts=("yna.co.kr", "yonhapnews.co.kr"),
           names=("Yonhap", "Yonhap News Agency", "Yonhap News", "연합뉴스", "韩联社", "聯合ニュース")),
    Agency(name="Newsis", hosts=("newsis.com",), names=("Newsis", "뉴시스")),
    Agency(name="News1", hosts=("news1.kr",), names=("뉴스1",)),
    Agency(name="PTI", hosts=("ptinews.com",), names=("Press Trust of India", "पीटीआई"), codes=("PTI",)),
    Agency(name="ANI", hosts=("aninews.in",), names=("Asian News International", "एएनआई"), codes=("ANI",), codes_in=LABELLED),
    Agency(name="IANS", hosts=("ians.in", "ianslive.in"), names=("Indo-Asian News Service", "आईएएनएस"), codes=("IANS",)),
    Agency(name="Bernama", hosts=("bernama.com",), names=("Bernama",)),
    Agency(name="Antara", hosts=("antaranews.com",), names=("ANTARA News", "Antara News"), codes=("ANTARA", "Antara"),
           codes_in=MARKED),
    Agency(name="VNA", hosts=("vnanet.vn", "vietnamplus.vn"), names=("Vietnam News Agency", "TTXVN"), codes=("VNA",),
           codes_in=frozenset({Sign.DATELINE, Sign.ORIGIN})),
)  # fmt: skip


NAMED_HOSTS = {
    "The Conversation": "theconversation.com",
    "Common Dreams": "commondreams.org",
    "Global Voices": "globalvoices.org",
    "ProPublica": "propublica.org",
    "openDemocracy": "opendemocracy.net",
    "Global Research": "globalresearch.ca",
    "Kaiser Health News": "kffhealthnews.org",
    "KFF Health News": "kffhealthnews.org",
}
"""Publishers whose texts are meant to be republished, so that they are credited by name: their hosts."""

_HOSTS = {host: agency.name for agency in AGENCIES for host in agency.hosts}


def owner(host: str) -> str | None:
    """Short name of the agency whose own host this is."""
    labels = bare(host).split(".")
    return next((_HOSTS[tail] for start in range(len(labels)) if (tail := ".".join(labels[start:])) in _HOSTS), None)


def bare(host: str) -> str:
    """A host without port and without what only says how it is shown."""
    host = host.lower().rstrip(".")
    host = host if host.startswith("[") else host.partition(":")[0]
    for prefix in ("www.", "m.", "mobile.", "amp."):
        if host.startswith(prefix) and host.count(".") >= 2:
            host = host.removeprefix(prefix)
    return host
