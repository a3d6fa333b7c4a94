"""The local index: candidates from the dense and the lexical index of one folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import ModelMismatch
from kb.filters import Filters
from kb.index.candidates import CandidateQuery, Candidates
from kb.index.clauses import Phrase
from kb.index.words import WordFacts, WordQuery
from kb.local import vector_rows
from kb.local.catalogue import meta, rows
from kb.local.connections import Connections
from kb.local.dense.index import DenseIndex
from kb.local.lexical import view as lexical
from kb.local.lexical.index import LexicalIndex
from kb.local.lexical.view import Numbered, View
from kb.records import Manifest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix


@dataclass(frozen=True, slots=True)
class _Passing:
    """What filters and required phrases let pass: ids (None: all), counts; see `Candidates`."""

    ids: Collection[int] | None
    passages: int
    documents: int | None
    undated: int


class LocalIndex:
    """See `kb.index.Index` for what each method gives."""

    def __init__(self, location: Path, connections: Connections) -> None:
        self._folder = location
        self._connections = connections
        self._dense = DenseIndex(location)
        self._lexical = LexicalIndex(location)

    @property
    def size(self) -> int:
        return vector_rows.size(self._connections.db)

    def refresh(self) -> bool:
        with self._connections.reading() as db:
            state = meta.read_state(db)
            self._dense.open(state)
            before = self._lexical.known_generation
            self._lexical.view(db, state)
            return before is not None and before != state.generation

    def look_up(self, query: WordQuery) -> WordFacts:
        with self._connections.reading() as db:
            view = self._lexical.view(db, meta.read_state(db))
            phrases = [phrase for some in query.excerpts for phrase in some]
            numbered = self._lexical.numbered(
                db,
                (
                    *query.counted,
                    *query.corrected,
                    *(word for pair in query.other_forms for word in pair),
                    *(word for phrase in phrases for word in phrase.words),
                ),
            )
            frequencies = {
                word: lexical.frequency(view, numbered.numbers[word], numbered.rows)
                for word in (*query.counted, *query.corrected)
            }
            return WordFacts(
                frequencies,
                _corrections(db, view, query, frequencies),
                frozenset(pair for pair in query.other_forms if _differ(view, numbered, *pair)),
                tuple(
                    _excerpts(db, view, numbered, some, query.most_excerpts)
                    for some in query.excerpts
                ),
            )

    def candidates(self, query: CandidateQuery) -> Candidates:
        with self._connections.reading() as db:
            state = meta.read_state(db)
            _check_model(state.manifest, query, self._folder)
            view = self._lexical.view(db, state)
            numbered = self._lexical.numbered(
                db,
                (
                    word
                    for clause in (*query.clauses, *query.required, *query.excluded)
                    for word in clause.words
                ),
            )
            passing = _passing(db, view, numbered, query)
            found: set[int] = set()
            if passing.passages:
                if query.vector is not None:
                    close = self._dense.search(db, state, query.vector, query.depth, passing.ids)
                    found.update(id for id, _ in close)
                best = self._lexical.search(
                    db, view, numbered, query.leading, query.depth, passing.ids
                )
                found.update(id for id, _ in best)
            return _table(db, view, numbered, query, passing, found)

    def update(self) -> None:
        db = self._connections.db
        self._dense.update(db, meta.read_state(db))
        self._lexical.update(db, meta.read_state(db))

    def rebuild(self) -> None:
        """Make all of it anew from the rows."""
        db = self._connections.db
        self._dense.build(db, meta.read_state(db))
        self._lexical.build(db, meta.read_state(db))


def _check_model(manifest: Manifest, query: CandidateQuery, folder: Path) -> None:
    theirs, ours = manifest.fingerprint, query.fingerprint
    if query.vector is not None and theirs is not None and ours != theirs:
        raise ModelMismatch(folder, theirs, ours or "another model")


def _corrections(
    db: sqlite3.Connection, view: View, query: WordQuery, frequencies: dict[str, int]
) -> dict[str, str]:
    from kb.local.lexical import spelling

    unknown = [word for word in query.corrected if not frequencies[word]]
    found = {}
    for word in unknown[: query.most_corrected]:
        near = spelling.correction(
            db, word, query.corrected[word], partial(lexical.some_with, view)
        )
        if near is not None:
            found[word] = near
    return found


def _differ(view: View, numbered: Numbered, word: str, other: str) -> bool:
    """Whether some passage holds the other word that does not hold the one."""
    this, that = numbered.numbers[word], numbered.numbers[other]
    return bool(
        lexical.frequency(view, that, numbered.rows) and lexical.holding(view, [that], [this])
    )


def _excerpts(
    db: sqlite3.Connection,
    view: View,
    numbered: Numbered,
    phrases: tuple[Phrase, ...],
    most: int,
) -> tuple[str, ...]:
    numbers = [numbered.phrase(phrase.words) for phrase in phrases]
    if not all(numbered.rows.get(number) for phrase in numbers for number in phrase):
        return ()  # a word that stands nowhere
    ids = lexical.holding(view, numbers)
    return tuple(rows.read_texts(db, ids[:: max(1, len(ids) // most)]))


def _passing(
    db: sqlite3.Connection, view: View, numbered: Numbered, query: CandidateQuery
) -> _Passing:
    ids: Collection[int] | None = None
    documents, undated = None, 0
    if query.filters:
        revisions, undated = _filtered(db, query.filters)
        documents = len(revisions)
        ids = vector_rows.ids_of(db, revisions)
    if query.required or query.excluded:
        holding = lexical.holding(
            view,
            [numbered.phrase(phrase.words) for phrase in query.required],
            [numbered.phrase(phrase.words) for phrase in query.excluded],
        )
        ids = holding if ids is None else sorted(set(holding).intersection(ids))
    return _Passing(ids, view.size if ids is None else len(ids), documents, undated)


def _filtered(db: sqlite3.Connection, filters: Filters) -> tuple[list[int], int]:
    """The revisions (rows) of today that pass, and how many only lack a date."""
    passing, undated = [], 0
    for id, key, metadata in rows.read_all_metadata(db):
        if filters.passes(key, metadata):
            passing.append(id)
        elif filters.lacks_date(key, metadata):
            undated += 1
    return passing, undated


def _table(
    db: sqlite3.Connection,
    view: View,
    numbered: Numbered,
    query: CandidateQuery,
    passing: _Passing,
    found: Collection[int],
) -> Candidates:
    """The found passages and their neighbours, with all that their scores are made of."""
    import numpy as np

    around = vector_rows.neighbourhoods(db, found) if found else {}
    standing = {id: (its.document, its.ordinal) for id, its in around.items()}
    for its in around.values():
        for near, step in ((its.before, -1), (its.after, 1)):
            if near is not None:
                standing.setdefault(near, (its.document, its.ordinal + step))
    ids = np.fromiter(sorted(standing), dtype=np.int64, count=len(standing))
    row_of = {id: row for row, id in enumerate(ids.tolist())}
    before, after = (np.full(len(ids), -1, dtype=np.int64) for _ in range(2))
    for id, its in around.items():
        before[row_of[id]] = -1 if its.before is None else row_of[its.before]
        after[row_of[id]] = -1 if its.after is None else row_of[its.after]
    queries = [numbered.query(clause) for clause in query.clauses]
    lengths, counts = lexical.counted(view, queries, ids)
    return Candidates(
        ids=ids,
        documents=tuple(standing[id][0] for id in row_of),
        ordinals=np.array([standing[id][1] for id in row_of], dtype=np.int64),
        found=np.isin(ids, list(around)),
        before=before,
        after=after,
        vectors=_vectors(db, query, ids),
        columns={clause: column for column, clause in enumerate(query.clauses)},
        lengths=lengths,
        counts=counts,
        frequencies=tuple(lexical.frequency(view, its.phrase, numbered.rows) for its in queries),
        size=view.size,
        mean_length=view.mean_length,
        passing=passing.passages,
        passing_documents=passing.documents,
        undated=passing.undated,
    )


def _vectors(db: sqlite3.Connection, query: CandidateQuery, ids: NDArray[np.int64]) -> Matrix:
    import numpy as np

    if query.vector is None or not len(ids):
        return np.empty((len(ids), 0), dtype=np.float32)
    known, vectors = vector_rows.vectors_of(db, ids.tolist(), len(query.vector))
    if len(known) == len(ids):
        return vectors
    matrix = np.zeros((len(ids), len(query.vector)), dtype=np.float32)  # a row without a vector
    matrix[np.searchsorted(ids, known)] = vectors
    return matrix
