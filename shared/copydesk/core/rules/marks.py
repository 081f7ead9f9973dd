"""Rules that need no language: separators, bare addresses, dates, rows of social network names, gallery counters."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

CAPTION_WORDS = 24
"""Longest caption that is stripped, in words: a longer one tells a part of the story."""

NETWORKS = (
    "facebook|twitter|x|linkedin|reddit|whats ?app|telegram|pinterest|flipboard|instagram|you ?tube|tumblr|messenger|"
    "pocket|viber|vk|vkontakte|odnoklassniki|weibo|wechat|line|xing|mastodon|bluesky|threads|tik ?tok|snapchat|skype|"
    "google\\+?|google plus|google news|digg|stumbleupon|delicious|buffer|mix|discord|rss|hatena|kakaotalk|gab|parler"
)
"""Names of networks that share bars carry, for use inside a pattern."""

SHARE_WORDS = (
    "share|shares|tweet|retweet|pin|pin it|post|print|e-?mail|mail|save|like|follow|follow us|copy|copy link|link|"
    "copied|sms|text|bookmark|send|more|this|article|story|page|on|via|with|to|by|a|us|icon|comment|comments|"
    "play|"
    "teilen|twittern|drucken|merken|kommentare|partager|imprimer|envoyer|commenter|compartir|imprimir|enviar|correo|"
    "condividi|stampa|invia|compartilhar|compartilhe|поделиться|paylaş|tweetle|yazdır|مشاركة|طباعة|\\d[\\d.,]{0,6}[km]?"
)

# Written without spaces: no word boundary stands behind them.
_SHARE_SIGNS = "分享到?|微信|微博|朋友圈|收藏|打印|シェア(?:する)?|ツイート(?:する)?|ブックマーク|印刷|保存"

MONTHS = (
    "jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?|dez(?:ember)?|"
    "janvier|janv|février|fevrier|févr|mars|avril|avr|juin|juillet|juil|août|aout|septembre|octobre|novembre|décembre|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|"
    "gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|"
    "janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|"
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|"
    "ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|"
    "يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|年|月|日"
)
"""Names of months, and what stands for them in dates written with ideographs, for use inside a pattern."""

_DAYS = (
    "mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|"
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|"
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    "lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|segunda-feira|terça-feira|quarta-feira|quinta-feira|"
    "sexta-feira|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|"
    "pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar"
)
_DATE_WORDS = (
    "published|updated|update|posted|modified|created|last|first|date|on|at|the|of|am|pm|a\\.m|p\\.m|gmt|utc|bst|cet|"
    "cest|est|edt|et|pst|pdt|pt|cst|cdt|ist|hrs?|h|uhr|um|am|den|vom|stand|veröffentlicht|aktualisiert|zuletzt|"
    "publié|mis à jour|modifié|le|à|publicado|actualizado|el|a las|a la|de|del|às|em|atualizado|pubblicato|aggiornato|"
    "il|alle|ore|опубликовано|обновлено|в|г|года|yayınlanma|güncelleme|tarihi|saat|نشر|تحديث|في|الساعة|"
    "发布|更新|发表于|发布时间|公開|更新日|時|分|点|st|nd|rd|th"
)

RULES = (
    Rule(
        id="any.separator",
        reason=RemovalReason.SEPARATOR,
        languages=("*",),
        pattern=(r"",),
        max_words=0,
        yes=("---", "* * *", "_____", "• • •", "###"),
        no=("1", "?"),
    ),
    Rule(
        id="any.bare_url",
        reason=RemovalReason.NAVIGATION,
        languages=("*",),
        pattern=(
            rf"(?:(?:listen|watch|read|more|link|source|via|itunes|soundcloud|spotify|android|video|{NETWORKS}): ?)?"
                 r"(?:https?://|www\.)[^\s]{3,500}",),
        max_words=4,
        yes=("https://news.example/a/b.html", "www.example.org", "Listen: https://pod.example/12"),
        no=(
            "Registration: https://meeting.example/2026",
            "See https://news.example/a for the full text of the ruling",),
    ),
    Rule(
        id="any.profile_url",
        reason=RemovalReason.CONTACT,
        languages=("*",),
        pattern=(r"(?:www\.|m\.)?(?:facebook|twitter|instagram|linkedin|youtube|t|x|vk)\.(?:com|me)/[^\s]{1,200}",),
        max_words=1,
        yes=("twitter.com/someone", "facebook.com/a.paper"),
        no=("twitter.com",),
    ),
    Rule(
        id="any.handle",
        reason=RemovalReason.CONTACT,
        languages=("*",),
        pattern=(r"(?:[\w ]{1,16}: ?)?@[\w.]{2,40}",),
        max_words=3,
        yes=("@a_reporter", "Twitter: @a_reporter"),
        no=("@home is where we are",),
    ),
    Rule(
        id="any.email",
        reason=RemovalReason.CONTACT,
        languages=("*",),
        pattern=(r"(?:[\w' -]{1,40}[:,|]? )?[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,30}){1,4}",),
        max_words=6,
        yes=("desk@news.example", "E-mail: desk@news.example", "Jane Doe jane.doe@news.example"),
        no=("She wrote from desk@news.example to the ministry about it",),
    ),
    Rule(
        id="any.share_row",
        reason=RemovalReason.SHARE,
        languages=("*",),
        pattern=(
            rf"(?:(?>(?:{NETWORKS}|{SHARE_WORDS})(?![\w'])|{_SHARE_SIGNS})[\s|,/•·:&+()-]*+)++",
            rf"\b(?:{NETWORKS}|share|tweet|print|teilen|twittern|partager|compartir|condividi|compartilhar|поделиться|"
            r"paylaş|مشاركة)(?!\w)|分享|シェア|ツイート",
        ),
        max_words=30,
        yes=(
            "Share Tweet Post Email", "Facebook Twitter WhatsApp", "Teilen | Drucken", "Twitter", "Share 1.2k",
            "分享到微信"),
        no=("Facebook shares fell on Monday", "Line of duty", "12", "More on this page"),
    ),
    Rule(
        id="any.network_row",
        reason=RemovalReason.SHARE,
        languages=("*",),
        pattern=(rf"\b(?:{NETWORKS})[\s|,/•·]{{1,4}}(?:{NETWORKS})[\s|,/•·]{{1,4}}(?:{NETWORKS})$",),
        how=How.WITHIN,
        needs=("facebook", "twitter", "youtube", "instagram", "linkedin", "telegram"),
        max_words=40,
        yes=("Total: 12 articles Facebook Twitter Youtube", "Find our page on Facebook, Twitter, Instagram"),
        no=("The firms that testified were Facebook, Twitter, and a start-up from Texas",),
    ),
    Rule(
        id="any.timestamp",
        reason=RemovalReason.DATELINE,
        languages=("*",),
        pattern=(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:z| ?[+-]\d\d:?\d\d)?",),
        max_words=3,
        yes=("2019-11-19T08:57:40+01:00",),
        no=("2019-11-19",),
    ),
    Rule(
        id="any.date",
        reason=RemovalReason.DATELINE,
        languages=("*",),
        pattern=(
            rf"(?:(?>\d{{1,4}}(?:st|nd|rd|th|º|t(?=\d)|z)?|(?:{_DATE_WORDS}|{MONTHS}|{_DAYS})(?![^\W\d_]))"
            r"[\s,.:;/|+•·'-]*+)++",
            rf"\d{{4}}|\d[./-]\d{{1,2}}[./-]\d|\b(?:{MONTHS}|published|updated|posted|veröffentlicht|aktualisiert|"
            rf"publié|"
            r"publicado|actualizado|atualizado|pubblicato|aggiornato|опубликовано|обновлено|yayınlanma|"
            r"güncelleme)(?![^\W\d_])",
            r"\d{1,2}\D{1,12}\d|\d{4}",
        ),
        where=Where.HEAD,
        max_words=16,
        yes=(
            "Published 18 November 2019", "UPDATED: Tue., Nov. 19, 2019", "30 June 2017 14:33",
            "Veröffentlicht am 3. März 2020, 12:30 Uhr", "2020年3月4日 12:30", "12/05/2021",
        ),
        no=("10:15 p.m.", "1914 - 1918: the first years", "In May 2019 the party lost", "12", "On the 5th"),
    ),
    Rule(
        id="any.updated",
        reason=RemovalReason.DATELINE,
        languages=("*",),
        pattern=(
            rf"(?:published|updated|posted|first published|last (?:updated|modified)|veröffentlicht|aktualisiert|"
            rf"publié|mis à jour|publicado|"
            rf"actualizado|atualizado|pubblicato|aggiornato|опубликовано|обновлено|yayınlanma|güncelleme|发布|更新|"
            rf"公開)\b"
            rf"(?:[\s,.:;/|+•·'-]++|(?>\d{{1,4}}(?:st|nd|rd|th|º|t(?=\d)|z)?|(?:{_DATE_WORDS}|{MONTHS}|"
            rf"{_DAYS})(?![^\W\d_])))++",
        ),
        max_words=14,
        yes=("Updated August 02, 2014.", "Published: 3 May 2020, 12:30", "Last updated on 12/05/2021"),
        no=("Updated figures came in May", "Published by a house in Paris"),
    ),
    Rule(
        id="any.picture_counter",
        reason=RemovalReason.CAPTION,
        languages=("*",),
        pattern=(
            r"(?:(?:prev|previous|next|slideshow|gallery|image|photo|picture|slide|bild|foto|图|写真|фото)s?\s?){0,3}"
            r"\(?\d{1,3}\s?(?:of|/|von|de|sur|di|из)?\s?\d{0,3}\)?\s?"
            r"(?:images?|photos?|pictures?|slides?|bilder|fotos?|immagini)?",
            r"[^\W\d]|/",
            r"prev|next|slide|gallery|image|photo|picture|bild|foto|图|写真|фото|immagini|\d/\d|\d of \d",
        ),
        yes=("Slideshow (4 Images)", "Image 2 of 5", "prev next Photo 3 of 3", "Bild 1 von 7", "3/12"),
        no=("Photo 51 changed biology", "2019"),
    ),
)  # fmt: skip
