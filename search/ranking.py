"""How a passage's score is made. Pure over numbers.

score = cosine + 0.3 · B + 0.1 · P, on an absolute scale: B is BM25 divided by the question's sum
of IDFs, P the same for its phrases. A chance match of one word stays weak that way, where rank
fusion or a min-max per question would stretch it to full strength; measured on five collections,
the optimum is flat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TERMS = 0.3
PHRASES = 0.1


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for one passage: cosine, and the shares of terms and phrases (0 to 2.2)."""

    cosine: float = 0.0
    terms: float = 0.0
    phrases: float = 0.0


def shares(scores: Mapping[int, float], mass: float) -> dict[int, float]:
    """BM25 scores divided by the IDF mass of the question, by passage id."""
    return {id: score / mass for id, score in scores.items()} if mass > 0 else {}


def hybrid(signals: Signals) -> float:
    """Meaning and words together."""
    return signals.cosine + TERMS * signals.terms + PHRASES * signals.phrases


def semantic(signals: Signals) -> float:
    """Meaning alone."""
    return signals.cosine


def keyword(signals: Signals) -> float:
    """Words alone, phrases in the same proportion as in `hybrid`."""
    return signals.terms + PHRASES / TERMS * signals.phrases


MODES = {"hybrid": hybrid, "semantic": semantic, "keyword": keyword}


def ranked(
    signals: Mapping[int, Signals], mode: str, places: Mapping[int, tuple[str, int]], limit: int
) -> list[tuple[int, float]]:
    """The best `limit` passages as (id, score), ties by key and ordinal (`places`)."""
    score = MODES[mode]
    order = sorted((-round(score(signals[id]), 6), places[id], id) for id in signals)
    return [(id, -negative) for negative, _, id in order[:limit]]
