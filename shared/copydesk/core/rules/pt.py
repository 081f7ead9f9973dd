"""Rules in Portuguese."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

PT = ("pt",)

RULES = (
    Rule(
        id="pt.comments",
        reason=RemovalReason.COMMENTS,
        languages=PT,
        pattern=(
            r"(?:(?:\d{1,6}|nenhum|os|ver|ler|todos os|um|seu|deixe um|deixe seu|faça um|escreva um|adicionar|"
            r"publicar um|sem) ){0,3}comentários?(?: ?\(?\d{1,6}\)?)?|comente(?: .{1,20})?|comentar|"
            r"deixe uma resposta|participe da conversa",
        ),
        yes=("Comentários", "Deixe um comentário", "Comente"),
        no=("Os comentários do ministro", "Nenhum comentário foi feito"),
    ),
    Rule(
        id="pt.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=PT,
        pattern=(
            r"\bcomentários?\b|\bopiniões (?:publicadas por|de|dos) (?:nossos )?(?:leitores|usuários)\b",
            r"\b(?:noss[oa]s?|seus?|suas?|por favor|leitores|autores|usuários|você)\b",
            r"\b(?:moderad\w*|regras|remov\w+|exclu\w+|public\w+|cadastr\w+|login|respeit\w+|ofensiv\w+|"
            r"responsabilidade|termos)\b",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=120,
        needs=("comentário", "opiniões"),
        yes=(
            "Os comentários são de responsabilidade de seus autores.",
            "Serão removidos comentários ofensivos; siga nossas regras."),
        no=("O ministro evitou comentários.", "As opiniões desta coluna são de responsabilidade de seus autores."),
    ),
    Rule(
        id="pt.disclaimer",
        reason=RemovalReason.DISCLAIMER,
        languages=PT,
        pattern=(
            r"\b(?:opiniões|opinião|conteúdos?|ideias|artigos?|"
            r"textos?)\b.{0,100}\b(?:não (?:necessariamente )?(?:reflet\w+|represent\w+|correspond\w+)|"
            r"responsabilidade (?:exclusiva )?d[eoa]s?|inteira responsabilidade)|^(?:aviso legal|"
            r"isenção de responsabilidade|nota de esclarecimento)\s?(?:[:.-]|$)|\bnão constitu\w+ (?:recomendação|"
            r"aconselhamento|conselho)",
        ),
        how=How.WITHIN,
        max_words=100,
        needs=("reflet", "represent", "correspond", "responsabilidade", "aviso", "nota", "constitu"),
        yes=(
            "As opiniões não refletem necessariamente a do jornal.",
            "Este texto é de inteira responsabilidade do autor: textos são de inteira responsabilidade de quem assina."),
        no=("As opiniões variam.",),
    ),
    Rule(
        id="pt.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=PT,
        pattern=(
            r"\b(?:todos os )?direitos (?:são )?reservados\b|\b(?:proibida|vedada|"
            r"é proibid[ao])\b.{0,30}\b(?:reprodução|cópia)\b|^(?:©|copyright\b)",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=60,
        needs=("direitos", "reprodução", "cópia", "copyright", "©"),
        yes=("Todos os direitos reservados.", "Proibida a reprodução sem autorização."),
        no=("A reprodução dos peixes.",),
    ),
    Rule(
        id="pt.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=PT,
        pattern=(
            r"(?:assine|inscreva-se|cadastre-se|receba|siga|participe|entre|clique|baixe|acompanhe|fique|quer|"
            r"subscreva|todas as (?:manhãs|semanas)|não perca|se inscreva)\b.{0,120}\b(?:newsletters?|boletim|e-?mail|"
            r"caixa de entrada|notificações|canal (?:do|no|de) (?:whatsapp|telegram|youtube)|aplicativo|app|podcast|"
            r"whatsapp|telegram)\b|(?:newsletters?|boletim)(?: .{1,30})?$",
        ),
        how=How.START,
        max_words=50,
        yes=(
            "Assine nossa newsletter", "Receba as notícias no seu e-mail.",
            "Siga o canal do WhatsApp e participe do nosso canal no Telegram"),
        no=("Receba um abraço", "Siga em frente"),
    ),
    Rule(
        id="pt.related_heading",
        reason=RemovalReason.RELATED,
        languages=PT,
        pattern=(
            r"(?:(?:notícias|artigos|matérias|conteúdos?|vídeos|posts|temas) (?:relacionad[oa]s?|semelhantes|"
            r"recomendad[oa]s?)|(?:as |os )?mais (?:lid[oa]s|vist[oa]s|populares|comentad[oa]s|acessad[oa]s)|(?:leia|"
            r"veja|saiba|confira|assista|ouça) (?:também|mais|ainda)|você (?:também )?pode (?:gostar|se interessar)|"
            r"(?:outras|últimas|mais) notícias|(?:continue|siga) lendo|relacionad[oa]s|recomendad[oa]s|destaques)",
        ),
        where=Where.INSIDE,
        max_words=7,
        opens=True,
        yes=("Leia também", "Notícias relacionadas", "Mais lidas", "Veja também:", "Últimas notícias"),
        no=("Mais lidos os autos", "Outras vítimas"),
    ),
    Rule(
        id="pt.related_inline",
        reason=RemovalReason.RELATED,
        languages=PT,
        pattern=(
            r"(?:(?:leia|veja|saiba|confira|assista|ouça|entenda)(?: também| mais| ainda| aqui)?\s?[:|>]|(?:leia|veja|"
            r"saiba|confira|assista) (?:também|mais|aqui|a íntegra|a matéria)\b|(?:vídeo|vídeos|fotos|galeria|podcast|"
            r"ao vivo)\s?[:|] |clique (?:aqui|no link)|continue lendo|para (?:saber mais|mais informações)|"
            r"acompanhe (?:aqui|tudo|ao vivo|o))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=24,
        yes=("Leia também: a greve continua", "Clique aqui para ver", "Saiba mais", "Vídeos: a corrida"),
        no=("Leia um livro", "Veja o mar"),
    ),
    Rule(
        id="pt.share",
        reason=RemovalReason.SHARE,
        languages=PT,
        pattern=(
            r"(?:compartilh(?:e|ar|amentos?)(?: .{1,30})?|partilh(?:e|ar)(?: .{1,30})?|imprimir|enviar (?:por .{1,20}|"
            r"a um amigo)|copiar (?:o )?link|siga(?:-nos|m-nos| o canal| nosso perfil)?(?: (?:n[oa]|em) .{1,40})?|"
            r"curta .{1,40}|tweetar|salvar|ouvir (?:notícia|artigo))",
        ),
        max_words=9,
        yes=("Compartilhe", "Compartilhar no Facebook", "Siga-nos no Instagram"),
        no=("Imprimir dinheiro", "Salvar vidas"),
    ),
    Rule(
        id="pt.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=PT,
        pattern=(
            r"(?:publicidade|anúncios?|propaganda|conteúdo patrocinado|patrocinado(?: por .{1,30})?|"
            r"(?:a notícia )?continua (?:depois|após) (?:da|a) (?:publicidade|propaganda)|continua (?:após|"
            r"depois).{0,30}|(?:o )?artigo continua.{0,30})",
        ),
        max_words=9,
        yes=("Publicidade", "Continua após a publicidade", "Conteúdo patrocinado"),
        no=("A publicidade mente", "Anúncios do governo"),
    ),
    Rule(
        id="pt.subscription",
        reason=RemovalReason.SUBSCRIPTION,
        languages=PT,
        pattern=(
            r"(?:(?:este|o) (?:conteúdo|artigo|texto) é (?:exclusivo|restrito)|já é (?:assinante|cadastrado)|"
            r"assine (?:para|já|agora|e|por|o)\b|exclusivo para assinantes|para continuar (?:lendo|a ler)|apoie (?:o|"
            r"a|nosso|nossa)|faça (?:uma doação|seu login|o login|parte)|torne-se (?:assinante|membro|apoiador))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=30,
        yes=("Este conteúdo é exclusivo para assinantes", "Já é assinante?", "Apoie o jornalismo independente"),
        no=("Assinaturas caem", "Este artigo da lei"),
    ),
    Rule(
        id="pt.caption",
        reason=RemovalReason.CAPTION,
        languages=PT,
        pattern=(
            r"(?:(?:foto(?:grafia)?|imagem|imagens|vídeo|crédito|créditos|ilustração|fonte|infográfico|arte|"
            r"reprodução)s?\s?[:/©] ?\S.{0,100}|(?:foto|imagem) (?:de arquivo|ilustrativa)(?:[ .].{0,60})?|©.{1,60})",
        ),
        max_words=18,
        yes=("Foto: Agência", "Imagem ilustrativa", "Crédito: Divulgação"),
        no=("Fotos de família", "Imagem do país"),
    ),
    Rule(
        id="pt.byline",
        reason=RemovalReason.BYLINE,
        languages=PT,
        pattern=(
            r"(?:por|autora?|escrito por|da redação|"
            r"redação)\s?:? [^\W\d_][\w.-]{1,20} [^\W\d_][\w.-]{1,20}(?:,? (?:e )?[^\W\d_][\w.-]{1,20}){0,2}",
        ),
        where=Where.HEAD,
        max_words=6,
        yes=("Por Maria Silva", "Autor: João Silva"),
        no=("Por enquanto o governo não falou sobre a nova lei",),
    ),
    Rule(
        id="pt.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=PT,
        pattern=(
            r"(?:(?:voltar )?(?:ao topo|para o topo|ao início)|início|menu|buscar|fechar|entrar|cadastre-se|(?:artigo|"
            r"notícia|post|página) (?:anterior|seguinte)|anterior|próxim[oa]|ver mais|mostrar mais|carregar mais|"
            r"leia mais|contato|política de privacidade|tempo de leitura.{0,20}|(?:tags|assuntos|temas|categorias?|"
            r"editoria|marcadores)\s?: .{1,100})",
        ),
        where=Where.INSIDE,
        max_words=14,
        yes=("Voltar ao topo", "Ver mais", "Tempo de leitura: 2 minutos", "Tags: guerra, paz"),
        no=("Início das aulas", "Contato direto"),
    ),
    Rule(
        id="pt.cookie",
        reason=RemovalReason.COOKIE,
        languages=PT,
        pattern=(
            r"\bcookies\b",
            r"\b(?:noss[oa]s?|utilizamos|usamos|este site|você|sua)\b",
            r"\b(?:aceit\w+|consent\w+|utiliz\w+|usamos|política|naveg\w+|preferências)\b",
        ),
        how=How.WITHIN,
        max_words=80,
        needs=("cookie",),
        yes=("Utilizamos cookies para melhorar sua navegação.",),
        no=("Os cookies da avó.",),
    ),
)  # fmt: skip
