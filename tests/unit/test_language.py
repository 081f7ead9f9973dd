import pytest

from copydesk.core.language import hint_code, language

TEXTS = {
    "en": "The council of the small harbour town voted on Tuesday to rebuild the old pier after the storm.",
    "de": "Der Rat der kleinen Hafenstadt beschloss am Dienstag, den alten Pier nach dem Sturm wieder aufzubauen.",
    "fr": "Le conseil de la petite ville portuaire a décidé mardi de reconstruire la vieille jetée après la tempête.",
    "es": "El consejo de la pequeña ciudad portuaria decidió el martes reconstruir el viejo muelle tras la tormenta.",
    "it": "Il consiglio della piccola città portuale ha deciso martedì di ricostruire il vecchio molo dopo la tempesta.",
    "pt": "O conselho da pequena cidade portuária decidiu na terça-feira reconstruir o velho cais depois da tempestade.",
    "ru": "Совет небольшого портового города решил во вторник восстановить старый причал после шторма.",
    "uk": "Рада невеликого портового міста вирішила у вівторок відбудувати старий причал після шторму.",
    "tr": "Küçük liman kentinin meclisi salı günü fırtınadan sonra eski iskeleyi yeniden yapmaya karar verdi.",
    "ar": "قرر مجلس المدينة الساحلية الصغيرة يوم الثلاثاء إعادة بناء الرصيف القديم بعد العاصفة.",
    "zh": "这座小港口城市的议会周二决定在风暴过后重建旧码头，渔民们对此表示欢迎。",
    "ja": "小さな港町の議会は火曜日、嵐の後に古い桟橋を再建することを決めた。",
    "ko": "작은 항구 도시의 의회는 화요일 폭풍 이후 낡은 부두를 다시 짓기로 결정했다.",
    "th": "สภาเมืองท่าเล็กๆ ตัดสินใจเมื่อวันอังคารที่จะสร้างท่าเรือเก่าขึ้นใหม่หลังพายุ",
    "el": "Το συμβούλιο της μικρής πόλης αποφάσισε την Τρίτη να ξαναχτίσει την παλιά προβλήτα.",
    "he": "מועצת עיר הנמל הקטנה החליטה ביום שלישי לבנות מחדש את המזח הישן אחרי הסערה.",
}


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_languages(code, text):
    assert language(text) == code


def test_a_hint_that_is_wrong_is_not_believed():
    assert language(TEXTS["es"], "en") == "es"
    assert language(TEXTS["ja"], "en-US") == "ja"


@pytest.mark.parametrize(
    ("text", "hint", "code"), [("", "de-DE", "de"), ("12", None, None), ("OK", "pt_BR", "pt"), ("OK", None, None)]
)
def test_where_the_text_tells_nothing_the_hint_counts(text, hint, code):
    assert language(text, hint) == code


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de-AT", "de"), ("EN", "en"), ("zh-Hans-CN", "zh"), ("en_US.utf8", "en"), ("iw", "he"), ("nb", "no"), ("x", None),
     ("English language", None), ("", None), (None, None), ("fil", None)],
)  # fmt: skip
def test_hint(tag, code):
    assert hint_code(tag) == code


def test_long_texts_are_cut():
    assert language(TEXTS["fr"] * 20 + TEXTS["en"] * 10_000) == "fr"
