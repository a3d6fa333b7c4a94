"""What the guide to JSON documents, and a look at printed values by it.

Also briefs of which everything is known, or nothing, so that each documented type is printed.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import documents

GUIDE = documents.ROOT / "kb" / "guides" / "json.md"
TABLES = tuple(documents.tables(GUIDE))
OPTIONAL = ", not always"
HOLDER = re.compile("(list|map) of (.*)")
PLAIN: dict[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, float),
    "whole number": lambda value: type(value) is int,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def rows(*columns: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each row of the guide's tables of these columns, with the heading that it stands under."""
    return [
        (table.heading, tuple(cell.replace("`", "") for cell in row))
        for table in TABLES
        if table.columns == columns
        for row in table.rows
    ]


# of each object, of each key: its types, and whether it may be missing
OBJECTS: dict[str, dict[str, tuple[tuple[str, ...], bool]]] = {}
for name, (key, its, _) in rows("key", "type", "meaning"):
    types = tuple(its.removesuffix(OPTIONAL).split(" or "))
    OBJECTS.setdefault(name, {})[key] = (types, its.endswith(OPTIONAL))
PRINTED = {command: name for _, (command, name) in rows("command", "object")}


class Seen:
    """Looks at printed values by what is documented of them, and notes what it sees."""

    def __init__(self) -> None:
        self.wrong: set[str] = set()
        self._types: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._there: dict[tuple[str, str], set[bool]] = defaultdict(set)

    def object(self, name: str, value: dict[str, Any]) -> None:
        """An object of this name was printed."""
        keys = OBJECTS[name]
        self.wrong |= {f"{name}: {key} is not documented" for key in value.keys() - keys}
        for key, (types, _) in keys.items():
            self._there[name, key].add(key in value)
            if key in value:
                self._value(name, key, types, value[key])

    def _value(self, name: str, key: str, types: tuple[str, ...], value: Any) -> None:
        fitting = [kind for kind in types if fits(kind, value)]
        if len(fitting) != 1:
            self.wrong.add(f"{name}: {key} is {value!r:.60}, not {' or '.join(types)}")
        elif self._walk(fitting[0], value):
            self._types[name, key].add(fitting[0])

    def _walk(self, kind: str, value: Any) -> bool:
        """Look at all that is in a value; whether there was anything, to the innermost."""
        if (holder := HOLDER.match(kind)) is not None:
            values = value if holder[1] == "list" else value.values()
            return sum(self._walk(holder[2], one) for one in values) > 0  # each is looked at
        if kind in OBJECTS:
            self.object(kind, value)
        return True

    @property
    def unseen(self) -> set[str]:
        """What is documented and was never printed."""
        found = set()
        for name, keys in OBJECTS.items():
            for key, (types, optional) in keys.items():
                unseen = set(types) - self._types[name, key]
                found |= {f"{name}: {key} is never {kind}" for kind in unseen}
                if self._there[name, key] != ({True, False} if optional else {True}):
                    found.add(f"{name}: {key} is {'never' if optional else 'at times'} missing")
        return found


def fits(kind: str, value: object) -> bool:
    """Whether a value is of a type that the guide names."""
    if (holder := HOLDER.match(kind)) is None:
        return PLAIN[kind](value) if kind in PLAIN else isinstance(value, dict)
    if holder[1] == "list":
        return isinstance(value, list) and all(fits(holder[2], one) for one in value)
    return isinstance(value, dict) and all(fits(holder[2], one) for one in value.values())


TOLLS = (
    "Drivers pay tolls in the city at seven in the morning. The income goes to buses and to "
    "streets where a jam lasts for hours, as nobody wants."
)


def fill(folder: Path) -> Path:
    """A new folder of briefs of which everything is known, or nothing, and of other files."""
    folder.mkdir()
    for name in ("clock-changes.pdf", "heat-and-worker-safety.txt", "us-russia-syria.md"):
        shutil.copy(documents.ROOT / "corpus" / name, folder / name)
    record = {
        "_id": "r1",
        "title": "Tolls in four cities",
        "text": f"{TOLLS}\n\nThe zebra is new.",
        "authors": ["Jo Doe"],
        "published": "2024-03",
        "publisher": "Example",
    }
    records = [record, {"_id": "r2", "title": "Tolls again", "text": TOLLS}]
    (folder / "records.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    (folder / "cod.txt").write_text("Cod\n\nQuotas for cod are\x07 set each year in December.\n")
    shutil.copy(folder / "cod.txt", folder / "copy.txt")
    (folder / "empty.txt").write_text("")
    (folder / "picture.png").write_bytes(b"")
    return folder


def damage(folder: Path) -> None:
    """Change an original."""
    path = next(path for path in sorted((folder / "originals").rglob("*")) if path.is_file())
    path.chmod(0o600)
    path.write_bytes(b"other bytes")
