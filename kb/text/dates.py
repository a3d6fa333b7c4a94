"""Dates in the precision known: "2017", "2017-03", "2017-03-12" (ISO 8601)."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from kb.errors import BadUsage

MONTHS = (
    "january february march april may june july august september october november december".split()
)
# a month's name, whole or short, as a pattern
MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS).replace("sep(", "sept?(")
_TH = "(?:st|nd|rd|th)?"
_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:[T ][0-9]{2}:.*)?")
_DAY_FIRST = re.compile(rf"(?:([0-9]{{1,2}}){_TH}\s+)?({MONTH})\.?,?\s+([0-9]{{4}})", re.I)
_MONTH_FIRST = re.compile(rf"({MONTH})\.?\s+([0-9]{{1,2}}){_TH},?\s+([0-9]{{4}})", re.I)


def parse_date(text: str) -> str | None:
    """The date that `text` states, as partial ISO 8601; None when it states none.

    Understands "2017-03-12", "2017-03", "2017", "12 March 2017", "March 12, 2017", "March 2017".
    A form that two countries read differently ("3/4/2017") is not guessed.
    """
    text = text.strip()
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, name, year = found.groups()
        month = _number(name)
    elif found := _MONTH_FIRST.fullmatch(text):
        name, day, year = found.groups()
        month = _number(name)
    else:
        return None
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    parts = [year, *(f"{int(part):02d}" for part in (month, day) if part)]
    return "-".join(parts)


def require_date(text: str, option: str) -> str:
    """The date that `text` states, or BadUsage that names the option."""
    parsed = parse_date(text)
    if parsed is None:
        raise BadUsage(
            f"{option} {text}: not a date that kb understands. "
            "Write 2017, 2017-03, 2017-03-12 or 12 March 2017."
        )
    return parsed


def interval(partial: str) -> tuple[date, date]:
    """First and last day of a partial date: "2017-02" is 1 to 28 February 2017."""
    numbers = [int(part) for part in partial.split("-")]
    year = numbers[0]
    first_month, last_month = (numbers[1], numbers[1]) if len(numbers) > 1 else (1, 12)
    if len(numbers) > 2:
        day = date(year, first_month, numbers[2])
        return day, day
    return date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1])


def in_words(partial: str) -> str:
    """The date as a report prints it: "12 March 2017", "March 2017", "2017"."""
    numbers = [int(part) for part in partial.split("-")]
    words = [str(numbers[0])]
    if len(numbers) > 1:
        words.insert(0, MONTHS[numbers[1] - 1].capitalize())
    if len(numbers) > 2:
        words.insert(0, str(numbers[2]))
    return " ".join(words)


def _number(name: str) -> str:
    return str([month[:3] for month in MONTHS].index(name[:3].lower()) + 1)
