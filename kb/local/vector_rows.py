"""Rows of vectors and of the passages that they stand for, as an index asks for them in SQL.

Standard library and numpy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kb.errors import StoreError
from kb.local.catalogue.rows import as_json, digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix, Vector


class Neighbourhood(NamedTuple):
    """Where a passage stands: document, number, and the ids right before and after it."""

    document: str
    ordinal: int
    before: int | None
    after: int | None


def ids_of(db: sqlite3.Connection, revisions: Collection[int]) -> list[int]:
    """The ids of all findable passages of these revisions (rows), ascending."""
    rows = db.execute(
        """SELECT id FROM passages
           WHERE current AND revision_id IN (SELECT value FROM json_each(?)) ORDER BY id""",
        (as_json(revisions),),
    )
    return [row[0] for row in rows]


def standing(db: sqlite3.Connection, ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Key and ordinal of each id that can be found today."""
    rows = db.execute(
        """SELECT p.id, r.document, p.ordinal FROM passages p
           JOIN revisions r ON r.id = p.revision_id
           WHERE p.current AND p.id IN (SELECT value FROM json_each(?))""",
        (as_json(ids),),
    )
    return {id: (key, ordinal) for id, key, ordinal in rows.fetchall()}


def neighbourhoods(db: sqlite3.Connection, ids: Collection[int]) -> dict[int, Neighbourhood]:
    """Where each id stands that can be found today, with its neighbours."""
    rows = db.execute(
        """SELECT p.id, r.document, p.ordinal, before.id, after.id FROM passages p
           JOIN revisions r ON r.id = p.revision_id
           LEFT JOIN passages before
               ON before.revision_id = p.revision_id AND before.ordinal = p.ordinal - 1
           LEFT JOIN passages after
               ON after.revision_id = p.revision_id AND after.ordinal = p.ordinal + 1
           WHERE p.current AND p.id IN (SELECT value FROM json_each(?))""",
        (as_json(ids),),
    )
    return {id: Neighbourhood(*stands) for id, *stands in rows.fetchall()}


def size(db: sqlite3.Connection) -> int:
    """How many passages can be found."""
    return int(db.execute("SELECT count(*) FROM vectors").fetchone()[0])


def count_up_to(db: sqlite3.Connection, generation: int) -> int:
    """How many vectors are as old as a generation, or older."""
    sql = "SELECT count(*) FROM vectors WHERE generation <= ?"
    return int(db.execute(sql, (generation,)).fetchone()[0])


def ids_up_to(db: sqlite3.Connection, generation: int) -> list[int]:
    """The ids of the passages that are as old as a generation, or older."""
    rows = db.execute("SELECT passage_id FROM vectors WHERE generation <= ?", (generation,))
    return [row[0] for row in rows]


def vectors_since(
    db: sqlite3.Connection, generation: int, dimension: int
) -> tuple[NDArray[np.int64], Matrix]:
    """Ids and vectors younger than a generation (all from -1), by age."""
    rows = db.execute(
        # ordered by the id alone, SQLite would read the whole table rather than the index
        "SELECT passage_id, vector FROM vectors WHERE generation > ? "
        "ORDER BY generation, passage_id",
        (generation,),
    )
    return _matrix(rows.fetchall(), dimension)


def all_vectors(
    db: sqlite3.Connection, dimension: int, size: int
) -> Iterator[tuple[NDArray[np.int64], Matrix]]:
    """Ids and vectors of all passages that can be found, by id, so many at a time."""
    rows = db.execute("SELECT passage_id, vector FROM vectors ORDER BY passage_id")
    while batch := rows.fetchmany(size):
        yield _matrix(batch, dimension)


def vectors_of(
    db: sqlite3.Connection, ids: Collection[int], dimension: int
) -> tuple[NDArray[np.int64], Matrix]:
    """Ids and vectors of these passages, by id; unknown ids are left out."""
    rows = db.execute(
        """SELECT passage_id, vector FROM vectors
           WHERE passage_id IN (SELECT value FROM json_each(?)) ORDER BY passage_id""",
        (as_json(ids),),
    )
    return _matrix(rows.fetchall(), dimension)


def known_vectors(
    db: sqlite3.Connection, texts: Sequence[str], dimension: int
) -> dict[str, Vector]:
    """The kept vectors of those texts that were encoded before, by text; damaged ones left out."""
    import numpy as np

    by_digest = {digest(text): text for text in texts}
    rows = db.execute(
        "SELECT digest, vector FROM vectors WHERE digest IN (SELECT value FROM json_each(?))",
        (as_json(by_digest),),
    )
    known: dict[str, Vector] = {}
    for found, blob in rows:
        if len(blob) == 4 * dimension:
            vector = np.frombuffer(blob, dtype=np.float32)
            if is_unit(vector):
                known[by_digest[found]] = vector
    return known


def is_unit(vector: Vector) -> bool:
    """Whether a vector has unit length, as far as float32 can tell."""
    return bool(abs(float(vector @ vector) - 1) < 2e-3)


def _matrix(rows: Sequence[tuple[int, bytes]], dimension: int) -> tuple[NDArray[np.int64], Matrix]:
    import numpy as np

    ids = [id for id, _ in rows]
    for id, blob in rows:
        if len(blob) != 4 * dimension:
            raise StoreError(
                f"the vector of passage {id} has not {dimension} numbers. kb verify lists what is "
                "damaged; kb ingest --reread with its source makes it anew."
            )
    matrix = np.frombuffer(b"".join(blob for _, blob in rows), dtype=np.float32)
    return np.asarray(ids, dtype=np.int64), matrix.reshape(len(ids), dimension)
