"""The two legs of a search, meaning and words: what speaks for each passage that either finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.encoder import Encoder
from kb.store import Clause, Store, check_model
from search.query.expansion import WEIGHT, Beside, beside
from search.query.question import Question
from search.retrieval.ranking import Signals, shares, with_neighbours

if TYPE_CHECKING:
    from kb.encoder import Vector

CANDIDATES = 200  # of each leg, or as many as are wanted; each then gets all its scores, exactly


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is searched for: in which mode, with what beside it, and its vector."""

    question: Question
    mode: str
    also: Beside = field(default_factory=Beside)
    vector: Vector | None = None


class Legs:
    """Both legs over one store, with one encoder."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self._store = store
        self._encoder = encoder

    def asked(self, question: Question, mode: str, *, exact: bool = False) -> Asked:
        """The question made ready; with `exact`, nothing is searched for beside it."""
        if mode == "keyword":
            also = Beside() if exact else beside(question, self._store, None)
            return Asked(question, mode, also)
        check_model(self._store, self._encoder)
        with ThreadPoolExecutor(1) as other:
            # the model loads and runs outside Python's lock, while words and files are looked up
            coming = other.submit(self._encoder.encode_question, question.text)
            self._store.warm_up()
            also = Beside() if exact else beside(question, self._store, self._encoder)
            vector = coming.result()
        if also.meaning is not None:  # between the two questions
            vector = vector + self._encoder.encode_question(also.meaning)
            vector /= max(float(vector @ vector) ** 0.5, 1e-9)
        return Asked(question, mode, also, vector)

    def found(
        self, asked: Asked, limit: int, among: list[int] | None
    ) -> tuple[dict[int, Signals], dict[int, Signals]]:
        """The signals of every passage that either leg puts forward: own, and with neighbours'.

        What stands beside the question puts passages forward as well.
        """
        depth = max(CANDIDATES, limit)
        found: set[int] = set()
        if asked.vector is not None:
            found.update(id for id, _ in self._store.dense(asked.vector, depth, among))
        if asked.mode != "semantic":
            others = (other for _, other in asked.also.forms)
            clauses = (*asked.question.clauses(asked.mode), *asked.also.terms, *others)
            found.update(id for id, _ in self._store.lexical(clauses, depth, among))
        if not found:
            return {}, {}
        near = self._store.beside(found)
        own = self.own(asked, found.union(*near.values()))
        return own, with_neighbours(own, near)

    def own(self, asked: Asked, ids: Collection[int]) -> dict[int, Signals]:
        """The signals of these passages by themselves."""
        cosines: dict[int, float] = {}
        if asked.vector is not None:
            cosines = self._store.cosines(asked.vector, ids)
        terms: dict[int, float] = {}
        phrases: dict[int, float] = {}
        if asked.mode != "semantic":
            question, also = asked.question, asked.also
            terms = self._shares(question.clauses(asked.mode), also.terms, ids, also.forms)
            phrases = self._shares(question.phrase_clauses, also.phrases, ids)
        return {
            id: Signals(cosines.get(id, 0.0), terms.get(id, 0.0), phrases.get(id, 0.0))
            for id in ids
        }

    def _shares(
        self,
        clauses: Sequence[Clause],
        added: Sequence[Clause],
        ids: Collection[int],
        forms: Sequence[tuple[Clause, Clause]] = (),
    ) -> dict[int, float]:
        """What passages have of the question's clauses, and at a lower weight of those added.

        Of `forms` the second counts where the first does not stand. What is added stands for
        something that is missing, so the mass is the question's.
        """
        scores, mass = self._store.weigh(clauses, ids)
        extra = [self._store.weigh(added, ids)[0]] if added else []
        for one, other in forms:
            there = self._store.weigh([one], ids)[0]
            found = self._store.weigh([other], ids)[0]
            extra.append({id: score for id, score in found.items() if id not in there})
        for some in extra:
            for id, score in some.items():
                scores[id] = scores.get(id, 0.0) + WEIGHT * score
        return shares(scores, mass)
