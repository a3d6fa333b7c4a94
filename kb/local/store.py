"""The local store: rows, vectors and originals in one folder, kept as one.

SQLite is the truth; the index is derived from it. One writer at a time, behind a lock file; any
number of readers, also while one writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kb.encoders.context import texts_of
from kb.errors import StoreError, StoreMissing
from kb.keys import Reference
from kb.local.catalogue import originals as kept
from kb.local.connection import FILE, FORMAT, connect, prepare_to_write
from kb.local.opening import check_format, lock, refuse_foreign
from kb.local.shelf import Shelf
from kb.local.transactions import Transactions
from kb.records import Edition, Fetch, Figures, Provenance, Stated
from kb.store import Fault, check_model

if TYPE_CHECKING:
    from filelock import FileLock

    from kb.encoder import Encoder, Matrix


class LocalStore(Shelf):
    """A knowledge base in a folder. See `kb.store.Store` for what each method gives."""

    def __init__(self, location: Path, db: sqlite3.Connection, held: FileLock | None) -> None:
        super().__init__(location, db)
        self._lock = held
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
        from kb.local.catalogue import changes

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
        from kb.local.catalogue import changes

        with self._transaction():
            changes.detach(self._db, provenance.uri, besides=key)
            changes.write_provenance(self._db, self._revision(Reference(key)), [provenance])

    def detach(self, uri: str) -> None:
        from kb.local.catalogue import changes

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
        from kb.local.catalogue import changes

        with self._transaction():
            changes.refuse(self._db, source, reason)

    def dismiss(self, source: str) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM unread WHERE source = ?", (source,))

    def remove(self, key: str) -> None:
        from kb.local.catalogue import changes

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
        from kb.local.lexical import lexicon

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


def _migrate(db: sqlite3.Connection, model: str, precision: str) -> None:
    """Bring the database to today's format, a new one for this model: whole or not at all."""
    from sqlite_utils import Database

    from kb.local.catalogue import changes, schema

    tables = Database(db, execute_plugins=False)
    with tables.atomic():
        schema.migrate(tables, FORMAT)
        if not db.execute("SELECT 1 FROM meta WHERE name = 'model'").fetchone():
            changes.write_meta(db, model=model, precision=precision, generation=0)
