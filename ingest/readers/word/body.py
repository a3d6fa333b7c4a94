"""The body of a Word file as blocks: changes accepted, text boxes and notes beside their paragraph.

Whatever is not known to be silent is gone into, so that no text is lost in a wrapper that Word
adds one day. libxml2 lets nothing in that is deeper than 256 elements, so recursion is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingest.drafts import Block, Kind
from ingest.readers.common.characters import PARAGRAPH_BREAK, visible, visible_line
from ingest.readers.common.tables import in_tables
from ingest.readers.common.xml import Element, attribute, child, local
from ingest.readers.word.styles import Lists, Styles, numbering_of, outline_level, value
from kb.text.dates import parse_date
from kb.text.numerals import enumerated

CONTENTS = "table of contents"
HIDDEN = "hidden in the document"

_GONE = frozenset(("del", "moveFrom", "rt"))  # deleted, moved away; readings above Chinese letters
_SILENT = frozenset(
    "pPr rPr tblPr trPr tcPr sdtPr sdtEndPr sectPr tblGrid instrText delInstrText delText".split()
)
_SPACES = {"tab": " ", "ptab": " ", "cr": "\n", "noBreakHyphen": "\u2011"}
_CHANGES = ("del", "moveFrom")
_CONTENTS_STYLE = re.compile(r"toc ?(?:[1-9]|heading)|table of figures")
_DATE_STYLE = re.compile(r"(?:publi\w+ )?date")
_QUOTES = ("quote", "intense quote", "block text")
# what two fonts without letters draw in place of a letter: the signs that change a meaning
_SYMBOLS = {
    "symbol": dict(zip("abmDSpqlsgdew£³±´°¹»®¬µ", "αβμΔΣπθλσγδεω≤≥±×°≠≈→←∝", strict=True)),
    "wingdings": {"à": "→", "ß": "←", "ü": "✓", "þ": "☑", "¨": "☐", "o": "☐", "x": "☒", "û": "✗"},
}


@dataclass(slots=True)
class _Line:
    """What a paragraph holds, in the order in which it stands."""

    pieces: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # kind and id
    boxes: list[Element] = field(default_factory=list)
    fields: list[bool] = field(default_factory=list)  # of each open: whether in its instruction


@dataclass(slots=True)
class Body:
    """Reads the blocks of one file; `notes` are the elements of its footnotes and endnotes."""

    styles: Styles
    lists: Lists
    notes: dict[tuple[str, str], Element]
    numbered: bool = True  # whether notes count from 1 on without a break
    dates: list[str] = field(default_factory=list)  # what stands in the style Date
    changed: bool = False  # whether changes were accepted
    parts: int = 0  # pieces of other files that only Word can take in
    _told: dict[str, int] = field(default_factory=dict)  # how many notes of a kind were shown

    def blocks(self, container: Element, contents: bool = False) -> Iterator[Block]:
        """The blocks in an element, in reading order."""
        line = _Line()
        for element in container:
            name = local(element)
            if name == "p":
                self._gather(element, line)
                properties = child(element, "pPr")
                if self._is_joined(properties):
                    self.changed = True
                    continue
                yield from self._paragraph(line, properties, contents)
                line = _Line()
                continue
            if name in _SILENT:
                continue
            yield from self._paragraph(line, None, contents)
            line = _Line()
            if name in _CHANGES:
                self.changed = True
            elif name == "tbl":
                yield from self._table(element)
            elif name == "AlternateContent":
                yield from self.blocks(_chosen(element), contents)
            elif name == "altChunk":
                self.parts += 1
            elif not _is_prompt(element):
                yield from self.blocks(element, contents or _is_contents(element))
        yield from self._paragraph(line, None, contents)

    def _is_joined(self, properties: Element | None) -> bool:
        """Whether a change took away the end of a paragraph, so that the next one goes on."""
        mark = child(properties, "rPr")
        return any(child(mark, name) is not None for name in _CHANGES)

    def _gather(self, element: Element, line: _Line) -> None:
        """Add what stands in a part of a paragraph to the line."""
        if local(element) == "p":
            line.fields.clear()  # an instruction that is never ended must not swallow the rest
        for part in element:
            name = local(part)
            if name == "t":
                if not any(line.fields):
                    line.pieces.append("".join(part.itertext()))
            elif name in _SPACES:
                line.pieces.append(_SPACES[name])
            elif name == "br":
                line.pieces.append(" " if attribute(part, "type") in ("page", "column") else "\n")
            elif name == "sym":
                line.pieces.append(_symbol(part))
            elif name == "fldChar":
                _step(line.fields, attribute(part, "fldCharType"))
            elif name in ("footnoteReference", "endnoteReference"):
                line.notes.append((name.removesuffix("Reference"), attribute(part, "id") or ""))
                if attribute(part, "customMarkFollows") is not None:
                    self.numbered = False  # such a note does not count, and its mark is text
            elif name == "txbxContent":
                line.boxes.append(part)
            elif name == "r" and _is_hidden(part):
                inside = _Line(fields=line.fields)
                self._gather(part, inside)
                line.hidden += inside.pieces
            elif name in _GONE:
                self.changed = self.changed or name in _CHANGES
            elif name == "AlternateContent":
                self._gather(_chosen(part), line)
            elif name not in _SILENT and not _is_prompt(part):
                self.changed = self.changed or name in ("ins", "moveTo")
                if name == "p":  # a paragraph of a drawing
                    line.pieces.append("\n")
                self._gather(part, line)

    def _paragraph(
        self, line: _Line, properties: Element | None, contents: bool
    ) -> Iterator[Block]:
        """The blocks of a paragraph: its text, its text boxes, its notes."""
        style = self.styles.named(value(properties, "pStyle"))
        lines = (" ".join(text.split()) for text in visible("".join(line.pieces)).split("\n"))
        text = "\n".join(lines).strip()
        if text:
            numbering = numbering_of(properties).over(style.numbering)
            label = self.lists.label(numbering)
            stated = outline_level(properties)
            if _DATE_STYLE.fullmatch(style.name) and (date := parse_date(text)):
                self.dates.append(date)
            level = style.level if stated is None else stated
            if contents or _CONTENTS_STYLE.fullmatch(style.name):
                yield Block(text.replace("\n", " "), reason=CONTENTS)
            elif style.name == "title":
                text = " ".join(text.split())
                yield Block(text, "title")
            elif level:
                text = " ".join(text.split())
                yield Block(f"{label} {text}" if label.strip("-") else text, "heading", level)
            else:
                kind: Kind = "quote" if style.name in _QUOTES else "paragraph"
                for number, piece in enumerate(PARAGRAPH_BREAK.split(text)):
                    if label and not number:
                        yield Block(f"{label} {piece}", "item")
                    else:
                        yield Block(piece, kind)
        if hidden := visible_line("".join(line.hidden)):
            yield Block(hidden, reason=HIDDEN)
        for box in line.boxes:
            yield from self.blocks(box)
        yield from self._notes(line.notes)

    def _notes(self, notes: Iterable[tuple[str, str]]) -> Iterator[Block]:
        """The notes of a paragraph, each once, with its number where that is sure."""
        for note in notes:
            element = self.notes.pop(note, None)
            if element is None:
                continue
            kind = note[0]
            self._told[kind] = number = self._told.get(kind, 0) + 1
            inside = list(self.blocks(element))
            if text := "\n".join(block.text for block in inside if block.reason is None):
                label = enumerated(number, "lowerRoman" if kind == "endnote" else "decimal")
                yield Block(f"{label} {text}" if self.numbered else text, "footnote")
            yield from (block for block in inside if block.reason is not None)

    def _table(self, table: Element) -> Iterator[Block]:
        return in_tables(
            [[list(self.blocks(cell)) for cell in _cells(row)] for row in _rows(table)]
        )


def _chosen(alternatives: Element) -> Element:
    """Of the forms in which a thing is written, the first that has text."""
    forms = [each for each in alternatives if local(each) in ("Choice", "Fallback")]
    for form in forms:
        if next(form.iter("{*}t", "{*}txbxContent"), None) is not None:
            return form
    return forms[0] if forms else alternatives


def _is_contents(element: Element) -> bool:
    """Whether this is the box in which Word keeps a table of contents."""
    part = child(child(element, "sdtPr"), "docPartObj")
    return value(part, "docPartGallery") == "Table of Contents"


def _is_prompt(element: Element) -> bool:
    """Whether this is a field to be filled in that shows its prompt ("Click here to enter")."""
    return child(child(element, "sdtPr"), "showingPlcHdr") is not None


def _is_hidden(run: Element) -> bool:
    vanish = child(child(run, "rPr"), "vanish")
    return vanish is not None and attribute(vanish, "val") not in ("0", "false", "off")


def _rows(table: Element) -> Iterator[Element]:
    """The rows of a table that no change took away, from within their wrappers."""
    for element in table:
        name = local(element)
        if name == "tr":
            if child(child(element, "trPr"), "del") is None:
                yield element
        elif name not in _SILENT and name not in _GONE:
            yield from _rows(element)


def _cells(row: Element) -> Iterator[Element]:
    for element in row:
        name = local(element)
        if name == "tc":
            if child(child(element, "tcPr"), "cellDel") is None:
                yield element
        elif name not in _SILENT and name not in _GONE:
            yield from _cells(element)


def _step(fields: list[bool], said: str | None) -> None:
    """Follow a field: its instruction comes first, what it shows after the separator."""
    if said == "begin":
        fields.append(True)
    elif said == "separate" and fields:
        fields[-1] = False
    elif said == "end" and fields:
        fields.pop()


def _symbol(element: Element) -> str:
    """The character that a sign of a font without letters stands for, nothing when unknown."""
    font = (attribute(element, "font") or "").lower()
    code = attribute(element, "char") or ""
    if not re.fullmatch("[0-9A-Fa-f]{4}", code):
        return ""
    point = int(code, 16)
    if font in _SYMBOLS:
        return _SYMBOLS[font].get(chr(point & 0xFF), "")
    return "" if 0xD800 <= point < 0xF900 else chr(point)
