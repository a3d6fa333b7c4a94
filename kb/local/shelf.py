"""What a local store gives to whoever reads it: documents, passages, scores.

Every answer comes from one database and the two indexes derived from it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import NotFound
from kb.keys import Reference, nearest
from kb.local import vector_rows as finding
from kb.local.catalogue import originals as kept
from kb.local.catalogue import rows
from kb.local.dense.index import Nearest
from kb.local.lexical.index import Lexical
from kb.records import Edition, Entry, Fetch, Manifest, Passage, Provenance, Stated, Unread
from kb.store import Clause, Phrase, Scores

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector


class Shelf:
    """The half of a store that changes nothing. See `kb.store.Store` for what each method gives."""

    def __init__(self, location: Path, db: sqlite3.Connection) -> None:
        self.location = location
        self._db = db
        self._nearest = Nearest(db, location)
        self._lexical = Lexical(db, location)

    # What is kept

    @property
    def manifest(self) -> Manifest:
        return rows.read_manifest(self._db)

    def entries(self) -> list[Entry]:
        return rows.read_entries(self._db)

    def entry(self, key: str) -> Entry:
        found = rows.read_entries(self._db, key)
        if not found:
            raise self._not_found(Reference(key))
        return found[0]

    def edition(self, reference: Reference) -> Edition:
        return rows.read_edition(self._db, self._revision(reference))

    def passage(self, reference: Reference) -> Passage:
        if reference.ordinal is None:
            raise ValueError(f"{reference} names no passage")
        id = self._revision(reference)
        passage = rows.read_passage(self._db, id, reference.ordinal)
        if passage is None:
            count = len(rows.read_edition(self._db, id).passages)
            raise NotFound(f"{reference}: this document has passages 1 to {count}.")
        return passage

    def original(self, sha256: str) -> bytes:
        return kept.read(self.location, sha256)

    def stated(self, key: str) -> Stated:
        return rows.read_stated(self._db, key)

    def taken_back(self, key: str) -> frozenset[str]:
        found = self._db.execute("SELECT digest FROM taken_back WHERE document = ?", (key,))
        return frozenset(row[0] for row in found)

    def source(self, uri: str) -> tuple[str, Provenance] | None:
        return rows.read_source(self._db, uri)

    def sources(self, prefix: str) -> Iterator[tuple[str, str]]:
        return rows.sources(self._db, prefix)

    def holder(self, sha256: str, reader_name: str) -> str | None:
        return rows.holder(self._db, sha256, reader_name)

    def former(self, uri: str) -> str | None:
        return rows.former(self._db, uri)

    def has_key(self, key: str) -> bool:
        return bool(rows.revisions_of(self._db, key))

    def known(self, texts: Sequence[str]) -> dict[str, Vector]:
        dimension = self.manifest.dimension
        return finding.known_vectors(self._db, texts, dimension) if dimension else {}

    def fetched(self, uri: str) -> Fetch | None:
        return rows.read_fetch(self._db, uri)

    def unread(self) -> list[Unread]:
        return rows.read_unread(self._db)

    # What is found

    @property
    def size(self) -> int:
        return finding.size(self._db)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        return rows.read_passages(self._db, ids)

    def places(self, ids: Collection[int]) -> dict[int, tuple[str, int]]:
        return finding.places(self._db, ids)

    def vectors(self, ids: Sequence[int]) -> Matrix:
        known, matrix = finding.vectors_of(self._db, ids, self.manifest.dimension or 0)
        return matrix[known.searchsorted(ids)]

    def ids(self, documents: Collection[str]) -> list[int]:
        return finding.ids_of(self._db, documents)

    def beside(self, ids: Collection[int]) -> dict[int, list[int]]:
        return finding.beside(self._db, ids)

    def warm_up(self) -> None:
        self._nearest.open()

    def dense(self, vector: Vector, limit: int, among: Collection[int] | None = None) -> Scores:
        return self._nearest.search(vector, limit, among)

    def cosines(self, vector: Vector, ids: Collection[int]) -> dict[int, float]:
        return self._nearest.cosines(vector, ids)

    def lexical(
        self, clauses: Sequence[Clause], limit: int, among: Collection[int] | None = None
    ) -> Scores:
        return self._lexical.search(clauses, limit, among)

    def weigh(
        self, clauses: Sequence[Clause], ids: Collection[int]
    ) -> tuple[dict[int, float], float]:
        return self._lexical.weigh(clauses, ids)

    def holding(
        self,
        phrases: Sequence[Phrase],
        without: Sequence[Phrase] = (),
        among: Collection[int] | None = None,
    ) -> list[int]:
        return self._lexical.holding(phrases, without, among)

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        return self._lexical.frequencies(terms)

    def nearest_word(self, word: str, most: int) -> str | None:
        from kb.local.lexical import spelling

        return spelling.nearest(self._db, word, most, self._lexical.some)

    # Inside

    def _revision(self, reference: Reference) -> int:
        id = rows.revision_id(self._db, reference.key, reference.revision)
        if id is None:
            raise self._not_found(reference)
        return id

    def _not_found(self, reference: Reference) -> NotFound:
        revisions = rows.revisions_of(self._db, reference.key)
        if revisions and reference.revision is None:
            return NotFound(
                f"{reference.key}: this document was taken out of search. Its last revision can "
                f"still be shown: kb show {reference.key}@{revisions[0]}"
            )
        if revisions:
            return NotFound(f"{reference}: no such revision. There are: {', '.join(revisions)}.")
        near = nearest(reference.key, ((key, uri) for uri, key in self.sources("")))
        hint = f"Is it {' or '.join(near)}?" if near else "kb list shows what there is."
        return NotFound(f"{reference.key}: no such document. {hint}")
