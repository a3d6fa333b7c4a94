"""Running heads, feet and page numbers: found by repetition and position. Pure.

A line at an edge of the page is furniture when it stands at the same height on several pages,
with the same words, or with a number that counts the pages. So a heading that stands once at the
top of a page stays, and "Goal 1", "Goal 2" do as well: they do not count the pages.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.readers.pdf.lines import Line

HEAD = "running head"
FOOT = "running foot"
NUMBER = "page number"
EDGE = 0.12  # of the page's height, at its top and its bottom
_NEAR = 4.0  # points: lines of one kind stand at the same height
_APART = 1.6  # of the size: what is nearer to the next line inwards goes on with it
_PROMINENT = 1.15  # times the size of the body
_ENOUGH = 3  # pages; two where there are few
_FEW = 4
_ROMAN = re.compile(
    r"(?=[mdclxvi])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.I
)
_TOKEN = re.compile(
    r"(?<![\w.])(?:(?P<part>[A-Z]{1,3}-)?(?P<number>\d{1,4})|(?P<roman>[ivxlc]{1,7}|[IVXLC]{1,7}))(?![\w])(?!\.\d)"
)
_LEAD = re.compile(
    r"^(?:chapter|part|section|appendix|annex)?\s*(?:[\dIVX]+(?:\.\d+)*)?[.:]?\s+", re.I
)
_WORDS = re.compile(r"[^\W\d_]+")
_BARE = re.compile(
    r"(?:[-–—|•·.\s]|page|p\.|pp\.|of|seite|von|página|\d|[ivxlc]|[A-Z]{1,3}-)*", re.I
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as its lines in the order in which they are drawn, with its edges."""

    number: int
    lines: tuple[Line, ...]
    left: float
    right: float
    bottom: float
    top: float

    def edge(self, line: Line) -> str | None:
        """HEAD or FOOT where the line stands at the top or the bottom of the page."""
        height = self.top - self.bottom
        if line.y > self.top - EDGE * height:
            return HEAD
        return FOOT if line.y < self.bottom + EDGE * height else None


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line at an edge, with what it says but for the numbers in it."""

    page: int
    at: int  # its place among the lines of its page
    side: str
    height: float
    words: str
    text: str
    style: tuple[float, bool]
    prominent: bool  # larger than the body, as headings are
    numbers: tuple[tuple[str, int], ...]  # the style of a number and its value


def without_furniture(
    sheets: Sequence[Sheet], stated: Mapping[int, str]
) -> tuple[list[Sheet], dict[int, str]]:
    """The sheets with furniture noted on its lines, and the page numbers that were printed.

    `stated` are the numbers that the file gives its pages.
    """
    body = _body_size(sheets)
    edges = [edge for sheet in sheets for edge in _edges(sheet, body)]
    counting = _counting(edges)
    notes: dict[tuple[int, int], str] = {}
    enough = _enough(len(sheets))
    most = max(enough, len(sheets) / 2)
    for group in _alike(edges):
        pages = {edge.page for edge in group}
        same: defaultdict[str, set[int]] = defaultdict(set)
        for edge in group:
            same[edge.text].add(edge.page)
        for edge in group:
            key = (edge.page, edge.at)
            counts = key in counting
            if counts and _BARE.fullmatch(edge.text):
                notes[key] = NUMBER
            elif edge.prominent:
                if len(same[edge.text]) >= most:
                    notes[key] = edge.side
            elif (counts and len(pages) >= enough) or len(same[edge.text]) >= enough:
                notes[key] = edge.side
    _add_singles(edges, notes, stated, sheets)
    labels = _labels(counting, notes)
    return [_noted(sheet, notes) for sheet in sheets], labels


def _add_singles(
    edges: Sequence[_Edge],
    notes: dict[tuple[int, int], str],
    stated: Mapping[int, str],
    sheets: Sequence[Sheet],
) -> None:
    """Note the number that the file gives its page, and the head of a short chapter.

    That one stands where the heads of other pages do, looks like them, and says what another page
    has at its edge, or what stands between the edges of some page, as its heading.
    """
    places: defaultdict[tuple[str, float, bool], list[float]] = defaultdict(list)
    for edge in edges:
        if notes.get((edge.page, edge.at)) in (HEAD, FOOT):
            places[(edge.side, *edge.style)].append(edge.height)
    if places:
        named = Counter(_plain(edge.text) for edge in edges)
        at_edge = {(edge.page, edge.at) for edge in edges}
        inner = {
            _plain(line.text)
            for sheet in sheets
            for at, line in enumerate(sheet.lines)
            if (sheet.number, at) not in at_edge
        }
    alone = (("1", 1),) if len(sheets) == 1 else ()
    for edge in edges:
        key = edge.page, edge.at
        if key in notes:
            continue
        stands = edge.text.strip(" -–—") == stated.get(edge.page)
        if _BARE.fullmatch(edge.text) and (stands or edge.numbers == alone):
            notes[key] = NUMBER
        heights = places.get((edge.side, *edge.style), ())
        if any(abs(edge.height - height) <= _NEAR for height in heights):
            words = _plain(edge.text)
            if named[words] > 1 or words in inner:
                notes[key] = edge.side


def _plain(text: str) -> str:
    """The words of a heading without its number."""
    return " ".join(_WORDS.findall(_LEAD.sub("", text).casefold()))


def _noted(sheet: Sheet, notes: Mapping[tuple[int, int], str]) -> Sheet:
    lines = tuple(
        replace(line, note=notes[sheet.number, at]) if (sheet.number, at) in notes else line
        for at, line in enumerate(sheet.lines)
    )
    return replace(sheet, lines=lines)


def _enough(pages: int) -> int:
    """On how many pages a line must stand to be furniture."""
    return _ENOUGH if pages > _FEW else 2


def _body_size(sheets: Sequence[Sheet]) -> float:
    sizes: Counter[float] = Counter()
    for sheet in sheets:
        for line in sheet.lines:
            sizes[line.style[0]] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _edges(sheet: Sheet, body: float) -> list[_Edge]:
    found = []
    inside = _inside(sheet)
    for at, line in enumerate(sheet.lines):
        side = sheet.edge(line)
        if side is None or line.note or at in inside or len(line.text) > 200:
            continue
        numbers = tuple(number for match in _TOKEN.finditer(line.text) if (number := _value(match)))
        words = " ".join(_TOKEN.sub("#", line.text).casefold().split())
        height = line.y - sheet.bottom if side == FOOT else sheet.top - line.y
        text = " ".join(line.text.split())
        prominent = line.size > _PROMINENT * body
        found.append(
            _Edge(sheet.number, at, side, height, words, text, line.style, prominent, numbers)
        )
    return found


def _inside(sheet: Sheet) -> set[int]:
    """The lines at the edges that go on with the body: the next line inwards is near and alike."""
    inside: set[int] = set()
    for side, inwards in ((HEAD, 1), (FOOT, -1)):
        lines = [(at, line) for at, line in enumerate(sheet.lines) if not line.note]
        lines.sort(key=lambda pair: inwards * pair[1].y)  # from the far edge to this one
        for order, (at, line) in enumerate(lines):
            if sheet.edge(line) != side:
                continue
            for other_at, other in reversed(lines[:order]):
                away = inwards * (line.y - other.y)
                if away > _APART * line.size:
                    break
                if away > 0.3 * line.size and _alike_lines(line, other):
                    if sheet.edge(other) != side or other_at in inside:
                        inside.add(at)
                    break
    return inside


def _alike_lines(line: Line, other: Line) -> bool:
    overlap = min(line.x1, other.x1) - max(line.x0, other.x0)
    return line.style == other.style and overlap > 0


def _alike(edges: Sequence[_Edge]) -> list[list[_Edge]]:
    """The edges in groups of the same words at about the same height."""
    by_words: defaultdict[tuple[str, str], list[_Edge]] = defaultdict(list)
    for edge in edges:
        by_words[edge.side, edge.words].append(edge)
    groups = []
    for alike in by_words.values():
        alike.sort(key=lambda edge: edge.height)
        group = [alike[0]]
        for edge in alike[1:]:
            if edge.height - group[-1].height > _NEAR:
                groups.append(group)
                group = []
            group.append(edge)
        groups.append(group)
    return groups


def _value(match: re.Match[str]) -> tuple[str, int] | None:
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


def _counting(edges: Sequence[_Edge]) -> dict[tuple[int, int], tuple[str, int]]:
    """For the lines with a number that counts the pages: that number.

    It counts where, in lines of the same words at the edges of several pages, the number less the
    page is the same; a page may bear none, and the count may begin anew.
    """
    runs: defaultdict[tuple[str, str, int], list[_Edge]] = defaultdict(list)
    for edge in edges:
        for style, value in set(edge.numbers):
            bare = "" if _BARE.fullmatch(edge.text) else edge.words
            runs[bare, style, value - edge.page].append(edge)
    found: dict[tuple[int, int], tuple[str, int]] = {}
    weight: dict[tuple[int, int], int] = {}
    total = len({edge.page for edge in edges})
    for (_, style, shift), group in runs.items():
        pages = {edge.page for edge in group}
        if len(pages) < _enough(total):
            continue
        for edge in group:
            key = edge.page, edge.at
            if len(pages) > weight.get(key, 0):
                weight[key], found[key] = len(pages), (style, edge.page + shift)
    return found


def _labels(
    counting: Mapping[tuple[int, int], tuple[str, int]], notes: Mapping[tuple[int, int], str]
) -> dict[int, str]:
    """The number printed on each page; a page between two of one count has the one between."""
    votes: defaultdict[int, Counter[tuple[str, int]]] = defaultdict(Counter)
    for key, number in counting.items():
        if key in notes:
            votes[key[0]][number] += 2 if notes[key] == NUMBER else 1
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
