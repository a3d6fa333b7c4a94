"""What turns features into a probability: weights that were fitted for a model, and thresholds.

A logistic regression over a few features, each of which can only speak for a passage. Its weights
are data, `calibration.json` beside this module, fitted by `make calibrate`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from search.confidence.features import Features

FILE = "calibration.json"


class State(StrEnum):
    """What can be said of an answer: it is one; it may be one; these are only the nearest."""

    ANSWERED = "answered"
    UNCERTAIN = "uncertain"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Weights:
    """What each feature counts, by its name, and where they start from. None counts below 0."""

    intercept: float
    features: Mapping[str, float]

    def probability(self, features: Features) -> float:
        """How likely it is (0 to 1) that a passage with these features answers."""
        total = self.intercept
        for name, weight in self.features.items():
            total += weight * (getattr(features, name) or 0.0)
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, total))))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on an answer is shown as one, and below which as nothing."""

    nothing: float
    answered: float

    def state(self, confidence: float) -> State:
        """The state of an answer whose best passage answers with this probability."""
        if confidence < self.nothing:
            return State.NOTHING
        return State.ANSWERED if confidence >= self.answered else State.UNCERTAIN

    def moved(self, least: float | None) -> Thresholds:
        """The same, with `least` as what an answer must reach to be shown as more than near."""
        return self if least is None else Thresholds(least, max(least, self.answered))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights for passages with a late interaction and without, and the thresholds.

    `general` says that they were not fitted for the model at hand.
    """

    with_late: Weights
    without_late: Weights
    thresholds: Thresholds
    general: bool = False

    def confidence(self, features: Features) -> float:
        """How likely it is (0 to 1) that a passage with these features answers."""
        weights = self.without_late if features.late is None else self.with_late
        return round(weights.probability(features), 3)

    def moved(self, least: float | None) -> Calibration:
        """The same with other thresholds, see `Thresholds.moved`."""
        return replace(self, thresholds=self.thresholds.moved(least))


@cache
def calibration_for(model: str) -> Calibration:
    """The calibration that was fitted for a model, or the general one."""
    kept = json.loads(resources.files("search.confidence").joinpath(FILE).read_text("utf-8"))
    fitted = kept["models"].get(model)
    return parse(kept["general"], general=True) if fitted is None else parse(fitted)


def parse(written: dict[str, Any], *, general: bool = False) -> Calibration:
    """A calibration as it is written in the file."""
    return Calibration(
        with_late=_weights(written["with_late"]),
        without_late=_weights(written["without_late"]),
        thresholds=Thresholds(**written["thresholds"]),
        general=general,
    )


def _weights(written: dict[str, float]) -> Weights:
    features = dict(written)
    return Weights(features.pop("intercept"), features)
