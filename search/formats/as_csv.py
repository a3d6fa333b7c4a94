"""Hits as rows for a spreadsheet (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re

from kb.text.terminal import Terminal
from search.hits import Answer, Hit

COLUMNS = (
    "rank", "score", "confidence", "passage", "title", "authors", "published", "page", "text",
    "citation",
)  # fmt: skip

# the signs of a formula, white space before them or not, and what OWASP lists besides
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def render(answer: Answer, terminal: Terminal) -> str:
    """A heading and a row for each hit; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for hit in answer.hits:
        writer.writerow([_cell(value) for value in _row(hit)])
    return out.getvalue()


def _row(hit: Hit) -> tuple[object, ...]:
    passage, entry = hit.passage, hit.entry
    page = passage.page_labels or passage.pages
    return (
        hit.rank,
        hit.score,
        hit.confidence,
        passage.reference,
        entry.title,
        "; ".join(entry.metadata.author),
        entry.metadata.issued,
        page and page[0],
        passage.text,
        hit.citation,
    )


def _cell(value: object) -> str:
    """The value as text; what a spreadsheet would run as a formula gets a quote in front."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text
