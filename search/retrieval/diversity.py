"""Which passages to show of those that rank well, so that they do not all say one thing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.encoder import Matrix

# The first five are not all of one document where another has a passage at most this much worse
# by itself and its neighbours. Measured on debates where one transcript of thirty answers, passages
# by span: fives of one document fall from 43 to 12 %, nDCG@10 from .510 to .506. At most three of
# ten of a document would cost .05.
FIRST = 5
CLOSE = 0.1

RELEVANCE = 0.7  # lambda of marginal relevance: how much more being relevant counts than being new


def spread(documents: Sequence[str], scores: Sequence[float]) -> list[int]:
    """The order in which to show passages (their ranks), given best first.

    Only when the first five are of one document, the fifth gives way to the best of another
    document, if that is close, and comes right after it.
    """
    order = list(range(len(documents)))
    if len(order) <= FIRST or len(set(documents[:FIRST])) > 1:
        return order
    other = next((rank for rank in order if documents[rank] != documents[0]), None)
    if other is not None and scores[other] >= scores[FIRST - 1] - CLOSE:
        order.remove(other)
        order.insert(FIRST - 1, other)
    return order


def marginal(
    scores: Sequence[float], vectors: Matrix, limit: int, relevance: float = RELEVANCE
) -> list[int]:
    """The ranks of `limit` passages, given best first, each the best that is also new.

    Maximal marginal relevance (Carbonell and Goldstein 1998, "The use of MMR, diversity-based
    reranking"): relevance · score - (1 - relevance) · greatest cosine with one already taken, the
    score as a share of the best. `vectors` are unit rows. With `relevance` 1 it is the ranking.
    """
    import numpy as np

    if not len(scores):
        return []
    worth = relevance * np.asarray(scores, dtype=np.float64) / max(scores[0], 1e-9)
    closest = np.zeros(len(scores))
    taken: list[int] = []
    left = np.ones(len(scores), dtype=bool)
    while len(taken) < min(limit, len(scores)):
        gain = np.where(left, worth - (1 - relevance) * closest, -np.inf)
        best = int(gain.argmax())  # the first of equals: the better ranked
        taken.append(best)
        left[best] = False
        similar = vectors @ vectors[best]
        closest = similar if len(taken) == 1 else np.maximum(closest, similar)
    return taken
