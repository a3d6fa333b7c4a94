"""One record of a JSONL file: text that is already clean, kept character for character."""

from __future__ import annotations

import json
import re
from typing import Any

from ingest.drafts import Block, Reading, beginning
from ingest.readers.common.characters import LONE_SURROGATE, without_controls
from kb.errors import Refused
from kb.metadata import Metadata
from kb.text.dates import parse_date
from kb.text.lines import count

NAME = "record"
VERSION = "1"

# tried once in a run of blanks, not once at each of them
_BLANK = re.compile(r"(?<!\s)\s*\n[^\S\n]*\n\s*")
_LINE = re.compile(r"(?<!\s)\s*\n\s*")


def read(data: bytes, name: str) -> Reading:
    """The record {_id?, title?, text, url?, author(s)?, published?, publisher?, tags?}.

    No heading is inferred and nothing is removed. Control characters become spaces one for one,
    so offsets are those of the text that was given.
    """
    record = parse(data)
    text, controls = without_controls(record["text"])
    if not text.strip():
        raise Refused("a record without text")
    blocks, tail = _blocks(text)
    title = _string(record, "title")
    return Reading(
        blocks=blocks,
        metadata=Metadata(
            title=title or beginning(text),
            author=_strings(record, "authors") or _strings(record, "author"),
            issued=_date(record),
            publisher=_string(record, "publisher"),
            language=_string(record, "language"),
            url=_string(record, "url"),
            keyword=_strings(record, "tags"),
        ),
        external_id=identifier(record),
        notes=(f"{count(controls, 'control character')} became spaces",) if controls else (),
        clean=True,
        tail=tail,
    )


def parse(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`, with a string `text`; Refused says what it is instead."""
    try:
        record = json.loads(data)
        half = LONE_SURROGATE.search(json.dumps(record, ensure_ascii=False))
    except (ValueError, RecursionError) as error:
        detail = str(error).partition(":")[0] if isinstance(error, ValueError) else "too deep"
        raise Refused(f"not JSON ({detail})") from error
    if not isinstance(record, dict):
        raise Refused("not a record: a line must be a JSON object with a text")
    if not isinstance(record.get("text"), str):
        raise Refused("a record without text")
    if half:
        raise Refused("half a character (a lone surrogate) in it")
    return record


def identifier(record: dict[str, Any]) -> str | None:
    """The record's own `_id` (or `id`), as text."""
    value = record.get("_id", record.get("id"))
    return str(value) if isinstance(value, str | int) and str(value) else None


def _blocks(text: str) -> tuple[tuple[Block, ...], str]:
    """Paragraphs with the white space before each, and the white space after the last."""
    separator = _BLANK if _BLANK.search(text.strip()) else _LINE
    blocks: list[Block] = []
    start = len(text) - len(text.lstrip())
    gap = text[:start]
    end = len(text.rstrip())
    for match in separator.finditer(text, start, end):
        blocks.append(Block(text[start : match.start()], gap=gap))
        gap, start = match.group(), match.end()
    blocks.append(Block(text[start:end], gap=gap))
    return tuple(blocks), text[end:]


def _string(record: dict[str, Any], field: str) -> str | None:
    value = record.get(field)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    return _line(str(value)) or None


def _strings(record: dict[str, Any], field: str) -> tuple[str, ...]:
    value = record.get(field)
    values = value if isinstance(value, list) else [value]
    return tuple(line for item in values if isinstance(item, str) and (line := _line(item)))


def _line(text: str) -> str:
    return " ".join(without_controls(text)[0].split())


def _date(record: dict[str, Any]) -> str | None:
    text = _string(record, "published") or _string(record, "date")
    return parse_date(text) if text else None
