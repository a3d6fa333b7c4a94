"""The dense index: the FAISS file and, beside it, the vectors that it does not know yet.

Together they are exact: an index of an older generation is completed from SQLite, one that is
missing or not to be trusted is replaced by the rows themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from kb.index.scores import COSINE_DIGITS, cosines
from kb.local import vector_rows
from kb.local.catalogue.meta import State
from kb.local.connection import translated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix, Vector
    from kb.local.dense.faiss_file import VectorIndex

Ranked: TypeAlias = list[tuple[int, float]]  # ids and scores, best first

FOLDER = "index"
FEW = 2_000  # up to so many candidates, a product over their rows beats the index
SLICE = 1_024  # rows that are written at once
STALE = 512  # the index is built anew when more rows than this, and than a tenth, are not in it


class DenseIndex:
    """Passages by inner product with a question's vector. Asked from several threads, each with
    its own connection."""

    def __init__(self, location: Path) -> None:
        self._location = location
        self._index: VectorIndex | None = None
        self._opened: str | None = None  # the digest of the label of what is open
        self._lock = Lock()

    def search(
        self,
        db: sqlite3.Connection,
        state: State,
        vector: Vector,
        limit: int,
        among: Collection[int] | None,
    ) -> Ranked:
        """The best `limit`, exact, ties by key and ordinal."""
        dimension = state.manifest.dimension
        if dimension is None or limit <= 0:
            return []
        if among is not None and len(among) <= FEW:
            few = _products(vector_rows.vectors_of(db, among, dimension), vector)
            return ranked(db, few, limit)
        index = self.open(state)
        generation = index.generation if index else -1
        young = _products(vector_rows.vectors_since(db, generation, dimension), vector)
        if among is not None:
            wanted = frozenset(among)
            young = [(id, score) for id, score in young if id in wanted]
        if index is None:
            return ranked(db, young, limit)
        only = None if among is None else sorted(among)
        return _completed(db, index, young, vector, limit, only)

    def open(self, state: State) -> VectorIndex | None:
        """The index file, None when it is missing or not to be trusted; opened once."""
        if state.index is None:
            return None
        with self._lock:
            if self._opened != state.index:
                from kb.local.dense.faiss_file import open_index

                self._index = open_index(self._location / FOLDER, state.index)
                self._opened = state.index
            return self._index

    def update(self, db: sqlite3.Connection, state: State) -> None:
        """Build the file anew when it is missing or too much is beside it."""
        self._opened = None  # what was open may be damaged by now
        index = self.open(state)
        if index is not None and not stale(db, index.generation, index.count):
            return
        self.build(db, state)

    def build(self, db: sqlite3.Connection, state: State) -> None:
        """Build the file anew from the vectors in SQLite; no model is needed."""
        from kb.local.catalogue.meta import write_meta
        from kb.local.dense import faiss_file

        manifest = state.manifest
        if manifest.fingerprint is None or manifest.dimension is None:
            return
        self._index = self._opened = None
        try:
            digest = faiss_file.build(
                self._location / FOLDER,
                vector_rows.all_vectors(db, manifest.dimension, SLICE),
                vector_rows.size(db),
                manifest.dimension,
                manifest.generation,
                manifest.fingerprint,
            )
        except OSError as error:
            raise translated(error, self._location) from error
        write_meta(db, index=digest)


def _completed(
    db: sqlite3.Connection,
    index: VectorIndex,
    young: Ranked,
    vector: Vector,
    limit: int,
    among: list[int] | None,
) -> Ranked:
    """The best of the index and of the vectors that it does not know, ties in full."""
    gone = index.count - vector_rows.count_up_to(db, index.generation)
    fetch = limit + 1 + gone
    while True:
        found = index.search(vector, fetch, among)
        ids = [id for id, _ in found]
        old = _products(vector_rows.vectors_of(db, ids, len(vector)), vector)
        best = ranked(db, old + young, limit)
        # what was not fetched scores at most as the last that was, up to rounding
        if (
            len(found) < fetch
            or fetch >= index.count
            or (len(best) == limit and best[-1][1] > found[-1][1] + 2 * 10**-COSINE_DIGITS)
        ):
            return best
        fetch *= 2


def stale(db: sqlite3.Connection, generation: int, count: int) -> bool:
    """Whether too many passages came or went since an index of `count` was built."""
    old = vector_rows.count_up_to(db, generation)
    return (vector_rows.size(db) - old) + (count - old) > max(STALE, count // 10)


def ranked(
    db: sqlite3.Connection, scores: Ranked, limit: int, digits: int = COSINE_DIGITS
) -> Ranked:
    """The best `limit`, ties by key and ordinal; scores that agree in so many digits tie."""
    standing = vector_rows.standing(db, [id for id, _ in scores])
    order = sorted(
        (-round(score, digits), standing[id], id) for id, score in scores if id in standing
    )
    return [(id, -score) for score, _, id in order[:limit]]


def _products(pair: tuple[NDArray[np.int64], Matrix], vector: Vector) -> Ranked:
    """(id, inner product) of each row with the vector."""
    ids, matrix = pair
    return list(zip(ids.tolist(), cosines(matrix, vector).tolist(), strict=True))
