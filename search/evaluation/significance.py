"""How sure a mean and a difference are: bootstrap intervals, a paired randomisation test.

Both draw from a fixed seed, so that the same rankings give the same figures. Intervals are
percentiles of the means of resampled questions (Efron 1979; Sakai 2006 for retrieval); the test
swaps the two rankings of random questions (Smucker, Allan and Carterette 2007).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SEED = 1
RESAMPLES = 2_000
SWAPS = 10_000
AT_ONCE = 100  # draws: some megabytes for thousands of questions


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over questions, and the 95 % interval around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What one ranking has over another: mean, interval, p (two-sided), questions by outcome."""

    mean: Estimate
    p: float
    wins: int
    losses: int
    ties: int


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of the values of some questions, with its interval."""
    import numpy as np

    numbers = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(SEED)
    means = np.concatenate(
        [
            numbers[random.integers(0, len(numbers), (draws, len(numbers)))].mean(axis=1)
            for draws in _portions(RESAMPLES)
        ]
    )
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(numbers.mean()), float(low), float(high))


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """How the values of some questions differ from those of the same questions, in pairs."""
    import numpy as np

    gaps = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    gaps[np.abs(gaps) < 1e-9] = 0.0
    wins, losses = int((gaps > 0).sum()), int((gaps < 0).sum())
    return Difference(
        estimate(gaps.tolist()), p_value(gaps), wins, losses, len(gaps) - wins - losses
    )


def p_value(gaps: Numbers) -> float:
    """How often chance alone, swapping the two of each pair, makes as large a difference."""
    import numpy as np

    random = np.random.default_rng(SEED)
    observed = abs(gaps.sum()) - 1e-9
    as_large = sum(
        int((np.abs(_signs(random, draws, len(gaps)) @ gaps) >= observed).sum())
        for draws in _portions(SWAPS)
    )
    return (1 + as_large) / (1 + SWAPS)


def _signs(random: Any, draws: int, count: int) -> Numbers:
    signs: Numbers = 2.0 * random.integers(0, 2, (draws, count)) - 1.0
    return signs


def _portions(total: int) -> Iterator[int]:
    for done in range(0, total, AT_ONCE):
        yield min(AT_ONCE, total - done)
