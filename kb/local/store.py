"""The local store: rows, vectors and originals in one folder, kept as one.

SQLite is the truth; the indexes are derived from it. One writer at a time, behind a lock file; any
number of readers, also while one writes, and a reader may be asked from several threads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kb.errors import StoreError, StoreMissing
from kb.local.catalogue.catalogue import LocalCatalogue
from kb.local.connection import FILE, FORMAT, connect, prepare_to_write
from kb.local.connections import Connections
from kb.local.index import LocalIndex
from kb.local.opening import check_format, lock, refuse_foreign
from kb.local.transactions import Transactions
from kb.records import Figures
from kb.upkeep import Fault

if TYPE_CHECKING:
    from filelock import FileLock


class LocalStore(LocalCatalogue, LocalIndex):
    """A knowledge base in a folder. See `kb.store.Store` for what each method gives."""

    def __init__(self, folder: Path, db: sqlite3.Connection, held: FileLock | None) -> None:
        connections = Connections(db, lambda: connect(folder, write=False))
        LocalIndex.__init__(self, folder, connections)
        LocalCatalogue.__init__(
            self, folder, connections, None if held is None else Transactions(db)
        )
        self._lock = held

    @classmethod
    def open(
        cls,
        location: str | PathLike[str],
        *,
        write: bool,
        create: bool,
        model: str,
        precision: str,
    ) -> LocalStore:
        """The store in a folder; see `kb.store.open_store`."""
        folder = Path(location)
        if not (folder / FILE).exists():
            if not create:
                raise StoreMissing(folder)
            refuse_foreign(folder)
        held = lock(folder, make=create) if write else None
        try:
            db = connect(folder, write=write)
            try:
                format = check_format(folder, db, write=write)
                if write:
                    prepare_to_write(db)
                if format < FORMAT:
                    _migrate(db, model, precision)
                store = cls(folder, db, held)
                if store._transactions is not None:
                    store._transactions.changed = 0 < format < FORMAT
                return store
            except BaseException:
                db.close()
                raise
        except BaseException:
            if held is not None:
                held.release()
            raise

    @property
    def location(self) -> str:
        return str(self._folder)

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
            if self._transactions is not None and self._transactions.changed:
                self.update()
        finally:
            if self._transactions is not None:
                self._transactions.changed = False
            self._connections.close()
            if self._lock is not None:
                self._lock.release()

    # What is true

    def figures(self) -> Figures:
        from kb.local import audit

        with self._connections.reading() as db:
            return audit.figures(db, self._folder)

    def faults(self) -> Iterable[Fault]:
        from kb.local import audit

        with self._connections.reading() as db:
            yield from audit.faults(db, self._folder)

    def repair(self) -> None:
        from kb.local.lexical import lexicon

        with self._transaction():
            lexicon.remake(self._connections.db)
        self.rebuild()


def _migrate(db: sqlite3.Connection, model: str, precision: str) -> None:
    """Bring the database to today's format, a new one for this model: whole or not at all."""
    from sqlite_utils import Database

    from kb.local.catalogue import meta, schema

    tables = Database(db, execute_plugins=False)
    with tables.atomic():
        schema.migrate(tables, FORMAT)
        if not db.execute("SELECT 1 FROM meta WHERE name = 'model'").fetchone():
            meta.write_meta(db, model=model, precision=precision, generation=0)
