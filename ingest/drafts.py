"""What a reader makes of bytes: blocks in reading order and the metadata that stand there.

A draft is a reading laid out as one text: each block knows its span in it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from kb.metadata import Metadata
from kb.records import Removed, Span

Kind = Literal["title", "heading", "paragraph", "item", "quote", "table", "footnote"]

FIRST_WORDS = 10  # that make a title
LONGEST_BEGINNING = 200  # characters: ten words of Chinese may be the whole text


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list line, table or footnote of a source, in reading order.

    `gap` is the white space that stands before it in the text. A block with a `reason` is left
    out of the text and kept apart, with that reason. `level` is a heading's depth, from 1.
    `pages` says from which character on which page (from 1) it stands, ascending, the first from
    0: a paragraph over the end of a page has two; none where the source has no pages.
    """

    text: str
    kind: Kind = "paragraph"
    level: int = 0
    gap: str = "\n\n"
    reason: str | None = None
    pages: tuple[tuple[int, int], ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The page on which that character of the block stands."""
        if not self.pages:
            return None
        return self.pages[bisect_right(self.pages, offset, key=lambda pair: pair[0]) - 1][1]

    @property
    def is_heading(self) -> bool:
        """Whether passages carry it as context instead of containing it."""
        return self.kind in ("title", "heading")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of one source.

    `notes` are for the report: what could not be decoded, what was replaced. A `clean` text is
    kept character for character: nothing is left out of it, blank ends included (`tail`).
    `labels` are pairs of a page (from 1) and what is printed on it as its number ("iv").
    """

    blocks: tuple[Block, ...]
    metadata: Metadata = field(default_factory=Metadata)
    external_id: str | None = None
    notes: tuple[str, ...] = ()
    clean: bool = False
    tail: str = ""
    labels: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A block at its place in the text."""

    block: Block
    span: Span


@dataclass(frozen=True, slots=True)
class Draft:
    """A reading laid out: the canonical text, where its blocks stand, what was left out."""

    text: str
    placed: tuple[Placed, ...]
    removed: tuple[Removed, ...]

    def pages_of(self, span: Span) -> tuple[int, int] | None:
        """The first and the last page on which a span stands, from 1; None without pages."""
        at = bisect_right(self.placed, span.start, key=lambda placed: placed.span.start) - 1
        pages: list[int] = []
        for placed in self.placed[max(at, 0) :]:
            block, begin = placed.block, placed.span.start
            if begin >= span.end:
                break
            for offset in (max(span.start - begin, 0), min(span.end, placed.span.end) - begin - 1):
                page = block.page_at(offset)
                pages += [] if page is None else [page]
        return (min(pages), max(pages)) if pages else None


def beginning(text: str) -> str:
    """The first words of a text: a title for what has no name."""
    return " ".join(text.strip()[:LONGEST_BEGINNING].split()[:FIRST_WORDS])


def lay_out(reading: Reading, keep: Callable[[str], bool] = lambda text: False) -> Draft:
    """The blocks of a reading as one text.

    `keep` says of a removed text that a person took it back; it then stays in the text.
    Of two equal neighbouring blocks the second is left out, except in a clean text.
    """
    blocks = reading.blocks if reading.clean else tuple(without_echoes(reading.blocks))
    pieces: list[str] = []
    placed: list[Placed] = []
    removed: list[Removed] = []
    length = 0
    for block in blocks:
        if block.reason is not None and not keep(block.text):
            removed.append(Removed(block.text, block.reason, length))
            continue
        gap = block.gap if placed or reading.clean else ""
        start = length + len(gap)
        length = start + len(block.text)
        pieces += (gap, block.text)
        placed.append(Placed(block, Span(start, length)))
    return Draft("".join(pieces) + reading.tail, tuple(placed), tuple(removed))


def without_echoes(blocks: Iterable[Block]) -> Iterable[Block]:
    """The blocks, each one that repeats its kept neighbour marked as removed.

    A photo caption often stands twice, the second time with its credit: a block that begins with
    the whole of the one before and adds at most a dozen words is the same echo.
    """
    before = ""
    for block in blocks:
        text = " ".join(block.text.split())
        if block.reason is None:
            if before and _echoes(before, text):
                yield replace(block, reason="repeats the paragraph before it")
                continue
            before = text
        yield block


def _echoes(before: str, text: str) -> bool:
    if text == before:
        return True
    added = text[len(before) :]
    long_enough = len(before.split()) >= 8
    return long_enough and text.startswith(before) and len(added.split()) <= 12
