"""The best passages read beside the question, for a better order. The seam.

The store's own encoder does it by late interaction; a cross-encoder of the user's can instead
(`cross_encoder`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kb.encoder import Encoder
from search.retrieval.late_interaction import Matches, matches, max_sim, token_weights
from search.retrieval.ranking import Candidate, ranked

# Passages that are read again, some 16 ms each on one core; four more gain nothing, on debates they
# lose. A short passage that answers may stand among others that do not: so the best two by
# themselves are read, whatever stands around them.
DEPTH = 8
ALONE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Relevance:
    """How well a passage answers (0 to 1), and which tokens say so where that is known."""

    score: float
    matches: Matches | None = None


def to_rerank(candidates: Sequence[Candidate], mode: str) -> list[Candidate]:
    """What is to be read, at most `DEPTH`: the best, `ALONE` of them by their own signals."""
    by_itself = [replace(one, signals=one.own) for one in candidates]
    alone = {one.id for one in ranked(by_itself, mode, ALONE)}
    best = ranked(candidates, mode, DEPTH)
    order = [*best[: DEPTH - ALONE], *(one for one in candidates if one.id in alone), *best]
    return list({one.id: one for one in order}.values())[:DEPTH]


class Reranker(Protocol):
    """Reads passages beside a question."""

    def read(self, question: str, texts: Sequence[str]) -> list[Relevance]:
        """The relevance of each text; none depends on the others."""


class LateInteraction:
    """Reads with the tokens of the encoder that made the store's vectors."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def read(self, question: str, texts: Sequence[str]) -> list[Relevance]:
        """The weighted MaxSim of each text."""
        asked = self._encoder.question_tokens(question)
        weights = token_weights(question, asked.spans)
        found = matches(asked, weights, self._encoder.passage_tokens(texts))
        return [Relevance(max_sim(one), one) for one in found]
