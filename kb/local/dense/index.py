"""The dense leg: the FAISS index and, beside it, the vectors that it does not know yet.

Together they are exact: an index of an older generation is completed from SQLite, one that is
missing or not to be trusted is replaced by the rows themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from kb.local import vector_rows as finding
from kb.local.catalogue import rows
from kb.local.connection import translated
from kb.store import Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix, Vector
    from kb.local.dense.faiss_file import VectorIndex

FOLDER = "index"
FEW = 2_000  # up to so many candidates, a product over their rows beats the index
PLACES = 6  # digits of a score after the point; further ones are noise
SLICE = 1_024  # rows that are widened at once
STALE = 512  # the index is built anew when more rows than this, and than a tenth, are not in it


class Nearest:
    """Passages by inner product with a question's vector, over one open database."""

    def __init__(self, db: sqlite3.Connection, location: Path) -> None:
        self._db = db
        self._location = location
        self._index: VectorIndex | None = None
        self._opened = False

    def search(self, vector: Vector, limit: int, among: Collection[int] | None) -> Scores:
        """The best `limit`, exact, ties by key and ordinal."""
        dimension = rows.read_manifest(self._db).dimension
        if dimension is None or limit <= 0:
            return []
        if among is not None and len(among) <= FEW:
            few = _products(finding.vectors_of(self._db, among, dimension), vector)
            return ranked(self._db, few, limit)
        index = self.open()
        generation = index.generation if index else -1
        young = _products(finding.vectors_since(self._db, generation, dimension), vector)
        if among is not None:
            wanted = frozenset(among)
            young = [(id, score) for id, score in young if id in wanted]
        if index is None:
            return ranked(self._db, young, limit)
        return self._beside(index, young, vector, limit, None if among is None else sorted(among))

    def cosines(self, vector: Vector, ids: Collection[int]) -> dict[int, float]:
        """The inner product of each of these passages, rounded as `search` rounds it."""
        few = _products(finding.vectors_of(self._db, ids, len(vector)), vector)
        return {id: round(score, PLACES) for id, score in few}

    def refresh(self) -> None:
        """Build the index anew when it is missing or too much is beside it."""
        self._opened = False
        index = self.open()
        if index is not None and not stale(self._db, index.generation, index.count):
            return
        self.build()

    def build(self) -> None:
        """Build the index anew from the vectors in SQLite; no model is needed."""
        from kb.local.catalogue.changes import write_meta
        from kb.local.dense import faiss_file as vectors

        manifest = rows.read_manifest(self._db)
        if manifest.fingerprint is None or manifest.dimension is None:
            return
        self._index = None
        self._opened = False
        try:
            digest = vectors.build(
                self._location / FOLDER,
                finding.all_vectors(self._db, manifest.dimension, SLICE),
                finding.size(self._db),
                manifest.dimension,
                manifest.generation,
                manifest.fingerprint,
            )
        except OSError as error:
            raise translated(error, self._location) from error
        write_meta(self._db, index=digest)

    def open(self) -> VectorIndex | None:
        """The index, None when it is missing or not to be trusted; opened once."""
        if not self._opened:
            from kb.local.dense.faiss_file import open_index

            self._index = open_index(self._location / FOLDER, rows.read_index(self._db))
            self._opened = True
        return self._index

    def _beside(
        self,
        index: VectorIndex,
        young: Scores,
        vector: Vector,
        limit: int,
        among: list[int] | None,
    ) -> Scores:
        """The best of the index and of the vectors that it does not know, ties in full."""
        gone = index.count - finding.vectors_up_to(self._db, index.generation)
        fetch = limit + 1 + gone
        while True:
            found = index.search(vector, fetch, among)
            ids = [id for id, _ in found]
            old = _products(finding.vectors_of(self._db, ids, len(vector)), vector)
            best = ranked(self._db, old + young, limit)
            # what was not fetched scores at most as the last that was, up to rounding
            if (
                len(found) < fetch
                or fetch >= index.count
                or (len(best) == limit and best[-1][1] > found[-1][1] + 2 * 10**-PLACES)
            ):
                return best
            fetch *= 2


def stale(db: sqlite3.Connection, generation: int, count: int) -> bool:
    """Whether too many passages came or went since an index of `count` was built."""
    old = finding.vectors_up_to(db, generation)
    return (finding.size(db) - old) + (count - old) > max(STALE, count // 10)


def ranked(db: sqlite3.Connection, scores: Scores, limit: int, digits: int = PLACES) -> Scores:
    """The best `limit`, ties by key and ordinal; scores that agree in so many digits tie."""
    places = finding.places(db, [id for id, _ in scores])
    order = sorted((-round(score, digits), places[id], id) for id, score in scores if id in places)
    return [(id, -score) for score, _, id in order[:limit]]


def _products(pair: tuple[NDArray[np.int64], Matrix], vector: Vector) -> Scores:
    """(id, inner product) of each row with the vector.

    In float64: in float32 a library's order of adding changes the seventh digit, and of equal
    vectors 3 % would fall on two sides of a rounding.
    """
    ids, matrix = pair
    wide = vector.astype("f8")
    scores: list[float] = []
    for start in range(0, len(ids), SLICE):
        scores += (matrix[start : start + SLICE] @ wide).tolist()
    return list(zip(ids.tolist(), scores, strict=True))
