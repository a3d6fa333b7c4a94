"""Accents that are drawn by themselves over a letter, as TeX does: one character again. Pure."""

from __future__ import annotations

import unicodedata

_COMBINING = dict(
    zip(
        "´`ˆ^˜¨ˇ¯˘˙˚˝",
        "\u0301\u0300\u0302\u0302\u0303\u0308\u030c\u0304\u0306\u0307\u030a\u030b",
        strict=True,
    )
)
_DOTLESS = {"ı": "i", "ȷ": "j"}
_OVER = 0.5  # of the accent's width: an apostrophe stands before its letter, an accent over it

Place = tuple[float, float]


def with_accents(letters: list[str], places: list[Place]) -> tuple[list[str], list[Place]]:
    """The characters and their places, each accent and the letter below it as one."""
    if not any(char in _COMBINING for char in letters):
        return letters, places
    found: list[str] = []
    where: list[Place] = []
    for char, place in zip(letters, places, strict=True):
        if (
            found
            and found[-1] in _COMBINING
            and (one := _joined(found[-1], where[-1], char, place))
        ):
            found[-1], where[-1] = one, place
        else:
            found.append(char)
            where.append(place)
    return found, where


def _joined(accent: str, over: Place, char: str, under: Place) -> str | None:
    if under[0] > over[1] - _OVER * (over[1] - over[0]) or not char.isalpha():
        return None
    one = unicodedata.normalize("NFC", _DOTLESS.get(char, char) + _COMBINING[accent])
    return one if len(one) == 1 else None
