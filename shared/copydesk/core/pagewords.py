"""What pages that are no article say, in their languages; ``copydesk.core.pagekind`` decides where it counts.

All patterns are for text in lower case. Latin words beside Chinese or Japanese ones have no word boundary: ``cookie`` is
told from longer words by its neighbours.
"""

from __future__ import annotations

import re
from typing import Final

CHALLENGE_TITLE: Final = re.compile(
    r"just a moment|attention required|access denied|access to this page has been denied|are you (?:a )?(?:robot|human)|"
    r"security check|verify(?:ing)? (?:that )?you are(?: (?:a )?human| not a (?:ro)?bot)?|human verification|"
    r"checking your browser(?: before accessing .{1,80})?|ddos protection|"
    r"pardon our interruption|please wait|robot check|captcha|one moment|einen moment|sicherheitsüberprüfung|"
    r"zugriff verweigert|un instant|vérification de sécurité|accès refusé|un momento|verificación de seguridad|acceso denegado|"
    r"um momento|verificação de segurança|verifica di sicurezza|подождите|проверка браузера|проверка безопасности|"
    r"доступ (?:запрещ[её]н|ограничен)|bir dakika|güvenlik kontrolü|請稍候|请稍候|安全验证|人机验证|安全檢查|访问验证|"
    r"しばらくお待ち|アクセスが拒否|セキュリティ(?:チェック|確認)|لحظة|التحقق|تم رفض الوصول"
)
CHALLENGE_TEXT: Final = re.compile(
    r"checking (?:if|your) (?:the site|browser|connection)|verify(?:ing)? (?:that )?you are (?:a )?human|unusual traffic|"
    r"enable (?:javascript and )?cookies to continue|complete the (?:security check|captcha)|you have been blocked|"
    r"prove (?:that )?you(?:'re| are) (?:not a robot|human)|why have i been blocked|ray id|bot detection|"
    r"you don't have permission to access|using automation tools|made us think (?:that )?you (?:were|are|might be) a bot|"
    r"(?:sie )?kein roboter sind|bestätigen sie, dass sie ein mensch|überprüf\w+ (?:ihre|die sicherheit ihrer) verbindung|"
    r"(?:n'êtes|vous êtes) pas un robot|que vous êtes (?:bien )?(?:un )?humain|vérifi\w+ (?:que|"
    r"si) votre (?:connexion|navigateur)|"
    r"no (?:eres|es) un robot|que (?:eres|es) humano|comprob\w+ (?:si|tu|su) (?:la conexión|navegador|conexión)|"
    r"não é um robô|che non sei un robot|(?:что )?вы не робот|провер\w+ (?:ваш(?:его)? браузер\w*|"
    r"безопасност\w+ (?:вашего )?подключения)|"
    r"robot olmadığınızı|(?:您|你)不是机器人|確認您是真人|确认您是真人|检查您的(?:浏览器|连接)|(?:完成|"
    r"进行)(?:安全)?验证|异常流量|"
    r"ロボットではありません|(?:人間|ロボットでない)(?:である)?ことを確認|ブラウザを確認して|لست روبوت|أنك إنسان|"
    r"التحقق من (?:متصفحك|أمان اتصالك)"
)
CHALLENGE_MARKUP: Final = re.compile(
    r"_cf_chl_opt|cf-challenge|challenge-platform|px-captcha|_incapsula_resource|captcha-delivery|distil_r_captcha|h-captcha"
)

MISSING_PAGE: Final = re.compile(
    r"page (?:was |is |you\w* .{1,40}? )?(?:not|isn't|no longer|can't|cannot|could not|couldn't) (?:be )?(?:found|"
    r"available|there)|"
    r"page (?:does not|doesn't|no longer) exist|(?:can't|cannot|couldn't|could not) find (?:that|the|this|your) page|"
    r"(?:article|story|page) (?:has been |was |you\w* .{1,40}? )?(?:removed|deleted|expired|moved|is no longer available)|"
    r"404 ?[-–—:|.]? ?(?:error|not found|seite|page|página|pagina|страница|hata|エラー|错误|خطأ)|(?:error|http|fehler|"
    r"erreur|errore|erro|"
    r"ошибка|hata|エラー|错误|خطأ) ?404|"
    r"seite (?:\w+ ){0,3}?(?:nicht gefunden|existiert nicht|nicht (?:mehr )?(?:verfügbar|vorhanden|finden))|"
    r"seite gibt es (?:leider )?nicht|"
    r"(?:page|article) (?:\S+ ){0,4}?(?:introuvable|n'existe (?:pas|plus)|n'est (?:pas|plus) disponible)|"
    r"página (?:\S+ ){0,5}?(?:no (?:fue |ha sido )?encontrada|no existe|no está disponible|não (?:foi )?encontrada|não existe)|"
    r"no (?:hemos podido|pudimos|se pudo) encontrar (?:la|esta) página|não (?:conseguimos|"
    r"foi possível) encontrar (?:a|esta) página|"
    r"pagina (?:\S+ ){0,4}?(?:non (?:è stata )?trovata|non esiste|non (?:è )?(?:più )?disponibile)|"
    r"страниц[аы] (?:\S+ ){0,4}?(?:не найден[аы]?|не существует|удалена|недоступна)|(?:такой|этой) страницы (?:нет|"
    r"не существует)|"
    r"sayfa (?:\S+ ){0,3}?(?:bulunamadı|mevcut değil)|الصفحة (?:\S+ ){0,5}?(?:غير موجودة|غير متوفرة|غير متاحة)|"
    r"لم يتم العثور على (?:هذه )?الصفحة|"
    r"pagina (?:\S+ ){0,4}?(?:niet gevonden|bestaat (?:helaas )?niet|(?:is )?niet (?:meer )?beschikbaar)|"
    r"stron[ay],? (?:\S+ ){0,4}?nie (?:istnieje|została znaleziona)|nie (?:znaleziono|odnaleziono) (?:tej |takiej )?strony|"
    r"(?:页面|網頁|网页|頁面|文章)(?:\S{0,12})(?:不存在|找不到|未找到|已删除|已被删除|已刪除)|(?:找不到|"
    r"没有找到)(?:该|您\S{0,8}|此)?(?:页面|网页|頁面|網頁)|"
    r"(?:ページ|記事)(?:は|が)?\S{0,14}(?:見つかりません|存在しません|削除され|ありません)"
)
"""That a page is not there, with the word for page."""

MISSING: Final = re.compile(
    r"not found|404|no longer (?:exists|available)|nicht gefunden|nicht (?:mehr )?verfügbar|introuvable|n'existe (?:pas|plus)|"
    r"no encontrad[ao]|no existe|non trovat[ao]|non esiste|não (?:foi )?encontrad[ao]|não existe|не найден[ао]?|не существует|"
    r"niet gevonden|nie istnieje|nie znaleziono|bulunamadı|\boops\b|"
    r"غير موجودة?|لم يتم العثور|不存在|找不到|未找到|見つかりません|存在しません|お探しのページ"
)
"""That something is not there."""

MISSING_HELP: Final = re.compile(
    r"\b(?:sorry|apologi[sz]e)\b|\btry (?:the|a|our|again|using|searching)\b|\b(?:home ?|front )page\b|\bgo back\b|"
    r"check the (?:url|address|link|spelling)|you (?:are |were |'re )?(?:looking for|requested)|requested (?:url|page)|"
    r"versuchen sie|\bstartseite|gewünschte seite|vous (?:cherchez|recherchez)|essayez|page d'accueil|lo sentimos|que busca|"
    r"\bpruebe|página (?:de inicio|principal|inicial)|\bprovi? (?:a|con)\b|\bstai cercando|\bdesculpe|você (?:procura|está)|"
    r"к сожалению|воспользуйтесь|на главную|главн\w{1,4} страниц|\bhelaas\b|\bprobeer\b|startpagina|przepraszamy|"
    r"stron\w główn|spróbuj|üzgünüz|ana ?sayfa|抱歉|对不起|返回首页|首頁|お探しの|申し訳|トップページ|عذرا|جرب البحث|الرئيسية"
)
"""What an error page says to help the reader on."""

ERROR_TITLE: Final = re.compile(
    r"(?:http |error |http error )?(?:403:? forbidden|404:? not found|410:? gone|451:? unavailable (?:for|due to) legal reasons|"
    r"500:? internal server error|502:? bad gateway|503:? service (?:temporarily )?unavailable|504:? gateway time-?out)|"
    r"(?:http error|error|http) (?:403|410|451|50[0-4])|"
    r"unavailable (?:for|due to) legal reasons|(?:un|not )available in your (?:country|region|location)"
)
"""The titles of the answers of web servers that are not 404."""

FILLERS: Final = re.compile(
    r"\b(?:please|sorry|oops|we|we're|the|this|that|your|it|is|error|http|404|content|website|site|page|bitte|leider|die|"
    r"diese|angeforderte|gewünschte|hoppla|fehler|désolé|oups|la|cette|erreur|s'il (?:vous|te) plaît|lo sentimos|esta|por favor|"
    r"ups|per favore|questa|errore|desculpe|ops|a|erro|извините|пожалуйста|к сожалению|ошибка|такая|эта|запрашиваемая|"
    r"deze|de|helaas|fout|ta|ten|błąd|przepraszamy|üzgünüz|lütfen|bu|hata)\b|"
    r"抱歉|对不起|您所?(?:访问|请求|查找)的|该|此|错误|请|ください|されました|ました|お探しの|ご?指定(?:された|の)|エラー|"
    r"申し訳ありません(?:が)?|من فضلك|عذرا|عذراً|هذه|خطأ"
)
"""What may stand beside the sign of a wall or an error page in its title."""

BLOCKER_TITLE: Final = re.compile(
    r"ad[- ]?block(?:er)?s? (?:was |is |has been )?(?:detected|enabled|active|erkannt|détecté|detectado)|"
    r"(?:disable|turn off|switch off|pause) (?:your |the )?ad[- ]?block(?:er)?s?|"
    r"we(?:'ve)? (?:have )?detected an ad[- ]?block(?:er)?|"
    r"you(?:'re| are) using an ad[- ]?block(?:er)?"
)
BLOCKER_TEXT: Final = re.compile(
    r"\b(?:disabl\w+|turn(?:ing)? off|switch(?:ing)? off|paus\w+|deactivat\w+|deaktivieren sie|désactive[rz]|desactiv\w+|"
    r"whitelist\w*) (?:\w+ ){0,3}?(?:ad[- ]?block|werbeblocker|bloqueur|bloqueador)|"
    r"(?:werbeblocker|adblocker) (?:\w+ ){0,3}?(?:aus|deaktivieren)"
)

CONSENT_TITLE: Final = re.compile(
    r"before you continue|cookie|consent|privacy (?:choices|settings|preferences)|(?:your|manage) (?:privacy|choices?)|"
    r"we value your privacy|datenschutz|privatsphäre|einwilligung|zustimm|consentement|confidentialité|vie privée|vos choix|"
    r"privacidad|consentimiento|consenso|privacidade|согласи|конфиденциальност|çerez|gizlilik|同意|隐私|隱私|クッキー|"
    r"プライバシー|ملفات تعريف|الخصوصية|"
    r"voordat (?:je|u) (?:door|verder)gaat|toestemming|zanim przejdziesz|prywatnoś|\bzgod[ayęą]\b"
)
CONSENT_VOICE: Final = re.compile(
    r"\b(?:we|our|you|your|wir|uns\w*|sie können|können sie|ihre (?:einwilligung|zustimmung|privatsphäre)|nous|nos|notre|vous|"
    r"vos|votre|nosotros|nuestr\w+|usted|tus?|usamos|utilizamos|noi|nostr\w+|utilizziamo|usiamo|nós|nosso\w*|nossa\w*|você|"
    r"мы|наш\w*|вы|ваш\w*|biz|siz\w*|kullanıyoruz|wij|ons|onze|je|jouw|u|uw|nasz\w*|nasi|twoj\w*)\b|"
    r"我们|我們|您|当社|弊社|お客様|نحن|نستخدم|شركاؤنا"
)
"""Who speaks in a dialog, and to whom."""

CONSENT_WORDS: Final = re.compile(
    r"(?<![a-z])cookies?(?![a-z])|\bpartners?\b|\bconsent\b|\bpersonal data\b|\baccept all\b|\breject all\b|"
    r"\bmanage (?:options|"
    r"preferences|settings)\b|\bvendors?\b|\blegitimate interest|\bprivacy policy\b|\bpersonali[sz]ed ads?\b|"
    r"\beinwilligung|\bzustimm|\bablehnen\b|\bpartnern?\b|\bdatenschutz|\bwerbung\b|\bdatenverarbeitung|\balle akzeptieren\b|"
    r"\baccepter\b|\brefuser\b|\bconsentement|\bpartenaires\b|\bdonnées personnelles|\bfinalités|"
    r"\baceptar\b|\brechazar\b|\bconsentimiento|\bsocios\b|\bdatos personales|\bacconsent|\baccetta\b|\brifiuta\b|\bconsenso\b|"
    r"\baceitar\b|\brejeitar\b|\bparceiros\b|\bdados pessoais|\bсогласи|\bфайл\w* cookie|\bпринять\b|\bотклонить\b|"
    r"\bпартн[её]р|"
    r"\bперсональн\w+ данн|\bçerez|\bkabul\b|\breddet\b|\bkişisel veri|"
    r"クッキー|同意する|同意します|すべて拒否|パートナー|個人データ|隐私|隱私|接受|拒绝|拒絕|合作伙伴|个人数据|"
    r"\bpersoonsgegevens|\baccepteren\b|\bweigeren\b|\btoestemming|\badvertenties\b|\bdan(?:e|ych) osobow|\bakceptuj|\bodrzuć|"
    r"\bzgod[ayęą]\b|\bpartner(?:zy|ami|om|ów)\b|"
    r"ملفات تعريف الارتباط|موافق|قبول الكل|رفض الكل|شركا|البيانات الشخصية"
)

PAYWALL_OFFER: Final = re.compile(
    r"subscribe to (?:continue|unlock|access|read (?:the (?:full|rest|whole)|this|more|on)\b)|to (?:continue|"
    r"keep) reading|(?:keep|continue) reading with (?:a|your) subscription|subscribers? only|(?:exclusive|available|reserved) "
    r"(?:content )?(?:for|to) (?:our )?(?:subscribers|members)|unlock (?:this|the full) (?:article|story)|"
    r"this (?:article|story|content) is (?:only )?(?:for|available to|"
    r"reserved for) (?:our )?(?:paying )?(?:subscribers|members)|"
    r"jetzt weiterlesen|weiterlesen mit|(?:nur|exklusiv) für abonnent|um (?:diesen artikel )?weiterzulesen|"
    r"réservé (?:à nos|aux) abonnés|(?:pour|il vous reste .{1,30} à) lire la suite|il vous reste .{1,12}% de cet article|"
    r"(?:para|sigue) (?:seguir )?leyendo, suscr|para (?:seguir|continuar) leyendo|(?:solo|sólo|exclusivo) para suscriptores|"
    r"contenuto riservato|riservato agli abbonati|per continuare a leggere|(?:exclusivo|conteúdo) para assinantes|"
    r"para continuar lendo|только (?:для|по) подпис|чтобы (?:продолжить чтение|читать дальше)|доступно (?:только )?подписчикам|"
    r"okumaya devam etmek için|sadece aboneler|会員限定|有料会員|有料記事|続きを読むには|残り\S{0,8}文字|"
    r"(?:订阅|訂閱)(?:后|後|以|即可)\S{0,6}(?:阅读|閱讀)|(?:仅限|僅限)(?:订户|訂戶|会员|會員)|(?:继续|繼續)(?:阅读|"
    r"閱讀)请?(?:订阅|訂閱)|"
    r"付费(?:阅读|内容)|للمشتركين فقط|لمتابعة القراءة|اشترك لقراءة"
)
"""An offer that speaks of this article; "subscribe" alone stands at the top of every page."""

NEEDS_SCRIPT: Final = re.compile(
    r"(?:enable|activate|turn on|requires?|needs?) javascript|javascript (?:is )?(?:disabled|required|must|to (?:run|"
    r"view|use|continue))|"
    r"javascript (?:aktivieren|ist deaktiviert|wird benötigt)|activ(?:er|ez|e) javascript|"
    r"javascript (?:est )?(?:désactivé|requis)|"
    r"(?:habilit|activ|abilit|attiv|ative)\w* (?:o |el |il )?javascript|(?:включите|включить|необходим|отключен) javascript|"
    r"javascript(?:'i|i)? (?:etkinleştir|açık olmalı)|(?:启用|啟用|开启|打开) ?javascript|javascript ?(?:を|"
    r"が)(?:有効|無効|必要)|"
    r"(?:تفعيل|تمكين) (?:ال)?(?:جافا ?سكريبت|javascript)"
)
PLAYER: Final = re.compile(
    r"to (?:view|watch|play) this video|(?:can't|cannot|does not|doesn't) (?:play|support) (?:this |html5 )?video|"
    r"video player is loading|"
    r"watch (?:the |this )?video|video (?:abspielen|ansehen)|(?:voir|regarder|lire) la vidéo|(?:ver|mira|"
    r"reproducir) (?:el )?v[ií]deo|"
    r"guarda il video|assista ao vídeo|смотреть видео|видео не (?:поддерживается|может)|videoyu izle|观看视频|播放视频|"
    r"動画を(?:見る|再生)|شاهد الفيديو|تشغيل الفيديو"
)
