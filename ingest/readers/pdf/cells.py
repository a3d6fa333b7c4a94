"""Rows of a table whose cells have several lines: each row as one line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.readers.pdf.hyphens import in_cell
from ingest.readers.pdf.lines import Line
from ingest.readers.pdf.tables import same_row

_TALLEST = 12  # lines of a cell; what is taller is a column of the page
_LOWEST = 3  # lines: one cell of a row is no taller, or they are columns of prose
_SHORT = 2.5  # words in a line, on average
_LONGEST = 80  # words of a cell
_ALIGNED = 3.0  # points

Stretch = list[Line]


def with_rows(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches, those side by side that are the cells of one row as a single line.

    They begin on one baseline, and there are three of them, or two that stand below or above
    cells of another row.
    """
    groups = _side_by_side(stretches)
    result: list[Stretch] = []
    for at, group in enumerate(groups):
        near = groups[max(0, at - 1) : at] + groups[at + 1 : at + 2]
        if _is_row(group) and (len(group) > 2 or any(_aligned(group, other) for other in near)):
            result.append([_row(group)])
        else:
            result += group
    return result


def _side_by_side(stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    groups: list[list[Stretch]] = []
    for stretch in stretches:
        before = groups[-1][-1] if groups else None
        if before and same_row(before[0], stretch[0]) and _left(stretch) > _right(before) - 1:
            groups[-1].append(stretch)
        else:
            groups.append([stretch])
    return groups


def _is_row(group: Sequence[Stretch]) -> bool:
    """Whether cells may stand so: some wrapped, none a column of prose."""
    heights = [len(stretch) for stretch in group]
    words = [sum(line.words for line in stretch) for stretch in group]
    return (
        len(group) > 1
        and 1 < max(heights) <= _TALLEST
        and min(heights) <= _LOWEST
        and max(words) <= _LONGEST
        and not _has_rows_within(group)
    )


def _has_rows_within(group: Sequence[Stretch]) -> bool:
    """Whether two of the cells are columns of short cells themselves, line beside line."""
    short = [
        stretch
        for stretch in group
        if len(stretch) > 1 and sum(line.words for line in stretch) <= _SHORT * len(stretch)
    ]
    return any(same_row(one[1], other[1]) for one, other in pairwise(short))


def _aligned(group: Sequence[Stretch], other: Sequence[Stretch]) -> bool:
    lefts = [_left(stretch) for stretch in other]
    aligned = sum(any(abs(_left(one) - left) <= _ALIGNED for left in lefts) for one in group)
    return aligned > 1


def _left(stretch: Stretch) -> float:
    return min(line.x0 for line in stretch)


def _right(stretch: Stretch) -> float:
    return max(line.x1 for line in stretch)


def _row(group: Sequence[Stretch]) -> Line:
    lines = [line for stretch in group for line in stretch]
    cells = tuple(_cell(stretch) for stretch in group)
    return replace(
        max(lines, key=lambda line: line.words),
        text=" | ".join(cells),
        x0=min(line.x0 for line in lines),
        x1=max(line.x1 for line in lines),
        y=min(line.y for line in lines),
        bold=all(line.bold for line in lines),
        words=sum(line.words for line in lines),
        marks=tuple(mark for line in lines for mark in line.marks),
        number="",
        stops=(),
        cells=cells,
    )


def _cell(stretch: Stretch) -> str:
    text = ""
    for line in stretch:
        text = in_cell(text, line.text) if text else line.text
    return text
