"""The words' own index file: the places of every word, mapped into memory, derived from SQLite.

SQLite keeps its label: a file of another size or other bytes is not opened.
"""

from __future__ import annotations

import json
import mmap
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from kb.local.files import replacing, sha256_of
from kb.local.words import Words

NAME = "words.bin"


@dataclass(frozen=True, slots=True)
class Label:
    """What the file holds: how many passages, numbers of words and places, and which bytes."""

    generation: int
    passages: int
    terms: int
    places: int
    size: int
    sha256: str
    modified: int  # mtime in ns: while it holds, the digest need not be computed again


def build(folder: Path, words: Words, generation: int) -> str:
    """Write the file from inverted words of one generation; its label, to be kept in SQLite."""
    if words.places is None or words.firsts is None:
        raise ValueError("these words have no places")
    folder.mkdir(parents=True, exist_ok=True)
    arrays = (words.ids, words.starts, words.firsts, words.numbers, words.places)
    path = folder / NAME
    with replacing(path) as file:
        for array in arrays:
            file.write(array.data)
    label = Label(
        generation,
        len(words.ids),
        len(words.firsts),
        len(words.places),
        path.stat().st_size,
        sha256_of(path),
        path.stat().st_mtime_ns,
    )
    return json.dumps(asdict(label))


def open_words(folder: Path, text: str | None) -> tuple[Words, int] | None:
    """The words that the labelled file holds and their generation; None when it is not there."""
    if text is None:
        return None
    label = Label(**json.loads(text))
    path = folder / NAME
    try:
        state = path.stat()
        if state.st_size != label.size:
            return None
        if state.st_mtime_ns != label.modified and sha256_of(path) != label.sha256:
            return None
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return None
    wide = np.frombuffer(data, np.int64, 2 * label.passages + 1 + label.terms)
    narrow = np.frombuffer(data, np.uint32, 2 * label.places, offset=wide.nbytes)
    ids, starts, firsts = np.split(wide, [label.passages, 2 * label.passages + 1])
    return Words(ids, starts, narrow[: label.places], narrow[label.places :], firsts), (
        label.generation
    )


def is_damaged(folder: Path, text: str) -> bool:
    """Whether the file's bytes are not those that its label names."""
    path = folder / NAME
    return not path.exists() or sha256_of(path) != Label(**json.loads(text)).sha256
