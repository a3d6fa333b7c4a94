"""Numbers that count the pages: how they are written, and which are printed where. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from ingest.readers.pdf.edges import Edge
from kb.text.numerals import from_roman, to_roman

NEAR = 4.0  # points: lines of one kind stand at the same height
_ENOUGH_WITH_WORDS = (
    3  # pages: notes count as well, from the last of a page to the first of the next
)

Number = tuple[str, int]  # how it is written ("1", "i", "I", or a prefix as "A-"), and its value
Key = tuple[int, int]  # the page of a line, and its number among the lines of that page

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
    value = from_roman(match["roman"])
    if value is None:
        return None
    return ("I" if match["roman"].isupper() else "i"), value


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
    counted: dict[Key, Number] = {}
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
                weight[key], counted[key] = len(pages), (style, edge.page + shift)
    return counted


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
    text = to_roman(value)
    return text.upper() if style == "I" else text
