"""Words become lines: what stands on one baseline without a wide gap; marks of notes apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.readers.pdf.words import Word
from kb.text.numerals import superscript

GAP = 1.0  # of the size: a wider gap parts two lines on one baseline
_SMALLEST = 2.5  # points; nobody reads below, so it was not meant to be read
_RAISED_SIZE = 0.85  # of the line's: a raised mark is smaller …
_RAISED_BY = 0.15  # … and stands higher by so much of the line's size
_MARK = re.compile(r"\(?\[?(?:\d{1,3}(?:[,–-]\d{1,3})*,?|[*†‡§¶#]{1,3}|[a-z]|[ivx]{1,5})\]?\)?")
_HUNG = re.compile(r"(.*[^\W\d]|.*[.,;:!?”\"’)\]])([⁰¹²³⁴-⁹]+)$")
_STOP = 0.5  # of the size: a gap that is no space of ordinary text
_CLOSE = 0.12  # of the size: what is nearer to a mark stands straight after the word
_EVEN = 0.55  # of the widest gap: where none is narrower, justifying the line widened them all
_EVEN_GAPS = 3  # so many say that
_INITIAL = 1.8  # times the size of the text: a letter so large is the first of a paragraph
_INITIAL_GAP = 0.25  # of the size
_UNIT = re.compile(r"(?:^|[\s\d/(])(?:[kcdmµμ]?m|ft|in|yd|mi|10)$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column, or a cell of a table's row: its text, position, and looks.

    `y` is the baseline, upwards. `marks` are the numbers of notes that hung on its words,
    `number` that of the note which it begins. `note` tells of text that is not to be read why.
    `stops` are where the words after a wider gap stand, and where in the text they begin;
    none in a line whose gaps are all alike.
    """

    page: int
    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    words: int
    marks: tuple[str, ...] = ()
    number: str = ""
    note: str = ""
    stops: tuple[tuple[float, int], ...] = ()
    cells: tuple[str, ...] = ()

    @property
    def top(self) -> float:
        """The upper edge, about."""
        return self.y + 0.8 * self.size

    @property
    def style(self) -> tuple[float, bool]:
        """Size to half a point, and whether bold."""
        return round(self.size * 2) / 2, self.bold


def lines_of(words: Sequence[Word], page: int) -> Iterator[Line]:
    """The lines of a page in the order in which they are drawn."""
    run: list[Word] = []
    main: Word | None = None  # the word whose baseline is the line's
    for word in words:
        if main is not None and run and _continues(run[-1], main, word):
            run.append(word)
            if word.size > main.size * 1.1:
                main = word
            continue
        if main is not None:
            yield _line(run, main, page)
        run, main = [word], word
    if main is not None:
        yield _line(run, main, page)


def _continues(last: Word, main: Word, word: Word) -> bool:
    """Whether a word goes on the line: on its baseline, or as a raised or lowered mark."""
    if word.angle != main.angle:
        return False
    size = max(main.size, word.size)
    if not -0.6 * size < word.x0 - last.x1 <= GAP * size:
        return False
    off = abs(word.y - main.y)
    small = min(main.size, word.size) <= _RAISED_SIZE * size
    return off < 0.1 * size or (off < 0.6 * size and small) or abs(word.y - last.y) < 0.1 * size


def _line(run: Sequence[Word], main: Word, page: int) -> Line:
    text, marks, number = "", [], ""
    stops: list[tuple[float, int]] = []
    gaps: list[float] = []
    bold = letters = 0
    before = run[0]
    hung_on, right = False, 0.0  # whether a mark stands before, and where it ends
    for word in run:
        raised = (
            word.size <= _RAISED_SIZE * main.size
            and word.y - main.y >= _RAISED_BY * main.size
            and _MARK.fullmatch(word.text) is not None
        )
        if raised and not text:
            number = word.text
        elif raised and word.text[:1].isdigit() and word.glued and _UNIT.search(text):
            text += superscript(word.text)
            continue
        elif raised:
            marks.append(word.text)
            hung_on, right = True, word.x1
            continue
        close = word.x0 - right < _CLOSE * main.size
        joint = "" if not text or ((word.glued or (hung_on and close)) and number != text) else " "
        hung_on, right = False, word.x1
        if joint:
            gaps.append(word.x0 - before.x1)
            if gaps[-1] > _STOP * main.size:
                stops.append((word.x0, len(text) + 1))
        before = word
        hung = _HUNG.match(word.text)
        if hung and not _UNIT.search(hung[1]):
            marks.append(hung[2])
        text += joint + (hung[1] if hung and not _UNIT.search(hung[1]) else word.text)
        alphanumeric = sum(map(str.isalnum, word.text))
        bold += alphanumeric * word.bold
        letters += alphanumeric
    if len(gaps) >= _EVEN_GAPS and min(gaps) > _EVEN * max(gaps):
        stops = []
    note = ""
    if main.angle:
        note = "sideways text"
    elif main.size < _SMALLEST:
        note = "too small to be read"
    return Line(
        page=page,
        text=text,
        x0=run[0].x0,
        x1=max(word.x1 for word in run),
        y=main.y,
        size=main.size,
        bold=bold >= 0.85 * letters > 0,
        words=len(run),
        marks=tuple(marks),
        number=number,
        stops=tuple(stops),
        note=note,
    )


def with_initials(lines: Sequence[Line]) -> list[Line]:
    """The lines, a large initial over several of them put before the first."""
    result: list[Line] = []
    for line in lines:
        initial = result[-1] if result else None
        if initial is not None and _is_initial(initial, line):
            gap = line.x0 - initial.x1 > _INITIAL_GAP * line.size
            joint = " " if gap and initial.text in ("A", "I") else ""
            shift = len(initial.text + joint)
            stops = tuple((x, at + shift) for x, at in line.stops)
            result[-1] = replace(line, text=initial.text + joint + line.text, stops=stops)
        else:
            result.append(line)
    return result


def _is_initial(initial: Line, line: Line) -> bool:
    adjoins = -0.2 * line.size < line.x0 - initial.x1 < line.size
    return (
        len(initial.text) == 1
        and initial.text.isupper()
        and initial.size > _INITIAL * line.size
        and adjoins
        and initial.y - 0.2 * line.size < line.y < initial.y + initial.size
        and line.text[:1].islower()
    )
