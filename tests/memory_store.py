"""A store in memory, as plain as can be: the contract's second implementer, and its oracle.

Everything is looked at, nothing is kept ready. What an engine answers must be what this answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from rapidfuzz.distance.OSA import distance

from kb.catalogue import DocumentState, Outcome, SourceState, check_model, not_found
from kb.encoders.context import texts_of
from kb.errors import BadUsage, ModelMismatch, NotFound, StoreError, StoreMissing
from kb.index.candidates import CandidateQuery, Candidates
from kb.index.clauses import Clause, Near, Phrase
from kb.index.scores import BM25_DIGITS, COSINE_DIGITS, cosines, idf, saturated
from kb.index.stems import Stemmer
from kb.index.words import WordFacts, WordQuery
from kb.keys import Reference, sha256_of
from kb.metadata import Metadata
from kb.records import (
    Edition,
    Entry,
    Fetch,
    Figures,
    Manifest,
    Passage,
    Provenance,
    Refusal,
)
from kb.upkeep import Fault

if TYPE_CHECKING:
    from kb.encoder import Encoder, Matrix, Vector

_STEMMER = Stemmer()


@cache
def stems(text: str) -> tuple[str, ...]:
    """A text's words as they are searched for."""
    return tuple(_STEMMER.words([text])[0])


@dataclass
class _Revision:
    """A revision with its sources, and the ids and vectors of its passages."""

    edition: Edition
    sources: dict[str, Provenance]
    ids: list[int]
    vectors: Matrix
    texts: list[str]
    added: int


@dataclass
class _State:
    """All that is kept."""

    manifest: Manifest
    revisions: dict[tuple[str, str], _Revision] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    originals: dict[str, bytes] = field(default_factory=dict)
    overrides: dict[str, Metadata] = field(default_factory=dict)
    restored: dict[str, frozenset[str]] = field(default_factory=dict)
    fetches: dict[str, Fetch] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    ids: int = 0


@dataclass(frozen=True)
class _Row:
    """A passage that can be found: title and headings, and text, as words."""

    id: int
    key: str
    passage: Passage
    vector: Vector
    columns: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def place(self) -> tuple[str, int]:
        return self.key, self.passage.ordinal

    @property
    def length(self) -> int:
        return sum(map(len, self.columns))

    def times(self, clause: Clause) -> int:
        """How often a clause stands in it."""
        if isinstance(clause, Phrase):
            return sum(len(_starts(words, clause.words)) for words in self.columns)
        one, other = clause.words
        after, before = len(stems(one)) + clause.distance, len(stems(other)) + clause.distance
        return sum(
            any(-before <= there - here <= after for there in _starts(words, (other,)))
            for words in self.columns
            for here in _starts(words, (one,))
        )


def _starts(words: tuple[str, ...], phrase: Iterable[str]) -> list[int]:
    wanted = tuple(stem for word in phrase for stem in stems(word))
    ends = range(len(words) - len(wanted) + 1 if wanted else 0)
    return [at for at in ends if words[at : at + len(wanted)] == wanted]


class MemoryStore:
    """See `kb.store.Store` for what each method gives. `WORLD` holds what stands where."""

    WORLD: dict[str, _State] = {}  # noqa: RUF012 - what is kept outlives the store that is open

    def __init__(self, location: Any, *, write: bool, create: bool = False) -> None:
        self.location = str(location)
        self._write = write
        self._together = 0
        if self.location not in self.WORLD:
            if not create:
                raise StoreMissing(self.location)
            self.WORLD[self.location] = _State(Manifest(6, "hashing", "int8"))

    @property
    def _state(self) -> _State:
        return self.WORLD[self.location]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        pass

    def refresh(self) -> bool:
        return False

    # The catalogue

    @property
    def manifest(self) -> Manifest:
        return self._state.manifest

    def entries(self) -> list[Entry]:
        return [self._entry(key) for key in sorted(self._state.current)]

    def entry(self, key: str) -> Entry:
        _sayable(key)
        self._revision(Reference(key))
        return self._entry(key)

    def edition(self, reference: Reference) -> Edition:
        its = self._revision(reference)
        sources = tuple(its.sources[uri] for uri in sorted(its.sources))
        return replace(its.edition, document=replace(its.edition.document, sources=sources))

    def passage(self, reference: Reference) -> Passage:
        passages = self._revision(reference).edition.passages
        assert reference.ordinal is not None
        if reference.ordinal > len(passages):
            raise NotFound(f"{reference}: this document has passages 1 to {len(passages)}.")
        return passages[reference.ordinal - 1]

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Entry]]:
        return {
            id: (passage, self._entry(*name))
            for name in self._state.current.items()
            for its in [self._state.revisions[name]]
            for id, passage in zip(its.ids, its.edition.passages, strict=True)
            if id in ids
        }

    def neighbours(
        self, passages: Sequence[Passage], count: int
    ) -> list[tuple[tuple[Passage, ...], tuple[Passage, ...]]]:
        found = []
        for one in passages:
            whole = self._state.revisions[one.document, one.revision].edition.passages
            here = one.ordinal - 1
            found.append((whole[max(0, here - count) : here], whole[here + 1 : here + 1 + count]))
        return found

    def original(self, sha256: str) -> bytes:
        if sha256 not in self._state.originals:
            raise NotFound(f"{sha256[:12]}…: these bytes are not kept.")
        return self._state.originals[sha256]

    def document_state(self, key: str) -> DocumentState:
        return DocumentState(
            key,
            self._entry(key).sources if key in self._state.current else (),
            self._state.overrides.get(key, Metadata()),
            self._state.restored.get(key, frozenset()),
        )

    def source_state(self, uri: str, sha256: str, reader_name: str) -> SourceState:
        def one(keys: Iterable[str]) -> DocumentState | None:
            return next((self.document_state(key) for key in keys), None)

        twins = [
            key
            for key in sorted(self._state.current)
            for its in self.document_state(key).sources
            if its.sha256 == sha256 and its.reader_name == reader_name
        ]
        kept = [key for key in self._state.current if uri in self._revision(Reference(key)).sources]
        past = [
            (its.added, key)
            for (key, _), its in self._state.revisions.items()
            if uri in its.sources
        ]
        former = [] if kept else [key for _, key in sorted(past, reverse=True)]
        return SourceState(one(twins), one(kept), one(former), self._state.fetches.get(uri))

    def sources(self, prefix: str) -> Iterator[tuple[str, str]]:
        every = [(s.uri, key) for key in self._state.current for s in self._entry(key).sources]
        return iter(sorted(pair for pair in every if pair[0].startswith(prefix)))

    def fetches(self) -> Mapping[str, Fetch]:
        today = {uri for uri, _ in self.sources("")}
        return {uri: fetch for uri, fetch in self._state.fetches.items() if uri in today}

    def free_key(self, keys: Sequence[str]) -> str:
        taken = {key for key, _ in self._state.revisions}
        return next(key for key in keys if key not in taken)

    def encoded(self, texts: Sequence[str]) -> dict[str, Vector]:
        return {
            text: vector
            for key in self._state.current
            for its in [self._revision(Reference(key))]
            for text, vector in zip(its.texts, its.vectors, strict=True)
            if text in texts
        }

    def refusals(self) -> list[Refusal]:
        return [self._state.refusals[source] for source in sorted(self._state.refusals)]

    @contextmanager
    def together(self) -> Iterator[None]:
        if not self._write:
            raise StoreError(f"{self.location}: opened to read; open it with write=True to change.")
        before = deepcopy(self._state)
        self._together += 1
        try:
            yield
        except BaseException:
            self.WORLD[self.location] = before
            raise
        finally:
            self._together -= 1
        if not self._together:
            state = self._state
            state.manifest = replace(state.manifest, generation=state.manifest.generation + 1)

    def add(
        self,
        edition: Edition,
        vectors: Matrix,
        originals: Mapping[str, bytes],
        encoder: Encoder,
        overrides: Metadata | None = None,
        fetch: Fetch | None = None,
    ) -> Outcome:
        with self.together():
            shape = (len(edition.passages), encoder.dimension)
            if vectors.shape != shape or vectors.dtype != np.float32:
                raise ValueError(f"not float32{shape}")
            check_model(self.manifest, encoder, self.location)
            if any(sha256_of(data) != sha256 for sha256, data in originals.items()):
                raise ValueError("the bytes given have another digest")
            if len({one.ordinal for one in edition.passages}) < len(edition.passages):
                raise ValueError("the ordinals of passages are UNIQUE")
            document = edition.document
            _sayable(document.title, document.text)
            state = self._state
            state.manifest = replace(
                state.manifest, fingerprint=encoder.fingerprint, dimension=encoder.dimension
            )
            state.originals |= originals
            before = (
                self.edition(Reference(document.key)) if document.key in state.current else None
            )
            sources = {one.uri: one for one in document.sources}
            if before is not None:
                new = {one.sha256 for one in document.sources}
                old = [one for one in before.document.sources if one.sha256 in new]
                sources = {one.uri: one for one in old} | sources
            for uri in sources:
                self._detach(uri, besides=document.key)
            ids = list(range(state.ids, state.ids + len(edition.passages)))
            state.ids += max(1, len(ids))
            state.revisions.pop((document.key, document.revision), None)
            state.revisions[document.key, document.revision] = _Revision(
                edition, sources, ids, vectors, texts_of(edition, encoder), state.ids
            )
            state.current[document.key] = document.revision
            if overrides is not None:
                stated = self.document_state(document.key).overrides
                state.overrides[document.key] = overrides.over(stated)
            if fetch is not None:
                state.fetches[document.sources[0].uri] = fetch
            if before is None:
                return Outcome.ADDED
            same = before.removed == edition.removed and replace(
                before.document, sources=()
            ) == replace(document, sources=())
            return Outcome.UNCHANGED if same else Outcome.UPDATED

    def attach(self, key: str, provenance: Provenance) -> None:
        with self.together():
            self._detach(provenance.uri, besides=key)
            self._revision(Reference(key)).sources[provenance.uri] = provenance

    def detach(self, uri: str) -> None:
        with self.together():
            self._detach(uri)

    def _detach(self, uri: str, besides: str | None = None) -> None:
        for key, revision in list(self._state.current.items()):
            sources = self._state.revisions[key, revision].sources
            if key == besides or uri not in sources:
                continue
            if len(sources) == 1:
                del self._state.current[key]
            else:
                del sources[uri]

    def restore(self, key: str, digest: str) -> None:
        with self.together():
            self._state.restored[key] = self._state.restored.get(key, frozenset()) | {digest}

    def drop_overrides(self, key: str, fields: Collection[str]) -> None:
        with self.together():
            said = self.document_state(key).overrides.said()
            kept = {name: value for name, value in said.items() if name not in fields}
            self._state.overrides[key] = Metadata(**kept)

    def note_fetch(self, uri: str, fetch: Fetch) -> None:
        with self.together():
            self._state.fetches[uri] = fetch

    def refuse(self, source: str, reason: str) -> None:
        with self.together():
            self._state.refusals[source] = Refusal(source, reason, "2026-01-01T00:00:00Z")

    def dismiss(self, source: str) -> None:
        with self.together():
            self._state.refusals.pop(source, None)

    def remove(self, key: str) -> None:
        with self.together():
            self._revision(Reference(key))
            del self._state.current[key]

    def _revision(self, reference: Reference) -> _Revision:
        revision = reference.revision or self._state.current.get(reference.key, "")
        its = self._state.revisions.get((reference.key, revision))
        if its is None:
            all_ = [
                (its.added, name)
                for (key, name), its in self._state.revisions.items()
                if key == reference.key
            ]
            raise not_found(reference, [name for _, name in sorted(all_, reverse=True)], ())
        return its

    def _entry(self, key: str, revision: str | None = None) -> Entry:
        its = self._revision(Reference(key, revision))
        document = its.edition.document
        return Entry(
            document=key,
            revision=document.revision,
            metadata=document.metadata,
            sources=tuple(its.sources[uri] for uri in sorted(its.sources)),
            passages=len(its.edition.passages),
            ingested_at=str(its.added),
            external_id=document.external_id,
            notes=its.edition.notes,
        )

    # The index

    @property
    def size(self) -> int:
        return len(self._rows())

    def _rows(self) -> list[_Row]:
        found = []
        for key, revision in self._state.current.items():
            its = self._state.revisions[key, revision]
            title = its.edition.document.title
            for id, passage, vector in zip(its.ids, its.edition.passages, its.vectors, strict=True):
                context = "\n".join((title, *passage.heading))
                columns = (stems(context), stems(passage.text))
                found.append(_Row(id, key, passage, vector, columns))
        return sorted(found, key=lambda row: row.id)

    def look_up(self, query: WordQuery) -> WordFacts:
        rows = self._rows()

        def held(*words: str) -> list[_Row]:
            return [row for row in rows if all(row.times(Phrase((word,))) for word in words)]

        frequencies = {word: len(held(word)) for word in (*query.counted, *query.corrected)}
        unknown = [word for word in query.corrected if not frequencies[word]]
        near = {
            word: _nearest(rows, word, query.corrected[word])
            for word in unknown[: query.most_corrected]
        }
        return WordFacts(
            frequencies,
            {word: one for word, one in near.items() if one is not None},
            frozenset(
                (word, other)
                for word, other in query.other_forms
                if {row.id for row in held(other)} - {row.id for row in held(word)}
            ),
            tuple(
                tuple(row.passage.text for row in rows if all(map(row.times, phrases)))
                for phrases in query.excerpts
            ),
        )

    def candidates(self, query: CandidateQuery) -> Candidates:
        theirs = self.manifest.fingerprint
        if query.vector is not None and theirs not in (None, query.fingerprint):
            raise ModelMismatch(self.location, str(theirs), str(query.fingerprint))
        rows = self._rows()
        known = {key: self._entry(key).metadata for key in self._state.current}
        passing = {key for key, its in known.items() if query.filters.passes(key, its)}
        may = [
            row
            for row in rows
            if row.key in passing
            and all(map(row.times, query.required))
            and not any(map(row.times, query.excluded))
        ]
        mean = sum(row.length for row in rows) / len(rows) if any(r.length for r in rows) else 1.0
        frequencies = {clause: _frequency(rows, clause) for clause in query.clauses}
        scores: list[tuple[int, dict[int, float]]] = []
        if query.vector is not None and may:
            near = cosines(np.array([row.vector for row in may]), query.vector).tolist()
            scores.append(
                (COSINE_DIGITS, {row.id: one for row, one in zip(may, near, strict=True)})
            )
        lexical = {}
        for row in may:
            times = np.array([row.times(clause) for clause in query.leading])
            if times.any():
                weights = [idf(frequencies[c], len(rows)) for c in query.leading]
                lexical[row.id] = float(
                    (saturated(times, np.array(row.length), mean) * weights).sum()
                )
        scores.append((BM25_DIGITS, lexical))
        place = {row.id: row.place for row in rows}
        found = {
            id
            for digits, its in scores
            for id in sorted(its, key=lambda id: (-round(its[id], digits), place[id]))[
                : query.depth
            ]
        }
        return replace(
            _table(query, rows, found, frequencies, mean),
            passing=len(may),
            passing_documents=len(passing) if query.filters else None,
            undated=sum(query.filters.lacks_date(key, its) for key, its in known.items()),
        )

    def update(self) -> None:
        pass

    # Upkeep

    def figures(self) -> Figures:
        state = self._state
        return Figures(
            documents=len(state.current),
            revisions=len(state.revisions),
            passages=self.size,
            removed=sum(len(self._revision(Reference(k)).edition.removed) for k in state.current),
            originals=len(state.originals),
            bytes_database=0,
            bytes_originals=sum(map(len, state.originals.values())),
            bytes_index=0,
        )

    def faults(self) -> Iterable[Fault]:
        return ()

    def repair(self) -> None:
        with self.together():
            pass


def _sayable(*texts: str) -> None:
    """BadUsage for half a character, which nothing can keep."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BadUsage(f"{text!a}: half a character") from error


def _frequency(rows: Sequence[_Row], clause: Clause) -> int:
    words = clause.words[:1] if isinstance(clause, Near) else clause.words
    return sum(row.times(Phrase(words)) > 0 for row in rows)


def _nearest(rows: Sequence[_Row], word: str, most: int) -> str | None:
    """The word that stands in some passage and is nearest; of equals that of the commonest stem."""
    typed = [
        one
        for row in rows
        for text in ("\n".join((*row.passage.heading,)), row.passage.text)
        for one in "".join(c if c.isalpha() else " " for c in text.lower()).split()
    ]
    near = {one: distance(word, one) for one in typed if distance(word, one) <= most}
    if not near:
        return None
    least = [one for one in near if near[one] == min(near.values())]
    held = {one: _frequency(rows, Phrase((one,))) for one in least}
    return min(least, key=lambda one: (-held[one], stems(one), -typed.count(one), one))


def _table(
    query: CandidateQuery,
    rows: Sequence[_Row],
    found: Collection[int],
    frequencies: Mapping[Clause, int],
    mean: float,
) -> Candidates:
    """The found rows and those next to them."""
    by_place = {row.place: row for row in rows}
    beside: dict[int, list[_Row | None]] = {
        row.id: [by_place.get((row.key, row.passage.ordinal + step)) for step in (-1, 1)]
        for row in rows
        if row.id in found
    }
    wanted = {*found, *(near.id for pair in beside.values() for near in pair if near is not None)}
    chosen = [row for row in rows if row.id in wanted]
    at = {row.id: n for n, row in enumerate(chosen)}
    ends = [
        [-1 if near is None else at[near.id] for near in beside.get(row.id, [None, None])]
        for row in chosen
    ]
    vectors = [row.vector if query.vector is not None else row.vector[:0] for row in chosen]
    return Candidates(
        ids=np.array([row.id for row in chosen], dtype=np.int64),
        documents=tuple(row.key for row in chosen),
        ordinals=np.array([row.passage.ordinal for row in chosen], dtype=np.int64),
        found=np.array([row.id in found for row in chosen], dtype=np.bool_),
        before=np.array([before for before, _ in ends], dtype=np.int64),
        after=np.array([after for _, after in ends], dtype=np.int64),
        vectors=np.array(vectors, dtype=np.float32).reshape(len(chosen), -1)
        if chosen
        else np.empty((0, 0), dtype=np.float32),
        columns={clause: column for column, clause in enumerate(query.clauses)},
        lengths=np.array([row.length for row in chosen], dtype=np.int64),
        counts=np.array(
            [[row.times(clause) for clause in query.clauses] for row in chosen], dtype=np.int64
        ).reshape(len(chosen), len(query.clauses)),
        frequencies=tuple(frequencies[clause] for clause in query.clauses),
        size=len(rows),
        mean_length=mean,
        passing=0,
    )
