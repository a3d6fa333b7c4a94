"""Why a passage was found: the question's words looked up in it, and the sum that is its score."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kb.store import Clause, Phrase, Store
from search.hits import Explanation
from search.query.question import Question
from search.retrieval.ranking import Signals, parts


def explained(
    store: Store,
    question: Question,
    mode: str,
    own: Mapping[int, Signals],
    signals: Mapping[int, Signals],
) -> dict[int, Explanation]:
    """An explanation for each of these passages; words are matched as full-text search does it.

    `own` are their signals by themselves, `signals` those that made their scores.
    """
    terms: dict[str, tuple[set[int], float]] = {}
    phrases: dict[str, set[int]] = {}
    if mode != "semantic":
        for clause in question.clauses(mode):
            terms[" ".join(clause.words)] = _holders(store, clause, signals)
        for clause in question.phrase_clauses:
            between = " " if isinstance(clause, Phrase) else " … "
            phrases[between.join(clause.words)], _ = _holders(store, clause, signals)
    mass = sum(weight for _, weight in terms.values())
    found = {id: [word for word, (holders, _) in terms.items() if id in holders] for id in signals}
    return {
        id: Explanation(
            parts(own[id], signals[id], mode),
            cosine=None if mode == "keyword" else own[id].cosine,
            found=tuple(found[id]),
            missing=tuple(word for word in terms if word not in found[id]),
            weight=sum(terms[word][1] for word in found[id]) / mass if mass else 0.0,
            phrases=_longest([name for name, holders in phrases.items() if id in holders]),
        )
        for id in signals
    }


def _holders(store: Store, clause: Clause, ids: Collection[int]) -> tuple[set[int], float]:
    """The passages in which a clause occurs, and how much it tells: a rare word more."""
    scores, weight = store.weigh((clause,), ids)
    return set(scores), weight


def _longest(names: list[str]) -> tuple[str, ...]:
    """The pairs without those near each other that stand together anyway."""
    return tuple(
        name for name in names if name.replace(" … ", " ") not in names or " … " not in name
    )
