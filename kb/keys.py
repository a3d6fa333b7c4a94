"""Names that last: readable keys for documents, references to their passages, digests of bytes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kb.errors import BadUsage

LONGEST = 40  # characters of a key; long enough for four to six words
_SMALL = frozenset(
    "a an and are as at be by do does for from has how in into is it its of on or our should that "
    "the their this to was we what when where which who why will with".split()
)
_REFERENCE = re.compile(
    r"(?P<key>[^#@\s\ud800-\udfff]+)(?:@(?P<revision>[0-9a-f]{8}))?(?:#(?P<ordinal>[1-9][0-9]{0,8}))?"
)


def slug(title: str) -> str:
    """A readable key from a title: its weighty words, lower case, joined by hyphens.

    "The US Should Steer Clear of Russian ‘Help’ in Syria" gives
    "us-steer-clear-russian-help-syria". Letters of any script are kept. May be empty.
    """
    folded = unicodedata.normalize("NFKC", title).casefold()
    words = re.findall(r"[^\W_]+", re.sub(r"['’.]", "", folded))
    weighty = [word for word in words if word not in _SMALL] or words
    key = ""
    for word in weighty:
        longer = f"{key}-{word}" if key else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        key = longer
    return key


def suffix(uri: str, digits: int = 4) -> str:
    """Hex digits that keep two documents of one title apart, from where they came from."""
    return sha256_of_text(uri)[:digits]


def similar_keys(asked: str, documents: Iterable[tuple[str, str]], most: int = 3) -> list[str]:
    """Keys that a person may have meant, the nearest first; documents are (key, source or title).

    Those whose key, or whose file's name, holds what was asked (of a path its name); else those
    that look like it.
    """
    from difflib import get_close_matches

    wanted = _slug_of_name(asked) or asked
    names: dict[str, str] = {}
    for key, source in documents:
        names.setdefault(_slug_of_name(source), key)
        names[key] = key
    held = [name for name in names if wanted in name]
    near = sorted(held, key=len) or get_close_matches(wanted, names, most, 0.7)
    return list(dict.fromkeys(names[name] for name in near))[:most]


def _slug_of_name(path: str) -> str:
    """What a key would be for the last part of a path without its ending."""
    return slug(re.sub(r"[-_]+|\.\w+$", " ", path.rpartition("/")[2]))


@dataclass(frozen=True, slots=True)
class Reference:
    """What `key`, `key#7`, `key@3fa2c1d4` and `key@3fa2c1d4#7` point to."""

    key: str
    revision: str | None = None
    ordinal: int | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """The reference that `text` spells, or BadUsage with the forms that there are."""
        found = _REFERENCE.fullmatch(text.strip())
        if found is None:
            raise BadUsage(
                f"{text!r} is not a reference. Write KEY for a document, KEY#7 for a passage, "
                "KEY@3fa2c1d4#7 for a passage of a certain revision; kb list shows the keys."
            )
        ordinal = found["ordinal"]
        return cls(found["key"], found["revision"], int(ordinal) if ordinal else None)

    def __str__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        ordinal = f"#{self.ordinal}" if self.ordinal else ""
        return f"{self.key}{revision}{ordinal}"


def sha256_of(data: bytes) -> str:
    """The digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_text(text: str) -> str:
    """The digest of a text in UTF-8; half characters (lone surrogates) count as they are."""
    return sha256_of(text.encode("utf-8", "surrogatepass"))


def sha256_of_file(path: Path) -> str:
    """The digest of a file's bytes, of which few are held at once."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
