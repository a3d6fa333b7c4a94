"""Numbers that count the pages: how they are written, and which are printed where. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from ingest.readers.pdf.edges import Edge

NEAR = 4.0  # points: lines of one kind stand at the same height
_ENOUGH_WITH_WORDS = (
    3  # pages: notes count as well, from the last of a page to the first of the next
)

Number = tuple[str, int]  # how it is written ("1", "i", "I", or a prefix as "A-"), and its value
Key = tuple[int, int]  # the page of a line, and its place among the lines of that page

_ROMAN = re.compile(
    r"(?=[mdclxvi])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.I
)
_TOKEN = re.compile(
    r"(?<![\w.])(?:(?P<part>[A-Z]{1,3}-)?(?P<number>\d{1,4})"
    r"|(?P<roman>[ivxlc]{1,7}|[IVXLC]{1,7}))(?![\w])(?!\.\d)"
)
_BARE = re.compile(
    r"(?:[-–—|/•·.\s]|page|p\.|pp\.|of|seite|von|página|\d|[ivxlc]|[A-Z]{1,3}-)*", re.I
)


def is_bare(text: str) -> bool:
    """Whether a line is a number and no more than a word for it: "12", "– iv –", "Page 3 of 9"."""
    return _BARE.fullmatch(text) is not None


def without_numbers(text: str) -> str:
    """The words of a line without case, and a sign for each number."""
    return " ".join(_TOKEN.sub("#", text).casefold().split())


def numbers_of(text: str) -> Iterator[Number]:
    """The numbers in a line."""
    for match in _TOKEN.finditer(text):
        if (number := _value(match)) is not None:
            yield number


def _value(match: re.Match[str]) -> Number | None:
    """A number's style ("1", "i", "I", or a prefix as "A-") and value."""
    if match["number"]:
        return (match["part"] or "1"), int(match["number"])
    roman = match["roman"]
    if not _ROMAN.fullmatch(roman):
        return None
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    total = last = 0
    for char in reversed(roman.lower()):
        value = values[char]
        total += value if value >= last else -value
        last = max(last, value)
    return ("I" if roman.isupper() else "i"), total


def counting(edges: Sequence[Edge], enough: int) -> dict[Key, Number]:
    """For the lines with a number that counts the pages: that number.

    It counts where, in lines of the same words at the edges of several pages, the number less the
    page is the same; a page may bear none, and the count may begin anew.
    """
    runs: defaultdict[tuple[str, str, int], list[Edge]] = defaultdict(list)
    for edge in edges:
        for style, value in dict.fromkeys(numbers_of(edge.text)):
            bare = "" if is_bare(edge.text) else without_numbers(edge.text)
            runs[bare, style, value - edge.page].append(edge)
    found: dict[Key, Number] = {}
    weight: dict[Key, int] = {}
    for (words, style, shift), group in runs.items():
        if words:
            middle = median(edge.height for edge in group)
            group = [edge for edge in group if abs(edge.height - middle) <= NEAR]
        pages = {edge.page for edge in group}
        if len(pages) < enough or (words and len(pages) < _ENOUGH_WITH_WORDS):
            continue
        for edge in group:
            key = edge.page, edge.at
            if len(pages) > weight.get(key, 0):
                weight[key], found[key] = len(pages), (style, edge.page + shift)
    return found


def labels_of(counted: Mapping[Key, Number], bare: Collection[Key]) -> dict[int, str]:
    """The number printed on each page; a page between two of one count has the one between."""
    votes: defaultdict[int, Counter[Number]] = defaultdict(Counter)
    for key, number in counted.items():
        votes[key[0]][number] += 2 if key in bare else 1
    printed = {page: count.most_common(1)[0][0] for page, count in votes.items()}
    pages = sorted(printed)
    for before, after in pairwise(pages):
        style, value = printed[before]
        if printed[after] == (style, value + after - before):
            for page in range(before + 1, after):
                printed[page] = style, value + page - before
    return {page: _written(*number) for page, number in sorted(printed.items())}


def _written(style: str, value: int) -> str:
    if style not in ("i", "I"):
        return f"{'' if style == '1' else style}{value}"
    text, rest = "", value
    for worth, sign in zip(
        (100, 90, 50, 40, 10, 9, 5, 4, 1), "c xc l xl x ix v iv i".split(), strict=True
    ):
        text += sign * (rest // worth)
        rest %= worth
    return text.upper() if style == "I" else text
