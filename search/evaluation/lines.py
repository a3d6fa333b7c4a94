"""The lines of a file of judgements; what is wrong with one is said by its number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.errors import BadUsage


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """(where, line) of each line that is not blank; BadUsage when the file cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadUsage(f"{path}: not UTF-8 text. Save it as UTF-8.") from error
    for number, line in enumerate(text.split("\n"), 1):  # splitlines would cut at U+2028 too
        if line.strip():
            yield f"{path} line {number}", line.rstrip("\r")


def records(path: Path, form: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, record) of each line of a JSONL file; `form` shows a person what to write."""
    for where, line in lines(path):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadUsage(f"{where}: not JSON. Write {form}") from error
        if not isinstance(record, dict):
            raise BadUsage(f"{where}: not a JSON object. Write {form}")
        yield where, record


def word(record: dict[str, Any], field: str, where: str, form: str) -> str:
    """A field that must hold text (or a whole number, as text)."""
    value = record.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise BadUsage(f"{where}: no {field}. Write {form}")
    return str(value)
