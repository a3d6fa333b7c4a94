"""A web page as blocks in the order in which they stand: everything visible, nothing judged.

The walk follows lxml's events and keeps its own stack, so depth costs no recursion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from ingest.drafts import Block, Kind
from ingest.readers.common.characters import visible
from ingest.readers.common.xml import Element
from ingest.readers.html.elements import BLOCKS, HEADINGS, LAID_OUT, LISTS, SILENT, text_line
from ingest.readers.html.landmarks import HIDDEN, is_hidden, landmark_of
from ingest.readers.html.tables import rows_of
from kb.text.numerals import small_number

_BREAK = "\0"  # a line end that is meant; the page itself brings no control characters
_PARAGRAPH = re.compile(rf"{_BREAK}\s*{_BREAK}[\s{_BREAK}]*")


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A block of the page and where it stands.

    `landmark` is the reason to leave it out that its surroundings give; `linked` is the share of
    its characters that are links; `box` is the same for blocks that are marked up alike.
    """

    block: Block
    landmark: str | None = None
    linked: float = 0.0
    box: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    """What the open elements say about the text inside them."""

    kind: Kind = "paragraph"
    level: int = 0
    landmark: str | None = None
    laid_out: bool = False
    linked: bool = False
    mark: list[str] = field(default_factory=list)  # of a list line, until its first block
    numbers: list[int] | None = None  # of an ordered list: the next number


def page_blocks(root: Element) -> list[PageBlock]:
    """The text of a page as blocks, in document order."""
    walk = _Walk()
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walk.leave(element)
        elif not walk.enter(element):
            events.skip_subtree()
    return walk.blocks


def name_all(element: Element, name: str) -> None:
    """Give what is in an element a class of our own, by which its blocks' boxes are known."""
    if element.get("class") == name:
        return  # it is in one that was named before
    for each in element.iter():
        each.set("class", name)


class _Walk:
    """The blocks so far and the text of the one under way."""

    def __init__(self) -> None:
        self.blocks: list[PageBlock] = []
        self._open = [_Context()]
        self._holders: list[Element | None] = [None]  # the block that each open element stands in
        self._pieces: list[str] = []
        self._unseen: list[str] = []
        self._linked = 0

    def enter(self, element: Element) -> bool:
        """Open an element; False when the walk need not go into it."""
        tag, outer = element.tag, self._open[-1]
        if tag in BLOCKS:
            self._flush()
        elif tag == "br":
            self._pieces.append(_BREAK)
        elif tag == "a" and _touches_a_link(element):
            self._pieces.append(" ")  # the style sheet keeps neighbouring links apart
        elif tag in SILENT:
            self._push(outer, element)
            return False
        elif outer.landmark != HIDDEN and is_hidden(element):
            self._unseen.append(text_line(element))
            self._push(outer, element)
            return False
        self._push(_context(element, outer), element)
        if tag == "table" and (rows := rows_of(element)) is not None:
            self._table(element, rows)
            return False
        self._add(element.text)
        return True

    def leave(self, element: Element) -> None:
        """Close an element and take the text after it."""
        if element.tag in BLOCKS:
            self._flush()
        self._open.pop()
        self._holders.pop()
        self._add(element.tail)

    def _push(self, context: _Context, element: Element) -> None:
        self._open.append(context)
        self._holders.append(element if element.tag in BLOCKS else self._holders[-1])

    def _add(self, text: str | None) -> None:
        if not text:
            return
        context = self._open[-1]
        text = visible(text)
        if context.linked:
            self._linked += _weight(text)
        self._pieces.append(text.replace("\n", _BREAK) if context.laid_out else text)

    def _flush(self) -> None:
        """End the block under way."""
        if not self._pieces and not self._unseen:
            return
        context = self._open[-1]
        raw = "".join(self._pieces)
        linked = self._linked / max(1, _weight(raw.replace(_BREAK, "")))
        box = _box(self._holders[-1])
        for paragraph in _PARAGRAPH.split(raw):
            lines = (" ".join(line.split()) for line in paragraph.split(_BREAK))
            if text := "\n".join(line for line in lines if line):
                block = _block(text, context)
                self.blocks.append(PageBlock(block, context.landmark, linked, box))
        self.blocks += (PageBlock(Block(text), HIDDEN) for text in self._unseen if text)
        self._pieces.clear()
        self._unseen.clear()
        self._linked = 0

    def _table(self, table: Element, rows: list[str]) -> None:
        landmark, box = self._open[-1].landmark, _box(table)
        for caption in table.iterchildren("caption"):
            if text := text_line(caption):
                self.blocks.append(PageBlock(Block(text), landmark, 0.0, box))
        if text := "\n".join(rows):
            linked = sum(_weight(text_line(link)) for link in table.iter("a")) / _weight(text)
            self.blocks.append(PageBlock(Block(text, "table"), landmark, linked, box))


def _context(element: Element, outer: _Context) -> _Context:
    tag, inner = element.tag, outer
    if tag not in ("html", "body"):
        here = landmark_of(element)
        landmark = HIDDEN if HIDDEN in (outer.landmark, here) else here or outer.landmark
        if landmark != outer.landmark:
            inner = replace(inner, landmark=landmark)
    if tag == "a":
        return replace(inner, linked=element.get("href") is not None)
    if tag in HEADINGS:
        return replace(inner, kind="heading", level=int(tag[1]))
    if tag in LAID_OUT:
        return replace(inner, laid_out=True)
    if tag == "blockquote":
        return replace(inner, kind="quote")
    if tag in LISTS:
        numbers = [small_number(element.get("start"), 1)] if tag == "ol" else None
        return replace(inner, numbers=numbers)
    if tag == "li":
        return replace(inner, kind="item", mark=[_next_mark(element, inner.numbers)])
    return inner


def _block(text: str, context: _Context) -> Block:
    mark = context.mark.pop() if context.mark else None
    if context.kind == "heading":
        return Block(text.replace("\n", " "), "heading", context.level)
    if context.kind == "item":
        return Block(f"{mark} {text}", "item") if mark else Block(text)
    return Block(text, context.kind)


def _next_mark(element: Element, numbers: list[int] | None) -> str:
    if numbers is None:
        return "-"
    number = small_number(element.get("value"), numbers[0])
    numbers[0] = number + 1
    return f"{number}."


def _touches_a_link(element: Element) -> bool:
    previous = element.getprevious()
    return previous is not None and previous.tag == "a" and not previous.tail


def _box(element: Element | None) -> str:
    """The tags and classes of an element and its parent."""
    parent = None if element is None else element.getparent()
    return " > ".join(
        ".".join((str(each.tag), each.get("class") or ""))
        for each in (parent, element)
        if each is not None
    )


def _weight(text: str) -> int:
    return len("".join(text.split()))
