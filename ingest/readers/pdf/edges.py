"""The lines at the top and the bottom of pages, apart from the body. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.pdf.lines import Line

HEAD = "running head"
FOOT = "running foot"
EDGE = 0.12  # of the page's height, at its top and its bottom
_APART = 1.6  # of the size: what is nearer to the next line inwards goes on with it
_PROMINENT = 1.15  # times the size of the body
_LONGEST = 200  # characters


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as its lines in the order in which they are drawn, with its edges."""

    number: int
    lines: tuple[Line, ...]
    bottom: float
    top: float

    def edge(self, line: Line) -> str | None:
        """HEAD or FOOT where the line stands at the top or the bottom of the page."""
        height = self.top - self.bottom
        if line.y > self.top - EDGE * height:
            return HEAD
        return FOOT if line.y < self.bottom + EDGE * height else None


@dataclass(frozen=True, slots=True)
class Edge:
    """A line at an edge: `at` is its number among the lines of its page, `height` its distance."""

    page: int
    at: int
    side: str
    height: float
    text: str
    style: tuple[float, bool]
    prominent: bool  # larger than the body, as headings are

    @property
    def key(self) -> tuple[int, int]:
        """Its page and its number there."""
        return self.page, self.at


def edges_of(sheets: Sequence[Sheet]) -> list[Edge]:
    """The lines at the edges of all pages, without those that go on with the body."""
    body = body_size(sheets)
    return [edge for sheet in sheets for edge in _edges(sheet, body)]


def is_prominent(line: Line, body: float) -> bool:
    """Whether a line is larger than the body, as headings are."""
    return line.size > _PROMINENT * body


def body_size(sheets: Sequence[Sheet]) -> float:
    """The size in which most is set."""
    sizes: Counter[float] = Counter()
    for sheet in sheets:
        for line in sheet.lines:
            sizes[line.style[0]] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _edges(sheet: Sheet, body: float) -> Iterator[Edge]:
    inside = _inside(sheet)
    for at, line in enumerate(sheet.lines):
        side = sheet.edge(line)
        if side is None or line.note or at in inside or len(line.text) > _LONGEST:
            continue
        height = line.y - sheet.bottom if side == FOOT else sheet.top - line.y
        text = " ".join(line.text.split())
        yield Edge(sheet.number, at, side, height, text, line.style, is_prominent(line, body))


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
