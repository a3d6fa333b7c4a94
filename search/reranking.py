"""The best passages read again, each beside the question, for a better order. The seam.

The store's own encoder does it by late interaction; a cross-encoder of the user's can instead
(`search.cross_encoder`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kb.encoder import Encoder
from search.late import Matches, matches, max_sim, token_weights

DEPTH = 8  # passages that are read again, some 16 ms each on one core; 10 gain no more, 12 lose


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """How well a passage answers (0 to 1), and which tokens say so where that is known."""

    score: float
    matches: Matches | None = None


class Reranker(Protocol):
    """Reads passages beside a question."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """A reading of each text; none depends on the others."""


class LateInteraction:
    """Reads with the tokens of the encoder that made the store's vectors."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """The weighted MaxSim of each text."""
        asked = self._encoder.question_tokens(question)
        weights = token_weights(question, asked.spans)
        found = matches(asked, weights, self._encoder.passage_tokens(texts))
        return [Reading(max_sim(one), one) for one in found]
