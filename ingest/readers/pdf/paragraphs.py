"""Lines in reading order become paragraphs, headings, list lines, tables and footnotes. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.drafts import Kind
from ingest.readers.pdf.hyphens import Vocabulary, join, mended, with_plain_hyphens
from ingest.readers.pdf.lines import Line
from ingest.readers.pdf.tables import DRAWN_BULLETS
from kb.text.list_marks import NUMERAL

_ITEM = re.compile(rf"(?:[{DRAWN_BULLETS}]|{NUMERAL}|\([ivxl]+\))\s")
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s")
_DASH = re.compile(r"[\u2013\u2014]\s")
_JUSTIFIED = 4  # lines that end at one edge
_BULLET = re.compile(r"[\u25cf\u25aa\u25a0\uf000-\uf0ff]\s")
_ENDS = tuple(".!?:…")
CLOSING = "\"'”’)]»"
_SAME_SIZE = 0.08  # of the larger size
_FAR = 1.7  # of the size: so far down, in a text set wide, a new sentence is a new paragraph
_OFTEN = 0.3  # as often as the commonest distance of lines, that between paragraphs
_LEADING = 1.3  # of the usual distance of lines: more parts paragraphs
_INDENT = 0.8  # of the size
_VERY_SHORT = 0.35  # of the column's width: nobody breaks a line so early without a reason
_WIDE = 25  # times the size: in a narrow column lines are of any length
_SHORT_LINE = 0.12  # of the column's width that a paragraph's last line leaves free


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together, on one page or over the end of one."""

    lines: list[Line]
    kind: Kind = "paragraph"
    level: int = 0
    reason: str | None = None
    right: float = 0.0  # the edge that the lines of its column reach

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(mark for line in self.lines for mark in line.marks)


@dataclass(frozen=True, slots=True)
class Looks:
    """What is usual in a document: the size of its body, whether that is bold, its leading."""

    size: float
    bold: bool
    leading: float  # of the size

    @classmethod
    def of(cls, pages: Sequence[Sequence[Line]]) -> Looks:
        """By far the most letters are body text."""
        styles: Counter[tuple[float, bool]] = Counter()
        for lines in pages:
            for line in lines:
                styles[line.style] += len(line.text)
        size, bold = styles.most_common(1)[0][0] if styles else (10.0, False)
        steps: Counter[float] = Counter()
        for lines in pages:
            for before, line in pairwise(lines):
                step = (before.y - line.y) / max(line.size, 1.0)
                if before.style == line.style and 0.9 < step < 2.6:
                    steps[round(step, 1)] += 1
        most = max(steps.values(), default=0)
        usual = [step for step, count in steps.items() if count >= _OFTEN * most]
        return cls(size, bold, min(usual, default=1.2))


def paragraphs_of(lines: Sequence[Line], looks: Looks) -> list[Paragraph]:
    """The paragraphs of a page."""
    paragraphs: list[Paragraph] = []
    for column in _columns(lines):
        paragraphs += _in_column(column, looks)
    return paragraphs


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that follow each other downwards with an overlap, the rows of a table by themselves."""
    column: list[Line] = []
    for line in lines:
        if column:
            before = column[-1]
            apart = min(before.x1, line.x1) - max(before.x0, line.x0) <= 0
            if line.y >= before.y or apart or bool(line.cells) != bool(before.cells):
                yield column
                column = []
        column.append(line)
    if column:
        yield column


def _in_column(lines: Sequence[Line], looks: Looks) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    rights = [line.x1 for line in lines if _same(line.size, looks.size)]
    right = max(rights or [line.x1 for line in lines])
    for at, line in enumerate(lines):
        after = lines[at + 1] if at + 1 < len(lines) else None
        if paragraphs and _goes_on(paragraphs[-1], line, after, looks, right):
            paragraphs[-1].lines.append(line)
            continue
        kind: Kind = "table" if line.cells else "paragraph"
        if kind == "paragraph" and _ITEM.match(line.text):
            kind = "item"
        paragraphs.append(Paragraph([line], kind, right=right))
    return paragraphs


def _goes_on(
    paragraph: Paragraph, line: Line, after: Line | None, looks: Looks, right: float
) -> bool:
    last, first = paragraph.last, paragraph.first
    step = (last.y - line.y) / max(line.size, last.size)
    if paragraph.kind == "table":
        return bool(line.cells) and step < 3.0
    if line.cells or not _same(last.size, line.size) or last.bold != line.bold or line.number:
        return False
    if step > _LEADING * min(_step_of(paragraph) or looks.leading, looks.leading * 1.5):
        return False
    if step > _FAR and _ended(last.text):
        return False
    if _ITEM.match(line.text) and not _continues_sentence(paragraph, line, right):
        return False
    indent = line.x0 - last.x0
    if paragraph.kind == "item":
        if line.x0 < first.x0 - 1:
            return False
        if len(paragraph.lines) == 1:
            return line.x0 >= first.x0 - 1
        return abs(indent) <= _INDENT * line.size
    if len(paragraph.lines) > 1 and indent > _INDENT * line.size:
        return not _ended(last.text)
    if len(paragraph.lines) == 1 and indent > _INDENT * line.size and _ended(last.text):
        return False
    left = min(each.x0 for each in paragraph.lines)
    width = right - left
    very_short = last.x1 < right - _VERY_SHORT * width and width > _WIDE * line.size
    if very_short and line.text[:1].isupper() and not line.bold:
        return False
    if _ended(last.text) and last.x1 < right - _SHORT_LINE * width:
        # the next line's first word would have fitted
        word = line.text.partition(" ")[0]
        room = right - last.x1
        return room < (len(word) + 1) * 0.5 * line.size
    return True


def _continues_sentence(paragraph: Paragraph, line: Line, right: float) -> bool:
    """Whether a line that begins with a number or a dash goes on with a sentence.

    "on page | 9. There", "all towns | – and cities – pay": the line before is full and goes on.
    """
    number, dash = _NUMBERED.match(line.text), _DASH.match(line.text)
    if (number is None and dash is None) or _ended(paragraph.last.text):
        return False
    before = _NUMBERED.match(paragraph.first.text)
    hangs = paragraph.kind == "item" and line.x0 > paragraph.first.x0 + 1
    if dash and not hangs and _DASH.match(paragraph.first.text):
        return False  # the next of a list with dashes
    left = min(each.x0 for each in paragraph.lines)
    return (
        paragraph.last.x1 > right - _SHORT_LINE * (right - left)
        and (abs(line.x0 - paragraph.last.x0) < 1 or (dash is not None and hangs))
        and not (before and number and int(number[1]) == int(before[1]) + 1)
    )


def _step_of(paragraph: Paragraph) -> float:
    """The distance of a paragraph's lines, in sizes; 0 for a single line."""
    lines = paragraph.lines[-6:]
    steps = [(before.y - line.y) / max(line.size, 1.0) for before, line in pairwise(lines)]
    return median(steps) if steps else 0.0


def _same(size: float, other: float) -> bool:
    return abs(size - other) <= _SAME_SIZE * max(size, other)


def _ended(text: str) -> bool:
    """Whether a sentence ends with the text."""
    return text.rstrip(CLOSING).endswith(_ENDS)


def rejoined(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """The paragraphs, those that a column's or a page's end parted as one again.

    What stands between the two halves (a footnote, a table, a running head) comes after them.
    """
    result: list[Paragraph] = []
    open_: dict[tuple[float, bool, str], Paragraph] = {}  # the last one of each look
    for paragraph in paragraphs:
        kind = paragraph.kind
        if paragraph.reason is not None or kind == "table":
            result.append(paragraph)
            continue
        if kind in ("heading", "title"):
            open_.clear()
            result.append(paragraph)
            continue
        look = (*paragraph.first.style, "footnote" if kind == "footnote" else "paragraph")
        before = open_.get(look)
        if before is not None and _is_rest(before, paragraph):
            before.lines += paragraph.lines
            before.right = paragraph.right
            continue
        result.append(paragraph)
        open_[look] = paragraph
    return result


def _is_rest(open_: Paragraph, paragraph: Paragraph) -> bool:
    """Whether a paragraph goes on with another, in the next column or on the next page."""
    last, line = open_.last, paragraph.first
    if line.page == last.page and line.y < last.y and line.x0 < last.x1 and last.x0 < line.x1:
        return False  # below it in its column: parted on purpose
    if line.page > last.page + 1 or line.number:
        return False
    if paragraph.kind == "item" and not _continues_sentence(open_, line, open_.right):
        return False
    if _ended(last.text):
        return _is_full(open_) and line.text[:1].isalnum() and paragraph.kind == "paragraph"
    start = line.text.lstrip("\"'“‘(")[:1]
    if start.islower() or last.text.endswith(("-", "‐", "\u00ad", ",")):
        return True
    width = open_.right - min(each.x0 for each in open_.lines)
    return last.x1 > open_.right - _SHORT_LINE * width and len(open_.lines) > 1 and width > 0


def _is_full(paragraph: Paragraph) -> bool:
    """Whether the text is justified and its last line as long as the others.

    Then the paragraph most likely goes on, though a sentence ends there: the last line of one
    seldom fills the column.
    """
    lines = [line for line in paragraph.lines if line.page == paragraph.last.page]
    reach = 0.02 * paragraph.first.size + 0.5
    return len(lines) >= _JUSTIFIED and all(
        abs(line.x1 - paragraph.last.x1) <= reach for line in lines[1:]
    )


@dataclass(slots=True)
class Written:
    """A paragraph as text, and from which character on it stands on which page."""

    text: str = ""
    pages: list[tuple[int, int]] = field(default_factory=list)


def written(paragraph: Paragraph, words: Vocabulary) -> Written:
    """The text of a paragraph: its lines joined, of a table line by line."""
    result = Written()
    text = ""
    for line in paragraph.lines:
        if text and paragraph.kind == "table":
            text, joint = with_plain_hyphens(text), "\n"
        elif text:
            text, joint = join(text, line.text, words)
        else:
            joint = ""
        text = text.replace("\u00ad", "") + joint
        if not result.pages or result.pages[-1][1] != line.page:
            result.pages.append((len(text), line.page))
        text += mended(line.text, words) if paragraph.kind == "table" else line.text
    text = with_plain_hyphens(text)
    result.text = _BULLET.sub("• ", text, count=1) if paragraph.kind == "item" else text
    return result
