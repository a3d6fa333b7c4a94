"""Passages as numbers of their words, in which words are looked up, counted and weighed. Pure.

A passage is a row of numbers: its context, 0, its text, 0. All rows stand one behind the other; a
position is an offset in that whole. Where every word has its list of positions (`postings_file`) a
look-up costs as much as the word has positions; a few passages are as well read through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kb.index.scores import saturated

COLUMNS = 2  # each closed by a 0
UNKNOWN = 2**32 - 1  # the number of a word that no passage holds

Numbers: TypeAlias = NDArray[np.uint32]
Rows: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Postings:
    """Passages by id, ascending: int64[n], with where each begins (and the last ends): [n + 1].

    `positions`, when there, are those of word 0, 1, 2 …, those of word w from `offsets[w]` on.
    """

    ids: NDArray[np.int64]
    starts: Rows
    numbers: Numbers
    positions: Numbers | None = None
    offsets: Rows | None = None
    read: dict[int, Rows] = field(default_factory=dict, compare=False)  # positions, once looked for

    @property
    def lengths(self) -> Rows:
        """How many words each passage has."""
        return np.diff(self.starts) - COLUMNS


@dataclass(frozen=True, slots=True)
class PhraseQuery:
    """A phrase of numbered words; with `near`, only where that one stands so near.

    A phrase of no words stands nowhere.
    """

    phrase: tuple[int, ...]
    near: tuple[int, ...] = ()
    distance: int = 0


def postings_of(ids: Sequence[int], rows: Sequence[bytes]) -> Postings:
    """The passages of these ids, ascending, from their rows of uint32."""
    starts = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum([len(row) // 4 for row in rows], out=starts[1:])
    numbers = np.frombuffer(b"".join(rows), dtype=np.uint32)
    return Postings(np.asarray(ids, dtype=np.int64), starts, numbers)


def only(postings: Postings, ids: Collection[int] | NDArray[np.int64]) -> Postings:
    """Of the passages those with these ids; an id that is not there is left out."""
    wanted = np.unique(np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), np.int64))
    at = np.searchsorted(postings.ids, wanted)
    at = (
        at[postings.ids[np.minimum(at, len(postings.ids) - 1)] == wanted]
        if len(postings.ids)
        else at[:0]
    )
    ends = postings.starts[at + 1]
    starts = np.zeros(len(at) + 1, dtype=np.int64)
    np.cumsum(ends - postings.starts[at], out=starts[1:])
    rows = [postings.numbers[a:b] for a, b in zip(postings.starts[at], ends, strict=True)]
    numbers = np.concatenate(rows) if rows else np.empty(0, dtype=np.uint32)
    return Postings(postings.ids[at], starts, numbers)


def rows_with(
    postings: Postings, query: PhraseQuery, most: int | None = None
) -> tuple[Rows, Rows, int]:
    """The passages (their rows) where something stands, how often, and the step.

    With `most`, at most so many positions are looked at, one in `step`.
    """
    positions, step = _starts(postings, query.phrase, most)
    if query.near and len(positions):
        there, _ = _starts(postings, query.near)
        positions = _close(postings, positions, there, query)
    rows = np.searchsorted(postings.starts, positions, side="right") - 1
    if not len(rows):
        return rows, rows, step
    bounds = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1], [True]]))
    return rows[bounds[:-1]], bounds[1:] - bounds[:-1], step


def holding(
    postings: Postings,
    phrases: Iterable[tuple[int, ...]],
    without: Iterable[tuple[int, ...]],
    alive: NDArray[np.bool_] | None,
) -> list[int]:
    """Ids of the passages that hold all `phrases` and none of `without`."""
    holds = np.ones(len(postings.ids), dtype=np.bool_) if alive is None else alive.copy()
    for phrase in phrases:
        here = np.zeros_like(holds)
        here[rows_with(postings, PhraseQuery(phrase))[0]] = True
        holds &= here
    for phrase in without:
        holds[rows_with(postings, PhraseQuery(phrase))[0]] = False
    ids: list[int] = postings.ids[holds].tolist()
    return ids


def some_with(
    postings: Postings, number: int, alive: NDArray[np.bool_] | None, most: int
) -> list[int]:
    """Ids of passages that hold a word, at most about `most` of them, drawn evenly."""
    rows, _, _ = rows_with(postings, PhraseQuery((number,)), most)
    ids: list[int] = postings.ids[rows if alive is None else rows[alive[rows]]].tolist()
    return ids


def bm25(
    postings: Postings, weighed: Iterable[tuple[PhraseQuery, float]], mean: float
) -> NDArray[np.float64]:
    """What each passage scores by phrases and their weights.

    `mean` is the mean length of all passages that can be found, not of these alone.
    """
    scores = np.zeros(len(postings.ids))
    for query, weight in weighed:
        rows, times, _ = rows_with(postings, query)
        lengths = postings.starts[rows + 1] - postings.starts[rows] - COLUMNS
        scores[rows] += weight * saturated(times, lengths, mean)
    return scores


def _starts(
    postings: Postings, phrase: tuple[int, ...], most: int | None = None
) -> tuple[Rows, int]:
    """Where a phrase begins: the positions of its rarest word, and what stands around them."""
    if not phrase:
        return np.empty(0, dtype=np.int64), 1
    listed = {number: _positions(postings, number) for number in phrase}
    rarest = min(listed, key=lambda number: len(listed[number]))
    step = 1 if most is None else max(1, -(-len(listed[rarest]) // most))
    offset = phrase.index(rarest)
    positions = listed[rarest][::step].astype(np.int64) - offset
    if len(phrase) > 1:
        positions = positions[(positions >= 0) & (positions <= len(postings.numbers) - len(phrase))]
    for n, number in enumerate(phrase):
        if n != offset:
            positions = positions[postings.numbers[positions + n] == np.uint32(number)]
    return positions, step


def _positions(postings: Postings, number: int) -> NDArray[np.integer[Any]]:
    if postings.positions is None or postings.offsets is None:
        if number not in postings.read:
            postings.read[number] = np.flatnonzero(postings.numbers == np.uint32(number))
        return postings.read[number]
    if number >= len(postings.offsets) - 1:
        return postings.positions[:0]
    return postings.positions[postings.offsets[number] : postings.offsets[number + 1]]


def _close(postings: Postings, here: Rows, there: Rows, query: PhraseQuery) -> Rows:
    """Of the positions `here` those with one `there` so near, before or after, in one column."""
    if not len(there):
        return here[:0]
    ends = _positions(postings, 0)
    column, columns = np.searchsorted(ends, here), np.searchsorted(ends, there)
    after = np.minimum(np.searchsorted(there, here), len(there) - 1)
    before = np.maximum(np.searchsorted(there, here, side="right") - 1, 0)
    # FTS5 counts the distance from the end of the first phrase to the start of the second
    to, since = there[after] - here, here - there[before]
    near = (to >= 0) & (to <= len(query.phrase) + query.distance) & (columns[after] == column)
    near |= (since >= 0) & (since <= len(query.near) + query.distance) & (columns[before] == column)
    close: Rows = here[near]
    return close
