"""A web page as blocks in the order in which they stand: everything visible, nothing judged.

The walk follows lxml's events and keeps its own stack, so depth costs no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree, html

from ingest.drafts import Block, Kind
from ingest.readers.common.characters import clean
from ingest.readers.common.tables import LONG_CELL
from ingest.readers.html.landmarks import HIDDEN, Element, is_hidden, place_of
from ingest.readers.html.note_marks import settle
from kb.errors import Refused

# what a browser does not show, or shows only as the value of a control
_CODE = ("annotation", "annotation-xml", "head", "link", "meta", "script", "style", "template")
_MEDIA = ("applet", "audio", "canvas", "embed", "frame", "iframe", "object", "svg", "video")
_VALUES = ("datalist", "input", "option", "select", "textarea", "title")
_SILENT = frozenset((*_CODE, *_MEDIA, *_VALUES, "noframes", "noscript", "rp", "rt"))
_LISTS = ("ol", "ul", "menu", "dir")
_LAID_OUT = ("pre", "listing", "xmp")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SECTIONS = ("html", "body", "main", "article", "section", "aside", "nav", "header", "footer")
_GROUPS = ("div", "center", "address", "figure", "form", "fieldset", "details", "dialog", "hgroup")
_TEXTS = ("p", "li", "dl", "dt", "dd", "blockquote", "figcaption", "legend", "summary", "hr")
_TABLES = ("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td")
_BLOCKS = frozenset((*_LISTS, *_LAID_OUT, *_HEADINGS, *_SECTIONS, *_GROUPS, *_TEXTS, *_TABLES))
_BREAK = "\0"  # a line end that is meant; the page itself brings no control characters
_PARAGRAPH = re.compile(rf"{_BREAK}\s*{_BREAK}[\s{_BREAK}]*")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>")
_MOST_ATTRIBUTES = 5_000
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{5000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A block of the page and where it stands.

    `place` is the reason to leave it out that its surroundings give; `linked` is the share of
    its characters that are links; `box` is the same for blocks that are marked up alike.
    """

    block: Block
    place: str | None = None
    linked: float = 0.0
    box: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    """What the open elements say about the text inside them."""

    kind: Kind = "paragraph"
    level: int = 0
    place: str | None = None
    laid_out: bool = False
    linked: bool = False
    mark: list[str] = field(default_factory=list)  # of a list line, until its first block
    numbers: list[int] | None = None  # of an ordered list: the next number


def parse(markup: str) -> Element | None:
    """The tree of a page, footnote marks out of its words; None when there is nothing in it.

    Refused when a tag has thousands of attributes: libxml2 takes the square of their number.
    libxml2 stops at a depth of 256 elements and at ten million characters in a row; such a page
    is read a second time, without its nesting.
    """
    for tag in _LONG_TAG.finditer(markup):
        if len(_QUOTED.sub("", tag[0]).split()) > _MOST_ATTRIBUTES:
            raise Refused(f"a tag in it has more than {_MOST_ATTRIBUTES:,} attributes")
    root = _tree(markup, huge=False)
    if root is not None and root.getroottree().parser.error_log.filter_from_fatals():
        root = _tree(_TAG.sub(_flattened, markup), huge=True)
    if root is not None:
        settle(root)
    return root


def blocks(root: Element) -> list[Found]:
    """The text of a page as blocks, in document order."""
    walk = _Walk()
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walk.leave(element)
        elif not walk.enter(element):
            events.skip_subtree()
    return walk.found


def name_all(element: Element, name: str) -> None:
    """Give what is in an element a class of our own, by which its blocks' boxes are known."""
    if element.get("class") == name:
        return  # it is in one that was named before
    for each in element.iter():
        each.set("class", name)


class _Walk:
    """The blocks found so far and the text of the one under way."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self._open = [_Context()]
        self._holders: list[Element] = [None]  # the block that each open element stands in
        self._pieces: list[str] = []
        self._unseen: list[str] = []
        self._linked = 0

    def enter(self, element: Element) -> bool:
        """Open an element; False when the walk need not go into it."""
        tag, outer = element.tag, self._open[-1]
        if tag in _BLOCKS:
            self._flush()
        elif tag == "br":
            self._pieces.append(_BREAK)
        elif tag == "a" and _touches_a_link(element):
            self._pieces.append(" ")  # the style sheet keeps neighbouring links apart
        elif tag in _SILENT:
            self._push(outer, element)
            return False
        elif outer.place != HIDDEN and is_hidden(element):
            self._unseen.append(_line(element))
            self._push(outer, element)
            return False
        self._push(_context(element, outer), element)
        if tag == "table" and (rows := _rows(element)) is not None:
            self._table(element, rows)
            return False
        self._add(element.text)
        return True

    def leave(self, element: Element) -> None:
        """Close an element and take the text after it."""
        if element.tag in _BLOCKS:
            self._flush()
        self._open.pop()
        self._holders.pop()
        self._add(element.tail)

    def _push(self, context: _Context, element: Element) -> None:
        self._open.append(context)
        self._holders.append(element if element.tag in _BLOCKS else self._holders[-1])

    def _add(self, text: str | None) -> None:
        if not text:
            return
        context = self._open[-1]
        text = clean(text)
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
        for paragraph in _PARAGRAPH.split(raw):
            lines = (" ".join(line.split()) for line in paragraph.split(_BREAK))
            if text := "\n".join(line for line in lines if line):
                block = _block(text, context)
                self.found.append(Found(block, context.place, linked, _box(self._holders[-1])))
        self.found += (Found(Block(text), HIDDEN) for text in self._unseen if text)
        self._pieces.clear()
        self._unseen.clear()
        self._linked = 0

    def _table(self, table: Element, rows: list[str]) -> None:
        context = self._open[-1]
        for caption in table.iterchildren("caption"):
            if text := _line(caption):
                self.found.append(Found(Block(text), context.place, 0.0, _box(table)))
        if text := "\n".join(rows):
            linked = sum(_weight(_line(link)) for link in table.iter("a")) / _weight(text)
            self.found.append(Found(Block(text, "table"), context.place, linked, _box(table)))


def _context(element: Element, outer: _Context) -> _Context:
    tag, inner = element.tag, outer
    if tag not in ("html", "body"):
        place = (
            HIDDEN if HIDDEN in (outer.place, here := place_of(element)) else here or outer.place
        )
        if place != outer.place:
            inner = replace(inner, place=place)
    if tag == "a":
        return replace(inner, linked=element.get("href") is not None)
    if tag in _HEADINGS:
        return replace(inner, kind="heading", level=int(tag[1]))
    if tag in _LAID_OUT:
        return replace(inner, laid_out=True)
    if tag == "blockquote":
        return replace(inner, kind="quote")
    if tag in _LISTS:
        numbers = [_number(element.get("start"), 1)] if tag == "ol" else None
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
    number = _number(element.get("value"), numbers[0])
    numbers[0] = number + 1
    return f"{number}."


def _number(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch("[0-9]{1,6}", text) else default


def _touches_a_link(element: Element) -> bool:
    previous = element.getprevious()
    return previous is not None and previous.tag == "a" and not previous.tail


def _box(element: Element) -> str:
    """The tags and classes of an element and its parent."""
    parent = element.getparent()
    named = [(each.tag, each.get("class") or "") for each in (parent, element) if each is not None]
    return " > ".join(".".join(name) for name in named)


def _rows(table: Element) -> list[str] | None:
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
            cells = list(_children(row))
            if any(cell is None or cell.tag not in ("td", "th") for cell in cells):
                return None
            rows.append([_line(cell) for cell in cells])
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


def _line(element: Element) -> str:
    """All text in an element, on one line."""
    pieces: list[str] = []
    events = etree.iterwalk(element, events=("start", "end"))
    for event, part in events:
        if part.tag in _BLOCKS or part.tag == "br":
            pieces.append(" ")
        if event == "end":
            pieces.append("" if part is element else part.tail or "")
        elif part.tag in _SILENT:
            events.skip_subtree()
        else:
            pieces.append(part.text or "")
    return " ".join(clean("".join(pieces)).split())


def _weight(text: str) -> int:
    return len("".join(text.split()))


def _tree(markup: str, huge: bool) -> Element | None:
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=huge, remove_comments=True, remove_pis=True
    )
    try:
        return html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # lxml's word for an empty page
        return None


def _flattened(tag: re.Match[str]) -> str:
    """A tag without its power to nest: blocks part, the rest is nothing."""
    name = tag[2].lower()
    if name in _SILENT or name == "br":
        return tag[0]
    return "<p>" if name in _BLOCKS else ""


def letters(text: str) -> str:
    """The text without case, white space and punctuation, to find it again elsewhere."""
    return _NOT_WORD.sub("", text).casefold()
