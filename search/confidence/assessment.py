"""How sure kb is of what it found: a probability for each passage, a state for the answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kb.index.candidates import Candidates
from kb.index.clauses import Phrase
from search.confidence.calibration import Calibration, State
from search.confidence.features import Features, Holders, features_of, missing
from search.retrieval.candidates import PreparedQuery, counts_of, weight_of
from search.retrieval.ranking import Signals

GENERAL = "how sure kb is was never measured with this model: it is a general estimate"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be made of the passages found: the state of the answer, and each by its id.

    Those less sure than `least` are only the nearest.
    """

    state: State | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    features: Mapping[int, Features] = field(default_factory=dict)
    confidence: Mapping[int, float] = field(default_factory=dict)
    least: float = 0.0


def assess(
    table: Candidates,
    asked: PreparedQuery,
    best: Sequence[tuple[int, float]],
    own: Mapping[int, Signals],
    late: Mapping[int, float],
    calibration: Calibration,
) -> Assessment:
    """How sure each passage in `best` is, which are (id, score), and the answer with the first.

    The scores are without what their documents lift them by. `own` are their signals without their
    neighbours' share, `late` their late interaction.
    """
    if not best:
        return Assessment()
    holders = _holders(table, asked)
    features = features_of(best, own, late, holders)
    lacking = missing(asked.question, [id for id, _ in best], holders)
    return assessed(calibration, features, lacking)


def assessed(
    calibration: Calibration, features: Mapping[int, Features], missing: tuple[str, ...]
) -> Assessment:
    """How sure each passage is, best first, and the answer with it: as sure as its best passage."""
    confidence = {id: calibration.confidence(its) for id, its in features.items()}
    state = calibration.thresholds.state(next(iter(confidence.values())))
    notes: tuple[str, ...] = ()
    if calibration.general and state is not State.ANSWERED:
        notes = (GENERAL,)
    least = calibration.thresholds.nothing
    return Assessment(state, missing, notes, features, confidence, least)


def _holders(table: Candidates, asked: PreparedQuery) -> Holders:
    """Of each term the passages that hold it, in whichever spelling, and its IDF."""
    question, spellings = asked.question, asked.expansion.spellings
    found = {}
    for term in question.terms:
        clauses = [Phrase((term,))]
        if term in spellings:
            clauses.append(Phrase((spellings[term],)))
        stands = sum(counts_of(table, clause) for clause in clauses) > 0
        idf = min(weight_of(table, clause) for clause in clauses)
        found[term] = (frozenset(table.ids[stands].tolist()), idf)
    return found
