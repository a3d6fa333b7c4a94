"""What candidates are worth by one signal each. Pure over numbers; the same for every engine.

BM25 is Robertson's (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"), as FTS5
counts it, with an IDF that never falls below a small positive number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix, Vector

    Floats: TypeAlias = NDArray[np.float64]

K1, B = 1.2, 0.75
IDF_FLOOR = 1e-6
COSINE_DIGITS = 6  # after the point; further ones are noise
BM25_DIGITS = 12  # a word that stands everywhere brings some 1e-6
SLICE = 1_024  # rows that are widened at once


def idf(frequency: float, size: int) -> float:
    """The weight of a clause that stands in `frequency` of `size` passages."""
    return max(math.log((size - frequency + 0.5) / (frequency + 0.5)), IDF_FLOOR)


def saturated(times: NDArray[np.int64], lengths: NDArray[np.int64], mean_length: float) -> Floats:
    """What so many occurrences count in passages of these lengths, before the IDF: [n]."""
    norm = K1 * (1 - B + B * lengths / mean_length)
    scores: Floats = times * (K1 + 1) / (times + norm)
    return scores


def cosines(vectors: Matrix, vector: Vector) -> Floats:
    """The inner product of each row with a vector: float64[n], not rounded.

    In float64: in float32 a library's order of adding changes the seventh digit, and of equal
    vectors 3 % would fall on two sides of a rounding.
    """
    import numpy as np

    wide = vector.astype(np.float64)
    found = np.empty(len(vectors), dtype=np.float64)
    for start in range(0, len(vectors), SLICE):
        found[start : start + SLICE] = vectors[start : start + SLICE] @ wide
    return found
