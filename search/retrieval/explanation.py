"""Why a passage was found: the question's words in it, and the sum that is its score. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from kb.index.candidates import Candidates
from kb.index.clauses import Clause, Near
from search.hits import Explanation
from search.retrieval.candidates import PreparedQuery, counts_of, weight_of
from search.retrieval.ranking import Candidate, parts


def explained(
    table: Candidates, asked: PreparedQuery, candidates: Iterable[Candidate]
) -> dict[int, Explanation]:
    """An explanation for each of these candidates, by id."""
    return {one.id: _explanation(table, asked, one) for one in candidates}


def _explanation(table: Candidates, asked: PreparedQuery, candidate: Candidate) -> Explanation:
    def stands(clause: Clause) -> bool:
        return bool(counts_of(table, clause)[candidate.row])

    terms = {" ".join(clause.words): clause for clause in asked.terms}
    found = [word for word, clause in terms.items() if stands(clause)]
    weights = {word: weight_of(table, clause) for word, clause in terms.items()}
    total = sum(weights.values())
    phrases = []
    if asked.mode != "semantic":
        question = asked.question
        phrases += [" ".join(one.words) for one in question.phrases if stands(one)]
        phrases += [" … ".join(pair) for pair in question.neighbouring_terms if stands(Near(pair))]
    return Explanation(
        parts(candidate.own, candidate.signals, asked.mode),
        cosine=None if asked.mode == "keyword" else candidate.own.cosine,
        found=tuple(found),
        missing=tuple(word for word in terms if word not in found),
        weight=sum(weights[word] for word in found) / total if total else 0.0,
        phrases=_longest(phrases),
    )


def _longest(names: list[str]) -> tuple[str, ...]:
    """The pairs without those near each other that stand together anyway."""
    return tuple(
        name for name in names if name.replace(" … ", " ") not in names or " … " not in name
    )
