"""The best passages read again, each beside the question, for a better order. The seam.

The store's own encoder does it by late interaction; a cross-encoder of the user's can instead
(`search.retrieval.cross_encoder`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kb.encoder import Encoder
from search.retrieval.late_interaction import Matches, matches, max_sim, token_weights
from search.retrieval.ranking import Signals, ranked

# Passages that are read again, some 16 ms each on one core; four more gain nothing, on debates they
# lose. A short passage that answers may stand among others that do not: so the best two by
# themselves are read, whatever stands around them.
DEPTH = 8
ALONE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """How well a passage answers (0 to 1), and which tokens say so where that is known."""

    score: float
    matches: Matches | None = None


def read_again(
    own: Mapping[int, Signals],
    signals: Mapping[int, Signals],
    mode: str,
    places: Mapping[int, tuple[str, int]],
) -> list[int]:
    """The ids of what is to be read again, at most `DEPTH`: the best, `ALONE` of them by `own`."""
    alone = [id for id, _ in ranked({id: own[id] for id in signals}, mode, places, ALONE)]
    best = [id for id, _ in ranked(signals, mode, places, DEPTH)]
    return list(dict.fromkeys([*best[: DEPTH - ALONE], *alone, *best]))[:DEPTH]


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
