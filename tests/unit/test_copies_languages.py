"""Copies in the world's scripts: what a reposter's system changes in a text without changing a word of it."""

import re
import unicodedata

import pytest
import rewritten
from rewritten import LANGUAGES, words
from texts import draft

from copydesk.core.copies import judge_and_admit
from copydesk.core.passages import sentences
from copydesk.models import Verdict
from copydesk.runtime.memory_index import MemoryIndex

NOW = 1_700_000_000.0


def second(first, blocks):
    """What a document is that comes after another one."""
    index = MemoryIndex()
    judge_and_admit(index, draft("https://first.example/", first), now=NOW)
    return judge_and_admit(index, draft("https://second.example/", blocks), now=NOW).document


def article(language, number=0):
    return list(rewritten.articles(language)[number].blocks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_copies_in_ten_languages(language):
    first, other = article(language), article(language, 1)
    edited = rewritten.edited(first, 0.08, 1, words(other))

    assert second(first, first).novelty == 0
    assert second(first, rewritten.cut(first, 0.6)).verdict is Verdict.COPY
    assert second(first, first[2:]).verdict is Verdict.COPY
    assert second(first, edited).verdict is Verdict.COPY
    unrelated = second(first, other)
    assert unrelated.verdict is Verdict.ORIGINAL
    assert unrelated.novelty > 0.95


def replaced(*pairs):
    def change(block):
        for old, new in pairs:
            block = block.replace(old, new)
        return block

    return change


def full_width(text):
    """Latin letters, digits and apostrophes in their full-width forms."""
    return re.sub("[A-Za-z0-9']", lambda found: chr(ord(found[0]) + 0xFEE0), text)


def every(number, pattern, instead):
    """Change every so-and-so-manieth place where the pattern stands."""

    def change(block):
        places = list(re.finditer(pattern, block))[::number]
        for place in reversed(places):
            block = block[: place.start()] + instead + block[place.end() :]
        return block

    return change


SAME = {
    "decomposed letters": ("de", lambda b: unicodedata.normalize("NFD", b)),
    "decomposed Hangul": ("ko", lambda b: unicodedata.normalize("NFD", b)),
    "decomposed kana": ("ja", lambda b: unicodedata.normalize("NFD", b)),
    "decomposed Arabic": ("ar", lambda b: unicodedata.normalize("NFD", b)),
    "composed nuktas": ("hi", replaced(("ज़", "\u095b"), ("फ़", "\u095e"), ("ड़", "\u095c"))),
    "capitals": ("es", str.upper),
    "sharp s in capitals": ("de", str.upper),
    "yo without dots": ("ru", replaced(("ё", "е"), ("Ё", "Е"))),
    "danda as a bar": ("hi", replaced(("।", "|"))),
    "danda after a space": ("hi", replaced(("।", " ।"))),
    "joiners": ("hi", replaced(("्", "्\u200d"))),
    "direction marks": ("ar", lambda b: "\u202b" + b.replace(".", ".\u200f").replace("؟", "؟\u200f") + "\u202c"),
    "isolates": ("ar", replaced((". ", ".\u2069 \u2067"))),
    "tatweel": ("ar", every(5, r"(?<=[بتسشصعفقكلمنهي])(?=\w)", "ـ")),
    "presentation forms": ("ar", replaced(("لا", "\ufefb"))),
    "full-width letters": ("en", full_width),
    "half-width marks": ("zh", replaced(("，", ","), ("！", "!"), ("？", "?"), ("：", ":"))),
    "half-width katakana": ("ja", replaced(("メートル", "ﾒｰﾄﾙ"), ("バス", "ﾊﾞｽ"))),
    "corner brackets": ("ja", replaced(("「", "『"), ("」", "』"))),
    "word breaks of no width": ("th", every(4, r"(?<=[ก-ฮ])(?=[เแโไใก-ฮ])", "\u200b")),
    "spaces around the repetition mark": ("th", replaced(("ๆ", " ๆ"))),
    "hard spaces": ("en", replaced((" ", "\u00a0"))),
    "soft hyphens": ("de", every(3, r"(?<=\w\w\w)(?=\w\w\w)", "\u00ad")),
    "guillemets with spaces": ("es", replaced(("«", "« "), ("»", " »"))),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_words_in_other_characters(name):
    language, change = SAME[name]
    changed = 0
    for found in rewritten.articles(language)[:4]:
        blocks = [change(block) for block in found.blocks]
        changed += blocks != list(found.blocks)
        # With a line of its own in front it is not found by its words alone: its passages are the same too.
        assert second(found.blocks, ["Our own editor wrote this line in front.", *blocks]).evidence.contained == 1

    assert changed


TURKISH = [
    "İSTANBUL - Işıklı köyünde yaşayan İsmail Irmak, dün akşam çıkan fırtınada yıkılan ahırını kendi elleriyle yeniden yaptı.",
    "Komşuları ilk gün kırk koyunu ısıtılan bir depoya taşıdı. Irmak, iki ineğinin hâlâ kayıp olduğunu söyledi.",
    "Valilik, zararın karşılanması için inceleme başlatıldığını açıkladı. İlçede sekiz okulun çatısı da uçtu.",
]


def test_the_turkish_i():
    """Capitals of a system that knows Turkish, and letters of one that has no dotless i."""
    turkish = str.maketrans("iı", "İI")
    capitals = [block.translate(turkish).upper() for block in TURKISH]
    plain = [block.replace("İ", "I").replace("ı", "i") for block in TURKISH]

    assert second(TURKISH, capitals).evidence.similarity == 1
    assert second(TURKISH, plain).evidence.similarity == 1
    assert second(TURKISH, [*capitals, *article("es")]).evidence.contained == 1


MIXED = {
    "zh": "{}的iPhone 15在2026年WWDC大会上发布，售价为799美元，比去年的Pro Max便宜百分之十二。",
    "ja": "{}の新型EV「Model S2」は、1回の充電でおよそ650km走ることができ、価格は480万円からになる。",
    "th": "{}เปิดตัวโทรศัพท์ Galaxy S30 รุ่นใหม่ในงาน Mobile Expo 2026 ราคาเริ่มต้น 29,900 บาท",
}


@pytest.mark.parametrize("language", MIXED)
def test_latin_words_in_a_script_without_spaces(language):
    """With or without spaces around them, which is a matter of house style."""
    first = [*article(language), *(MIXED[language].format(name) for name in ("Apple", "Sony"))]
    spaced = [re.sub(r"(?<=[\u0e01-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[\u0e01-\u9fff])", " ", b) for b in first]

    assert spaced != first
    assert second(first, spaced).evidence.similarity > 0.95
    assert second(first, spaced).verdict is Verdict.COPY


def test_korean_with_other_spaces():
    """Auxiliary verbs and counters are written with or without a space: one place in twenty here."""
    for found in rewritten.articles("ko"):
        blocks = [every(20, r"(?<=\w) (?=\w)", "")(block) for block in found.blocks]
        assert second(found.blocks, blocks).verdict is Verdict.COPY


def test_thai_in_one_paragraph():
    for found in rewritten.articles("th"):
        document = second(found.blocks, [" ".join(found.blocks)])
        assert document.verdict is Verdict.COPY
        assert document.novelty < 0.05


SIMPLIFIED = [
    "临江市地铁六号线星期一早上正式开通，全长三十一公里，设二十三座车站，连接老城区和东部的大学园区。",
    "市交通局局长陈立群表示，新线路每天可运送五十万人次，高峰时段每三分钟一班。他承认换乘通道偏长，今后会加装自动步道。",
    "沿线居民普遍感到高兴。在医院工作的护士周敏说，她上班的时间从一个半小时缩短到四十分钟，终于可以在家里吃早饭了。",
]
TRADITIONAL = [
    "臨江市地鐵六號線星期一早上正式開通，全長三十一公里，設二十三座車站，連接老城區和東部的大學園區。",
    "市交通局局長陳立群表示，新線路每天可運送五十萬人次，高峰時段每三分鐘一班。他承認換乘通道偏長，今後會加裝自動步道。",
    "沿線居民普遍感到高興。在醫院工作的護士周敏說，她上班的時間從一個半小時縮短到四十分鐘，終於可以在家裏吃早飯了。",
]


def test_simplified_and_traditional_characters_are_different_texts():
    """Converting one into the other needs a dictionary; it is taken for a translation."""
    document = second(SIMPLIFIED, TRADITIONAL)

    assert document.verdict is Verdict.ORIGINAL
    assert second(TRADITIONAL, TRADITIONAL).verdict is Verdict.COPY


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_articles(language):
    """No language's articles fall into one passage a paragraph for want of sentence ends."""
    for found in rewritten.articles(language)[:4]:
        assert sum(len(list(sentences(block))) for block in found.blocks) > 1.2 * len(found.blocks)
