"""Numbers as they are written in lists, on pages and above a line. Pure."""

from __future__ import annotations

import re

MOST_LETTERED = 3_999  # the largest number that is written in Roman numerals, or in letters

_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    )
)
_IS_ROMAN = re.compile(
    r"(?=[mdclxvi])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.I
)
_SMALL = re.compile("[0-9]{1,6}")
_SUPERSCRIPT = str.maketrans("0123456789-–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


def to_roman(number: int) -> str:
    """A number from 1 to 3,999 in Roman numerals, in small letters: 4 is "iv"."""
    text = ""
    for worth, numeral in _ROMAN:
        text += numeral * (number // worth)
        number %= worth
    return text


def from_roman(text: str) -> int | None:
    """The number that Roman numerals, of either case, stand for; None for what is none."""
    if not _IS_ROMAN.fullmatch(text):
        return None
    number = at = 0
    for worth, numeral in _ROMAN:
        while text[at : at + len(numeral)].lower() == numeral:
            number += worth
            at += len(numeral)
    return number


def enumerated(number: int, style: str) -> str:
    """A number as a list or note shows it in Word's style of that name: "4", "04", "d", "IV".

    The styles are those of ECMA-376, 17.18.59 (ST_NumberFormat); one that is not known here is
    decimal.
    """
    name = style.lower()
    if not 0 < number <= MOST_LETTERED or not name.endswith(("letter", "roman")):
        return f"{number:02d}" if name == "decimalzero" else str(number)
    if name.endswith("roman"):
        text = to_roman(number)
    else:  # after z comes aa, then bb
        text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    return text.upper() if name.startswith("upper") else text


def superscript(number: str) -> str:
    """A power or the number of a note in raised digits: "-2" is "⁻²"."""
    return number.translate(_SUPERSCRIPT)


def small_number(text: str | None, default: int) -> int:
    """The number of at most six digits that markup states, `default` where it states none."""
    return int(text) if text and _SMALL.fullmatch(text) else default
