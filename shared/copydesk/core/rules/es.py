"""Rules in Spanish."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

ES = ("es",)

RULES = (
    Rule(
        id="es.comments",
        reason=RemovalReason.COMMENTS,
        languages=ES,
        pattern=(
            r"(?:(?:\d{1,6}|sin|ningún|los|ver|leer|todos los|un|tu|su|dejar un|deja un|añadir un|escribir un|"
            r"escribe un|publicar un|no hay) ){0,3}comentarios?(?: ?\(?\d{1,6}\)?)?(?: (?:cerrados|aún|todavía))?|"
            r"comentar(?: (?:esta noticia|este artículo))?|(?:deja|dejar) (?:una respuesta|tu comentario)|opina|"
            r"únete a la conversación",
        ),
        yes=("Comentarios", "Deja un comentario", "No hay comentarios", "Comentar esta noticia"),
        no=("Los comentarios del ministro", "Sin comentarios se fue"),
    ),
    Rule(
        id="es.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=ES,
        pattern=(
            r"\bcomentarios?\b|\bopiniones (?:publicadas por|de) (?:los |nuestros )?(?:lectores|usuarios)\b",
            r"\b(?:nuestr[oa]s?|tus?|sus?|por favor|rogamos|nos reservamos|lectores|usuarios|autor)\b",
            r"\b(?:moderad\w*|normas|elimin\w+|public(?:ar|ados?|ación)|registr\w+|inici(?:ar|a) sesión|respet\w+|"
            r"insult\w+|ofensiv\w+|responsabilidad|difamatori\w+)\b",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=120,
        needs=("comentario", "opiniones"),
        yes=(
            "Nos reservamos el derecho de eliminar comentarios ofensivos.",
            "Los comentarios publicados son responsabilidad de su autor."),
        no=("El ministro evitó comentarios.", "Las opiniones de esta tribuna son responsabilidad de su autor."),
    ),
    Rule(
        id="es.disclaimer",
        reason=RemovalReason.DISCLAIMER,
        languages=ES,
        pattern=(
            r"\b(?:opiniones|opinión|puntos? de vista|contenidos?|ideas|"
            r"artículos?)\b.{0,120}\b(?:no (?:necesariamente )?(?:reflejan?|representan?|coinciden?)|"
            r"son (?:responsabilidad|de exclusiva|exclusiva)|responsabilidad (?:exclusiva )?de(?:l| la| su| sus|"
            r" los)? (?:autor|autora|quien|firmante|columnista))|^(?:aviso legal|descargo de responsabilidad|"
            r"nota aclaratoria|advertencia legal)\s?(?:[:.-]|$)|\bno constituyen? (?:una )?(?:asesoramiento|"
            r"recomendación|consejo)\b",
        ),
        how=How.WITHIN,
        max_words=100,
        needs=(
            "reflej", "represent", "coincid", "responsabilidad", "exclusiva", "aviso", "nota", "advertencia",
            "constituye"),
        yes=(
            "Las opiniones no reflejan necesariamente las del medio.",
            "El contenido de esta columna es responsabilidad de su autor: las opiniones son responsabilidad de quien firma."),
        no=("Sus opiniones son duras.",),
    ),
    Rule(
        id="es.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=ES,
        pattern=(
            r"\b(?:todos los )?derechos (?:están )?reservados\b|\b(?:prohibida|queda prohibida|"
            r"se prohíbe)\b.{0,40}\b(?:reproducción|copia|distribución|difusión)\b|^(?:©|copyright\b)|"
            r"\breproducción (?:total|parcial)\b",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=60,
        needs=("derechos", "prohib", "reproducción", "copyright", "©"),
        yes=("Todos los derechos reservados.", "Prohibida la reproducción total o parcial."),
        no=("La reproducción de los lobos.",),
    ),
    Rule(
        id="es.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=ES,
        pattern=(
            r"(?:suscríbe(?:te|se)|suscriba(?:se)?|regístr(?:ate|ese)|apúntate|recibe|reciba|únete|inscríbete|"
            r"síguenos|sigue|no te pierdas|descarga|mantente|entérate|cada (?:mañana|día|semana)|quiero recibir|"
            r"haz clic|accede|si quieres)\b.{0,120}\b(?:newsletters?|boletín|boletines|correo(?: electrónico)?|"
            r"e-?mail|bandeja de entrada|alertas|notificaciones|canal de (?:whatsapp|telegram|youtube)|app|aplicación|"
            r"podcasts?|whatsapp)\b|(?:newsletters?|boletín|boletines)(?: .{1,30})?$",
        ),
        how=How.START,
        max_words=50,
        yes=("Suscríbete a nuestro boletín", "Recibe cada mañana las noticias en tu correo.", "Newsletter"),
        no=("Recibe un premio el escritor", "Únete, dijo."),
    ),
    Rule(
        id="es.related_heading",
        reason=RemovalReason.RELATED,
        languages=ES,
        pattern=(
            r"(?:(?:noticias?|artículos?|notas?|contenidos?|temas|videos?|vídeos?|enlaces|"
            r"entradas) (?:relacionad[oa]s?|similares|recomendad[oa]s?|destacad[oa]s|de interés)|(?:lo|los|"
            r"las) más (?:leíd[oa]s?|vist[oa]s?|popular(?:es)?|comentad[oa]s?|reciente)|(?:lee|lea|leer|ver|ve|mira|"
            r"vea|lee) (?:también|además|más)|te (?:puede|podría|recomendamos)(?: interesar| leer)?|"
            r"te puede interesar|le puede interesar|quizás? te interese|más (?:noticias|información|sobre .{1,30}|"
            r"en .{1,30})|últimas noticias|otras noticias|también te puede interesar|relacionad[oa]s?|sigue leyendo|"
            r"además|no te lo pierdas|recomendados?)",
        ),
        where=Where.INSIDE,
        max_words=7,
        opens=True,
        yes=("Noticias relacionadas", "Lo más leído", "Te puede interesar", "Lea también:", "Últimas noticias"),
        no=("Más de cien muertos", "Lo más duro ha pasado"),
    ),
    Rule(
        id="es.related_inline",
        reason=RemovalReason.RELATED,
        languages=ES,
        pattern=(
            r"(?:(?:lee|lea|leer|ver|mira|vea|puedes leer|te puede interesar|le puede interesar|le recomendamos|"
            r"te recomendamos|puede leer)(?: (?:también|además|más|aquí))?\s?[:|>]|(?:lee|lea|leer|mira|vea|"
            r"ver) (?:también|además|más|aquí)\b|(?:video|vídeo|fotos|galería|en vivo|podcast|relacionad[ao])\s?[:|] |"
            r"(?:haz|haga) cli[ck]|(?:más información|para más información)\b.{0,40}(?:aquí|en|visite|consulte)|"
            r"(?:siga|sigue|síguenos|siganos) (?:leyendo|toda|aquí|la|el|en)\b|(?:conoce|consulta|descubre|"
            r"encuentra) (?:aquí|más|todas?|toda|nuestr))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=24,
        yes=("Lea también: La huelga sigue", "Haz clic aquí", "Sigue leyendo", "Le puede interesar: Diez cosas"),
        no=("Leer es un placer", "Ver para creer"),
    ),
    Rule(
        id="es.share",
        reason=RemovalReason.SHARE,
        languages=ES,
        pattern=(
            r"(?:comparti[rdl]?(?:r|lo|a|e)?(?: (?:en .{1,30}|esta noticia|este artículo|por .{1,20}|vía .{1,20}|"
            r"con .{1,20}))?|comparte(?: .{1,30})?|imprimir|enviar (?:por .{1,20}|a un amigo)|copiar (?:enlace|link|"
            r"el enlace)|(?:síguenos|síganos|siguenos|encuéntranos)(?: en .{1,50})?|tuitear|guardar|"
            r"escuchar (?:la noticia|este artículo))",
        ),
        max_words=9,
        yes=("Compartir", "Compartir en Facebook", "Síguenos en Instagram", "Imprimir"),
        no=("Compartir piso es caro en Madrid y en otras ciudades", "Guardar silencio"),
    ),
    Rule(
        id="es.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=ES,
        pattern=(
            r"(?:publicidad|anuncios?|contenido (?:patrocinado|promocionado)|patrocinado(?: por .{1,30})?|"
            r"(?:la noticia |el artículo )?(?:continúa|sigue) (?:después|debajo|tras|más abajo).{0,40}|(?:continúa|"
            r"continuar|sigue) (?:leyendo|después).{0,30}|espacio publicitario)",
        ),
        max_words=9,
        yes=("Publicidad", "Continúa después de la publicidad", "Contenido patrocinado"),
        no=("La publicidad engaña", "Anuncios del presidente"),
    ),
    Rule(
        id="es.subscription",
        reason=RemovalReason.SUBSCRIPTION,
        languages=ES,
        pattern=(
            r"(?:(?:este|el) (?:artículo|contenido|texto) (?:es )?(?:exclusivo|solo|sólo) (?:para|de)?\b|(?:ya eres|"
            r"ya es|¿ya eres|si ya eres) suscriptora?|suscríbete (?:para|y|por|ahora|hoy)|solo para suscriptores|"
            r"para (?:seguir|continuar) leyendo|apoya (?:el|nuestro|a)|(?:haz|hazte) (?:una donación|socia?|miembro)|"
            r"inicia sesión)",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=30,
        yes=("Suscríbete para seguir leyendo", "Este contenido es exclusivo para suscriptores", "Hazte socio"),
        no=("Este artículo de la ley", "Apoyan la huelga"),
    ),
    Rule(
        id="es.caption",
        reason=RemovalReason.CAPTION,
        languages=ES,
        pattern=(
            r"(?:(?:foto(?:grafía)?s?|imagen|imágenes|vídeo|video|crédito|créditos|ilustración|fuente|infografía|"
            r"gráfico)s?(?: de archivo)?\s?[:/©] ?\S.{0,100}|(?:foto|imagen) (?:de|del) archivo(?:[ .].{0,60})?|"
            r"©.{1,60}|(?:foto|imagen) cortesía.{0,60})",
        ),
        max_words=18,
        yes=("Foto: una agencia", "Imagen de archivo", "Fuente: Agencias"),
        no=("Fotos de familia", "Imagen pública dañada"),
    ),
    Rule(
        id="es.credit",
        reason=RemovalReason.CREDIT,
        languages=ES,
        pattern=(
            r"(?:con (?:información|datos|reportes?) de\b.{1,50}|(?:redacción|edición|traducido|traducción|editado|"
            r"escrito|reportaje|reporte|información)(?: de\b| por\b|:).{1,60}|(?:este|el) (?:artículo|texto|"
            r"reportaje) (?:fue |se )?(?:originalmente |primero )?(?:publicad[oa]|publicó|apareció)\b.{0,80}|"
            r"publicado (?:originalmente|primero)\b.{0,60})",
        ),
        max_words=16,
        yes=("Con información de agencias", "Traducción: Ana Pérez", "Este artículo fue publicado en otro medio"),
        no=("Con la información se va", "Redacciones vacías"),
    ),
    Rule(
        id="es.byline",
        reason=RemovalReason.BYLINE,
        languages=ES,
        pattern=(
            r"(?:por|autora?|escrito por|"
            r"redacción)\s?:? [^\W\d_][\w.-]{1,20} [^\W\d_][\w.-]{1,20}(?:,? (?:y )?[^\W\d_][\w.-]{1,20}){0,3}",
        ),
        where=Where.HEAD,
        max_words=6,
        yes=("Por Ana Pérez", "Autor: Juan Pérez"),
        no=("Por ahora el gobierno no ha dicho nada sobre la ley",),
    ),
    Rule(
        id="es.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=ES,
        pattern=(
            r"(?:(?:volver )?(?:arriba|al inicio|a la portada)|inicio|portada|menú|buscar|cerrar|(?:iniciar sesión|"
            r"regístrate|entrar)|(?:artículo|noticia|entrada|página) (?:anterior|siguiente)|anterior|siguiente|"
            r"ver más|mostrar más|cargar más|leer más|contacto|aviso legal|política de privacidad|"
            r"tiempo de lectura.{0,20}|(?:etiquetas|tags|temas|categorías?|sección|archivado en|"
            r"más sobre)\s?: .{1,100}|archivado en)",
        ),
        where=Where.INSIDE,
        max_words=14,
        yes=("Volver arriba", "Ver más", "Siguiente", "Etiquetas: guerra, paz"),
        no=("Inicio del curso", "Contacto directo"),
    ),
    Rule(
        id="es.cookie",
        reason=RemovalReason.COOKIE,
        languages=ES,
        pattern=(
            r"\bcookies\b",
            r"\b(?:nuestr[oa]s?|utilizamos|usamos|su|tu|este sitio)\b",
            r"\b(?:acept\w+|consent\w+|utiliz\w+|usamos|política|naveg\w+|configura\w+|rechaz\w+)\b",
        ),
        how=How.WITHIN,
        max_words=80,
        needs=("cookie",),
        yes=("Utilizamos cookies para mejorar su navegación.",),
        no=("Las cookies de chocolate.",),
    ),
)  # fmt: skip
