"""Metadata as the tables hold them: a column each of a revision, a row each of what is stated.

The names and the form are those of the store's first format: what may be several is JSON, unknown
is NULL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from kb.metadata import FIELDS, SEVERAL, Metadata

_RENAMED = {"author": "authors", "issued": "published", "keyword": "tags"}

COLUMNS = {field: _RENAMED.get(field, field) for field in FIELDS}
NAMES = ", ".join(COLUMNS.values())  # for a SELECT that `from_columns` reads

_FIELDS = {column: field for field, column in COLUMNS.items()}
_SEVERAL = tuple(field in SEVERAL for field in FIELDS)


def to_columns(metadata: Metadata) -> dict[str, str | None]:
    """The value of each column."""
    return {
        column: json.dumps(value, ensure_ascii=False) if field in SEVERAL else value
        for field, column in COLUMNS.items()
        for value in (getattr(metadata, field),)
    }


def from_columns(row: Sequence[str | None]) -> Metadata:
    """The metadata in the columns `NAMES`."""
    values: list[Any] = [
        tuple(json.loads(value or "[]")) if several else value
        for several, value in zip(_SEVERAL, row, strict=True)
    ]
    return Metadata(*values)


def to_stated(overrides: Metadata) -> list[tuple[str, str]]:
    """A name and a JSON value for each field that is known."""
    return [
        (COLUMNS[field], json.dumps(value, ensure_ascii=False))
        for field, value in overrides.said().items()
    ]


def from_stated(rows: Iterable[tuple[str, str]]) -> Metadata:
    """The metadata in such names and values."""
    said: dict[str, Any] = {_FIELDS[name]: json.loads(value) for name, value in rows}
    for field in said.keys() & SEVERAL:
        said[field] = tuple(said[field])
    return Metadata(**said)
