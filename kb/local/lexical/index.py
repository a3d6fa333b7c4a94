"""The lexical index: BM25 over the file of postings and, beside it, the passages not yet in it.

A question costs a bounded number of look-ups: candidates come from its rarest words first, up to
`MOST` rows; common words are then weighed on the candidates alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from kb.index.clauses import Clause
from kb.index.scores import BM25_DIGITS, idf
from kb.index.stems import Stemmer
from kb.local import vector_rows
from kb.local.catalogue.meta import State
from kb.local.connection import translated
from kb.local.dense.index import FEW, FOLDER, Ranked, ranked, stale
from kb.local.lexical import lexicon
from kb.local.lexical.view import Numbered, Part, View, frequency, only

if TYPE_CHECKING:
    from kb.local.lexical.postings import PhraseQuery, Postings

MOST = 200_000  # rows that words may bring to be ranked; up to it the ranking is exact
DEEPER = 5  # candidates by the rarest words alone, for each that is wanted
# at 300,000 passages .998 of the best ten are then FTS5's; with 50,000 and 2 only .83


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Something sought, its weight, and in how many rows its rarest word stands."""

    query: PhraseQuery
    weight: float
    rows: int


class LexicalIndex:
    """Passages by their words. Asked from several threads, each with its own connection."""

    def __init__(self, location: Path) -> None:
        self._folder = location / FOLDER
        self._location = location
        self._stemmer = Stemmer()
        self._view: View | None = None
        self._lock = Lock()

    @property
    def known_generation(self) -> int | None:
        """The generation of what was looked at last."""
        return None if self._view is None else self._view.generation

    def view(self, db: sqlite3.Connection, state: State) -> View:
        """What can be found in a state of the database; the last one is remembered."""
        with self._lock:
            known = self._view
            if known is None or (known.generation, known.label) != (state.generation, state.words):
                known = self._view = self._read(db, state)
            return known

    def numbered(self, db: sqlite3.Connection, words: Iterable[str]) -> Numbered:
        """The numbers of what each word is cut into, and the rows of each number."""
        from kb.local.lexical.postings import UNKNOWN

        asked = list(dict.fromkeys(words))
        cut = dict(zip(asked, self._stemmer.words(asked), strict=True))
        known = lexicon.look_up(db, {stem for stems in cut.values() for stem in stems})
        numbers = {
            word: tuple(known[stem][0] if stem in known else UNKNOWN for stem in stems)
            for word, stems in cut.items()
        }
        return Numbered(numbers, dict(known.values()))

    def search(
        self,
        db: sqlite3.Connection,
        view: View,
        numbered: Numbered,
        clauses: Sequence[Clause],
        limit: int,
        among: Collection[int] | None,
    ) -> Ranked:
        """The best `limit` by BM25, ties by key and ordinal."""
        if limit <= 0 or not clauses:
            return []
        weighed = _weighed(view, numbered, clauses)
        if among is not None and len(among) <= FEW:
            return ranked(db, _few(view, weighed, among), limit, BM25_DIGITS)
        chosen = weighed if among is not None else _rarest(weighed)
        if len(chosen) == len(weighed):
            return ranked(db, _best(view, weighed, limit, among), limit, BM25_DIGITS)
        candidates = [id for id, _ in _best(view, chosen, DEEPER * limit, None)]
        return ranked(db, _few(view, weighed, candidates), limit, BM25_DIGITS)

    def build(self, db: sqlite3.Connection, state: State) -> None:
        """Build the file anew from the rows in SQLite."""
        from kb.local.catalogue.meta import write_meta
        from kb.local.lexical import postings_file

        self._view = None
        try:
            label = postings_file.build(
                self._folder, lexicon.all_postings(db), *lexicon.extent(db), state.generation
            )
        except OSError as error:
            raise translated(error, self._location) from error
        write_meta(db, words=label)

    def update(self, db: sqlite3.Connection, state: State) -> None:
        """Build the file anew when it is missing or too much is beside it."""
        opened = self._open(state)
        if opened is not None:
            postings, generation = opened
            if not stale(db, generation, len(postings.ids)):
                return
        self.build(db, state)

    def _read(self, db: sqlite3.Connection, state: State) -> View:
        import numpy as np

        parts = []
        opened = self._open(state)
        old = -1
        if opened is not None:
            postings, old = opened
            alive = None
            if vector_rows.count_up_to(db, old) < len(postings.ids):
                alive = np.isin(postings.ids, vector_rows.ids_up_to(db, old))
            parts.append(Part(postings, alive))
        parts.append(Part(lexicon.postings_since(db, old)))
        size = length = 0
        for part in parts:
            lengths = part.postings.lengths
            if part.alive is not None:
                lengths = lengths[part.alive]
            size += len(lengths)
            length += int(lengths.sum())
        mean = length / size if length else 1.0
        return View(state.generation, state.words, tuple(parts), size, mean)

    def _open(self, state: State) -> tuple[Postings, int] | None:
        from kb.local.lexical.postings_file import open_postings

        return open_postings(self._folder, state.words)


def _weighed(view: View, numbered: Numbered, clauses: Sequence[Clause]) -> list[_Weighed]:
    """A phrase is weighed as one word, a word near another as the word."""
    known: dict[tuple[int, ...], float] = {}
    weighed = []
    for clause in clauses:
        query = numbered.query(clause)
        if query.phrase not in known:
            known[query.phrase] = idf(frequency(view, query.phrase, numbered.rows), view.size)
        fewest = min((numbered.rows.get(n, 0) for n in query.phrase + query.near), default=0)
        weighed.append(_Weighed(query, known[query.phrase], fewest))
    return weighed


def _few(view: View, weighed: Sequence[_Weighed], ids: Collection[int]) -> Ranked:
    """The scores of some passages that match; one that is gone matches nothing."""
    from kb.local.lexical.postings import bm25

    pairs = [(one.query, one.weight) for one in weighed]
    return [
        (id, score)
        for some in only(view, ids)
        for id, score in zip(
            some.ids.tolist(), bm25(some, pairs, view.mean_length).tolist(), strict=True
        )
        if score
    ]


def _rarest(weighed: Sequence[_Weighed]) -> list[_Weighed]:
    """Those with the fewest rows, of all together at most `MOST`, but one that stands somewhere."""
    chosen: list[_Weighed] = []
    total = 0
    for one in sorted(weighed, key=lambda one: one.rows):
        if total and total + one.rows > MOST:
            break
        total += one.rows
        chosen.append(one)
    return chosen


def _best(
    view: View, weighed: Sequence[_Weighed], limit: int, among: Collection[int] | None
) -> Ranked:
    """The best of all passages, or among some; more where a tie straddles the cut."""
    import numpy as np

    from kb.local.lexical.postings import bm25

    pairs = [(one.query, one.weight) for one in weighed]
    wanted = None if among is None else np.fromiter(among, dtype=np.int64, count=len(among))
    ids, scores = [], []
    for part in view.parts:
        some = bm25(part.postings, pairs, view.mean_length)
        if part.alive is not None:
            some[~part.alive] = 0
        if wanted is not None:
            some[~np.isin(part.postings.ids, wanted)] = 0
        matching = np.flatnonzero(some)
        ids.append(part.postings.ids[matching])
        scores.append(some[matching])
    all_ids, all_scores = np.concatenate(ids), np.concatenate(scores)
    if len(all_ids) > limit:
        least = np.partition(all_scores, -limit)[-limit] - 10**-BM25_DIGITS
        all_ids, all_scores = all_ids[all_scores >= least], all_scores[all_scores >= least]
    return list(zip(all_ids.tolist(), all_scores.tolist(), strict=True))
