"""Rankings, and the form in which TREC keeps them: question, Q0, item, rank, score, name.

In an id, white space is written %20 and the like, since it separates the fields.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from kb.errors import BadUsage
from search.evaluation.lines import lines

DEPTH = 100  # items of a ranking: as many as the deepest measure looks at
STEPS = 1_000_000  # of a score's unit: six digits are written
FORM = "QUESTION Q0 ITEM RANK SCORE NAME, separated by spaces."

# (item, score), best first; and rankings by the id of their question
Ranking: TypeAlias = tuple[tuple[str, float], ...]
Run: TypeAlias = Mapping[str, Ranking]


def token(id: str) -> str:
    """An id without white space."""
    return re.sub(r"\s", lambda found: quote(found.group()), id)


def as_trec(run: Run, name: str) -> str:
    """The lines of a run.

    Whoever reads it orders by score. A hit that stands behind one of a lower score, which was put
    first for the sake of variety, is given just less than that one.
    """
    return "".join(
        f"{token(question)} Q0 {item} {rank} {score / STEPS:.6f} {name}\n"
        for question, ranking in run.items()
        for rank, (item, score) in enumerate(_falling(ranking), 1)
    )


def _falling(ranking: Ranking) -> Iterator[tuple[str, int]]:
    """The same with scores in whole steps, each less than the one before."""
    least = math.inf
    for item, score in ranking:
        least = min(round(score * STEPS), least - 1)
        yield item, int(least)


def read(path: Path) -> dict[str, Ranking]:
    """The run in a file, by question; BadUsage names a line that is none.

    Ordered by score, as trec_eval does; of equal scores the lesser rank comes first.
    """
    rows: dict[str, dict[str, tuple[float, int]]] = {}
    for where, line in lines(path):
        try:
            question, _, item, rank, score, _ = line.split()
            order = (-float(score), int(rank))
            if math.isnan(order[0]):
                raise ValueError(score)
        except ValueError as error:
            raise BadUsage(f"{where}: not a line of a run. It has the form {FORM}") from error
        rows.setdefault(question, {}).setdefault(item, order)
    if not rows:
        raise BadUsage(f"{path}: an empty run. Write one with: kb eval FOLDER --run {path}")
    return {
        question: tuple(
            (item, -score)
            for item, (score, _) in sorted(ranks.items(), key=lambda pair: pair[1])[:DEPTH]
        )
        for question, ranks in rows.items()
    }
