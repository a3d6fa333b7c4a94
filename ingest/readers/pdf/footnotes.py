"""Footnotes: small paragraphs at the foot of a column that begin with a number. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.readers.pdf.paragraphs import Looks, Paragraph

_SMALLER = 0.93  # of the body's size
_NOTE = re.compile(r"(\d{1,3}|[*†‡§]{1,3})[.)]?\s*\S")
_CLOSING = "\"'”’)]»"


def with_footnotes(paragraphs: Sequence[Paragraph], looks: Looks, going_on: bool) -> bool:
    """Tell the footnotes of a page; whether the last of them goes on over its end.

    They are smaller than the body, begin with a number that is raised or hangs on a word of the
    page, and stand below all body text of their column. `going_on` says that the page before
    ended within one.
    """
    marks = {mark.strip("()[],") for paragraph in paragraphs for mark in paragraph.marks}
    last: Paragraph | None = None
    for column in _columns(paragraphs):
        begun = going_on
        for at, paragraph in enumerate(_foot(column, looks)):
            line = paragraph.first
            found = _NOTE.match(line.text)
            if line.number or (found and found[1] in marks):
                begun = True
            elif at and not begun:
                continue
            if begun:
                paragraph.kind = "footnote"
                last = paragraph
        going_on = False
    return last is not None and not last.last.text.rstrip(_CLOSING).endswith((".", "!", "?"))


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


def _foot(column: Sequence[Paragraph], looks: Looks) -> list[Paragraph]:
    """The small paragraphs below the last one of the body's size."""
    below: list[Paragraph] = []
    for paragraph in reversed(column):
        if paragraph.first.size > _SMALLER * looks.size or paragraph.kind == "table":
            break
        below.append(paragraph)
    return below[::-1]
