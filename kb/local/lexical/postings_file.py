"""The words' own index file: the positions of every word, mapped into memory, derived from SQLite.

SQLite keeps its label: a file of another size or other bytes is not opened.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

import numpy as np
from numpy.typing import NDArray

from kb.local import labels
from kb.local.files import replacing
from kb.local.lexical.postings import Numbers, Postings
from kb.local.permissions import folder_within

NAME = "words.bin"
PIECE = 1 << 16  # words of rows that are read at once
MOST = 1 << 21  # positions that are gathered at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(labels.Label):
    """Of the words: how many passages, words, and positions (`places`) the file holds."""

    FORMAT: ClassVar[int] = 1

    passages: int
    terms: int
    places: int


def build(
    folder: Path,
    batches: Iterable[tuple[NDArray[np.int64], Numbers, NDArray[np.int64]]],
    passages: int,
    terms: int,
    generation: int,
) -> str:
    """Write the file for `passages` in batches, by id, of words numbered to `terms`; its label.

    A batch is ids, their rows one behind the other, and how long each row is. All that is held at
    once is a batch, some words' positions, and 16 bytes for each passage and each word.
    """
    folder_within(folder)
    ids = np.empty(passages, dtype=np.int64)
    starts = np.zeros(passages + 1, dtype=np.int64)
    counts = np.zeros(terms + 1, dtype=np.int64)
    path = folder / NAME
    with replacing(path) as file:
        file.seek(8 * (len(ids) + len(starts) + len(counts) + 1))
        done = 0
        for some, numbers, lengths in batches:
            ids[done : done + len(some)] = some
            starts[done + 1 : done + len(some) + 1] = lengths
            counts += np.bincount(numbers, minlength=len(counts))
            file.write(numbers.data)
            done += len(some)
        if done != passages:
            raise ValueError(f"not {passages} passages but {done}")
        np.cumsum(starts, out=starts)
        offsets = np.concatenate([starts[:1], np.cumsum(counts)])
        for positions in _positions(file, offsets):
            file.seek(0, os.SEEK_END)
            file.write(positions.data)
        file.seek(0)
        for array in (ids, starts, offsets):
            file.write(array.data)
    return Label.of(
        path, generation, passages=passages, terms=len(offsets), places=int(offsets[-1])
    ).text()


def _positions(file: BinaryIO, offsets: NDArray[np.int64]) -> Iterator[Numbers]:
    """The positions of word 0, 1, 2 …, of some words at a time, from the rows at the file's end.

    Those of one word at least; of more, as many as have `MOST` together.
    """
    begin = file.tell() - 4 * int(offsets[-1])
    low = 0
    while low < len(offsets) - 1:
        high = max(low + 1, int(np.searchsorted(offsets, offsets[low] + MOST, "right")) - 1)
        positions = np.empty(int(offsets[high] - offsets[low]), dtype=np.uint32)
        free = offsets[low:high] - offsets[low]  # where the next position of each word goes
        file.seek(begin)
        for offset in range(0, int(offsets[-1]) if len(positions) else 0, PIECE):
            numbers = np.frombuffer(
                file.read(4 * min(PIECE, int(offsets[-1]) - offset)), dtype=np.uint32
            )
            found = np.flatnonzero((numbers >= low) & (numbers < high))
            words = numbers[found] - np.uint32(low)
            order = np.argsort(words, kind="stable")
            counts = np.bincount(words, minlength=high - low)
            shift = np.repeat(free - (np.cumsum(counts) - counts), counts)
            positions[np.arange(len(order)) + shift] = found[order] + offset
            free += counts
        yield positions
        low = high


def open_postings(
    folder: Path, text: str | None, *, every_byte: bool = False
) -> tuple[Postings, int] | None:
    """The words that the labelled file holds and their generation; None: not to be trusted."""
    path = folder / NAME
    label = Label.read(text, path, every_byte=every_byte)
    if label is None:
        return None
    wide, narrow = 2 * label.passages + 1 + label.terms, 2 * label.places
    if label.size != 8 * wide + 4 * narrow:
        return None
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return None
    ids, starts, offsets = np.split(
        np.frombuffer(data, np.int64, wide), [label.passages, 2 * label.passages + 1]
    )
    numbers, positions = np.split(np.frombuffer(data, np.uint32, narrow, offset=8 * wide), 2)
    return Postings(ids, starts, numbers, positions, offsets), label.generation
