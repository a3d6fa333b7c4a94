"""Footnotes: small paragraphs at the foot of a column that begin with a number. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ingest.readers.pdf.paragraphs import CLOSING, Looks, Paragraph

_SMALLER = 0.93  # of the body's size
_NOTE = re.compile(r"(\d{1,3}|[*†‡§]{1,3})[.)]?\s*\S")


def with_footnotes(paragraphs: Sequence[Paragraph], looks: Looks, going_on: bool) -> bool:
    """Tell the footnotes of a page; whether the last of them goes on over its end.

    They begin with a number that is raised or hangs on a word of the page, stand below all body
    text of their column, and are smaller than it or begin with the raised number of a mark.
    `going_on` says that the page before ended within one.
    """
    marks = {mark.strip("()[],") for paragraph in paragraphs for mark in paragraph.marks}
    last: Paragraph | None = None
    for column in _columns(paragraphs):
        begun = going_on
        for at, paragraph in enumerate(_foot(column, looks, marks)):
            line = paragraph.first
            note = _NOTE.match(line.text)
            if line.number or (note and note[1] in marks):
                begun = True
            elif at and not begun:
                continue
            if begun:
                paragraph.kind = "footnote"
                last = paragraph
        going_on = False
    return last is not None and not last.last.text.rstrip(CLOSING).endswith((".", "!", "?"))


def _columns(paragraphs: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    """Paragraphs that stand below each other; what was left out stands in none."""
    column: list[Paragraph] = []
    for paragraph in paragraphs:
        if paragraph.reason is not None:
            continue
        if column and paragraph.first.y >= column[-1].last.y:
            yield column
            column = []
        column.append(paragraph)
    if column:
        yield column


def _foot(column: Sequence[Paragraph], looks: Looks, marks: Collection[str]) -> list[Paragraph]:
    """The paragraphs below the last one of the body: small, or begun by the number of a mark."""
    below: list[Paragraph] = []
    for paragraph in reversed(column):
        small = paragraph.first.size <= _SMALLER * looks.size
        raised = paragraph.first.number.strip("()[],") in marks
        if not (small or raised) or paragraph.kind == "table":
            break
        below.append(paragraph)
    return below[::-1]
