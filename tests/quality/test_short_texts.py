"""Stubs, video pages and short items: templates with little of their own must not melt into one cluster."""

import re

import pytest
import rewritten
from texts import draft

from copydesk.core.copies import judge_and_admit
from copydesk.models import Verdict
from copydesk.runtime.memory_index import MemoryIndex

NOW = 1_700_000_000.0
COUNT = 120
ENGLISH = rewritten.articles("en")
SENTENCES = list(
    dict.fromkeys(
        sentence
        for article in ENGLISH
        if not article.traits.keys() & {"kind", "quote"}
        for block in article.blocks
        for sentence in re.split(r"(?<=[.!?]) (?=[A-Z])", block)
        if 7 <= len(sentence.split()) <= 40
    )
)
NAMES = sorted(
    {name for article in ENGLISH for block in article.blocks for name in re.findall("[A-Z][a-z]{4,}", block)}
)
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def own(number):
    return SENTENCES[number]


STUBS = {
    "closed": lambda n: [
        f"{n // 60:02}:{n % 60:02} - {own(n)}",
        "This live blog is now closed. You can read our full report on our front page.",
    ],
    "paused": lambda n: [
        f"{own(n)} We are pausing our live coverage here. Thank you for following along, and good night from all of us."
    ],
    "video": lambda n: [
        f"Watch the video above. {own(n)}",
        "Subscribe to our channel for more videos like this one, and tell us below what you think of it.",
    ],
    "match": lambda n: [
        f"Live: {NAMES[n]} v {NAMES[n * 7 % COUNT - 1]}. Follow the match minute by minute with our reporters in the stadium."
    ],
    "result": lambda n: [
        f"{NAMES[n]} beat {NAMES[n * 7 % COUNT - 1]} {n % 5 + 1}-0 on {DAYS[n % 7]}.",
        "Watch the goals and the best scenes of the match in our video.",
    ],
    "earthquake": lambda n: [
        f"An earthquake of magnitude {4 + n % 30 / 10} struck {n + 5} kilometres south of {NAMES[n]} at "
        f"{n % 24:02}:{n * 7 % 60:02} on {DAYS[n % 7]}. There were no reports of damage."
    ],
}


@pytest.mark.parametrize("hosts", [1, COUNT])
@pytest.mark.parametrize("kind", STUBS)
def test_stubs_of_one_template_are_originals_and_their_repeats_copies(kind, hosts):
    index = MemoryIndex()
    copies = []
    for number in range(COUNT):
        item = draft(f"https://host{number % hosts}.example/{kind}/{number}", STUBS[kind](number))
        document = judge_and_admit(index, item, now=NOW).document
        if document.verdict is Verdict.COPY:
            copies.append(STUBS[kind](number))

    assert min(len(SENTENCES), len(NAMES)) >= COUNT
    assert len(copies) <= COUNT * 0.01, copies
    for number in range(0, COUNT, 10):
        repeat = draft(f"https://elsewhere.example/{kind}/{number}", STUBS[kind](number))
        assert judge_and_admit(index, repeat, now=NOW).document.copy_of is not None
        assert judge_and_admit(index, repeat, now=NOW).document.verdict is Verdict.UNCHANGED


SHORT = [article for article in ENGLISH if article.traits.get("kind")]


@pytest.mark.parametrize("article", SHORT, ids=lambda article: article.name)
def test_a_short_text_is_found_by_all_its_words_alone(article):
    index = MemoryIndex()
    first = judge_and_admit(index, draft("https://a.example/", article.blocks), now=NOW).document
    shouted = draft("https://b.example/", [" ".join(article.blocks).upper().replace(" - ", " — ")])
    longer = draft("https://c.example/", [*article.blocks, *SENTENCES[:2]])

    assert judge_and_admit(index, shouted, now=NOW).document.copy_of == first.id
    assert judge_and_admit(index, longer, now=NOW).document.verdict is Verdict.ORIGINAL


def test_a_short_item_and_the_article_that_grew_from_it():
    """An agency's two sentences, then its story that begins with them: that extends the first and is no copy of it."""
    whole = ENGLISH[0].blocks
    index = MemoryIndex()
    flash = judge_and_admit(index, draft("https://a.example/flash", whole[:1]), now=NOW).document
    story = judge_and_admit(index, draft("https://a.example/story", whole), now=NOW).document

    assert flash.verdict is story.verdict is Verdict.ORIGINAL
    assert story.evidence.extends == flash.id
    assert judge_and_admit(index, draft("https://b.example/", whole), now=NOW).document.copy_of == story.id


NEARLY = {
    "a word in front": lambda text: f"Watch: {text}",
    "without the first word": lambda text: text.split(" ", 1)[1],
    "a credit at the end": lambda text: f"{text} Pictures by Reuters.",
}


@pytest.mark.parametrize("form", NEARLY)
def test_nearly_exact_copies_of_short_texts_are_found(form):
    short = [sentence for sentence in SENTENCES if 14 <= len(sentence.split()) <= 36]
    found = 0
    for text in short:
        index = MemoryIndex()
        first = judge_and_admit(index, draft("https://a.example/", [text]), now=NOW).document
        copy = judge_and_admit(index, draft("https://b.example/", [NEARLY[form](text)]), now=NOW).document
        found += copy.copy_of == first.id

    assert found >= 0.95 * len(short)
