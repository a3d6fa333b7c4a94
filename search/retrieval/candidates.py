"""Candidates for a question: what is asked of an index, and what comes back as signals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.encoder import Encoder
from kb.filters import Filters
from kb.index.candidates import CandidateQuery, Candidates
from kb.index.clauses import Clause
from kb.index.scores import COSINE_DIGITS, cosines, idf, saturated
from kb.store import Store
from search.query.expansion import WEIGHT, Expansion, expand, word_query
from search.query.question import Question
from search.query.requirements import Requirements
from search.retrieval.ranking import Candidate, Signals, mixed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Vector
    from kb.index.scores import Floats

DEPTH = 200  # candidates of each kind, or as many as are wanted


@dataclass(frozen=True, slots=True, eq=False)
class PreparedQuery:
    """A question as it is searched for: in which mode, with what besides it, and its vector."""

    question: Question
    mode: str
    expansion: Expansion = field(default_factory=Expansion)
    vector: Vector | None = None
    fingerprint: str | None = None  # of the encoder that made the vector

    @property
    def terms(self) -> tuple[Clause, ...]:
        """What the words ask for; nothing where meaning alone is asked."""
        return () if self.mode == "semantic" else self.question.clauses(self.mode)

    @property
    def phrases(self) -> tuple[Clause, ...]:
        """The question's phrases; none where meaning alone is asked."""
        return () if self.mode == "semantic" else self.question.phrase_clauses

    def candidate_query(
        self, depth: int, filters: Filters, requirements: Requirements
    ) -> CandidateQuery:
        """What is asked of the index."""
        leading: tuple[Clause, ...] = ()
        counted: tuple[Clause, ...] = ()
        if self.mode != "semantic":
            also = self.expansion
            leading = (*self.terms, *also.terms, *(other for _, other in also.forms))
            counted = (*self.phrases, *also.phrases, *(one for one, _ in also.forms))
        return CandidateQuery(
            vector=self.vector,
            fingerprint=self.fingerprint,
            leading=leading,
            counted=counted,
            depth=max(DEPTH, depth),
            filters=filters,
            required=requirements.required,
            excluded=requirements.excluded,
        )


def prepare(
    question: Question,
    mode: str,
    store: Store,
    encoder: Encoder,
    *,
    exact: bool = False,
    first: bool = False,
) -> PreparedQuery:
    """The question made ready; with `exact`, nothing is searched for besides it.

    The `first` one of a store has all opened that candidates need.
    """
    if mode == "keyword":
        return PreparedQuery(question, mode, _expanded(question, store, None, exact))
    with ThreadPoolExecutor(1) as other:
        # the model loads and runs outside Python's lock, while words and files are looked up
        coming = other.submit(encoder.encode_question, question.text)
        if first:
            store.refresh()
        expansion = _expanded(question, store, encoder, exact)
        vector = coming.result()
    if expansion.meaning is not None:  # between the two questions
        vector = vector + encoder.encode_question(expansion.meaning)
        vector /= max(float(vector @ vector) ** 0.5, 1e-9)
    return PreparedQuery(question, mode, expansion, vector, encoder.fingerprint)


def _expanded(question: Question, store: Store, encoder: Encoder | None, exact: bool) -> Expansion:
    if exact:
        return Expansion()
    return expand(question, store.look_up(word_query(question)), encoder)


def scored(table: Candidates, asked: PreparedQuery) -> list[Candidate]:
    """The candidates that were found, each with its signals, in the order of their ids."""
    own = _signals(table, asked)
    found = []
    for row in table.found.nonzero()[0].tolist():
        near = [own[at] for at in (int(table.before[row]), int(table.after[row])) if at >= 0]
        found.append(
            Candidate(
                int(table.ids[row]),
                table.documents[row],
                int(table.ordinals[row]),
                row,
                own[row],
                mixed(own[row], near),
            )
        )
    return found


def _signals(table: Candidates, asked: PreparedQuery) -> list[Signals]:
    """The signals of every row by itself."""
    near: Sequence[float] = [0.0] * len(table.ids)
    if asked.vector is not None:
        near = [round(one, COSINE_DIGITS) for one in cosines(table.vectors, asked.vector).tolist()]
    also = asked.expansion
    terms = _shares(table, asked.terms, also.terms, also.forms)
    phrases = _shares(table, asked.phrases, also.phrases)
    return [
        Signals(*signals) for signals in zip(near, terms.tolist(), phrases.tolist(), strict=True)
    ]


def _shares(
    table: Candidates,
    clauses: Iterable[Clause],
    added: Iterable[Clause],
    forms: Iterable[tuple[Clause, Clause]] = (),
) -> Floats:
    """What passages have of the question's clauses, and at a lower weight of those added: [n].

    Of `forms` the second counts where the first does not stand. What is added stands for
    something that is missing, so the sum of IDFs is the question's.
    """
    import numpy as np

    asked = tuple(clauses)
    total = sum(weight_of(table, clause) for clause in asked)
    if total <= 0:
        return np.zeros(len(table.ids))
    scores = _bm25(table, asked) + WEIGHT * _bm25(table, tuple(added))
    for one, other in forms:
        stands = counts_of(table, one) > 0
        scores += WEIGHT * np.where(stands, 0.0, _bm25(table, (other,)))
    shares: Floats = scores / total
    return shares


def _bm25(table: Candidates, clauses: Sequence[Clause]) -> Floats:
    """BM25 of each row by these clauses: [n]."""
    import numpy as np

    scores = np.zeros(len(table.ids))
    for clause in clauses:
        times = counts_of(table, clause)
        scores += weight_of(table, clause) * saturated(times, table.lengths, table.mean_length)
    return scores


def counts_of(table: Candidates, clause: Clause) -> NDArray[np.int64]:
    """How often a clause stands in each row."""
    counts: NDArray[np.int64] = table.counts[:, table.columns[clause]]
    return counts


def weight_of(table: Candidates, clause: Clause) -> float:
    """The IDF of a clause."""
    return idf(table.frequencies[table.columns[clause]], table.size)
