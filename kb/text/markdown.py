"""Markdown set for a person at a terminal: wrapped, headings strong, tables in columns. Pure.

As much of CommonMark as our own guides are written in, with its tables (GitHub Flavored Markdown).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from kb.text.terminal import Terminal

CODE = "    "  # stands before a line that is shown as it is
GAP = "  "  # between two columns


def rendered(source: str, terminal: Terminal) -> str:
    """The text of a Markdown source, in lines of the terminal's width but for code."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(source))
    return _blocks(tree.children, terminal, "") + "\n"


def _blocks(nodes: Sequence[SyntaxTreeNode], terminal: Terminal, indent: str) -> str:
    return "\n\n".join(_block(node, terminal, indent) for node in nodes)


def _block(node: SyntaxTreeNode, terminal: Terminal, indent: str) -> str:
    match node.type:
        case "heading":
            return terminal.bold(terminal.wrapped(_words(node), indent))
        case "fence" | "code_block":
            lines = node.content.rstrip("\n").split("\n")
            return "\n".join(_code(f"{indent}{CODE}{line}".rstrip(), terminal) for line in lines)
        case "bullet_list" | "ordered_list":
            return "\n".join(
                _item(item, mark, terminal, indent)
                for item, mark in zip(node.children, _marks(node), strict=True)
            )
        case "table":
            rows = [
                [_words(cell) for cell in row.children]
                for part in node.children
                for row in part.children
            ]
            return table(rows, terminal, indent)
        case "paragraph":
            return terminal.wrapped(_words(node), indent)
        case _:
            return _blocks(node.children, terminal, indent)


def _code(line: str, terminal: Terminal) -> str:
    """A line of code; a command that a person types stands out."""
    return terminal.accent(line) if line.lstrip().startswith("$ ") else line


def _marks(node: SyntaxTreeNode) -> list[str]:
    """What stands before the entries of a list."""
    if node.type == "bullet_list":
        return ["- "] * len(node.children)
    return [f"{item.info}{item.markup} " for item in node.children]


def _item(item: SyntaxTreeNode, mark: str, terminal: Terminal, indent: str) -> str:
    inside = indent + " " * len(mark)
    return f"{indent}{mark}{_blocks(item.children, terminal, inside)[len(inside) :]}"


def _words(node: SyntaxTreeNode) -> str:
    """The text of a heading, a paragraph or a cell in one line, code between its marks."""
    return "".join(map(_inline, node.children)).strip()


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text":
            return node.content
        case "code_inline":
            return f"`{node.content}`"
        case "softbreak" | "hardbreak":
            return " "
        case "image":
            return ""
        case "link":
            return _link("".join(map(_inline, node.children)), str(node.attrs["href"]))
        case _:  # strong, emphasis, the whole line
            return "".join(map(_inline, node.children))


def _link(words: str, target: str) -> str:
    """The words of a link; an address is named, and the guide that another page of ours is."""
    if "://" in target:
        return words if words == target else f"{words} ({target})"
    page = target.partition("#")[0].rpartition("/")[2]
    topic = page.removesuffix(".md")
    return f"{words} (`kb help {topic}`)" if topic != page else words


def table(rows: Sequence[Sequence[str]], terminal: Terminal, indent: str = "") -> str:
    """Rows of cells, the first of them the heading, in columns that together fit the terminal.

    Where not even the longest words fit side by side, each row stands as a list of its cells.
    """
    heading, *others = rows
    widths = _widths(rows, terminal.width - len(indent) - len(GAP) * (len(heading) - 1))
    if widths is None:
        return "\n\n".join(_record(heading, row, terminal, indent) for row in others)
    lines = [terminal.bold(line) for line in _row(heading, widths, indent)]
    tall = any(len(cell) > width for row in others for cell, width in zip(row, widths, strict=True))
    for row in others:
        lines += ["", *_row(row, widths, indent)] if tall else _row(row, widths, indent)
    return "\n".join(lines)


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The columns' widths: what they need, the widest ones as narrow as it takes; None: too wide.

    No column is narrower than its longest word.
    """
    columns = list(zip(*rows, strict=True))
    least = [
        max(len(word) for cell in column for word in [*cell.split(), ""]) for column in columns
    ]
    widths = [max(map(len, column)) for column in columns]
    while sum(widths) > room:
        over = [at for at, width in enumerate(widths) if width > least[at]]
        if not over:
            return None
        widths[max(over, key=lambda at: widths[at])] -= 1
    return widths


def _row(cells: Sequence[str], widths: Sequence[int], indent: str) -> list[str]:
    """The lines of a row."""
    columns = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, columns))
    padded = [column + [""] * (height - len(column)) for column in columns]
    return [
        indent
        + GAP.join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in zip(*padded, strict=True)
    ]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False) or [
        ""
    ]


def _record(heading: Sequence[str], cells: Sequence[str], terminal: Terminal, indent: str) -> str:
    """A row under its first cell, each other cell after the heading of its column."""
    first, *others = cells
    named = [f"{name}: {cell}" for name, cell in zip(heading[1:], others, strict=True) if cell]
    lines = [terminal.bold(terminal.wrapped(first, indent))]
    lines += [terminal.wrapped(line, f"{indent}  ") for line in named]
    return "\n".join(lines)
