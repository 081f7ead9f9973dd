"""Rules in Turkish."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

TR = ("tr",)

RULES = (
    Rule(
        id="tr.comments",
        reason=RemovalReason.COMMENTS,
        languages=TR,
        pattern=(
            r"(?:(?:\d{1,6}|tüm|henüz|bir|hiç|ilk|sizin|en) ){0,2}yorum(?:lar|lari|ları|unuz|u)?(?: (?:yap|yaz|ekle|"
            r"yok|bırak|bırakın|yapın|yazın|göster|yapılmamış))?(?: ?\(?\d{1,6}\)?)?|yorum yap(?:ın)?|"
            r"yorumunuzu yazın|cevap (?:yaz|bırak|ver)|görüşlerinizi paylaşın",
        ),
        yes=("Yorumlar", "Yorum yap", "Henüz yorum yapılmamış"),
        no=("Yorumlar bakanı kızdırdı", "Bir cevap bekleniyor"),
    ),
    Rule(
        id="tr.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=TR,
        pattern=(
            r"\byorum",
            r"(?:onay\w*|hakaret\w*|küfür\w*|yayın\w*|silin\w*|kurallar\w*|sorumlu\w*|üye\w*|giriş yap\w*|suç)",
        ),
        how=How.WITHIN,
        where=Where.END,
        max_words=60,
        needs=("yorum",),
        yes=("Hakaret içeren yorumlar onaylanmaz.", "Yorum yapmak için giriş yapmalısınız."),
        no=("Bakan yorum yapmadı.",),
    ),
    Rule(
        id="tr.disclaimer",
        reason=RemovalReason.DISCLAIMER,
        languages=TR,
        pattern=(
            r"\b(?:görüş\w*|yazı\w*|içerik\w*|düşünce\w*)\b.{0,80}\b(?:yazar\w*|kendisine|yansıtmayabilir|yansıtmaz|"
            r"sorumlu\w*)\b.{0,40}(?:ait\w*|yansıt\w*|sorumlu\w*|aittir)|\byatırım (?:tavsiyesi|"
            r"danışmanlığı) (?:değildir|içermez|kapsamında)|^(?:yasal uyarı|sorumluluk reddi)\s?(?:[:.-]|$)",
        ),
        how=How.WITHIN,
        max_words=80,
        needs=("ait", "yansıt", "sorumlu", "yatırım", "yasal"),
        yes=(
            "Yazıdaki görüşler yazara aittir ve gazetenin görüşünü yansıtmayabilir.",
            "Burada yazılanlar yatırım tavsiyesi değildir.", "Yasal Uyarı: Bilgiler geneldir."),
        no=("Görüşler farklı.",),
    ),
    Rule(
        id="tr.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=TR,
        pattern=(
            r"\b(?:tüm |her )?(?:hakları|hakkı) saklıdır|\bizinsiz (?:kopya\w*|kullan\w*|alıntı\w*|yayın\w*)|"
            r"\bkaynak gösteril\w+|^(?:©|copyright\b)|^kaynak\s?: .{1,40}$",
        ),
        how=How.WITHIN,
        where=Where.TAIL,
        max_words=40,
        needs=("sakl", "izinsiz", "kaynak", "copyright", "©"),
        yes=("Tüm hakları saklıdır.", "Kaynak: Ajanslar", "İzinsiz kopyalanamaz."),
        no=("Hakları için yürüdüler.",),
    ),
    Rule(
        id="tr.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=TR,
        pattern=(
            r"(?:.{0,80}\b(?:bülten\w*|e-?posta\w*|whatsapp kanal\w*|telegram kanal\w*|google news|uygulama\w*|"
            r"youtube kanal\w*)\b.{0,60}\b(?:abone|kayıt|üye|kaydol\w*|katıl\w*|takip|indir\w*|ol\w*|tıkla\w*|gelsin)\b|"
            r"(?:bülten|e-bülten|bültenimize abone ol)(?: .{1,20})?$|.{0,40}takip etmek için.{0,60})",
        ),
        how=How.START,
        max_words=30,
        yes=("Bültenimize abone olun", "Haberleri WhatsApp kanalımızdan takip edin", "Uygulamamızı indirin",
             "Manşetler e-posta kutunuza gelsin"),
        no=("Bülten okundu sabah saatlerinde radyoda", "Uygulama başladı"),
    ),
    Rule(
        id="tr.related_heading",
        reason=RemovalReason.RELATED,
        languages=TR,
        pattern=(
            r"(?:(?:ilgili|benzer|diğer|son|önerilen|öne çıkan) (?:haberler|haber|yazılar|içerikler|videolar|konular)|"
            r"(?:bunlar(?:ı)? da|bunları da|ayrıca) .{1,20}|en çok (?:okunan\w*|izlenen\w*)|"
            r"son dakika(?: haberler\w*)?|ilginizi çekebilir|önerilenler|daha fazla(?: haber| oku)?|haberin devamı|"
            r"günün (?:manşetleri|haberleri)|popüler haberler)",
        ),
        where=Where.INSIDE,
        max_words=5,
        opens=True,
        yes=("İlgili Haberler", "En Çok Okunanlar", "Benzer haberler", "İlginizi çekebilir", "Son Dakika"),
        no=("Son haberler kötü gelince", "Diğer yaralılar evde"),
    ),
    Rule(
        id="tr.related_inline",
        reason=RemovalReason.RELATED,
        languages=TR,
        pattern=(
            r"(?:(?:ayrıca|ilgili haber|bunu da|haberi|videoyu|video|foto galeri|devamı|detaylar)\b.{0,20}[:>|]|"
            r".{0,60}(?:için tıklayın|okumak için|izlemek için|buraya tıklayın|devamını oku))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=20,
        yes=("İlgili haber: Grev sürüyor", "Haberin tamamı için tıklayın", "Devamını oku"),
        no=("Video çekildi", "Ayrıca yağmur bekleniyor"),
    ),
    Rule(
        id="tr.share",
        reason=RemovalReason.SHARE,
        languages=TR,
        pattern=(
            r"(?:(?:(?:bu )?(?:haberi|yazıyı|sayfayı) )?paylaş(?:ın|ımlar)?(?: .{1,20})?|facebook\'ta paylaş|(?:twitter|facebook|"
            r"whatsapp)\'?\w{0,3} (?:paylaş|tweetle)|yazdır|(?:linki|bağlantıyı) kopyala|e-posta (?:ile )?gönder|"
            r"bizi takip edin(?: .{1,30})?|kaydet|beğen)",
        ),
        max_words=5,
        yes=("Paylaş", "Facebook'ta paylaş", "Bizi takip edin", "Bu yazıyı paylaş", "E-posta ile gönder"),
        no=("Paylaşım savaşı sürüyor",),
    ),
    Rule(
        id="tr.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=TR,
        pattern=(
            r"(?:reklam(?:lar)?|advertorial|sponsorlu(?: içerik)?|ilan|(?:haber(?:in devamı)?|yazı) reklam(?:dan|"
            r"ın) (?:sonra|altında).{0,20}|reklamı? (?:geç|kapat))",
        ),
        max_words=5,
        yes=("Reklam", "Sponsorlu içerik"),
        no=("Reklam filmi çekildi",),
    ),
    Rule(
        id="tr.subscription",
        reason=RemovalReason.SUBSCRIPTION,
        languages=TR,
        pattern=(
            r"(?:(?:bu|haberin) (?:içerik|haber|yazı|tamamı) (?:sadece |yalnızca )?(?:abone\w*|üye\w*)|"
            r"abone ol(?:un)?(?: .{1,40})?$|zaten abone|destek ol(?:un)?(?: .{1,30})?$|okumaya devam et\w*)",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=16,
        yes=("Bu içerik sadece abonelere özeldir", "Abone ol", "Okumaya devam etmek için giriş yapın"),
        no=("Abone sayısı arttı",),
    ),
    Rule(
        id="tr.caption",
        reason=RemovalReason.CAPTION,
        languages=TR,
        pattern=(
            r"(?:(?:foto(?:ğraf)?|görsel|video|kaynak|arşiv)(?: kaynağı)?\s?[:/©] ?\S.{0,80}|(?:fotoğraf|foto|"
            r"görsel) (?:arşiv|temsili).{0,20}|temsili (?:fotoğraf|görsel)|arşiv)",
        ),
        max_words=14,
        yes=("Fotoğraf: Ajans", "Temsili fotoğraf"),
        no=("Fotoğraf sergisi açıldı",),
    ),
    Rule(
        id="tr.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=TR,
        pattern=(
            r"(?:(?:yukarı|başa) (?:çık|dön)|ana ?sayfa|menü|ara|kapat|giriş(?: yap)?|üye ol|(?:önceki|"
            r"sonraki) (?:haber|yazı|sayfa)|önceki|sonraki|daha fazla (?:göster|yükle)|iletişim|künye|(?:etiketler|"
            r"etiket|kategori|konular)(?:\s?: ?.{0,80})?|okuma süresi.{0,20})",
        ),
        where=Where.INSIDE,
        max_words=14,
        yes=("Yukarı çık", "Anasayfa", "Sonraki haber", "Etiketler: savaş, barış"),
        no=("Giriş kapandı", "İletişim koptu"),
    ),
)  # fmt: skip
