"""The measures of a ranking, question by question, through ir_measures (MacAvaney et al. 2022)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kb.errors import MissingExtra
from search.evaluation.judging import Relevant
from search.evaluation.runs import Run

NAMES = {
    "nDCG@10": "nDCG@10",
    "success@1": "Success@1",
    "success@3": "Success@3",
    "success@5": "Success@5",
    "MRR@10": "RR@10",
    "recall@100": "R@100",
}


def require() -> None:
    """MissingExtra when a library that measures is not installed."""
    try:
        import ir_measures  # noqa: F401 - whether it is there
        import scipy  # noqa: F401 - the same
    except ImportError as error:
        wanted = "'ir_measures>=0.4' 'scipy>=1.15'"
        raise MissingExtra(
            f"kb eval measures through {error.name or wanted}, which is not installed. "
            f"Install it with: pip install {wanted} (pipx: pipx inject kb-briefs {wanted})"
        ) from error


def measured(relevant: Mapping[str, Relevant], run: Run) -> dict[str, list[float]]:
    """The value of each measure for each question that is judged, in their order.

    A question of which the run says nothing found nothing. The order of a ranking is taken as it
    is: trec_eval would order equal scores by id.
    """
    from ir_measures import Qrel, ScoredDoc, iter_calc, parse_measure

    names = {str(parse_measure(theirs)): ours for ours, theirs in NAMES.items()}
    judgements = [
        Qrel(question, item, grade)
        for question, its in relevant.items()
        for item, grade in its.grades.items()
    ]
    ranked = [
        ScoredDoc(question, item, float(-rank))
        for question in relevant
        for rank, (item, _) in enumerate(run.get(question, ()))
    ]
    values = {name: dict.fromkeys(relevant, 0.0) for name in NAMES}
    if ranked:
        for metric in iter_calc([parse_measure(name) for name in names], judgements, ranked):
            values[names[str(metric.measure)]][metric.query_id] = metric.value
    for question, its in relevant.items():
        if its.ideal:
            share = ideal(len(its.grades)) / ideal(its.ideal)
            values["nDCG@10"][question] = min(1.0, values["nDCG@10"][question] * share)
    return {name: list(found.values()) for name, found in values.items()}


def ideal(count: int, depth: int = 10) -> float:
    """The gain of a ranking with so many relevant items (grade 1) at its top."""
    return sum(1 / math.log2(rank + 1) for rank in range(1, min(count, depth) + 1))
