"""Rules in German."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

DE = ("de",)

RULES = (
    Rule(
        id="de.comments",
        reason=RemovalReason.COMMENTS,
        languages=DE,
        pattern=(
            r"(?:(?:\d{1,6}|alle|keine|noch keine|neuen|einen|ihr|ihre|dein|jetzt|zu den|leser|zum artikel|weitere|"
            r"die) ){0,3}(?:leser)?kommentare?(?: ?\(?\d{1,6}\)?)?(?: (?:schreiben|verfassen|hinterlassen|abgeben|"
            r"lesen|anzeigen|laden|ansehen|zum artikel))?|(?:jetzt )?(?:mit)?diskutieren(?: sie mit)?|diskussion|"
            r"antworten|kommentieren|ihre meinung|schreiben sie (?:einen|ihren) kommentar",
        ),
        yes=("Kommentare", "12 Kommentare", "Kommentar schreiben", "Keine Kommentare"),
        no=("Kommentare aus Berlin blieben aus", "Die Diskussion geht weiter"),
    ),
    Rule(
        id="de.comment_call",
        reason=RemovalReason.COMMENTS,
        languages=DE,
        pattern=(
            r"(?:was (?:meinen|denken|halten)|wie ist|diskutieren|schreiben|teilen|melden|bitte|loggen|um (?:zu |"
            r"einen |diesen )|sie müssen|nur (?:angemeldete|registrierte)|haben sie)\b",
            r"kommentar(?:e|en|spalte|bereich|funktion)?\b|kommentieren|ihre meinung",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=30,
        yes=("Was meinen Sie? Schreiben Sie uns einen Kommentar.", "Bitte melden Sie sich an, um zu kommentieren."),
        no=("Was meinen die Leute in der Stadt dazu?", "Schreiben wollte er nie."),
    ),
    Rule(
        id="de.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=DE,
        pattern=(
            r"\bkommentar(?:e|en|funktion|bereich)?\b|\bbeiträge\b",
            r"\b(?:unsere?r?n?|wir|bitte|redaktion|moderation|behalten|behält|zu diesem (?:artikel|beitrag))\b",
            r"\b(?:netiquette|moderier\w*|freigeschaltet|freischalt\w*|gelöscht|löschen|nutzungsbedingungen|"
            r"beleidig\w*|sachlich\w*|respektvoll\w*|veröffentlicht|regeln|verstoß\w*|gesperrt|geschlossen)\b",
        ),
        how=How.WITHIN,
        where=Where.END,
        max_words=70,
        needs=("kommentar", "beiträge"),
        yes=(
            "Wir behalten uns vor, Kommentare zu löschen, die gegen unsere Netiquette verstoßen.",
            "Bitte bleiben Sie in den Kommentaren sachlich.",
            "Der Kommentarbereich zu diesem Beitrag ist geschlossen."),
        no=("Der Minister lehnte Kommentare ab.",),
    ),
    Rule(
        id="de.disclaimer",
        reason=RemovalReason.DISCLAIMER,
        languages=DE,
        pattern=(
            r"(?:haftungsausschluss|rechtlicher hinweis|hinweis der redaktion|transparenzhinweis|offenlegung|"
            r"disclaimer|risikohinweis)\s?(?:[:.-]|$)",
        ),
        how=How.START,
        max_words=250,
        yes=("Haftungsausschluss: Alle Angaben ohne Gewähr.", "Transparenzhinweis: Der Autor hält Aktien."),
        no=("Haftungsausschluss war das Thema der Sitzung",),
    ),
    Rule(
        id="de.views",
        reason=RemovalReason.DISCLAIMER,
        languages=DE,
        pattern=(
            r"\b(?:meinung|ansicht(?:en)?|inhalte?|beitr[aä]ge?|gastbeitr[aä]ge?|"
            r"kommentare?)\b.{0,100}\b(?:nicht (?:zwingend|notwendigerweise|unbedingt|zwangsläufig)|allein(?:e|"
            r"ige)? (?:verantwortung|des autors|der autor)|ausschließlich die)\b|\b(?:keine (?:anlageberatung|haftung|"
            r"gewähr|kaufempfehlung)|ohne gewähr|keine haftung für)\b|\b(?:affiliate-?links?|"
            r"provision)\b.{0,80}\b(?:wir|kauf|einkauf|erhalten|shop)\b",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=120,
        needs=(
            "nicht", "allein", "ausschließlich", "gewähr", "haftung", "beratung", "affiliate", "provision",
            "kaufempfehlung"),
        yes=(
            "Die Meinung des Autors gibt nicht notwendigerweise die der Redaktion wieder.",
            "Alle Angaben ohne Gewähr.",
            "Bei einem Kauf über Affiliate-Links erhalten wir eine Provision, die den Preis im Shop nicht ändert."),
        no=("Die Meinung der Wähler ist nicht immer klar.",),
    ),
    Rule(
        id="de.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=DE,
        pattern=(
            r"\balle rechte vorbehalten\b|\b(?:nachdruck|vervielfältigung|weiterverbreitung|wiedergabe|"
            r"weiterverwendung|verwertung)\b.{0,80}\b(?:nur mit|verboten|untersagt|genehmigung|zustimmung|"
            r"nicht gestattet)\b|\burheberrecht(?:lich)?\b.{0,40}\bgeschützt\b|^copyright\b|^quelle: \S.{0,60}$|^©",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=60,
        needs=(
            "rechte vorbehalten", "nachdruck", "vervielfält", "weiterverb", "wiedergabe", "verwend", "verwert",
            "urheber", "copyright", "quelle:", "©"),
        yes=("Alle Rechte vorbehalten.", "Nachdruck nur mit Genehmigung des Verlags.", "Quelle: eine Agentur"),
        no=("Rechte vorbehalten blieben dem Staat nicht.",),
    ),
    Rule(
        id="de.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=DE,
        pattern=(
            r"(?:.{0,60}\bnewsletter\b.{0,60}\b(?:anmelden|abonnieren|bestellen|an$|registrieren|kostenlos|postfach|"
            r"e-mail|erhalten|eintragen|abo)\b|(?:melden sie sich|abonnieren sie|jetzt|hier|bestellen sie|"
            r"erhalten sie|mit unserem|unser|der (?:tägliche|wöchentliche|kostenlose)|immer|täglich|keine|"
            r"verpassen sie).{0,80}\b(?:newsletter|postfach|"
            r"podcast|push-(?:nachrichten|mitteilungen))\b|(?:[\w-]+ ){0,3}newsletter(?: (?:abonnieren|anmeldung|"
            r"bestellen))?$|"
            r".{0,60}\b(?:abonnieren|bestellen|lesen) sie (?:jetzt )?(?:hier )?unseren (?:[\w-]+ ){0,2}newsletter\b)",
        ),
        how=How.START,
        max_words=50,
        yes=(
            "Melden Sie sich für unseren Newsletter an.", "Unser Newsletter: täglich kostenlos in Ihr Postfach.",
            "Newsletter abonnieren", "Alles Neue: Lesen Sie unseren wöchentlichen Newsletter."),
        no=("Er schrieb jahrelang an einem Roman.", "Die Firma verschickte Werbung.",
            "Der Newsletter der Partei ging an alle."),
    ),
    Rule(
        id="de.related_heading",
        reason=RemovalReason.RELATED,
        languages=DE,
        pattern=(
            r"(?:(?:mehr|weitere|ähnliche|verwandte|neueste|aktuelle|andere|beliebte|passende|empfohlene|top|"
            r"das könnte sie auch|auch|lesen sie) ){1,2}(?:zum thema|themen|artikel|beiträge|meldungen|nachrichten|"
            r"videos?|links|news|interessieren|interessant|empfehlungen)|(?:meistgelesen(?:e artikel)?|meistgelesene|"
            r"zum thema|mehr(?: dazu| zum thema| aus .{2,20}| von .{2,20})|lesetipps?|weiterlesen|passend dazu|"
            r"auch interessant|auf einer seite|leserempfehlungen)",
        ),
        where=Where.INSIDE,
        max_words=7,
        opens=True,
        yes=(
            "Mehr zum Thema", "Weitere Artikel", "Das könnte Sie auch interessieren", "Meistgelesen",
            "Auch interessant"),
        no=("Mehr als genug", "Weitere Tote im Norden"),
    ),
    Rule(
        id="de.related_inline",
        reason=RemovalReason.RELATED,
        languages=DE,
        pattern=(
            r"(?:lesen sie (?:auch|hier|dazu|mehr)|lesen sie .{0,40}(?:hier|auch|mehr)|lies auch|mehr zum thema|"
            r"auch interessant|mehr dazu|siehe auch|zum thema|das könnte sie auch interessieren|weiterlesen|"
            r"hier (?:geht es|geht\'s|lesen sie|klicken)|(?:alle|weitere|mehr|aktuelle) (?:news|nachrichten|"
            r"informationen|infos|artikel|hintergründe|meldungen)\b.{0,60}\b(?:hier|lesen sie|auf unserer|"
            r"im (?:artikel|newsblog|ticker|liveblog))\b|klicken sie hier|zum artikel|zur startseite|video:|"
            r"fotostrecke:|podcast:)",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=24,
        yes=(
            "Lesen Sie auch: Zehn Dinge", "Mehr dazu: Der Sturm", "Weitere Nachrichten finden Sie hier",
            "Hier geht es zum Video"),
        no=("Lesen ist gesund", "Mehr Geld für Schulen"),
    ),
    Rule(
        id="de.share",
        reason=RemovalReason.SHARE,
        languages=DE,
        pattern=(
            r"(?:(?:diesen )?(?:artikel|beitrag|seite|link|jetzt|auf|bei|per|via|in|mit) ?){0,3}(?:facebook|twitter|x|"
            r"whatsapp|mail|e-mail|telegram|freunden)? ?(?:teilen|twittern|drucken|empfehlen|versenden|merken|"
            r"kopieren|weiterleiten|vorlesen)(?: (?:auf|per|via|mit).{0,30})?|(?:folgen|besuchen|finden|"
            r"liken) sie uns.{0,60}|folge uns.{0,60}",
        ),
        max_words=10,
        yes=("Artikel teilen", "Auf Facebook teilen", "Drucken", "Folgen Sie uns auf Instagram"),
        no=("Teilen wollte er nicht", "Sie teilen sich die Arbeit"),
    ),
    Rule(
        id="de.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=DE,
        pattern=(
            r"(?:anzeigen?|werbung|advertorial|gesponsert(?: von .{1,30})?|sponsored|(?:hier|nach der anzeige|"
            r"nach der werbung) (?:weiter|geht es weiter).{0,20}|(?:der )?artikel (?:geht|wird) (?:unten|nach|"
            r"weiter).{0,40}|externer inhalt|empfohlener (?:redaktioneller |externer )?inhalt)",
        ),
        max_words=9,
        yes=("ANZEIGE", "Werbung", "Empfohlener redaktioneller Inhalt", "Gesponsert von einer Bank"),
        no=("Anzeigen gegen den Minister", "Die Werbung lief gut"),
    ),
    Rule(
        id="de.external",
        reason=RemovalReason.COOKIE,
        languages=DE,
        pattern=(
            r"\b(?:cookies?|externe[nr]? inhalte?|personenbezogene daten)\b",
            r"\b(?:einverstanden|zustimm\w+|einwillig\w+|datenschutz\w*|akzeptier\w+|verwenden|anzeigen|übermittelt)\b",
            r"\b(?:wir|ich|unsere?[rn]?|sie|drittplattformen)\b",
        ),
        how=How.WITHIN,
        max_words=80,
        needs=("cookie", "externe", "personenbezogen"),
        yes=(
            "Wir verwenden Cookies; mit der Nutzung erklären Sie sich einverstanden.",
            "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden."),
        no=("Der Bund will Cookies verbieten.",),
    ),
    Rule(
        id="de.subscription",
        reason=RemovalReason.SUBSCRIPTION,
        languages=DE,
        pattern=(
            r"(?:jetzt (?:abonnieren|testen|weiterlesen|abo|kaufen|registrieren|freischalten|kostenlos)|(?:dieser|"
            r"den ganzen|den vollständigen) (?:artikel|beitrag|text|inhalt)\b.{0,60}\b(?:abonnenten|kostenpflichtig|"
            r"plus|lesen|exklusiv)|sie haben (?:bereits|schon) ein (?:abo|konto)|bereits abonnent|mit einem abo|"
            r"nur für abonnenten|unterstützen sie (?:uns|unsere|unabhängigen|den)|werden sie (?:mitglied|abonnent|"
            r"unterstützer))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=30,
        yes=(
            "Jetzt weiterlesen mit dem Probeabo", "Dieser Artikel ist nur für Abonnenten",
            "Unterstützen Sie unabhängigen Journalismus"),
        no=("Jetzt regnet es", "Dieser Artikel im Vertrag ist neu"),
    ),
    Rule(
        id="de.caption",
        reason=RemovalReason.CAPTION,
        languages=DE,
        pattern=(
            r"(?:(?:symbol|archiv|beispiel|agentur|titel|vorschau)?(?:foto|bild|video|grafik|quelle|bildquelle|"
            r"bildnachweis|fotos|bilder|copyright|credit|illustration)s?(?: von)?\s?[:/©] ?\S.{0,120}|(?:symbolbild|"
            r"archivbild|archivfoto|symbolfoto|bildergalerie|fotostrecke|video abspielen|"
            r"bild vergrößern)(?: .{0,60})?)",
        ),
        max_words=20,
        yes=("Foto: Eine Agentur", "Bildquelle: Verlag", "Symbolbild", "Archivfoto: Polizei"),
        no=("Bilder aus dem All", "Foto und Film sind Künste"),
    ),
    Rule(
        id="de.credit",
        reason=RemovalReason.CREDIT,
        languages=DE,
        pattern=(
            r"(?:(?:mit )?material (?:von|der)|(?:text|bearbeitung|redaktion|übersetzung|recherche|autor(?:in|en)?|"
            r"mitarbeit|mit agenturmaterial|zuerst erschienen|dieser (?:text|artikel|beitrag) (?:erschien|ist zuerst|"
            r"wurde (?:zuerst|ursprünglich|automatisch|erstmals)))\b.{0,10}(?::|\bvon\b|\bin\b|\bauf\b|\bam\b|"
            r"\berschienen|\bveröffentlicht|\bzuerst))",
        ),
        how=How.START,
        max_words=20,
        yes=("Mit Material von Agenturen", "Übersetzung: Erika Muster", "Dieser Text erschien zuerst in einer Zeitung"),
        no=("Text und Bild passen", "Redaktionen sparen"),
    ),
    Rule(
        id="de.byline",
        reason=RemovalReason.BYLINE,
        languages=DE,
        pattern=(
            r"(?:von|autor|autorin)\s?:? [^\W\d_][\w.-]{1,20} [^\W\d_][\w.-]{1,20}(?:,? (?:und "
            r")?[^\W\d_][\w.-]{1,20}){0,3}",
        ),
        where=Where.HEAD,
        max_words=6,
        yes=("Von Erika Muster", "Autor: Max Muster"),
        no=("Von Montag an gilt das Gesetz in allen Ländern der Union",),
    ),
    Rule(
        id="de.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=DE,
        pattern=(
            r"(?:nach oben|zurück(?: zur (?:startseite|übersicht))?|startseite|zum seitenanfang|(?:vorheriger|"
            r"nächster|vorige|nächste) (?:artikel|beitrag|seite)|menü|suche|schließen|anmelden|registrieren|inhalt|"
            r"inhaltsverzeichnis|impressum|datenschutz(?:erklärung)?|agb|kontakt|mehr (?:anzeigen|laden)|"
            r"weniger anzeigen|lesezeit:? .{0,20}|seite \d{1,3}(?: von \d{1,3})?|(?:schlagw(?:orte|örter)|themen|tags|"
            r"kategorien?|rubriken?|stichworte|ressort)\s?:.{0,120})",
        ),
        where=Where.INSIDE,
        max_words=16,
        yes=("Nach oben", "Nächster Beitrag", "Lesezeit: 3 Minuten", "Schlagworte: Krieg, Frieden"),
        no=("Suche nach Vermissten", "Kontakt abgebrochen"),
    ),
)  # fmt: skip
