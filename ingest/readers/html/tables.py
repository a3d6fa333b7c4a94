"""Tables of a page: those of data as lines of cells, told from those that lay the page out."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.readers.common.tables import LONG_CELL
from ingest.readers.common.xml import Element
from ingest.readers.html.elements import text_line


def rows_of(table: Element) -> list[str] | None:
    """The lines of a table of data; None for one that only lays out the page."""
    if table.get("role") in ("presentation", "none"):
        return None
    if next(table.iterdescendants("table", "h1", "h2", "h3", "form", "article"), None) is not None:
        return None
    rows: list[list[str]] = []
    for part in _children(table, "caption", "colgroup", "col"):
        for row in _children(part) if part is not None and part.tag != "tr" else (part,):
            if row is None or row.tag != "tr":
                return None
            cells: list[str] = []
            for cell in _children(row):
                if cell is None or cell.tag not in ("td", "th"):
                    return None
                cells.append(text_line(cell))
            rows.append(cells)
    if sum(len(row) > 1 for row in rows) < 2:
        return None
    if any(len(cell) > LONG_CELL for row in rows for cell in row):
        return None
    return [" | ".join(row).strip() for row in rows if any(row)]


def _children(element: Element, *leaving: str) -> Iterator[Element | None]:
    """The children but some; None where text stands between them."""
    if element.text and not element.text.isspace():
        yield None
    for child in element:
        if child.tag not in leaving:
            yield child
        if child.tail and not child.tail.isspace():
            yield None
