"""What sites in each language write below their articles, by category, and prose that is like it."""

import pytest

from copydesk.core.rules import RULES, fold
from copydesk.core.rules.ruleset import BUILT_IN
from copydesk.models import RemovalReason as Reason

# What each kind of line may be called. "Read more: …" points to another story.
CATEGORIES = {
    "comment policy": {Reason.COMMENT_POLICY, Reason.COMMENTS},
    "disclaimer": {Reason.DISCLAIMER},
    "copyright": {Reason.COPYRIGHT},
    "newsletter": {Reason.NEWSLETTER},
    "related": {Reason.RELATED},
    "share": {Reason.SHARE},
    "read more": {Reason.RELATED},
    "advertisement": {Reason.ADVERTISEMENT},
}
LINES = {
    "en": {
        "comment policy": [
            "Please keep comments civil and on topic. We moderate all posts.",
            "Your comment will be published after approval by our moderators.",
        ],
        "disclaimer": [
            "The opinions expressed in this article are those of the author and do not reflect those of this paper.",
            "Disclaimer: nothing here is investment advice.",
        ],
        "copyright": [
            "© 2024 The Harbour Paper. All rights reserved.",
            "This material may not be republished or rewritten without permission.",
        ],
        "newsletter": [
            "Sign up for our daily newsletter",
            "Get the day's top stories delivered to your inbox every morning.",
        ],
        "related": [
            "Related stories",
            "More on this story",
            "You may also like",
        ],
        "share": [
            "Share this story",
            "Share on Facebook",
            "Email this article to a friend",
        ],
        "read more": [
            "Read more: Council votes to rebuild the pier",
            "READ ALSO: Ferry stays in port until Thursday",
        ],
        "advertisement": [
            "Advertisement",
            "Story continues below advertisement",
            "Sponsored content",
        ],
    },
    "de": {
        "comment policy": [
            "Kommentare werden von der Redaktion geprüft und erst danach freigeschaltet. Bitte beachten Sie unsere Netiquette.",
            "Die Kommentarfunktion zu diesem Artikel wurde geschlossen.",
        ],
        "disclaimer": [
            "Die in Gastbeiträgen geäußerte Meinung gibt nicht unbedingt die Ansicht der Redaktion wieder.",
            "Hinweis: Dieser Artikel stellt keine Anlageberatung dar.",
        ],
        "copyright": [
            "© 2024 Hafenblatt. Alle Rechte vorbehalten.",
            "Die Vervielfältigung ist nur mit Genehmigung des Verlags erlaubt.",
        ],
        "newsletter": [
            "Jetzt unseren Newsletter abonnieren",
            "Das Wichtigste vom Tag: Abonnieren Sie unseren kostenlosen Newsletter.",
        ],
        "related": [
            "Mehr zum Thema",
            "Das könnte Sie auch interessieren",
            "Weitere Artikel",
        ],
        "share": [
            "Artikel teilen",
            "Auf Facebook teilen",
            "Per E-Mail versenden",
        ],
        "read more": [
            "Lesen Sie auch: Stadtrat stimmt für den neuen Pier",
            "Mehr dazu: Fähre bleibt im Hafen",
        ],
        "advertisement": [
            "Anzeige",
            "Nach der Anzeige geht es weiter",
            "Werbung",
        ],
    },
    "fr": {
        "comment policy": [
            "Les commentaires sont modérés a posteriori. Merci de respecter notre charte.",
            "Votre commentaire sera publié après validation par nos modérateurs.",
        ],
        "disclaimer": [
            "Les propos tenus dans cette tribune n'engagent que leurs auteurs.",
            "Cet article ne constitue pas un conseil en investissement.",
        ],
        "copyright": [
            "© 2024 Le Journal du Port. Tous droits réservés.",
            "Toute reproduction, même partielle, est interdite sans autorisation.",
        ],
        "newsletter": [
            "Abonnez-vous à notre newsletter",
            "Recevez chaque matin l'essentiel de l'actualité dans votre boîte mail.",
        ],
        "related": [
            "Sur le même sujet",
            "Articles similaires",
            "À lire aussi",
        ],
        "share": [
            "Partager cet article",
            "Partager sur Facebook",
            "Envoyer par e-mail",
        ],
        "read more": [
            "Lire aussi : La ville vote pour sa jetée",
            "À lire également : Le ferry reste au port jusqu'à jeudi",
        ],
        "advertisement": [
            "Publicité",
            "La suite après la publicité",
            "Contenu sponsorisé",
        ],
    },
    "es": {
        "comment policy": [
            "Nos reservamos el derecho de no publicar comentarios con insultos. Lea nuestras normas.",
            "Su comentario será publicado una vez que sea aprobado por el moderador.",
        ],
        "disclaimer": [
            "Las opiniones expresadas en esta columna son responsabilidad exclusiva de su autor.",
            "Este artículo no constituye una recomendación de inversión.",
        ],
        "copyright": [
            "© 2024 Diario del Puerto. Todos los derechos reservados.",
            "Queda prohibida la reproducción total o parcial de este contenido.",
        ],
        "newsletter": [
            "Suscríbete a nuestra newsletter",
            "Recibe en tu correo las noticias más importantes del día.",
        ],
        "related": [
            "Noticias relacionadas",
            "También te puede interesar",
            "Lo más visto",
        ],
        "share": [
            "Compartir esta noticia",
            "Compartir en WhatsApp",
            "Enviar por correo",
        ],
        "read more": [
            "Lea también: El pueblo vota reconstruir su muelle",
            "Leer más: El ferry se queda en puerto",
        ],
        "advertisement": [
            "Publicidad",
            "La noticia continúa después de la publicidad",
            "Contenido patrocinado",
        ],
    },
    "it": {
        "comment policy": [
            "I commenti vengono pubblicati dopo l'approvazione della redazione. Si prega di rispettare il regolamento.",
            "Devi essere registrato per lasciare un commento.",
        ],
        "disclaimer": [
            "Le opinioni espresse in questo articolo sono esclusivamente dell'autore.",
            "Questo articolo non costituisce consulenza finanziaria.",
        ],
        "copyright": [
            "© 2024 Il Giornale del Porto. Tutti i diritti riservati.",
            "© RIPRODUZIONE RISERVATA",
            "Vietata la riproduzione anche parziale.",
        ],
        "newsletter": [
            "Iscriviti alla newsletter",
            "Ricevi ogni mattina le notizie più importanti nella tua casella di posta.",
        ],
        "related": [
            "Articoli correlati",
            "Potrebbe interessarti anche",
            "Notizie correlate",
        ],
        "share": [
            "Condividi questo articolo",
            "Condividi su Facebook",
            "Invia per email",
        ],
        "read more": [
            "Leggi anche: Il consiglio vota il nuovo molo",
            "Per approfondire: Chi paga il faro",
        ],
        "advertisement": [
            "Pubblicità",
            "L'articolo continua dopo la pubblicità",
            "Contenuto sponsorizzato",
        ],
    },
    "pt": {
        "comment policy": [
            "Os comentários são moderados e não representam a opinião do jornal; a responsabilidade é de seus autores.",
            "Seu comentário será publicado após aprovação do moderador.",
        ],
        "disclaimer": [
            "As opiniões expressas neste artigo são de inteira responsabilidade de seus autores.",
            "Este conteúdo não constitui recomendação de investimento.",
        ],
        "copyright": [
            "© 2024 Jornal do Porto. Todos os direitos reservados.",
            "É proibida a reprodução total ou parcial deste conteúdo.",
        ],
        "newsletter": [
            "Assine a nossa newsletter",
            "Receba as principais notícias do dia no seu e-mail.",
        ],
        "related": [
            "Notícias relacionadas",
            "Mais lidas",
            "Veja também",
        ],
        "share": [
            "Compartilhe esta notícia",
            "Compartilhar no WhatsApp",
            "Enviar por e-mail",
        ],
        "read more": [
            "Leia também: Câmara vota a favor do novo cais",
            "Saiba mais: Quem paga o farol",
        ],
        "advertisement": [
            "Publicidade",
            "Continua após a publicidade",
            "Conteúdo patrocinado",
        ],
    },
    "ru": {
        "comment policy": [
            "Комментарии с оскорблениями будут удалены, просим соблюдать правила.",
            "Чтобы оставить комментарий, вы должны зарегистрироваться.",
        ],
        "disclaimer": [
            "Мнение редакции может не совпадать с мнением автора.",
            "Не является индивидуальной инвестиционной рекомендацией.",
        ],
        "copyright": [
            "© 2024 Портовая газета. Все права защищены.",
            "При использовании материалов ссылка на сайт обязательна.",
            "Перепечатка материалов запрещена без письменного согласия редакции.",
        ],
        "newsletter": [
            "Подпишитесь на нашу рассылку",
            "Подписывайтесь на наш Telegram-канал",
            "Получайте главные новости дня на почту",
        ],
        "related": [
            "Читайте также",
            "Материалы по теме",
            "Похожие статьи",
        ],
        "share": [
            "Поделиться в Telegram",
            "Поделиться новостью",
            "Отправить другу",
        ],
        "read more": [
            "Читайте также: Город решил восстановить причал",
            "Подробнее: Паром останется в порту",
        ],
        "advertisement": [
            "Реклама",
            "На правах рекламы",
            "Продолжение после рекламы",
        ],
    },
    "ar": {
        "comment policy": [
            "يرجى الالتزام بقواعد النشر، وسيتم حذف التعليقات المسيئة.",
            "التعليقات المنشورة لا تعبر عن رأي الموقع.",
        ],
        "disclaimer": [
            "المقالات المنشورة تعبر عن رأي أصحابها فقط.",
            "الآراء الواردة في هذا المقال لا تعكس بالضرورة موقف الصحيفة.",
            "هذا المحتوى ليس نصيحة استثمارية.",
        ],
        "copyright": [
            "جميع الحقوق محفوظة © 2024",
            "يمنع نسخ أو إعادة نشر المواد دون إذن خطي.",
        ],
        "newsletter": [
            "اشترك في نشرتنا البريدية",
            "احصل على أهم الأخبار في بريدك الإلكتروني كل صباح",
        ],
        "related": [
            "أخبار ذات صلة",
            "مواضيع متعلقة",
            "قد يعجبك أيضا",
        ],
        "share": [
            "شارك هذا الخبر",
            "مشاركة عبر واتساب",
            "شارك المقال على فيسبوك",
        ],
        "read more": [
            "اقرأ أيضا: البلدة تصوت على إعادة بناء الرصيف",
            "للمزيد: العبارة تبقى في الميناء",
            "اقرأ المزيد: من يدفع ثمن المنارة",
        ],
        "advertisement": [
            "إعلان",
            "محتوى ممول",
            "يستمر المحتوى بعد الإعلان",
        ],
    },
    "tr": {
        "comment policy": [
            "Küfür ve hakaret içeren yorumlar yayınlanmayacaktır.",
            "Yorumlar editör onayından geçtikten sonra yayınlanır.",
        ],
        "disclaimer": [
            "Bu yazıdaki görüşler yazarın kendisine aittir.",
            "Burada yer alan bilgiler yatırım tavsiyesi değildir.",
            "Köşe yazılarının sorumluluğu yazarlarına aittir.",
        ],
        "copyright": [
            "© 2024 Liman Gazetesi. Tüm hakları saklıdır.",
            "Kaynak gösterilmeden alıntı yapılamaz.",
        ],
        "newsletter": [
            "E-bültenimize abone olun",
            "Günün haberleri her sabah e-posta kutunuza gelsin",
        ],
        "related": [
            "İlgili haberler",
            "Benzer içerikler",
            "Bunlar da ilginizi çekebilir",
        ],
        "share": [
            "Haberi paylaş",
            "Facebook'ta paylaş",
            "E-posta ile gönder",
        ],
        "read more": [
            "İlgili haber: Belediye iskeleyi yeniden yapacak",
            "Devamını oku",
            "Ayrıca bakınız: Feneri kim ödeyecek",
        ],
        "advertisement": [
            "Reklam",
            "Haberin devamı reklamdan sonra",
            "Sponsorlu içerik",
        ],
    },
    "zh": {
        "comment policy": [
            "请遵守法律法规，文明评论，违规评论将被删除。",
            "網友留言不代表本報立場，請理性發言。",
        ],
        "disclaimer": [
            "本文仅代表作者个人观点，与本网无关。",
            "本文不構成任何投資建議。",
            "免责声明：本文仅供参考。",
        ],
        "copyright": [
            "版权所有 未经书面授权禁止使用",
            "未經授權，不得轉載。",
            "转载请注明出处。",
        ],
        "newsletter": [
            "扫码关注官方微信公众号",
            "訂閱電子報，每天早上收到重要新聞",
            "点击下载新闻客户端",
        ],
        "related": [
            "相关阅读",
            "延伸閱讀",
            "猜你喜欢",
        ],
        "share": [
            "分享到微博",
            "分享給朋友",
            "分享至朋友圈",
        ],
        "read more": [
            "延伸阅读：小镇投票决定重建码头",
            "更多新聞：渡輪停航至本週四",
            "相关报道：新灯塔的费用由谁来付",
        ],
        "advertisement": [
            "广告",
            "廣告 (請繼續閱讀本文)",
            "赞助内容",
        ],
    },
    "ja": {
        "comment policy": [
            "誹謗中傷や個人攻撃を含むコメントは削除される場合がございます。ご了承ください。",
            "コメントを投稿するにはログインしてください。",
        ],
        "disclaimer": [
            "本記事は情報提供を目的としたものであり、投資を勧誘するものではありません。",
            "記事の内容は筆者個人の見解であり、所属組織を代表するものではありません。",
        ],
        "copyright": [
            "記事・写真の無断転載を禁じます。",
            "© 2024 港新聞社",
            "本サイトに掲載の文章の著作権は港新聞社に帰属します。",
        ],
        "newsletter": [
            "メールマガジンに登録する",
            "毎朝のニュースをメールでお届けします。ニュースレター登録はこちら",
        ],
        "related": [
            "関連記事",
            "あわせて読みたい",
            "こんな記事も読まれています",
        ],
        "share": [
            "この記事をシェアする",
            "Xでポスト",
            "LINEで送る",
        ],
        "read more": [
            "関連記事：町議会が桟橋の再建を可決",
            "続きを読む",
            "【関連記事】新しい灯台の費用は誰が払う",
        ],
        "advertisement": [
            "広告",
            "記事の続きは広告の下にあります",
            "スポンサーリンク",
        ],
    },
}
PROSE = {
    "en": [
        "Related charges against the mayor were dropped in May.",
        "Share prices fell after the newsletter was published.",
        "The advertisement promised work for everybody in town.",
        "All rights of the fishermen were reserved by law for a century.",
        "Readers sent more than two hundred comments to the council.",
    ],
    "de": [
        "Die Werbung versprach Arbeit für alle im Ort.",
        "Mehr als hundert Leser teilten ihre Meinung in Briefen mit.",
        "Alle Rechte der Fischer standen jahrhundertelang im Gesetz.",
        "Der Newsletter der Stadt erscheint seit drei Jahren nicht mehr.",
        "Weitere Artikel des Gesetzes treten im Mai in Kraft.",
    ],
    "fr": [
        "La publicité promettait du travail à tous les habitants.",
        "Les droits des pêcheurs étaient réservés par une loi ancienne.",
        "Les commentaires du maire ont surpris le conseil.",
        "Partager le port avec les plaisanciers ne plaît pas à tous.",
        "Lire les cartes marines est un métier, dit-il.",
    ],
    "es": [
        "La publicidad prometía trabajo para todos los vecinos.",
        "Los comentarios del alcalde sorprendieron al concejo.",
        "Compartir el puerto con los yates no gusta a todos.",
        "Más de cien vecinos recibieron una carta en su correo.",
        "Los derechos de los pescadores estaban reservados por ley.",
    ],
    "it": [
        "La pubblicità prometteva lavoro a tutti gli abitanti.",
        "I commenti del sindaco hanno sorpreso il consiglio.",
        "Condividere il porto con gli yacht non piace a tutti.",
        "I diritti dei pescatori erano riservati da una legge antica.",
        "Leggi più severe proteggono adesso la costa.",
    ],
    "pt": [
        "A publicidade prometia trabalho para todos os moradores.",
        "Os comentários do prefeito surpreenderam a câmara.",
        "Compartilhar o porto com os iates não agrada a todos os pescadores da vila.",
        "Mais de cem moradores receberam uma carta em casa.",
        "Os direitos dos pescadores eram reservados por lei.",
    ],
    "ru": [
        "Реклама обещала работу всем жителям города.",
        "Комментарии мэра удивили депутатов.",
        "Права рыбаков защищает старый закон.",
        "Новости о шторме пришли на почту слишком поздно.",
        "Поделиться причалом с яхтами готовы не все рыбаки посёлка.",
    ],
    "ar": [
        "وعد الإعلان بفرص عمل لجميع سكان البلدة.",
        "أثارت تعليقات رئيس البلدية دهشة المجلس.",
        "حقوق الصيادين يحميها قانون قديم.",
        "شارك مئات السكان في اجتماع المجلس مساء الثلاثاء.",
        "قرأ المزيد من الطلاب الكتاب هذا العام.",
    ],
    "tr": [
        "Reklam kasabadaki herkese iş vaat ediyordu.",
        "Başkanın yorumları meclisi şaşırttı.",
        "Balıkçıların haklarını eski bir yasa koruyor.",
        "Limanı yatlarla paylaşmak herkesin hoşuna gitmiyor.",
        "İlgili bakanlık konuyla ilgili açıklama yapmadı.",
    ],
    "zh": [
        "这则广告承诺为全镇居民提供工作。",
        "镇长的评论令议会感到意外。",
        "渔民的权利受到一部旧法律的保护。",
        "居民们分享了各自对码头的看法。",
        "相关部门表示将继续调查此事。",
    ],
    "ja": [
        "広告は町のすべての人に仕事を約束していた。",
        "町長のコメントは議会を驚かせた。",
        "漁師の権利は古い法律で守られている。",
        "関連する法律は五月に施行される。",
        "住民は桟橋についての考えを共有した。",
    ],
}
CASES = [(code, category, line) for code, kinds in LINES.items() for category, lines in kinds.items() for line in lines]


def reason(line, code):
    """Category of the first rule that a line of a page in a language meets."""
    folded = fold(line)
    tried = frozenset({"*", "en", code})
    return next(
        (rule.reason for rule in BUILT_IN.on_page([folded], tried, "").candidates(folded) if rule.matches(folded)), None
    )


@pytest.mark.parametrize(("code", "category", "line"), CASES)
def test_what_sites_write(code, category, line):
    assert reason(line, code) in CATEGORIES[category]


@pytest.mark.parametrize(("code", "line"), [(code, line) for code, lines in PROSE.items() for line in lines])
def test_prose_that_is_like_it_stays(code, line):
    assert reason(line, code) is None


@pytest.mark.parametrize("code", LINES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_each_language_has_rules_of_its_own_with_examples(code, category):
    own = [rule for rule in RULES if code in rule.languages and rule.reason in CATEGORIES[category]]

    assert sum(len(rule.yes) for rule in own) >= 2
    assert sum(len(rule.no) for rule in own) >= 1
