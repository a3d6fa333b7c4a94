"""Sets a document as pages of a PDF, as a typesetter does: broken, hyphenated, justified lines.

It follows the rules of the trade that keep a text readable: a page ends neither after the first
line of a paragraph nor before its last, nor where nobody could tell whether the paragraph goes on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdf_writer import Sheet, Text, pdf
from same_text import BREAK, Brief, Part, unbroken

# widths of Times-Roman in thousandths of its size, from Adobe's font metrics
_WIDTHS = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389,
    278, 500, 500, 722, 500, 500, 444), strict=True))  # fmt: skip
_WIDTHS |= dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556,
    611, 722, 722, 944, 722, 722, 611), strict=True))  # fmt: skip
_WIDTHS |= {" ": 250, "-": 333, ".": 250, ",": 250, ":": 278, ";": 278, "(": 333, ")": 333}
_WIDTHS |= {"“": 444, "”": 444, "‘": 333, "’": 333, "—": 1000, "%": 833, "&": 778, "?": 444}
_WIDTHS |= {"œ": 722, "Œ": 889, "æ": 667, "/": 278, "•": 350, "!": 333}
SIZES = {0: 20.0, 1: 16.0, 2: 13.5, 3: 12.0}  # of the title and of headings by their level
BODY = 10.0
LEADING = 1.2
LEFT, TOP, FOOT, HEAD = 72.0, 700.0, 40.0, 755.0
GUTTER = 24.0
HEADLINE = "The papers of the institute"
_WORD = re.compile(r"\S+")
_ENDED = re.compile(r"[.!?:…][”’)]*$")
_SHORT = 0.8  # of the measure: the last line of a paragraph that ends with its page
_FULL = 0.93
_STRETCH = 0.2  # of the size


@dataclass(frozen=True)
class Look:
    """How a document is set. `front` pages bear i, ii, …, those after them 1, 2, …"""

    width: float = 440.0
    rows: int = 40
    columns: int = 1
    justified: bool = False
    hyphens: bool = True
    bullet: str = "•"
    front: int = 0
    stated: bool = True  # whether the file says what is printed on its pages

    @property
    def measure(self) -> float:
        return (self.width - GUTTER * (self.columns - 1)) / self.columns


@dataclass(frozen=True)
class Line:
    """A line as it is set: `start` is where it begins in the text of its block."""

    block: int
    kind: str
    text: str
    start: int
    size: float = BODY
    font: str = "F3"
    indent: float = 0.0
    spacing: float = 0.0
    above: float = 0.0  # white space
    first: bool = False
    last: bool = False

    @property
    def right(self) -> float:
        return self.indent + width_of(self.text, self.size) + self.spacing * self.text.count(" ")


@dataclass(frozen=True)
class Printed:
    """A PDF; for each block (the title is the first) from which character it is on which page."""

    data: bytes
    pages: tuple[tuple[tuple[int, int], ...], ...]
    labels: dict[int, str]


def width_of(text: str, size: float) -> float:
    """How wide a text is, in points."""
    plain = unicodedata.normalize("NFD", text)
    return sum(0 if unicodedata.combining(c) else _WIDTHS.get(c, 500) for c in plain) * size / 1000


def typeset(
    brief: Brief, look: Look, head: str = "", facts: Mapping[str, str] | None = None
) -> Printed:
    """A document of pages."""
    lines = list(_lines(brief, look))
    sheets = [Sheet()]
    labels: dict[int, str] = {}
    pages: dict[int, list[tuple[int, int]]] = {}
    for column, inside in enumerate(_columns(lines, look)):
        if column and column % look.columns == 0:
            sheets.append(Sheet())
        left = LEFT + (look.measure + GUTTER) * (column % look.columns)
        y = TOP
        for at, line in enumerate(inside):
            y -= line.above if at else 0.0
            sheets[-1].texts += _drawn(line, left, y, look)
            y -= LEADING * line.size
            where = pages.setdefault(line.block, [])
            if not where or where[-1][1] != len(sheets):
                where.append((line.start, len(sheets)))
    front = look.front if len(sheets) >= look.front + 2 else 0  # one number alone counts nothing
    for number, sheet in enumerate(sheets, 1):
        labels[number] = (
            "i ii iii iv v vi vii viii ix x".split()[number - 1]
            if number <= front
            else str(number - front)
        )
        if len(sheets) > 1:  # on one page nothing repeats: a head would be text
            sheet.texts.insert(0, Text(LEFT, HEAD, head or HEADLINE, 8.5, "F4"))
        sheet.texts.append(Text(LEFT + look.width / 2, FOOT, labels[number], 9, "F3"))
    said = f"0 << /S /r >> {front} << /S /D >>" if front and look.stated else ""
    data = pdf(sheets, labels=said, facts=dict(facts or {}))
    return Printed(data, tuple(tuple(pages[block]) for block in sorted(pages)), labels)


def _drawn(line: Line, left: float, y: float, look: Look) -> Iterator[Text]:
    if line.kind == "table":
        for at, cell in enumerate(line.text.split(" | ")):
            yield Text(left + at * look.measure / 3, y, cell, line.size, line.font)
        return
    yield Text(left + line.indent, y, line.text, line.size, line.font, spacing=line.spacing)


def _lines(brief: Brief, look: Look) -> Iterator[Line]:
    yield from _set(0, "heading", brief.title, look, SIZES[0], "F2")
    block = 0
    for part in brief.parts:
        if part.kind == "table":
            block += 1
            start = 0
            for row in part.lines:
                above = 4.0 if start else 12.0
                yield Line(block, "table", row, start, above=above, first=not start)
                start += len(row) + 1
            continue
        for at, text in enumerate(_marked(part, look)):
            block += 1
            if part.kind == "heading":
                yield from _set(block, "heading", text, look, SIZES[part.level], "F2")
            else:
                yield from _set(block, part.kind, text, look, above=8.0 if not at else 2.0)


def _marked(part: Part, look: Look) -> Iterator[str]:
    for number, line in enumerate(part.lines, 1):
        mark = {"bullets": f"{look.bullet} ", "numbers": f"{number}. "}.get(part.kind, "")
        yield mark + line


def _set(
    block: int,
    kind: str,
    text: str,
    look: Look,
    size: float = BODY,
    font: str = "F3",
    above: float = 14.0,
) -> Iterator[Line]:
    """The lines of a block, hanging in a list, moved in as a quotation."""
    indent = 18.0 if kind == "quote" else 0.0
    hanging = 14.0 if kind in ("bullets", "numbers") else 0.0
    measure = look.measure - indent * 2
    # headings are set bold, which is wider
    room = measure if kind != "heading" else 0.85 * measure
    hyphens = look.hyphens or look.columns > 1  # without, narrow columns have holes
    pieces = list(_broken(text, room - hanging, size, hyphens and kind != "heading"))
    for at, (start, piece) in enumerate(pieces):
        last = at == len(pieces) - 1
        inset = indent + (hanging if at else 0.0)
        blanks = piece.count(" ")
        wide = width_of(piece, size)
        spacing = 0.0
        if look.justified and not last and kind != "heading" and blanks:
            spacing = (indent + measure - inset - wide) / blanks
        if spacing > _STRETCH * size:  # rather a ragged line than holes, which look like a table
            spacing = 0.0
        above = 0.0 if at else above
        yield Line(block, kind, piece, start, size, font, inset, spacing, above, not at, last)


def _broken(text: str, measure: float, size: float, hyphens: bool) -> Iterator[tuple[int, str]]:
    """The lines of a text, each with its place in the text without BREAK."""
    line, start, place = "", 0, 0
    for found in _WORD.finditer(text):
        word = found[0]
        plain = unbroken(word)
        if not line:
            line, start = plain, place
        elif width_of(f"{line} {plain}", size) <= measure:
            line += f" {plain}"
        else:
            room = measure - width_of(f"{line} -", size)
            broken = hyphens or width_of(plain, size) > measure / 3  # else a hole in the column
            head = _head(word, room, size) if broken else ""
            if head:
                yield start, f"{line} {head}-"
                line, start = plain[len(head) :], place + len(head)
            else:
                yield start, line
                line, start = plain, place
        while (
            hyphens
            and width_of(line, size) > measure
            and (head := _long(line, word, measure, size))
        ):
            yield start, f"{head}-"
            line, start = line[len(head) :], start + len(head)
        place += len(plain) + 1
    yield start, line


def _head(word: str, room: float, size: float) -> str:
    """As much of a word as there is room for, up to one of its places to break; "" for none."""
    syllables = word.split(BREAK)
    heads = ("".join(syllables[:count]) for count in range(len(syllables) - 1, 0, -1))
    return next((head for head in heads if len(head) > 1 and width_of(head, size) <= room), "")


def _long(rest: str, word: str, measure: float, size: float) -> str:
    """The head of what is left of a word that is longer than the line."""
    syllables = word.split(BREAK)
    while syllables and len("".join(syllables)) > len(rest):
        syllables.pop(0)
    return _head(BREAK.join(syllables), measure - width_of("-", size), size)


def _columns(lines: Sequence[Line], look: Look) -> Iterator[list[Line]]:
    """The lines column by column."""
    room = look.rows * LEADING * BODY
    inside: list[Line] = []
    used = 0.0
    waiting = list(lines)
    while waiting:
        line = waiting.pop(0)
        needed = (line.above if inside else 0.0) + LEADING * line.size
        if inside and used + needed > room:
            rest = [line]
            kept = list(inside)
            while kept and not _may_end(kept, rest[0], look):
                rest.insert(0, kept.pop())
            if not kept:  # no good place: the page becomes longer
                inside.append(line)
                used += needed
                continue
            yield kept
            waiting = rest + waiting
            inside, used = [], 0.0
            continue
        inside.append(line)
        used += needed
    yield inside


def _may_end(inside: Sequence[Line], after: Line, look: Look) -> bool:
    """Whether a column may end with these lines before that one."""
    last = inside[-1]
    if last.block != after.block:
        return last.kind != "heading" and (
            after.kind == "heading" or last.kind == "table" or last.right < _SHORT * look.measure
        )
    if last.kind in ("heading", "table") or last.first or after.last or _ENDED.search(last.text):
        return False
    return after.text[0].islower() or last.right > _FULL * look.measure
