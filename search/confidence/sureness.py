"""How sure kb is of what it found in a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kb.store import Phrase, Store
from search.confidence.assessment import Calibration, Judged, judged
from search.confidence.features import clues_of, missing
from search.retrieval.candidates import Asked
from search.retrieval.ranking import Signals


def sureness(
    store: Store,
    asked: Asked,
    best: Sequence[tuple[int, float]],
    own: Mapping[int, Signals],
    late: Mapping[int, float],
    calibration: Calibration,
) -> Judged:
    """What is to be made of the passages in `best`, which are (id, score), best first.

    The scores are without what their documents lift them by. `own` are their signals without their
    neighbours' share, `late` their late interaction.
    """
    question, same = asked.question, asked.also.same
    if not best:
        return Judged()
    ids = [id for id, _ in best]
    standing: dict[str, tuple[frozenset[int], float]] = {}
    for term, clause in zip(question.terms, question.term_clauses, strict=True):
        scores, idf = store.weigh((clause,), ids)
        if term in same:
            others, its = store.weigh((Phrase((same[term],)),), ids)
            scores, idf = scores | others, min(idf, its)
        standing[term] = (frozenset(scores), idf)
    return judged(
        calibration, clues_of(best, own, late, standing), missing(question, ids, standing)
    )
