"""The calibration of a model, from the file that is kept beside this module."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from search.confidence.assessment import Bars, Calibration, Weights

FILE = "calibration.json"


@cache
def calibration_for(model: str) -> Calibration:
    """The calibration that was fitted for a model, or the general one."""
    kept = json.loads(resources.files("search.confidence").joinpath(FILE).read_text("utf-8"))
    fitted = kept["models"].get(model)
    return parse(kept["general"], general=True) if fitted is None else parse(fitted)


def parse(written: dict[str, Any], *, general: bool = False) -> Calibration:
    """A calibration as it is written in the file."""
    return Calibration(
        read=_weights(written["read"]),
        unread=_weights(written["unread"]),
        bars=Bars(**written["bars"]),
        general=general,
    )


def _weights(written: dict[str, float]) -> Weights:
    clues = dict(written)
    return Weights(clues.pop("intercept"), clues)
