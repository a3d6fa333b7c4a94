"""What is known of a brief besides its text, under the names that citation software uses.

A new field is one line in `Metadata`, and a column of its name in the store. Those who write
metadata down (the store, the JSON output, the command line) walk the fields, and each keeps in one
place the names that it has for them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document; what is not known of it holds the default, None or ().

    The fields are the variables of CSL-JSON (https://github.com/citation-style-language/schema,
    csl-data.json), with simpler values: `author` holds each name as it is printed, in the order of
    the source (CSL: `literal`); `issued` is ISO 8601 in the precision known, "2017" or
    "2017-03-12" (CSL: EDTF); `keyword` holds the tags, which CSL writes as one text; `language` is
    a tag as in BCP 47, of a document two letters; `url` is CSL's `URL`.

    What is empty says nothing, so metadata cannot state that there is no author. An empty text is
    a value like others; whoever makes metadata gives None in its place.
    """

    title: str | None = None
    author: tuple[str, ...] = ()
    issued: str | None = None
    publisher: str | None = None
    language: str | None = None
    url: str | None = None
    keyword: tuple[str, ...] = ()

    def said(self) -> dict[str, Any]:
        """The fields that are known, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value != _UNKNOWN[name]}

    def over(self, other: Metadata) -> Metadata:
        """These metadata, with what they do not say taken from the other ones."""
        return replace(other, **self.said())


_UNKNOWN = {field.name: field.default for field in fields(Metadata)}

FIELDS = tuple(_UNKNOWN)
SEVERAL = frozenset(name for name, default in _UNKNOWN.items() if default == ())  # hold a tuple
