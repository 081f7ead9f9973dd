"""Rules in French."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

FR = ("fr",)

RULES = (
    Rule(
        id="fr.comments",
        reason=RemovalReason.COMMENTS,
        languages=FR,
        pattern=(
            r"(?:(?:\d{1,6}|aucun|les|vos|voir|lire|tous les|un|votre|afficher|poster un|laisser un|ajouter un|"
            r"écrire un|publier un) ){0,3}(?:commentaires?|réactions?)(?: ?\(?\d{1,6}\)?)?|(?:commentez|réagissez|"
            r"réagir|commenter|laisser une réponse|votre avis|donnez votre avis)(?: (?:à )?cet article)?",
        ),
        yes=("Commentaires", "3 réactions", "Laisser un commentaire", "Réagir à cet article"),
        no=("Aucun commentaire n'a été fait par le ministre", "Les réactions se multiplient"),
    ),
    Rule(
        id="fr.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=FR,
        pattern=(
            r"\bcommentaires?\b|\bcontributions?\b",
            r"\b(?:nos|notre|votre|vos|nous|merci|veuillez|vous)\b",
            r"\b(?:modér\w+|charte|règles|supprim\w+|publi(?:er|és?|cation)|connect\w+|identifi\w+|inscri\w+|"
            r"respect\w*|conditions|injur\w+|diffam\w+)\b",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=120,
        needs=("commentaire", "contribution"),
        yes=(
            "Les commentaires sont modérés selon notre charte.",
            "Vous devez être connecté pour publier un commentaire."),
        no=("Le ministre a refusé tout commentaire.",),
    ),
    Rule(
        id="fr.disclaimer",
        reason=RemovalReason.DISCLAIMER,
        languages=FR,
        pattern=(
            r"\b(?:opinions?|propos|points? de vue|analyses?|contenus?)\b.{0,100}\b(?:n\'engagent? que|"
            r"ne reflètent? pas|sont? celles? de|sous la (?:seule )?responsabilité|relèvent de la responsabilité)\b|"
            r"^(?:avertissement|mentions? légales?|clause de non-responsabilité|"
            r"avis de non-responsabilité)\s?(?:[:.-]|$)|\bne constitue(?:nt)? pas (?:un conseil|une recommandation)\b",
        ),
        how=How.WITHIN,
        max_words=100,
        needs=("engage", "reflèt", "celles de", "celle de", "responsabilité", "avertissement", "mention", "constitue"),
        yes=(
            "Les opinions exprimées n'engagent que leur auteur.",
            "Avertissement : ce texte ne constitue pas un conseil."),
        no=("Ses opinions sont connues.",),
    ),
    Rule(
        id="fr.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=FR,
        pattern=(
            r"\btous droits (?:de reproduction )?(?:réservés|et de représentation)|"
            r"\breproduction\b.{0,60}\b(?:interdite|autorisation|sans)\b|^(?:©|copyright\b)|\bdroits réservés$",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=60,
        needs=("droits", "reproduction", "copyright", "©"),
        yes=("Tous droits réservés.", "Reproduction interdite sans autorisation."),
        no=("La reproduction des huîtres ralentit.",),
    ),
    Rule(
        id="fr.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=FR,
        pattern=(
            r"(?:inscrivez-vous|abonnez-vous|recevez|s\'inscrire|s\'abonner|je m\'inscris|chaque (?:jour|matin|"
            r"semaine|soir)|retrouvez|ne manquez|restez|pour ne rien|toute l\'actualité|découvrez|la newsletter|"
            r"notre newsletter|téléchargez)\b.{0,120}\b(?:newsletters?|lettre d\'information|infolettre|boîte (?:mail|"
            r"de réception|e-mail)|par (?:e-?mail|mail|courriel)|notifications?|alertes|podcasts?|application|appli|"
            r"whatsapp)\b|(?:newsletters?|infolettre|lettre d\'information)(?: .{1,30})?$",
        ),
        how=How.START,
        max_words=50,
        yes=("Inscrivez-vous à notre newsletter", "Recevez chaque matin nos alertes par e-mail.", "Newsletter"),
        no=("Recevez mes vœux", "Chaque jour, il marche."),
    ),
    Rule(
        id="fr.related_heading",
        reason=RemovalReason.RELATED,
        languages=FR,
        pattern=(
            r"(?:(?:à|a) (?:lire|voir|écouter|découvrir)(?: aussi| également| ensuite)?|(?:lire|voir|lisez|"
            r"écouter) (?:aussi|également|plus)|sur le même (?:sujet|thème)|(?:articles?|contenus?|vidéos?|"
            r"sujets?) (?:liés?|similaires?|associés?|recommandés?|connexes?|les plus (?:lus|populaires|partagés))|"
            r"les plus (?:lus|consultés|populaires|partagés)|dans la même (?:rubrique|catégorie)|(?:vous aimerez|"
            r"vous aimeriez|ceci pourrait|cela (?:peut|pourrait)|vous pourriez)\b.{0,30}|(?:nos|dernières|toutes les|"
            r"les dernières) (?:actualités|infos|nouvelles|vidéos|derniers articles)|derniers articles|à la une|"
            r"plus d\'articles|pour aller plus loin|en savoir plus)",
        ),
        where=Where.INSIDE,
        max_words=7,
        opens=True,
        yes=("À lire aussi", "Sur le même sujet", "Articles liés", "Les plus lus", "Lire aussi :"),
        no=("À lire, ce livre est un régal", "Plus de bruit"),
    ),
    Rule(
        id="fr.related_inline",
        reason=RemovalReason.RELATED,
        languages=FR,
        pattern=(
            r"(?:(?:(?:à|a) )?(?:lire|voir|écouter|lisez|regarder|découvrir) (?:aussi|également|notre|nos|la suite)\b|"
            r"(?:à|a) (?:lire|voir)\s?[:>]|sur le même sujet\s?:|en savoir plus|(?:vidéo|diaporama|podcast|en images|"
            r"photos)\s?[:.] |cliquez ici|pour (?:en savoir plus|plus d\'(?:informations|infos))|retrouvez (?:ici|"
            r"tous|toute|nos|notre|l\'intégralité)|suivez (?:toute|l\'actualité|en direct))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=24,
        yes=("À lire aussi : la grève continue", "Lire la suite", "Retrouvez tous nos articles", "Vidéo : la course"),
        no=("Lire est un plaisir", "Voir Naples et mourir"),
    ),
    Rule(
        id="fr.share",
        reason=RemovalReason.SHARE,
        languages=FR,
        pattern=(
            r"(?:partage[rz]?(?: (?:cet article|sur .{1,30}|l\'article|via .{1,20}|par .{1,20}|cette page))?|"
            r"imprimer(?: .{1,20})?|envoyer (?:par .{1,20}|à un ami)|copier le lien|suivez(?:-| )nous.{0,50}|"
            r"rejoignez(?:-| )nous.{0,50}|tweeter|enregistrer|écouter (?:l\'article|cet article))",
        ),
        max_words=10,
        yes=("Partager", "Partager sur Facebook", "Suivez-nous sur Twitter", "Imprimer"),
        no=("Partager le pain", "Envoyer des troupes"),
    ),
    Rule(
        id="fr.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=FR,
        pattern=(
            r"(?:publicités?|annonces?|contenu (?:sponsorisé|partenaire)|sponsorisé(?: par .{1,30})?|"
            r"la suite après (?:la|cette) publicité|la suite (?:de .{1,20} )?(?:ci-dessous|après).{0,30}|"
            r"l\'article continue.{0,40}|(?:article|suite) (?:après|sous) (?:la )?(?:publicité|pub))",
        ),
        max_words=9,
        yes=("Publicité", "La suite après cette publicité", "Contenu sponsorisé"),
        no=("La publicité nuit", "Annonces du gouvernement"),
    ),
    Rule(
        id="fr.subscription",
        reason=RemovalReason.SUBSCRIPTION,
        languages=FR,
        pattern=(
            r"(?:(?:cet|l\') ?article (?:est )?(?:réservé|complet)\b|(?:déjà|vous êtes déjà) abonnée?|abonnez-vous|"
            r"je m\'abonne|réservé (?:aux|à nos) abonnés|il vous reste \d|pour (?:lire la suite|continuer)\b|"
            r"soutenez (?:notre|nous|un|le|la)|faites un don|(?:devenez|rejoignez) (?:membre|abonnée?)|"
            r"offre d\'abonnement)",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=30,
        yes=(
            "Cet article est réservé aux abonnés", "Déjà abonné ? Connectez-vous", "Soutenez notre rédaction",
            "Il vous reste 70 % de cet article à lire."),
        no=("Abonnés absents", "Soutenir la cause"),
    ),
    Rule(
        id="fr.caption",
        reason=RemovalReason.CAPTION,
        languages=FR,
        pattern=(
            r"(?:(?:crédits?(?: photos?)?|photos?|images?|illustration|vidéo|légende|source|infographie|"
            r"dessin)s?(?: d\'illustration| d\'archives?)?\s?[:©/] ?\S.{0,100}|(?:photo|image) d\'(?:illustration|"
            r"archives?)(?:[ .].{0,60})?|©.{1,60})",
        ),
        max_words=18,
        yes=("Crédit photo : une agence", "Photo d'illustration", "© Une agence"),
        no=("Photos de famille", "Sources proches du dossier"),
    ),
    Rule(
        id="fr.credit",
        reason=RemovalReason.CREDIT,
        languages=FR,
        pattern=(
            r"(?:avec (?:les )?(?:agences?|afp|reuters|notre correspondant)\b.{0,30}|(?:traduit|adapté|"
            r"propos recueillis|édité|rédigé|écrit|reportage|mis à jour) (?:de l\'\w+ )?par\b.{1,60}|"
            r"cet article (?:a été|est) (?:initialement |d\'abord )?(?:publié|paru|traduit|repris)\b.{0,80}|"
            r"publié (?:à l\'origine|initialement)\b.{0,60}|\(?source\s?: .{1,40})",
        ),
        max_words=16,
        yes=(
            "Avec les agences", "Propos recueillis par une journaliste",
            "Cet article a été initialement publié ailleurs"),
        no=("Avec les pompiers", "Publié par amour"),
    ),
    Rule(
        id="fr.byline",
        reason=RemovalReason.BYLINE,
        languages=FR,
        pattern=(
            r"(?:par|auteur|rédigé par|"
            r"publié par)\s?:? [^\W\d_][\w.-]{1,20} [^\W\d_][\w.-]{1,20}(?:,? (?:et )?[^\W\d_][\w.-]{1,20}){0,3}",
        ),
        where=Where.HEAD,
        max_words=6,
        yes=("Par Jeanne Dupont", "Auteur : Jean Dupont"),
        no=("Par ailleurs le gouvernement prépare une loi sur les retraites",),
    ),
    Rule(
        id="fr.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=FR,
        pattern=(
            r"(?:(?:retour )?(?:en|vers le) haut(?: de (?:la )?page)?|retour (?:à l\'accueil|en haut)|accueil|menu|"
            r"rechercher|fermer|(?:se connecter|connexion|s\'identifier)|article (?:précédent|suivant)|"
            r"(?:page )?(?:précédente?|suivante?)|voir plus|afficher (?:plus|la suite)|charger plus|mentions légales|"
            r"nous contacter|contact|temps de lecture.{0,20}|lecture \d{1,2} min.{0,10}|(?:mots-clés|tags|thèmes?|"
            r"rubriques?|catégories?|dossier)\s?: .{1,100})",
        ),
        where=Where.INSIDE,
        max_words=14,
        yes=("Retour en haut", "Article suivant", "Temps de lecture : 3 min", "Tags : guerre, paix"),
        no=("Accueil des réfugiés", "Contact perdu"),
    ),
    Rule(
        id="fr.cookie",
        reason=RemovalReason.COOKIE,
        languages=FR,
        pattern=(
            r"\bcookies?\b",
            r"\b(?:nous|notre|votre|vous|nos|ce site)\b",
            r"\b(?:accept\w+|consent\w+|utilis\w+|politique|navig\w+|paramètres|refus\w+)\b",
        ),
        how=How.WITHIN,
        max_words=80,
        needs=("cookie",),
        yes=("Nous utilisons des cookies pour améliorer votre navigation.",),
        no=("Les cookies de grand-mère.",),
    ),
)  # fmt: skip
