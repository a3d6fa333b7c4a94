"""Records as JSON, and back exactly. Pure.

A record is a frozen dataclass of texts, whole numbers, truth values, None, tuples of these, and
other records. What is decoded is checked against the types that the record's fields declare, so
that JSON from a stranger makes such a record or nothing. Half characters (lone surrogates) come
back as they went: in JSON's own escapes two of them that follow each other would become one whole.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def to_json(record: object) -> bytes:
    """A record as JSON in UTF-8; fields that hold their defaults are left out."""
    text = json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def from_json(kind: type[Record], data: bytes) -> Record:
    """The record of that class in the JSON; ValueError when it is none, down to each value."""
    try:
        record = _value(kind, json.loads(data.decode("utf-8", "surrogatepass")))
    except RecursionError as error:
        raise ValueError("nested deeper than any record") from error
    assert isinstance(record, kind)
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        pairs = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: _plain(each) for field, each in pairs if not _is_default(field, each)}
    return value


def _is_default(field: Field[Any], value: Any) -> bool:
    return type(field.default) is type(value) and bool(field.default == value)


def _value(kind: Any, value: Any) -> Any:
    """The value as one of that type; ValueError when it is none."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind in (str, int, bool, NoneType) and type(value) is kind:
        return value
    if origin is Literal and isinstance(value, str) and value in inside:
        return value
    if origin in (Union, UnionType):
        return _any_of(inside, value)
    if origin is tuple and isinstance(value, list):
        if inside[-1] is Ellipsis:
            return tuple(_value(inside[0], each) for each in value)
        if len(inside) == len(value):
            return tuple(map(_value, inside, value))
    if is_dataclass(kind) and isinstance(value, dict):
        return _record(kind, value)
    raise ValueError(f"not of the type {kind}: {str(value)[:80]!r}")


def _any_of(kinds: tuple[Any, ...], value: Any) -> Any:
    for kind in kinds:
        try:
            return _value(kind, value)
        except ValueError:
            continue
    raise ValueError(f"of none of the types {kinds}: {str(value)[:80]!r}")


def _record(kind: Any, values: dict[str, Any]) -> Any:
    types = _types(kind)
    if strange := values.keys() - types.keys():
        raise ValueError(f"{kind.__name__} has no field {min(strange)!r}")
    missing = [
        field.name
        for field in fields(kind)
        if field.name not in values and field.default is field.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"{kind.__name__} without its {missing[0]}")
    return kind(**{name: _value(types[name], value) for name, value in values.items()})


@lru_cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
