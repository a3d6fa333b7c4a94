"""What stands on one baseline becomes one line; the rows of a table, lines with cells. Pure.

A gap parts cells where it is wide, or where words begin below each other in several rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.readers.pdf.lines import Line
from kb.text.list_marks import BULLETS

_ROW = 0.25  # of the size: baselines so near are one
WIDE = 1.8  # of the size: a gap that parts cells by itself
_LONG_CELL = 8  # words; what is longer is prose with a gap in it
_ALIGNED = 2.0  # points
_APART = 3.0  # of the size: rows of one table are no further from each other
_ROWS = 3
_LONG_ROW = 12  # words
# beside those that people type, what fonts of signs draw: squares, circles, and signs of their own
DRAWN_BULLETS = BULLETS + "\u2014\u25aa\u25a0\u25a1\u25cf\u25cb\uf000-\uf0ff\u00b7"
_LEAD = re.compile(  # a list mark or the number of a heading
    rf"[{DRAWN_BULLETS}]|\(?(?:\d{{1,3}}|[a-zA-Z]|[ivxl]+)[.)]|\d+(?:\.\d+)*\.?"
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line, and where in its text cells begin that a wide gap parts."""

    line: Line
    wide: frozenset[int]


def same_row(line: Line, other: Line) -> bool:
    """Whether two lines stand on one baseline."""
    return abs(line.y - other.y) <= _ROW * max(line.size, other.size)


def is_lead(text: str) -> bool:
    """Whether a text is no more than a list mark or the number of a heading."""
    return _LEAD.fullmatch(text) is not None


def rows_of(lines: Sequence[Line]) -> list[Line]:
    """The lines in their order, those of one row joined, its cells apart in `cells`."""
    rows = list(_joined(lines))
    result: list[Line] = []
    for table in _tables(rows):
        for at, row in enumerate(table):
            near = (
                table[max(0, at - 2) : at] + table[at + 1 : at + 3] if len(table) >= _ROWS else []
            )
            result.append(_with_cells(row, near))
    return result


def _joined(lines: Sequence[Line]) -> Iterator[_Row]:
    row: list[Line] = []
    for line in lines:
        if row and same_row(row[-1], line) and line.x0 >= row[-1].x1 - 1:
            row.append(line)
            continue
        if row:
            yield _row(row)
        row = [line]
    if row:
        yield _row(row)


def _row(row: Sequence[Line]) -> _Row:
    if len(row) == 1:
        return _Row(row[0], frozenset())
    text, stops = row[0].text, list(row[0].stops)
    wide: set[int] = set()
    for before, line in pairwise(row):
        start = len(text) + 1
        lead = before is row[0] and is_lead(text)
        gap = line.x0 - before.x1 > WIDE * max(before.size, line.size)
        prose = min(before.words, line.words) > _LONG_CELL
        if gap and not lead and not prose and not set(line.text) <= set(". …"):
            wide.add(start)
        if not lead:
            stops.append((line.x0, start))
        stops += ((x, start + at) for x, at in line.stops)
        text = f"{text} {line.text}"
    main = max(row, key=lambda line: line.words)
    joined = replace(
        main,
        text=text,
        x0=row[0].x0,
        x1=row[-1].x1,
        bold=all(line.bold for line in row),
        words=sum(line.words for line in row),
        marks=tuple(mark for line in row for mark in line.marks),
        number=row[0].number,
        stops=tuple(stops),
    )
    return _Row(joined, frozenset(wide))


def _tables(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows that follow each other and have a stop in common, one and the next."""
    table: list[_Row] = []
    for row in rows:
        if table and not _follows(table[-1].line, row.line):
            yield table
            table = []
        table.append(row)
    if table:
        yield table


def _follows(before: Line, line: Line) -> bool:
    step = before.y - line.y
    return (
        0 < step <= _APART * max(before.size, line.size)
        and max(before.words, line.words) <= _LONG_ROW
        and any(_at(x, line) for x, _ in before.stops)
    )


def _at(x: float, line: Line) -> bool:
    return any(abs(x - other) <= _ALIGNED for other, _ in line.stops)


def _with_cells(row: _Row, near: Sequence[_Row]) -> Line:
    line = row.line
    shared = {at for x, at in line.stops if any(_at(x, other.line) for other in near)}
    cuts = sorted(row.wide | shared)
    if not cuts:
        return line
    ends = [*cuts, len(line.text) + 1]
    cells = tuple(line.text[start : end - 1] for start, end in pairwise([0, *ends]))
    return replace(line, text=" | ".join(cells), cells=cells)
