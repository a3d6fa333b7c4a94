"""The local store: rows, vectors and originals in one folder, kept as one.

SQLite is the truth; the index is derived from it. One writer at a time, behind a lock file; any
number of readers, also while one writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kb.context import texts_of
from kb.errors import NotFound, StoreError, StoreMissing
from kb.keys import Reference, nearest
from kb.local import finding, rows
from kb.local import originals as kept
from kb.local.connection import FILE, FORMAT, connect, prepare_to_write
from kb.local.lexical import Lexical
from kb.local.nearest import Nearest
from kb.local.opening import check_format, lock, refuse_foreign
from kb.local.transactions import Transactions
from kb.records import (
    Edition,
    Entry,
    Fetch,
    Figures,
    Manifest,
    Passage,
    Provenance,
    Stated,
    Unread,
)
from kb.store import Clause, Fault, Phrase, Scores, check_model

if TYPE_CHECKING:
    from filelock import FileLock

    from kb.encoder import Encoder, Matrix, Vector


class LocalStore:
    """A knowledge base in a folder. See `kb.store.Store` for what each method gives."""

    def __init__(self, location: Path, db: sqlite3.Connection, held: FileLock | None) -> None:
        self.location = location
        self._db = db
        self._lock = held
        self._nearest = Nearest(db, location)
        self._lexical = Lexical(db, location)
        self._transactions = Transactions(db)

    @classmethod
    def open(
        cls, location: Path, *, write: bool, create: bool, model: str, precision: str
    ) -> LocalStore:
        """The store in a folder; see `kb.store.open_store`."""
        if not (location / FILE).exists():
            if not create:
                raise StoreMissing(location)
            refuse_foreign(location)
        held = lock(location, make=create) if write else None
        try:
            db = connect(location, write=write)
            try:
                if not write:
                    db.execute("BEGIN")  # one state of the whole store for as long as it is open
                format = check_format(location, db, write=write)
                if write:
                    prepare_to_write(db)
                if format < FORMAT:
                    _migrate(db, model, precision)
                store = cls(location, db, held)
                store._transactions.changed = 0 < format < FORMAT
                return store
            except BaseException:
                db.close()
                raise
        except BaseException:
            if held is not None:
                held.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except StoreError:
            if error is None:  # else the first error is the one to hear of
                raise

    def close(self) -> None:
        try:
            if self._transactions.changed:
                self._nearest.refresh()
                self._lexical.refresh()
        finally:
            self._transactions.changed = False
            self._db.close()
            if self._lock is not None:
                self._lock.release()

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
        from kb.local import spelling

        return spelling.nearest(self._db, word, most, self._lexical.some)

    # What is changed

    def together(self) -> AbstractContextManager[object]:
        return self._transaction()

    def add(
        self,
        edition: Edition,
        vectors: Matrix,
        originals: Mapping[str, bytes],
        encoder: Encoder,
        stated: Stated | None = None,
    ) -> None:
        from kb.local import changes

        self._require_lock()
        shape = (len(edition.passages), encoder.dimension)
        if vectors.shape != shape or vectors.dtype.name != "float32":
            raise ValueError(f"vectors are {vectors.dtype.name}{vectors.shape}, not float32{shape}")
        check_model(self, encoder)
        for sha256, data in originals.items():
            kept.keep(self.location, sha256, data)
        document = edition.document
        encoded = texts_of(edition, encoder)
        with self._transaction() as generation:
            if self.manifest.fingerprint is None:
                changes.write_meta(
                    self._db, fingerprint=encoder.fingerprint, dimension=encoder.dimension
                )
            same = changes.other_sources(self._db, document)
            for provenance in document.sources:
                changes.detach(self._db, provenance.uri, besides=document.key)
            changes.retire(self._db, document.key)
            id = changes.write_edition(self._db, edition, encoded, vectors, generation)
            changes.write_provenance(self._db, id, same)
            if stated is not None:
                changes.write_stated(self._db, document.key, stated)

    def attach(self, key: str, provenance: Provenance) -> None:
        from kb.local import changes

        with self._transaction():
            changes.detach(self._db, provenance.uri, besides=key)
            changes.write_provenance(self._db, self._revision(Reference(key)), [provenance])

    def detach(self, uri: str) -> None:
        from kb.local import changes

        with self._transaction():
            changes.detach(self._db, uri)

    def take_back(self, key: str, digest: str) -> None:
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO taken_back VALUES (?, ?)", (key, digest))

    def unstate(self, key: str, fields: Collection[str]) -> None:
        with self._transaction():
            self._db.executemany(
                "DELETE FROM stated WHERE document = ? AND field = ?",
                [(key, field) for field in fields],
            )

    def note_fetch(self, uri: str, fetch: Fetch) -> None:
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO fetches VALUES (?, ?, ?, ?)",
                (uri, fetch.url, fetch.etag, fetch.modified),
            )

    def refuse(self, source: str, reason: str) -> None:
        from kb.local import changes

        with self._transaction():
            changes.refuse(self._db, source, reason)

    def dismiss(self, source: str) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM unread WHERE source = ?", (source,))

    def remove(self, key: str) -> None:
        from kb.local import changes

        self._revision(Reference(key))
        with self._transaction():
            changes.retire(self._db, key)

    # What is true

    def figures(self) -> Figures:
        from kb.local import audit

        return audit.figures(self._db, self.location)

    def faults(self) -> Iterable[Fault]:
        from kb.local import audit

        return audit.faults(self._db, self.location)

    def repair(self) -> None:
        from kb.local import lexicon

        with self._transaction():
            lexicon.remake(self._db)
        self._nearest.build()
        self._lexical.build()

    # Inside

    def _transaction(self) -> AbstractContextManager[int]:
        self._require_lock()
        return self._transactions.begin()

    def _require_lock(self) -> None:
        if self._lock is None:
            raise StoreError(f"{self.location}: opened to read; open it with write=True to change.")

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


def _migrate(db: sqlite3.Connection, model: str, precision: str) -> None:
    """Bring the database to today's format, a new one for this model: whole or not at all."""
    from sqlite_utils import Database

    from kb.local import changes, schema

    tables = Database(db, execute_plugins=False)
    with tables.atomic():
        schema.migrate(tables, FORMAT)
        if not db.execute("SELECT 1 FROM meta WHERE name = 'model'").fetchone():
            changes.write_meta(db, model=model, precision=precision, generation=0)
