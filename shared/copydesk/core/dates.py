"""Dates as pages write them: for machines, in addresses, and for people in many languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead of us a publisher's clock may be: a date within it is now, one beyond it is not believed."""

EARLIEST_YEAR = 1900
MAX_DATE_CHARS = 80
_EARLIEST_STAMP = 315_532_800
"""Unix time of 1980: a smaller number is no date, and sorts of ids look like one."""

_DAY = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
_STAMP = re.compile(r"\d{9,10}(?:\.\d{1,6})?|\d{12,13}")
_ONE_DIGIT_HOUR = re.compile(r"^(\d{4}-\d\d-\d\d[T ])(\d:)")
_URL_DATES = (
    re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?:[/_-]|\.\w+$|$)"),
    re.compile(r"(?<![0-9A-Za-z])((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?![0-9A-Za-z])"),
)

_MONTHS = (
    "jan ene gen stycz sty led янв січ يناير oca ocak ιαν tammi 1月",
    "feb fév fev febr lut úno фев лют فبراير شباط şub subat φεβ helmi 2月",
    "mar mär mrz maa maart marz bře мар бер مارس آذار μαρ maalis 3月",
    "apr avr abr kwie kwi dub апр кві أبريل نيسان nis απρ huhti 4月",
    "may mai mag maj mei kvě мая май трав مايو أيار μαϊ μαι touko 5月",
    "jun juin giu czer cze juni čvn июн черв يونيو حزيران haz ιουν kesä 6月",
    "jul juil lug lip juli čvc июл лип يوليو تموز tem ιουλ heinä 7月",
    "aug aoû août ago sie sierp srp авг серп أغسطس آب ağu agu αυγ elo 8月",
    "sep set wrz wrze zář сен вер سبتمبر أيلول eyl σεπ syys 9月",
    "oct okt out ott paź paz říj окт жовт أكتوبر eki οκτ loka 10月",
    "nov kas lis list ноя лист نوفمبر νοε marras 11月",
    "dec dez dic dici déc gru grud pro дек груд ديسمبر ara δεκ joulu 12月",
)
_MONTH_OF = {prefix: number for number, names in enumerate(_MONTHS, 1) for prefix in names.split()}
_MONTH_NAMES = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "januar",
        "februar",
        "märz",
        "mai",
        "juni",
        "juli",
        "oktober",
        "dezember",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "okt",
        "nov",
        "dec",
        "dez",
    ]
)
_LONGEST_PREFIX = max(map(len, _MONTH_OF))

_YEAR = r"((?:19|20)\d\d)"
_WRITTEN = re.compile(
    rf"(?<!\d){_YEAR}\s?[-./年]\s?(\d\d?)\s?[-./月]\s?(\d\d?)(?!\d)"
    rf"|(?<![\d.])(\d\d?)\s?([./-])\s?(\d\d?)\s?\5\s?{_YEAR}(?!\d)"
    rf"|(?<!\d)(\d\d?)(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+|d['’])?([^\W\d_]{{3,12}})\.?,?\s+(?:de\s+|del\s+)?{_YEAR}(?!\d)"
    rf"|([^\W\d_]{{3,12}})\.?\s+(\d\d?)(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d)"
)
MONTH_FIRST = ("en-us", "en_us", "en-ph", "en_ph")
"""Language tags of those who write 5/2/2024 for the second of May."""


def first_date(values: Iterable[object], now: datetime | None) -> datetime | None:
    """The first of the values that is a date to be believed; see ``parse_date``."""
    return next((date for value in values if (date := parse_date(value, now))), None)


def parse_date(value: object, now: datetime | None = None) -> datetime | None:
    """A date as pages write it for machines: ISO 8601 in its variants, RFC 2822, Unix time in seconds or milliseconds.

    It is aware and keeps the page's zone; without one it is taken for UTC. None for what is no date, lies before
    ``EARLIEST_YEAR``, or after ``now``; a little after (see ``CLOCK_SKEW``) becomes ``now``.
    """
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value)) if abs(value) < 1e14 else None
    if not isinstance(value, str) or not 8 <= len(value) <= MAX_DATE_CHARS:
        return None
    date = _parsed(value.strip())
    return believed(date, now) if date else None


def believed(date: datetime, now: datetime | None) -> datetime | None:
    """The date, aware; None where it cannot be that of an article."""
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    try:
        date.astimezone(UTC)
        if now is not None and date > now:
            return now.astimezone(UTC) if date - now <= CLOCK_SKEW else None
    except (OverflowError, ValueError):
        return None
    return date if date.year >= EARLIEST_YEAR else None


def utc(date: datetime | None) -> datetime | None:
    """The same moment in UTC, as documents state it."""
    return date.astimezone(UTC) if date else None


def url_date(url: str, now: datetime | None = None) -> datetime | None:
    """The day in an address: /2024/05/02/, /2024-05-02-, /20240502/."""
    for pattern in _URL_DATES:
        if (found := pattern.search(url)) and (day := _day(found[1], found[2], found[3])):
            return believed(day, now)
    return None


def written_date(text: str, now: datetime | None = None, *, language: str | None = None) -> datetime | None:
    """The first day that a line of text names: 02.05.2024, May 2, 2024, 2 de mayo de 2024, 2024年5月2日.

    Args:
        text: A line.
        now: No day after it is believed.
        language: The page's language tag; it tells 5/2/2024 from 2/5/2024.
    """
    for found in _WRITTEN.finditer(text):
        year, month, day, first, mark, second, year2, day3, name3, year3, name4, day4, year4 = found.groups()
        if year:
            date = _day(year, month, day)
        elif year2:
            american = mark == "/" and (language or "").lower().startswith(MONTH_FIRST)
            date = _day(year2, first, second) if american else _day(year2, second, first)
            date = date or (_day(year2, first, second) if mark == "/" else None)
        elif year3:
            date = _day(year3, month_of(name3), day3)
        else:
            date = _day(year4, month_of(name4), day4)
        if date and (date_ := believed(date, now)):
            return date_
    return None


def month_of(name: str) -> int:
    """Number of the month that a word names or shortens, 1 to 12; 0 where it is none, as far as its beginning tells."""
    name = name.lower()
    for length in range(min(len(name), _LONGEST_PREFIX), 1, -1):
        if number := _MONTH_OF.get(name[:length]):
            return number
    return 0


def is_month(text: str) -> bool:
    """Whether a text is no more than a month's name, of the languages that write it like a name."""
    return text.lower().rstrip(".") in _MONTH_NAMES


def _day(year: str | int, month: str | int, day: str | int) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None


def _parsed(text: str) -> datetime | None:
    if _STAMP.fullmatch(text):
        seconds = float(text) / (1000 if len(text) >= 12 and "." not in text else 1)
        return datetime.fromtimestamp(seconds, UTC) if seconds >= _EARLIEST_STAMP else None
    iso = _ONE_DIGIT_HOUR.sub(r"\g<1>0\2", _ZONE.sub(r"\1:\2", text))
    for parser in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parser(iso)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    if found := _DAY.search(text):
        return _day(found[1], found[2], found[3])
    return None
