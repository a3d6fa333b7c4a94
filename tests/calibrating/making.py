"""What was seen becomes a calibration, and the figures that say how good it is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from calibrating.fitting import Floats, area, brier_skill, calibration_error, fit
from calibrating.gathering import Seen
from calibrating.splits import WHOLE
from search.confidence.calibration import Calibration, State, Thresholds, Weights
from search.confidence.features import Features

WITH_LATE = ("meaning", "phrases", "lead", "late")  # with these, "held" adds nothing
WITHOUT_LATE = ("meaning", "phrases", "lead")
GENERAL = ("phrases", "held")  # what does not depend on a model
ANSWERED = 0.5  # more likely than not
# Of the questions with an answer, on any collection, at most so many are "nothing", half of what is
# promised. The threshold is at two thirds of that, as a collection that the fit did not see may ask
# further from its text: of 78 questions on agencies' reports, mostly in other words, 5 would be
# lost without this margin, and none is with it.
LOST = 0.015
MARGIN = 2 / 3
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Split:
    """Questions with an answer that was found, and questions without, of one collection."""

    collection: str
    kind: str
    yes: tuple[Seen, ...]
    no: tuple[Seen, ...]

    @property
    def seen(self) -> tuple[Seen, ...]:
        """All of them, those with an answer first."""
        return self.yes + self.no

    @property
    def answers(self) -> Floats:
        """1 for those with an answer, else 0."""
        return np.array([1.0] * len(self.yes) + [0.0] * len(self.no))

    @property
    def weights(self) -> Floats:
        """Half for those with an answer, half for those without."""
        return np.repeat([0.5 / len(self.yes), 0.5 / len(self.no)], [len(self.yes), len(self.no)])


def splits(seen: Iterable[Seen]) -> list[Split]:
    """A split for each collection and kind of question without an answer.

    Where a kind has no questions with an answer of its own, those of the whole collection stand
    against it. One whose answer is not among the first three is in none.
    """
    grouped: dict[tuple[str, str], list[Seen]] = {}
    for one in seen:
        grouped.setdefault((one.collection, one.kind), []).append(one)
    made = []
    for (collection, kind), its in grouped.items():
        own = tuple(one for one in its if one.answerable)
        yes = own or tuple(grouped[collection, WHOLE])
        no = tuple(one for one in its if not one.answerable)
        if kind != WHOLE and no:
            made.append(Split(collection, kind, tuple(one for one in yes if one.found), no))
    return made


@dataclass(frozen=True, slots=True)
class Form:
    """Which features are used, of which asking."""

    names: tuple[str, ...]
    of: Callable[[Seen], Features]

    def rows(self, seen: Iterable[Seen]) -> Floats:
        """float64[n, features]"""
        return np.array([[getattr(self.of(one), name) for name in self.names] for one in seen])

    def fitted(self, parts: Sequence[tuple[Split, Floats]]) -> Weights:
        """The weights for these splits, each with the weight of each of its questions."""
        found = fit(
            np.concatenate([self.rows(split.seen) for split, _ in parts]),
            np.concatenate([split.answers for split, _ in parts]),
            np.concatenate([weights for _, weights in parts]),
        )
        rounded = [round(float(value), 3) for value in found]
        return Weights(rounded[0], dict(zip(self.names, rounded[1:], strict=True)))

    def said(self, weights: Weights, seen: Iterable[Seen]) -> Floats:
        """The probability of each."""
        return np.array([weights.probability(self.of(one)) for one in seen])


FORMS = {
    "with_late": Form(WITH_LATE, lambda one: one.with_late),
    "without_late": Form(WITHOUT_LATE, lambda one: one.without_late),
    "general": Form(GENERAL, lambda one: one.with_late),
}


def weighted(made: Sequence[Split]) -> list[tuple[Split, Floats]]:
    """Each split with its weights: all collections weigh the same, in each all its kinds."""
    count: dict[str, int] = {}
    for split in made:
        count[split.collection] = count.get(split.collection, 0) + 1
    return [(split, split.weights / count[split.collection]) for split in made]


def calibrated(seen: Sequence[Seen]) -> tuple[Calibration, Calibration]:
    """The calibration for the model that was asked, and the general one: it never says nothing."""
    parts = weighted(splits(seen))
    with_late, without_late, general = (form.fitted(parts) for form in FORMS.values())
    whole = [one for one in seen if one.kind == WHOLE]
    lows = []
    for name, weights in (("with_late", with_late), ("without_late", without_late)):
        for collection in dict.fromkeys(one.collection for one in whole):
            its = [one for one in whole if one.collection == collection]
            lows.append(float(np.quantile(FORMS[name].said(weights, its), LOST, method="lower")))
    nothing = int(min(lows) * MARGIN * 100) / 100
    return (
        Calibration(with_late, without_late, Thresholds(nothing, ANSWERED)),
        Calibration(general, general, Thresholds(0.0, ANSWERED), general=True),
    )


def unseen(seen: Sequence[Seen], name: str) -> dict[str, dict[str, float]]:
    """Brier skill and calibration error on questions that the fit did not see.

    By "questions", a fifth of them at a time; by the name of a collection, all of that collection.
    """
    parts = weighted(splits(seen))
    form = FORMS[name]
    said, answers, weights = [], [], []
    for fold in range(FOLDS):
        out = [np.array([_fold(one) == fold for one in split.seen]) for split, _ in parts]
        fitted = form.fitted(
            [(split, its * ~gone) for (split, its), gone in zip(parts, out, strict=True)]
        )
        for (split, its), gone in zip(parts, out, strict=True):
            said.append(form.said(fitted, split.seen)[gone])
            answers.append(split.answers[gone])
            weights.append(its[gone])
    found = {"questions": _skill(said, answers, weights)}
    for collection in dict.fromkeys(split.collection for split, _ in parts):
        fitted = form.fitted([part for part in parts if part[0].collection != collection])
        own = [part for part in parts if part[0].collection == collection]
        found[collection] = _skill(
            [form.said(fitted, split.seen) for split, _ in own],
            [split.answers for split, _ in own],
            [its for _, its in own],
        )
    return found


def areas(seen: Sequence[Seen], calibration: Calibration) -> dict[str, dict[str, dict[str, float]]]:
    """By collection and kind, the area under the ROC curve: of the confidence, read again and not,
    of a fit that did not see the collection, and of the best cosine."""
    made = splits(seen)
    parts = weighted(made)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for split in made:
        others = [part for part in parts if part[0].collection != split.collection]
        blind = FORMS["with_late"].fitted(others)
        scores = {
            "confidence": FORMS["with_late"].said(calibration.with_late, split.seen),
            "not fitted to it": FORMS["with_late"].said(blind, split.seen),
            "without reading again": FORMS["without_late"].said(
                calibration.without_late, split.seen
            ),
            "best cosine": np.array([one.cosine for one in split.seen]),
        }
        found.setdefault(split.collection, {})[split.kind] = {
            name: round(area(split.answers, values), 3) for name, values in scores.items()
        }
    return found


def rates(seen: Sequence[Seen], calibration: Calibration) -> dict[str, dict[str, dict[str, Any]]]:
    """By collection and kind, how many questions and the share of each state.

    Every question with an answer counts, wherever its answer came.
    """
    grouped: dict[str, dict[str, list[State]]] = {}
    for one in seen:
        if one.answerable and one.kind != WHOLE:
            continue
        state = calibration.thresholds.state(calibration.confidence(one.with_late))
        grouped.setdefault(one.collection, {}).setdefault(one.kind, []).append(state)
    return {
        collection: {
            kind: {
                "questions": len(states),
                **{str(state): round(states.count(state) / len(states), 3) for state in State},
            }
            for kind, states in kinds.items()
        }
        for collection, kinds in grouped.items()
    }


def _skill(
    said: Sequence[Floats], answers: Sequence[Floats], weights: Sequence[Floats]
) -> dict[str, float]:
    all_ = (np.concatenate(said), np.concatenate(answers), np.concatenate(weights))
    return {
        "brier_skill": round(brier_skill(*all_), 3),
        "calibration_error": round(calibration_error(*all_), 3),
    }


def _fold(one: Seen) -> int:
    """Equal questions fall together, whichever kind they are of."""
    return crc32(one.text.encode()) % FOLDS


def written(calibration: Calibration) -> Mapping[str, Any]:
    """A calibration as it is written in the file."""

    def weights(its: Weights) -> dict[str, float]:
        return {"intercept": its.intercept, **its.features}

    thresholds = calibration.thresholds
    return {
        "with_late": weights(calibration.with_late),
        "without_late": weights(calibration.without_late),
        "thresholds": {"nothing": thresholds.nothing, "answered": thresholds.answered},
    }
