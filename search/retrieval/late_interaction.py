"""Late interaction: a passage judged by its tokens, each against each of the question's. Pure.

MaxSim of ColBERT (Khattab and Zaharia 2020) with the token vectors of the store's own encoder: for
each token of the question the best cosine of any token of the passage; their weighted mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.query.question import STOP_WORDS, WORD

if TYPE_CHECKING:
    from kb.encoder import Matrix, Tokens, Vector

LIGHT = 0.25  # the weight of a stop word or a mark of punctuation; a word that says something: 1
_LETTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """How the tokens of a passage meet those of a question.

    `similarity` is float32[question's tokens, passage's tokens], `weights` float32[question's
    tokens]; `spans` say where the passage's tokens stand, in characters of what was read.
    """

    similarity: Matrix
    weights: Vector
    spans: Sequence[tuple[int, int]]


def matches(question: Tokens, weights: Vector, passages: Sequence[Tokens]) -> list[Matches]:
    """The cosines of all tokens of each passage with all of a question."""
    import numpy as np

    if not passages:
        return []
    # one product for all: each would wake the threads of the library that multiplies
    together = question.vectors @ np.concatenate([one.vectors for one in passages]).T
    ends = np.cumsum([len(one.spans) for one in passages])
    parts = np.split(together, ends[:-1], axis=1)
    return [Matches(part, weights, one.spans) for part, one in zip(parts, passages, strict=True)]


def max_sim(found: Matches) -> float:
    """The weighted mean of the best similarities, never below 0; 0 where there is no token."""
    if not found.similarity.size:
        return 0.0
    best = found.similarity.max(axis=1)
    return max(0.0, float(best @ found.weights / found.weights.sum()))


def token_weights(text: str, spans: Sequence[tuple[int, int]]) -> Vector:
    """What each token of a question counts: little for stop words and marks."""
    import numpy as np

    words = WORD.finditer(text)
    light = [word.span() for word in words if word.group().lower() in STOP_WORDS]
    weights = [
        LIGHT
        if not _LETTER.search(text[start:end]) or any(a <= start < b for a, b in light)
        else 1.0
        for start, end in spans
    ]
    return np.array(weights, dtype=np.float32)
