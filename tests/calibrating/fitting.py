"""A logistic regression whose weights may not be negative, and how good its word is. Pure numpy."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

RIDGE = 1e-3  # of the weight of all examples, on weights of scaled features
BINS = 10


def fit(features: Floats, answers: Floats, weights: Floats) -> Floats:
    """The intercept and a weight for each feature, by Newton's method (iterated least squares).

    `features` is float64[n, k]; one that would speak against a passage is left out (0).
    """
    mean = np.average(features, axis=0, weights=weights)
    scale = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights)) + 1e-9
    scaled = (features - mean) / scale
    kept = list(range(features.shape[1]))
    while True:
        rows = np.column_stack([np.ones(len(features)), scaled[:, kept]])
        ridge = RIDGE * weights.sum() * np.eye(rows.shape[1])
        ridge[0, 0] = 0
        found = np.zeros(rows.shape[1])
        for _ in range(100):
            chance = probability(rows, found)
            slope = rows.T @ (weights * (answers - chance)) - ridge @ found
            curve = (rows.T * (weights * chance * (1 - chance))) @ rows + ridge
            step = np.linalg.solve(curve, slope)
            found += step
            if np.abs(step).max() < 1e-10:
                break
        if len(kept) == 0 or (found[1:] >= 0).all():
            break
        kept.pop(int(np.argmin(found[1:])))
    result = np.zeros(1 + features.shape[1])
    for at, feature in enumerate(kept):
        result[1 + feature] = found[1 + at] / scale[feature]
    result[0] = found[0] - result[1:] @ mean
    return result


def probability(rows: Floats, fitted: Floats) -> Floats:
    """The logistic function of rows times weights."""
    chance: Floats = 1 / (1 + np.exp(-np.clip(rows @ fitted, -500, 500)))
    return chance


def area(answers: Floats, scores: Floats) -> float:
    """Area under the ROC curve: how often an answer scores above what is none, ties half."""
    yes, no = scores[answers == 1], np.sort(scores[answers == 0])
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.mean() / 2 / len(no))


def brier_skill(chance: Floats, answers: Floats, weights: Floats) -> float:
    """By what share the squared error is less than that of always saying how many answer."""
    base = np.average(answers, weights=weights)
    error = np.average((chance - answers) ** 2, weights=weights)
    return float(1 - error / (base * (1 - base)))


def calibration_error(chance: Floats, answers: Floats, weights: Floats) -> float:
    """How far, on average over ten bins, what was said is from how often it came true."""
    bins = np.minimum((chance * BINS).astype(int), BINS - 1)
    total = 0.0
    for one in range(BINS):
        its = bins == one
        if weights[its].sum() > 0:
            said = np.average(chance[its], weights=weights[its])
            came = np.average(answers[its], weights=weights[its])
            total += abs(said - came) * weights[its].sum()
    return float(total / weights.sum())
