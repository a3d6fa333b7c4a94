"""The lexical leg: BM25 over the words' index file and, beside it, the passages it does not know.

A question costs a bounded number of look-ups: candidates come from its rarest words first, up to
`MOST` rows; common words are then weighed on the candidates alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.index.stems import Stemmer
from kb.local import vector_rows as finding
from kb.local.catalogue import rows
from kb.local.connection import translated
from kb.local.dense.index import FEW, FOLDER, ranked, stale
from kb.local.lexical import lexicon
from kb.store import Clause, Phrase, Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.local.lexical.postings import Sought, Words

MOST = 200_000  # rows that words may bring to be ranked; up to it the ranking is exact
DEEPER = 5  # candidates by the rarest words alone, for each that is wanted
# at 300,000 passages .998 of the best ten are then FTS5's; with 50,000 and 2 only .83
SAMPLE = 10_000  # places of a phrase's rarest word that are looked at to count its rows
DIGITS = 12  # of a score: a word that stands everywhere brings some 1e-6


@dataclass(frozen=True, slots=True)
class _Part:
    """Passages, and which of them can still be found (None: all)."""

    words: Words
    alive: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """All passages of one generation: how many, how long on average."""

    generation: int
    parts: tuple[_Part, ...]
    size: int
    mean: float


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Something sought, its weight, and in how many rows its rarest word stands."""

    sought: Sought
    weight: float
    rows: int


class Lexical:
    """Passages by their words, over one open database."""

    def __init__(self, db: sqlite3.Connection, location: Path) -> None:
        self._db = db
        self._folder = location / FOLDER
        self._location = location
        self._stemmer = Stemmer()
        self._opened: _State | None = None
        self._some: tuple[_State, frozenset[int], list[Words]] | None = None

    def search(
        self, clauses: Sequence[Clause], limit: int, among: Collection[int] | None
    ) -> Scores:
        """The best `limit`, ties by key and ordinal."""
        if limit <= 0:
            return []
        state = self._state()
        weighed = self._weighed(state, clauses)
        if among is not None and len(among) <= FEW:
            return ranked(self._db, self._few(state, weighed, among), limit, DIGITS)
        chosen = weighed if among is not None else _rarest(weighed)
        if len(chosen) == len(weighed):
            return ranked(self._db, _best(state, weighed, limit, among), limit, DIGITS)
        candidates = [id for id, _ in _best(state, chosen, DEEPER * limit, None)]
        return ranked(self._db, self._few(state, weighed, candidates), limit, DIGITS)

    def weigh(
        self, clauses: Sequence[Clause], ids: Collection[int]
    ) -> tuple[dict[int, float], float]:
        """The scores of these passages, and the sum of the weights."""
        state = self._state()
        weighed = self._weighed(state, clauses)
        return dict(self._few(state, weighed, ids)), sum(one.weight for one in weighed)

    def holding(
        self, phrases: Sequence[Phrase], without: Sequence[Phrase], among: Collection[int] | None
    ) -> list[int]:
        """The passages with all of some phrases and none of others, by id."""
        from kb.local.lexical.postings import holding

        state = self._state()
        numbers, _ = self._numbers(
            {word for phrase in (*phrases, *without) for word in phrase.words}
        )
        every, none = (
            [tuple(n for word in phrase.words for n in numbers[word]) for phrase in some]
            for some in (phrases, without)
        )
        found = (holding(part.words, every, none, part.alive) for part in state.parts)
        ids = {id for some in found for id in some}
        return sorted(ids if among is None else ids.intersection(among))

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """In how many passages each term stands."""
        state = self._state()
        numbers, rows = self._numbers(terms)
        return {term: _frequency(state, numbers[term], rows) for term in terms}

    def some(self, number: int, most: int) -> list[int]:
        """Some passages that hold a word, by its number."""
        from kb.local.lexical.postings import some_with

        parts = self._state().parts
        return [id for part in parts for id in some_with(part.words, number, part.alive, most)]

    def refresh(self) -> None:
        """Build the file anew when it is missing or too much is beside it."""
        opened = self._open()
        if opened is not None:
            words, generation = opened
            if not stale(self._db, generation, len(words.ids)):
                return
        self.build()

    def build(self) -> None:
        """Build the file anew from the rows in SQLite."""
        from kb.local.catalogue.changes import write_meta
        from kb.local.lexical import postings_file as wordfile

        self._opened = None
        try:
            label = wordfile.build(
                self._folder,
                lexicon.all_words(self._db),
                *lexicon.extent(self._db),
                rows.read_manifest(self._db).generation,
            )
        except OSError as error:
            raise translated(error, self._location) from error
        write_meta(self._db, words=label)

    def _state(self) -> _State:
        generation = rows.read_manifest(self._db).generation
        if self._opened is None or self._opened.generation != generation:
            self._opened = self._read(generation)
        return self._opened

    def _read(self, generation: int) -> _State:
        import numpy as np

        parts = []
        opened = self._open()
        old = -1
        if opened is not None:
            words, old = opened
            alive = None
            if finding.vectors_up_to(self._db, old) < len(words.ids):
                alive = np.isin(words.ids, finding.ids_up_to(self._db, old))
            parts.append(_Part(words, alive))
        parts.append(_Part(lexicon.words_since(self._db, old)))
        size = length = 0
        for part in parts:
            lengths = part.words.lengths
            if part.alive is not None:
                lengths = lengths[part.alive]
            size += len(lengths)
            length += int(lengths.sum())
        return _State(generation, tuple(parts), size, length / size if length else 1.0)

    def _open(self) -> tuple[Words, int] | None:
        from kb.local.lexical.postings_file import open_words

        return open_words(self._folder, rows.read_words(self._db))

    def _few(self, state: _State, weighed: Sequence[_Weighed], ids: Collection[int]) -> Scores:
        """The scores of some passages that match; one that is gone matches nothing."""
        from kb.local.lexical.postings import bm25

        pairs = [(one.sought, one.weight) for one in weighed]
        return [
            (id, score)
            for words in self._only(state, frozenset(ids))
            for id, score in zip(
                words.ids.tolist(), bm25(words, pairs, state.mean).tolist(), strict=True
            )
            if score
        ]

    def _only(self, state: _State, ids: frozenset[int]) -> list[Words]:
        """Some passages out of all; words and phrases are weighed on the same ones."""
        import numpy as np

        from kb.local.lexical.postings import only

        if self._some is None or self._some[0] is not state or self._some[1] != ids:
            some = []
            for part in state.parts:
                words = only(part.words, ids)
                if part.alive is not None:
                    rows = np.searchsorted(part.words.ids, words.ids)
                    words = only(words, words.ids[part.alive[rows]].tolist())
                some.append(words)
            self._some = (state, ids, some)
        return self._some[2]

    def _numbers(self, words: Collection[str]) -> tuple[dict[str, tuple[int, ...]], dict[int, int]]:
        """The numbers of what each word is cut into, and the rows of each number."""
        from kb.local.lexical.postings import UNKNOWN

        cut = dict(zip(words, self._stemmer.words(list(words)), strict=True))
        known = lexicon.look_up(self._db, {stem for stems in cut.values() for stem in stems})
        numbers = {
            word: tuple(known[stem][0] if stem in known else UNKNOWN for stem in stems)
            for word, stems in cut.items()
        }
        return numbers, dict(known.values())

    def _weighed(self, state: _State, clauses: Sequence[Clause]) -> list[_Weighed]:
        """A phrase is weighed as one word, of two near each other each where the other is."""
        from kb.local.lexical.postings import Sought, idf

        numbers, rows = self._numbers({word for clause in clauses for word in clause.words})
        weighed = []
        counted: dict[tuple[int, ...], float] = {}
        for clause in clauses:
            phrases = [numbers[word] for word in clause.words]
            if isinstance(clause, Phrase):
                sought = [Sought(tuple(number for phrase in phrases for number in phrase))]
            else:
                one, two = phrases
                sought = [Sought(one, two, clause.distance), Sought(two, one, clause.distance)]
            for each in sought:
                if each.phrase not in counted:
                    counted[each.phrase] = idf(_frequency(state, each.phrase, rows), state.size)
                fewest = min((rows.get(n, 0) for n in each.phrase + each.near), default=0)
                weighed.append(_Weighed(each, counted[each.phrase], fewest))
        return weighed


def _frequency(state: _State, phrase: tuple[int, ...], rows: dict[int, int]) -> int:
    """In how many passages a phrase stands: of a word, kept; of common words, estimated."""
    from kb.local.lexical.postings import Sought, rows_with

    if not phrase:
        return 0
    if len(phrase) == 1:
        return rows.get(phrase[0], 0)
    if not all(rows.get(number) for number in phrase):
        return 0
    total = 0
    for part in state.parts:
        found, _, step = rows_with(part.words, Sought(phrase), SAMPLE)
        total += step * (len(found) if part.alive is None else int(part.alive[found].sum()))
    return min(total, *(rows[number] for number in phrase))


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
    state: _State, weighed: Sequence[_Weighed], limit: int, among: Collection[int] | None
) -> Scores:
    """The best of all passages, or among some; more where a tie straddles the cut."""
    import numpy as np

    from kb.local.lexical.postings import bm25

    pairs = [(one.sought, one.weight) for one in weighed]
    wanted = None if among is None else np.fromiter(among, dtype=np.int64, count=len(among))
    ids, scores = [], []
    for part in state.parts:
        some = bm25(part.words, pairs, state.mean)
        if part.alive is not None:
            some[~part.alive] = 0
        if wanted is not None:
            some[~np.isin(part.words.ids, wanted)] = 0
        matching = np.flatnonzero(some)
        ids.append(part.words.ids[matching])
        scores.append(some[matching])
    all_ids, all_scores = np.concatenate(ids), np.concatenate(scores)
    if len(all_ids) > limit:
        least = np.partition(all_scores, -limit)[-limit] - 10**-DIGITS
        all_ids, all_scores = all_ids[all_scores >= least], all_scores[all_scores >= least]
    return list(zip(all_ids.tolist(), all_scores.tolist(), strict=True))
