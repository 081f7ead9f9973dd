"""Rules in Italian."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

IT = ("it",)

RULES = (
    Rule(
        id="it.comments",
        reason=RemovalReason.COMMENTS,
        languages=IT,
        pattern=(
            r"(?:(?:\d{1,6}|nessun|i|tutti i|leggi i|vedi i|un|il tuo|lascia un|scrivi un|aggiungi un|inserisci un|"
            r"i vostri) ){0,3}comment[oi](?: ?\(?\d{1,6}\)?)?|commenta(?: (?:la notizia|l\'articolo|"
            r"questo articolo))?|lascia una risposta|di(?:\' |cci )la tua",
        ),
        yes=("Commenti", "Lascia un commento", "Commenta la notizia"),
        no=("I commenti del premier", "Nessun commento è arrivato"),
    ),
    Rule(
        id="it.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=IT,
        pattern=(
            r"\bcomment[oi]\b",
            r"\b(?:nostr[oaie]|vostr[oaie]|tuo|redazione|si prega|utenti|ci riserviamo|devi)\b",
            r"\b(?:moderat\w*|regole|regolamento|rimoss\w+|rimuov\w+|pubblicat\w+|registrat\w+|accedere|rispett\w+|"
            r"offensiv\w+|responsabil\w+|policy)\b",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=120,
        needs=("comment",),
        yes=("I commenti sono moderati dalla redazione e vanno pubblicati se rispettano il regolamento.",
             "Devi accedere per scrivere un commento.",),
        no=("Nessun commento dal ministro.",),
    ),
    Rule(
        id="it.disclaimer",
        reason=RemovalReason.DISCLAIMER,
        languages=IT,
        pattern=(
            r"\b(?:opinion[ei]|contenut[oi]|articol[oi]|pareri)\b.{0,100}\b(?:non (?:riflett\w+|rispecchi\w+|"
            r"rappresent\w+|impegnano)|sotto la (?:sola )?responsabilità|"
            r"responsabilità (?:esclusiva )?dell?\'?autor[ei]|esclusivamente (?:dell|all)\'?autor)|^(?:avvertenza|"
            r"disclaimer|note legali|nota legale)\s?(?:[:.-]|$)|\bnon costituisc\w+ (?:consulenza|una raccomandazione|"
            r"sollecitazione|consigli)",
        ),
        how=How.WITHIN,
        max_words=100,
        needs=(
            "riflett", "rispecchi", "rappresent", "impegnano", "responsabilità", "esclusiv", "avvertenza",
            "disclaimer", "legal", "costituisc"),
        yes=("Le opinioni espresse non riflettono quelle della testata.", "Questo testo non costituisce consulenza."),
        no=("Le opinioni sono divise.",),
    ),
    Rule(
        id="it.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=IT,
        pattern=(
            r"\b(?:tutti i )?diritti (?:sono )?riservati\b|\briproduzione (?:riservata|vietata|anche parziale)|"
            r"\bvietata la riproduzione|^(?:©|copyright\b)",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=60,
        needs=("diritti", "riproduzione", "copyright", "©"),
        yes=("Riproduzione riservata", "Tutti i diritti riservati."),
        no=("La riproduzione dei tonni.",),
    ),
    Rule(
        id="it.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=IT,
        pattern=(
            r"(?:iscriviti|iscrivetevi|abbonati|ricevi|registrati|unisciti|segui|seguici|scarica|resta|rimani|"
            r"ogni (?:mattina|giorno|settimana)|per (?:ricevere|restare|rimanere)|vuoi|non perder\w+|clicca|"
            r"attiva)\b.{0,120}\b(?:newsletters?|e-?mail|casella (?:di posta|e-?mail)|notifiche|canale (?:whatsapp|"
            r"telegram|youtube)|app|podcast|whatsapp|telegram)\b|newsletters?(?: .{1,30})?$",
        ),
        how=How.START,
        max_words=50,
        yes=(
            "Iscriviti alla nostra newsletter", "Ricevi ogni giorno le notizie via email.",
            "Seguici sul nostro canale Telegram"),
        no=("Ricevi un premio", "Ogni giorno piove."),
    ),
    Rule(
        id="it.related_heading",
        reason=RemovalReason.RELATED,
        languages=IT,
        pattern=(
            r"(?:(?:notizie|articoli|contenuti|video|argomenti|post) (?:correlat[ei]|simili|consigliat[ei]|"
            r"collegat[ei]|più (?:letti|lette|visti))|(?:i |le )?(?:più|piu) (?:lett[ei]|vist[ei]|popolari|"
            r"condivis[ei])|(?:leggi|guarda|vedi|ascolta|leggete) anche|potrebbe (?:interessarti|"
            r"interessarvi)(?: anche)?|ti (?:potrebbe|potrebbero|può) interessare(?: anche)?|altr[ei] (?:notizie|"
            r"articoli|news)|ultime (?:notizie|news)|(?:per )?approfondi(?:re|menti)|da non perdere|in evidenza|"
            r"consigliati|continua a leggere|sullo stesso argomento)",
        ),
        where=Where.INSIDE,
        max_words=7,
        opens=True,
        yes=("Leggi anche", "Articoli correlati", "I più letti", "Ultime notizie", "Ti potrebbe interessare"),
        no=("Leggi del mercato", "Altre vittime al Sud"),
    ),
    Rule(
        id="it.related_inline",
        reason=RemovalReason.RELATED,
        languages=IT,
        pattern=(
            r"(?:(?:leggi|guarda|vedi|ascolta|leggete)(?: anche| qui| pure| l\'articolo| il video)?(?: su)?\s?[:|>]|"
            r"(?:leggi|guarda|vedi|ascolta) (?:anche|tutt[aoe]|qui|l\'articolo completo|il video)\b|(?:video|foto|"
            r"gallery|podcast|approfondisci)\s?[:|] |clicca (?:qui|su)|continua a leggere|per (?:saperne di più|"
            r"maggiori informazioni|approfondire)|scopri (?:di più|qui|tutt))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=24,
        yes=(
            "Leggi anche: lo sciopero continua", "(Leggi anche su: dieci cose)", "Clicca qui",
            "Per saperne di più visita il sito"),
        no=("Leggi e decreti", "Guarda in alto"),
    ),
    Rule(
        id="it.share",
        reason=RemovalReason.SHARE,
        languages=IT,
        pattern=(
            r"(?:condivi(?:di|sioni|dere)(?: (?:su .{1,30}|questo articolo|l\'articolo|via .{1,20}|con .{1,20}))?|"
            r"stampa|invia(?: (?:per|via|a) .{1,20})?|copia (?:il )?link|seguici(?: (?:su|anche su) .{1,50})?|"
            r"mi piace(?: .{1,20})?|tweet)",
        ),
        max_words=9,
        yes=("Condividi", "Condividi su Facebook", "Seguici su Instagram"),
        no=("Stampa estera critica", "Condividi la strada"),
    ),
    Rule(
        id="it.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=IT,
        pattern=(
            r"(?:pubblicità|annunci(?:o)?|contenuto sponsorizzato|sponsorizzato(?: da .{1,30})?|"
            r"(?:l\'articolo )?(?:continua|prosegue) (?:dopo|sotto) la pubblicità|(?:l\')?articolo (?:continua|"
            r"prosegue).{0,40}|messaggio promozionale|inserzione)",
        ),
        max_words=9,
        yes=("Pubblicità", "Continua dopo la pubblicità", "Contenuto sponsorizzato"),
        no=("La pubblicità inganna", "Annunci del governo"),
    ),
    Rule(
        id="it.subscription",
        reason=RemovalReason.SUBSCRIPTION,
        languages=IT,
        pattern=(
            r"(?:(?:questo|il) (?:articolo|contenuto) è (?:riservato|esclusivo|disponibile)|(?:sei già|"
            r"già) (?:un )?(?:abbonat[oa]|iscritt[oa])|abbonati (?:per|ora|a|subito|e)|contenuto riservato|"
            r"per (?:continuare|proseguire) (?:a leggere|la lettura)|sostieni (?:il|la|un|i|l|ci)|fai una donazione|"
            r"diventa (?:socio|membro|sostenitore|abbonato))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=30,
        yes=("Questo articolo è riservato agli abbonati", "Sei già abbonato?", "Sostieni il giornalismo libero"),
        no=("Abbonamenti in calo", "Diventa difficile"),
    ),
    Rule(
        id="it.caption",
        reason=RemovalReason.CAPTION,
        languages=IT,
        pattern=(
            r"(?:(?:foto(?:grafia)?|immagin[ei]|video|crediti?|credit|illustrazione|fonte|"
            r"infografica)s?(?: di repertorio| d\'archivio)?\s?[:/©] ?\S.{0,100}|(?:foto|immagine) (?:di repertorio|"
            r"d\'archivio)(?:[ .].{0,60})?|©.{1,60})",
        ),
        max_words=18,
        yes=("Foto: agenzia", "Immagine di repertorio", "Fonte: agenzie"),
        no=("Foto ricordo", "Fonti vicine al governo"),
    ),
    Rule(
        id="it.byline",
        reason=RemovalReason.BYLINE,
        languages=IT,
        pattern=(
            r"(?:di|autore|a cura di|redazione|scritto da|"
            r"articolo di)\s?:? [^\W\d_][\w.-]{1,20} [^\W\d_][\w.-]{1,20}(?:,? (?:e )?[^\W\d_][\w.-]{1,20}){0,2}",
        ),
        where=Where.HEAD,
        max_words=6,
        yes=("di Maria Rossi", "A cura di Mario Rossi"),
        no=("Di questo passo la squadra non andrà lontano in coppa",),
    ),
    Rule(
        id="it.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=IT,
        pattern=(
            r"(?:torna (?:su|in alto|alla home)|home|menu|cerca|chiudi|accedi|registrati|(?:articolo|post|"
            r"pagina) (?:precedente|successiv[oa])|precedente|successiv[oa]|mostra (?:di più|altro)|carica altro|"
            r"leggi (?:tutto|di più)|contatti|note legali|tempo di lettura.{0,20}|(?:tag|argomenti|temi|categori[ae]|"
            r"sezioni?)\s?: .{1,100})",
        ),
        where=Where.INSIDE,
        max_words=14,
        yes=("Torna su", "Articolo successivo", "Leggi tutto", "Tempo di lettura: 3 minuti"),
        no=("Cerca casa", "Contatti interrotti"),
    ),
    Rule(
        id="it.cookie",
        reason=RemovalReason.COOKIE,
        languages=IT,
        pattern=(
            r"\bcookie\b",
            r"\b(?:nostr[oaie]|utilizziamo|usiamo|questo sito|tu[aoe])\b",
            r"\b(?:accett\w+|consens\w+|utilizz\w+|usiamo|informativa|navig\w+|preferenze|rifiut\w+)\b",
        ),
        how=How.WITHIN,
        max_words=80,
        needs=("cookie",),
        yes=("Questo sito utilizza cookie per la tua navigazione.",),
        no=("I cookie della nonna.",),
    ),
)  # fmt: skip
