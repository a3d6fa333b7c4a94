"""Which of the ranked passages are shown, and which others each of them speaks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.records import Passage
from search.retrieval.diversity import marginal, spread
from search.retrieval.near_duplicates import folded

if TYPE_CHECKING:
    from kb.encoder import Matrix

LOOK = 50  # of the best passages, or as many more as it takes to find enough different ones


@dataclass(frozen=True, slots=True)
class Choice:
    """A passage to show, and those that say nothing more, in their order."""

    id: int
    score: float
    passage: Passage
    also: tuple[Passage, ...] = ()


def choose(
    best: Sequence[tuple[int, float]],
    read: Callable[[Sequence[int]], Sequence[Passage]],
    limit: int,
    *,
    worth: Callable[[int], float],
    vectors: Callable[[Sequence[int]], Matrix] | None = None,
    of_one: bool = False,
) -> list[Choice]:
    """At most `limit` of the ranked (id, score), with those that say the same folded in.

    `read` gives passages by id, `worth` what each is worth without what only its document and a
    second reading bring, which compares all of them. `vectors`, if given, gives vectors, and the
    choice is diverse. `of_one`: documents are asked for, so that their passages do not give way to
    others.
    """
    look = max(LOOK, limit)
    while True:
        passages = read([id for id, _ in best[:look]])
        groups = folded([passage.text for passage in passages])
        if len(groups) >= limit or look >= len(best):
            break
        look *= 2
    firsts = [best[group[0]] for group in groups]
    scores = [score for _, score in firsts]
    if vectors is not None:
        order = marginal(scores, vectors([id for id, _ in firsts]), limit)
    else:
        order = list(range(len(groups)))
        if not of_one:
            # what is looked at besides for a greater limit must not change the first
            near = sum(group[0] < LOOK for group in groups)
            documents = [passages[group[0]].document for group in groups[:near]]
            order[:near] = spread(documents, [worth(id) for id, _ in firsts[:near]])
    return [
        Choice(*firsts[n], passages[groups[n][0]], tuple(passages[at] for at in groups[n][1:]))
        for n in order[:limit]
    ]
