"""Pages that are no article, in several languages, and beside each kind an article that is like it."""

import json
from datetime import UTC, datetime

import pytest

from copydesk.core.extract import extract
from copydesk.models import RejectReason

SCRIPT = "<script src=/bundle.js></script>"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "https://paper.example/news/2026/05/pier"
BRIEF = (
    "The ferry to the islands stays in the harbour until Thursday, the company said on Monday, "
    "because a part of its engine has "
    "to come from the mainland. Those who hold tickets can take the mail boat or have their money back."
)
PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm "
    "had torn down in the winter, "
    "and to pay for it with a loan that runs over the next twenty years.",
    "Fishermen who had waited for the decision since March said that they were relieved, although "
    "the work will only begin after "
    "the summer, when the last of the visitors have left the beaches.",
    "The mayor promised that the new pier would stand on pillars of stone instead of wood, and that it would carry a second "
    "crane, so that two boats can be unloaded at the same time.",
]


def page(*body, title="The Harbour Paper", lang="en", head=""):
    return (
        f"<!DOCTYPE html><html lang={lang}><head><title>{title}</title>{head}</head><body>{''.join(body)}</body></html>"
    )


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def json_ld(**node):
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **node})}</script>'


def kind(body, url=URL):
    return extract(body, url, now=NOW).rejected


CONSENT = {
    "en": (
        "Before you continue",
        "We and our partners use cookies and process personal data.",
        "Accept all",
        "Reject all",
    ),
    "de": (
        "Ihre Zustimmung",
        "Wir und unsere Partner verwenden Cookies und zeigen Werbung.",
        "Alle akzeptieren",
        "Ablehnen",
    ),
    "fr": (
        "Votre vie privée",
        "Nos partenaires et nous utilisons des cookies et des données personnelles.",
        "Accepter",
        "Refuser",
    ),
    "es": (
        "Su privacidad",
        "Nosotros y nuestros socios usamos cookies y tratamos datos personales.",
        "Aceptar",
        "Rechazar",
    ),
    "ru": (
        "Согласие на обработку",
        "Мы и наши партнёры используем файлы cookie и персональные данные.",
        "Принять",
        "Отклонить",
    ),
    "zh": ("隐私选择", "我们和合作伙伴使用Cookie处理您的个人数据，请选择是否同意。", "接受", "拒绝"),
    "ja": (
        "プライバシーの設定",
        "当社とパートナーはクッキーを使い、個人データを処理します。",
        "同意する",
        "すべて拒否",
    ),
    "ar": ("الخصوصية", "نستخدم نحن وشركاؤنا ملفات تعريف الارتباط ونعالج البيانات الشخصية.", "قبول الكل", "رفض الكل"),
    "nl": (
        "Uw privacy",
        "Wij en onze partners plaatsen cookies en verwerken persoonsgegevens.",
        "Accepteren",
        "Weigeren",
    ),
    "pl": ("Twoja prywatność", "Nasi partnerzy i my używamy plików cookie i danych osobowych.", "Akceptuję", "Odrzuć"),
}
CHALLENGE = {
    "en": ("Just a moment...", "Verify you are human by completing the action below."),
    "de": ("Einen Moment bitte", "Bitte bestätigen Sie, dass Sie ein Mensch sind. Wir überprüfen Ihre Verbindung."),
    "fr": ("Un instant…", "Confirmez que vous êtes humain. Nous vérifions que votre navigateur est sûr."),
    "es": ("Un momento", "Confirme que es humano. Estamos comprobando si la conexión es segura."),
    "ru": ("Подождите", "Подтвердите, что вы не робот, чтобы продолжить."),
    "zh": ("请稍候", "请完成安全验证，确认您是真人。"),
    "ja": ("しばらくお待ちください", "ロボットではありませんか。ブラウザを確認しています。"),
    "ar": ("لحظة من فضلك", "نحتاج إلى التحقق من أمان اتصالك قبل المتابعة."),
}
MISSING = {
    "en": (
        "Page not found",
        "Sorry, the page that you are looking for does not exist. Try the search, or go to the front page.",
    ),
    "de": ("Seite nicht gefunden", "Die gewünschte Seite gibt es leider nicht mehr. Versuchen Sie es mit der Suche."),
    "fr": ("Page introuvable", "La page que vous cherchez n'existe plus. Essayez la recherche."),
    "es": ("Página no encontrada", "Lo sentimos, la página que busca no existe. Pruebe con el buscador."),
    "ru": ("Страница не найдена", "К сожалению, такой страницы нет. Воспользуйтесь поиском."),
    "zh": ("页面不存在", "抱歉，您访问的页面找不到了，请返回首页。"),
    "ja": ("ページが見つかりません", "お探しのページは移動したか、削除された可能性があります。"),
    "ar": ("الصفحة غير موجودة", "عذرا، الصفحة التي تبحث عنها لم تعد متاحة. جرب البحث."),
    "nl": ("Pagina niet gevonden", "Helaas, deze pagina bestaat niet meer. Probeer het met de zoekfunctie."),
    "pl": ("Nie znaleziono strony", "Przepraszamy, takiej strony nie ma. Wróć na stronę główną."),
}
PAYWALL = {
    "en": (
        "Town rebuilds its pier",
        "The council voted on Tuesday to rebuild the pier.",
        "Subscribe to continue reading this article",
    ),
    "de": (
        "Stadt baut Pier",
        "Der Rat beschloss am Dienstag den Neubau des Piers.",
        "Jetzt weiterlesen mit dem Probeabo",
    ),
    "fr": ("La ville et sa jetée", "Le conseil a voté mardi la reconstruction.", "Cet article est réservé aux abonnés"),
    "es": ("El pueblo y su muelle", "El concejo votó el martes la reconstrucción.", "Suscríbete para seguir leyendo"),
    "ru": (
        "Город построит причал",
        "Совет во вторник решил восстановить причал.",
        "Доступно только подписчикам: чтобы читать дальше, войдите",
    ),
    "zh": ("小镇重建码头", "镇议会周二投票决定重建码头。", "本文仅限会员，订阅后阅读全文"),
    "ja": (
        "町が桟橋を再建",
        "町議会は火曜日に桟橋の再建を決めた。",
        "この記事は会員限定です。続きを読むには登録が必要です",
    ),
    "ar": (
        "البلدة تعيد بناء الرصيف",
        "صوت المجلس يوم الثلاثاء على إعادة البناء.",
        "هذا المقال للمشتركين فقط، لمتابعة القراءة سجل الدخول",
    ),
}
SCRIPTLESS = {
    "en": "You need to enable JavaScript to run this app.",
    "de": "Bitte JavaScript aktivieren.",
    "fr": "Veuillez activer JavaScript pour continuer.",
    "es": "Es necesario habilitar JavaScript.",
    "ru": "Пожалуйста, включите JavaScript.",
    "zh": "请启用JavaScript后再访问。",
    "ja": "JavaScriptを有効にしてください。",
    "ar": "يرجى تفعيل JavaScript للمتابعة.",
}
HEADLINES = {
    "en": ["Harbour town votes to rebuild its pier", "Ferry stays in port until Thursday", "Schools open again after the storm",
           "Who pays for the new lighthouse", "Fishermen ask for a second crane", "A museum for the drowned village"],
    "de": ["Stadtrat stimmt für den Neubau des Piers", "Fähre bleibt bis Donnerstag im Hafen",
        "Schulen öffnen nach dem Sturm wieder",
           "Wer zahlt für den neuen Leuchtturm", "Fischer fordern einen zweiten Kran", "Ein Museum für das versunkene Dorf"],
    "fr": ["La ville vote la reconstruction de sa jetée", "Le ferry reste au port jusqu'à jeudi",
        "Les écoles rouvrent après la tempête",
           "Qui paiera le nouveau phare", "Les pêcheurs demandent une seconde grue", "Un musée pour le village englouti"],
    "es": ["El pueblo vota reconstruir su muelle", "El ferry se queda en puerto hasta el jueves",
        "Las escuelas abren tras la tormenta",
           "Quién pagará el nuevo faro", "Los pescadores piden una segunda grúa", "Un museo para el pueblo hundido"],
    "ru": ["Город решил восстановить причал", "Паром останется в порту до четверга", "Школы открылись после шторма",
           "Кто заплатит за новый маяк", "Рыбаки просят второй кран", "Музей затопленной деревни"],
    "zh": ["小镇投票决定重建码头", "渡轮停航至本周四", "暴风雨后学校重新开放", "新灯塔的费用由谁来付",
        "渔民要求增设第二台吊机", "为沉没的村庄建博物馆"],
    "ja": ["町議会が桟橋の再建を可決", "フェリーは木曜まで欠航へ", "嵐のあと学校が再開した", "新しい灯台の費用は誰が払う",
        "漁師らが二台目のクレーンを要望", "沈んだ村の博物館が開館"],
    "ar": ["البلدة تصوت على إعادة بناء الرصيف", "العبارة تبقى في الميناء حتى الخميس", "المدارس تفتح أبوابها بعد العاصفة",
           "من سيدفع ثمن المنارة الجديدة", "الصيادون يطلبون رافعة ثانية", "متحف للقرية الغارقة"],
}  # fmt: skip
TEASERS = {
    "en": "The decision came late in the evening, after three hours of debate.",
    "de": "Die Entscheidung fiel spät am Abend, nach drei Stunden Debatte.",
    "fr": "La décision est tombée tard le soir, après trois heures de débat.",
    "es": "La decisión llegó tarde en la noche, tras tres horas de debate.",
    "ru": "Решение приняли поздно вечером, после трёх часов споров.",
    "zh": "经过三个小时的辩论，决定在深夜作出。",
    "ja": "三時間の議論のあと、決定は夜遅くに下された。",
    "ar": "جاء القرار في وقت متأخر من المساء بعد ثلاث ساعات من النقاش.",
}


def wall(lines, lang):
    title, *rest = lines
    return page(f"<main><h1>{title}</h1>{paragraphs(*rest)}</main>", title=title, lang=lang)


WALLS = [
    *((lang, wall(lines, lang), RejectReason.CONSENT) for lang, lines in CONSENT.items()),
    *((lang, wall(lines, lang), RejectReason.CHALLENGE) for lang, lines in CHALLENGE.items()),
    *((lang, wall(lines, lang), RejectReason.SOFT_404) for lang, lines in MISSING.items()),
    *((lang, wall(lines, lang), RejectReason.PAYWALL) for lang, lines in PAYWALL.items()),
    *(
        (lang, page(f"<noscript>{text}</noscript><div id=root></div>{SCRIPT}", lang=lang), RejectReason.NEEDS_JAVASCRIPT)
        for lang, text in SCRIPTLESS.items()
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "body", "reason"), WALLS, ids=lambda value: value if len(value) < 20 else "")
def test_walls_and_shells(lang, body, reason):
    extraction = extract(body, URL, now=NOW)

    assert extraction.rejected is reason
    assert extraction.detail


PREAMBLE = (
    "Something went wrong on the way between your browser and the machine that keeps our pages, so nothing is here."
)
SENTENCES = {
    "a dialog in one line": (
        "Before you continue",
        "We and our partners use cookies and process your personal data. Accept all. Reject all. Manage options.",
        RejectReason.CONSENT,
    ),
    "a dialog in one German line": (
        "Ihre Zustimmung",
        "Wir und unsere Partner verwenden Cookies. Mit Ihrer Einwilligung zeigen wir Werbung. Ablehnen oder zustimmen.",
        RejectReason.CONSENT,
    ),
    "an ad blocker": (
        "You are using an ad blocker",
        "Please switch off your ad blocker for this paper. The advertisements pay for the reporters who write it each day.",
        RejectReason.CONSENT,
    ),
    "a refusal": ("Access Denied", "You don't have permission to access this server. Reference 18.9f.", RejectReason.CHALLENGE),
    "a law": ("451: Unavailable for legal reasons", PREAMBLE, RejectReason.SOFT_404),
    "a gateway": ("502 Bad Gateway", PREAMBLE, RejectReason.SOFT_404),
    "a server": ("The Harbour Paper | 500 Internal Server Error", PREAMBLE, RejectReason.SOFT_404),
    "a service": ("503 Service Temporarily Unavailable", PREAMBLE, RejectReason.SOFT_404),
    "a polite title": ("Sorry, that page can’t be found.", PREAMBLE, RejectReason.SOFT_404),
    "an exclamation": (
        "Oops! - The Harbour Paper",
        "What you came for is not on this shelf any more. Try the search or go back to the home page, where all stories stand.",
        RejectReason.SOFT_404,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
def test_walls_and_errors_of_some_sentences(name):
    title, text, reason = SENTENCES[name]

    assert kind(page(f"<main><h1>{title}</h1>{paragraphs(text)}</main>", title=title)) is reason


DIALOG = paragraphs(
    "We and our partners store cookies on your device and process personal data for personalised ads.",
    "You may accept all or reject all. Some vendors rely on legitimate interest, see our privacy policy.",
)
SAID = "<meta property=og:type content=article>"


def test_a_dialog_s_own_box_tells_it_where_some_of_its_lines_do_not():
    body = (
        "<div id='consent-layer' role='dialog'><h1>Willkommen</h1><h2>Weiterlesen mit Werbung und Cookies</h2>"
        "<p>Ihre Zustimmung zu Cookies können Sie jederzeit widerrufen. Einzelheiten stehen in der Datenschutzerklärung.</p>"
        "<button>Alle Cookies akzeptieren</button><h2>Weiterlesen ohne Werbung</h2>"
        "<p>Mit dem Abo lesen Sie ohne Tracking von Dritten. Sie haben schon ein Abo? Dann melden Sie sich an.</p></div>"
    )
    page = f"<html lang='de'><head><title>Ihre Zustimmung</title></head><body>{body}</body></html>"

    assert extract(page, "https://bote.example/a").rejected is RejectReason.CONSENT


def test_a_dialog_in_the_place_of_what_says_that_it_is_an_article():
    story = "The town of Port Elm has told sites that cookies need consent, that vendors have to be named, and partners too."

    assert kind(page(f"<div class=consent-layer>{DIALOG}</div>", head=SAID)) is RejectReason.CONSENT
    assert kind(page(f"<div class=text>{DIALOG}</div>", head=SAID)) is None
    assert (
        kind(page(f"<article>{paragraphs(story)}</article><div class=consent-layer>{DIALOG}</div>", head=SAID)) is None
    )


def test_an_article_of_one_line_that_says_that_it_is_one():
    lines = ["Ferry back in service, company says.", "Shares of the ferry company fell three percent on Monday."]
    for line in lines:
        assert kind(page(f"<article><h1>Ferry</h1>{paragraphs(line)}</article>", head=SAID)) is None
        assert kind(page(f"<article><h1>Ferry</h1>{paragraphs(line)}</article>")) is RejectReason.NO_ARTICLE
    assert kind(page("<h1>Ferry</h1><p>Back in service again</p>", head=SAID)) is RejectReason.NO_ARTICLE
    asks = page(f"<div id=root><p>{SCRIPTLESS['en']}</p></div>{SCRIPT}", head=SAID)
    assert kind(asks) is RejectReason.NEEDS_JAVASCRIPT


def section(lang, *, excerpts=1, boxes="article", heading=True):
    headline = "<h2><a href='/n/{n}'>{text}</a></h2>" if heading else "<a href='/n/{n}'>{text}</a>"
    items = [
        f"<{boxes} class=teaser>{headline.format(n=n, text=text)}<time>2026-05-{n + 10}</time>"
        f"{paragraphs(*[f'{text}: {TEASERS[lang]}'] * excerpts)}</{boxes}>"
        for n, text in enumerate(HEADLINES[lang])
    ]
    return page("<main><h1>News</h1>", *items, "</main>", lang=lang)


@pytest.mark.parametrize("lang", HEADLINES)
@pytest.mark.parametrize("how", [{}, {"boxes": "div", "heading": False}, {"boxes": "li", "excerpts": 2}], ids=str)
def test_sections_whatever_their_address(lang, how):
    assert kind(section(lang, **how), "https://paper.example/local/") is RejectReason.LISTING


@pytest.mark.parametrize("lang", HEADLINES)
def test_front_pages(lang):
    links = "".join(f"<li><a href='/n/{n}'>{text}</a></li>" for n, text in enumerate(HEADLINES[lang] * 4))

    assert kind(page(f"<ul>{links}</ul>", lang=lang), "https://paper.example/") is RejectReason.LISTING
    own = "<link rel=canonical href='https://paper.example/'>"
    assert kind(page(f"<ul>{links}</ul>", lang=lang, head=own), "https://paper.example/x?y") is RejectReason.LISTING


def test_an_archive_that_calls_itself_an_article_and_a_collection():
    head = json_ld(**{"@type": "CollectionPage", "name": "Pier"}) + "<meta property=og:type content=article>"
    items = "".join(f"<h3><a href='/n/{n}'>{text}</a></h3>" for n, text in enumerate(HEADLINES["en"]))

    assert kind(page(items, head=head), "https://paper.example/tag/pier") is RejectReason.LISTING


@pytest.mark.parametrize(
    "caption", ["", "The pier seen from the mail boat on Monday.", "一艘邮船驶过码头。", "Причал с борта катера."]
)
@pytest.mark.parametrize(
    "player",
    [
        ("<video src=/pier.mp4></video>", json_ld(**{"@type": "VideoObject", "name": "Pier"})),
        ("<iframe src='https://www.youtube.com/embed/x'></iframe>", "<meta property='og:type' content='video.other'>"),
        ("<div class=video-player></div><p>Watch this video</p>", ""),
    ],
    ids=["video", "frame", "words"],
)
def test_videos(player, caption):
    body, head = player

    assert kind(page(body, paragraphs(caption), title="Pier from above", head=head)) is RejectReason.VIDEO


def test_a_shell_without_a_word():
    for root in ("root", "app", "__next"):
        body = page(f"<div id={root}></div><script src=/bundle.js></script>")
        assert kind(body) is RejectReason.NEEDS_JAVASCRIPT
    assert kind(page("<div id=other></div>")) is RejectReason.EMPTY


BANNER = paragraphs(
    "We and our partners use cookies and process personal data.", "Accept all", "Reject all", "Manage options"
)
NEAR = {
    "a brief": page(f"<h1>Ferry stays in port</h1><article>{paragraphs(BRIEF)}</article>"),
    "about cookies": page(
        f"<h1>Cookies and consent: what the law asks</h1><article>{paragraphs(BRIEF, 'Sites have to ask first.')}</article>"
    ),
    "a brief beside a consent banner": page(f"<article>{paragraphs(BRIEF)}</article><footer>{BANNER}</footer>"),
    "about a 404": page(f"<h1>How error 404 became a work of art in a museum</h1><article>{paragraphs(BRIEF)}</article>"),
    "somebody not found": page(
        f"<h1>Climber not found</h1><article>{paragraphs(BRIEF, 'He was not found, the guides said on Monday.')}</article>"
    ),
    "about captchas": page(f"<h1>Captcha</h1><article>{paragraphs(BRIEF, 'A captcha asks whether you are human.')}</article>"),
    "a captcha in the comment form": page(
        f"<article>{paragraphs(BRIEF)}</article><form><script src=https://js.hcaptcha.example/h-captcha.js></script></form>"
    ),
    "about paywalls": page(
        f"<h1>Who subscribes</h1><article>{paragraphs(BRIEF, 'Few subscribe to read one story, the study says.')}</article>"
    ),
    "a brief under a menu that sells": page(
        "<nav><a href=/s>Subscribe</a> <a href=/l>Already a subscriber? Log in</a></nav>",
            f"<article>{paragraphs(BRIEF)}</article>"
    ),
    "a photo story": page(
        "<h1>The harbour in pictures</h1><article>",
        *(f"<figure><img src=/{n}.jpg></figure><p>{text}</p>" for n, text in enumerate(PROSE)),
        "</article>",
    ),
    "a video with a transcript": page(
        f"<video src=/pier.mp4></video><article>{paragraphs(*PROSE)}</article>",
        head=json_ld(**{"@type": "VideoObject", "name": "Pier"}) + "<meta property='og:type' content='video.other'>",
    ),
    "a video in a brief": page(f"<article>{paragraphs(BRIEF)}<video src=/ferry.mp4></video></article>"),
    "an article that a script takes over": page(
        f"<div id=__next><article>{paragraphs(*PROSE)}</article></div><noscript>Please enable JavaScript.</noscript>",
        SCRIPT,
    ),
    "an article above a list of others": section("en").replace("<h1>News</h1>",
        f"<h1>Pier</h1><article>{paragraphs(*PROSE)}</article>"),
    "a list of places, each with a link": page(
        "<h1>Six beaches</h1><article>",
        *(f"<h2>{n}. A beach</h2><p>{text} <a href=https://b{n}.example/>Its page</a>.</p>" for n, text in enumerate(PROSE * 2)),
        "</article>",
    ),
    "a collection with a text of its own": page(
        f"<article>{paragraphs(*PROSE)}</article>", head=json_ld(**{"@type": "CollectionPage", "name": "The pier"})
    ),
    "a paywalled page with its text": page(
        f"<article>{paragraphs(*PROSE)}</article><p>Subscribe to continue reading</p>",
        head=json_ld(**{"@type": "NewsArticle", "headline": "Pier", "isAccessibleForFree": False}),
    ),
}  # fmt: skip


HEADLINES_LIKE_WALLS = {
    "Un momento de silencio": "La villa guardó ayer un momento de silencio por los pescadores que no volvieron del mar en marzo.",
    "Please wait, ferry company asks": "The ferry company asked its passengers on Monday to wait until the engine is mended.",
    "Just a moment of joy": "The town had its moment of joy on Sunday, when the old ferry came back from the yard.",
    "Captcha maker in court": "Sailors took a maker of captchas to court, as they had to verify that they are human too often.",
    "Access denied": "Sailors stood before a closed harbour gate on Monday. The guards gave no reason and let nobody in.",
    "Ferry site not found": "The site of the ferry company was gone on Monday. Those who called it up read that the page was "
    "not found, and stood at the quay in vain. By noon the fault had been mended.",
    "Old law expired": "The article was removed from the harbour law on Monday, after members had debated it for three hours.",
    "Lost page not found in archive": "Historians looked in the town archive for a page of the log book for three weeks in vain.",
    "Bad gateway for ships, captains say": "The gateway to the harbour is bad for large ships, three captains told the council.",
    "Ad blocker use grows": "More readers of local papers use an ad blocker than last year, a study of the harbour town says.",
    "Consent rules for cookies": "The harbour town has to ask for consent before it sets cookies on its site, a court said. "
    "Partners and vendors have to be named in its privacy policy, to reject all has to be as easy as to accept all.",
    "Cookie-Urteil": "Das Gericht hat entschieden, dass Cookies und Werbung ohne Einwilligung nicht erlaubt sind. "
    "Ablehnen muss so leicht sein wie Zustimmen, auch Partner sind zu nennen, und der Datenschutz der Gäste im Hafen geht vor.",
}  # fmt: skip


@pytest.mark.parametrize("title", HEADLINES_LIKE_WALLS)
@pytest.mark.parametrize("around", ["", f"<div class=cookie-banner>{BANNER}</div>"], ids=["alone", "banner"])
def test_briefs_with_headlines_like_the_titles_of_walls(title, around):
    text = HEADLINES_LIKE_WALLS[title]
    extraction = extract(
        page(f"<article><h1>{title}</h1>{paragraphs(text)}</article>{around}", title=title), URL, now=NOW
    )

    assert (extraction.rejected, extraction.detail) == (None, None)
    assert text in extraction.text


@pytest.mark.parametrize("head", ["", SAID], ids=["", "said"])
def test_a_brief_with_a_player_in_it(head):
    text = (
        "A ferry ran aground off the harbour on Monday. Nobody was hurt, the company said, and by noon it was afloat."
    )
    player = "<iframe src='https://www.youtube.com/embed/x'></iframe><p>Watch the video</p>"
    body = f"<article><h1>Ferry aground</h1>{paragraphs(text)}{player}</article>"

    assert kind(page(body, head=head)) is None
    assert kind(page(body, head=json_ld(**{"@type": "VideoObject", "name": "Ferry"}))) is RejectReason.VIDEO


@pytest.mark.parametrize("name", NEAR)
def test_what_is_like_them_and_is_an_article(name):
    extraction = extract(NEAR[name], URL, now=NOW)

    assert (extraction.rejected, extraction.detail) == (None, None)
    assert "harbour" in extraction.text


def test_a_page_that_says_that_it_is_not_free_and_shows_little():
    head = json_ld(**{"@type": "NewsArticle", "headline": "Pier", "isAccessibleForFree": "False"})

    extraction = extract(page(f"<article>{paragraphs(BRIEF)}</article>", head=head), URL, now=NOW)

    assert extraction.rejected is RejectReason.PAYWALL
    assert "ferry" in extraction.text


BRIEFS = {
    "en": BRIEF,
    "de": "Die Fähre zu den Inseln bleibt bis Donnerstag im Hafen, teilte die Reederei am Montag mit, weil "
    "ein Teil der Maschine erst vom "
    "Festland kommen muss. Wer eine Karte hat, kann das Postboot nehmen oder bekommt sein Geld zurück.",
    "fr": "Le ferry qui dessert les îles reste au port jusqu'à jeudi, a annoncé lundi la compagnie, parce "
    "qu'une pièce du moteur doit "
    "venir du continent. Ceux qui ont un billet peuvent prendre le bateau postal ou se faire rembourser.",
    "es": "El ferry a las islas se queda en puerto hasta el jueves, anunció el lunes la compañía, porque "
    "una pieza del motor tiene que "
    "llegar del continente. Quienes tengan billete pueden tomar el barco correo o recuperar su dinero.",
    "ru": "Паром на острова останется в порту до четверга, сообщила в понедельник компания, потому что "
    "деталь двигателя должны привезти с "
    "материка. Те, у кого есть билеты, могут поехать на почтовом катере или вернуть деньги.",
    "zh": "航运公司周一表示，由于发动机的一个零件需要从大陆运来，开往群岛的渡轮将停航至周四。"
    "已购票的旅客可以改乘邮船，或者办理退款手续。"
    "镇长说，学校和医院的物资供应不会受到影响。",
    "ja": "島へ向かうフェリーは木曜日まで港にとどまると、運航会社が月曜日に発表した。"
    "エンジンの部品を本土から取り寄せる必要があるためだ。"
    "切符を持つ人は郵便船に乗るか、払い戻しを受けることができる。",
    "ar": "أعلنت الشركة يوم الاثنين أن العبارة المتجهة إلى الجزر ستبقى في الميناء حتى الخميس لأن قطعة من "
    "المحرك يجب أن تصل من البر الرئيسي. "
    "ويمكن لحاملي التذاكر ركوب قارب البريد أو استرداد أموالهم، وقال رئيس البلدية إن المدارس لن تتأثر بذلك.",
}
MENUS = {
    "en": "Subscribe now. Already a subscriber?",
    "de": "Jetzt abonnieren. Bereits Abonnent?",
    "fr": "Abonnez-vous. Déjà abonné ?",
    "es": "Suscríbete. ¿Ya eres suscriptor?",
    "ru": "Подпишитесь на газету",
    "zh": "订阅 登录",
    "ja": "会員登録 ログイン",
    "ar": "اشترك الآن",
}


@pytest.mark.parametrize("lang", BRIEFS)
def test_a_brief_is_an_article_whatever_stands_around_it(lang):
    banner = f"<div class=banner>{paragraphs(*CONSENT[lang][1:])}</div>"
    captcha = "<form><script src=https://js.captcha.example/h-captcha.js></script></form>"
    body = f"<nav>{MENUS[lang]}</nav><article><h1>{HEADLINES[lang][1]}</h1>{paragraphs(BRIEFS[lang])}</article>{captcha}{banner}"

    extraction = extract(page(body, lang=lang, title=HEADLINES[lang][1]), URL, now=NOW)

    assert (extraction.rejected, extraction.detail) == (None, None)
    assert BRIEFS[lang] in extraction.text


@pytest.mark.parametrize("lang", BRIEFS)
def test_an_article_above_teasers_is_one(lang):
    teasers = section(lang, boxes="div").partition("<main>")[2].partition("</main>")[0]
    body = f"<article>{paragraphs(*[BRIEFS[lang], *PROSE])}</article><aside>{teasers}</aside>"

    assert kind(page(body, lang=lang), "https://paper.example/2026/05/pier") is None
