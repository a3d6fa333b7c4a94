"""How sure a mean and a difference are: bootstrap intervals, a paired randomisation test.

Both are scipy's and draw from a fixed seed, so that the same rankings give the same figures.
Intervals are percentiles of the means of resampled questions (Efron 1979; Sakai 2006 for
retrieval); the test swaps the two rankings of random questions (Smucker, Allan and Carterette
2007), or of every choice of questions where there are no more than SWAPS of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SEED = 1
RESAMPLES = 2_000
SWAPS = 10_000
AT_ONCE = 100  # draws: some megabytes for thousands of questions
DECIMALS = 9  # sums that are equal but for the order of their terms are equal


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
    from scipy.stats import bootstrap

    numbers = np.asarray(values, dtype=np.float64)
    mean = float(numbers.mean())
    if len(numbers) < 2:
        return Estimate(mean, mean, mean)
    interval = bootstrap(
        (numbers,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=AT_ONCE,
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high))


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
    """How often chance alone, swapping the two of each pair, makes as large a difference.

    Pairs without a difference say nothing either way, so only the others are swapped.
    """
    import numpy as np
    from scipy.stats import permutation_test

    def total(some: Numbers, axis: int) -> Numbers:
        sums: Numbers = np.round(some.sum(axis=axis), DECIMALS)
        return sums

    differing = gaps[gaps != 0]
    if len(differing) < 2:
        return 1.0  # of one, either sign is as far from nothing
    found = permutation_test(
        (differing,),
        total,
        permutation_type="samples",  # of one sample: a swap is a change of sign
        n_resamples=SWAPS,
        batch=AT_ONCE,
        vectorized=True,
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)
