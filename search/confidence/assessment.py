"""How sure kb is that a passage answers: its clues become a probability, that a state. Pure.

A logistic regression over a few clues, each of which can only speak for a passage. Its weights are
data (`calibration.json` beside this module), fitted by `make calibrate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

GENERAL = "how sure kb is was never measured with this model: it is a general estimate"


class State(StrEnum):
    """What can be said of an answer: it is one; it may be one; these are only the nearest."""

    ANSWERED = "answered"
    UNCERTAIN = "uncertain"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Clues:
    """What speaks for a passage as an answer, its neighbours' share not counted.

    `meaning` is the cosine, `phrases` the share of the question's phrases, `held` how much of the
    question's words stands in the passage (0 to 1, rare words more), `lead` how far its score,
    without what its document lifts it by, is above the mean of the other candidates, `reading` its
    late interaction (0 to 1): None for a passage that was not read again.
    """

    meaning: float
    phrases: float
    held: float
    lead: float
    reading: float | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """What each clue counts, by its name, and where they start from. No clue counts below 0."""

    intercept: float
    clues: Mapping[str, float]

    def probability(self, clues: Clues) -> float:
        """How likely it is (0 to 1) that a passage with these clues answers."""
        total = self.intercept
        for name, weight in self.clues.items():
            total += weight * (getattr(clues, name) or 0.0)
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, total))))


@dataclass(frozen=True, slots=True)
class Bars:
    """From which probability on an answer is shown as one, and below which as nothing."""

    nothing: float
    answered: float

    def state(self, confidence: float) -> State:
        """The state of an answer whose best passage answers with this probability."""
        if confidence < self.nothing:
            return State.NOTHING
        return State.ANSWERED if confidence >= self.answered else State.UNCERTAIN

    def moved(self, least: float | None) -> Bars:
        """These bars, with `least` as what an answer must reach to be shown as more than near."""
        return self if least is None else Bars(least, max(least, self.answered))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights for passages that were read again and for others, and the bars.

    `general` says that they were not fitted for the model at hand.
    """

    read: Weights
    unread: Weights
    bars: Bars
    general: bool = False

    def confidence(self, clues: Clues) -> float:
        """How likely it is (0 to 1) that a passage with these clues answers."""
        weights = self.unread if clues.reading is None else self.read
        return round(weights.probability(clues), 3)

    def moved(self, least: float | None) -> Calibration:
        """The same with other bars, see `Bars.moved`."""
        return replace(self, bars=self.bars.moved(least))


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be made of the passages found: the state of the answer, and each by its id.

    Those less sure than `least` are only the nearest.
    """

    state: State | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    clues: Mapping[int, Clues] = field(default_factory=dict)
    confidence: Mapping[int, float] = field(default_factory=dict)
    least: float = 0.0


def judged(
    calibration: Calibration, clues: Mapping[int, Clues], missing: tuple[str, ...]
) -> Judged:
    """How sure each passage is, best first, and the answer with it: as sure as its best passage."""
    confidence = {id: calibration.confidence(its) for id, its in clues.items()}
    state = calibration.bars.state(next(iter(confidence.values())))
    notes: tuple[str, ...] = ()
    if calibration.general and state is not State.ANSWERED:
        notes = (GENERAL,)
    return Judged(state, missing, notes, clues, confidence, calibration.bars.nothing)
