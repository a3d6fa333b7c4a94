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

Extent = tuple[float, float]  # from where to where a character goes along its line


def with_accents(letters: list[str], extents: list[Extent]) -> tuple[list[str], list[Extent]]:
    """The characters and their extents, each accent and the letter below it as one."""
    if not any(char in _COMBINING for char in letters):
        return letters, extents
    joined: list[str] = []
    ranges: list[Extent] = []
    for char, extent in zip(letters, extents, strict=True):
        if (
            joined
            and joined[-1] in _COMBINING
            and (one := _joined(joined[-1], ranges[-1], char, extent))
        ):
            joined[-1], ranges[-1] = one, extent
        else:
            joined.append(char)
            ranges.append(extent)
    return joined, ranges


def _joined(accent: str, over: Extent, char: str, under: Extent) -> str | None:
    if under[0] > over[1] - _OVER * (over[1] - over[0]) or not char.isalpha():
        return None
    one = unicodedata.normalize("NFC", _DOTLESS.get(char, char) + _COMBINING[accent])
    return one if len(one) == 1 else None
