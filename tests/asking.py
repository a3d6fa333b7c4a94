"""A store asked as tests of ranking ask it: by one signal, scored from its candidates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kb.filters import Filters
from kb.index.candidates import CandidateQuery, Candidates
from kb.index.clauses import Clause, Phrase
from kb.index.scores import BM25_DIGITS, COSINE_DIGITS, cosines, idf, saturated
from kb.index.words import WordQuery
from kb.store import Store
from search.query.expansion import Expansion, expand, word_query
from search.query.question import Question
from search.retrieval.ranking import Candidate, Signals

if TYPE_CHECKING:
    from kb.encoder import Encoder, Vector
    from kb.index.scores import Floats

Ranked: TypeAlias = list[tuple[str, int, float]]  # document, ordinal, score; best first

NOBODY = "nobody's"  # a key that no document bears


def among(documents: Iterable[str] | None) -> Filters:
    """A filter that these documents pass; None: all."""
    return Filters() if documents is None else Filters(documents=(*documents, NOBODY))


def dense(
    store: Store, vector: Vector, limit: int, documents: Iterable[str] | None = None
) -> Ranked:
    """The nearest passages by inner product, ties by key and ordinal."""
    fingerprint = store.manifest.fingerprint
    table = store.candidates(
        CandidateQuery(vector, fingerprint, depth=limit, filters=among(documents))
    )
    return _ranked(table, cosines(table.vectors, vector), COSINE_DIGITS, limit)


def lexical(
    store: Store,
    clauses: Sequence[Clause],
    limit: int,
    documents: Iterable[str] | None = None,
) -> Ranked:
    """The best passages by BM25, ties by key and ordinal."""
    table = store.candidates(
        CandidateQuery(leading=tuple(clauses), depth=limit, filters=among(documents))
    )
    return _ranked(table, bm25(table, clauses), BM25_DIGITS, limit)


def bm25(
    table: Candidates, clauses: Iterable[Clause]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """BM25 of each row by these clauses."""
    scores = np.zeros(len(table.ids))
    for clause in clauses:
        column = table.columns[clause]
        weight = idf(table.frequencies[column], table.size)
        scores += weight * saturated(table.counts[:, column], table.lengths, table.mean_length)
    return scores


def _ranked(table: Candidates, scores: Floats, digits: int, limit: int) -> Ranked:
    rows = [
        (table.documents[row], int(table.ordinals[row]), round(float(scores[row]), digits))
        for row in np.flatnonzero(table.found).tolist()
    ]
    return sorted(rows, key=lambda row: (-row[2], row[:2]))[:limit]


def _any_vector(store: Store) -> Vector:
    vector = np.zeros(store.manifest.dimension or 1, dtype=np.float32)
    vector[0] = 1
    return vector


def holding(
    store: Store,
    required: Sequence[Phrase],
    excluded: Sequence[Phrase] = (),
    documents: Iterable[str] | None = None,
) -> tuple[int, Collection[tuple[str, int]]]:
    """How many passages hold all of some phrases and none of others, and which, by any word."""
    table = store.candidates(
        CandidateQuery(
            _any_vector(store),
            store.manifest.fingerprint,
            depth=store.size + 1,
            filters=among(documents),
            required=tuple(required),
            excluded=tuple(excluded),
        )
    )
    rows = np.flatnonzero(table.found).tolist()
    return table.passing, {(table.documents[row], int(table.ordinals[row])) for row in rows}


def everything(
    store: Store,
    clauses: Iterable[Clause] = (),
    documents: Iterable[str] | None = None,
    vector: Vector | None = None,
) -> Candidates:
    """All passages in one table, with what these clauses count in each."""
    return store.candidates(
        CandidateQuery(
            _any_vector(store) if vector is None else vector,
            store.manifest.fingerprint,
            counted=tuple(clauses),
            depth=store.size + 1,
            filters=among(documents),
        )
    )


def weighed(
    store: Store, clauses: Sequence[Clause], documents: Iterable[str] | None = None
) -> tuple[dict[tuple[str, int], float], float]:
    """BM25 of each passage in which a clause stands, and the clauses' sum of IDFs."""
    table = everything(store, clauses, documents)
    rows = zip(table.documents, table.ordinals.tolist(), strict=True)
    scores = {
        place: float(score)
        for place, score in zip(rows, bm25(table, clauses).tolist(), strict=True)
        if score
    }
    columns = [table.columns[clause] for clause in clauses]
    return scores, sum(idf(table.frequencies[column], table.size) for column in columns)


def nearest_word(store: Store, word: str, most: int) -> str | None:
    """The word nearest to one that no passage holds, at most so many edits away."""
    return store.look_up(WordQuery(corrected={word: most})).corrections.get(word)


def frequencies(store: Store, words: Iterable[str]) -> dict[str, int]:
    """In how many passages each word stands."""
    return dict(store.look_up(WordQuery(counted=tuple(words))).frequencies)


def expanded(question: Question, store: Store, encoder: Encoder | None) -> Expansion:
    """What is searched for besides a question."""
    return expand(question, store.look_up(word_query(question)), encoder)


def candidate(id: int, document: str, own: Signals, signals: Signals | None = None) -> Candidate:
    """A candidate, its number also its ordinal and its row."""
    return Candidate(id, document, id, id, own, own if signals is None else signals)
