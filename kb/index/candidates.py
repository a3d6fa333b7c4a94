"""What a question asks of an index, and the candidates that come back: a table by columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.filters import Filters
from kb.index.clauses import Clause, Phrase

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix, Vector


@dataclass(frozen=True, slots=True, eq=False)
class CandidateQuery:
    """What puts passages forward, what is counted in them, and which passages may come.

    A `vector` has unit length, and the `fingerprint` of the encoder that made it; None: nothing is
    found by meaning, and no vectors come back.
    `leading` clauses put passages forward, `counted` ones do not. `filters` are conditions on
    documents; of the passages that pass, all `required` phrases must stand in one, and none of the
    `excluded`.
    """

    vector: Vector | None = None
    fingerprint: str | None = None
    leading: tuple[Clause, ...] = ()
    counted: tuple[Clause, ...] = ()
    depth: int = 200
    filters: Filters = field(default_factory=Filters)
    required: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses, each once, the leading ones first."""
        return tuple(dict.fromkeys((*self.leading, *self.counted)))


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """n passages: those that were put forward (`found`) and those next to them in their documents.

    `ids` ascend: int64[n]; `documents` are keys, `ordinals` int64[n]. `before` and `after` are the
    rows of a found passage's neighbours, -1 where its document ends: int64[n]. `vectors` is
    float32[n, dimension], [n, 0] where none were asked for. `lengths` are words: int64[n].
    `counts` says how often each clause stands in each: int64[n, clauses], the clause's column as in
    `columns`, with `frequencies`, in
    how many of all passages (of a `Near`: its first word). `size` and `mean_length` are those
    of all passages. `passing` says how many passages may come, after filters and required phrases;
    `passing_documents` how many documents pass the filters (None: there are none), `undated` how
    many only the want of a date kept out.
    """

    ids: NDArray[np.int64]
    documents: tuple[str, ...]
    ordinals: NDArray[np.int64]
    found: NDArray[np.bool_]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    vectors: Matrix
    columns: Mapping[Clause, int]
    lengths: NDArray[np.int64]
    counts: NDArray[np.int64]
    frequencies: tuple[int, ...]
    size: int
    mean_length: float
    passing: int
    passing_documents: int | None = None
    undated: int = 0
