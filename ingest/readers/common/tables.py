"""Tables and lists of a document as blocks, the same for every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.drafts import Block

LONG_CELL = 1000  # characters; a longer cell is a column of the layout, not of a table


def in_tables(rows: Sequence[Sequence[Sequence[Block]]]) -> Iterator[Block]:
    """A table of data as one block, the cells of one that lays out the page by themselves.

    `rows` are rows of cells of blocks. Notes and what is left out stand after the table.
    """
    inside = [block for row in rows for cell in row for block in cell]
    wide = sum(len(row) > 1 for row in rows) > 1
    if not wide or any(block.is_heading or block.kind == "table" for block in inside):
        yield from inside
        return
    cells = [[_cell(blocks) for blocks in row] for row in rows]
    if any(len(text) > LONG_CELL for row in cells for text in row):
        yield from inside
        return
    if text := "\n".join(" | ".join(row).strip() for row in cells if any(row)):
        yield Block(text, "table")
    yield from (block for block in inside if not _is_body(block))


def in_lists(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with a list's lines one under another."""
    before = ""
    for block in blocks:
        yield replace(block, gap="\n") if block.kind == before == "item" else block
        if block.reason is None:
            before = block.kind


def _cell(blocks: Sequence[Block]) -> str:
    texts = " ".join(block.text for block in blocks if _is_body(block))
    return " ".join(texts.split())


def _is_body(block: Block) -> bool:
    return block.kind != "footnote" and block.reason is None
