"""What an index file says of itself: its format, what it was built from, and which bytes it is.

An index is derived, so one that cannot be trusted is as good as none: the rows answer in its
place, and the next writer builds it anew. That goes for other bytes than the label names, and for
a label of another format (or of none, as in stores before format 7), with other fields, or that is
no JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Self

from kb.keys import sha256_of_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The label of an index file; each kind of index adds what its file holds."""

    FORMAT: ClassVar[int]  # rises when the file's layout or the label's fields change

    generation: int  # that the index was built from
    size: int  # bytes
    sha256: str  # of the bytes
    modified: int  # mtime in ns: while it holds, the digest need not be computed again

    @classmethod
    def of(cls, path: Path, generation: int, **content: Any) -> Self:
        """The label of a file that was just written, with what this kind of label adds."""
        state = path.stat()
        return cls(
            generation=generation,
            size=state.st_size,
            sha256=sha256_of_file(path),
            modified=state.st_mtime_ns,
            **content,
        )

    def text(self) -> str:
        """The label as JSON, with its format."""
        return json.dumps({"format": self.FORMAT} | asdict(self), indent=1)

    @classmethod
    def read(cls, text: str | bytes | None, path: Path, *, every_byte: bool = False) -> Self | None:
        """The label in `text`, if it is of this format and its file stands at `path`, else None.

        Whether the file's bytes are those named is looked at when its time has changed, or
        when `every_byte` counts.
        """
        label = None if text is None else cls._parsed(text)
        if label is None:
            return None
        try:
            state = path.stat()
            same = state.st_size == label.size
            if same and (every_byte or state.st_mtime_ns != label.modified):
                same = sha256_of_file(path) == label.sha256
        except OSError:
            return None
        return label if same else None

    @classmethod
    def _parsed(cls, text: str | bytes) -> Self | None:
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(values, dict):
            return None
        # annotations are kept as text, and so name the types of what they annotate
        expected = {"format": "int"} | {field.name: field.type for field in fields(cls)}
        if {name: type(value).__name__ for name, value in values.items()} != expected:
            return None
        return cls(**values) if values.pop("format") == cls.FORMAT else None
