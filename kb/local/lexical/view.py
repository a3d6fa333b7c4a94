"""All passages of one generation as postings: what stands where, how often. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kb.index.clauses import Clause, Near

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.local.lexical.postings import PhraseQuery, Postings

SAMPLE = 10_000  # positions of a phrase's rarest word that are looked at to count its rows


@dataclass(frozen=True, slots=True)
class Part:
    """Passages, and which of them can still be found (None: all)."""

    postings: Postings
    alive: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """All passages of one generation: how many, how long on average."""

    generation: int
    label: str | None
    parts: tuple[Part, ...]
    size: int
    mean_length: float


class Numbered(NamedTuple):
    """Words as numbers: of each word those that it is cut into, and the rows of each number."""

    numbers: Mapping[str, tuple[int, ...]]
    rows: Mapping[int, int]

    def phrase(self, words: Iterable[str]) -> tuple[int, ...]:
        """The numbers of words in a row."""
        return tuple(number for word in words for number in self.numbers[word])

    def query(self, clause: Clause) -> PhraseQuery:
        """What a clause looks for."""
        from kb.local.lexical.postings import PhraseQuery

        if isinstance(clause, Near):
            one, other = clause.words
            return PhraseQuery(self.numbers[one], self.numbers[other], clause.distance)
        return PhraseQuery(self.phrase(clause.words))


def frequency(view: View, phrase: tuple[int, ...], rows: Mapping[int, int]) -> int:
    """In how many passages a phrase stands: of a word, kept; of common words, estimated."""
    from kb.local.lexical.postings import PhraseQuery, rows_with

    if not phrase:
        return 0
    if len(phrase) == 1:
        return rows.get(phrase[0], 0)
    if not all(rows.get(number) for number in phrase):
        return 0
    total = 0
    for part in view.parts:
        found, _, step = rows_with(part.postings, PhraseQuery(phrase), SAMPLE)
        total += step * (len(found) if part.alive is None else int(part.alive[found].sum()))
    return min(total, *(rows[number] for number in phrase))


def holding(
    view: View,
    phrases: Sequence[tuple[int, ...]],
    without: Sequence[tuple[int, ...]] = (),
) -> list[int]:
    """The passages with all of some phrases and none of others, by id."""
    from kb.local.lexical import postings

    found = (postings.holding(part.postings, phrases, without, part.alive) for part in view.parts)
    return sorted(id for some in found for id in some)


def some_with(view: View, number: int, most: int) -> list[int]:
    """Some passages that hold a word, by its number."""
    from kb.local.lexical import postings

    return [
        id
        for part in view.parts
        for id in postings.some_with(part.postings, number, part.alive, most)
    ]


def counted(
    view: View, queries: Sequence[PhraseQuery], ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of these passages, ascending: their lengths [n], and how often each phrase stands there."""
    import numpy as np

    from kb.local.lexical.postings import rows_with

    lengths = np.zeros(len(ids), dtype=np.int64)
    counts = np.zeros((len(ids), len(queries)), dtype=np.int64)
    for some in only(view, ids):
        at = np.searchsorted(ids, some.ids)
        lengths[at] = some.lengths
        for column, query in enumerate(queries):
            rows, times, _ = rows_with(some, query)
            counts[at[rows], column] = times
    return lengths, counts


def only(view: View, ids: Collection[int] | NDArray[np.int64]) -> list[Postings]:
    """Some passages out of all, of each part; one that cannot be found any more is left out."""
    import numpy as np

    from kb.local.lexical.postings import only

    found = []
    for part in view.parts:
        some = only(part.postings, ids)
        if part.alive is not None:
            rows = np.searchsorted(part.postings.ids, some.ids)
            some = only(some, some.ids[part.alive[rows]])
        found.append(some)
    return found
