"""Plain text, and web pages pasted as text: paragraphs, headings, a headline.

A blank line separates paragraphs; in a text without blank lines a line end does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.boilerplate.marking import mark, split_lines
from ingest.drafts import Block, Reading
from ingest.readers.common.decoding import decode
from ingest.readers.common.titles import title_from_name
from kb.errors import Refused
from kb.metadata import Metadata
from kb.text.list_marks import MARK

NAME = "plain"
VERSION = "1"

LONGEST_HEADLINE = 20  # words
LONGEST_HEADING = 12
LEDE = 40  # words: a paragraph so long is the body, no headline comes after it
BLANK_LINE = re.compile(r"\n[ \t]*\n")
_UNDERLINE = re.compile(r"(={3,}|-{3,}|~{3,})\s*")
_ITEM = re.compile(rf"\s*{MARK}\s+\S")
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_]")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_TWO_SENTENCES = re.compile(r"[^\W\d_]{3}[.!?]\s+[A-ZÀ-Þ]")
_UNFINISHED = tuple('.!?…:;,"”’)|')


def read(data: bytes, name: str, charset: str | None = None) -> Reading:
    """The paragraphs of a text; its headline is the title.

    `charset` is what the server named that sent it.
    """
    decoded = decode(data, charset)
    if not decoded.text.strip():
        raise Refused("no text in it")
    # twice: furniture must not become a headline, and a heading goes whose text is gone
    blocks = mark(with_headings(mark(blocks_of(decoded.text))))
    title = next((block.text for block in blocks if block.kind == "title"), None)
    return Reading(
        blocks=blocks,
        metadata=Metadata(
            title=" ".join(title.split()) if title else title_from_name(name) or None
        ),
        notes=decoded.notes,
    )


def blocks_of(text: str, *, separated: bool = False) -> list[Block]:
    """Paragraphs, list lines and underlined headings, as they are separated in the text.

    With `separated` it is part of a text whose paragraphs blank lines separate.
    """
    if separated or BLANK_LINE.search(text.strip()):
        runs = [run for run in BLANK_LINE.split(text) if run.strip()]
        runs[:1] = _head(runs[0])
        return [block for run in runs for block in _blocks_of_run(run)]
    return [_line(line, "\n") for line in text.split("\n") if line.strip()]


def _head(run: str) -> list[str]:
    """A text's first lines: the headline by itself when byline and date stand right under it."""
    lines = [line for line in run.split("\n") if line.strip()]
    short = [_is_short_line(_line(line, ""), LONGEST_HEADLINE, also="?!") for line in lines]
    if 1 < len(lines) <= 6 and all(short) and not _UNDERLINE.fullmatch(lines[1]):
        return [lines[0], "\n".join(lines[1:])]
    return [run]


def _blocks_of_run(run: str) -> Iterator[Block]:
    """The blocks in a run of lines between blank ones."""
    lines = [line.rstrip() for line in run.split("\n") if line.strip()]
    if len(lines) > 1 and (line := _UNDERLINE.fullmatch(lines[1])) and len(lines[0]) < 120:
        level = 1 if line[1].startswith("=") else 2
        yield Block(lines[0].strip(), "heading", level)
        lines = lines[2:]
    if not lines:
        return
    if sum(bool(_ITEM.match(line)) for line in lines) > 1 and _ITEM.match(lines[0]):
        yield from _items(lines)
        return
    for number, piece in enumerate(split_lines("\n".join(lines))):
        yield _line(piece, "\n" if number else "\n\n")


def _items(lines: list[str]) -> Iterator[Block]:
    """The entries of a list, each with the lines that continue it."""
    entry: list[str] = []
    gap = "\n\n"
    for line in lines:
        if entry and _ITEM.match(line):
            yield Block("\n".join(entry).strip(), "item", gap=gap)
            entry, gap = [], "\n"
        entry.append(line)
    yield Block("\n".join(entry).strip(), "item", gap=gap)


def _line(text: str, gap: str) -> Block:
    return Block(text.strip(), "item" if _ITEM.match(text) else "paragraph", gap=gap)


def with_headings(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with the headline and the headings among the kept ones told apart.

    A heading is a short line that ends without punctuation and stands above a paragraph. The
    headline is the first of them, before the body begins; captions may stand above it.
    """
    told = iter(_told_apart([block for block in blocks if block.reason is None]))
    return [block if block.reason is not None else next(told) for block in blocks]


def _told_apart(blocks: list[Block]) -> list[Block]:
    headline = _headline(blocks)
    shouted = any(_shouts(block.text) or block.level == 1 for block in blocks)
    result: list[Block] = []
    for index, block in enumerate(blocks):
        below = blocks[index + 1] if index + 1 < len(blocks) else None
        if index == headline:
            result.append(replace(block, kind="title", level=0))
        elif block.kind == "heading" or below is None:
            result.append(block)
        elif _is_short_line(block, LONGEST_HEADING) and not _is_short_line(below, LONGEST_HEADING):
            result.append(replace(block, kind="heading", level=_level(block.text, shouted)))
        else:
            result.append(block)
    return result


def _headline(blocks: list[Block]) -> int | None:
    """Which block is the headline: the first of three words or more, else the first of all."""
    candidates: list[int] = []
    for index, block in enumerate(blocks[:-1]):
        if index and block.text.startswith(blocks[index - 1].text):
            continue  # a caption again, with its credit
        if block.kind == "heading" or _is_short_line(block, LONGEST_HEADLINE, also="?!"):
            candidates.append(index)
        elif len(block.text.split()) >= LEDE:
            break
    longer = [index for index in candidates if len(blocks[index].text.split()) > 2]
    return next(iter(longer or candidates), None)


def _is_short_line(block: Block, most: int, also: str = "") -> bool:
    """Whether a block is one line of a few words without a mark that ends a sentence."""
    text = block.text
    if "\n" in text or len(text.split()) > most or len(text) > 15 * most:
        return False
    if block.kind == "item" and not _NUMBER.match(text):
        return False
    opening = text.lstrip("“\"'‘(¿¡")[:1]
    begins = opening.isdigit() or (opening.isalpha() and not opening.islower())
    ends = text.endswith(tuple(end for end in _UNFINISHED if end not in also))
    return (
        begins
        and not ends
        and not _TWO_SENTENCES.search(text)
        and _LETTERS.search(text) is not None
    )


def _shouts(text: str) -> bool:
    return text.isupper() and len(text) > 3


def _level(text: str, shouted: bool) -> int:
    """A heading's depth: by its number, else capitals above the rest."""
    if number := _NUMBER.match(text):
        return number[1].count(".") + 1
    return 2 if shouted and not _shouts(text) else 1
