"""Passages as numbers of their words, in which words are looked up, counted and weighed. Pure.

A passage is a row of numbers: its context, 0, its text, 0. All rows stand one behind the other; a
place is an offset in that whole. Where every word has its list of places (`wordfile`) a look-up
costs as much as the word has places; a few passages are as well read through.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75
IDF_FLOOR = 1e-6
COLUMNS = 2  # each closed by a 0
UNKNOWN = 2**32 - 1  # the number of a word that no passage holds

Numbers: TypeAlias = NDArray[np.uint32]
Rows: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """Passages by id, ascending: int64[n], with where each begins (and the last ends): [n + 1].

    `places`, when there, are those of word 0, 1, 2 …, those of word w from `firsts[w]` on.
    """

    ids: NDArray[np.int64]
    starts: Rows
    numbers: Numbers
    places: Numbers | None = None
    firsts: Rows | None = None
    read: dict[int, Rows] = field(default_factory=dict, compare=False)  # places, once looked for

    @property
    def lengths(self) -> Rows:
        """How many words each passage has."""
        return np.diff(self.starts) - COLUMNS


@dataclass(frozen=True, slots=True)
class Sought:
    """A phrase of numbered words; with `near`, only where that one stands so near.

    A phrase of no words stands nowhere.
    """

    phrase: tuple[int, ...]
    near: tuple[int, ...] = ()
    distance: int = 0


def words_of(ids: Sequence[int], rows: Sequence[bytes]) -> Words:
    """The passages of these ids, ascending, from their rows of uint32."""
    starts = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum([len(row) // 4 for row in rows], out=starts[1:])
    numbers = np.frombuffer(b"".join(rows), dtype=np.uint32)
    return Words(np.asarray(ids, dtype=np.int64), starts, numbers)


def only(words: Words, ids: Collection[int]) -> Words:
    """Of the passages those with these ids; an id that is not there is left out."""
    wanted = np.unique(np.fromiter(ids, dtype=np.int64, count=len(ids)))
    at = np.searchsorted(words.ids, wanted)
    at = at[words.ids[np.minimum(at, len(words.ids) - 1)] == wanted] if len(words.ids) else at[:0]
    ends = words.starts[at + 1]
    starts = np.zeros(len(at) + 1, dtype=np.int64)
    np.cumsum(ends - words.starts[at], out=starts[1:])
    rows = [words.numbers[a:b] for a, b in zip(words.starts[at], ends, strict=True)]
    numbers = np.concatenate(rows) if rows else np.empty(0, dtype=np.uint32)
    return Words(words.ids[at], starts, numbers)


def rows_with(words: Words, sought: Sought, most: int | None = None) -> tuple[Rows, Rows, int]:
    """The passages (their rows) where something stands, how often, and the step.

    With `most`, at most so many places are looked at, one in `step`.
    """
    places, step = _found(words, sought.phrase, most)
    if sought.near and len(places):
        there, _ = _found(words, sought.near)
        places = _close(words, places, there, sought)
    rows = np.searchsorted(words.starts, places, side="right") - 1
    if not len(rows):
        return rows, rows, step
    bounds = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1], [True]]))
    return rows[bounds[:-1]], bounds[1:] - bounds[:-1], step


def holding(
    words: Words,
    phrases: Iterable[tuple[int, ...]],
    without: Iterable[tuple[int, ...]],
    alive: NDArray[np.bool_] | None,
) -> list[int]:
    """Ids of the passages that hold all `phrases` and none of `without`."""
    holds = np.ones(len(words.ids), dtype=np.bool_) if alive is None else alive.copy()
    for phrase in phrases:
        here = np.zeros_like(holds)
        here[rows_with(words, Sought(phrase))[0]] = True
        holds &= here
    for phrase in without:
        holds[rows_with(words, Sought(phrase))[0]] = False
    ids: list[int] = words.ids[holds].tolist()
    return ids


def some_with(words: Words, number: int, alive: NDArray[np.bool_] | None, most: int) -> list[int]:
    """Ids of passages that hold a word, at most about `most` of them, drawn evenly."""
    rows, _, _ = rows_with(words, Sought((number,)), most)
    ids: list[int] = words.ids[rows if alive is None else rows[alive[rows]]].tolist()
    return ids


def bm25(words: Words, weighed: Iterable[tuple[Sought, float]], mean: float) -> NDArray[np.float64]:
    """What each passage scores by phrases and their weights, as FTS5 counts it.

    `mean` is the mean length of all passages that can be found, not of these alone.
    """
    scores = np.zeros(len(words.ids))
    for sought, weight in weighed:
        rows, times, _ = rows_with(words, sought)
        lengths = words.starts[rows + 1] - words.starts[rows] - COLUMNS
        norm = K1 * (1 - B + B * lengths / mean)
        scores[rows] += weight * times * (K1 + 1) / (times + norm)
    return scores


def idf(rows: float, size: int) -> float:
    """BM25's weight of a phrase that stands in `rows` of `size` passages (Robertson, as FTS5)."""
    return max(math.log((size - rows + 0.5) / (rows + 0.5)), IDF_FLOOR)


def _found(words: Words, phrase: tuple[int, ...], most: int | None = None) -> tuple[Rows, int]:
    """Where a phrase begins: the places of its rarest word, and what stands around them."""
    if not phrase:
        return np.empty(0, dtype=np.int64), 1
    listed = {number: _places(words, number) for number in phrase}
    rarest = min(listed, key=lambda number: len(listed[number]))
    step = 1 if most is None else max(1, -(-len(listed[rarest]) // most))
    offset = phrase.index(rarest)
    places = listed[rarest][::step].astype(np.int64) - offset
    if len(phrase) > 1:
        places = places[(places >= 0) & (places <= len(words.numbers) - len(phrase))]
    for n, number in enumerate(phrase):
        if n != offset:
            places = places[words.numbers[places + n] == np.uint32(number)]
    return places, step


def _places(words: Words, number: int) -> NDArray[np.integer[Any]]:
    if words.places is None or words.firsts is None:
        if number not in words.read:
            words.read[number] = np.flatnonzero(words.numbers == np.uint32(number))
        return words.read[number]
    if number >= len(words.firsts) - 1:
        return words.places[:0]
    return words.places[words.firsts[number] : words.firsts[number + 1]]


def _close(words: Words, here: Rows, there: Rows, sought: Sought) -> Rows:
    """Of the places `here` those with one `there` so near, before or after, in one column."""
    if not len(there):
        return here[:0]
    ends = _places(words, 0)
    column, columns = np.searchsorted(ends, here), np.searchsorted(ends, there)
    after = np.minimum(np.searchsorted(there, here), len(there) - 1)
    before = np.maximum(np.searchsorted(there, here, side="right") - 1, 0)
    # FTS5 counts the distance from the end of the first phrase to the start of the second
    to, since = there[after] - here, here - there[before]
    near = (to >= 0) & (to <= len(sought.phrase) + sought.distance) & (columns[after] == column)
    near |= (
        (since >= 0) & (since <= len(sought.near) + sought.distance) & (columns[before] == column)
    )
    close: Rows = here[near]
    return close
