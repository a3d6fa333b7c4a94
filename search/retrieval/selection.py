"""Which of the ranked passages are shown, and which others each of them speaks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.records import Passage
from search.retrieval.diversity import marginal, spread
from search.retrieval.near_duplicates import grouped
from search.retrieval.ranking import MODES, Candidate, score

if TYPE_CHECKING:
    from kb.encoder import Matrix

LOOK = 50  # of the best passages, or as many more as it takes to find enough different ones


@dataclass(frozen=True, slots=True)
class Choice:
    """A passage to show, and the ids of those that say nothing more, in their order."""

    candidate: Candidate
    also: tuple[int, ...] = ()


def choose(
    best: Sequence[Candidate],
    passages: Mapping[int, Passage],
    limit: int,
    *,
    mode: str,
    vectors: Matrix | None = None,
    of_one: bool = False,
) -> list[Choice]:
    """At most `limit` of the ranked candidates, with those that say the same folded in.

    `passages` are theirs, by id. With `vectors`, by the candidates' rows, the choice is diverse.
    `of_one`: documents are asked for, so that their passages do not give way to others.
    """
    look = max(LOOK, limit)
    while True:
        groups = grouped([passages[one.id].text for one in best[:look]])
        if len(groups) >= limit or look >= len(best):
            break
        look *= 2
    leaders = [best[group[0]] for group in groups]
    if vectors is not None:
        scores = [score(one, mode) for one in leaders]
        order = marginal(scores, vectors[[one.row for one in leaders]], limit)
    else:
        order = list(range(len(groups)))
        if not of_one:
            # what is looked at besides for a greater limit must not change the first
            near = sum(group[0] < LOOK for group in groups)
            # without what only its document and a second reading bring, which compares all of them
            worth = [MODES[mode](one.signals) for one in leaders[:near]]
            order[:near] = spread([one.document for one in leaders[:near]], worth)
    return [Choice(leaders[n], tuple(best[at].id for at in groups[n][1:])) for n in order[:limit]]
