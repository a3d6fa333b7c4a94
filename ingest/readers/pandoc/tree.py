"""What pandoc makes of a document (its JSON tree) as blocks, each note after its paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from ingest.drafts import Block
from ingest.readers.common.characters import PARAGRAPH_BREAK, visible, visible_line
from ingest.readers.common.tables import in_lists, in_tables
from kb.text.numerals import enumerated

Node = Any  # {"t": its type, "c": its content}, see pandoc-types, Text.Pandoc.Definition

_QUOTES = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}
_FRAMES = {"OneParen": "{})", "TwoParens": "({})"}
_SPACES = {"Space": " ", "SoftBreak": " ", "LineBreak": "\n"}
# where the content of a node is more than its inlines or blocks: the place of these in it
_AT = {"Span": 1, "Link": 1, "Cite": 1}
_TEXTS = ("Code", "Math")  # [attributes or kind, text]


@dataclass(slots=True)
class Tree:
    """Reads the blocks of one tree, and counts its notes."""

    _told: int = 0
    _waiting: list[Sequence[Node]] = field(default_factory=list)  # notes of the text under way

    def blocks(self, nodes: Sequence[Node]) -> Iterator[Block]:
        """The blocks of nodes, in reading order."""
        return in_lists(block for node in nodes for block in self._of(node))

    def _of(self, node: Node) -> Iterator[Block]:
        kind, content = node["t"], node.get("c", ())
        match kind:
            case "Para" | "Plain":
                yield from self._paragraphs(self._text(content))
            case "Header":
                if text := " ".join(self._text(content[2]).split()):
                    yield Block(text, "heading", max(1, int(content[0])))
                yield from self._notes()
            case "LineBlock":
                yield from self._paragraphs("\n".join(map(self._text, content)))
            case "CodeBlock":
                yield from self._paragraphs(visible(content[1]))
            case "BlockQuote":
                for block in self.blocks(content):
                    yield replace(block, kind="quote") if block.kind == "paragraph" else block
            case "BulletList":
                for entry in content:
                    yield from self._entry("-", entry)
            case "OrderedList":
                (start, style, frame), entries = content
                for number, entry in enumerate(entries, int(start)):
                    yield from self._entry(_label(number, style["t"], frame["t"]), entry)
            case "DefinitionList":
                for term, definitions in content:
                    yield from self._paragraphs(self._text(term))
                    for definition in definitions:
                        yield from self.blocks(definition)
            case "Table":
                yield from self._table(content)
            case "Figure":
                yield from self.blocks(content[2])
                yield from self.blocks(content[1][1])
            case "Div":
                yield from self.blocks(content[1])

    def _paragraphs(self, text: str) -> Iterator[Block]:
        for piece in PARAGRAPH_BREAK.split(text):
            lines = (" ".join(line.split()) for line in piece.split("\n"))
            if paragraph := "\n".join(line for line in lines if line):
                yield Block(paragraph)
        yield from self._notes()

    def _notes(self) -> Iterator[Block]:
        notes, self._waiting = self._waiting, []
        for note in notes:
            self._told += 1
            number = self._told
            if text := "\n".join(block.text for block in self.blocks(note)):
                yield Block(f"{number} {text}", "footnote")

    def _entry(self, label: str, entry: Sequence[Node]) -> Iterator[Block]:
        for block in self.blocks(entry):
            if label and block.kind == "paragraph":
                yield Block(f"{label} {block.text}", "item")
                label = ""
            else:
                yield block

    def _table(self, content: Sequence[Any]) -> Iterator[Block]:
        _, caption, _, head, bodies, foot = content
        yield from self.blocks(caption[1])
        rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
        yield from in_tables([[list(self.blocks(cell[4])) for cell in row[1]] for row in rows])

    def _text(self, inlines: Sequence[Node]) -> str:
        """The text of inline nodes; their notes wait."""
        pieces: list[str] = []
        for node, after in zip_longest(inlines, inlines[1:]):
            kind, content = node["t"], node.get("c", ())
            if kind == "Superscript" and after is not None and after["t"] == "Note":
                continue  # the mark of the note that follows
            if kind == "Str":
                pieces.append(visible(content))
            elif kind in _SPACES:
                pieces.append(_SPACES[kind])
            elif kind == "Note":
                self._waiting.append(content)
            elif kind == "Quoted":
                before, after = _QUOTES[content[0]["t"]]
                pieces.append(f"{before}{self._text(content[1])}{after}")
            elif kind in _TEXTS:
                pieces.append(visible(content[1]))
            elif kind in _AT:
                pieces.append(self._text(content[_AT[kind]]))
            elif kind not in ("RawInline", "Image"):  # the rest are emphases
                pieces.append(self._text(content))
        return "".join(pieces)


def stated(meta: Node, name: str) -> list[str]:
    """What pandoc states of the document under that name ("title", "author")."""
    said = meta.get(name)
    if said is None:
        return []
    values = said["c"] if said["t"] == "MetaList" else [said]
    texts = (
        value["c"] if value["t"] == "MetaString" else Tree()._text(value["c"])
        for value in values
        if value["t"] in ("MetaString", "MetaInlines")
    )
    return [text for each in texts if (text := visible_line(each))]


def _label(number: int, style: str, frame: str) -> str:
    return _FRAMES.get(frame, "{}.").format(enumerated(number, style.replace("Alpha", "Letter")))
