"""Markdown, with front matter: the text as a reader of the page sees it, without its marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

from ingest.boilerplate.marking import mark
from ingest.drafts import Block, Reading
from ingest.readers.common.characters import without_controls
from ingest.readers.common.decoding import decode
from ingest.readers.common.titles import title_from_name
from kb.errors import Refused
from kb.metadata import Metadata
from kb.text.dates import parse_date

if TYPE_CHECKING:
    from markdown_it.token import Token

NAME = "markdown"
VERSION = "1"

_FRONT = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TAG = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[a-zA-Z][^>]*>", re.DOTALL | re.IGNORECASE
)
_BAD_YAML = (ValueError, LookupError, AttributeError, RecursionError)  # PyYAML on `!!int ''` etc.


def read(data: bytes, name: str, charset: str | None = None) -> Reading:
    """The blocks of a Markdown text (CommonMark and tables), metadata from its front matter.

    Marks of emphasis and links go, their text stays; pictures go, raw HTML loses its tags. Front
    matter: title, author(s), date or published, publisher, url, tags, language. `charset` is what
    the server named that sent it.
    """
    decoded = decode(data, charset)
    front, body, notes = front_matter(decoded.text)
    blocks = mark(tuple(blocks_of(body)))
    if not any(block.text for block in blocks):
        raise Refused("no text in it")
    title = _text(front, "title")
    blocks = _with_title(blocks, title)
    headline = next((block.text for block in blocks if block.kind == "title"), None)
    return Reading(
        blocks=blocks,
        metadata=Metadata(
            title=title or headline or title_from_name(name) or None,
            author=_texts(front, "authors") or _texts(front, "author"),
            issued=_date(front.get("published", front.get("date"))),
            publisher=_text(front, "publisher"),
            language=_text(front, "language") or _text(front, "lang"),
            url=_text(front, "url"),
            keyword=_texts(front, "tags"),
        ),
        notes=(*decoded.notes, *notes),
    )


def front_matter(text: str) -> tuple[Mapping[str, Any], str, tuple[str, ...]]:
    """The YAML at the top, the rest of the text, and a note when the YAML cannot be read.

    What is not front matter after all stays in the text.
    """
    match = _FRONT.match(text)
    if match is None:
        return {}, text, ()
    import yaml

    try:
        front = yaml.safe_load(match[1])
    except (yaml.YAMLError, *_BAD_YAML) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" (line {line + 2})" if line is not None else ""
        return {}, text, (f"its front matter is not valid YAML{where} and was read as text",)
    if not isinstance(front, dict):
        return {}, text, ()
    return front, text[match.end() :], ()


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text in reading order."""
    from markdown_it import MarkdownIt

    # deeper than any real text, and safe for the stack: markdown-it leaves out what is deeper
    parser = MarkdownIt("commonmark", {"maxNesting": 120}).enable("table")
    walk = _Walk()
    for token in parser.parse(text):
        if block := walk.step(token):
            yield block


@dataclass(slots=True)
class _List:
    ordered: bool
    number: int
    marked: bool = False  # whether the entry's first paragraph has had its mark


@dataclass(slots=True)
class _Walk:
    """Where in the tree the token stream stands: enclosing lists, quotes, the table's rows."""

    lists: list[_List] = field(default_factory=list)
    quotes: int = 0
    heading: int = 0
    entries: int = 0  # of the outermost list, to set the first apart
    row: list[str] | None = None
    rows: list[str] = field(default_factory=list)

    def step(self, token: Token) -> Block | None:
        """The block that this token completes, if it does."""
        match token.type:
            case "heading_open":
                self.heading = int(token.tag[1])
            case "heading_close":
                self.heading = 0
            case "bullet_list_open" | "ordered_list_open":
                if not self.lists:
                    self.entries = 0
                ordered = token.type.startswith("ordered")
                self.lists.append(_List(ordered, int(token.attrGet("start") or 1)))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "list_item_open":
                self.lists[-1].marked = False
                if token.info.isdigit():
                    self.lists[-1].number = int(token.info)
            case "blockquote_open":
                self.quotes += 1
            case "blockquote_close":
                self.quotes -= 1
            case "tr_open":
                self.row = []
            case "tr_close":
                self.rows.append(" | ".join(self.row or []))
                self.row = None
            case "table_close":
                rows, self.rows = self.rows, []
                text = without_controls("\n".join(rows))[0].strip()
                return Block(text, "table") if text.strip(" |\n") else None
            case "inline" if self.row is not None:
                self.row.append(_inline(token).replace("\n", " "))
            case "inline":
                return self._block(_inline(token))
            case "fence" | "code_block":
                return self._block(token.content.strip("\n"))
            case "html_block":
                return self._block(_without_tags(token.content))
            case _:
                pass
        return None

    def _block(self, text: str) -> Block | None:
        text = without_controls(text)[0].strip()
        if not text:
            return None
        if self.heading:
            return Block(" ".join(text.split()), "heading", self.heading)
        if self.lists:
            self.entries += 1
            gap = "\n" if self.entries > 1 else "\n\n"
            return Block(self._entry_mark() + text, "item", gap=gap)
        return Block(text, "quote" if self.quotes else "paragraph")

    def _entry_mark(self) -> str:
        inner = self.lists[-1]
        if inner.marked:
            return ""
        inner.marked = True
        return f"{inner.number}. " if inner.ordered else "- "


def _inline(token: Token) -> str:
    """An inline token's text: marks gone, a line end of the source as a space."""
    pieces: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type == "softbreak":
            pieces.append(" ")
        elif child.type == "hardbreak" or (
            child.type == "html_inline" and child.content.lower().startswith("<br")
        ):
            pieces.append("\n")
    return "".join(pieces)


def _without_tags(html: str) -> str:
    text = unescape(_TAG.sub(" ", html))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def _with_title(blocks: tuple[Block, ...], title: str | None) -> tuple[Block, ...]:
    """The blocks, the headline among them told apart: the first heading of the first level.

    With a title in the front matter, only a heading of the same words is the headline.
    """
    for index, block in enumerate(blocks):
        if block.kind != "heading" or block.reason is not None:
            continue
        if block.text == title or (title is None and block.level == 1):
            headline = Block(block.text, "title", gap=block.gap)
            return (*blocks[:index], headline, *blocks[index + 1 :])
    return blocks


def _text(front: Mapping[str, Any], field: str) -> str | None:
    value = front.get(field)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    return " ".join(without_controls(str(value))[0].split()) or None


def _texts(front: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = front.get(field)
    values = value if isinstance(value, list) else [value]
    return tuple(text for item in values if (text := _text({field: item}, field)))


def _date(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return parse_date(str(value)) if isinstance(value, str | int) else None
