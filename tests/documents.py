"""The project's documents, and what stands in them: blocks, tables, links, code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from kb.guides import TOPICS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
GUIDES = tuple(ROOT / "kb" / "guides" / f"{topic}.md" for topic in TOPICS)
FOR_USERS = (README, *GUIDES)
FOR_ENGINEERS = tuple(sorted((ROOT / ".github").glob("*.md")))
ALL = (*FOR_USERS, *FOR_ENGINEERS)


def name(document: Path) -> str:
    """A document's path from the root."""
    return document.relative_to(ROOT).as_posix()


def read(document: Path) -> str:
    """The Markdown of a document."""
    return document.read_text(encoding="utf-8")


@cache
def tree(document: Path) -> SyntaxTreeNode:
    """The document as CommonMark with tables has it."""
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(read(document)))


def blocks(document: Path, language: str | None = None) -> list[str]:
    """The contents of the blocks of code, all or those in a language."""
    fences = (node for node in tree(document).walk() if node.type == "fence")
    return [node.content for node in fences if language in (None, node.info)]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the heading that it stands under; cells are as they are written."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(document: Path) -> Iterator[Table]:
    """The tables of a document."""
    heading = ""
    for node in tree(document).children:
        if node.type == "heading":
            heading = node.children[0].content
        elif node.type == "table":
            rows = [
                tuple(cell.children[0].content for cell in row.children)
                for part in node.children
                for row in part.children
            ]
            yield Table(heading, rows[0], tuple(rows[1:]))


def links(document: Path) -> list[str]:
    """The targets of links and pictures."""
    nodes = list(tree(document).walk())
    found = [str(node.attrs["href"]) for node in nodes if node.type == "link"]
    return [*found, *(str(node.attrs["src"]) for node in nodes if node.type == "image")]


def code(document: Path) -> list[str]:
    """What stands in the text as `code`."""
    return [node.content for node in tree(document).walk() if node.type == "code_inline"]


def prose(document: Path) -> str:
    """The text without blocks of code and without `code`."""
    without = re.sub(r"^```.*?^```$", "", read(document), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`]*`", "", without)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    headings = (node for node in tree(document).walk() if node.type == "heading")
    texts = (node.children[0].content.lower() for node in headings)
    return {re.sub(r"[^\w\- ]", "", text).replace(" ", "-") for text in texts}
