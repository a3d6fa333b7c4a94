"""A page's lines in reading order, the cells of a table's row joined. Pure.

The order in which the file draws its lines is nearly always that of reading, and knows more than
the eye of a program. It is mended where it cannot be right: two columns drawn line by line, a
table drawn column by column, and what stands above something else in its column but comes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

from ingest.readers.pdf.cells import with_rows
from ingest.readers.pdf.lines import Line
from ingest.readers.pdf.tables import WIDE, is_lead, rows_of, same_row

_STEP = 2.6  # of the size: a line further below the one before begins a new stretch
_MOST = 400  # stretches or list marks on a page: a map or a chart with more has no reading order
_PROSE = 3.5  # words in a line of a column, on average; cells have fewer
_CELL = 3.0
_NEARLY = 0.6  # of the lines of a column of cells have a neighbour in the next
_ALIGNED = 3.0  # points
_COLUMN_LINES = 4
_HANGS = 3.0  # of the size: no list mark stands further from its line


@dataclass(slots=True)
class _Stretch:
    """Lines that follow each other downwards, or along a row."""

    lines: list[Line]

    @property
    def x0(self) -> float:
        return min(line.x0 for line in self.lines)

    @property
    def x1(self) -> float:
        return max(line.x1 for line in self.lines)

    @property
    def top(self) -> float:
        return max(line.y for line in self.lines)

    @property
    def bottom(self) -> float:
        return min(line.y for line in self.lines)

    @property
    def is_cells(self) -> bool:
        return mean(line.words for line in self.lines) <= _CELL


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The lines as they are read; those of one row are one line, its cells apart in `cells`."""
    stretches = _stretches(_columns_apart(_with_marks(lines)))
    if 1 < len(stretches) <= _MOST:
        stretches = _downwards(_tables(stretches))
    rows = with_rows([stretch.lines for stretch in stretches])
    return rows_of([line for lines in rows for line in lines])


def _with_marks(lines: Sequence[Line]) -> list[Line]:
    """The lines, each list mark that is drawn later than its line put before it."""
    marks = [at for at, line in enumerate(lines) if is_lead(line.text)]
    if len(marks) > _MOST:
        return list(lines)
    moved: dict[int, int] = {}  # from where to before which line
    for at in marks:
        mark = lines[at]
        hanging = [
            (line.x0, other)
            for other, line in enumerate(lines[:at])
            if same_row(mark, line)
            and mark.x1 - 1 < line.x0 < mark.x1 + _HANGS * mark.size
            and not is_lead(line.text)
        ]
        if hanging:
            moved[at] = min(hanging)[1]
    before = {line: at for at, line in moved.items()}
    order: list[Line] = []
    for at, line in enumerate(lines):
        order += [lines[before[at]]] if at in before else []
        order += [] if at in moved else [line]
    return order


def _columns_apart(lines: Sequence[Line]) -> list[Line]:
    """Two columns of prose that are drawn line by line, one after the other."""
    pairs = [
        (left, right)
        for left, right in pairwise(lines)
        if same_row(left, right) and right.x0 > left.x1
    ]
    starts = sorted({round(right.x0) for _, right in pairs})
    for start in starts:
        rows = [(left, right) for left, right in pairs if abs(right.x0 - start) <= _ALIGNED]
        if len(rows) < _COLUMN_LINES:
            continue
        prose = min(mean(pair[side].words for pair in rows) for side in (0, 1))
        if prose < _PROSE:
            continue
        gutter = (max(left.x1 for left, _ in rows), min(right.x0 for _, right in rows))
        if gutter[0] < gutter[1]:
            return _split_at(lines, sum(gutter) / 2)
    return list(lines)


def _split_at(lines: Sequence[Line], gutter: float) -> list[Line]:
    """Left before right, anew under each line that crosses the gutter."""
    result: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.x0 < gutter < line.x1:
            result += right
            right = []
            result.append(line)
        elif line.x0 >= gutter:
            right.append(line)
        else:
            result.append(line)
    return result + right


def _stretches(lines: Sequence[Line]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    before: Line | None = None
    for line in lines:
        if before is not None and _follows(before, line):
            stretches[-1].lines.append(line)
        else:
            stretches.append(_Stretch([line]))
        before = line
    return stretches


def _follows(before: Line, line: Line) -> bool:
    if same_row(before, line):
        return -1 <= line.x0 - before.x1 <= WIDE * max(before.size, line.size)
    down = before.y - line.y
    overlap = min(before.x1, line.x1) - max(before.x0, line.x0)
    return 0 < down <= _STEP * max(before.size, line.size) and overlap > 0


def _tables(stretches: list[_Stretch]) -> list[_Stretch]:
    """Columns of cells side by side, drawn one after the other, as rows."""
    result: list[_Stretch] = []
    at = 0
    while at < len(stretches):
        first = stretches[at]
        end = at + 1
        if first.is_cells and len(first.lines) > 1:
            while end < len(stretches) and _is_next_column(
                stretches[end - 1], stretches[end], first
            ):
                end += 1
        table = stretches[at:end]
        if len(table) > 1 and _are_rows(first, table[1:]):
            result.append(_Stretch(_by_rows([line for each in table for line in each.lines])))
            at = end
        else:
            result.append(first)
            at += 1
    return result


def _is_next_column(before: _Stretch, stretch: _Stretch, first: _Stretch) -> bool:
    """Whether all lines of a stretch are cells on baselines of the first column."""
    return (
        stretch.x0 > min(before.x1, first.x1)
        and stretch.is_cells
        and all(any(same_row(line, other) for other in first.lines) for line in stretch.lines)
    )


def _are_rows(first: _Stretch, others: Sequence[_Stretch]) -> bool:
    """Whether nearly all lines of the first column have a neighbour, two or more of them."""
    lines = [line for other in others for line in other.lines]
    shared = sum(any(same_row(line, other) for other in lines) for line in first.lines)
    return shared > 1 and shared >= _NEARLY * len(first.lines)


def _by_rows(lines: list[Line]) -> list[Line]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.y):
        if rows and same_row(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.x0)]


def _downwards(stretches: list[_Stretch]) -> list[_Stretch]:
    """The same, but nothing before what stands above it in its column (Breuel 2003, rule 1)."""
    boxes = [(each.x0, each.x1, each.top, each.bottom) for each in stretches]
    order: dict[int, None] = {}

    def put(at: int) -> None:
        if at in order:
            return
        for later in range(at + 1, len(stretches)):
            if later not in order and _is_above(boxes[later], boxes[at]):
                put(later)  # ends: each stands above the one before
        order[at] = None

    for at in range(len(stretches)):
        put(at)
    return [stretches[at] for at in order]


def _is_above(
    upper: tuple[float, float, float, float], lower: tuple[float, float, float, float]
) -> bool:
    overlap = min(upper[1], lower[1]) - max(upper[0], lower[0])
    narrower = min(upper[1] - upper[0], lower[1] - lower[0])
    return upper[3] > lower[2] and overlap > 0.3 * narrower
