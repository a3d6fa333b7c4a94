"""Rows found: the SQL of both legs of a search, words and vectors. Standard library and numpy."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from kb.errors import StoreError
from kb.local.rows import as_json, digest
from kb.store import Clause, Phrase, Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix, Vector

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # NUL ends a query, half a character is none


def ids_of(db: sqlite3.Connection, documents: Collection[str]) -> list[int]:
    """The ids of all findable passages of these documents, ascending."""
    rows = db.execute(
        """SELECT p.id FROM passages p JOIN revisions r ON r.id = p.revision_id
           WHERE p.current AND r.document IN (SELECT value FROM json_each(?)) ORDER BY p.id""",
        (as_json(sorted(documents)),),
    )
    return [row[0] for row in rows]


def places(db: sqlite3.Connection, ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Key and ordinal of each id that can be found today."""
    rows = db.execute(
        """SELECT p.id, r.document, p.ordinal FROM passages p
           JOIN revisions r ON r.id = p.revision_id
           WHERE p.current AND p.id IN (SELECT value FROM json_each(?))""",
        (as_json(ids),),
    )
    return {id: (key, ordinal) for id, key, ordinal in rows}


def lexical(
    db: sqlite3.Connection,
    clauses: Sequence[Clause],
    limit: int,
    among: Collection[int] | None,
) -> Scores:
    """(id, BM25), best first; FTS5's sign turned round."""
    query = " OR ".join(_fts5(clause) for clause in clauses if clause.words)
    if not query or limit <= 0:
        return []
    # the plus keeps SQLite from asking the full-text index anew for each of the ids
    inside = "" if among is None else "AND +rowid IN (SELECT value FROM json_each(?3))"
    values = (query, limit) if among is None else (query, limit, as_json(among))
    rows = db.execute(
        f"""SELECT rowid, -bm25(passages_fts) AS score FROM passages_fts
            WHERE passages_fts MATCH ?1 {inside} ORDER BY score DESC, rowid LIMIT ?2""",
        values,
    )
    return [(id, score) for id, score in rows]


def rows_with(db: sqlite3.Connection, words: tuple[str, ...]) -> int:
    """In how many full-text entries the words stand next to each other."""
    sql = "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?"
    return int(db.execute(sql, (_fts5(Phrase(words)),)).fetchone()[0])


def size(db: sqlite3.Connection) -> int:
    """How many passages can be found."""
    return int(db.execute("SELECT count(*) FROM vectors").fetchone()[0])


def vectors_up_to(db: sqlite3.Connection, generation: int) -> int:
    """How many vectors are as old as a generation, or older."""
    sql = "SELECT count(*) FROM vectors WHERE generation <= ?"
    return int(db.execute(sql, (generation,)).fetchone()[0])


def vectors_since(
    db: sqlite3.Connection, generation: int, dimension: int
) -> tuple[NDArray[np.int64], Matrix]:
    """Ids and vectors younger than a generation (all from -1), by id."""
    rows = db.execute(
        "SELECT passage_id, vector FROM vectors WHERE generation > ? ORDER BY passage_id",
        (generation,),
    )
    return _matrix(rows.fetchall(), dimension)


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


def _fts5(clause: Clause) -> str:
    """A clause in FTS5's query language, each word quoted, so that nothing in it is syntax."""
    words = [_NO_TEXT.sub(" ", word).replace('"', '""') for word in clause.words]
    if isinstance(clause, Phrase):
        return '"' + " ".join(words) + '"'
    return "NEAR(" + " ".join(f'"{word}"' for word in words) + f", {clause.distance:d})"


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
